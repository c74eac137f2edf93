//! A store that is fed in any order, pruned, fed again, with snapshots accepted and not: all that it says, against a
//! model that keeps everything.
//!
//! The model holds each snapshot with all those before it, names and hosts in full, and derives each answer from
//! that list. Only what is there to be asked, and which dates are beyond reach behind pruned ones, follows the
//! rules of the store. With `ZONELAPSE_MINUTES=N` it goes on for so long, and says how much it compared; with
//! `ZONELAPSE_SEED=N` it does one history.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use zonelapse::input::source::Source;
use zonelapse::progress::Progress;
use zonelapse::snapshot::chain::{accept, lock, take_back};
use zonelapse::snapshot::history::{Absence, History};
use zonelapse::snapshot::intake::{IntakeOptions, Step, take_in};
use zonelapse::snapshot::{Catalog, Coverage, Limits, Snapshot, Store};
use zonelapse::time::{Day, Moment};
use zonelapse::zone::{ReadOptions, Serial, ZoneSource};

const NAMES: [&str; 9] = ["a", "b", "b-c", "d", "e", "f", "g", "h", "never"];
const HOSTS: [&[&str]; 3] = [&["ns1.x.test", "ns2.x.test"], &["ns1.y.test"], &["ns1.x.test", "ns3.x.test"]];
const FIRST: i32 = 20_500;

type Names = BTreeMap<&'static str, Vec<String>>;

/// What a file says.
#[derive(Debug, Clone, PartialEq)]
struct File {
    number: u64,
    day: Day,
    names: Names,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Whole(u32),
    Unclosed(u32),
    List,
}

/// Options of a build.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Options {
    trust_lists: bool,
    max_shrink: f64,
}

/// A day's names, and whether a name that is not among them was absent.
#[derive(Debug, Clone)]
struct Seen {
    day: Day,
    names: Names,
    whole: bool,
}

/// A snapshot with all those before it.
#[derive(Debug, Clone)]
struct Kept {
    file: File,
    options: Options,
    accepted: bool,
    shrunk: bool,
    before: Vec<Seen>,
    /// The last whole one before it, and its size.
    last_whole: Option<(Day, usize)>,
}

impl Kept {
    fn serial(&self) -> Option<Serial> {
        serial(&self.file)
    }

    fn is_whole_but_for_its_size(&self) -> bool {
        match self.file.kind {
            Kind::Whole(_) => true,
            Kind::Unclosed(_) => false,
            Kind::List => self.options.trust_lists,
        }
    }

    fn is_whole(&self) -> bool {
        self.is_whole_but_for_its_size() && (!self.shrunk || self.accepted)
    }

    fn seen(&self) -> Seen {
        Seen { day: self.file.day, names: self.file.names.clone(), whole: self.is_whole() }
    }

    fn log(&self) -> Vec<Seen> {
        self.before.iter().cloned().chain([self.seen()]).collect()
    }

    fn last_whole_through(&self) -> Option<(Day, usize)> {
        if self.is_whole() { Some((self.file.day, self.file.names.len())) } else { self.last_whole }
    }

    fn measure(&mut self) {
        let far_below = |(_, before): (Day, usize)| is_far_below(self.file.names.len(), before, self.options);
        self.shrunk = self.is_whole_but_for_its_size() && self.last_whole.is_some_and(far_below);
    }

    /// Coverage of an audit: at a day, with lists trusted or not, and an age of three days.
    fn coverage(&self, today: Day, trust_lists: bool) -> Coverage {
        match self.file.kind {
            Kind::Unclosed(_) => Coverage::Unclosed,
            Kind::List if !trust_lists => Coverage::List,
            _ if self.shrunk && !self.accepted => Coverage::Shrunk,
            _ if today.since(self.file.day) > 3 => Coverage::Stale,
            _ => Coverage::Complete,
        }
    }
}

fn serial(file: &File) -> Option<Serial> {
    match file.kind {
        Kind::Whole(number) | Kind::Unclosed(number) => Some(Serial(
            format!("{}{number:02}", file.day.to_string().replace('-', "")).parse().expect("a number"),
        )),
        Kind::List => None,
    }
}

fn is_far_below(names: usize, before: usize, options: Options) -> bool {
    (names as f64) < before as f64 * (1.0 - options.max_shrink / 100.0)
}

fn days(log: &[Seen]) -> BTreeSet<Day> {
    log.iter().map(|seen| seen.day).collect()
}

fn newer(one: Option<(Day, usize)>, other: Option<(Day, usize)>) -> Option<(Day, usize)> {
    one.into_iter().chain(other).max()
}

