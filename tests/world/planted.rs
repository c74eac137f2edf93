//! The planted cases themselves: one line for each class, with its evidence and its verdict.
//!
//! The tables follow the contract's table of states. A verdict is written down by hand, never computed.

use crate::cases::Body::{self, Error, Html, StringCode};
use crate::cases::Content::{self, Failed, Found, NotFound, OtherName, Torn};
use crate::cases::Holding::{
    self, Data, Delegated, Nothing, Nsec, OrphanGlue, Over, ParkedOnce, Served, Signed,
};
use crate::cases::Naming::{self, Exactly, Under, Unicode};
use crate::cases::Shape::{
    Bare, Fraction, NeverExpires, NoExpiration, NoStatus, NoTimeZone, NumericOffset, Plain,
};
use crate::cases::Shape::{Pretty, ShoutedName};
use crate::cases::Source::{Redirector, Registrar, Registry};
use crate::cases::Verified::{self, At, Never, Usual};
use crate::cases::{Answer, Case, Form};
use crate::registries::{REGISTRIES, STANDING, UNITS};

/// The TLDs whose zone is complete.
const ZONES: &[&str] = &["com", "net", "org", "dev"];

/// Nothing out of the ordinary.
pub const OK: Content = Found(&["client transfer prohibited"], &[], Plain);
/// Final: nothing stands beside it.
const PENDING_DELETE: Content = Found(&["pending delete"], &[("expiration", -71)], Plain);
/// As most registries show it.
const REDEMPTION: Content = Found(&["redemption period", "pending delete"], &[("expiration", -48)], Plain);
/// Registered 2025-09-10.
const REGISTERED_LATER: Content = Found(&["active"], &[("registration", -264)], Plain);
const EXPIRING: Content = Found(&["client transfer prohibited"], &[("expiration", 12)], Plain);
const EXPIRED: Content = Found(&["client transfer prohibited"], &[("expiration", -10)], Plain);
const HELD: Content = Found(&["client hold", "client transfer prohibited"], &[], Plain);

/// Yesterday's answer of the registry.
pub const fn said(content: Content) -> Answer {
    said_before(1, content)
}

/// The registry's answer of `age` days ago.
pub const fn said_before(age: i64, content: Content) -> Answer {
    Answer { age, from: Registry, content }
}

/// A class with ordinary addresses and verifications.
pub const fn case(
    class: &'static str,
    naming: Naming,
    holding: Holding,
    answers: &'static [Answer],
    expected: &'static str,
) -> Case {
    Case {
        class,
        naming,
        holding,
        answers,
        form: Form::Plain,
        verified: Usual,
        expected,
        accounts: None,
        also: &[],
    }
}

