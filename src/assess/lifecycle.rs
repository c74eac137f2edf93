//! How long the phases of a registration last, by top-level domain: a table in `data/`, which names the source of
//! each line. Where it is silent, the figures of gTLDs apply: RFC 3915, section 3.1 and the ICANN Expired
//! Registration Recovery Policy.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::built_in::BuiltInTable;

/// The table; its comments say what the columns mean.
const TABLE: &str = include_str!("../../data/lifecycle.csv");

/// Days of the phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifecycle {
    /// Auto renew period: from expiry until the registrar has to decide.
    pub(crate) auto_renew_days: i32,
    /// Redemption period: out of the zone, only the old holder can restore it.
    pub(crate) redemption_days: i32,
    /// Pending delete.
    pub(crate) pending_delete_days: i32,
    /// From the deletion until anyone may register it.
    pub(crate) quarantine_days: i32,
    /// Days by which the registry deletes before the printed expiry.
    pub(crate) deletes_before_expiry_days: i32,
}

/// The phases of a gTLD.
pub(crate) const GTLD: Lifecycle = Lifecycle {
    auto_renew_days: 45,
    redemption_days: 30,
    pending_delete_days: 5,
    quarantine_days: 0,
    deletes_before_expiry_days: 0,
};

static LIFECYCLES: LazyLock<HashMap<Box<str>, Lifecycle>> = LazyLock::new(|| {
    let rows = BuiltInTable::built_in("data/lifecycle.csv", TABLE, |row| {
        let days = |column: &str, silent: i32| Ok(row.number(column)?.unwrap_or(silent));
        let lifecycle = Lifecycle {
            auto_renew_days: days("auto_renew_days", GTLD.auto_renew_days)?,
            redemption_days: days("redemption_days", GTLD.redemption_days)?,
            pending_delete_days: days("pending_delete_days", GTLD.pending_delete_days)?,
            quarantine_days: days("quarantine_days", GTLD.quarantine_days)?,
            deletes_before_expiry_days: days("deletes_before_expiry_days", GTLD.deletes_before_expiry_days)?,
        };
        Ok((row.text("tld")?.into(), lifecycle))
    });
    rows.into_iter().collect()
});

impl Lifecycle {
    /// The phases of a top-level domain.
    pub(crate) fn of(tld: &str) -> Self {
        LIFECYCLES.get(tld).copied().unwrap_or(GTLD)
    }

    /// Redemption and pending delete: for how long the presence of a name in a zone still says something.
    pub(crate) const fn deletion_days(&self) -> i32 {
        self.redemption_days + self.pending_delete_days
    }

    /// From the registrar's deletion to the drop: a name is out of the zone at least so long before someone else can
    /// register it.
    pub(crate) const fn out_of_zone_days(&self) -> i32 {
        self.deletion_days() + self.quarantine_days
    }

    /// After so many days out of the zone, a registration may have ended. A registry that frees names at
    /// once leaves no such mark. A mere outage is no sign then, so the figure of gTLDs applies.
    pub(crate) const fn lapse_gap_days(&self) -> i32 {
        match self.out_of_zone_days() {
            0 => GTLD.out_of_zone_days(),
            days => days,
        }
    }

    /// From the start of pending delete to the drop.
    pub(crate) const fn last_days(&self) -> i32 {
        self.pending_delete_days + self.quarantine_days
    }

    /// From expiry to the latest drop.
    pub(crate) const fn expiry_to_drop_days(&self) -> i32 {
        self.auto_renew_days + self.out_of_zone_days()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert_eq!(Lifecycle::of("com"), GTLD);
        assert_eq!((GTLD.out_of_zone_days(), GTLD.expiry_to_drop_days()), (35, 80));
        assert_eq!(Lifecycle::of("eu").quarantine_days, 40);
        assert_eq!(Lifecycle::of("ru").out_of_zone_days(), 0);
        assert_eq!(Lifecycle::of("ru").lapse_gap_days(), 35);
        assert_eq!(Lifecycle::of("de").lapse_gap_days(), 30);
    }

    #[test]
    fn every_line_is_in_order() {
        for (tld, lifecycle) in LIFECYCLES.iter() {
            assert!(!tld.is_empty() && !tld.contains('.'), "{tld}");
            let phases = [
                lifecycle.auto_renew_days,
                lifecycle.redemption_days,
                lifecycle.pending_delete_days,
                lifecycle.quarantine_days,
                lifecycle.deletes_before_expiry_days,
            ];
            assert!(phases.iter().all(|days| (0..400).contains(days)), "{tld}: {lifecycle:?}");
        }
    }
}
