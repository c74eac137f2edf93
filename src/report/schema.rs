//! The columns of the tables: names, types, meaning. The tables are built by it, checked against it, and
//! `zonelapse schema` prints it.

use std::sync::Arc;

use polars::prelude::{DataType, Field, PlSmallStr, Schema, TimeUnit, TimeZone};
use serde::Serialize;

/// Version of the tables' form: raised when a column changes its name, type or meaning.
pub const SCHEMA_VERSION: &str = "1";

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// UTF-8; dictionary-encoded where values repeat.
    Text,
    /// A list of texts.
    TextList,
    /// Signed 64-bit number.
    Integer,
    /// True or false.
    Boolean,
    /// Parquet DATE.
    Date,
    /// Parquet TIMESTAMP(UTC), microseconds.
    Timestamp,
    /// A list of (host, domain, state, source), all texts.
    Hosts,
}

/// A column.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Type,
    /// One line for a person.
    pub about: &'static str,
}

/// A table.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Table {
    /// File name without `.parquet`.
    pub name: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// The columns in their order.
    pub columns: &'static [Column],
}

const fn column(name: &'static str, kind: Type, about: &'static str) -> Column {
    Column { name, kind, about }
}

use Type::{Boolean, Date, Hosts, Integer, Text, TextList, Timestamp};

/// One row per accepted account.
pub const ACCOUNTS: Table = Table {
    name: "accounts",
    row: "an accepted account, in input order",
    columns: &[
        column("source", Text, "input file, as named on the command line"),
        column("row", Integer, "1-based data record of that file, header excluded"),
        column("account_id", Text, "the account's identifier"),
        column("mail_domain", Text, "domain of the address in A-labels"),
        column(
            "registrable_domain",
            Text,
            "registrable domain under the ICANN section; null for a public suffix",
        ),
        column("judged_domain", Text, "the domain whose verdict stands"),
        column("state", Text, "state, see `zonelapse rules`"),
        column("risk", Text, "critical, high, medium, low, none or unknown"),
        column("action", Text, "unverify, review, notify, lookup or none"),
        column("action_before_breaker", Text, "the action if a circuit breaker changed it, else null"),
        column("rule", Text, "the rule that decided"),
        column("reasons", TextList, "what else was noticed"),
        column("verified_at", Timestamp, "when the address was verified"),
        column("weight", Integer, "weight of the account, such as downloads"),
        column("earliest_drop_on", Date, "first day on which someone else can register the domain"),
        column("latest_drop_on", Date, "last such day if the holder does nothing"),
        column("days_to_drop", Integer, "days from as-of to earliest_drop_on, not below 0"),
    ],
};

/// Columns of `accounts` that are there only if asked for.
pub const OPTIONAL_ACCOUNT_COLUMNS: [Column; 2] = [
    column("email", Text, "the address, only with --keep-email"),
    column("email_hash", Text, "HMAC-SHA-256 of the address, only with --hash-email"),
];

