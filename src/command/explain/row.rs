//! A row of `domains.parquet`, read back: all that is told of a name comes from one.
//!
//! A finished report has such rows. Where evidence was read instead, the row that a report would have is written to a
//! temporary file and read again. So `explain` shows what the report shows, in the same words, and its JSON has the names
//! and values of the columns.

use serde::Serialize;

use crate::assess::{Action, Reason, Risk, State};
use crate::error::Result;
use crate::rdap::RdapOutcome;
use crate::report::finished::known;
use crate::snapshot::Coverage;
use crate::table::slice::Slice;
use crate::time::{Day, Moment};

/// Reads a value of a column of some rows.
pub(super) trait ReadCell: Sized {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self>;
}

/// Declares the columns once: a field is a column of the same name.
macro_rules! domain_row {
    ($($(#[$doc:meta])* $column:ident: $value:ty),+ $(,)?) => {
        /// A judged domain as a report has it.
        #[derive(Debug, Clone, Serialize)]
        pub(super) struct DomainRow { $($(#[$doc])* pub(super) $column: $value),+ }

        impl DomainRow {
            /// The columns that are read.
            pub(super) const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            /// Reads a row.
            pub(super) fn read(slice: &Slice, row: usize) -> Result<Self> {
                Ok(Self { $($column: ReadCell::read(slice, stringify!($column), row)?),+ })
            }
        }
    };
}

domain_row! {
    /// The name that was judged.
    judged_domain: String,
    /// Registrable domain under the ICANN section.
    registrable_domain: Option<String>,
    public_suffix: Option<String>,
    /// `icann`, `private` or `implicit`.
    suffix_kind: Option<String>,
    tld: Option<String>,
    /// `free` or `disposable`.
    mail_class: Option<String>,
    typo_of: Option<String>,
    mail_closed_on: Option<Day>,
    state: State,
    risk: Risk,
    risk_rank: Option<i64>,
    action: Action,
    action_before_breaker: Option<Action>,
    rule: String,
    reasons: Vec<Reason>,
    corroborated: Option<bool>,
    zone: Option<String>,
    zone_coverage: Coverage,
    zone_serial: Option<i64>,
    zone_date: Option<Day>,
    zone_date_source: Option<String>,
    present: Option<bool>,
    name_servers: Option<Vec<String>>,
    has_ds: Option<bool>,
    first_seen: Option<Day>,
    last_seen: Option<Day>,
    gap_from: Option<Day>,
    gap_to: Option<Day>,
    dropped_on: Option<Day>,
    name_servers_changed_on: Option<Day>,
    lapse_seen_at: Option<Moment>,
    hands_changed_at: Option<Moment>,
    /// None if there is no answer.
    rdap_outcome: Option<RdapOutcome>,
    rdap_fetched_at: Option<Moment>,
    rdap_source: Option<String>,
    rdap_status: Option<Vec<String>>,
    registered_at: Option<Moment>,
    reinstantiated_at: Option<Moment>,
    reregistered_at: Option<Moment>,
    expires_at: Option<Moment>,
    registrar_expires_at: Option<Moment>,
    changed_at: Option<Moment>,
    transferred_at: Option<Moment>,
    registrar: Option<String>,
    registrar_iana_id: Option<i64>,
    registry_list: Option<String>,
    registry_list_says: Option<String>,
    registry_list_date: Option<Moment>,
    release_at: Option<Moment>,
    release_by: Option<String>,
    hijackable_name_servers: Vec<OpenServer>,
    /// None if nothing is known of mail servers.
    mail_servers: Option<Vec<String>>,
    mail_servers_seen_at: Option<Moment>,
    hijackable_mail_servers: Vec<OpenServer>,
    /// The highest risk at mail domains below it that is due to their own mail servers.
    mail_risk_below: Option<String>,
    earliest_drop_on: Option<Day>,
    latest_drop_on: Option<Day>,
    days_to_drop: Option<i64>,
    drop_source: Option<String>,
    domainr_status: Option<String>,
}

/// A server through which a domain or its mail can be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct OpenServer {
    pub(super) host: String,
    pub(super) domain: String,
    pub(super) state: String,
    pub(super) source: String,
}

impl DomainRow {
    /// Whether this was noticed.
    pub(super) fn has(&self, reason: Reason) -> bool {
        self.reasons.contains(&reason)
    }

    /// The day of the answer, if it found the name and is recent enough to be used.
    pub(super) fn found_on(&self) -> Option<Day> {
        let found = self.rdap_outcome == Some(RdapOutcome::Found) && !self.has(Reason::RdapTooOld);
        self.rdap_fetched_at.filter(|_| found).map(Moment::day)
    }

    /// The last day on which a zone held it.
    pub(super) fn seen_on(&self) -> Option<Day> {
        self.last_seen.max(self.zone_date.filter(|_| self.present == Some(true) && self.last_seen.is_none()))
    }
}

impl ReadCell for Option<String> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.texts(column)?.get(row).map(str::to_owned))
    }
}

impl ReadCell for String {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(<Option<String>>::read(slice, column, row)?.unwrap_or_default())
    }
}

impl ReadCell for Option<i64> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.integers(column)?.get(row))
    }
}

impl ReadCell for Option<bool> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.booleans(column)?.get(row))
    }
}

impl ReadCell for Option<Day> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.days(column)?.get(row))
    }
}

impl ReadCell for Option<Moment> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.moments(column)?.get(row))
    }
}

impl ReadCell for Option<Vec<String>> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        Ok(slice.text_lists(column)?.get(row).map(|texts| texts.map(str::to_owned).collect()))
    }
}

impl ReadCell for Vec<Reason> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        let names = <Option<Vec<String>>>::read(slice, column, row)?.unwrap_or_default();
        names.iter().map(|name| known(column, Reason::from_name(name))).collect()
    }
}

impl ReadCell for Vec<OpenServer> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        let field = |field: &str| -> Result<Vec<String>> {
            let texts = slice.fields_of_lists(column, field)?;
            Ok(texts.get(row).into_iter().flatten().map(str::to_owned).collect())
        };
        let (hosts, domains) = (field("host")?, field("domain")?);
        let rest = field("state")?.into_iter().zip(field("source")?);
        let servers = hosts.into_iter().zip(domains).zip(rest);
        let server = |((host, domain), (state, source))| OpenServer { host, domain, state, source };
        Ok(servers.map(server).collect())
    }
}

/// Reads words that must be known.
macro_rules! read_named {
    ($($kind:ty),+) => {$(
        impl ReadCell for $kind {
            fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
                known(column, Self::from_name(&String::read(slice, column, row)?))
            }
        }
    )+};
}

read_named!(State, Risk, Action, Coverage);

impl ReadCell for Option<Action> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        let name = <Option<String>>::read(slice, column, row)?;
        name.map(|name| known(column, Action::from_name(&name))).transpose()
    }
}

impl ReadCell for Option<RdapOutcome> {
    fn read(slice: &Slice, column: &str, row: usize) -> Result<Self> {
        // the column says `none` where there is no answer
        Ok(RdapOutcome::from_name(&String::read(slice, column, row)?))
    }
}
