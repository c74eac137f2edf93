//! The zone files of the sample: master files as CZDS delivers them, a root zone as `dig` prints it, a list.
//!
//! Each zone differs from the next where real ones do: the kind of serial, plain or compressed, the closing
//! SOA or its lack, the age. Nothing in a zone that is to count as complete is unreadable: in files this
//! small one bad record would be more than the tolerated 0.1 %.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cases::Holding;
use crate::random::Random;

/// The zones of the sample and how each is to be read.
#[rustfmt::skip]
const FILES: &[File] = &[
    // 1780200000 is 2026-05-31T04:00:00Z: Verisign counts serials in Unix time.
    File { origin: "com", name: "com.txt.gz", serial: 1_780_200_000, closed: true, inception: "20260530030000" },
    File { origin: "net", name: "net.2026-01-20.txt.gz", serial: 2_026_012_001, closed: true, inception: "20260119030000" },
    File { origin: "net", name: "net.2026-03-05.txt.gz", serial: 2_026_030_501, closed: true, inception: "20260304030000" },
    File { origin: "net", name: "net.2026-04-10.txt.gz", serial: 2_026_041_001, closed: true, inception: "20260409030000" },
    File { origin: "net", name: "net.txt.gz", serial: 2_026_053_101, closed: true, inception: "20260530030000" },
    File { origin: "org", name: "org.txt.gz", serial: 2_026_053_107, closed: true, inception: "20260530030000" },
    File { origin: "dev", name: "dev.txt", serial: 2_026_053_001, closed: true, inception: "20260529030000" },
    // Stale, but younger than the 35 days for which presence counts.
    File { origin: "info", name: "info.txt.gz", serial: 2_026_051_001, closed: true, inception: "20260509030000" },
    // Older than that.
    File { origin: "mobi", name: "mobi.txt.gz", serial: 2_026_030_101, closed: true, inception: "20260228030000" },
    // The serial stayed at that of 2012; only the signatures say how old the zone is.
    File { origin: "xyz", name: "xyz.txt.gz", serial: 2_012_010_101, closed: true, inception: "20260530030000" },
    File { origin: "name", name: "name.txt.gz", serial: 2_026_053_101, closed: true, inception: "20260530030000" },
    File { origin: "ch", name: "ch.2026-04-10.txt.gz", serial: 2_026_041_001, closed: true, inception: "20260409030000" },
    File { origin: "ch", name: "ch.2026-04-16.txt.gz", serial: 2_026_041_601, closed: true, inception: "20260415030000" },
    File { origin: "ch", name: "ch.2026-04-22.txt.gz", serial: 2_026_042_201, closed: true, inception: "20260421030000" },
    File { origin: "ch", name: "ch.2026-05-18.txt.gz", serial: 2_026_051_801, closed: true, inception: "20260517030000" },
    File { origin: "ch", name: "ch.2026-05-24.txt.gz", serial: 2_026_052_401, closed: true, inception: "20260523030000" },
    File { origin: "ch", name: "ch.txt.gz", serial: 2_026_053_101, closed: true, inception: "20260530030000" },
];

/// The zones of the world with a broken one.
const BROKEN_FILES: &[File] = &[
    File {
        origin: "com",
        name: "com.txt.gz",
        serial: 1_780_200_000,
        closed: true,
        inception: "20260530030000",
    },
    File {
        origin: "net",
        name: "net.txt.gz",
        serial: 2_026_053_101,
        closed: true,
        inception: "20260530030000",
    },
    // A download that broke off between two records, with no error.
    File {
        origin: "biz",
        name: "biz.txt.gz",
        serial: 2_026_053_101,
        closed: false,
        inception: "20260530030000",
    },
];

/// The TLDs which the root zone delegates: all that the sample uses, except those that must not exist.
const TLDS: &[&str] = &[
    "app", "arpa", "au", "biz", "br", "ch", "com", "cz", "de", "dev", "es", "eu", "fr", "info", "io", "it",
    "jp", "kr", "mobi", "mx", "name", "net", "nl", "org", "pl", "se", "uk", "us", "xyz",
];

/// Domains of name server operators. Each is delegated to itself in its zone, with glue; `io` has no zone.
const OPERATORS: &[(&str, &str)] = &[
    ("harbor-dns-example", "net"),
    ("lantern-dns-example", "com"),
    ("meadow-dns-example", "org"),
    ("registry-example", "net"),
    ("basalt-dns-example", "io"),
];

/// Domains of further servers, and the server that serves them: parking companies, and an operator whose own servers
/// lie in a domain that is gone.
const SERVED: &[(&str, &str)] = &[
    ("sedoparking.com", "ns1.harbor-dns-example.net"),
    ("pendingrenewaldeletion.com", "ns1.harbor-dns-example.net"),
    ("chained-dns-example.com", "ns1.lapsed-dns-example.com"),
];