/// A class about how an address is written, at a domain in good order.
const fn written(class: &'static str, form: Form, under: &'static [&'static str]) -> Case {
    Case { form, ..case(class, Under(under), Delegated, &[], "active,none,none") }
}

/// The row `active` of the table, and what looks like danger but is none.
#[rustfmt::skip]
static ACTIVE: &[Case] = &[
    case("active_present", Under(ZONES), Delegated, &[], "active,none,none"),
    case("active_signed", Under(&["com", "org"]), Signed, &[], "active,none,none"),
    case("active_own_data", Under(&["net", "org"]), Data, &[], "active,none,none"),
    case("active_present_found", Under(ZONES), Delegated, &[said(OK)], "active,none,none"),
    case("active_found_uncovered", Under(&["io", "app", "de", "co.uk"]), Nothing, &[said(OK)], "active,none,none"),
    case("active_found_private_suffix", Under(&["uk.com"]), Nothing, &[said(OK)], "active,none,none"),
    case("active_stale_zone", Under(&["info", "info"]), Delegated, &[], "active,none,none"),
    case("active_listed_found", Under(&["se", "se"]), Delegated, &[said(OK)], "active,none,none"),
    case("active_auto_renew_period", Under(&["com", "org"]), Delegated, &[said(Found(&["auto renew period"], &[("expiration", 344)], Plain))], "active,none,none"),
    case("active_auto_renew_uncovered", Under(&["app"]), Nothing, &[said(Found(&["auto renew period"], &[("expiration", 344)], Plain))], "active,none,none"),
    case("active_expired_long_ago", Under(&["com", "dev"]), Delegated, &[said(Found(&["active"], &[("expiration", -200)], Plain))], "active,none,none"),
    case("active_inactive_but_present", Under(&["net"]), Delegated, &[said(Found(&["inactive"], &[], Plain))], "active,none,none"),
    case("active_rdap_failed", Under(&["com", "net"]), Delegated, &[said(Failed(429))], "active,none,none"),
    case("active_error_after_answer", Under(&["io"]), Nothing, &[said_before(5, OK), said(Failed(500))], "active,none,none"),
    case("active_transferred", Under(&["com", "org"]), Delegated, &[said(Found(&["active"], &[("transfer", -200)], Plain))], "active,none,none"),
    case("active_undated_answer", Under(&["com"]), Delegated, &[said(Found(&["active"], &[], Bare))], "active,none,none"),
    Case { verified: Never, ..case("active_old_not_found", Under(&["com"]), Delegated, &[said_before(60, NotFound(Error))], "active,none,none") },
    Case {
        verified: Never,
        also: &[("active_conflict_newer_zone_verified_later", At("2026-05-28T09:30:00Z"), "active,none,none")],
        ..case("active_conflict_newer_zone", Under(&["com", "org"]), Delegated, &[said_before(10, NotFound(Error))], "active,none,none")
    },
    Case {
        verified: Never,
        also: &[("active_pending_delete_newer_zone_verified_later", At("2026-05-28T09:30:00Z"), "active,none,none")],
        ..case("active_pending_delete_newer_zone", Under(&["net"]), Delegated, &[said_before(10, Found(&["pending delete"], &[], Plain))], "active,none,none")
    },
];

/// The rows `special_use` and `not_registrable`.
#[rustfmt::skip]
static OUTSIDE: &[Case] = &[
    case("special_use_tld", Exactly(&["shop-example.test", "mail-example.example", "nobody-example.invalid", "dev-example.localhost"]), Nothing, &[], "special_use,none,none"),
    case("special_use_onion", Exactly(&["forum-example.onion"]), Nothing, &[], "special_use,none,none"),
    case("special_use_local", Exactly(&["printer-example.local"]), Nothing, &[], "special_use,none,none"),
    case("special_use_internal", Exactly(&["intranet-example.internal"]), Nothing, &[], "special_use,none,none"),
    case("special_use_example_domain", Exactly(&["example.com", "mail.example.org"]), Nothing, &[], "special_use,none,none"),
    case("special_use_no_such_tld", Exactly(&["copper.zzexample", "mail.moor.zzexample"]), Nothing, &[], "special_use,none,none"),
    case("not_registrable", Exactly(&["co.uk", "com.au"]), Nothing, &[], "not_registrable,none,none"),
];

/// The rows `pending_delete`, `redemption` and `available`.
#[rustfmt::skip]
static LAPSING: &[Case] = &[
    case("pending_delete", Under(ZONES), Nothing, &[said(PENDING_DELETE)], "pending_delete,critical,unverify"),
    case("pending_delete_camel_case", Under(&["net"]), Nothing, &[said(Found(&["pendingDelete", "serverTransferProhibited"], &[], Plain))], "pending_delete,critical,unverify"),
    case("pending_delete_conflict", Under(&["com", "net"]), Delegated, &[said(PENDING_DELETE)], "pending_delete,critical,unverify"),
    case("pending_delete_uncovered", Under(&["app"]), Nothing, &[said(PENDING_DELETE)], "pending_delete,critical,unverify"),
    case("redemption", Under(ZONES), Nothing, &[said(REDEMPTION)], "redemption,high,unverify"),
    case("redemption_alone", Under(&["com", "org"]), Nothing, &[said(Found(&["redemption period"], &[], Plain))], "redemption,high,unverify"),
    case("redemption_camel_case", Under(&["net"]), Nothing, &[said(Found(&["redemptionPeriod", "pendingDelete"], &[], Plain))], "redemption,high,unverify"),
    case("redemption_conflict", Under(&["org"]), Delegated, &[said(REDEMPTION)], "redemption,high,unverify"),
    case("redemption_uncovered", Under(&["app"]), Nothing, &[said(REDEMPTION)], "redemption,high,unverify"),
    case("redemption_stale_zone", Under(&["info"]), Nothing, &[said(REDEMPTION)], "redemption,high,unverify"),
    case("available", Under(ZONES), Nothing, &[said(NotFound(Error))], "available,critical,unverify"),
    case("available_no_body", Under(&["com"]), Nothing, &[said(NotFound(Body::Nothing))], "available,critical,unverify"),
    case("available_string_code", Under(&["net"]), Nothing, &[said(NotFound(StringCode))], "available,critical,unverify"),
    case("available_newest_answer", Under(&["org"]), Nothing, &[said_before(20, OK), said(NotFound(Error))], "available,critical,unverify"),
    case("available_uncovered", Under(&["io", "io", "de"]), Nothing, &[said(NotFound(Error))], "available,high,review"),
    case("available_private_suffix", Under(&["uk.com"]), Nothing, &[said(NotFound(Error))], "available,high,review"),
    case("available_stale_zone", Under(&["info", "info"]), Nothing, &[said(NotFound(Error))], "available,high,review"),
    case("available_list", Under(&["se"]), Nothing, &[said(NotFound(Error))], "available,high,review"),
    case("available_conflict", Under(&["com", "net", "org"]), Delegated, &[said(NotFound(Error))], "available,high,review"),
    case("available_conflict_stale_zone", Under(&["info"]), Delegated, &[said(NotFound(Error))], "available,high,review"),
];

/// The rows `grace`, `hold`, `undelegated`, `absent` and `expiring`.
#[rustfmt::skip]
static TROUBLED: &[Case] = &[
    case("grace_pending_restore", Under(&["com", "net"]), Delegated, &[said(Found(&["pending restore"], &[], Plain))], "grace,medium,notify"),
    case("grace_pending_restore_and_delete", Under(&["org"]), Delegated, &[said(Found(&["pending delete", "pending restore"], &[], Plain))], "grace,medium,notify"),
    case("grace_pending_restore_absent", Under(&["net"]), Nothing, &[said(Found(&["pending restore"], &[], Plain))], "grace,high,unverify"),
    case("grace_expired", Under(ZONES), Delegated, &[said(EXPIRED)], "grace,medium,notify"),
    case("grace_expired_two_months", Under(&["com"]), Delegated, &[said(Found(&["active"], &[("expiration", -60)], Plain))], "grace,medium,notify"),
    case("grace_expired_uncovered", Under(&["app"]), Nothing, &[said(EXPIRED)], "grace,medium,notify"),
    case("grace_expired_numeric_offset", Under(&["app"]), Nothing, &[said(Found(&["active"], &[("expiration", -10)], NumericOffset))], "grace,medium,notify"),
    case("grace_expired_absent", Under(&["com", "dev"]), Nothing, &[said(EXPIRED)], "grace,high,unverify"),
    case("grace_expired_client_hold", Under(&["com", "org"]), Delegated, &[said(Found(&["client hold"], &[("expiration", -10)], Plain))], "grace,high,unverify"),
    case("grace_registrar_expired", Under(&["com", "net"]), Delegated, &[said(Found(&["auto renew period"], &[("expiration", 345), ("registrar expiration", -20)], Plain))], "grace,medium,notify"),
    case("grace_registrar_expired_two_sources", Under(&["org"]), Delegated, &[said(Found(&["active"], &[("expiration", 345)], Plain)), Answer { age: 3, from: Registrar, content: Found(&["active"], &[("expiration", 345), ("registrar expiration", -20)], Plain) }], "grace,medium,notify"),
    case("grace_auto_renew_client_hold", Under(&["com", "net"]), Delegated, &[said(Found(&["auto renew period", "client hold"], &[("expiration", 340)], Plain))], "grace,high,unverify"),
    case("grace_auto_renew_absent", Under(&["com", "org"]), Nothing, &[said(Found(&["auto renew period"], &[("expiration", 340)], Plain))], "grace,high,unverify"),
    case("hold_client_absent", Under(&["com", "net", "dev"]), Nothing, &[said(HELD)], "hold,medium,notify"),
    case("hold_client_present", Under(&["org"]), Delegated, &[said(Found(&["clientHold"], &[], Pretty))], "hold,medium,notify"),
    case("hold_server_present", Under(&["com"]), Delegated, &[said(Found(&["server hold"], &[], Plain))], "hold,medium,notify"),
    case("hold_upper_case", Under(&["io"]), Nothing, &[said(Found(&["CLIENT HOLD"], &[], ShoutedName))], "hold,medium,notify"),
    case("hold_expiring", Under(&["net"]), Nothing, &[said(Found(&["client hold"], &[("expiration", 12)], Plain))], "hold,medium,notify"),
    case("undelegated_found_absent", Under(ZONES), Nothing, &[said(OK)], "undelegated,medium,notify"),
    case("undelegated_inactive", Under(&["io", "app"]), Nothing, &[said(Found(&["inactive"], &[], Plain))], "undelegated,medium,notify"),
    case("undelegated_expiring", Under(&["com"]), Nothing, &[said(EXPIRING)], "undelegated,medium,notify"),
    case("undelegated_expired_long_ago", Under(&["org"]), Nothing, &[said(Found(&["active"], &[("expiration", -200)], Plain))], "undelegated,medium,notify"),
    case("absent", Under(ZONES), Nothing, &[], "absent,high,lookup"),
    case("absent_rdap_failed", Under(&["com", "net"]), Nothing, &[said(Failed(503))], "absent,high,lookup"),
    case("absent_answer_too_old", Under(&["org", "dev"]), Nothing, &[said_before(60, OK)], "absent,high,lookup"),
    case("absent_not_found_too_old", Under(&["com"]), Nothing, &[said_before(60, NotFound(Error))], "absent,high,lookup"),
    case("absent_answer_after_as_of", Under(&["net"]), Nothing, &[said_before(-2, NotFound(Error))], "absent,high,lookup"),
    case("absent_redirector", Under(&["com"]), Nothing, &[Answer { age: 1, from: Redirector, content: NotFound(Error) }], "absent,high,lookup"),
    case("absent_html", Under(&["org"]), Nothing, &[said(NotFound(Html))], "absent,high,lookup"),
    case("absent_other_name", Under(&["com"]), Nothing, &[said(OtherName)], "absent,high,lookup"),
    case("absent_orphan_glue", Under(&["net"]), OrphanGlue, &[], "absent,high,lookup"),
    case("absent_nsec", Under(&["dev"]), Nsec, &[], "absent,high,lookup"),
    case("expiring", Under(&["com", "net", "org"]), Delegated, &[said(EXPIRING)], "expiring,low,notify"),
    case("expiring_registrar", Under(&["com", "dev"]), Delegated, &[said(Found(&["active"], &[("expiration", 370), ("registrar expiration", 5)], Plain))], "expiring,low,notify"),
    case("expiring_no_time_zone", Under(&["app", "de"]), Nothing, &[said(Found(&["active"], &[("expiration", 12)], NoTimeZone))], "expiring,low,notify"),
];

/// The row `unknown`: each case lacks the evidence in its own way.
#[rustfmt::skip]
static UNKNOWN: &[Case] = &[
    case("unknown_uncovered", Under(&["io", "de", "co.uk"]), Nothing, &[], "unknown,unknown,lookup"),
    case("unknown_private_suffix", Under(&["uk.com", "uk.com"]), Nothing, &[], "unknown,unknown,lookup"),
    case("unknown_stale_zone", Under(&["info", "info"]), Nothing, &[], "unknown,unknown,lookup"),
    case("unknown_list", Under(&["se", "se"]), Nothing, &[], "unknown,unknown,lookup"),
    case("unknown_presence_outlived", Under(&["mobi", "mobi"]), Delegated, &[], "unknown,unknown,lookup"),
    case("unknown_redirector", Under(&["io", "app"]), Nothing, &[Answer { age: 1, from: Redirector, content: NotFound(Error) }], "unknown,unknown,lookup"),
    case("unknown_html", Under(&["io"]), Nothing, &[said(NotFound(Html))], "unknown,unknown,lookup"),
    case("unknown_rdap_failed", Under(&["app"]), Nothing, &[said(Failed(429))], "unknown,unknown,lookup"),
    case("unknown_answer_too_old", Under(&["io", "app"]), Nothing, &[said_before(60, OK)], "unknown,unknown,lookup"),
    case("unknown_answer_after_as_of", Under(&["app"]), Nothing, &[said_before(-2, OK)], "unknown,unknown,lookup"),
    case("unknown_other_name", Under(&["io"]), Nothing, &[said(OtherName)], "unknown,unknown,lookup"),
    case("unknown_torn_line", Under(&["de"]), Nothing, &[said(Torn)], "unknown,unknown,lookup"),
];

/// The state `reregistered`, and verifications which it does not touch.
#[rustfmt::skip]
static REREGISTERED: &[Case] = &[
    Case {
        also: &[
            ("reregistered_verified_later", At("2026-02-03T17:20:00Z"), "active,none,none"),
            ("reregistered_verified_never", Never, "active,none,none"),
            ("reregistered_verified_the_day_before", At("2025-09-09"), "reregistered,critical,unverify"),
            ("reregistered_verified_the_same_day", At("2025-09-10"), "active,none,none"),
        ],
        ..case("reregistered", Under(&["com", "net", "org"]), Delegated, &[said(REGISTERED_LATER)], "reregistered,critical,unverify")
    },
    Case {
        also: &[("reregistered_reinstantiated_verified_later", At("2026-04-18T08:00:00Z"), "active,none,none")],
        ..case("reregistered_reinstantiated", Under(&["com", "dev"]), Delegated, &[said(Found(&["active"], &[("reinstantiation", -150)], Plain))], "reregistered,critical,unverify")
    },
    Case {
        also: &[("reregistered_uncovered_verified_later", At("2026-02-03T17:20:00Z"), "active,none,none")],
        ..case("reregistered_uncovered", Under(&["app"]), Nothing, &[said(REGISTERED_LATER)], "reregistered,critical,unverify")
    },
    case("reregistered_by_old_answer", Under(&["net"]), Delegated, &[said_before(60, REGISTERED_LATER)], "reregistered,critical,unverify"),
    case("reregistered_by_old_answer_uncovered", Under(&["io"]), Nothing, &[said_before(60, REGISTERED_LATER)], "reregistered,critical,unverify"),
    case("reregistered_undelegated", Under(&["org"]), Nothing, &[said(REGISTERED_LATER)], "reregistered,critical,unverify"),
    case("reregistered_held", Under(&["dev"]), Delegated, &[said(Found(&["client hold"], &[("registration", -264)], Plain))], "reregistered,critical,unverify"),
    case("reregistered_expiring", Under(&["com"]), Delegated, &[said(Found(&["active"], &[("registration", -353), ("expiration", 12)], Plain))], "reregistered,critical,unverify"),
];

/// The second door: name servers in domains that others can register, now or soon.
#[rustfmt::skip]
static NAME_SERVERS: &[Case] = &[
    case("ns_all_absent", Under(&["com", "net", "info"]), Served(&["ns1.lapsed-dns-example.com", "ns2.lapsed-dns-example.com"]), &[], "active,critical,lookup"),
    case("ns_some_absent", Under(&["org", "dev"]), Served(&["ns1.harbor-dns-example.net", "ns1.lapsed-dns-example.com"]), &[], "active,high,lookup"),
    case("ns_all_available", Under(&["com", "dev"]), Served(&["ns1.gone-dns-example.org", "ns2.gone-dns-example.org"]), &[], "active,critical,unverify"),
    case("ns_some_available", Under(&["net"]), Served(&["ns1.gone-dns-example.org", "ns1.meadow-dns-example.org"]), &[said(OK)], "active,high,unverify"),
    case("ns_soon", Under(&["org", "com"]), Served(&["ns1.dying-dns-example.net", "ns2.harbor-dns-example.net"]), &[], "active,high,review"),
    case("ns_through_a_chain", Under(&["net", "com"]), Served(&["ns1.chained-dns-example.com"]), &[], "active,critical,lookup"),
    case("ns_uncovered", Under(&["com"]), Served(&["ns1.basalt-dns-example.io", "ns2.basalt-dns-example.io"]), &[], "active,none,none"),
    case("ns_hijackable_expiring", Under(&["com"]), Served(&["ns1.lapsed-dns-example.com"]), &[said(EXPIRING)], "expiring,critical,lookup"),
    case("parked", Under(&["com"]), Served(&["ns1.sedoparking.com", "ns2.sedoparking.com"]), &[said(OK)], "active,none,none"),
    case("parked_at_expiry", Under(&["com", "net"]), Served(&["ns1.pendingrenewaldeletion.com", "ns2.pendingrenewaldeletion.com"]), &[said(Found(&["auto renew period"], &[("expiration", 344)], Plain))], "grace,medium,notify"),
];

/// What the zones remember: `net` is there four times, on 2026-01-20, 03-05, 04-10 and 05-31.
#[rustfmt::skip]
static HISTORY: &[Case] = &[
    Case {
        also: &[
            ("reregistered_gap_verified_within", At("2026-03-20T10:00:00Z"), "reregistered,critical,review"),
            ("reregistered_gap_verified_later", At("2026-04-20T10:00:00Z"), "active,none,none"),
            ("reregistered_gap_verified_never", Never, "active,none,none"),
        ],
        ..case("reregistered_gap", Under(&["net", "net"]), Over([true, false, false, true]), &[], "reregistered,critical,review")
    },
    case("reregistered_gap_void", Under(&["net"]), Over([true, false, false, true]), &[said(OK)], "active,none,none"),
    case("history_gap_too_short", Under(&["net", "net"]), Over([true, true, false, true]), &[], "active,none,none"),
    case("history_new_name", Under(&["net"]), Over([false, false, true, true]), &[], "active,none,none"),
    case("absent_since_march", Under(&["net", "net"]), Over([true, false, false, false]), &[], "absent,critical,lookup"),
    case("absent_since_may", Under(&["net"]), Over([true, true, true, false]), &[], "absent,high,lookup"),
    case("moved_after_expiry", Under(&["net"]), ParkedOnce, &[said(Found(&["client transfer prohibited"], &[("expiration", 275)], Plain))], "active,medium,review"),
    Case { verified: Verified::At("2025-01-15T08:00:00Z"), ..case("reregistered_not_found_before", Under(&["com", "org"]), Delegated, &[said_before(10, NotFound(Error))], "reregistered,critical,review") },
];

/// Answers and addresses that are written in unusual ways, and must not be lost for it.
#[rustfmt::skip]
static SHAPES: &[Case] = &[
    case("answer_no_time_zone", Under(&["io"]), Nothing, &[said(Found(&["active"], &[], NoTimeZone))], "active,none,none"),
    case("answer_numeric_offset", Under(&["app"]), Nothing, &[said(Found(&["active"], &[], NumericOffset))], "active,none,none"),
    case("answer_fraction", Under(&["de"]), Nothing, &[said(Found(&["active"], &[], Fraction))], "active,none,none"),
    case("answer_never_expires", Under(&["io"]), Nothing, &[said(Found(&["active"], &[], NeverExpires))], "active,none,none"),
    case("answer_no_expiration", Under(&["de"]), Nothing, &[said(Found(&["active"], &[], NoExpiration))], "active,none,none"),
    case("answer_no_status", Under(&["app"]), Nothing, &[said(Found(&[], &[], NoStatus))], "active,none,none"),
    case("answer_shouted_name", Under(&["app"]), Nothing, &[said(Found(&["active"], &[], ShoutedName))], "active,none,none"),
    case("unicode_present", Unicode(&[("bücher-example.com", "xn--bcher-example-wob.com"), ("SMÖRGÅS-example.org", "xn--smrgs-example-sfb6w.org")]), Delegated, &[], "active,none,none"),
    case("unicode_non_transitional", Unicode(&[("straße-example.net", "xn--strae-example-edb.net")]), Delegated, &[], "active,none,none"),
    case("unicode_found", Unicode(&[("παράδειγμα-example.io", "xn---example-27f3cbxmo4d7b7ct.io")]), Nothing, &[said(OK)], "active,none,none"),
    case("unicode_absent", Unicode(&[("młyn-example.com", "xn--myn-example-t5b.com")]), Nothing, &[], "absent,high,lookup"),
    case("unicode_as_a_label", Exactly(&["xn--rksmrgs-example-0kbw71a.net"]), Nothing, &[said(NotFound(Error))], "available,critical,unverify"),
    written("address_upper_case", Form::UpperCase, &["com", "dev"]),
    written("address_trailing_dot", Form::TrailingDot, &["net"]),
    written("address_subdomain", Form::Subdomain, &["com", "org"]),
    Case { form: Form::Subdomain, ..case("address_subdomain_available", Under(&["com"]), Nothing, &[said(NotFound(Error))], "available,critical,unverify") },
    Case { form: Form::Subdomain, ..case("address_subdomain_unknown", Under(&["co.uk"]), Nothing, &[], "unknown,unknown,lookup") },
    written("address_blanks", Form::Blanks, &["com"]),
    written("address_wide_dot", Form::WideDot, &["net"]),
    written("address_quoted", Form::Quoted, &["org"]),
    written("address_two_at_signs", Form::TwoAtSigns, &["com"]),
    written("address_empty_local", Form::EmptyLocal, &["net"]),
    written("address_double_dot", Form::DoubleDot, &["org"]),
    written("address_underscore", Form::Underscore, &["com"]),
];

/// Mail domains that lists know. Classes are columns and change no verdict; a closed service is told to the account.
/// Nobody can have these mailboxes, see [`Form::Hyphens`].
#[rustfmt::skip]
static MAIL: &[Case] = &[
    Case { form: Form::Hyphens, ..case("mail_free", Exactly(&["outlook.com", "laposte.net"]), Delegated, &[], "active,none,none") },
    case("mail_disposable", Exactly(&["mailinator.com"]), Delegated, &[], "active,none,none"),
    Case { form: Form::Subdomain, ..case("mail_disposable_below", Exactly(&["yopmail.net"]), Delegated, &[], "active,none,none") },
    Case { form: Form::Hyphens, accounts: Some(120), ..case("mail_free_provider", Exactly(&["gmail.com"]), Delegated, &[], "active,none,none") },
    Case { accounts: Some(1), ..case("mail_mistyped", Exactly(&["gnail.com"]), Delegated, &[], "active,none,none") },
    case("mail_closed", Exactly(&["fsmail.net"]), Delegated, &[], "active,none,notify"),
    case("mail_closed_and_expiring", Exactly(&["orange.net"]), Delegated, &[said(EXPIRING)], "expiring,low,notify"),
];

/// Every class, in the order of the contract's table.
pub static CASES: &[&[Case]] = &[
    ACTIVE,
    OUTSIDE,
    LAPSING,
    TROUBLED,
    UNKNOWN,
    REREGISTERED,
    NAME_SERVERS,
    HISTORY,
    SHAPES,
    REGISTRIES,
    STANDING,
    UNITS,
    MAIL,
];

/// A zone that broke off while it was downloaded proves presence, never absence.
#[rustfmt::skip]
static BROKEN_ZONE: &[Case] = &[
    case("active_unclosed_zone", Under(&["biz", "biz"]), Delegated, &[], "active,none,none"),
    case("active_unclosed_zone_lacks_it", Under(&["biz"]), Nothing, &[said(OK)], "active,none,none"),
    case("available_unclosed_zone", Under(&["biz"]), Nothing, &[said(NotFound(Error))], "available,high,review"),
    case("unknown_unclosed_zone", Under(&["biz", "biz"]), Nothing, &[], "unknown,unknown,lookup"),
    case("ns_some_absent_unclosed_zone", Under(&["biz"]), Served(&["ns1.harbor-dns-example.net", "ns1.lapsed-dns-example.com"]), &[], "active,high,lookup"),
];

/// The classes of the world with a broken zone.
pub static BROKEN_CASES: &[&[Case]] = &[BROKEN_ZONE];