/// What is to be known of a name after these days.
fn history(log: &[Seen], name: &str) -> Option<(History, Option<Vec<String>>)> {
    let present: Vec<&Seen> = log.iter().filter(|seen| seen.names.contains_key(name)).collect();
    let (first, last) = (present.first()?.day, present.last()?.day);
    let mut absences: Vec<Absence> = Vec::new();
    let mut open = false;
    for seen in log.iter().filter(|seen| seen.day > first) {
        if seen.names.contains_key(name) {
            open = false;
        } else if seen.whole {
            match absences.last_mut().filter(|_| open) {
                Some(absence) => absence.to = seen.day,
                None => absences.push(Absence { from: seen.day, to: seen.day }),
            }
            open = true;
        }
    }
    let changes = present.windows(2).filter(|pair| pair[0].names[name] != pair[1].names[name]);
    let change = changes.last().map(|pair| (pair[1].day, pair[0].names[name].clone()));
    let history = History {
        first_seen: Some(first).filter(|first| log[0].day != *first),
        last_seen: Some(last),
        absence: absences.last().copied(),
        long_absence: absences.iter().rfind(|absence| absence.to.since(absence.from) + 1 >= 35).copied(),
        dropped_on: absences.last().filter(|_| open).map(|absence| absence.from),
        change: None,
    };
    let (day, before) = change.unzip();
    Some((
        History {
            change: day.map(|day| zonelapse::snapshot::history::ServerChange { day, before: 0 }),
            ..history
        },
        before,
    ))
}

/// Numbers that repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() { None } else { Some(of[self.roll(of.len() as u64) as usize].clone()) }
    }
}

/// One history, and what it was until now, which is told if something is wrong.
struct Run {
    seed: u64,
    dice: Dice,
    directory: tempfile::TempDir,
    store: Store,
    files: Vec<File>,
    model: BTreeMap<Day, Kept>,
    /// The newest version of each date, pruned or not.
    ever: BTreeMap<Day, File>,
    steps: Vec<String>,
    /// Whether the store said that something is beyond it.
    told: bool,
    lost_change: bool,
    values: u64,
}

