//! Events of a registration: what happened and when (RFC 9083 §4.5 and §10.2.3).
//!
//! Only dates that the rules use are kept. If an action occurs several times, the earliest expiration counts, because
//! it matters first; of all other actions the latest counts. A date outside the calendar ("never" printed as the year
//! 294247) is not a date. Dates in the future are kept; rules compare them with the time of the run.
//!
//! Ambiguities: `last update`, which one large registry backend writes, is read as `last changed`. `registrar
//! registration expiration`, the wording of WHOIS, is read as `registrar expiration`.

use crate::time::{BareDate, Moment};

use super::status::Squeezed;

named_enum! {
    /// An event action of the IANA registry "RDAP JSON Values", named as it is registered.
    pub(crate) enum EventAction {
        /// The registration.
        Registration = "registration",
        /// Registered again after it was dropped.
        Reregistration = "reregistration",
        /// Taken back after it was removed, not as a new registration.
        Reinstantiation = "reinstantiation",
        /// The expiration at the registry.
        Expiration = "expiration",
        /// The expiration at the registrar (ICANN RDAP Response Profile).
        RegistrarExpiration = "registrar expiration",
        /// The transfer to another registrar.
        Transfer = "transfer",
        /// The last change.
        LastChanged = "last changed",
        /// The time of the server's copy.
        LastUpdateOfDatabase = "last update of RDAP database",
        /// The deletion.
        Deletion = "deletion",
        /// It was locked.
        Locked = "locked",
        /// It was unlocked.
        Unlocked = "unlocked",
        /// The end of an ENUM validation (RFC 6116 names).
        EnumValidationExpiration = "enum validation expiration",
    }
}

impl EventAction {
    /// Reads an action in any case, with or without blanks; `None` if it is not registered.
    pub(crate) fn read(text: &str) -> Option<Self> {
        // most servers use the registered spelling, which needs no squeezing
        if let Some(action) = Self::from_name(text) {
            return Some(action);
        }
        Some(match Squeezed::new(text)?.as_bytes() {
            b"registration" => Self::Registration,
            b"reregistration" => Self::Reregistration,
            b"reinstantiation" => Self::Reinstantiation,
            b"expiration" => Self::Expiration,
            b"registrarexpiration" | b"registrarregistrationexpiration" => Self::RegistrarExpiration,
            b"transfer" => Self::Transfer,
            b"lastchanged" | b"lastupdate" | b"lastupdated" => Self::LastChanged,
            b"lastupdateofrdapdatabase" => Self::LastUpdateOfDatabase,
            b"deletion" => Self::Deletion,
            b"locked" => Self::Locked,
            b"unlocked" => Self::Unlocked,
            b"enumvalidationexpiration" => Self::EnumValidationExpiration,
            _ => return None,
        })
    }
}

/// The dates of one registration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Events {
    /// Latest `registration`.
    pub registered: Option<Moment>,
    /// Latest `reregistration`.
    pub(crate) reregistered: Option<Moment>,
    /// Latest `reinstantiation`.
    pub(crate) reinstantiated: Option<Moment>,
    /// Earliest `expiration`.
    pub expires: Option<Moment>,
    /// Earliest `registrar expiration`.
    pub registrar_expires: Option<Moment>,
    /// Latest `transfer`.
    pub transferred: Option<Moment>,
    /// Latest `last changed`.
    pub changed: Option<Moment>,
    /// Latest `last update of RDAP database`.
    pub updated_database: Option<Moment>,
}

impl Events {
    /// Adds an event. Actions that no rule uses are dropped.
    pub(crate) fn add(&mut self, action: EventAction, at: Moment) {
        match action {
            EventAction::Registration => latest(&mut self.registered, at),
            EventAction::Reregistration => latest(&mut self.reregistered, at),
            EventAction::Reinstantiation => latest(&mut self.reinstantiated, at),
            EventAction::Expiration => earliest(&mut self.expires, at),
            EventAction::RegistrarExpiration => earliest(&mut self.registrar_expires, at),
            EventAction::Transfer => latest(&mut self.transferred, at),
            EventAction::LastChanged => latest(&mut self.changed, at),
            EventAction::LastUpdateOfDatabase => latest(&mut self.updated_database, at),
            EventAction::Deletion
            | EventAction::Locked
            | EventAction::Unlocked
            | EventAction::EnumValidationExpiration => {}
        }
    }

