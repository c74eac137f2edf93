//! What a store remembers, compared with a model written from the contract alone: for each name the dates on which it
//! was seen, and those on which a whole zone did not have it.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use zonelapse::input::source::Source;
use zonelapse::progress::Progress;
use zonelapse::snapshot::chain::accept;
use zonelapse::snapshot::history::{Absence, History};
use zonelapse::snapshot::intake::{IntakeOptions, IntakePlace, IntakeStep, ingest};
use zonelapse::snapshot::{Store, Stored};
use zonelapse::time::{BareDate, Day, Moment};
use zonelapse::zone::{ReadOptions, ZoneSource};

/// A zone at a date: names with their hosts, and whether its file is whole.
#[derive(Debug, Clone)]
struct Zone {
    day: Day,
    names: BTreeMap<String, Vec<&'static str>>,
    whole: bool,
}

/// What is to be known of a name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Known {
    here: bool,
    first_seen: Option<Day>,
    last_seen: Option<Day>,
    absence: Option<(Day, Day)>,
    /// The latest gap that is long, for deletions of one day, two days and so on.
    long_gaps: Vec<Option<(Day, Day)>>,
    dropped_on: Option<Day>,
    changed: Option<(Day, Vec<String>)>,
    hosts: Vec<String>,
}

/// A gap, with the sightings beside it.
struct Gap {
    before: Day,
    from: Day,
    to: Day,
    after: Option<Day>,
}

/// Deletions of up to so many days are asked about.
const LONGEST: i32 = 100;

impl Gap {
    fn is_long(&self, deletion_days: i32) -> bool {
        let Some(after) = self.after else { return false };
        let beside_within_a_week = self.from.since(self.before) <= 7 && after.since(self.to) <= 7;
        let proved = self.to.since(self.from) + 1;
        after.since(self.before) >= deletion_days && (beside_within_a_week || proved >= deletion_days - 7)
    }
}

fn options() -> IntakeOptions {
    IntakeOptions {
        read: ReadOptions::default(),
        date: None,
        as_of: Moment::parse("2030-01-01", BareDate::Start).expect("a date"),
        trust_lists: false,
        max_shrink: 100.0,
    }
}

fn write(zone: &Zone, directory: &Path) -> ZoneSource {
    let serial = zone.day.to_string().replace('-', "");
    let soa = format!("test.\t900\tin\tsoa\ta.test. b.test. {serial}00 1 2 3 4\n");
    let mut text = soa.clone();
    for (name, hosts) in &zone.names {
        hosts.iter().for_each(|host| text += &format!("{name}.test.\t60\tin\tns\t{host}.\n"));
    }
    if zone.whole {
        text += &soa;
    }
    let path = directory.join(format!("{}-{}.txt", zone.day, u8::from(zone.whole)));
    std::fs::write(&path, text).expect("a zone file");
    ZoneSource::file(Source::stat(&path).expect("the file is there"))
}

#[track_caller]
fn build(zone: &Zone, store: &Store, directory: &Path) -> IntakeStep {
    let taken = ingest(&[write(zone, directory)], store, &[], &options(), &Progress::hidden());
    taken[0].outcome.as_ref().expect("a zone file that can be read").step
}

/// What a snapshot says of a name.
fn read(stored: &Stored, name: &str) -> Option<Known> {
    let entry = stored.table.entry(name.as_bytes())?;
    let history = entry.history(&stored.today());
    let ends = |absence: Absence| (absence.from, absence.to);
    let long_gaps = (1..=LONGEST).map(|days| history.long_gap(days).map(ends)).collect();
    let absence = history.absence().map(ends);
    let History { first_seen, last_seen, dropped_on, change, .. } = history;
    let hosts = |set| stored.table.hosts(set).map(str::to_owned).collect();
    Some(Known {
        here: entry.is_present(),
        first_seen,
        last_seen,
        absence,
        long_gaps,
        dropped_on,
        changed: change.map(|change| (change.day, hosts(change.before))),
        hosts: entry.name_servers().map(str::to_owned).collect(),
    })
}

