//! The accounts of the sample: addresses in all their spellings, and rows that must be rejected.

use crate::calendar::{DAY, date_text, text};
use crate::cases::{Form, Verified};
use crate::random::Random;

/// 2020-01-01T00:00:00Z, the first moment of an ordinary verification.
const FIRST_VERIFIED: i64 = 18_262 * DAY;

/// Days from there to 2024-12-28, the last.
const VERIFIED_DAYS: u64 = 1_823;

/// One account and what is to be said about it.
pub struct Account {
    /// The address as the service has it.
    pub email: String,
    /// RFC 3339, or a date, or empty.
    pub verified_at: String,
    pub class: &'static str,
    /// `state,risk,action`.
    pub expected: &'static str,
}

/// One record of `accounts.csv`.
pub enum Row {
    Accepted(Account),
    Rejected(&'static Rejected),
}

/// A record in which no domain can be told.
pub struct Rejected {
    pub email: &'static str,
    /// Columns more (positive) or fewer (negative) than the header has.
    pub ragged: i8,
    pub reason: &'static str,
}

const fn rejected(email: &'static str, reason: &'static str) -> Rejected {
    Rejected { email, ragged: 0, reason }
}

/// One record each.
#[rustfmt::skip]
pub static REJECTED: &[Rejected] = &[
    rejected("", "empty"),
    rejected("   ", "empty"),
    rejected("user901.copper-otter-example.com", "no_at_sign"),
    rejected("user902@", "empty_domain"),
    rejected("user903@[192.0.2.1]", "address_literal"),
    rejected("user904@[IPv6:2001:db8::1]", "address_literal"),
    rejected("user905@copper..otter-example.com", "invalid_domain"),
    rejected("user906@copper otter-example.com", "invalid_domain"),
    rejected("user907@copper_otter-example.com", "invalid_domain"),
    rejected("user908@copper-otter-example-with-a-label-of-more-than-sixty-three-letters.com", "label_too_long"),
    rejected("user909@a-very-long-host-name-for-the-mail-of-copper-otter-example.a-very-long-host-name-for-the-mail-of-copper-otter-example.a-very-long-host-name-for-the-mail-of-copper-otter-example.a-very-long-host-name-for-the-mail-of-copper-otter-example.copper-otter-example.com", "name_too_long"),
    rejected("root@localhost", "single_label"),
    rejected("user910@com", "single_label"),
    Rejected { email: "user911@copper-otter-example.com", ragged: 2, reason: "malformed_row" },
    Rejected { email: "user912@copper-otter-example.com", ragged: -2, reason: "malformed_row" },
];

/// An address at `domain`; `number` tells mailboxes apart.
pub fn address(form: Form, domain: &str, number: u64) -> String {
    match form {
        Form::Plain => format!("user{number}@{domain}"),
        Form::Hyphens => format!("no-mail-box-{number}@{domain}"),
        Form::UpperCase => format!("User{number}@{}", domain.to_uppercase()),
        Form::TrailingDot => format!("user{number}@{domain}."),
        Form::Subdomain => format!("user{number}@mail.sub.{domain}"),
        Form::Blanks => format!("  user{number}@{domain} "),
        Form::WideDot => {
            let (name, tld) = domain.rsplit_once('.').unwrap_or((domain, "com"));
            format!("user{number}@{name}\u{3002}{tld}")
        }
        Form::Quoted => format!("\"user {number}\"@{domain}"),
        Form::TwoAtSigns => format!("user{number}@home@{domain}"),
        Form::EmptyLocal => format!("@{domain}"),
        Form::DoubleDot => format!("user..{number}@{domain}"),
        Form::Underscore => format!("user{number}@mail_host.{domain}"),
    }
}

/// The text of a verification; one in eight of the ordinary ones is a date without a time.
pub fn verified_text(verified: Verified, random: &mut Random) -> String {
    match verified {
        Verified::Never => String::new(),
        Verified::At(moment) => moment.to_owned(),
        Verified::Usual => {
            let day = FIRST_VERIFIED + random.below(VERIFIED_DAYS) as i64 * DAY;
            let second = random.below(DAY as u64) as i64;
            if random.below(8) == 0 { date_text(day) } else { text(day + second) }
        }
    }
}

/// `text` as a CSV field (RFC 4180), in quotes only where it needs them.
pub fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The record of `row` (1-based) with its line end.
pub fn record(row: usize, content: &Row, random: &mut Random) -> String {
    let id = format!("user-{row:06}");
    // Few accounts have most of the downloads.
    let downloads = 10_f64.powf(random.fraction() * 6.0) as u64;
    match content {
        Row::Accepted(account) => {
            format!("{id},{},{},{downloads}\n", field(&account.email), account.verified_at)
        }
        Row::Rejected(odd) => {
            let verified = verified_text(Verified::Usual, random);
            match odd.ragged {
                0 => format!("{id},{},{verified},{downloads}\n", field(odd.email)),
                1.. => format!("{id},{},{verified},{downloads},,\n", field(odd.email)),
                _ => format!("{id},{}\n", field(odd.email)),
            }
        }
    }
}