/// Servers for expired names.
const EXPIRY: [&str; 2] = ["ns1.pendingrenewaldeletion.com", "ns2.pendingrenewaldeletion.com"];

/// Stands in signatures for the moment at which those of the file begin.
const INCEPTION: &str = "INCEPTION";

struct File {
    origin: &'static str,
    name: &'static str,
    serial: u32,
    /// Whether the SOA comes again at the end.
    closed: bool,
    /// When its signatures begin (RFC 4034, section 3.1.5).
    inception: &'static str,
}

/// The zones, filled record by record.
pub struct Zones {
    files: &'static [File],
    /// Origin → (owner, the rest of the line), neither sorted nor unique.
    records: BTreeMap<&'static str, Vec<(String, String)>>,
    /// The same by place among the deliveries of `net` and of `ch`, where they differ.
    over: [Vec<(String, String)>; 4],
    weekly: [Vec<(String, String)>; 6],
    listed: Vec<String>,
}

impl Zones {
    /// The zones with nothing but the name server operators in them; with `broken`, those of which one is broken.
    pub fn new(broken: bool) -> Self {
        let files = if broken { BROKEN_FILES } else { FILES };
        let records = files.iter().map(|file| (file.origin, Vec::new())).collect();
        let mut zones =
            Self { files, records, over: Default::default(), weekly: Default::default(), listed: Vec::new() };
        for (number, (label, tld)) in OPERATORS.iter().enumerate() {
            let domain = format!("{label}.{tld}");
            for host in 1..=2 {
                let name = format!("ns{host}.{domain}.");
                zones.add(tld, &format!("{domain}."), format!("172800\tin\tns\t{name}"));
                zones.add(tld, &name, format!("172800\tin\ta\t192.0.2.{}", number * 10 + host));
                zones.add(tld, &name, format!("172800\tin\taaaa\t2001:db8:{number}::{host}"));
            }
        }
        for (domain, server) in SERVED {
            zones.delegate("com", domain, &[*server]);
        }
        // The parent of a suffix open to others: `com` delegates it, so `com` says nothing of names below it.
        zones.delegate("com", "uk.com", &host_pair(0));
        zones
    }

    /// Puts `holding` for `domain` into the zone or list of its TLD, if it has one; gives the name servers
    /// that a registry would know of.
    pub fn plant(&mut self, domain: &str, holding: Holding, random: &mut Random) -> [String; 2] {
        let servers = draw_operator(random);
        let Some((_, tld)) = domain.split_once('.') else { return servers };
        if tld == "se" {
            if holding == Holding::Delegated {
                self.listed.push(domain.to_owned());
            }
            return servers;
        }
        let tld = if tld.ends_with(".name") { "name" } else { tld };
        let owner = format!("{domain}.");
        match holding {
            Holding::Nothing => {}
            Holding::Delegated => self.delegate(tld, domain, &servers),
            Holding::Signed => {
                self.delegate(tld, domain, &servers);
                let digest = hexadecimal(random, 64);
                self.add(tld, &owner, format!("86400\tin\tds\t{} 13 2 {digest}", random.below(65_536)));
                self.add(tld, &owner, signature(tld, "ds", random));
            }
            Holding::Data => self.add(tld, &owner, "3600\tin\tmx\t10 mx1.harbor-dns-example.net.".into()),
            Holding::OrphanGlue => {
                self.add(
                    tld,
                    &format!("ns1.{owner}"),
                    format!("172800\tin\ta\t198.51.100.{}", random.below(250)),
                );
            }
            Holding::Nsec => {
                self.add(tld, &owner, format!("900\tin\tnsec\t{tld}. rrsig nsec"));
                self.add(tld, &owner, signature(tld, "nsec", random));
            }
            Holding::Served(hosts) => self.delegate(tld, domain, hosts),
            Holding::Over(held) => {
                for place in (0..held.len()).filter(|place| held[*place]) {
                    self.over[place].extend(delegation(domain, &servers));
                }
            }
            Holding::Weekly(held) => {
                for place in (0..held.len()).filter(|place| held[*place]) {
                    self.weekly[place].extend(delegation(domain, &servers));
                }
            }
            Holding::ParkedOnce => {
                for place in 0..self.over.len() {
                    let parked = place == 1;
                    let records =
                        if parked { delegation(domain, &EXPIRY) } else { delegation(domain, &servers) };
                    self.over[place].extend(records);
                }
            }
        }
        servers
    }

    fn delegate(&mut self, tld: &str, domain: &str, servers: &[impl AsRef<str>]) {
        for (owner, rest) in delegation(domain, servers) {
            self.add(tld, &owner, rest);
        }
    }

    fn add(&mut self, tld: &str, owner: &str, rest: String) {
        if let Some(records) = self.records.get_mut(tld) {
            records.push((owner.to_owned(), rest));
        }
    }