/// The model: the zones up to a date, in order of their dates.
fn expected(zones: &[Zone], name: &str) -> Option<Known> {
    let mut known: Option<Known> = None;
    let mut absences: Vec<Gap> = Vec::new();
    let mut absent = false;
    for (place, zone) in zones.iter().enumerate() {
        match (zone.names.get(name), &mut known) {
            (Some(hosts), known) => {
                let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
                let now = known.get_or_insert_with(|| Known {
                    first_seen: (place > 0).then_some(zone.day),
                    hosts: hosts.clone(),
                    ..Known::default()
                });
                if now.hosts != hosts {
                    now.changed = Some((zone.day, std::mem::replace(&mut now.hosts, hosts)));
                }
                if absent {
                    absences.last_mut().expect("it is absent").after = Some(zone.day);
                }
                (now.here, now.last_seen, absent) = (true, Some(zone.day), false);
            }
            (None, Some(now)) => {
                now.here = false;
                if zone.whole {
                    match absences.last_mut().filter(|_| absent) {
                        Some(absence) => absence.to = zone.day,
                        None => absences.push(Gap {
                            before: now.last_seen.expect("it was seen"),
                            from: zone.day,
                            to: zone.day,
                            after: None,
                        }),
                    }
                    absent = true;
                }
            }
            (None, None) => {}
        }
    }
    let mut known = known?;
    known.absence = absences.last().map(|gap| (gap.from, gap.to));
    known.long_gaps = (1..=LONGEST)
        .map(|days| absences.iter().rfind(|gap| gap.is_long(days)).map(|gap| (gap.from, gap.to)))
        .collect();
    known.dropped_on = known.absence.filter(|_| absent).map(|absence| absence.0);
    Some(known)
}

const NAMES: [&str; 5] = ["a", "b", "b-c", "d", "e"];
const HOSTS: [&[&str]; 3] = [&["ns1.x.test", "ns2.x.test"], &["ns1.y.test"], &["ns1.x.test", "ns3.x.test"]];

fn zones() -> impl Strategy<Value = Vec<Zone>> {
    let names = prop::collection::vec(prop::option::weighted(0.6, 0usize..3), NAMES.len());
    let days = prop_oneof![3 => 1i32..3, 1 => 30i32..38];
    let zone = (days, names, prop::bool::weighted(0.8));
    prop::collection::vec(zone, 1..9).prop_map(|zones| {
        let mut day = Day::from_calendar(2026, 1, 1).expect("a date");
        let of = |(days, sets, whole): (i32, Vec<Option<usize>>, bool)| {
            day = day.plus(days);
            let named = NAMES.iter().zip(sets);
            let names = named.filter_map(|(name, set)| Some(((*name).to_owned(), HOSTS[set?].to_vec())));
            Zone { day, names: names.collect(), whole }
        };
        zones.into_iter().map(of).collect()
    })
}

