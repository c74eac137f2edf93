//! What is to be known of a name after some days, worked out anew from all of them, by the words of the contract.

use zonelapse::snapshot::history::{Absence, History};
use zonelapse::time::Day;

use super::{LONGEST, NAMES, Names, Seen, UPPER};

/// Whether a zone with these names holds names below this one, but not it.
pub(super) fn is_only_above(names: &Names, upper: &str) -> bool {
    let below = format!(".{upper}");
    !names.contains_key(upper) && names.keys().any(|name| name.ends_with(&below))
}

/// How many names a zone holds, those above others among them.
pub(super) fn size(names: &Names) -> usize {
    let upper = NAMES.iter().chain(&UPPER).filter(|name| is_only_above(names, name));
    names.len() + upper.count()
}

/// A gap, and the sightings beside it.
#[derive(Debug, Clone, Copy)]
struct Gap {
    before: Day,
    from: Day,
    to: Day,
    after: Option<Day>,
}

impl Gap {
    /// The contract, word by word.
    fn is_long(&self, deletion_days: i32) -> bool {
        let Some(after) = self.after else { return false };
        let apart = after.since(self.before) >= deletion_days;
        let beside_within_a_week = self.from.since(self.before) <= 7 && after.since(self.to) <= 7;
        let proved = self.to.since(self.from) + 1;
        apart && (beside_within_a_week || proved >= deletion_days - 7)
    }
}

/// What is known of a name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Known {
    pub(super) first_seen: Option<Day>,
    pub(super) last_seen: Option<Day>,
    pub(super) absence: Option<(Day, Day)>,
    pub(super) dropped_on: Option<Day>,
    /// The latest long gap, for deletions of one day, two days and so on.
    pub(super) long_gaps: Vec<Option<(Day, Day)>>,
    pub(super) changed_on: Option<Day>,
    pub(super) before: Option<Vec<String>>,
}

impl Known {
    /// What the store says; nothing of a name that no snapshot ever held.
    pub(super) fn told(history: &History, before: Option<Vec<String>>) -> Option<Self> {
        let ends = |absence: Absence| (absence.from, absence.to);
        history.last_seen.map(|_| Self {
            first_seen: history.first_seen,
            last_seen: history.last_seen,
            absence: history.absence().map(ends),
            dropped_on: history.dropped_on,
            long_gaps: (1..=LONGEST).map(|days| history.long_gap(days).map(ends)).collect(),
            changed_on: history.change.map(|change| change.day),
            before,
        })
    }
}

/// What is to be known of a name after these days.
pub(super) fn history(log: &[Seen], name: &str) -> Option<Known> {
    let present: Vec<&Seen> = log.iter().filter(|seen| seen.names.contains_key(name)).collect();
    let (first, last) = (present.first()?.day, present.last()?.day);
    let mut gaps: Vec<Gap> = Vec::new();
    let (mut open, mut sighting) = (false, first);
    for seen in log.iter().filter(|seen| seen.day > first) {
        if seen.names.contains_key(name) {
            if open {
                gaps.last_mut().expect("it is open").after = Some(seen.day);
            }
            (open, sighting) = (false, seen.day);
        } else if seen.whole {
            match gaps.last_mut().filter(|_| open) {
                Some(gap) => gap.to = seen.day,
                None => gaps.push(Gap { before: sighting, from: seen.day, to: seen.day, after: None }),
            }
            open = true;
        }
    }
    let mut changes = present.windows(2).filter(|pair| pair[0].names[name] != pair[1].names[name]);
    let change = changes.next_back();
    let (changed_on, before) = change.map(|pair| (pair[1].day, pair[0].names[name].clone())).unzip();
    let ends = |gap: &Gap| (gap.from, gap.to);
    Some(Known {
        first_seen: Some(first).filter(|first| log[0].day != *first),
        last_seen: Some(last),
        absence: gaps.last().map(ends),
        dropped_on: gaps.last().filter(|_| open).map(|gap| gap.from),
        long_gaps: (1..=LONGEST).map(|days| gaps.iter().rfind(|gap| gap.is_long(days)).map(ends)).collect(),
        changed_on,
        before,
    })
}
