//! The registries of `world fates`: what becomes of a name that nobody pays for, and in which words each says so.
//!
//! The figures are those of the registries' own pages as research has them, each a single true course of events and
//! not the bounds that the program works with: a truth to measure the program against.

/// One registry.
pub struct Registry {
    pub suffix: &'static str,
    /// Its RDAP server; none if it runs none.
    pub server: Option<&'static str>,
    /// Whether it hands out its zone.
    pub zone: bool,
    /// How many of a thousand domains are here.
    pub share: u64,
    pub clock: Clock,
    /// What its answers print as expiration.
    pub printed: Printed,
    /// Statuses while the old holder can have the name back, and then while nobody can.
    pub restorable: &'static [&'static str],
    pub last: &'static [&'static str],
    /// Whether an answer in the last phase has a status and nothing else.
    pub last_is_terse: bool,
}

/// From the last paid day on.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The registry renews by itself, and the registrar deletes within so many days. Then the name is out of the zone:
    /// restorable for some days, and lost for some more.
    Deleted { within: u64, restorable: i64, last: i64 },
    /// It leaves the zone on one day, cannot be had back after another, and is free on a third, or some days later.
    Runs { out: i64, restorable: i64, free: i64, spread: u64 },
}

/// What an answer prints as expiration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    Never,
    Paid,
    /// A year later from the last paid day on.
    Moves,
    /// Paid names, too, show a day in the past for so many days.
    Late(i64),
}

const ICANN: Clock = Clock::Deleted { within: 45, restorable: 30, last: 5 };
const REDEMPTION: &[&str] = &["redemption period", "pending delete"];
const PENDING: &[&str] = &["pending delete"];

const fn generic(suffix: &'static str, server: &'static str, zone: bool, share: u64) -> Registry {
    Registry {
        suffix,
        server: Some(server),
        zone,
        share,
        clock: ICANN,
        printed: Printed::Moves,
        restorable: REDEMPTION,
        last: PENDING,
        last_is_terse: false,
    }
}

const fn country(
    suffix: &'static str,
    server: &'static str,
    share: u64,
    clock: Clock,
    printed: Printed,
    restorable: &'static [&'static str],
    last: &'static [&'static str],
) -> Registry {
    Registry {
        suffix,
        server: Some(server),
        zone: false,
        share,
        clock,
        printed,
        restorable,
        last,
        last_is_terse: false,
    }
}

const fn runs(out: i64, restorable: i64, free: i64, spread: u64) -> Clock {
    Clock::Runs { out, restorable, free, spread }
}

const fn deleted(within: u64, restorable: i64, last: i64) -> Clock {
    Clock::Deleted { within, restorable, last }
}

/// Shares add up to a thousand; gTLDs have 57 % of the domains, as among maintainers of packages.
#[rustfmt::skip]
pub static REGISTRIES: &[Registry] = &[
    generic("com", "https://rdap.verisign.com/com/v1/", true, 380),
    generic("net", "https://rdap.verisign.com/net/v1/", true, 60),
    generic("org", "https://rdap.publicinterestregistry.org/rdap/", true, 60),
    generic("dev", "https://pubapi.registry.google/rdap/", true, 30),
    generic("xyz", "https://rdap.centralnic.com/xyz/", false, 40),
    generic("io", "https://rdap.identitydigital.services/rdap/", false, 20),
    generic("me", "https://rdap.identitydigital.services/rdap/", false, 10),
    country("de", "https://rdap.denic.de/", 70, deleted(1, 30, 0), Printed::Never, &["redemption period"], &["redemption period"]),
    country("co.uk", "https://rdap.nominet.uk/uk/", 50, runs(30, 90, 95, 1), Printed::Paid, PENDING, PENDING),
    country("nl", "https://rdap.sidn.nl/", 35, deleted(1, 40, 0), Printed::Never, &["in quarantine"], &["in quarantine"]),
    country("fr", "https://rdap.nic.fr/", 35, deleted(28, 30, 0), Printed::Paid, REDEMPTION, REDEMPTION),
    Registry { zone: true, ..country("se", "https://rdap.iis.se/", 30, runs(10, 70, 77, 1), Printed::Paid, &["deactivated"], &["deactivated"]) },
    Registry { zone: true, ..country("ch", "https://rdap.nic.ch/", 25, deleted(1, 40, 0), Printed::Never, &["inactive"], &["inactive"]) },
    country("it", "https://rdap.nic.it/", 25, deleted(15, 30, 3), Printed::Late(15), REDEMPTION, PENDING),
    country("pl", "https://rdap.dns.pl/", 20, runs(0, 30, 30, 1), Printed::Paid, &["inactive"], &["inactive"]),
    Registry { last_is_terse: true, ..country("cz", "https://rdap.nic.cz/", 20, runs(31, 60, 77, 1), Printed::Paid, &["inactive"], PENDING) },
    country("com.br", "https://rdap.registro.br/", 20, runs(14, 104, 119, 30), Printed::Paid, &["inactive"], &["inactive"]),
    country("ca", "https://rdap.ca.fury.ca/rdap/", 15, deleted(45, 30, 6), Printed::Moves, &["redemption period"], PENDING),
    country("com.au", "https://rdap.cctld.au/rdap/", 15, runs(0, 30, 31, 1), Printed::Never, &["server hold"], &["server hold"]),
    country("fi", "https://rdap.fi/rdap/rdap/", 10, runs(0, 30, 30, 1), Printed::Paid, &["inactive"], &["inactive"]),
    Registry { zone: true, ..country("ee", "https://rdap.tld.ee/", 10, runs(15, 45, 46, 1), Printed::Paid, &["expired", "server hold"], &["expired", "server hold"]) },
    Registry { server: None, ..country("ro", "", 10, runs(30, 90, 90, 1), Printed::Paid, PENDING, PENDING) },
    Registry { server: None, ..country("es", "", 10, deleted(4, 10, 0), Printed::Paid, &["inactive"], &["inactive"]) },
];
