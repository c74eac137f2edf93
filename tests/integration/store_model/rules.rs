//! What is to become of a file, and which snapshots follow it.

use std::collections::BTreeSet;

use zonelapse::snapshot::intake::IntakeStep;
use zonelapse::time::Day;

use super::{File, Kept, Kind, NAMES, Options, Run, days, history, is_far_below, newer, size};

impl Run {
    /// What is to become of a file; the model is then as the store is to be.
    pub(super) fn expected_step(&mut self, file: &File, options: Options) -> (IntakeStep, bool) {
        let day = file.day;
        let existing = self.model.get(&day).cloned();
        if let Some(existing) = existing.as_ref().filter(|existing| existing.file.number == file.number) {
            let same = existing.options.max_shrink == options.max_shrink
                && (file.kind != Kind::List || existing.options.trust_lists == options.trust_lists);
            if same {
                return (IntakeStep::Known, false);
            }
        }
        let below = self.model.range(..day).next_back().map(|(_, below)| below);
        let log = below.map(Kept::log).unwrap_or_default();
        let mut last_whole = below.and_then(Kept::last_whole_through);
        let mut vouched = below.is_some_and(Kept::vouches);
        let mut before = log.clone();
        if let Some(existing) = &existing {
            if !days(&existing.before).is_subset(&days(&log)) {
                before = existing.before.clone();
                vouched = existing.vouched;
                last_whole = newer(last_whole, existing.last_whole);
            }
        } else {
            for (place, (_, later)) in self.model.range(day..).enumerate() {
                let (known, ours) = (days(&later.before), days(&log));
                if known.contains(&day) {
                    if known.range(..day).all(|day| ours.contains(day)) {
                        break;
                    }
                    return (IntakeStep::Pruned, false);
                }
                if place == 0 && known.last().is_some_and(|last| *last < day) && !known.is_subset(&ours) {
                    before = later.before.clone();
                    vouched = later.vouched;
                    last_whole = newer(last_whole, later.last_whole);
                    break;
                }
            }
        }
        let accepted = existing.as_ref().is_some_and(|existing| {
            existing.accepted && !is_far_below(size(&file.names), size(&existing.file.names), options)
        });
        let of = file.clone();
        let mut kept = Kept { file: of, options, accepted, shrunk: false, before, last_whole, vouched };
        kept.measure();
        // the same bytes with other options take the place of what was made of them
        let differs = |existing: &Kept| existing.file.kind != file.kind || existing.file.names != file.names;
        if let Some(existing) = existing.filter(differs) {
            let stays = match (existing.is_whole(), kept.is_whole()) {
                (true, false) => true,
                (true, true) => existing.serial() > kept.serial(),
                _ => false,
            };
            if stays {
                return (IntakeStep::Kept, false);
            }
        }
        self.model.insert(day, kept);
        self.ever.insert(day, file.clone());
        (IntakeStep::Built, self.follow(day))
    }

    /// Lets later snapshots follow; whether one cannot, although what is remembered of a name before it is other now.
    pub(super) fn follow(&mut self, day: Day) -> bool {
        let later: Vec<Day> = self.model.range(day..).skip(1).map(|(day, _)| *day).collect();
        let (mut told, mut changed, mut beyond) = (false, true, false);
        for day in later {
            let below = self.model.range(..day).next_back().expect("the one that changed").1.clone();
            let in_store: BTreeSet<Day> = self.model.keys().copied().collect();
            let kept = self.model.get_mut(&day).expect("it is there");
            let (was_whole, old) = (kept.is_whole(), kept.log());
            let log = below.log();
            let follows = days(&kept.before).is_subset(&days(&log));
            if follows {
                kept.before = log;
                kept.last_whole = below.last_whole_through();
                kept.vouched = below.vouches();
            } else {
                told |= changed;
                beyond = true;
                let pruned = kept.last_whole.filter(|(day, _)| !in_store.contains(day));
                kept.last_whole = newer(pruned, below.last_whole_through());
            }
            kept.measure();
            let new = kept.log();
            let is_other = |name: &&str| history(&old, name) != history(&new, name);
            changed = kept.is_whole() != was_whole || NAMES.iter().any(is_other);
        }
        self.told |= beyond;
        told
    }
}
