//! The answers of a run by name: the newest one from each server.
//!
//! A service keeps fetching, and what it fetched last counts. Errors never displace answers: a server that
//! is down today has taken nothing back. So an error is kept only for a name that has nothing else.
//! "Newest" must not depend on the order of files or threads. Among answers of equal age the dated one wins over the
//! undated one, then found over not found (the cautious reading: nobody loses an account over a tie), and last the
//! comparison of all members decides.
//!
//! With a moment "as of", an answer fetched later gives way to any earlier one of its server: a repeated run on
//! a grown directory then sees what the first run saw. If it is the only one it is kept, so the report can say why it was
//! ignored.
//!
//! Nearly every name has one answer. Its list is allocated for one, and its name is stored in the answer
//! only, not as a key besides.

use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};
use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::time::Moment;

use super::answer::{Answer, RdapOutcome};

/// How many answers were put in, whether kept or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct RdapCounts {
    /// Found.
    pub(crate) found: u64,
    /// Not found.
    pub(crate) not_found: u64,
    /// Errors.
    pub(crate) error: u64,
}

impl RdapCounts {
    /// All of them.
    pub(crate) fn total(self) -> u64 {
        self.found + self.not_found + self.error
    }
}

/// Answers by name.
#[derive(Debug, Clone, Default)]
pub struct RdapTable {
    /// Each list is of one name, not empty, of one answer per source, newest first.
    lists: HashTable<Vec<Answer>>,
    hasher: RandomState,
    as_of: Option<Moment>,
    counts: RdapCounts,
}

impl RdapTable {
    /// An empty table; answers fetched after `as_of` give way to earlier ones.
    pub(crate) fn as_of(as_of: Moment) -> Self {
        Self { as_of: Some(as_of), ..Self::default() }
    }

    /// Puts an answer in, unless there is a better one of its server.
    pub(crate) fn insert(&mut self, answer: Answer) {
        match answer.outcome {
            RdapOutcome::Found => self.counts.found += 1,
            RdapOutcome::NotFound => self.counts.not_found += 1,
            RdapOutcome::Error => self.counts.error += 1,
        }
        self.place(answer);
    }

    /// Puts the lists in order; once all answers are in.
    pub(crate) fn settle(&mut self) {
        let as_of = self.as_of;
        self.lists.iter_mut().for_each(|list| settle(list, as_of));
    }

    /// The answers for a name (A-labels, lower case, no trailing dot), newest first; empty if there is none. Lists are in
    /// order once they are settled.
    pub(crate) fn get(&self, name: &str) -> &[Answer] {
        if self.lists.is_empty() {
            return &[];
        }
        let hash = self.hasher.hash_one(name);
        self.lists.find(hash, |list| name_of(list) == name).map_or(&[], Vec::as_slice)
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.lists.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// What was put in.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> RdapCounts {
        self.counts
    }

    /// All answers kept, by name; those of one name newest first.
    pub fn sorted(&self) -> impl Iterator<Item = &Answer> {
        let mut lists: Vec<&Vec<Answer>> = self.lists.iter().collect();
        lists.sort_unstable_by_key(|list| name_of(list));
        lists.into_iter().flatten()
    }

    fn place(&mut self, answer: Answer) {
        let hash = self.hasher.hash_one(&*answer.name);
        let (hasher, as_of) = (&self.hasher, self.as_of);
        let list = match self.lists.find_mut(hash, |list| name_of(list) == &*answer.name) {
            Some(list) => list,
            None => {
                let rehash = |list: &Vec<Answer>| hasher.hash_one(name_of(list));
                self.lists.insert_unique(hash, vec![answer], rehash);
                return;
            }
        };
        put_newest(list, answer, as_of);
    }
}

/// Answers of a list up to which it is always in order.
const SHORT: usize = 16;

/// Puts an answer into the list of its name, unless there is a better one of its server; newest first.
///
/// The list, once not empty, holds errors only or none. The outcome does not depend on the order of calls. A longer
/// list is put in order only when it is full, or a name of many servers would take quadratic time. It must be
/// settled at the end.
pub(crate) fn put_newest<A: Borrow<Answer>>(list: &mut Vec<A>, answer: A, as_of: Option<Moment>) {
    if list.len() >= SHORT && list.len() == list.capacity() {
        settle(list, as_of);
        list.reserve_exact(list.len().max(SHORT));
    }
    if list.len() >= SHORT {
        return list.push(answer);
    }
    put_into_short(list, answer, as_of);
}

