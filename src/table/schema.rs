//! The columns of the tables: names, types, meaning. The tables are built by it, checked against it, and
//! `zonelapse schema` prints it.

use polars_arrow::array::ListArray;
use polars_arrow::datatypes::{ArrowDataType, Field, IntegerType, TimeUnit};
use serde::{Serialize, Serializer};

/// Version of the tables' form: raised when a column changes its name, type or meaning.
pub const SCHEMA_VERSION: &str = "1";

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// UTF-8, mostly unique.
    Text,
    /// UTF-8 of few distinct values, dictionary-encoded.
    Word,
    /// A list of such.
    WordList,
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

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
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

use Type::{Boolean, Date, Hosts, Integer, Text, Timestamp, Word, WordList};

/// One row per accepted account.
pub const ACCOUNTS: Table = Table {
    name: "accounts",
    row: "an accepted account, in input order",
    columns: &[
        column("source", Word, "input file, as named on the command line"),
        column("row", Integer, "1-based data record of that file, header excluded"),
        column("account_id", Text, "the account's identifier"),
        column("mail_domain", Word, "domain of the address in A-labels"),
        column(
            "registrable_domain",
            Word,
            "registrable domain under the ICANN section; null for a public suffix",
        ),
        column("judged_domain", Word, "the domain whose verdict stands"),
        column("state", Word, "state, see `zonelapse rules`"),
        column("risk", Word, "critical, high, medium, low, none or unknown"),
        column("action", Word, "unverify, review, notify, lookup or none"),
        column("action_before_breaker", Word, "the action if a circuit breaker changed it, else null"),
        column("rule", Word, "the rule that decided"),
        column("reasons", WordList, "what else was noticed"),
        column("verified_at", Timestamp, "when the address was verified"),
        column("weight", Integer, "weight of the account, such as downloads"),
        column("earliest_drop_on", Date, "first day on which someone else can register the domain"),
        column("latest_drop_on", Date, "last such day if the holder does nothing"),
        column("days_to_drop", Integer, "days from as-of to earliest_drop_on, not below 0"),
    ],
};

/// One row per name that a snapshot holds or remembers.
pub const NAMES: Table = Table {
    name: "names",
    row: "a name that a snapshot holds or remembers, in the order of the snapshot (`zonelapse snapshot export`)",
    columns: &[
        column("name", Text, "the name, absolute, without the final dot"),
        column("present", Boolean, "in the zone at the snapshot's date"),
        column("name_servers", WordList, "targets of its NS records, sorted; the last known if not present"),
        column("has_ds", Boolean, "it has a DS record; the last known if not present"),
        column("first_seen", Date, "first snapshot that held it; null for names of the zone's first one"),
        column("last_seen", Date, "last snapshot that held it"),
        column("gap_from", Date, "first date of its latest absence"),
        column("gap_to", Date, "last date of that absence"),
        column("long_gap_from", Date, "first date of its latest absence of 35 days or more"),
        column("long_gap_to", Date, "last date of that absence"),
        column("dropped_on", Date, "first complete snapshot without it"),
        column("name_servers_changed_on", Date, "last date with other name servers than before"),
        column("name_servers_before", WordList, "name servers before that change"),
    ],
};

/// One row per name that changed between two snapshots.
pub const CHANGED_NAMES: Table = Table {
    name: "changed_names",
    row: "a name that changed between two snapshots (`zonelapse snapshot diff`)",
    columns: &[
        column("name", Text, "the name, absolute, without the final dot"),
        column("change", Word, "added, dropped, unseen, returned or name_servers"),
        column("name_servers_before", WordList, "targets of its NS records in the first snapshot"),
        column("name_servers", WordList, "targets of its NS records in the second"),
    ],
};

