//! Which server is the registry's: IANA's bootstrap file and the table in `data/`, always both, and the hosts that the
//! user trusts.
//!
//! | the answer's source | standing |
//! |---|---|
//! | a host that the user trusts | [`Standing::Registry`] |
//! | a redirector | [`Standing::Redirector`]: it does not ask the registry itself |
//! | no source | [`Standing::Unverified`] |
//! | a server of the longest suffix that a table knows | [`Standing::Registry`] |
//! | another host, where a table knows the registry | [`Standing::Elsewhere`] |
//! | the lead for a suffix of which no table knows the registry | [`Standing::Lead`] |
//! | another host, there | [`Standing::Unverified`] |
//!
//! Ambiguities, and our choices:
//!
//! * A bootstrap file that the user names replaces the built-in copy. What an earlier file called the registry's host is
//!   then a host like any other: a server that a registry has left may go on answering from old data.
//! * Where both have a suffix, the bootstrap file decides alone, and so it does for `rdap fetch`.
//! * Names below a private suffix (`github.io`) are not known to the registry of the suffix above it, whose server
//!   answers 404 for every one of them. So a table must know that private suffix, or one below it. If none does, the
//!   registry is unknown, and the server of the suffix above is [`Standing::Elsewhere`].
//! * A host counts on any port, path and scheme.

use hashbrown::HashSet;

use super::bootstrap::{Bootstrap, BootstrapError, Server};
use crate::built_in::CsvTable;
use crate::time::{BareDate, Day, Moment};

/// IANA's file. `data/bootstrap/SOURCE.md` says where it is from.
const BUILT_IN: &[u8] = include_bytes!("../../data/bootstrap/dns.json");
/// Servers that the file lacks.
const TABLE: &str = include_str!("../../data/rdap_servers.csv");

/// Domains whose hosts only redirect to the servers of registries. What they answer themselves proves nothing: for a
/// top-level domain without a known server they say 404.
const REDIRECTORS: &[&str] = &["rdap.org", "rdap.net", "rdap-bootstrap.arin.net"];

/// How far the source of an answer can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is the registry's server, or the user trusts it.
    Registry,
    /// Nobody knows whose server it is.
    Unverified,
    /// It may be the registry's server, but nobody has tried it. Its not-found answers prove nothing.
    Lead,
    /// It is not the registry's server.
    Elsewhere,
    /// It redirects to registries.
    Redirector,
}

/// The servers of registries by the endings of names, and the hosts that are trusted besides.
#[derive(Debug)]
pub(crate) struct RegistryServers {
    known: Bootstrap,
    leads: Bootstrap,
    trusted: HashSet<Box<str>>,
    /// The day of the oldest line of the table in `data/`.
    pub(crate) table_seen: Option<Day>,
}

/// A line of the table.
struct TableLine {
    suffix: String,
    server: Server,
    is_lead: bool,
    seen: Day,
}

impl RegistryServers {
    /// Reads a bootstrap file, or the built-in copy; the table is added to either. `trusted` are hosts.
    ///
    /// # Errors
    ///
    /// [`BootstrapError`] if the file is malformed.
    pub(crate) fn read(
        bootstrap: Option<&[u8]>,
        trusted: impl IntoIterator<Item = Box<str>>,
    ) -> Result<Self, BootstrapError> {
        let mut known = Bootstrap::parse(bootstrap.unwrap_or(BUILT_IN))?;
        let mut leads = Bootstrap::default();
        let lines = table();
        let table_seen = lines.iter().map(|line| line.seen).min();
        for line in lines {
            match line.is_lead {
                true => leads.add_missing(&line.suffix, line.server),
                false => known.add_missing(&line.suffix, line.server),
            }
        }
        Ok(Self { known, leads, trusted: trusted.into_iter().collect(), table_seen })
    }

    /// The day on which the bootstrap file was published.
    pub(crate) fn published(&self) -> Option<Day> {
        self.known.published
    }

    /// How far an answer about a name can be believed that comes from this host. `private_suffix` is the private suffix
    /// that the name is registered under, if it is.
    pub(crate) fn standing(
        &self,
        name: &str,
        private_suffix: Option<&str>,
        source: Option<&str>,
    ) -> Standing {
        let Some(host) = source else { return Standing::Unverified };
        if self.trusted.contains(host) {
            return Standing::Registry;
        }
        if is_redirector(host) {
            return Standing::Redirector;
        }
        let serves = |servers: &[Server]| servers.iter().any(|server| *server.host == *host);
        let is_above = |entry: &str| private_suffix.is_some_and(|suffix| entry.len() < suffix.len());
        let known = self.known.find(name).map(|(entry, servers)| (is_above(entry), serves(servers)));
        match known {
            Some((false, true)) => Standing::Registry,
            Some((false, false)) | Some((true, true)) => Standing::Elsewhere,
            Some((true, false)) => Standing::Unverified,
            None => match self.leads.find(name) {
                Some((entry, servers)) if serves(servers) && is_above(entry) => Standing::Elsewhere,
                Some((_, servers)) if serves(servers) => Standing::Lead,
                _ => Standing::Unverified,
            },
        }
    }

    /// The servers to ask about a name, and whether they are only a lead. None for a name below a private suffix that no
    /// table knows: the registry of the suffix above does not know such names.
    pub(crate) fn servers_of(&self, name: &str, private_suffix: Option<&str>) -> Option<(&[Server], bool)> {
        let known = self.known.find(name).map(|found| (found, false));
        let ((entry, servers), is_lead) = known.or_else(|| Some((self.leads.find(name)?, true)))?;
        let is_above = private_suffix.is_some_and(|suffix| entry.len() < suffix.len());
        (!is_above).then_some((servers, is_lead))
    }
}

