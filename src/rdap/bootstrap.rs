//! Which servers belong to a registry: IANA's bootstrap file for domain names (RFC 9224 §3 and §4).
//!
//! The file says where to ask. The reverse question, whether the right server answered, is that of a URL's host.
//! Entries are labels counted from the right, and the longest entry that matches a name counts (§4). An empty entry, as
//! in private files, matches every name.
//!
//! A suffix is itself registered one level higher: `uk.com` at the registry of `com`. So an entry matches only names
//! below it, which RFC 9224 leaves open. A top-level domain, which has nothing above it, is matched by its own entry.
//!
//! A malformed entry refuses the whole file. The file is small and was named on purpose. Half of it would silently
//! turn answers of registries into answers of strangers.

use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::Value;

use super::name;
use crate::escape::sample;
use crate::input::without_byte_order_mark;
use crate::time::{BareDate, Day, Moment};

/// The servers of registries, by the endings of names.
#[derive(Debug, Clone, Default)]
pub struct Bootstrap {
    /// Entry (A-labels, lower case, no dots at either end) → servers.
    servers: HashMap<Box<str>, Vec<Server>, foldhash::fast::RandomState>,
    /// The day on which the file was published, if it says so.
    pub(crate) published: Option<Day>,
}

/// A server of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its base URL, as written.
    pub(crate) url: Box<str>,
    /// The host of that URL.
    pub(crate) host: Box<str>,
}

/// Why a bootstrap file cannot be read. Services are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BootstrapError {
    /// Not JSON, or no member `services` that is a list.
    #[error("expected an RDAP bootstrap file, an object with a list `services`: {0}")]
    NotBootstrap(Box<str>),
    /// A service that is not a list of entries and a list of URLs.
    #[error("service {service}: expected `[[entry, …], [url, …]]`, two lists of texts")]
    Service {
        /// Which one.
        service: usize,
    },
    /// A service without entries or without URLs.
    #[error("service {service}: expected at least one entry and one url")]
    EmptyService {
        /// Which one.
        service: usize,
    },
    /// An entry that is not a domain name.
    #[error("service {service}: expected a domain name, found `{entry}`")]
    Entry {
        /// Which service.
        service: usize,
        /// The entry.
        entry: Box<str>,
    },
    /// A base URL that is not one.
    #[error("service {service}: expected an http or https url, found `{url}`")]
    Url {
        /// Which service.
        service: usize,
        /// The URL.
        url: Box<str>,
    },
}

impl Bootstrap {
    /// Reads a bootstrap file.
    ///
    /// # Errors
    ///
    /// [`BootstrapError`] names the first service that is malformed.
    pub fn parse(json: &[u8]) -> Result<Self, BootstrapError> {
        #[derive(Deserialize)]
        struct File {
            services: Vec<Value>,
            publication: Option<Value>,
        }
        let file: File = serde_json::from_slice(without_byte_order_mark(json))
            .map_err(|error| BootstrapError::NotBootstrap(sample(&error.to_string()).into()))?;
        let published = file.publication.as_ref().and_then(Value::as_str);
        let published = published.and_then(|text| Moment::parse(text, BareDate::Start)).map(Moment::day);
        let mut bootstrap = Self { published, ..Self::default() };
        for (value, service) in file.services.iter().zip(1..) {
            bootstrap.add(Service::read(service, value)?);
        }
        Ok(bootstrap)
    }

    /// Whether the host is a server of the name's registry; `None` if no entry matches the name.
    pub fn is_registry(&self, domain: &str, source_host: &str) -> Option<bool> {
        let domain = name::normalize(domain);
        let source = source_host.trim_end_matches('.');
        let (_, servers) = self.find(domain.as_deref()?)?;
        Some(servers.iter().any(|server| server.host.eq_ignore_ascii_case(source)))
    }

