//! Which servers may be asked at all.
//!
//! Base URLs come from a file, redirects and links from servers. None of them may make us ask something that only
//! this host can reach. So only https is allowed, and only addresses that are globally reachable, whether they are
//! written in the URL or come from the DNS when connecting. Hosts that the user names are exempt from both rules.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use hyper::client::connect::dns::Name;
use reqwest::Url;
use reqwest::dns::{Addrs, Resolve, Resolving};

/// A host, with or without a port, that may be asked without TLS and at any address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InsecureHost {
    host: String,
    port: Option<u16>,
}

impl FromStr for InsecureHost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(&format!("http://{text}/")).map_err(|error| format!("not a host: {error}"))?;
        let host = url.host_str().filter(|_| url.path() == "/" && url.username().is_empty());
        let host = host.ok_or("expected `HOST` or `HOST:PORT`")?.to_owned();
        // a standard port in the text is not in the URL
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
        Ok(Self { host, port: url.port().or(port) })
    }
}

/// Why a URL is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    Malformed,
    Insecure,
    Private,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "not the URL of a server",
            Self::Insecure => "not https",
            Self::Private => "not a public address",
        })
    }
}

/// Knows which servers may be asked.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    insecure: Arc<[InsecureHost]>,
}

impl Guard {
    pub(super) fn new(insecure: &[InsecureHost]) -> Self {
        Self { insecure: insecure.into() }
    }

    /// Checks whether a URL may be asked, as far as the URL itself tells.
    pub(super) fn check(&self, url: &Url) -> Result<(), Refused> {
        let host = url.host_str().ok_or(Refused::Malformed)?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(Refused::Malformed);
        }
        let port = url.port_or_known_default();
        if self.insecure.iter().any(|it| it.host == host && it.port.is_none_or(|it| Some(it) == port)) {
            return Ok(());
        }
        if url.scheme() != "https" {
            return Err(Refused::Insecure);
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        match literal {
            Ok(address) if !is_public(address) => Err(Refused::Private),
            _ => Ok(()),
        }
    }
}

impl Resolve for Guard {
    /// Asks the system's resolver and leaves out addresses that are not public.
    fn resolve(&self, name: Name) -> Resolving {
        let exempt = self.insecure.iter().any(|it| it.host == name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let addresses: Vec<SocketAddr> =
                found.filter(|address| exempt || is_public(address.ip())).collect();
            if addresses.is_empty() {
                return Err(Refused::Private.to_string().into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is globally reachable unicast: the IANA special-purpose address registries (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded(address) {
            Some(inner) => is_public_v4(inner),
            // only 2000::/3 is allocated, and parts of it are reserved
            None => {
                let [first, second, ..] = address.segments();
                (first & 0xe000) == 0x2000
                    && !(first == 0x2001 && second < 0x0200)
                    && !(first == 0x2001 && second == 0x0db8)
                    && first != 0x3fff
                    && first != 0x2002
            }
        },
    }
}

/// The IPv4 address within: mapped (RFC 4291 §2.5.5.2) or translated (RFC 6052 §2.1).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let is_translated = octets.starts_with(&[0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]);
    address
        .to_ipv4_mapped()
        .or_else(|| is_translated.then(|| Ipv4Addr::new(octets[12], octets[13], octets[14], octets[15])))
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        // shared address space (RFC 6598), protocol assignments (RFC 6890), 6to4 relays (RFC 7526), benchmarks (RFC 2544)
        || (a == 100 && (b & 0xc0) == 64)
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b & 0xfe) == 18))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for public in
            ["8.8.8.8", "192.0.32.9", "100.128.0.1", "172.32.0.1", "2001:500:88:200::8", "2606:4700::1"]
        {
            assert!(is_public(public.parse().expect("an address")), "{public}");
        }
        for other in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert!(!is_public(other.parse().expect("an address")), "{other}");
        }
    }

    #[test]
    fn urls() {
        let named = ["127.0.0.1:8080", "rdap.test"].map(|host| host.parse().expect("a host"));
        let guard = Guard::new(&named);
        let check = |url: &str| guard.check(&Url::parse(url).expect("a URL"));
        assert_eq!(check("https://rdap.example/x"), Ok(()));
        assert_eq!(check("http://rdap.example/x"), Err(Refused::Insecure));
        assert_eq!(check("http://rdap.test/x"), Ok(()));
        assert_eq!(check("http://rdap.test:99/x"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8080/"), Ok(()));
        assert_eq!(check("http://127.0.0.1:8081/"), Err(Refused::Insecure));
        assert_eq!(check("https://127.0.0.1/"), Err(Refused::Private));
        assert_eq!(check("https://[::1]/"), Err(Refused::Private));
        assert_eq!(check("https://2130706433/"), Err(Refused::Private));
        assert_eq!(check("https://user@rdap.example/"), Err(Refused::Malformed));
        assert_eq!(check("file:///etc/passwd"), Err(Refused::Malformed));
        assert!("a/b".parse::<InsecureHost>().is_err() && "".parse::<InsecureHost>().is_err());
    }
}