    /// Reads and adds an event as a server wrote it. Returns `false` if its date is not a date.
    ///
    /// Unregistered actions are fine: servers have their own.
    pub(crate) fn add_text(&mut self, action: &str, date: &str) -> bool {
        let Some(action) = EventAction::read(action) else { return true };
        let moment = Moment::parse(date, BareDate::Start);
        if let Some(moment) = moment {
            self.add(action, moment);
        }
        moment.is_some()
    }
}

fn latest(slot: &mut Option<Moment>, at: Moment) {
    *slot = (*slot).max(Some(at));
}

fn earliest(slot: &mut Option<Moment>, at: Moment) {
    *slot = Some(slot.map_or(at, |known| known.min(at)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: Option<EventAction>) {
        assert_eq!(EventAction::read(text), expected, "{text}");
    }

    #[test]
    fn every_action_in_every_spelling() {
        reads("registration", Some(EventAction::Registration));
        reads("Reregistration", Some(EventAction::Reregistration));
        reads("reinstantiation", Some(EventAction::Reinstantiation));
        reads("EXPIRATION", Some(EventAction::Expiration));
        reads("registrar expiration", Some(EventAction::RegistrarExpiration));
        reads("registrarExpiration", Some(EventAction::RegistrarExpiration));
        reads("Registrar Registration Expiration", Some(EventAction::RegistrarExpiration));
        reads("transfer", Some(EventAction::Transfer));
        reads("last changed", Some(EventAction::LastChanged));
        reads("lastChanged", Some(EventAction::LastChanged));
        reads("last update", Some(EventAction::LastChanged));
        reads("last_changed", Some(EventAction::LastChanged));
        reads("last update of RDAP database", Some(EventAction::LastUpdateOfDatabase));
        reads("Last Update of RDAP Database", Some(EventAction::LastUpdateOfDatabase));
        reads("lastUpdateOfRDAPDatabase", Some(EventAction::LastUpdateOfDatabase));
        reads("deletion", Some(EventAction::Deletion));
        reads("locked", Some(EventAction::Locked));
        reads("unlocked", Some(EventAction::Unlocked));
        reads("enum validation expiration", Some(EventAction::EnumValidationExpiration));
        reads("delegation check", None);
        reads("", None);
        reads(&"last changed ".repeat(9), None);
    }

    #[test]
    fn the_earliest_expiration_and_the_latest_of_other_dates() {
        let mut events = Events::default();
        for date in ["2024-02-02T00:00:00Z", "2023-01-01T00:00:00Z", "2025-03-03T00:00:00Z"] {
            for action in ["registration", "reregistration", "reinstantiation", "transfer", "last changed"] {
                assert!(events.add_text(action, date));
            }
            assert!(events.add_text("expiration", date) && events.add_text("registrar expiration", date));
            assert!(
                events.add_text("deletion", date) && events.add_text("last update of RDAP database", date)
            );
        }
        let first = Moment::parse("2023-01-01", BareDate::Start);
        let last = Moment::parse("2025-03-03", BareDate::Start);
        let expected = Events {
            registered: last,
            reregistered: last,
            reinstantiated: last,
            expires: first,
            registrar_expires: first,
            transferred: last,
            changed: last,
            updated_database: last,
        };
        assert_eq!(events, expected);
    }

    #[test]
    fn an_unreadable_date_is_reported_and_changes_nothing() {
        let mut events = Events::default();
        assert!(!events.add_text("expiration", "294247-01-10T04:00:54.775Z"));
        assert!(!events.add_text("expiration", ""));
        assert!(!events.add_text("registration", "0000-00-00T00:00:00Z"));
        assert!(events.add_text("our own action", "whenever"));
        assert_eq!(events, Events::default());
    }
}