#[track_caller]
fn compare(zones: &[Zone], store: &Store) {
    for (place, zone) in zones.iter().enumerate() {
        let stored = store.get("test", zone.day).expect("a snapshot of every date");
        stored.table.verify().expect("a snapshot that is whole");
        for name in NAMES {
            let (found, expected) = (read(&stored, name), expected(&zones[..=place], name));
            assert_eq!(found, expected, "{name} on {}", zone.day);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_store_remembers_what_was_seen(zones in zones(), order in any::<u64>()) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let in_order = Store::create(&directory.path().join("in-order")).expect("a store");
        for zone in &zones {
            build(zone, &in_order, directory.path());
        }
        compare(&zones, &in_order);
        // dates in any order come to the same
        let shuffled = Store::create(&directory.path().join("shuffled")).expect("a store");
        let mut left: Vec<&Zone> = zones.iter().collect();
        let mut order = order;
        while !left.is_empty() {
            let next = left.remove((order % left.len() as u64) as usize);
            order = order.rotate_right(7) ^ 0x9e37_79b9;
            build(next, &shuffled, directory.path());
        }
        compare(&zones, &shuffled);
    }
}

fn zone(date: &str, names: &[&str], whole: bool) -> Zone {
    let day = Moment::parse(date, BareDate::Start).expect("a date").day();
    let names = names.iter().map(|name| ((*name).to_owned(), HOSTS[0].to_vec()));
    Zone { day, names: names.collect(), whole }
}

#[test]
fn the_same_date_twice() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::create(&directory.path().join("store")).expect("a store");
    let (first, broken) = (zone("2026-01-01", &["a", "b"], true), zone("2026-01-01", &["a"], false));
    assert_eq!(build(&broken, &store, directory.path()), IntakeStep::Built);
    assert_eq!(
        build(&first, &store, directory.path()),
        IntakeStep::Built,
        "a whole one replaces one that is not"
    );
    assert_eq!(build(&broken, &store, directory.path()), IntakeStep::Kept);
    compare(std::slice::from_ref(&first), &store);
    let options = options();
    let source = write(&first, directory.path());
    let again = || {
        let taken = ingest(std::slice::from_ref(&source), &store, &[], &options, &Progress::hidden());
        taken[0].outcome.as_ref().expect("a zone").step
    };
    again();
    assert_eq!(again(), IntakeStep::Known, "a file that did not change is not read");
}

/// A store in which these dates were built and then some pruned.
fn pruned(directory: &Path, zones: &[Zone], pruned: &[usize]) -> Store {
    let store = Store::create(&directory.join("store")).expect("a store");
    for zone in zones {
        build(zone, &store, directory);
    }
    let lock = store.lock("test").expect("the zone's lock");
    pruned.iter().for_each(|place| store.remove(&lock, "test", zones[*place].day).expect("a snapshot"));
    store
}

fn take(zone: &Zone, store: &Store, directory: &Path) -> IntakePlace {
    let taken = ingest(&[write(zone, directory)], store, &[], &options(), &Progress::hidden());
    taken[0].outcome.clone().expect("a zone")
}

#[test]
fn what_was_pruned_is_not_made_up() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let zones = ["2026-01-01", "2026-01-03", "2026-01-05"].map(|date| zone(date, &["a"], true));
    let store = pruned(directory.path(), &zones, &[1]);
    // it would have to stand between what the newest one remembers as a whole
    let place = take(&zone("2026-01-02", &[], true), &store, directory.path());
    assert!(place.notice.as_ref().is_some_and(|notice| notice.contains("pruned")), "{place:?}");
    let newest = store.get("test", zones[2].day).expect("a snapshot");
    assert_eq!(read(&newest, "a").and_then(|known| known.absence), None);
}

#[test]
fn a_date_after_a_pruned_one() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut zones =
        ["2026-01-01", "2026-01-02", "2026-01-05"].map(|date| zone(date, &["a", "b"], true)).to_vec();
    let store = pruned(directory.path(), &zones, &[0, 1]);
    let late = zone("2026-01-03", &["b"], true);
    let place = take(&late, &store, directory.path());
    assert_eq!((place.step, place.notice), (IntakeStep::Built, None));
    zones.insert(2, late);
    let known = |place: usize, name: &str| {
        let stored = store.get("test", zones[place].day).expect("a snapshot");
        assert_eq!(read(&stored, name), expected(&zones[..=place], name), "{name}");
    };
    for name in NAMES {
        known(2, name);
        known(3, name);
    }
}