/// Puts a list to which answers were put in order: of each server the best, newest first.
pub(crate) fn settle<A: Borrow<Answer>>(list: &mut Vec<A>, as_of: Option<Moment>) {
    if list.len() < SHORT {
        return;
    }
    let is_error = |answer: &A| answer.borrow().outcome == RdapOutcome::Error;
    if !list.iter().all(is_error) {
        list.retain(|answer| !is_error(answer));
    }
    list.sort_unstable_by(|one, other| {
        let (one, other): (&Answer, &Answer) = (one.borrow(), other.borrow());
        one.source.cmp(&other.source).then_with(|| by_rank(other, one, as_of))
    });
    list.dedup_by(|one, other| is_of_one_server(one, other));
    list.sort_unstable_by(|one, other| by_age(other.borrow(), one.borrow()));
}

fn is_of_one_server<A: Borrow<Answer>>(one: &A, other: &A) -> bool {
    let (one, other): (&Answer, &Answer) = (one.borrow(), other.borrow());
    one.source == other.source
}

fn put_into_short<A: Borrow<Answer>>(list: &mut Vec<A>, answer: A, as_of: Option<Moment>) {
    let is_error = |answer: &A| answer.borrow().outcome == RdapOutcome::Error;
    match (is_error(&answer), list.iter().all(is_error)) {
        (true, false) => return,
        (false, true) => list.clear(),
        _ => {}
    }
    let new: &Answer = answer.borrow();
    match list.iter().position(|kept| kept.borrow().source == new.source) {
        Some(place) if by_rank(new, list[place].borrow(), as_of).is_gt() => list[place] = answer,
        Some(_) => return,
        None => {
            list.reserve_exact(1);
            list.push(answer);
        }
    }
    list.sort_unstable_by(|one, other| by_age(other.borrow(), one.borrow()));
}

/// The name of a list, none of which is empty.
fn name_of(list: &[Answer]) -> &str {
    list.first().map_or("", |answer| &answer.name)
}

/// Worse before better, of one server.
fn by_rank(one: &Answer, other: &Answer, as_of: Option<Moment>) -> Ordering {
    let too_late = |answer: &Answer| as_of.is_some_and(|as_of| answer.fetched_at > as_of);
    Reverse(too_late(one)).cmp(&Reverse(too_late(other))).then_with(|| by_age(one, other))
}

