//! Names looked up in a snapshot on one thread: `probe FILE.zls [NAMES]`. Half of the names (0.7 million if not told) are in the
//! snapshot, half are not; each look-up reads presence, name servers, DS and history. In order by one sweep, and
//! singly in random order; the file is opened anew for both, so that pages are checked as they are first read.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use zonelapse::snapshot::{SnapshotEntry, SnapshotTable, Stored};

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let path = arguments.next().expect("a snapshot");
    let count = arguments.next().map_or(700_000, |count| count.to_string_lossy().parse().expect("a number"));
    let open = || Stored::open(Path::new(&path)).expect("a whole snapshot");
    let names = names(&open().table, count);
    let mut order: Vec<usize> = (0..names.len()).collect();
    let mut state = 1_u64;
    for last in (1..order.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (state >> 33) as usize % (last + 1));
    }
    let swept = open();
    let mut sweep = swept.table.sweep();
    time("one sweep", names.iter().map(|name| sweep.entry(name)), &swept);
    let single = open();
    time("single, random order", order.iter().map(|place| single.table.entry(&names[*place])), &single);
}

/// Names that are there, and as many in between that are not; ascending.
fn names(table: &SnapshotTable, count: usize) -> Vec<Vec<u8>> {
    let step = (table.len() * 2 / count.max(1)).max(1);
    let mut names = Vec::with_capacity(count);
    let (mut walk, mut place) = (table.walk(), 0);
    while walk.advance() {
        if place % step == 0 {
            names.push(walk.name().to_vec());
            names.push([walk.name(), b"0"].concat());
        }
        place += 1;
    }
    names
}

fn time<'t>(what: &str, found: impl Iterator<Item = Option<SnapshotEntry<'t>>>, stored: &'t Stored) {
    let today = stored.today();
    let started = Instant::now();
    let (mut asked, mut here, mut hosts, mut dropped) = (0, 0, 0, 0);
    for entry in found {
        asked += 1;
        let Some(entry) = entry else { continue };
        here += usize::from(entry.is_present());
        hosts += entry.name_servers().map(str::len).sum::<usize>() + usize::from(entry.has_ds());
        dropped += usize::from(entry.history(&today).dropped_on.is_some());
    }
    let seconds = started.elapsed().as_secs_f64();
    stored.table.check().expect("a whole snapshot");
    let _ = writeln!(
        std::io::stdout(),
        "{what:<21} {seconds:.3} s for {asked} of {} names: {here} there, {hosts} bytes of hosts, {dropped} dropped",
        stored.table.len()
    );
}
