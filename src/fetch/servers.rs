//! Which server to ask about a name: IANA's bootstrap file (RFC 9224), looked up by the `rdap_client` crate, and a
//! table in `data/` of servers that the file lacks.

use std::path::Path;

use rdap_client::bootstrap::Dns;

use crate::built_in::BuiltInTable;
use crate::error::{Error, Result};
use crate::input::small::read_small;
use crate::rdap::services;

/// IANA's file. `data/bootstrap/SOURCE.md` says where it is from and how old it is.
const BUILT_IN: &[u8] = include_bytes!("../../data/bootstrap/dns.json");
/// Servers that the file lacks.
const TABLE: &str = include_str!("../../data/rdap_servers.csv");

/// The servers, by the endings of names.
pub(super) struct Servers(Dns);

impl Servers {
    /// Reads a bootstrap file, or the built-in one; the table is added to either.
    pub(super) fn read(bootstrap: Option<&Path>) -> Result<Self> {
        let file = bootstrap.map(read_small).transpose()?;
        let failed = |error| match bootstrap {
            Some(path) => {
                Error::failure(path, error).hint("take `dns.json` from IANA's RDAP bootstrap registry")
            }
            None => Error::internal(error),
        };
        let mut servers = Dns::new();
        // the table comes first, so that IANA's entries replace its own
        for (suffix, url) in table() {
            servers.insert(vec![url], vec![suffix]);
        }
        for service in services(file.as_deref().unwrap_or(BUILT_IN)).map_err(failed)? {
            let texts = |texts: Vec<Box<str>>| texts.into_iter().map(String::from).collect();
            servers.insert(texts(service.urls), texts(service.entries));
        }
        Ok(Self(servers))
    }

    /// The base URLs of a name's registry. The entry with the most labels counts.
    pub(super) fn of(&self, name: &str) -> Option<&[String]> {
        self.0.find(name).or_else(|| self.0.find("")).map(Vec::as_slice)
    }
}

/// Pairs of a suffix and the base URL of its server.
fn table() -> Vec<(String, String)> {
    BuiltInTable::built_in("data/rdap_servers.csv", TABLE, |row| {
        Ok((row.text("suffix")?.to_owned(), row.text("url")?.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_ending_counts() {
        let servers = Servers::read(None).expect("the file built in");
        let first = |name: &str| servers.of(name).and_then(|urls| urls.first()).map(String::as_str);
        assert_eq!(first("example.com"), Some("https://rdap.verisign.com/com/v1/"));
        assert_eq!(first("example.uk.com"), Some("https://rdap.centralnic.com/uk.com/"));
        assert_eq!(first("example.de"), Some("https://rdap.denic.de/"));
        assert_eq!(first("example.invalid"), None);
    }

    /// A line that repeats IANA, or that cannot be asked, would only hide mistakes.
    #[test]
    fn the_table_holds_what_the_file_lacks() {
        let file = services(BUILT_IN).expect("IANA's file");
        for (suffix, url) in table() {
            assert!(url.starts_with("https://") && url.ends_with('/'), "{url}");
            assert_eq!(crate::rdap::normalize(&suffix).as_deref(), Some(&*suffix));
            assert!(
                !file.iter().any(|service| service.entries.iter().any(|entry| **entry == *suffix)),
                "{suffix}"
            );
        }
        assert!(table().len() > 30);
    }
}