/// Older before newer, and a total order for the rest.
fn by_age(one: &Answer, other: &Answer) -> Ordering {
    let key = |answer: &Answer| (answer.fetched_at, answer.dated, answer.outcome);
    key(one).cmp(&key(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rdap::{Events, StatusSet};

    /// `name source day outcome`, for example `a.example reg 3 found`.
    fn answer(text: &str) -> Answer {
        let mut words = text.split(' ');
        let mut word = || words.next().expect("four words");
        let (name, source, day, outcome) = (word(), word(), word(), word());
        Answer {
            name: name.into(),
            outcome: match outcome {
                "found" => RdapOutcome::Found,
                "not_found" => RdapOutcome::NotFound,
                _ => RdapOutcome::Error,
            },
            fetched_at: Moment(0).plus_days(day.trim_end_matches('u').parse().expect("a day")),
            dated: !day.ends_with('u'),
            source: (source != "-").then(|| source.into()),
            statuses: StatusSet::default(),
            events: Events::default(),
            registrar: None,
            registrar_iana_id: None,
            reserved: false,
            note: None,
        }
    }

    /// Every order of insertion keeps the same.
    #[track_caller]
    fn keeps(as_of: Option<i64>, put_in: &[&str], expected: &[&str]) {
        let empty =
            || as_of.map_or_else(RdapTable::default, |day| RdapTable::as_of(Moment(0).plus_days(day)));
        let expected: Vec<Answer> = expected.iter().map(|text| answer(text)).collect();
        for turn in 0..put_in.len() {
            for backwards in [false, true] {
                let mut order = put_in.to_vec();
                order.rotate_left(turn);
                if backwards {
                    order.reverse();
                }
                let mut one = empty();
                order.iter().for_each(|text| one.insert(answer(text)));
                one.settle();
                assert_eq!(one.sorted().cloned().collect::<Vec<_>>(), expected, "{order:?}");
                assert_eq!(one.counts().total(), put_in.len() as u64);
            }
        }
    }

    #[test]
    fn newest_of_each_source() {
        keeps(None, &["a.x s 1 found", "a.x s 3 not_found", "a.x s 2 found"], &["a.x s 3 not_found"]);
        keeps(
            None,
            &["a.x s 1 found", "a.x t 3 found", "a.x s 2 found"],
            &["a.x t 3 found", "a.x s 2 found"],
        );
        keeps(
            None,
            &["a.x - 1 found", "a.x s 1 found", "b.x s 1 found"],
            &["a.x s 1 found", "a.x - 1 found", "b.x s 1 found"],
        );
    }

    #[test]
    fn errors_never_displace_answers() {
        keeps(None, &["a.x s 1 found", "a.x s 2 error", "a.x t 3 error"], &["a.x s 1 found"]);
        keeps(
            None,
            &["a.x s 1 error", "a.x s 2 error", "a.x t 3 error"],
            &["a.x t 3 error", "a.x s 2 error"],
        );
        keeps(
            None,
            &["a.x s 5 error", "a.x t 1u not_found", "b.x s 1 error"],
            &["a.x t 1u not_found", "b.x s 1 error"],
        );
    }

    #[test]
    fn ties_do_not_depend_on_the_order() {
        keeps(None, &["a.x s 1 found", "a.x s 1 not_found", "a.x s 1 error"], &["a.x s 1 found"]);
        keeps(None, &["a.x s 1u found", "a.x s 1 not_found"], &["a.x s 1 not_found"]);
        keeps(None, &["a.x s 1 found", "a.x s 1 found"], &["a.x s 1 found"]);
    }

    #[test]
    fn later_than_as_of_gives_way() {
        keeps(Some(4), &["a.x s 3 found", "a.x s 5 not_found", "a.x s 2 found"], &["a.x s 3 found"]);
        keeps(Some(4), &["a.x s 5 not_found", "a.x s 6 found"], &["a.x s 6 found"]);
        keeps(Some(4), &["a.x s 5 not_found", "a.x s 1 error"], &["a.x s 5 not_found"]);
    }

    #[test]
    fn a_name_of_many_servers() {
        let mut state = 1_u64;
        let mut below = |limit: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % limit
        };
        for (servers, as_of, outcomes) in
            [(40, None, 3), (40, Some(9), 3), (300, Some(9), 1), (17, Some(3), 2)]
        {
            let texts: Vec<String> = (0..1000)
                .map(|_| {
                    let outcome = ["error", "found", "not_found"][below(outcomes) as usize];
                    format!("a.x s{} {} {outcome}", below(servers), below(20))
                })
                .collect();
            let mut expected: Vec<Answer> = Vec::new();
            let as_of_moment = as_of.map(|day| Moment(0).plus_days(day));
            texts.iter().for_each(|text| put_into_short(&mut expected, answer(text), as_of_moment));
            let expected: Vec<&Answer> = expected.iter().collect();
            let mut table = RdapTable { as_of: as_of_moment, ..RdapTable::default() };
            texts.iter().for_each(|text| table.insert(answer(text)));
            table.settle();
            assert_eq!(table.sorted().collect::<Vec<_>>(), expected, "{servers} servers");
        }
    }

    #[test]
    fn time_is_linear_in_the_number_of_servers() {
        let mut table = RdapTable::default();
        for server in 0..200_000 {
            table.insert(answer(&format!("a.x s{server} {} found", server % 1000)));
        }
        table.settle();
        assert_eq!(table.get("a.x").len(), 200_000);
    }

    #[test]
    fn look_up_and_counts() {
        let mut table = RdapTable::default();
        assert!(table.is_empty() && table.get("a.x").is_empty());
        ["a.x s 1 found", "a.x t 2 found", "b.x s 1 not_found", "c.x s 1 error"]
            .iter()
            .for_each(|text| table.insert(answer(text)));
        let sources: Vec<_> = table.get("a.x").iter().filter_map(|answer| answer.source.as_deref()).collect();
        assert_eq!(sources, ["t", "s"]);
        assert!(table.get("A.x").is_empty() && table.get("").is_empty());
        assert_eq!(table.len(), 3);
        assert_eq!(table.counts(), RdapCounts { found: 2, not_found: 1, error: 1 });
    }
}
