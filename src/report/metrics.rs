//! `metrics.prom`: the run in numbers, in the text format of Prometheus, for node_exporter's textfile collector.
//!
//! Everything is a gauge: each run counts anew. Units are seconds and ratios. A zone has its newest snapshot in use alone.
//! The file has the time and the duration of the run, so two runs never have the same bytes. It becomes readable with
//! the report, in one step. The time of the last success is that of this run if it is complete, else the one that the
//! report before tells, so that an alert on its age needs no memory.
//!
//! Format: <https://prometheus.io/docs/instrumenting/exposition_formats/>, text format 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::counts::ServerTotals;
use super::manifest::{HeldBreaker, Manifest};
use crate::assess::{Action, Risk, State};
use crate::error::Result;
use crate::files::write_synced;
use crate::input::small::read_text;
use crate::time::{BareDate, Moment};

/// The name of the file.
pub(crate) const METRICS_FILE: &str = "metrics.prom";

/// How such a file begins.
pub(crate) const START: &str = "# HELP zonelapse_";

/// The metric that a later run reads again.
const LAST_SUCCESS: &str = "zonelapse_last_success_timestamp_seconds";

/// Bytes of an earlier file that are read.
const MOST_BYTES: u64 = 16 << 20;

/// When a run ended, and how long it took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunTimes {
    /// Its end.
    pub(crate) finished: Moment,
    /// Seconds from its start to its end.
    pub(crate) seconds: f64,
    /// The last complete run before it, in seconds since 1970.
    pub(crate) last_success: Option<i64>,
}

/// The metrics as they are written.
#[derive(Debug, Default)]
struct Metrics {
    text: String,
}

/// A label with its value.
type Label<'a> = (&'static str, &'a str);

impl Metrics {
    /// A gauge with a value for each set of labels; nothing if there is none.
    fn gauge<'a, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = ([Label<'a>; N], f64)>,
    ) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        let _ = writeln!(self.text, "# HELP {name} {}\n# TYPE {name} gauge", escaped(help, false));
        for (labels, value) in values {
            let label = |(name, value): Label<'_>| format!("{name}=\"{}\"", escaped(value, true));
            let labels = labels.map(label).join(",");
            let labels = if labels.is_empty() { labels } else { format!("{{{labels}}}") };
            let _ = writeln!(self.text, "{name}{labels} {value}");
        }
    }

    fn one(&mut self, name: &str, help: &str, value: impl Into<Option<f64>>) {
        self.gauge(name, help, value.into().map(|value| ([], value)));
    }
}

/// A help text or the value of a label: backslash and line end are escaped in both, quotes in a value.
fn escaped(text: &str, is_value: bool) -> String {
    let text = text.replace('\\', "\\\\").replace('\n', "\\n");
    if is_value { text.replace('"', "\\\"") } else { text }
}

/// Writes the metrics of a run.
pub(crate) fn write(path: &Path, manifest: &Manifest, times: RunTimes) -> Result<()> {
    write_synced(path, metrics(manifest, times).as_bytes())
}

/// When the last complete run ended that the metrics of an earlier report know. What cannot be read is not known.
pub(crate) fn last_success(report: &Path) -> Option<i64> {
    let text = read_text(&report.join(METRICS_FILE), MOST_BYTES).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(LAST_SUCCESS)?.strip_prefix(' '))?;
    value.parse().ok()
}

fn metrics(manifest: &Manifest, times: RunTimes) -> String {
    let mut metrics = Metrics::default();
    run_metrics(&mut metrics, manifest, times);
    account_metrics(&mut metrics, manifest);
    zone_metrics(&mut metrics, manifest);
    list_metrics(&mut metrics, manifest);
    let breakers = &manifest.breaker;
    metrics.one("zonelapse_breakers_open", "Circuit breakers that opened.", breakers.len() as f64);
    let breakers = breakers.iter().map(|HeldBreaker { breaker, .. }| {
        let labels = [("zone", breaker.zone.as_deref().unwrap_or("none")), ("tld", &breaker.tld)];
        (labels, breaker.flagged as f64)
    });
    metrics.gauge(
        "zonelapse_breaker_held_domains",
        "Domains that an open circuit breaker holds back for review.",
        breakers,
    );
    metrics.text
}