/// Whether a host belongs to a redirector.
pub(crate) fn is_redirector(host: &str) -> bool {
    REDIRECTORS.iter().any(|redirector| {
        host.strip_suffix(redirector).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

fn table() -> Vec<TableLine> {
    CsvTable::built_in("data/rdap_servers.csv", TABLE, |row| {
        Ok(TableLine {
            suffix: row.text("suffix")?.to_owned(),
            server: row.read("url", "an http or https url", Server::at)?,
            is_lead: row.read("standing", "`registry` or `unverified`", |text| match text {
                "registry" => Some(false),
                "unverified" => Some(true),
                _ => None,
            })?,
            seen: row.read("seen", "a date", |text| Some(Moment::parse(text, BareDate::Start)?.day()))?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"publication": "2026-05-30T00:00:00Z", "services": [
        [["com", "net"], ["https://rdap.verisign.com/com/v1/", "https://second.example/"]],
        [["de"], ["https://rdap.moved.example/"]]]}"#;

    #[track_caller]
    fn stands(name: &str, source: &str, expected: Standing) {
        private(name, "", source, expected);
    }

    #[track_caller]
    fn private(name: &str, suffix: &str, source: &str, expected: Standing) {
        let trusted = ["cache.example".into(), "www.rdap.org".into()];
        let servers = RegistryServers::read(Some(FILE.as_bytes()), trusted).expect("well-formed");
        let found = |text: &'static str| (!text.is_empty()).then_some(text);
        let (suffix, source) = (suffix.to_owned().leak(), source.to_owned().leak());
        assert_eq!(servers.standing(name, found(suffix), found(source)), expected, "{name} {source}");
    }

    #[test]
    fn the_longest_suffix_of_both_tables_decides() {
        use Standing::{Elsewhere, Lead, Redirector, Registry, Unverified};
        stands("example.com", "rdap.verisign.com", Registry);
        stands("example.com", "second.example", Registry);
        stands("example.com", "rdap.registrar.example", Elsewhere);
        stands("example.com", "rdap.verisign.com.example", Elsewhere);
        stands("example.com", "rdap.centralnic.com", Elsewhere);
        stands("example.uk.com", "rdap.centralnic.com", Registry);
        stands("example.uk.com", "rdap.verisign.com", Elsewhere);
        stands("mail.example.uk.com", "rdap.centralnic.com", Registry);
        stands("uk.com", "rdap.verisign.com", Registry);
        stands("uk.com", "rdap.centralnic.com", Elsewhere);
        // the bootstrap file knows better than the table; a host that a registry has left is a stranger
        stands("example.de", "rdap.moved.example", Registry);
        stands("example.de", "rdap.denic.de", Elsewhere);
        stands("example.com.de", "rdap.centralnic.com", Registry);
        stands("example.io", "rdap.identitydigital.services", Registry);
        stands("example.io", "rdap.other.example", Elsewhere);
        // org is only in the built-in file, which this one replaces
        stands("example.org", "rdap.publicinterestregistry.org", Unverified);
        stands("example.com", "", Unverified);
        stands("example.com", "cache.example", Registry);
        stands("example.at", "cache.example", Registry);
        for host in ["rdap.org", "client.rdap.org", "rdap.net", "www.rdap.net"] {
            stands("example.com", host, Redirector);
            stands("example.at", host, Redirector);
        }
        stands("example.at", "notrdap.org", Unverified);
        stands("example.at", "www.rdap.org", Registry);
        stands("example.eu", "rdap.eurid.eu", Lead);
        stands("example.com.se", "rdap.centralnic.com", Registry);
        stands("example.com.se", "rdap.iis.se", Elsewhere);
        stands("example.se", "rdap.iis.se", Lead);
        stands("example.it", "rdap.eurid.eu", Unverified);
    }

    #[test]
    fn a_registry_does_not_know_names_below_private_suffixes() {
        use Standing::{Elsewhere, Lead, Registry, Unverified};
        private("example.co.com", "co.com", "rdap.verisign.com", Elsewhere);
        private("example.co.com", "co.com", "rdap.other.example", Unverified);
        private("example.uk.com", "uk.com", "rdap.centralnic.com", Registry);
        private("example.github.io", "github.io", "rdap.identitydigital.services", Elsewhere);
        private("example.mycloud.eu", "mycloud.eu", "rdap.eurid.eu", Elsewhere);
        private("example.eu", "", "rdap.eurid.eu", Lead);
    }

    /// A line that repeats IANA, or that cannot be asked, would only hide mistakes.
    #[test]
    fn the_table_holds_what_the_file_lacks() {
        let file = Bootstrap::parse(BUILT_IN).expect("IANA's file");
        for TableLine { suffix, server, .. } in table() {
            assert!(server.url.starts_with("https://") && server.url.ends_with('/'), "{server:?}");
            assert_eq!(crate::rdap::normalize(&suffix).as_deref(), Some(&*suffix));
            assert_eq!(file.entry(&suffix), None, "{suffix}");
        }
        assert!(table().len() > 40);
        let built_in = RegistryServers::read(None, []).expect("the file built in");
        assert!(built_in.published().is_some() && built_in.table_seen.is_some());
        assert_eq!(
            built_in.standing("example.org", None, Some("rdap.publicinterestregistry.org")),
            Standing::Registry
        );
    }
}