/// Columns of `accounts` that are there only if asked for.
pub const OPTIONAL_ACCOUNT_COLUMNS: [Column; 3] = [
    column("first_verified_at", Timestamp, "the earliest verification known, only with --previous"),
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
        column("public_suffix", Word, "the public suffix it is registered under"),
        column("suffix_kind", Word, "icann, private or implicit"),
        column("tld", Word, "top-level domain"),
        column("accounts", Integer, "accounts for which it stands"),
        column("weight", Integer, "sum of their weights; null if none has one"),
        column("state", Word, "state, see `zonelapse rules`"),
        column("risk", Word, "critical, high, medium, low, none or unknown"),
        column("action", Word, "unverify, review, notify, lookup or none"),
        column("action_before_breaker", Word, "the action if a circuit breaker changed it, else null"),
        column("rule", Word, "the rule that decided"),
        column("reasons", WordList, "what else was noticed"),
        column("corroborated", Boolean, "zone and RDAP, each on its own, say the same"),
        column("zone", Word, "origin of the covering zone; `.` is the root"),
        column("zone_coverage", Word, "complete, stale, unclosed, shrunk, list or none"),
        column("zone_serial", Integer, "serial of its SOA"),
        column("zone_date", Date, "its date"),
        column("zone_date_source", Word, "given, serial_date, serial_unix or file_time"),
        column("present", Boolean, "in the zone; null if the zone cannot tell"),
        column("name_servers", WordList, "targets of its NS records, sorted"),
        column("has_ds", Boolean, "it has a DS record; null unless present"),
        column("first_seen", Date, "first snapshot that held it"),
        column("last_seen", Date, "last snapshot that held it"),
        column("gap_from", Date, "first date of its latest absence of 35 days or more, else of its latest"),
        column("gap_to", Date, "last date of that absence"),
        column("dropped_on", Date, "first complete snapshot without it"),
        column("rdap_outcome", Word, "found, not_found, error or none"),
        column("rdap_fetched_at", Timestamp, "when the answer was fetched"),
        column("rdap_source", Word, "host of the answering server"),
        column("rdap_status", WordList, "statuses in RFC 8056 spelling"),
        column("registered_at", Timestamp, "event registration"),
        column("expires_at", Timestamp, "event expiration"),
        column("registrar_expires_at", Timestamp, "event registrar expiration"),
        column("changed_at", Timestamp, "event last changed"),
        column("transferred_at", Timestamp, "event transfer"),
        column("registrar", Word, "name of the registrar"),
        column("registrar_iana_id", Integer, "its IANA registrar ID"),
        column("hijackable_name_servers", Hosts, "name servers whose own domain can be registered"),
        column("earliest_drop_on", Date, "first day on which someone else can register it"),
        column("latest_drop_on", Date, "last such day if the holder does nothing"),
        column("days_to_drop", Integer, "days from as-of to earliest_drop_on, not below 0"),
        column("state_since", Date, "first report in which it had this state"),
        column("domainr_status", Word, "the tokens a Domainr look-up would give, increasing precedence"),
    ],
};

/// One row per RDAP answer that is kept.
pub const ANSWERS: Table = Table {
    name: "answers",
    row: "the newest RDAP answer of a server about a domain, sorted by domain (`zonelapse rdap import`)",
    columns: &[
        column("domain", Text, "the name asked about, in A-labels"),
        column("rdap_outcome", Word, "found, not_found or error"),
        column("rdap_fetched_at", Timestamp, "when the answer was fetched, else the time of its file"),
        column("dated", Boolean, "the answer itself told when; one that did not never proves absence"),
        column("rdap_source", Word, "host of the answering server; null if nobody told"),
        column(
            "rdap_status",
            WordList,
            "statuses in RFC 8056 spelling, others as they came; null unless found",
        ),
        column("registered_at", Timestamp, "latest event registration"),
        column("reregistered_at", Timestamp, "latest event reregistration"),
        column("reinstantiated_at", Timestamp, "latest event reinstantiation"),
        column("expires_at", Timestamp, "earliest event expiration"),
        column("registrar_expires_at", Timestamp, "earliest event registrar expiration"),
        column("changed_at", Timestamp, "latest event last changed"),
        column("transferred_at", Timestamp, "latest event transfer"),
        column("database_updated_at", Timestamp, "latest event last update of RDAP database"),
        column("registrar", Word, "name of the registrar"),
        column("registrar_iana_id", Integer, "its IANA registrar ID"),
        column("note", Word, "conformance: why it is an error, or the first fault that was tolerated"),
    ],
};

