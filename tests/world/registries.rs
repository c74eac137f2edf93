//! The planted cases about single registries: their clocks and words, whose answer counts, and where the registered
//! unit is.
//!
//! Verdicts are written down by hand, as in `planted`.

use crate::cases::Body::{Error, Reserved};
use crate::cases::Content::{Found, NotFound};
use crate::cases::Holding::{Delegated, Nothing, Weekly};
use crate::cases::Naming::{Exactly, Under};
use crate::cases::Shape::{NameOnly, NoExpiration, Plain, StatusOnly};
use crate::cases::Source::{OtherUnlisted, ParentRegistry, Registrar, Unlisted};
use crate::cases::Verified::At;
use crate::cases::{Answer, Case, Content, Form, Source};
use crate::planted::{OK, case, said};

const HELD: Content = Found(&["client hold", "client transfer prohibited"], &[], Plain);
const REDEMPTION: Content = Found(&["redemption period", "pending delete"], &[("expiration", -48)], Plain);

/// Yesterday's answer of somebody else than the registry.
const fn told(from: Source, content: Content) -> Answer {
    Answer { age: 1, from, content }
}

/// A name that expired so many days ago, with this status and nothing else out of order.
const fn expired(statuses: &'static [&'static str], event: &'static [(&'static str, i64)]) -> Answer {
    said(Found(statuses, event, Plain))
}

/// Registries count from other days and use other words.
#[rustfmt::skip]
pub static REGISTRIES: &[Case] = &[
    // uk: out on day 30, renewable to day 90, then final; `pending delete` is shown from day 30 on
    case("uk_day_31_of_95", Under(&["co.uk"]), Nothing, &[expired(&["pending delete"], &[("expiration", -31)])], "redemption,high,unverify"),
    case("uk_day_91_of_95", Under(&["co.uk", "uk"]), Nothing, &[expired(&["pending delete"], &[("expiration", -91)])], "pending_delete,critical,unverify"),
    case("uk_day_81_without_status", Under(&["co.uk"]), Nothing, &[expired(&[], &[("expiration", -81)])], "grace,medium,notify"),
    case("uk_expired_long_ago", Under(&["co.uk"]), Nothing, &[expired(&[], &[("expiration", -200)])], "unknown,unknown,lookup"),
    // se: deactivated from day 10 to day 70
    case("se_deactivated", Under(&["se"]), Nothing, &[expired(&["deactivated"], &[("expiration", -20)])], "redemption,high,unverify"),
    // it: paid names show a past day for up to 15 days
    case("it_paid_but_late", Under(&["it", "it"]), Nothing, &[expired(&["ok"], &[("expiration", -8)])], "active,none,none"),
    // cz: pending delete alone is final; `inactive` with a past day can still be renewed
    case("cz_pending_delete_alone", Under(&["cz"]), Nothing, &[said(Found(&["pending delete"], &[], StatusOnly))], "pending_delete,critical,unverify"),
    case("cz_out_of_zone", Under(&["cz"]), Nothing, &[expired(&["inactive"], &[("expiration", -40)])], "redemption,high,unverify"),
    // au: on hold means that the licence has expired
    case("au_server_hold", Under(&["com.au"]), Nothing, &[said(Found(&["server hold"], &[], NoExpiration))], "redemption,high,unverify"),
    // br: found, but with nothing in the answer that only a registration has
    case("br_name_only", Under(&["com.br"]), Nothing, &[said(Found(&[], &[], NameOnly))], "unknown,unknown,lookup"),
    // no line in the table: pending delete may be restorable
    case("no_clock_pending_delete", Under(&["kr"]), Nothing, &[told(Unlisted, Found(&["pending delete"], &[("expiration", -5)], Plain))], "redemption,high,unverify"),
    case("unknown_status", Under(&["io", "app"]), Nothing, &[said(Found(&["in limbo"], &[], Plain))], "unknown,unknown,review"),
    case("unknown_status_present", Under(&["com"]), Delegated, &[said(Found(&["in limbo"], &[], Plain))], "active,none,none"),
    case("reserved", Under(&["com", "app"]), Nothing, &[said(NotFound(Reserved))], "not_registrable,low,notify"),
    // ch: a deletion takes 40 days. The zones are of 04-10, 04-16, 04-22, 05-18, 05-24 and 05-31.
    case("ch_gone_for_44_days", Under(&["ch", "ch"]), Weekly([true, false, false, false, true, true]), &[], "reregistered,critical,review"),
    case("ch_gone_for_38_days", Under(&["ch"]), Weekly([true, true, false, false, true, true]), &[], "active,none,none"),
    case("ch_gone_since_may", Under(&["ch"]), Weekly([true, true, true, false, false, false]), &[], "absent,high,lookup"),
    case("zone_dated_by_signatures", Under(&["xyz", "xyz"]), Nothing, &[], "absent,high,lookup"),
    case("zone_dated_by_signatures_present", Under(&["xyz"]), Delegated, &[], "active,none,none"),
    // registered again after the verification, and now expired again
    Case {
        also: &[("redemption_verified_after_reregistration", At("2026-02-03T17:20:00Z"), "redemption,high,unverify")],
        ..case("redemption_after_reregistration", Under(&["org"]), Nothing, &[said(Found(&["redemption period"], &[("registration", -400), ("expiration", -48)], Plain))], "redemption,critical,unverify")
    },
];

