//! A store that is fed in any order, pruned, fed again, with snapshots accepted and not: all that it says, against a
//! model that keeps everything.
//!
//! The model holds each snapshot with all those before it, names and hosts in full, and derives each answer from
//! that list. Only what is there to be asked, and which dates are beyond reach behind pruned ones, follows the
//! rules of the store. With `ZONELAPSE_MINUTES=N` it goes on for so long, and says how much it compared; with
//! `ZONELAPSE_SEED=N` it does one history.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::time::{Duration, Instant, SystemTime};

use zonelapse::input::source::Source;
use zonelapse::progress::Progress;
use zonelapse::snapshot::chain::{accept, lock, take_back};
use zonelapse::snapshot::intake::{IntakeOptions, IntakeStep, ingest};
use zonelapse::snapshot::{Coverage, Store};
use zonelapse::time::Day;
use zonelapse::zone::{ReadOptions, Serial, ZoneSource};

mod compare;
mod files;
mod known;
mod rules;

use known::{Known, history, is_only_above, size};

/// Names in a zone. Some are below others that may be in it only because of them.
const NAMES: [&str; 12] = ["a", "b", "b-c", "d", "e", "f", "g", "h", "u", "x.u", "y.z.u", "never"];
/// Names that exist only because of others, and are never delegated.
const UPPER: [&str; 1] = ["z.u"];
/// Deletions of up to so many days are asked about.
const LONGEST: i32 = 100;
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
    /// Whether somebody vouched for one before it that was not closed.
    vouched: bool,
}

impl Kept {
    fn serial(&self) -> Option<Serial> {
        serial(&self.file)
    }

    fn is_whole_but_for_its_size(&self) -> bool {
        match self.file.kind {
            Kind::Whole(_) => true,
            Kind::Unclosed(_) => self.is_vouched(),
            Kind::List => self.options.trust_lists,
        }
    }

    /// Whether somebody vouched for it although it is not closed.
    fn is_vouched(&self) -> bool {
        matches!(self.file.kind, Kind::Unclosed(_)) && (self.accepted || self.vouched)
    }

    /// Whether the next one need not be closed: not after one that shrank, nor after one that is closed.
    fn vouches(&self) -> bool {
        if self.is_whole() { self.is_vouched() } else { self.vouched && !self.shrunk }
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
        if self.is_whole() { Some((self.file.day, size(&self.file.names))) } else { self.last_whole }
    }

    fn measure(&mut self) {
        let far_below =
            |(_, before): (Day, usize)| is_far_below(size(&self.file.names), before, self.options);
        self.shrunk = self.is_whole_but_for_its_size() && self.last_whole.is_some_and(far_below);
    }

    /// Coverage of an audit: at a day, with lists trusted or not, and an age of three days.
    fn coverage(&self, today: Day, trust_lists: bool) -> Coverage {
        match self.file.kind {
            Kind::Unclosed(_) if !self.is_vouched() => Coverage::Unclosed,
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
            let _ = writeln!(std::io::stderr(), "ZONELAPSE_SEED={}\n{}", self.seed, self.steps.join("\n"));
        }
    }
}

impl Run {
    fn new(seed: u64) -> Self {
        // in memory, where there is such a place: snapshots are synced, and disks are slow at that
        let directory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let directory = directory.expect("a temporary directory");
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
        let mut day = FIRST;
        let mut next = || {
            let apart = [1, 12, 1 + self.dice.roll(9) as i32][(self.seed % 3) as usize];
            day += apart;
            Day(day - apart)
        };
        let days: Vec<Day> = (0..10).map(|_| next()).collect();
        let days = &days[..6 + self.dice.roll(5) as usize];
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
                    let day = self.dice.pick(days).expect("some days");
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
        let source = ZoneSource::file(Source::stat(&self.path(file)).expect("the file is there"));
        let taken = ingest(&[source], &self.store, &[], &intake, &Progress::hidden());
        let place = taken[0].outcome.as_ref().expect("a file that can be read");
        assert_eq!((place.step, place.day), (step, file.day), "{place:?}");
        let said = place.notice.clone().unwrap_or_default();
        // told once too often does no harm
        let is_told = said.contains("is not part of it");
        assert!(is_told || !notice, "{place:?}");
        self.lost_change |= said.contains("forgotten");
        self.told |= is_told || notice || step == IntakeStep::Pruned || said.contains("forgotten");
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
        let is_open = matches!(kept.file.kind, Kind::Unclosed(_)) && !kept.is_vouched();
        let (doubtful, accepted) = ((kept.shrunk && !kept.accepted) || is_open, kept.accepted);
        self.steps.push(format!("accept {day}, doubtful {doubtful}, accepted {accepted}"));
        let outcome = if accepted && !doubtful {
            kept.accepted = false;
            take_back(&self.store, "test", day)
        } else {
            kept.accepted |= doubtful;
            accept(&self.store, "test", day)
        };
        kept.measure();
        if !doubtful && !accepted {
            assert!(outcome.is_err(), "nothing to accept");
            return;
        }
        let notice = self.follow(day);
        let said = outcome.expect("it can be done").unwrap_or_default();
        // told once too often does no harm
        let is_told = said.contains("is not part of it");
        assert!(is_told || !notice, "{said}");
        self.told |= is_told;
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn a_store_does_not_depend_on_how_it_was_fed() {
    let until = number("ZONELAPSE_MINUTES").map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (mut histories, mut told, mut steps, mut values) = (0, 0, 0, 0);
    let seeds = match (number("ZONELAPSE_SEED"), until) {
        (Some(seed), _) => seed..seed + 1,
        (None, Some(_)) => {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
            now.as_secs() << 20..u64::MAX
        }
        (None, None) => 1..101,
    };
    for seed in seeds {
        if until.is_some_and(|until| Instant::now() > until) {
            break;
        }
        let mut run = Run::new(seed);
        run.go();
        (histories, told) = (histories + 1, told + usize::from(run.told));
        (steps, values) = (steps + run.steps.len(), values + run.values);
    }
    let _ = writeln!(
        std::io::stdout(),
        "{histories} histories of {steps} steps, {values} values compared; in {told} something was beyond what is left"
    );
}