    /// The longest entry that matches a normalized name, and its servers in the order of the file.
    pub(crate) fn find<'n>(&self, domain: &'n str) -> Option<(&'n str, &[Server])> {
        let above = domain.match_indices('.').map(|(at, _)| at + 1).chain([domain.len()]);
        let itself = (!domain.contains('.')).then_some(0);
        itself
            .into_iter()
            .chain(above)
            .filter_map(|start| domain.get(start..))
            .find_map(|end| self.servers.get(end).map(|servers| (end, servers.as_slice())))
    }

    /// The servers of an entry.
    #[cfg(test)]
    pub(super) fn entry(&self, entry: &str) -> Option<&[Server]> {
        self.servers.get(entry).map(Vec::as_slice)
    }

    /// Adds a server, unless the entry is known already.
    pub(super) fn add_missing(&mut self, entry: &str, server: Server) {
        self.servers.entry(entry.into()).or_insert_with(|| vec![server]);
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.servers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }

    fn add(&mut self, service: Service) {
        for entry in service.entries {
            // if an entry occurs in several services, all their servers answer for it
            let known = self.servers.entry(entry).or_default();
            for server in &service.servers {
                if !known.contains(server) {
                    known.push(server.clone());
                }
            }
        }
    }
}

impl Server {
    /// The server at a base URL; `None` if it is no http or https URL.
    pub(super) fn at(url: &str) -> Option<Self> {
        Some(Self { host: host(url)?, url: url.into() })
    }
}

/// A service in a bootstrap file: the endings of names, and the servers that answer for them.
#[derive(Debug, Clone)]
struct Service {
    /// Entries: A-labels, lower case, no dots at either end.
    entries: Vec<Box<str>>,
    servers: Vec<Server>,
}

impl Service {
    fn read(service: usize, value: &Value) -> Result<Self, BootstrapError> {
        let malformed = || BootstrapError::Service { service };
        let lists = value.as_array().ok_or_else(malformed)?;
        let [entries, urls] = lists.as_slice() else { return Err(malformed()) };
        let (entries, urls) = texts(entries).zip(texts(urls)).ok_or_else(malformed)?;
        if entries.is_empty() || urls.is_empty() {
            return Err(BootstrapError::EmptyService { service });
        }
        let entry = |entry: &str| match entry {
            "" | "." => Ok("".into()),
            entry => name::normalize(entry)
                .map(Into::into)
                .ok_or_else(|| BootstrapError::Entry { service, entry: sample(entry).into() }),
        };
        let server = |url: &str| {
            Server::at(url).ok_or_else(|| BootstrapError::Url { service, url: sample(url).into() })
        };
        // a bad URL is named before a bad entry
        let servers = urls.into_iter().map(server).collect::<Result<_, _>>()?;
        Ok(Self { servers, entries: entries.into_iter().map(entry).collect::<Result<_, _>>()? })
    }
}

