//! Harnesses that try to hurt the program, after the model of SQLite's: each runs a short while in every test run,
//! and by hand as long as you like.
//!
//! * [`memory`]: bombs, and less and less memory; [`io_errors`]: full disks, closed outputs, files that cannot be
//!   read or change while they are read; [`crashes`]: kills at any moment
//! * [`malformed`]: every kind of input file, damaged; [`fuzz`] with [`grammar`]: the parsers, in process;
//!   [`boundaries`] with [`sizes`] and [`moments`]: values at, just below and just above every limit
//! * [`world`]: the inputs and what is known of them; [`jobs`]: commands that write; [`damage`]: how files break;
//!   [`process`]: the program under limits; [`judge`]: what holds of a run, whatever was done to it
//!
//! ```sh
//! ZONELAPSE_MINUTES=20 cargo test --release --locked --test integration hard::crashes -- --nocapture
//! ZONELAPSE_SEED=42 ZONELAPSE_CASE=17 cargo test --release --locked --test integration hard::crashes
//! ```
//!
//! A case is made of the seed and its number alone. The short run has a fixed seed, so that it repeats; the long one
//! takes the time, and prints it. What went wrong is kept in the system's temporary directory with its inputs.

mod boundaries;
mod crashes;
mod damage;
mod fuzz;
mod grammar;
mod io_errors;
mod jobs;
mod judge;
mod malformed;
mod memory;
mod moments;
mod process;
mod sizes;
mod world;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

/// The seed of short runs.
const SEED: u64 = 1;
/// Faults of a kind that are kept; more are only counted.
const KEPT: usize = 3;

/// What a case found: nothing, or a fault in words.
type Verdict = Result<(), String>;

/// A run of one harness.
struct Harness {
    name: &'static str,
    seed: u64,
    until: Option<Instant>,
    only: Option<u64>,
    tried: AtomicU64,
    /// By kind: how many, and the first of them.
    faults: Mutex<BTreeMap<String, (usize, String)>>,
}

/// One try.
struct Case {
    /// Its number: the first is 0.
    number: u64,
    /// What is drawn in it.
    random: Random,
    directory: TempDir,
}

impl Case {
    /// A path in the directory of the case, which is kept if it fails.
    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file of the case.
    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory can be made");
        fs::write(&path, bytes).expect("a file can be written");
        path
    }
}

impl Harness {
    fn new(name: &'static str) -> Self {
        let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
        let minutes = number("ZONELAPSE_MINUTES");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(SEED, |since| since.as_secs());
        Self {
            name,
            seed: number("ZONELAPSE_SEED").unwrap_or(if minutes.is_some() { now } else { SEED }),
            until: minutes.map(|minutes| Instant::now() + Duration::from_secs(minutes * 60)),
            only: number("ZONELAPSE_CASE"),
            tried: AtomicU64::new(0),
            faults: Mutex::default(),
        }
    }

    /// Whether it runs for a given time.
    fn is_long(&self) -> bool {
        self.until.is_some()
    }

    /// Tries `short` cases, or as many as there is time for, as many at once as there are processors.
    fn run(&self, short: u64, attempt: impl Fn(&mut Case) -> Verdict + Sync) {
        let next = AtomicU64::new(self.only.unwrap_or(0));
        let goes_on = |number| match (self.only, self.until) {
            (Some(only), _) => number == only,
            (None, Some(until)) => number < short || Instant::now() < until,
            (None, None) => number < short,
        };
        let lanes = std::thread::available_parallelism().map_or(2, usize::from);
        std::thread::scope(|scope| {
            for _ in 0..lanes {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if !goes_on(number) {
                            return;
                        }
                        self.attempt(number, &attempt);
                    }
                });
            }
        });
    }

    fn attempt(&self, number: u64, attempt: &(impl Fn(&mut Case) -> Verdict + Sync)) {
        let prefix = format!("zonelapse-{}-{}-{number}-", self.name.replace("::", "-"), self.seed);
        let directory = tempfile::Builder::new().prefix(&prefix).tempdir().expect("a temporary directory");
        let mut case = Case { number, random: Random::of(self.seed, number), directory };
        let verdict = catch_unwind(AssertUnwindSafe(|| attempt(&mut case)));
        self.tried.fetch_add(1, Ordering::Relaxed);
        let fault = match verdict {
            Ok(Ok(())) => return,
            Ok(Err(fault)) => fault,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                format!("panicked: {}", text.unwrap_or_default())
            }
        };
        let mut faults = self.faults.lock().expect("no harness panics while it counts");
        let mut text = format!("{} case {number}: {fault}", self.name);
        let (count, first) = faults.entry(kind_of(&fault)).or_default();
        *count += 1;
        if *count <= KEPT {
            let _ = fs::write(case.path("fault.txt"), &text);
            text += &format!("\n  kept: {}", case.directory.keep().display());
            say(&text);
        }
        if *count == 1 {
            *first = text;
        }
    }

    /// Ends the run: tells the counts, and fails if there were faults.
    #[track_caller]
    fn finish(self) {
        let faults = self.faults.into_inner().expect("no harness panics while it counts");
        let tried = self.tried.into_inner();
        let all: usize = faults.values().map(|(count, _)| count).sum();
        say(&format!("{}: {tried} tried, {all} faults (seed {})", self.name, self.seed));
        let kinds: Vec<String> =
            faults.values().map(|(count, first)| format!("{count} times, first {first}")).collect();
        assert!(kinds.is_empty(), "{all} faults of {} kinds:\n{}", kinds.len(), kinds.join("\n"));
    }
}

/// What faults have in common: their first line without numbers and paths.
fn kind_of(fault: &str) -> String {
    let words = fault.lines().next().unwrap_or_default().split_whitespace();
    let word = |word: &str| match word.contains('/') {
        true => "/".to_owned(),
        false => word.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect(),
    };
    let mut words: Vec<String> = words.map(word).collect();
    words.dedup();
    words.join(" ").replace("00", "0").replace("00", "0")
}

/// Says something where the test harness does not swallow it.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Numbers that look random, the same for each seed (SplitMix64).
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn of(seed: u64, number: u64) -> Self {
        let mut random = Self(seed);
        random.0 = random.next() ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }

    /// One of these.
    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// Bytes of any value.
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// The names in a directory, sorted; those of directories end in `/`.
fn entries(directory: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let entry = entry.expect("an entry can be read");
        let slash = if entry.path().is_dir() { "/" } else { "" };
        format!("{}{slash}", entry.file_name().to_string_lossy())
    };
    let mut names: Vec<String> =
        fs::read_dir(directory).expect("a directory can be read").map(name).collect();
    names.sort_unstable();
    names
}

/// Copies a directory and what is below it.
fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory can be made");
    for name in entries(from) {
        match name.strip_suffix('/') {
            Some(name) => copy_directory(&from.join(name), &to.join(name)),
            None => drop(fs::copy(from.join(&name), to.join(&name)).expect("a file can be copied")),
        }
    }
}
