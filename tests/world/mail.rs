//! Mail servers, and accounts at mail domains that have them, with verdicts written down by hand.
//!
//! They have accounts of their own, so that the main command works without them: `mx-accounts.csv`, and what is to be said
//! about them in `mx-expected.csv`. Every mail domain is registered and in its zone, and nothing is wrong with its name
//! servers: only its mail servers decide. The domains of the mail servers are those of name servers elsewhere in the
//! sample.

use std::fs;
use std::io;
use std::path::Path;

use crate::cases::Holding::Served;
use crate::random::Random;
use crate::zones::Zones;

/// A mail domain with its mail servers.
struct MailCase {
    class: &'static str,
    /// A label below the registered domain, if the addresses have one.
    below: &'static str,
    /// The day on which its records were seen; empty if the data have no date.
    seen: &'static str,
    /// Preference and host.
    records: &'static [(&'static str, &'static str)],
    /// `state,risk,action` of its accounts.
    expected: &'static str,
}

const fn mail(
    class: &'static str,
    records: &'static [(&'static str, &'static str)],
    expected: &'static str,
) -> MailCase {
    MailCase { class, below: "", seen: "2026-05-20", records, expected }
}

/// Absent from its zone, and nobody asked its registry.
const LAPSED: &str = "mx1.lapsed-dns-example.com";
/// Not found by its registry, and absent.
const GONE: &str = "mx1.gone-dns-example.org";
/// In redemption.
const DYING: &str = "mx1.dying-dns-example.net";
/// Held.
const FINE: &str = "mx1.harbor-dns-example.net";

#[rustfmt::skip]
static CASES: &[MailCase] = &[
    mail("mx_fine", &[("10", FINE), ("20", "mx2.meadow-dns-example.org")], "active,none,none"),
    mail("mx_all_absent", &[("10", LAPSED), ("20", "mx2.lapsed-dns-example.com")], "active,critical,lookup"),
    mail("mx_all_available", &[("10", GONE)], "active,critical,unverify"),
    mail("mx_absent_and_available", &[("10", LAPSED), ("20", GONE)], "active,critical,unverify"),
    mail("mx_lowest_available", &[("10", GONE), ("10", "mx2.gone-dns-example.org"), ("20", FINE)], "active,critical,unverify"),
    mail("mx_some_absent", &[("10", FINE), ("20", LAPSED)], "active,high,lookup"),
    mail("mx_some_of_the_lowest_available", &[("10", FINE), ("10", GONE)], "active,high,unverify"),
    mail("mx_without_preferences", &[("", FINE), ("", LAPSED)], "active,high,lookup"),
    mail("mx_soon", &[("10", FINE), ("20", DYING)], "active,high,review"),
    mail("mx_soon_and_absent", &[("10", DYING), ("20", LAPSED)], "active,high,review"),
    // its domain is held, but the name server of that domain is in one that is gone
    mail("mx_chained", &[("10", "mx1.chained-dns-example.com")], "active,critical,lookup"),
    MailCase { seen: "2026-04-20", ..mail("mx_stale", &[("10", GONE)], "active,none,none") },
    MailCase { seen: "2026-05-02", ..mail("mx_thirty_days_old", &[("10", GONE)], "active,critical,unverify") },
    MailCase { seen: "", ..mail("mx_undated", &[("10", GONE)], "active,none,none") },
    MailCase { seen: "2026-06-02", ..mail("mx_after_as_of", &[("10", GONE)], "active,none,none") },
    mail("mx_null", &[("0", ".")], "active,none,none"),
    mail("mx_null_and_absent", &[("0", "."), ("10", LAPSED)], "active,critical,lookup"),
    mail("mx_own_domain", &[("10", "mail.mx-own-domain-example.com"), ("20", "mx-own-domain-example.com")], "active,none,none"),
    mail("mx_own_and_absent", &[("10", "mail.mx-own-and-absent-example.com"), ("20", LAPSED)], "active,high,lookup"),
    mail("mx_address", &[("10", "192.0.2.1")], "active,none,none"),
    mail("mx_without_a_suffix", &[("10", "localhost"), ("20", "co.uk")], "active,none,none"),
    mail("mx_malformed", &[("10", "mx..example.com")], "active,none,none"),
    // nobody registers these at a registry: their provider's domain is held
    mail("mx_private_suffix", &[("10", "inbound-smtp.us-east-1.amazonaws.com")], "active,none,none"),
    // a registry open to others, of which nothing is known
    mail("mx_open_registry", &[("10", "mx1.nobody-asked-example.uk.com")], "active,none,none"),
    // nothing is known of its top-level domain
    mail("mx_nothing_known", &[("10", "mx1.basalt-dns-example.io")], "active,none,none"),
    // the records are those of one mail domain
    MailCase { below: "post.", ..mail("mx_below", &[("10", GONE)], "active,critical,unverify") },
    MailCase { below: "", ..mail("mx_below", &[("10", FINE)], "active,none,none") },
    MailCase { below: "other.", ..mail("mx_below", &[], "active,none,none") },
    MailCase { below: "", ..mail("mx_above", &[("10", GONE)], "active,critical,unverify") },
    MailCase { below: "post.", ..mail("mx_above", &[], "active,none,none") },
];

/// Puts the mail domains into the zones; nothing else of the sample changes.
pub fn plant(zones: &mut Zones) {
    let random = &mut Random::new(25);
    let held = CASES.iter().map(MailCase::domain).chain(["amazonaws.com".to_owned()]);
    for domain in held.collect::<std::collections::BTreeSet<_>>() {
        zones.plant(&domain, Served(&["ns1.harbor-dns-example.net", "ns2.harbor-dns-example.net"]), random);
    }
}

/// Writes the mail servers, and the accounts with their verdicts.
pub fn write(directory: &Path) -> io::Result<()> {
    let mut servers = String::from("domain,mx,preference,date\n");
    let mut accounts = String::from("id,email,verified_at\n");
    let mut expected = String::from("row,id,email,class,state,risk,action\n");
    for (row, case) in (1..).zip(CASES) {
        let MailCase { class, below, seen, records, expected: planted } = case;
        let domain = format!("{below}{}", case.domain());
        for (preference, host) in *records {
            servers += &format!("{domain},{host},{preference},{seen}\n");
        }
        accounts += &format!("M{row},post@{domain},2024-03-14\n");
        expected += &format!("{row},M{row},post@{domain},{class},{planted}\n");
    }
    fs::write(directory.join("mx.csv"), servers)?;
    fs::write(directory.join("mx-accounts.csv"), accounts)?;
    fs::write(directory.join("mx-expected.csv"), expected)
}

impl MailCase {
    /// The registered domain.
    fn domain(&self) -> String {
        format!("{}-example.com", self.class.replace('_', "-"))
    }
}