/// One row per distinct judged domain.
pub const DOMAINS: Table = Table {
    name: "domains",
    row: "a distinct judged domain, sorted by name",
    columns: &[
        column(
            "registrable_domain",
            Text,
            "registrable domain under the ICANN section; null for a public suffix",
        ),
        column("judged_domain", Text, "the name that was judged"),
        column("public_suffix", Text, "the public suffix it is registered under"),
        column("suffix_kind", Text, "icann, private or implicit"),
        column("tld", Text, "top-level domain"),
        column("accounts", Integer, "accounts for which it stands"),
        column("weight", Integer, "sum of their weights; null if none has one"),
        column("state", Text, "state, see `zonelapse rules`"),
        column("risk", Text, "critical, high, medium, low, none or unknown"),
        column("action", Text, "unverify, review, notify, lookup or none"),
        column("action_before_breaker", Text, "the action if a circuit breaker changed it, else null"),
        column("rule", Text, "the rule that decided"),
        column("reasons", TextList, "what else was noticed"),
        column("corroborated", Boolean, "zone and RDAP, each on its own, say the same"),
        column("zone", Text, "origin of the covering zone; `.` is the root"),
        column("zone_coverage", Text, "complete, stale, unclosed, shrunk, list or none"),
        column("zone_serial", Integer, "serial of its SOA"),
        column("zone_date", Date, "its date"),
        column("zone_date_source", Text, "given, serial_date, serial_unix or file_time"),
        column("present", Boolean, "in the zone; null if the zone cannot tell"),
        column("name_servers", TextList, "targets of its NS records, sorted"),
        column("has_ds", Boolean, "it has a DS record; null unless present"),
        column("first_seen", Date, "first snapshot that held it"),
        column("last_seen", Date, "last snapshot that held it"),
        column("gap_from", Date, "first date of its latest absence of 35 days or more"),
        column("gap_to", Date, "last date of that absence"),
        column("dropped_on", Date, "first complete snapshot without it"),
        column("rdap_outcome", Text, "found, not_found, error or none"),
        column("rdap_fetched_at", Timestamp, "when the answer was fetched"),
        column("rdap_source", Text, "host of the answering server"),
        column("rdap_status", TextList, "statuses in RFC 8056 spelling"),
        column("registered_at", Timestamp, "event registration"),
        column("expires_at", Timestamp, "event expiration"),
        column("registrar_expires_at", Timestamp, "event registrar expiration"),
        column("changed_at", Timestamp, "event last changed"),
        column("transferred_at", Timestamp, "event transfer"),
        column("registrar", Text, "name of the registrar"),
        column("registrar_iana_id", Integer, "its IANA registrar ID"),
        column("hijackable_name_servers", Hosts, "name servers whose own domain can be registered"),
        column("earliest_drop_on", Date, "first day on which someone else can register it"),
        column("latest_drop_on", Date, "last such day if the holder does nothing"),
        column("days_to_drop", Integer, "days from as-of to earliest_drop_on, not below 0"),
        column("state_since", Date, "first report in which it had this state"),
        column("domainr_status", Text, "the tokens a Domainr look-up would give, increasing precedence"),
    ],
};

/// One row per rejected account.
pub const REJECTED: Table = Table {
    name: "rejected",
    row: "a rejected row, in input order",
    columns: &[
        column("source", Text, "input file, as named on the command line"),
        column("row", Integer, "1-based data record of that file, header excluded"),
        column("account_id", Text, "the account's identifier, if it could be read"),
        column(
            "reason",
            Text,
            "empty, no_at_sign, empty_domain, address_literal, invalid_domain, label_too_long, name_too_long, \
             single_label or malformed_row",
        ),
    ],
};

/// The first columns of `tlds`; those by state follow.
pub const TLDS: Table = Table {
    name: "tlds",
    row: "a top-level domain and a zone that covers domains in it, or no zone",
    columns: &[
        column("tld", Text, "top-level domain"),
        column("zone", Text, "origin of the zone; `.` is the root; null if none covers"),
        column("zone_path", Text, "the file it was read from"),
        column("zone_coverage", Text, "complete, stale, unclosed, shrunk, list or none"),
        column("coverage_reason", Text, "why the coverage is no better"),
        column("zone_serial", Integer, "serial of its SOA"),
        column("zone_date", Date, "its date"),
        column("zone_date_source", Text, "given, serial_date, serial_unix or file_time"),
        column("names", Integer, "names in the zone"),
        column("domains", Integer, "judged domains"),
        column("accounts", Integer, "their accounts"),
    ],
};

/// Every table.
pub const TABLES: [Table; 4] = [ACCOUNTS, DOMAINS, REJECTED, TLDS];

impl Type {
    /// The type in Polars.
    pub fn data_type(self) -> DataType {
        let host = |name: &str| Field::new(name.into(), DataType::String);
        match self {
            Self::Text => DataType::String,
            Self::TextList => DataType::List(Box::new(DataType::String)),
            Self::Integer => DataType::Int64,
            Self::Boolean => DataType::Boolean,
            Self::Date => DataType::Date,
            Self::Timestamp => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
            Self::Hosts => {
                let fields = ["host", "domain", "state", "source"].map(host).to_vec();
                DataType::List(Box::new(DataType::Struct(fields)))
            }
        }
    }

    /// The type in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::TextList => "list of text",
            Self::Integer => "int64",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp (UTC)",
            Self::Hosts => "list of struct",
        }
    }
}

/// The schema of these columns.
pub fn schema_of<'a>(columns: impl IntoIterator<Item = (&'a str, Type)>) -> Arc<Schema> {
    let fields = columns.into_iter().map(|(name, kind)| Field::new(PlSmallStr::from(name), kind.data_type()));
    Arc::new(Schema::from_iter(fields))
}
