//! What the store says, beside what the model says: each snapshot's entries, and audits at random moments.

use zonelapse::snapshot::{Catalog, Coverage, Doubt, Snapshot, TrustLimits};
use zonelapse::time::{Day, Moment};

use super::{FIRST, Kept, Kind, Known, LONGEST, NAMES, Names, Run, Seen, UPPER, history, is_only_above};

impl Run {
    pub(super) fn compare(&mut self) {
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
            for name in NAMES.iter().chain(&UPPER) {
                let found = stored.table.entry(name.as_bytes()).and_then(|entry| {
                    let history = entry.history(&stored.today());
                    let before = history
                        .change
                        .map(|change| stored.table.hosts(change.before).map(str::to_owned).collect());
                    Known::told(&history, before)
                });
                assert_eq!(self.plain(found), self.plain(history(&log, name)), "{name} on {day}");
                self.values += 6 + LONGEST as u64;
            }
        }
        for _ in 0..4 {
            self.audit();
        }
    }

    /// Without changes of name servers, once the store said that it forgot one.
    fn plain(&self, known: Option<Known>) -> Option<Known> {
        let known = known?;
        Some(if self.lost_change { Known { changed_on: None, before: None, ..known } } else { known })
    }

    fn audit(&mut self) {
        let as_of = Moment(
            Day(FIRST - 1 + self.dice.roll(120) as i32).start().0 + self.dice.roll(86_400) as i64 * 1_000_000,
        );
        let as_of = if self.dice.one_in(2) { as_of.day().start() } else { as_of };
        let (trust_lists, presence_days) = (self.dice.one_in(3), [3, 30, 90][self.dice.roll(3) as usize]);
        let limits = TrustLimits { as_of, max_zone_age_days: 3, trust_lists };
        let catalog = Catalog::new(Snapshot::of_store(&self.store, &limits).expect("a store"), as_of);
        let mut probe = catalog.probe();
        let today = as_of.day();
        let tells = |kept: &Kept| kept.is_whole() || kept.coverage(today, trust_lists) == Coverage::Complete;
        let newest = self.model.range(..=today).next_back().map(|(_, kept)| kept);
        let whole = self.model.range(..=today).rev().map(|(_, kept)| kept).find(|kept| tells(kept));
        for name in NAMES.into_iter().chain(UPPER) {
            let told = probe.evidence(&format!("{name}.test"), presence_days);
            let at = format!(
                "{name} as of {as_of}, lists trusted {trust_lists}, presence counts {presence_days} days"
            );
            let coverage = told.snapshot.map(|snapshot| snapshot.coverage);
            self.values += 12;
            // one that delegates a name above this one does not cover it, nor does a list that has only the upper one
            let covers = |kept: &&Kept| {
                let names = &kept.file.names;
                let is_list = kept.file.kind == Kind::List;
                let cuts = |(upper, hosts): (_, &Vec<String>)| {
                    (is_list || !hosts.is_empty()) && name.ends_with(&format!(".{upper}"))
                };
                is_list && names.contains_key(name) || !names.iter().any(cuts)
            };
            let whole = whole.filter(covers);
            let Some(newest) = newest.filter(covers).or(whole) else {
                let later = newest.is_none() && self.model.values().next().as_ref().is_some_and(covers);
                assert_eq!(
                    (told.presence, coverage, told.doubt),
                    (None, None, later.then_some(Doubt::AfterAsOf)),
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
            // a whole snapshot of the same day that took the place of the one that is remembered
            let denied = |day| {
                whole.is_some_and(|whole| whole.file.day == day && !whole.file.names.contains_key(name))
            };
            let seen = seen.filter(|seen| !denied(seen.day));
            let complete = whole.filter(|kept| kept.coverage(today, trust_lists) == Coverage::Complete);
            let counts = seen.filter(|seen| today.since(seen.day) <= presence_days);
            let presence = match (counts, complete) {
                (Some(seen), complete) if complete.is_none_or(|complete| seen.day >= complete.file.day) => {
                    Some(true)
                }
                (_, complete) => complete.map(|_| false),
            };
            // a name above others is neither
            let only_below = presence == Some(false)
                && complete.is_some_and(|complete| is_only_above(&complete.file.names, name));
            let presence = presence.filter(|_| !only_below);
            let by = match presence {
                Some(true) => whole
                    .filter(|whole| counts.is_some_and(|seen| seen.day == whole.file.day))
                    .unwrap_or(newest),
                Some(false) => complete.expect("it proves absence"),
                None if only_below => complete.expect("it shows what is below"),
                None => newest,
            };
            let too_long_ago = presence.is_none() && seen.is_some();
            let doubt = match only_below {
                true => Some(Doubt::OnlyNamesBelow),
                false => too_long_ago.then_some(Doubt::SeenTooLongAgo),
            };
            assert_eq!((told.presence, told.doubt), (presence, doubt), "{at}");
            assert_eq!(coverage, Some(by.coverage(today, trust_lists)), "{at}");
            assert_eq!(told.snapshot.map(|snapshot| snapshot.date.day()), Some(by.file.day), "{at}");
            if presence == Some(true) {
                assert_eq!(told.seen_at().map(Moment::day), counts.map(|seen| seen.day), "{at}");
                assert_eq!(
                    Some(told.name_servers().collect::<Vec<_>>()),
                    counts.map(|seen| seen.names[name].iter().map(String::as_str).collect()),
                    "{at}"
                );
            }
            let known = logs.iter().find_map(|log| history(log, name));
            let before = told.history().change.map(|_| told.servers_before().map(str::to_owned).collect());
            let found = Known::told(&told.history(), before);
            assert_eq!(self.plain(found), self.plain(known), "{at}");
        }
    }
}