    /// Writes `root.zone`, `se.list` and one file a zone into `directory`.
    pub fn write(mut self, directory: &Path, random: &mut Random) -> io::Result<()> {
        let (mut past, mut weeks) = (self.over.clone().into_iter(), self.weekly.clone().into_iter());
        for file in self.files {
            for _ in 0..4 {
                let owner = format!("{}.{}.", base32(random), file.origin);
                let next = base32(random);
                self.add(file.origin, &owner, format!("900\tin\tnsec3\t1 1 0 - {next} ns ds rrsig"));
                self.add(file.origin, &owner, signature(file.origin, "nsec3", random));
            }
            let mut records = self.records.get(file.origin).cloned().unwrap_or_default();
            match file.origin {
                "net" => records.extend(past.next().unwrap_or_default()),
                "ch" => records.extend(weeks.next().unwrap_or_default()),
                _ => {}
            }
            let text = file.text(records);
            let path = directory.join(file.name);
            if file.name.ends_with(".gz") { fs::write(path, gzip(&text)?)? } else { fs::write(path, text)? }
        }
        self.listed.sort();
        if !self.listed.is_empty() {
            fs::write(directory.join("se.list"), self.listed.join("\n") + "\n")?;
        }
        fs::write(directory.join("root.zone"), root())
    }
}

impl File {
    /// The whole file: SOA, apex, the names in the order of their text, SOA.
    fn text(&self, mut records: Vec<(String, String)>) -> String {
        let Self { origin, serial, .. } = self;
        let soa = format!(
            "{origin}.\t900\tin\tsoa\tns1.registry-example.net. hostmaster.registry-example.net. \
             {serial} 1800 900 604800 86400\n"
        );
        let mut text = soa.clone();
        for server in host_pair(3) {
            text += &format!("{origin}.\t172800\tin\tns\t{server}.\n");
        }
        records.sort();
        for (owner, rest) in records {
            text += &format!("{owner}\t{}\n", rest.replace(INCEPTION, self.inception));
        }
        if self.closed { text + &soa } else { text }
    }
}

/// The NS records of a domain.
fn delegation(domain: &str, servers: &[impl AsRef<str>]) -> Vec<(String, String)> {
    let record = |server: &str| (format!("{domain}."), format!("172800\tin\tns\t{server}."));
    servers.iter().map(|server| record(server.as_ref())).collect()
}

/// The hosts of some operator; seldom of one whose own domain nobody can judge.
fn draw_operator(random: &mut Random) -> [String; 2] {
    let bound = if random.below(5) == 0 { OPERATORS.len() } else { 3 };
    host_pair(random.below(bound as u64) as usize)
}

/// The two hosts of an operator, with no final dot.
fn host_pair(operator: usize) -> [String; 2] {
    let (label, tld) = OPERATORS[operator];
    [format!("ns1.{label}.{tld}"), format!("ns2.{label}.{tld}")]
}

/// The root zone, as `dig` prints a transfer.
fn root() -> String {
    let soa = ".\t\t\t86400\tIN\tSOA\ta.root-servers.net. nstld.verisign-grs.com. \
               2026053100 1800 900 604800 86400\n";
    let mut text = String::from(
        "\n; <<>> DiG 9.20.9 <<>> @192.0.2.53 . AXFR\n; (1 server found)\n;; global options: +cmd\n",
    );
    text += soa;
    text += ".\t\t\t518400\tIN\tNS\ta.root-servers.net.\n";
    for tld in TLDS {
        for server in host_pair(3) {
            let owner = format!("{tld}.");
            writeln!(text, "{owner:<24}172800\tIN\tNS\t{server}.").expect("a string takes all text");
        }
    }
    text + soa + ";; Query time: 12 msec\n;; SERVER: 192.0.2.53#53(192.0.2.53) (TCP)\n\n"
}

/// An RRSIG (RFC 4034 section 3.2) over the records of one type.
/// When it begins is put in as the file is written.
fn signature(origin: &str, covered: &str, random: &mut Random) -> String {
    let key = random.below(65_536);
    let bytes: String = (0..86).map(|_| char::from(*random.pick(BASE64))).collect();
    format!("900\tin\trrsig\t{covered} 13 2 900 20260607040000 {INCEPTION} {key} {origin}. {bytes}==")
}

const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// A hashed owner label (RFC 5155): 32 digits of base 32, extended hex alphabet.
fn base32(random: &mut Random) -> String {
    (0..32).map(|_| char::from(*random.pick(b"0123456789abcdefghijklmnopqrstuv"))).collect()
}

fn hexadecimal(random: &mut Random, digits: usize) -> String {
    (0..digits).map(|_| char::from(*random.pick(b"0123456789abcdef"))).collect()
}

/// One member, no file name, no time: the same text always gives the same bytes.
fn gzip(text: &str) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    encoder.finish()
}
