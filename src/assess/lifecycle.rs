//! How long the phases of a registration last.
//!
//! The figures are those of gTLDs: RFC 3915, section 3.1 and the ICANN Expired Registration Recovery
//! Policy. Top-level domains with other figures are not told apart yet.

/// Days of the phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifecycle {
    /// Auto renew period: from expiry until the registrar has to decide.
    pub auto_renew_days: i32,
    /// Redemption period.
    pub redemption_days: i32,
    /// Pending delete.
    pub pending_delete_days: i32,
}

/// The phases of a gTLD.
pub const GTLD: Lifecycle = Lifecycle { auto_renew_days: 45, redemption_days: 30, pending_delete_days: 5 };

impl Lifecycle {
    /// From the registrar's deletion to the drop: how long a name is out of the zone at least before it
    /// can be registered again, and for how long its presence in a zone still says something.
    pub const fn deletion_days(&self) -> i32 {
        self.redemption_days + self.pending_delete_days
    }

    /// From expiry to the latest drop.
    pub const fn expiry_to_drop_days(&self) -> i32 {
        self.auto_renew_days + self.deletion_days()
    }
}