/// The last four files are named each night, two snapshots are kept.
#[test]
fn a_pruned_date_is_not_built_again() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::create(&directory.path().join("store")).expect("a store");
    let zones: Vec<Zone> = (1..=9)
        .map(|day| zone(&format!("2026-01-0{day}"), if day == 2 { &["a"] } else { &["a", "b"] }, true))
        .collect();
    for night in 0..zones.len() {
        let places: Vec<IntakePlace> = zones[night.saturating_sub(3)..=night]
            .iter()
            .map(|zone| take(zone, &store, directory.path()))
            .collect();
        if night > 3 {
            let told = places[0].notice.as_ref().is_some_and(|notice| notice.contains("pruned"));
            assert!(places[0].step == IntakeStep::Pruned && told, "{:?}", places[0]);
        }
        let lock = store.lock("test").expect("the zone's lock");
        let dates = store.dates("test").expect("dates");
        dates.iter().rev().skip(2).for_each(|day| store.remove(&lock, "test", *day).expect("a snapshot"));
        let newest = store.get("test", zones[night].day).expect("a snapshot");
        for name in ["a", "b"] {
            assert_eq!(read(&newest, name), expected(&zones[..=night], name), "{name} in night {night}");
        }
    }
}

/// The same date comes once more, and the snapshot it rested on is pruned.
#[test]
fn another_file_of_a_date_after_a_pruned_one() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut zones =
        [("2026-01-01", vec!["a", "b"]), ("2026-01-02", vec!["b"]), ("2026-01-03", vec!["a", "d"])]
            .map(|(date, names)| zone(date, &names, true));
    zones[2].whole = false;
    let store = pruned(directory.path(), &zones, &[0, 1]);
    zones[2] = zone("2026-01-03", &["b", "e"], true);
    let place = take(&zones[2], &store, directory.path());
    let notice = "takes the place of another file of this date, `2026-01-03-0.txt`; its serial dates it";
    assert_eq!((place.step, place.notice.as_deref()), (IntakeStep::Built, Some(notice)));
    let stored = store.get("test", zones[2].day).expect("a snapshot");
    for name in NAMES {
        assert_eq!(read(&stored, name), expected(&zones, name), "{name}");
    }
}

/// A run that was killed between a snapshot and those that follow it.
#[test]
fn what_was_left_undone_is_done_by_the_next() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let zones = ["2026-01-01", "2026-01-02", "2026-01-03"].map(|date| zone(date, &["a", "b"], true));
    let store = pruned(directory.path(), &zones, &[]);
    let other = pruned(&directory.path().join("other"), &[zone("2026-01-02", &["a"], true)], &[]);
    let place = store.path("test", zones[1].day);
    std::fs::copy(other.path("test", zones[1].day), &place).expect("a snapshot");
    std::fs::write(store.root().join("test/.unfinished"), b"").expect("the mark");
    build(&zone("2026-01-04", &["a", "b"], true), &store, directory.path());
    let newest = store.get("test", zones[2].day.plus(1)).expect("a snapshot");
    let absence = read(&newest, "b").and_then(|known| known.absence);
    assert_eq!(absence, Some((zones[1].day, zones[1].day)));
    assert!(!store.root().join("test/.unfinished").exists());
}

#[test]
fn accepting_reaches_later_dates() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = Store::create(&directory.path().join("store")).expect("a store");
    let zones = [
        zone("2026-01-01", &["a", "b", "d", "e"], true),
        zone("2026-01-02", &["a"], true),
        zone("2026-01-03", &["a"], true),
    ];
    let options = IntakeOptions { max_shrink: 10.0, ..options() };
    for zone in &zones {
        ingest(&[write(zone, directory.path())], &store, &[], &options, &Progress::hidden());
    }
    let dropped = |place: usize| {
        let stored = store.get("test", zones[place].day).expect("a snapshot");
        read(&stored, "b").and_then(|known| known.dropped_on)
    };
    assert_eq!((dropped(1), dropped(2)), (None, None), "not believed");
    accept(&store, "test", zones[1].day).expect("a shrunk snapshot");
    assert_eq!(dropped(1), Some(zones[1].day));
    assert_eq!(dropped(2), Some(zones[1].day));
    assert!(accept(&store, "test", zones[2].day).is_err(), "it is of the size that was accepted");
    compare(&zones, &store);
}
