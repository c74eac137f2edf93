//! What the report was made from: zones with their dates and coverage, answers, lists, files of accounts.

use std::collections::BTreeMap;

use super::manifest::{PageInputs, PageManifest};
use super::top::FirstRows;
use super::words;
use crate::time::{BareDate, Day, Moment};
use crate::wording::{count, grouped};

/// A zone that was read.
#[derive(Debug)]
pub(super) struct ZoneRow {
    pub(super) zone: String,
    pub(super) date: String,
    pub(super) age: String,
    pub(super) coverage: String,
    pub(super) why: String,
    pub(super) names: String,
    pub(super) path: String,
}

/// Another file.
#[derive(Debug)]
pub(super) struct FileRow {
    pub(super) kind: String,
    pub(super) path: String,
    pub(super) date: String,
    pub(super) rows: String,
    pub(super) told: String,
}

/// The newest snapshot of each zone, and how many older ones there are.
pub(super) fn zones(inputs: &PageInputs, today: Day) -> (FirstRows<ZoneRow>, u64) {
    let mut newest = BTreeMap::new();
    for zone in &inputs.zones {
        let known = newest.entry(&*zone.zone).or_insert(zone);
        // what is dated later was not used
        let is_used = |date: &str| day(date).is_none_or(|day| day <= today);
        if (is_used(&zone.date), &zone.date) > (is_used(&known.date), &known.date) {
            *known = zone;
        }
    }
    let older = (inputs.zones.len() - newest.len()) as u64;
    let mut zones: Vec<_> = newest.into_values().collect();
    // what limits the answer comes first
    zones.sort_by_key(|zone| zone.coverage == "complete" && zone.faults == 0);
    let row = |zone: &super::manifest::PageZone| {
        let faults = (zone.faults > 0).then(|| format!("{} could not be read", count(zone.faults, "record")));
        let why = Some(zone.coverage_reason.clone()).filter(|why| !why.is_empty());
        let by_file = (zone.date_source == "file_time").then(|| "dated by its file alone".to_owned());
        let why: Vec<String> = why.into_iter().chain(faults).chain(by_file).collect();
        ZoneRow {
            zone: words::shown(&zone.zone),
            date: words::shown(&zone.date),
            age: age(&zone.date, today),
            coverage: words::shown(&zone.coverage),
            why: words::shown(&why.join("; ").replace('`', "")),
            names: grouped(zone.names),
            path: words::shown(&zone.path),
        }
    };
    (FirstRows::first_of(zones.into_iter().map(row)), older)
}

/// The other files, and the lists built in.
pub(super) fn files(manifest: &PageManifest) -> FirstRows<FileRow> {
    let inputs = &manifest.inputs;
    let accounts = inputs.accounts.iter().map(|file| {
        let rejected: Vec<String> = file
            .rejected
            .iter()
            .map(|(reason, rows)| format!("{} {}", grouped(*rows), words::spaced(reason)))
            .collect();
        let rejected = if rejected.is_empty() { "none".to_owned() } else { rejected.join(", ") };
        let told = format!("{} accepted; rejected: {rejected}", grouped(file.accepted));
        row("accounts", &file.path, "", count(file.rows, "row"), told)
    });
    let answers = inputs.rdap.iter().map(|file| {
        let faults = (file.faults > 0).then(|| format!("{} could not be read", count(file.faults, "record")));
        let told: Vec<String> = file.broken.clone().into_iter().chain(faults).collect();
        row("RDAP answers", &file.path, "", count(file.answers, "answer"), told.join("; "))
    });
    let lists = inputs.registry.lists.iter().map(|list| {
        let faults = (list.faults > 0).then(|| format!("{} could not be read", count(list.faults, "row")));
        let why = [format!("{}, {}", words::spaced(&list.kind), list.wholeness), list.why.clone()];
        let told: Vec<String> = why.into_iter().filter(|why| !why.is_empty()).chain(faults).collect();
        let kind = format!("registry list {}", list.list);
        row(
            &kind,
            &list.path,
            list.date.get(..10).unwrap_or(&list.date),
            count(list.rows, "row"),
            told.join("; "),
        )
    });
    let mail = inputs.mx.files.iter().map(|file| {
        let used = format!("{} used", grouped(file.used));
        let faults = (file.faults > 0).then(|| format!("{} could not be read", count(file.faults, "row")));
        let told: Vec<String> = [used].into_iter().chain(file.broken.clone()).chain(faults).collect();
        let date = file.last_seen.as_deref().and_then(|date| date.get(..10)).unwrap_or("undated");
        row("mail servers", &file.path, date, count(file.records, "record"), told.join("; "))
    });
    let own = &manifest.public_suffix_list;
    let path = own.path.as_deref().unwrap_or("built in");
    let suffixes =
        row("Public Suffix List", path, own.version.as_deref().unwrap_or("–"), String::new(), String::new());
    let ages =
        inputs.rdap_sources.lists.iter().filter(|list| list.list != "public_suffix_list").map(|list| {
            let path = if list.built_in { "built in" } else { "given" };
            row(
                &words::spaced(&list.list).replace("rdap", "RDAP"),
                path,
                &list.date,
                String::new(),
                String::new(),
            )
        });
    FirstRows::first_of(accounts.chain(answers).chain(lists).chain(mail).chain([suffixes]).chain(ages))
}

/// What a person should know of the inputs.
pub(super) fn notices(inputs: &PageInputs) -> FirstRows<String> {
    let unused = &inputs.rdap_sources.unused_answers;
    let answers: u64 = unused.iter().map(|host| host.answers).sum();
    let unused = (answers > 0).then(|| {
        let hosts: Vec<&str> = unused.iter().map(|host| &*host.host).collect();
        let shown = &hosts[..hosts.len().min(4)];
        let more = if hosts.len() > shown.len() { ", …" } else { "" };
        format!(
            "{} not used, because their hosts are not the registry’s: {}{more}. If a host is your own cache, --trust-source names it.",
            match answers {
                1 => "1 RDAP answer was".to_owned(),
                _ => format!("{} RDAP answers were", grouped(answers)),
            },
            shown.join(", ")
        )
    });
    let own = [&inputs.verification_notice, &inputs.override_notice].into_iter().flatten();
    let others = [&inputs.unreadable_zones, &inputs.zone_notices, &inputs.registry.unknown];
    let all = own.chain(others.into_iter().flatten()).cloned().chain(unused);
    FirstRows::first_of(all.map(|notice| words::shown(&notice.replace('\n', "; "))))
}

fn row(kind: &str, path: &str, date: &str, rows: String, told: String) -> FileRow {
    FileRow {
        kind: words::shown(kind),
        path: words::shown(path),
        date: words::shown(date),
        rows,
        told: words::shown(&told),
    }
}

fn day(date: &str) -> Option<Day> {
    Moment::parse(date, BareDate::Start).map(Moment::day)
}

/// How old a zone is.
fn age(date: &str, today: Day) -> String {
    match day(date).map(|day| today.since(day)) {
        None => "–".to_owned(),
        Some(days @ ..=-1) => format!("{} later, so not used", count(days.unsigned_abs().into(), "day")),
        Some(0) => "today".to_owned(),
        Some(days) => count(days.unsigned_abs().into(), "day"),
    }
}
