//! Which row groups of a table may hold a wanted name, by the least and the greatest name in each.
//!
//! Each wanted name is looked for among the row groups, not each row group among the names: these need not be sorted for it,
//! and once every row group is known to hold one, the others need not be looked at. So a table that is not sorted costs next
//! to nothing, and a sorted one a binary search for each name.

/// The bounds of a row group.
type GroupBounds<'b> = [&'b [u8]; 2];

/// Steps from row group to row group, at most. More take longer than reading.
const MOST_STEPS: usize = 1 << 24;

/// Row groups, and which of them are wanted.
pub(super) struct WantedGroups<'b> {
    /// Those with bounds, sorted by the least name: their numbers, and the greatest name up to each.
    sorted: Vec<(GroupBounds<'b>, usize, &'b [u8])>,
    /// For each of these the next one before it, itself included, that is not wanted yet: counted from 1, 0 is none.
    open: Vec<usize>,
    is_wanted: Vec<bool>,
    left: usize,
    steps: usize,
}

impl<'b> WantedGroups<'b> {
    /// Nothing is wanted yet but what has no bounds in the spelling of measurements.
    pub(super) fn of(bounds: impl Iterator<Item = Option<&'b [Vec<u8>; 2]>>) -> Self {
        let plain = |bounds: &'b [Vec<u8>; 2]| {
            bounds.iter().all(|bound| is_plain(bound)).then(|| bounds.each_ref().map(Vec::as_slice))
        };
        let (mut sorted, mut is_wanted) = (Vec::new(), Vec::new());
        for (number, bounds) in bounds.enumerate() {
            let bounds = bounds.and_then(plain);
            is_wanted.push(bounds.is_none());
            sorted.extend(bounds.map(|bounds| (bounds, number, bounds[1])));
        }
        sorted.sort_unstable();
        for at in 1..sorted.len() {
            sorted[at].2 = sorted[at].2.max(sorted[at - 1].2);
        }
        Self { open: (0..=sorted.len()).collect(), left: sorted.len(), sorted, is_wanted, steps: 0 }
    }

    /// Looks for these names, with and without a final dot; for each row group whether it may hold one.
    pub(super) fn find<'n>(mut self, names: impl Iterator<Item = &'n str>) -> Vec<bool> {
        let mut dotted = Vec::new();
        for name in names {
            if self.left == 0 {
                break;
            }
            dotted.clear();
            dotted.extend_from_slice(name.as_bytes());
            self.want(&dotted);
            dotted.push(b'.');
            self.want(&dotted);
            if self.steps > MOST_STEPS {
                return vec![true; self.is_wanted.len()];
            }
        }
        self.is_wanted
    }

    fn want(&mut self, name: &[u8]) {
        let mut at = self.next_open(self.sorted.partition_point(|([least, _], ..)| *least <= name));
        while at > 0 {
            let ([_, most], number, most_before) = self.sorted[at - 1];
            if most_before < name {
                return;
            }
            if name <= most {
                self.is_wanted[number] = true;
                self.left -= 1;
                self.open[at] = at - 1;
            }
            self.steps += 1;
            at = self.next_open(at - 1);
        }
    }

    /// The last row group up to this one that is not wanted yet.
    fn next_open(&mut self, from: usize) -> usize {
        let mut at = from;
        while self.open[at] != at {
            // half of the way is not gone again
            self.open[at] = self.open[self.open[at]];
            at = self.open[at];
        }
        at
    }
}

/// Whether a bound is in the spelling of measurements.
fn is_plain(bound: &[u8]) -> bool {
    bound.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Row groups as `least most`, `-` without bounds; the numbers of those that may hold a name.
    #[track_caller]
    fn finds(groups: &[&str], names: &[&str], expected: &[usize]) {
        let bounds = |group: &&str| {
            let bounds = group.split_once(' ')?;
            Some([bounds.0, bounds.1].map(|bound| bound.as_bytes().to_vec()))
        };
        let bounds: Vec<_> = groups.iter().map(bounds).collect();
        let found = WantedGroups::of(bounds.iter().map(Option::as_ref)).find(names.iter().copied());
        let found: Vec<usize> = (0..found.len()).filter(|number| found[*number]).collect();
        assert_eq!(found, expected, "{groups:?} {names:?}");
    }

    #[test]
    fn row_groups() {
        let sorted = ["a.com c.com", "d.com f.com", "f.com h.com"];
        finds(&sorted, &[], &[]);
        finds(&sorted, &["b.com"], &[0]);
        finds(&sorted, &["c.com", "ca.com", "z.com", "a"], &[0]);
        finds(&sorted, &["f.com"], &[1, 2]);
        finds(&["d.com. f.com.", "a.com. c.com.", "-"], &["d.com"], &[0, 2]);
        // a name that is whole within another comes after names with a hyphen, if it has its dot
        finds(&["a.com-b. a.com."], &["a.com"], &[0]);
        finds(&["a.com z.com", "m.com n.com", "a.com b.com"], &["m.com", "x.com"], &[0, 1]);
        // bounds in another spelling say nothing
        finds(&["A.com B.com", "c.com d.com"], &["x.com"], &[0]);
    }

    proptest! {
        #[test]
        fn as_each_row_group_with_each_name(
            groups in proptest::collection::vec(("[a-f]{1,2}", "[a-f]{1,2}"), 0..12),
            names in proptest::collection::vec("[a-g]{1,2}", 0..8),
        ) {
            let bounds: Vec<[Vec<u8>; 2]> = groups
                .iter()
                .map(|(one, other)| [one.min(other), one.max(other)].map(|bound| bound.as_bytes().to_vec()))
                .collect();
            let slow: Vec<bool> = bounds
                .iter()
                .map(|[least, most]| {
                    let holds = |name: &[u8]| least.as_slice() <= name && name <= most.as_slice();
                    names.iter().any(|name| holds(name.as_bytes()) || holds(format!("{name}.").as_bytes()))
                })
                .collect();
            let found = WantedGroups::of(bounds.iter().map(Some)).find(names.iter().map(String::as_str));
            prop_assert_eq!(found, slow);
        }
    }
}