/// One row per rejected account.
pub const REJECTED: Table = Table {
    name: "rejected",
    row: "a rejected row, in input order",
    columns: &[
        column("source", Word, "input file, as named on the command line"),
        column("row", Integer, "1-based data record of that file, header excluded"),
        column("account_id", Text, "the account's identifier, if it could be read"),
        column(
            "reason",
            Word,
            "empty, no_at_sign, empty_domain, address_literal, invalid_domain, label_too_long, name_too_long, \
             single_label, malformed_row or several_addresses",
        ),
    ],
};

/// The first columns of `tlds`; those by state follow.
pub const TLDS: Table = Table {
    name: "tlds",
    row: "a top-level domain and a zone that covers domains in it, or no zone",
    columns: &[
        column("tld", Word, "top-level domain"),
        column("zone", Word, "origin of the zone; `.` is the root; null if none covers"),
        column("zone_path", Word, "the file it was read from"),
        column("zone_coverage", Word, "complete, stale, unclosed, shrunk, list or none"),
        column("coverage_reason", Word, "why the coverage is no better"),
        column("zone_serial", Integer, "serial of its SOA"),
        column("zone_date", Date, "its date"),
        column("zone_date_source", Word, "given, serial_date, serial_unix or file_time"),
        column("names", Integer, "names in the zone"),
        column("domains", Integer, "judged domains"),
        column("accounts", Integer, "their accounts"),
    ],
};

/// One row per domain or account that is otherwise than in an earlier report.
pub const CHANGES: Table = Table {
    name: "changes",
    row: "a domain or an account whose risk is otherwise than in the report of --previous",
    columns: &[
        column("kind", Word, "domain or account"),
        column("account_id", Text, "the account's identifier; null for a domain"),
        column("mail_domain", Word, "the account's mail domain; null for a domain"),
        column("judged_domain", Word, "the domain whose verdict stands"),
        column("change", Word, "newly_at_risk, worse, better, recovered or gone"),
        column("state_before", Word, "state in the earlier report; null if it does not know it"),
        column("risk_before", Word, "risk in the earlier report"),
        column("action_before", Word, "action in the earlier report"),
        column("state", Word, "state in this report; null if gone"),
        column("risk", Word, "risk in this report"),
        column("action", Word, "action in this report"),
    ],
};

/// Every table: those of a report, then those by themselves.
pub const TABLES: [Table; 8] = [ACCOUNTS, DOMAINS, REJECTED, TLDS, CHANGES, ANSWERS, NAMES, CHANGED_NAMES];

impl Type {
    /// The Arrow type in which a column is handed to the Parquet writer.
    pub fn stored(self) -> ArrowDataType {
        match self {
            Self::Text => ArrowDataType::Utf8View,
            Self::Word => {
                ArrowDataType::Dictionary(IntegerType::UInt32, Box::new(ArrowDataType::Utf8View), false)
            }
            Self::WordList => list(Self::Word.stored()),
            Self::Hosts => hosts(ArrowDataType::Utf8View),
            _ => self.shown(),
        }
    }

    /// The Arrow type that readers are told.
    pub fn shown(self) -> ArrowDataType {
        match self {
            Self::Text | Self::Word => ArrowDataType::LargeUtf8,
            Self::WordList => list(ArrowDataType::LargeUtf8),
            Self::Integer => ArrowDataType::Int64,
            Self::Boolean => ArrowDataType::Boolean,
            Self::Date => ArrowDataType::Date32,
            Self::Timestamp => ArrowDataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Hosts => hosts(ArrowDataType::LargeUtf8),
        }
    }

    /// The type in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Word => "text",
            Self::WordList => "list of text",
            Self::Integer => "int64",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp => "timestamp (UTC)",
            Self::Hosts => "list of struct",
        }
    }
}

fn list(item: ArrowDataType) -> ArrowDataType {
    ListArray::<i64>::default_datatype(item)
}

fn hosts(text: ArrowDataType) -> ArrowDataType {
    let field = |name: &str| Field::new(name.into(), text.clone(), true);
    list(ArrowDataType::Struct(["host", "domain", "state", "source"].map(field).to_vec()))
}

impl Table {
    /// Names and types of the columns, as a file is created with them.
    pub fn layout(&self) -> Vec<(String, Type)> {
        self.columns.iter().map(|column| (column.name.to_owned(), column.kind)).collect()
    }
}