/// The metrics of a night: those of its report, if there is one, and what its steps took.
pub(crate) fn of_night(report: Option<&Path>, times: RunTimes, steps: &[(&str, f64)]) -> Result<String> {
    let mut metrics = Metrics::default();
    match report {
        Some(report) => metrics.text = read_text(&report.join(METRICS_FILE), MOST_BYTES)?,
        // what no report says is not told: figures of another night would look like those of this one
        None => outcome_metrics(&mut metrics, times, None),
    }
    let steps = steps.iter().map(|(step, seconds)| ([("step", *step)], *seconds));
    metrics.gauge("zonelapse_night_step_seconds", "How long each step of the night took.", steps);
    metrics.one("zonelapse_night_duration_seconds", "How long the night took.", times.seconds);
    Ok(metrics.text)
}

fn run_metrics(metrics: &mut Metrics, manifest: &Manifest, times: RunTimes) {
    outcome_metrics(metrics, times, Some(manifest.completeness.incomplete.is_empty()));
    let as_of = Moment::parse(&manifest.as_of, BareDate::Start);
    let as_of = as_of.map(|as_of| as_of.0 as f64 / 1e6);
    metrics.one("zonelapse_as_of_timestamp_seconds", "The moment of judgement.", as_of);
}

/// How a run ended; `is_complete` is none if it wrote no report.
fn outcome_metrics(metrics: &mut Metrics, times: RunTimes, is_complete: Option<bool>) {
    let RunTimes { finished, seconds, last_success } = times;
    let finished = finished.0.div_euclid(1_000_000);
    let last_success = if is_complete == Some(true) { Some(finished) } else { last_success };
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    metrics.gauge("zonelapse_build_info", "The program that wrote this.", [(version, 1.0)]);
    metrics.one("zonelapse_last_run_timestamp_seconds", "When the last run ended.", finished as f64);
    let last_success = last_success.map(|seconds| seconds as f64);
    metrics.one(LAST_SUCCESS, "When the last complete run ended.", last_success);
    let up = f64::from(u8::from(is_complete.is_some()));
    metrics.one("zonelapse_up", "1 if the last run wrote a report, 0 if it failed.", up);
    let complete = f64::from(u8::from(is_complete == Some(true)));
    metrics.one("zonelapse_run_complete", "1 if the run is complete, 0 if not.", complete);
    metrics.one("zonelapse_run_duration_seconds", "How long the run took.", seconds);
}

fn account_metrics(metrics: &mut Metrics, manifest: &Manifest) {
    let counts = &manifest.counts;
    let of =
        |counted: &BTreeMap<&'static str, u64>, name: &str| counted.get(name).copied().unwrap_or(0) as f64;
    let rows = [("accepted", counts.accepted), ("rejected", counts.rejected)];
    let rows = rows.map(|(outcome, count)| ([("outcome", outcome)], count as f64));
    metrics.gauge("zonelapse_rows", "Rows of the accounts by outcome.", rows);
    let by_action =
        Action::NAMES.iter().map(|name| ([("action", *name)], of(&counts.accounts_by_action, name)));
    metrics.gauge("zonelapse_accounts_by_action", "Accounts by what to do.", by_action);
    let weights = counts.weight_by_action.iter().flatten();
    let weights = weights.map(|(action, weight)| ([("action", *action)], *weight as f64));
    metrics.gauge("zonelapse_weight_by_action", "Weights of the accounts by what to do.", weights);
    let by_state = State::NAMES.iter().map(|name| ([("state", *name)], of(&counts.accounts_by_state, name)));
    metrics.gauge("zonelapse_accounts_by_state", "Accounts by state.", by_state);
    let by_risk = Risk::NAMES.iter().map(|name| ([("risk", *name)], of(&counts.accounts_by_risk, name)));
    metrics.gauge("zonelapse_accounts_by_risk", "Accounts by risk.", by_risk);
    let unknown = of(&counts.accounts_by_state, State::Unknown.name());
    // of no accounts no share is judged
    let judged = (counts.accounts as f64 - unknown) / counts.accounts.max(1) as f64;
    metrics.one("zonelapse_accounts_judged_ratio", "Share of the accounts that could be judged.", judged);
    metrics.one("zonelapse_domains", "Judged domains.", counts.domains as f64);
    server_metrics(metrics, manifest);
    let changes = manifest.changes.iter().flatten().flat_map(|(change, [domains, accounts])| {
        [("domain", *domains), ("account", *accounts)]
            .map(|(kind, count)| ([("kind", kind), ("change", *change)], count as f64))
    });
    metrics.gauge("zonelapse_changes", "What changed since the report before.", changes);
    let overrides = &manifest.overrides;
    let overrides =
        [("applied", overrides.applied), ("expired", overrides.expired), ("unused", overrides.unused)];
    let overrides = overrides.map(|(outcome, count)| ([("outcome", outcome)], count as f64));
    metrics.gauge("zonelapse_overrides", "Decisions of people by what became of them.", overrides);
}