/// Whose answer counts.
#[rustfmt::skip]
pub static STANDING: &[Case] = &[
    case("registrar_404_after_registry", Under(&["com", "org"]), Delegated, &[said(OK), told(Registrar, NotFound(Error))], "active,none,none"),
    case("registrar_404_held", Under(&["com"]), Nothing, &[said(HELD), told(Registrar, NotFound(Error))], "hold,medium,notify"),
    case("registrar_404_alone", Under(&["net"]), Nothing, &[told(Registrar, NotFound(Error))], "absent,high,lookup"),
    case("registrar_404_uncovered", Under(&["app"]), Nothing, &[told(Registrar, NotFound(Error))], "unknown,unknown,lookup"),
    case("private_registry_redemption", Under(&["uk.com"]), Nothing, &[said(REDEMPTION)], "redemption,high,unverify"),
    case("private_parent_registry_404", Under(&["uk.com"]), Nothing, &[told(ParentRegistry, NotFound(Error))], "unknown,unknown,lookup"),
    case("unlisted_found", Under(&["es"]), Nothing, &[told(Unlisted, OK)], "active,none,none"),
    case("unlisted_404", Under(&["es"]), Nothing, &[told(Unlisted, NotFound(Error))], "available,high,review"),
    case("unlisted_disagree", Under(&["es"]), Nothing, &[told(Unlisted, OK), told(OtherUnlisted, NotFound(Error))], "unknown,unknown,review"),
];

/// Where the registered unit is: in `.name` below the surname, while names below it are all that the zone holds.
#[rustfmt::skip]
pub static UNITS: &[Case] = &[
    case("unit_deeper_present", Exactly(&["ana.kestrel-example.name", "per.kestrel-example.name"]), Delegated, &[], "active,none,none"),
    case("unit_deeper_gone", Exactly(&["erik.kestrel-example.name"]), Nothing, &[said(NotFound(Error))], "available,critical,unverify"),
    case("unit_deeper_absent", Exactly(&["ida.kestrel-example.name"]), Nothing, &[], "absent,high,lookup"),
    Case { form: Form::Subdomain, ..case("unit_deeper_subdomain", Exactly(&["eva.kestrel-example.name"]), Delegated, &[said(OK)], "active,none,none") },
    case("unit_only_names_below", Exactly(&["kestrel-example.name"]), Nothing, &[said(NotFound(Error))], "unknown,unknown,lookup"),
    case("unit_surname", Under(&["name"]), Delegated, &[], "active,none,none"),
    case("unit_surname_gone", Exactly(&["tove.plover-example.name"]), Nothing, &[], "absent,high,lookup"),
];