impl Drop for Run {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("ZONELAPSE_SEED={}\n{}", self.seed, self.steps.join("\n"));
        }
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let store = Store::create(&directory.path().join("store")).expect("a store");
        let (files, model, ever, steps) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), Vec::new());
        let (told, lost_change, values) = (false, false, 0);
        Self {
            seed,
            dice: Dice(seed),
            directory,
            store,
            files,
            model,
            ever,
            steps,
            told,
            lost_change,
            values,
        }
    }

    fn go(&mut self) {
        let days: Vec<Day> = (0..6 + self.dice.roll(5) as i32)
            .map(|place| Day(FIRST + place * if self.seed.is_multiple_of(3) { 12 } else { 1 }))
            .collect();
        for _ in 0..6 + self.dice.roll(14) {
            match self.dice.roll(12) {
                0 => self.prune(),
                1 => self.remove_one(),
                2 | 3 => self.change_acceptance(),
                4 => {
                    if let Some(file) = self.dice.pick(&self.files) {
                        self.feed(&file);
                    }
                }
                _ => {
                    let day = self.dice.pick(&days).expect("some days");
                    let file = self.new_file(day);
                    self.feed(&file);
                }
            }
            if self.dice.one_in(3) {
                self.compare();
            }
        }
        self.compare();
    }

    fn new_file(&mut self, day: Day) -> File {
        let rate = 2 + self.dice.roll(8);
        let mut names = Names::new();
        for name in &NAMES[..NAMES.len() - 1] {
            if !self.dice.one_in(rate) {
                let hosts = HOSTS[if self.dice.one_in(3) { self.dice.roll(3) as usize } else { 0 }];
                names.insert(*name, hosts.iter().map(|host| (*host).to_owned()).collect());
            }
        }
        let kind = match self.dice.roll(10) {
            0 | 1 => Kind::Unclosed(self.dice.roll(100) as u32),
            2 => Kind::List,
            _ => Kind::Whole(self.dice.roll(100) as u32),
        };
        if kind == Kind::List {
            // a list without names is a file that cannot be read
            names.values_mut().for_each(Vec::clear);
            names.insert("a", Vec::new());
        }
        let file = File { number: self.files.len() as u64, day, names, kind };
        self.write(&file);
        self.files.push(file.clone());
        file
    }

    fn path(&self, file: &File) -> PathBuf {
        match file.kind {
            Kind::List => self.directory.path().join(format!("{}/test.list", file.number)),
            _ => self.directory.path().join(format!("{}/test.zone", file.number)),
        }
    }

    fn write(&self, file: &File) {
        let mut text = String::new();
        if file.kind == Kind::List {
            file.names.keys().for_each(|name| text += &format!("{name}.test\n"));
        } else {
            let number = serial(file).expect("zones have serials").0;
            let soa = format!("test.\t900\tin\tsoa\ta.test. b.test. {number} 1 2 3 4\n");
            text += &soa;
            for (name, hosts) in &file.names {
                hosts.iter().for_each(|host| text += &format!("{name}.test.\t60\tin\tns\t{host}.\n"));
            }
            if matches!(file.kind, Kind::Whole(_)) {
                text += &soa;
            }
        }
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        std::fs::write(&path, text).expect("a file");
        // each of another time: files are told apart by it
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000 + file.number);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(time))
            .expect("a time");
    }

    fn feed(&mut self, file: &File) {
        let max_shrink = [10.0, 10.0, 10.0, 40.0, 100.0][self.dice.roll(5) as usize];
        let options = Options { trust_lists: self.dice.one_in(2), max_shrink };
        let intake = IntakeOptions {
            read: ReadOptions::default(),
            date: (file.kind == Kind::List).then(|| file.day.start()),
            as_of: Day(FIRST + 1000).start(),
            trust_lists: options.trust_lists,
            max_shrink,
        };
        let (step, notice) = self.expected_step(file, options);
        self.steps.push(format!("feed {file:?} {options:?}: {step:?} {notice}"));
        let source = ZoneSource::file(Source::find(&self.path(file)).expect("the file is there"));
        let taken = take_in(&[source], &self.store, &[], &intake, &Progress::hidden());
        let place = taken[0].outcome.as_ref().expect("a file that can be read");
        assert_eq!((place.step, place.day), (step, file.day), "{place:?}");
        let said = place.notice.clone().unwrap_or_default();
        assert_eq!(step == Step::Built && said.contains("is not part of it"), notice, "{place:?}");
        self.lost_change |= said.contains("forgotten");
        self.told |= notice || step == Step::Pruned || said.contains("forgotten");
    }

    /// What is to become of a file; the model is then as the store is to be.
    fn expected_step(&mut self, file: &File, options: Options) -> (Step, bool) {
        let day = file.day;
        let existing = self.model.get(&day).cloned();
        if let Some(existing) = existing.as_ref().filter(|existing| existing.file.number == file.number) {
            let same = existing.options.max_shrink == options.max_shrink
                && (file.kind != Kind::List || existing.options.trust_lists == options.trust_lists);
            if same {
                return (Step::Known, false);
            }
        }
        let below = self.model.range(..day).next_back().map(|(_, below)| below);
        let log = below.map(Kept::log).unwrap_or_default();
        let mut last_whole = below.and_then(Kept::last_whole_through);
        let mut before = log.clone();
        if let Some(existing) = &existing {
            if !days(&existing.before).is_subset(&days(&log)) {
                before = existing.before.clone();
                last_whole = newer(last_whole, existing.last_whole);
            }
        } else {
            for (place, (_, later)) in self.model.range(day..).enumerate() {
                let (known, ours) = (days(&later.before), days(&log));
                if known.contains(&day) {
                    if known.range(..day).all(|day| ours.contains(day)) {
                        break;
                    }
                    return (Step::Pruned, false);
                }
                if place == 0 && known.last().is_some_and(|last| *last < day) && !known.is_subset(&ours) {
                    before = later.before.clone();
                    last_whole = newer(last_whole, later.last_whole);
                    break;
                }
            }
        }
        let accepted = existing.as_ref().is_some_and(|existing| {
            existing.accepted && !is_far_below(file.names.len(), existing.file.names.len(), options)
        });
        let mut kept = Kept { file: file.clone(), options, accepted, shrunk: false, before, last_whole };
        kept.measure();
        if let Some(existing) = existing.filter(|existing| existing.file.number != file.number) {
            let stays = match (existing.is_whole(), kept.is_whole()) {
                (true, false) => true,
                (true, true) => existing.serial() > kept.serial(),
                _ => false,
            };
            if stays {
                return (Step::Kept, false);
            }
        }
        self.model.insert(day, kept);
        self.ever.insert(day, file.clone());
        (Step::Built, self.follow(day))
    }

    /// Lets later snapshots follow; whether one cannot.
    fn follow(&mut self, day: Day) -> bool {
        let later: Vec<Day> = self.model.range(day..).skip(1).map(|(day, _)| *day).collect();
        let (mut told, mut changed) = (false, true);
        for day in later {
            let below = self.model.range(..day).next_back().expect("the one that changed").1.clone();
            let in_store: BTreeSet<Day> = self.model.keys().copied().collect();
            let kept = self.model.get_mut(&day).expect("it is there");
            let was_whole = kept.is_whole();
            let log = below.log();
            let follows = days(&kept.before).is_subset(&days(&log));
            let mut rewritten = false;
            if follows {
                let same = |a: &Seen, b: &Seen| a.day == b.day && a.names == b.names && a.whole == b.whole;
                rewritten =
                    kept.before.len() != log.len() || !kept.before.iter().zip(&log).all(|(a, b)| same(a, b));
                kept.before = log;
                kept.last_whole = below.last_whole_through();
            } else {
                told |= changed;
                let pruned = kept.last_whole.filter(|(day, _)| !in_store.contains(day));
                kept.last_whole = newer(pruned, below.last_whole_through());
            }
            kept.measure();
            changed = rewritten || kept.is_whole() != was_whole;
        }
        told
    }

    fn prune(&mut self) {
        let keep = 1 + self.dice.roll(3) as usize;
        let newest_whole = self.model.iter().rfind(|(_, kept)| kept.is_whole()).map(|(day, _)| *day);
        let days: Vec<Day> = self.model.keys().copied().collect();
        self.steps.push(format!("prune --keep-last {keep}"));
        for day in days.iter().rev().skip(keep).filter(|day| Some(**day) != newest_whole) {
            self.remove(*day);
        }
    }

    fn remove_one(&mut self) {
        let days: Vec<Day> = self.model.keys().copied().collect();
        if let Some(day) = self.dice.pick(&days[..days.len().saturating_sub(1)]) {
            self.steps.push(format!("remove {day}"));
            self.remove(day);
        }
    }

    fn remove(&mut self, day: Day) {
        let lock = lock(&self.store, "test").expect("the zone's lock");
        self.store.remove(&lock, "test", day).expect("the snapshot is there");
        self.model.remove(&day);
    }

    fn change_acceptance(&mut self) {
        let days: Vec<Day> = self.model.keys().copied().collect();
        let Some(day) = self.dice.pick(&days) else { return };
        let kept = self.model.get_mut(&day).expect("it is there");
        let (shrunk, accepted) = (kept.shrunk && !kept.accepted, kept.accepted);
        self.steps.push(format!("accept {day}, shrunk {shrunk}, accepted {accepted}"));
        assert_eq!(shrunk && !kept.is_whole_but_for_its_size(), false);
        let outcome = if accepted && !shrunk {
            kept.accepted = false;
            take_back(&self.store, "test", day)
        } else {
            kept.accepted |= shrunk;
            accept(&self.store, "test", day)
        };
        if !shrunk && !accepted {
            assert!(outcome.is_err(), "nothing to accept");
            return;
        }
        let notice = self.follow(day);
        let said = outcome.expect("it can be done").unwrap_or_default();
        assert_eq!(said.contains("is not part of it"), notice, "{said}");
        self.told |= notice;
    }

    fn compare(&mut self) {
        let days: Vec<Day> = self.model.keys().copied().collect();
        assert_eq!(self.store.dates("test").expect("dates"), days);
        for (day, kept) in &self.model {
            let stored = self.store.get("test", *day).expect("a snapshot");
            stored.table.verify().expect("a snapshot that is whole");
            let facts = &stored.facts;
            assert_eq!(
                (facts.is_whole(), facts.is_shrunk()),
                (kept.is_whole(), kept.shrunk && !kept.accepted),
                "{day}"
            );
            let log = kept.log();
            if !self.told {
                // as if nothing had ever been pruned, whatever the order
                let ever: Vec<(Day, &Names)> =
                    self.ever.range(..=day).map(|(day, file)| (*day, &file.names)).collect();
                let ours: Vec<(Day, &Names)> = log.iter().map(|seen| (seen.day, &seen.names)).collect();
                assert_eq!(ours, ever, "{day}");
            }
            for name in NAMES {
                let found = stored.table.entry(name.as_bytes()).map(|entry| {
                    let history = entry.past().until(&stored.today(), entry.is_here());
                    let before = history
                        .change
                        .map(|change| stored.table.hosts(change.before).map(str::to_owned).collect());
                    (history, before)
                });
                assert_eq!(self.plain(found), self.plain(history(&log, name)), "{name} on {day}");
                self.values += 8;
            }
        }
        for _ in 0..4 {
            self.audit();
        }
    }

    /// Without numbers of sets, which mean nothing outside of a snapshot.
    fn plain(
        &self,
        known: Option<(History, Option<Vec<String>>)>,
    ) -> Option<(History, Option<Vec<String>>, Option<Day>)> {
        let (history, before) = known?;
        let changed_on = history.change.map(|change| change.day);
        let history = History { change: None, ..history };
        Some(if self.lost_change { (history, None, None) } else { (history, before, changed_on) })
    }

    fn audit(&mut self) {
        let as_of = Moment(
            Day(FIRST - 1 + self.dice.roll(120) as i32).start().0 + self.dice.roll(86_400) as i64 * 1_000_000,
        );
        let as_of = if self.dice.one_in(2) { as_of.day().start() } else { as_of };
        let (trust_lists, presence_days) = (self.dice.one_in(3), [3, 30, 90][self.dice.roll(3) as usize]);
        let limits = Limits { as_of, max_zone_age_days: 3, trust_lists };
        let catalog = Catalog::new(Snapshot::of_store(&self.store, &limits).expect("a store"), as_of);
        let mut probe = catalog.probe();
        let today = as_of.day();
        let tells = |kept: &Kept| kept.is_whole() || kept.coverage(today, trust_lists) == Coverage::Complete;
        let newest = self.model.range(..=today).next_back().map(|(_, kept)| kept);
        let whole = self.model.range(..=today).rev().map(|(_, kept)| kept).find(|kept| tells(kept));
        for name in NAMES {
            let told = probe.evidence(&format!("{name}.test"), presence_days);
            let at = format!(
                "{name} as of {as_of}, lists trusted {trust_lists}, presence counts {presence_days} days"
            );
            let coverage = told.snapshot.map(|snapshot| snapshot.coverage);
            self.values += 12;
            let Some(newest) = newest else {
                assert_eq!(
                    (told.presence, coverage, told.after_as_of),
                    (None, None, !self.model.is_empty()),
                    "{at}"
                );
                continue;
            };
            // the day's own word counts with the trust of this run
            let log = |kept: &Kept| {
                let mut log = kept.log();
                log.last_mut().expect("its own day").whole = tells(kept);
                log
            };
            let logs: Vec<Vec<Seen>> = [Some(newest), whole].into_iter().flatten().map(log).collect();
            let all = || logs.iter().flatten();
            let seen = all().filter(|seen| seen.names.contains_key(name)).max_by_key(|seen| seen.day);
            let seen = seen.filter(|last| !all().any(|seen| seen.whole && seen.day > last.day));
            let complete = whole.filter(|kept| kept.coverage(today, trust_lists) == Coverage::Complete);
            let counts = seen.filter(|seen| today.since(seen.day) <= presence_days);
            let presence = match (counts, complete) {
                (Some(seen), complete) if complete.is_none_or(|complete| seen.day >= complete.file.day) => {
                    Some(true)
                }
                (_, complete) => complete.map(|_| false),
            };
            let by = match presence {
                Some(true) => whole
                    .filter(|whole| counts.is_some_and(|seen| seen.day == whole.file.day))
                    .unwrap_or(newest),
                Some(false) => complete.expect("it proves absence"),
                None => newest,
            };
            assert_eq!(told.presence, presence, "{at}");
            assert_eq!(coverage, Some(by.coverage(today, trust_lists)), "{at}");
            assert_eq!(told.snapshot.map(|snapshot| snapshot.date.day()), Some(by.file.day), "{at}");
            if presence == Some(true) {
                assert_eq!(told.seen_at.map(Moment::day), counts.map(|seen| seen.day), "{at}");
                assert_eq!(
                    Some(told.name_servers),
                    counts.map(|seen| seen.names[name].iter().map(String::as_str).collect()),
                    "{at}"
                );
            }
            assert_eq!(told.seen_too_long_ago, presence.is_none() && seen.is_some(), "{at}");
            let known = logs.iter().find_map(|log| history(log, name));
            let before = told
                .history
                .change
                .map(|_| told.servers_before.iter().map(|host| (*host).to_owned()).collect());
            let found = known.is_some().then_some((told.history, before));
            assert_eq!(self.plain(found), self.plain(known), "{at}");
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn a_store_does_not_depend_on_how_it_was_fed() {
    let until = number("ZONELAPSE_MINUTES").map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (mut histories, mut steps, mut values) = (0, 0, 0);
    let seeds = match (number("ZONELAPSE_SEED"), until) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(_)) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
            now.as_secs() << 20..u64::MAX
        }
        (None, None) => 1..51,
    };
    for seed in seeds {
        if until.is_some_and(|until| Instant::now() > until) {
            break;
        }
        let mut run = Run::new(seed);
        run.go();
        (histories, steps, values) = (histories + 1, steps + run.steps.len(), values + run.values);
    }
    println!("{histories} histories of {steps} steps, {values} values compared");
}