/// What others could take over through the domains of servers.
fn server_metrics(metrics: &mut Metrics, manifest: &Manifest) {
    let of = |number: fn(&ServerTotals) -> u64| {
        let servers = manifest.counts.servers.iter();
        servers.map(move |(kind, totals)| ([("kind", *kind)], number(totals) as f64)).collect::<Vec<_>>()
    };
    metrics.gauge(
        "zonelapse_server_domains_exposing",
        "Domains of servers that others can register now or soon, and that domains here depend on.",
        of(|totals| totals.exposing),
    );
    metrics.gauge(
        "zonelapse_domains_exposed",
        "Judged domains that depend on such a domain.",
        of(|totals| totals.domains_exposed),
    );
    metrics.gauge("zonelapse_accounts_exposed", "Accounts at these.", of(|totals| totals.accounts_exposed));
}

/// The age of what registries publish, and of what registries are known by.
fn list_metrics(metrics: &mut Metrics, manifest: &Manifest) {
    let as_of = Moment::parse(&manifest.as_of, BareDate::Start);
    let age = |date: &str| Some((as_of?.0 - Moment::parse(date, BareDate::Start)?.0).max(0) as f64 / 1e6);
    let mut ages: BTreeMap<&str, f64> = BTreeMap::new();
    for list in &manifest.inputs.registry.lists {
        if let Some(age) = age(&list.date) {
            // the newest of its kind counts
            ages.entry(&list.list).and_modify(|known| *known = known.min(age)).or_insert(age);
        }
    }
    let ages = ages.into_iter().map(|(list, age)| ([("list", list)], age));
    metrics.gauge(
        "zonelapse_registry_list_age_seconds",
        "Age of the newest list of a registry at the moment of judgement.",
        ages,
    );
    let seen = manifest.inputs.mx.files.iter().filter_map(|file| age(file.last_seen.as_deref()?));
    metrics.one(
        "zonelapse_mail_servers_age_seconds",
        "Age of the newest data about mail servers at the moment of judgement.",
        seen.min_by(f64::total_cmp),
    );
    let known_by = manifest.inputs.rdap_sources.lists.iter();
    let known_by = known_by.filter_map(|list| Some(([("list", list.list)], age(&list.date)?)));
    metrics.gauge(
        "zonelapse_reference_list_age_seconds",
        "Age of the lists by which suffixes and registries are known.",
        known_by,
    );
}

fn zone_metrics(metrics: &mut Metrics, manifest: &Manifest) {
    let as_of = Moment::parse(&manifest.as_of, BareDate::Start);
    // two files of a zone may have one date
    let zones: BTreeMap<&str, _> = manifest.inputs.newest_zones().map(|zone| (&*zone.zone, zone)).collect();
    let ages: Vec<_> = zones
        .iter()
        .filter_map(|(name, zone)| {
            let date = Moment::parse(&zone.date, BareDate::Start)?;
            // a zone that its file's time dates may be older than that time, and then its age is not known
            let age = Some(as_of?.0 - date.0).filter(|age| *age >= 0)?;
            Some(([("zone", *name)], age as f64 / 1e6))
        })
        .collect();
    metrics.gauge("zonelapse_zone_age_seconds", "Age of the zone at the moment of judgement.", ages);
    let coverage =
        zones.iter().map(|(name, zone)| ([("zone", *name), ("coverage", zone.coverage.name())], 1.0));
    metrics.gauge(
        "zonelapse_zone_coverage",
        "1 for the coverage that the zone has; only complete proves absence.",
        coverage,
    );
    let names = zones.iter().map(|(name, zone)| ([("zone", *name)], zone.names as f64));
    metrics.gauge("zonelapse_zone_names", "Names in the zone.", names);
    let unreadable = manifest.inputs.unreadable_zones.len() as f64;
    metrics.one("zonelapse_unreadable_zone_files", "Zone files that could not be read.", unreadable);
}
