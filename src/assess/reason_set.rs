//! A set of reasons in two words: it takes no memory of its own, and it is always in the order of the reports.

use super::reason::Reason;

/// A set of reasons.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct ReasonSet([u64; 2]);

// a reason has a bit
const _: () = assert!(Reason::ALL.len() <= u128::BITS as usize);

impl ReasonSet {
    /// No reason.
    pub(crate) const EMPTY: Self = Self([0; 2]);

    // kept as two words, for a number of this size would have to lie at every 16th byte of what holds the set
    const fn of(bits: u128) -> Self {
        Self([bits as u64, (bits >> 64) as u64])
    }

    const fn bits(self) -> u128 {
        self.0[0] as u128 | (self.0[1] as u128) << 64
    }

    /// One reason.
    pub(crate) const fn only(reason: Reason) -> Self {
        Self::of(1 << reason as u32)
    }

    /// Adds a reason.
    pub(crate) fn insert(&mut self, reason: Reason) {
        *self = self.union(Self::only(reason));
    }

    /// Adds a reason if it holds.
    pub(crate) fn insert_if(&mut self, holds: bool, reason: Reason) {
        if holds {
            self.insert(reason);
        }
    }

    /// Whether it holds a reason.
    pub(crate) const fn contains(self, reason: Reason) -> bool {
        self.bits() & Self::only(reason).bits() != 0
    }

    /// Whether it holds none.
    #[cfg(test)]
    pub(crate) const fn is_empty(self) -> bool {
        self.bits() == 0
    }

    /// The reasons of both.
    pub(crate) const fn union(self, other: Self) -> Self {
        Self::of(self.bits() | other.bits())
    }

    /// The reasons of this one that are not in the other.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self::of(self.bits() & !other.bits())
    }

    /// The reasons in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = Reason> + Clone {
        let mut rest = self.bits();
        std::iter::from_fn(move || {
            let reason = Reason::ALL.get(rest.trailing_zeros() as usize)?;
            rest &= rest - 1;
            Some(*reason)
        })
    }
}

impl Extend<Reason> for ReasonSet {
    fn extend<I: IntoIterator<Item = Reason>>(&mut self, reasons: I) {
        reasons.into_iter().for_each(|reason| self.insert(reason));
    }
}

impl FromIterator<Reason> for ReasonSet {
    fn from_iter<I: IntoIterator<Item = Reason>>(reasons: I) -> Self {
        let mut set = Self::EMPTY;
        set.extend(reasons);
        set
    }
}

impl std::fmt::Debug for ReasonSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_come_once_and_in_order() {
        let set: ReasonSet = Reason::ALL.iter().rev().chain(Reason::ALL).copied().collect();
        assert!(set.iter().eq(Reason::ALL.iter().copied()));
        assert!(ReasonSet::EMPTY.iter().next().is_none() && ReasonSet::EMPTY.is_empty());
        let one = ReasonSet::only(Reason::Conflict);
        assert!(one.contains(Reason::Conflict) && !one.contains(Reason::ZoneNone));
        assert_eq!(set.without(one).union(one), set);
    }
}