/// A list that contains only texts.
fn texts(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// The host of a base URL (RFC 9224 §3: http or https). The whole URL must be well-formed (RFC 3986 §2.1).
fn host(url: &str) -> Option<Box<str>> {
    let (scheme, _) = url.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let escapes_are_whole = url.split('%').skip(1).all(|rest| {
        rest.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    });
    if !is_web || !escapes_are_whole || url.contains(char::is_whitespace) {
        return None;
    }
    name::host_of(url).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"version": "1.0", "services": [
        [["com", "NET."], ["https://rdap.registry.example/v1/", "http://RDAP.Registry.example:8080/v1/"]],
        [["xn--p1ai", "рус"], ["https://other.example/"]],
        [["sub.example.com"], ["https://sub.example/"]],
        [["com"], ["https://second.example"]]
    ]}"#;

    #[track_caller]
    fn registry(domain: &str, host: &str, expected: Option<bool>) {
        let bootstrap = Bootstrap::parse(FILE.as_bytes()).expect("well-formed");
        assert_eq!(bootstrap.is_registry(domain, host), expected, "{domain} {host}");
    }

    #[test]
    fn the_longest_entry_counts() {
        registry("example.com", "rdap.registry.example", Some(true));
        registry("EXAMPLE.COM.", "RDAP.registry.example.", Some(true));
        registry("example.com", "second.example", Some(true));
        registry("example.net", "second.example", Some(false));
        registry("com", "second.example", Some(true));
        // a suffix is registered at the registry above it
        registry("sub.example.com", "sub.example", Some(false));
        registry("sub.example.com", "rdap.registry.example", Some(true));
        registry("a.sub.example.com", "sub.example", Some(true));
        registry("a.sub.example.com", "rdap.registry.example", Some(false));
        registry("asub.example.com", "rdap.registry.example", Some(true));
        registry("пример.рус", "other.example", Some(true));
        registry("a.xn--p1ai", "other.example", Some(true));
        registry("a.io", "rdap.registry.example", None);
        registry("telecom", "rdap.registry.example", None);
        registry("", "rdap.registry.example", None);
    }

    #[track_caller]
    fn refused(services: &str, expected: &str) {
        let error =
            Bootstrap::parse(format!(r#"{{"services": {services}}}"#).as_bytes()).expect_err(services);
        assert!(error.to_string().starts_with(expected), "{services}: {error}");
    }

    #[test]
    fn malformed_files_are_refused() {
        let pair = "service 2: expected `[[entry, …], [url, …]]`, two lists of texts";
        let good = r#"[["cz"], ["https://a.example/"]]"#;
        refused(&format!("[{good}, []]"), pair);
        refused(&format!("[{good}, {{}}]"), pair);
        refused(&format!(r#"[{good}, [["cz"]]]"#), pair);
        refused(&format!(r#"[{good}, [["cz"], "https://a.example/"]]"#), pair);
        refused(&format!(r#"[{good}, [["cz"], [7]]]"#), pair);
        refused(&format!(r#"[{good}, [["cz"], ["https://a.example/"], []]]"#), pair);
        refused(r#"[[["cz"], []]]"#, "service 1: expected at least one entry and one url");
        refused(r#"[[["c z"], ["https://a.example/"]]]"#, "service 1: expected a domain name, found `c z`");
        for url in
            ["http://example.org/%%", "ftp://a.example/", "a.example", "https:///", "http://a b/", "%", "é%é"]
        {
            let expected = format!("service 1: expected an http or https url, found `{url}`");
            refused(&format!(r#"[[["cz"], ["{url}"]]]"#), &expected);
        }
        refused("7", "expected an RDAP bootstrap file");
        assert!(
            Bootstrap::parse(b"").is_err()
                && Bootstrap::parse(b"{}").is_err()
                && Bootstrap::parse(b"[]").is_err()
        );
        assert!(Bootstrap::parse(br#"{"services": []}"#).is_ok_and(|bootstrap| bootstrap.is_empty()));
    }

    /// Real files and the vectors of other projects; skipped unless `ZONELAPSE_CORPUS` names the corpus.
    mod corpus {
        use super::*;

        fn parse(file: &str) -> Option<Result<Bootstrap, BootstrapError>> {
            let path = std::path::Path::new(&std::env::var_os("ZONELAPSE_CORPUS")?)
                .join("rdap/bootstrap")
                .join(file);
            Some(Bootstrap::parse(&std::fs::read(path).ok()?))
        }

        #[track_caller]
        fn entries(file: &str, expected: Option<usize>) -> Option<Bootstrap> {
            let parsed = parse(file)?;
            assert_eq!(
                parsed.as_ref().ok().map(Bootstrap::len),
                expected,
                "{file}: {:?}",
                parsed.as_ref().err()
            );
            parsed.ok()
        }

        #[test]
        fn every_file() {
            if let Some(iana) = entries("iana-dns-case-2025-11-06.json", Some(1192)) {
                assert_eq!(iana.is_registry("example.com", "rdap.verisign.com"), Some(true));
                assert_eq!(iana.is_registry("example.com", "rdap.org"), Some(false));
                assert_eq!(iana.is_registry("example.io", "rdap.org"), None);
            }
            if let Some(complex) = entries("openrdap+rdap-test_testdata_bootstrap_complex_dns.json", Some(3))
            {
                assert_eq!(complex.is_registry("a.sub.example.com", "example.com"), Some(true));
                assert_eq!(complex.is_registry("a.org", "example.root"), Some(true));
            }
            entries("openrdap+rdap-test_testdata_bootstrap_dns.json", Some(3));
            entries("openrdap+rdap-test_testdata_bootstrap_malformed_dns_bad_services.json", None);
            entries("openrdap+rdap-test_testdata_bootstrap_malformed_dns_bad_url.json", None);
            entries("meeb+whoisit-tests_data_bootstrap.json", None);
            entries("iana-tlds-alpha-by-domain.txt", None);
            entries("JakubOnderka+rdap_client-rdap_client_test_data_bootstrap_dns.json", Some(1197));
            entries("icann+rdap-conformance-tool-validator_src_test_resources_dataset_dns.json", Some(1165));
        }
    }
}
