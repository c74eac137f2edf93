//! Which column, or which member of an object, holds what: by the names that tools and people give them.
//!
//! Spellings differ in case, blanks, `_` and `-`, which do not count. `host` is the mail server beside a column for the
//! domain, and the domain beside a column `mx`.

use crate::input::accounts::columns::plain;

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MxRole {
    /// The domain that was asked about.
    Name,
    /// Its mail servers.
    Host,
    /// The preference of the row.
    Preference,
    /// When it was seen.
    Date,
    /// The type of the record.
    Kind,
    /// How the question was answered.
    Status,
}

impl MxRole {
    pub(super) const ALL: [Self; 6] =
        [Self::Name, Self::Host, Self::Preference, Self::Date, Self::Kind, Self::Status];

    /// The names that such columns have, the clearest first.
    pub(super) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Name => {
                &["domain", "mail_domain", "query_name", "qname", "query", "name", "owner", "fqdn", "host"]
            }
            Self::Host => &[
                "mx",
                "mx_host",
                "mx_address",
                "exchange",
                "mail_exchange",
                "mail_exchanger",
                "mx_record",
                "mx_records",
                "mxs",
                "mail_server",
                "mail_servers",
                "server",
                "target",
                "answer",
                "data",
                "rdata",
                "value",
                "hostname",
                "host",
            ],
            Self::Preference => &["preference", "mx_preference", "priority", "mx_priority", "pref", "prio"],
            Self::Date => &[
                "seen_at",
                "date",
                "timestamp",
                "rx_ts",
                "last_seen",
                "measured_at",
                "fetched_at",
                "time",
                "datetime",
                "day",
            ],
            Self::Kind => &["response_type", "rrtype", "rr_type", "record_type", "type"],
            Self::Status => &["status", "status_code", "rcode"],
        }
    }

    /// How well a name of a column fits: the lower the better.
    pub(super) fn rank(self, column: &str) -> Option<usize> {
        let column = plain(column.trim());
        self.names().iter().position(|name| plain(name) == column)
    }
}

/// The columns of a table, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct MxColumns {
    /// How many columns there are.
    pub(super) width: usize,
    pub(super) name: usize,
    pub(super) host: usize,
    pub(super) preference: Option<usize>,
    pub(super) date: Option<usize>,
    pub(super) kind: Option<usize>,
    pub(super) status: Option<usize>,
}

impl MxColumns {
    /// Finds the columns in a header.
    pub(super) fn find(header: &[String]) -> Option<Self> {
        let find = |role: MxRole| {
            let ranked = header.iter().enumerate();
            let ranked = ranked.filter_map(|(place, column)| Some((role.rank(column)?, place)));
            ranked.min().map(|(_, place)| place)
        };
        let (name, host) = (find(MxRole::Name)?, find(MxRole::Host)?);
        (name != host).then(|| Self {
            width: header.len(),
            name,
            host,
            preference: find(MxRole::Preference),
            date: find(MxRole::Date),
            kind: find(MxRole::Kind),
            status: find(MxRole::Status),
        })
    }
}

/// Whether the type of a record is MX, by its name or its number (RFC 1035, section 3.2.2).
pub(super) fn is_mx(kind: &str) -> bool {
    let kind = kind.trim();
    kind.eq_ignore_ascii_case("MX") || kind == "15"
}

/// Whether a question was answered, by the name or number of the response code.
pub(super) fn is_answered(status: &str) -> bool {
    let status = status.trim();
    matches!(status, "" | "0" | "0.0")
        || ["NOERROR", "OK", "SUCCESS"].iter().any(|word| status.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places as `name host preference date kind status`.
    #[track_caller]
    fn finds(header: &str, expected: &str) {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        let places = MxColumns::find(&header).map(|columns| {
            let MxColumns { name, host, preference, date, kind, status, .. } = columns;
            let all = [Some(name), Some(host), preference, date, kind, status];
            all.map(|place| place.map_or("-".to_owned(), |place| place.to_string())).join(" ")
        });
        assert_eq!(places.unwrap_or_default(), expected, "{header:?}");
    }

    #[test]
    fn columns_by_name() {
        finds("domain,mx", "0 1 - - - -");
        finds("Domain,Mail Server,Priority,Date", "0 1 2 3 - -");
        finds("name,exchange,preference,timestamp", "0 1 2 3 - -");
        finds("domain,host,pref", "0 1 2 - - -");
        finds("host,mx", "0 1 - - - -");
        finds(
            "query_type,query_name,response_type,response_name,mx_address,mx_preference,timestamp,status_code",
            "1 4 5 6 2 7",
        );
        finds("name,type,data,rx_ts,status", "0 2 - 3 1 4");
        finds("host", "");
        finds("domain,priority", "");
        finds("id,email", "");
    }
}
