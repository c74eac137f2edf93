//! `servers.parquet`: what depends on each domain of servers, against a slow count of what was planted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use polars::prelude::DataFrame;

use crate::support::{read_parquet, rows};
use crate::times::Times;

/// The columns that are compared.
const COUNTS: [&str; 6] = ["kind", "domain", "domains", "accounts", "domains_exposed", "accounts_exposed"];

/// Servers of a domain, by name, and accounts at mail domains, as they were planted.
#[derive(Default)]
struct Planted {
    name_servers: BTreeMap<String, Vec<String>>,
    /// By mail domain.
    mail_servers: BTreeMap<String, Vec<String>>,
    accounts: BTreeMap<String, u64>,
    /// Domains that are in no zone.
    absent: BTreeSet<String>,
}

/// The last two labels.
fn domain_of(name: &str) -> &str {
    let dot = name.rfind('.').and_then(|last| name[..last].rfind('.'));
    dot.map_or(name, |dot| &name[dot + 1..])
}

impl Planted {
    /// The domain to register for what has a server in this one: every domain has its servers in one other at most.
    fn cause(&self, domain: &str) -> Option<String> {
        let (mut at, mut seen) = (domain.to_owned(), BTreeSet::new());
        while seen.insert(at.clone()) {
            if self.absent.contains(&at) {
                return Some(at);
            }
            let servers = self.name_servers.get(&at)?;
            let mut others = servers.iter().map(|host| domain_of(host)).filter(|other| *other != at);
            at = others.next_back()?.to_owned();
        }
        None
    }

    /// Who serves what: kind, domain, and for each domain served or exposed its accounts.
    fn counts(&self) -> BTreeMap<(&'static str, String), [BTreeMap<String, u64>; 2]> {
        let mut found: BTreeMap<(&'static str, String), [BTreeMap<String, u64>; 2]> = BTreeMap::new();
        for host in self.name_servers.values().flatten() {
            found.entry(("ns", domain_of(host).to_owned())).or_default();
        }
        for host in self.mail_servers.values().flatten() {
            found.entry(("mx", domain_of(host).to_owned())).or_default();
        }
        for (mail_domain, accounts) in &self.accounts {
            let judged = domain_of(mail_domain);
            let doors = [("ns", self.name_servers.get(judged)), ("mx", self.mail_servers.get(mail_domain))];
            for (kind, hosts) in doors {
                let servers: BTreeSet<&str> =
                    hosts.into_iter().flatten().map(|host| domain_of(host)).collect();
                let servers: Vec<&str> = servers.into_iter().filter(|server| *server != judged).collect();
                let causes: BTreeSet<String> = servers
                    .iter()
                    .filter_map(|server| self.cause(server))
                    .filter(|it| it != judged)
                    .collect();
                let mut add = |server: &str, which: usize| {
                    let counts = found.entry((kind, server.to_owned())).or_default();
                    *counts[which].entry(judged.to_owned()).or_default() += accounts;
                };
                servers.iter().for_each(|server| add(server, 0));
                causes.iter().for_each(|cause| add(cause, 1));
            }
        }
        found
    }

    /// Lines as those of the table, sorted.
    fn lines(&self) -> Vec<String> {
        let line = |((kind, domain), [served, exposed]): (_, [BTreeMap<String, u64>; 2])| {
            let numbers = |of: &BTreeMap<String, u64>| format!("{} {}", of.len(), of.values().sum::<u64>());
            format!("{kind} {domain} {} {}", numbers(&served), numbers(&exposed))
        };
        let mut lines: Vec<String> = self.counts().into_iter().map(line).collect();
        lines.sort();
        lines
    }

    /// A world of this: zones, accounts and a file of mail servers.
    fn times(&self) -> Times {
        let mut times = Times::new();
        for origin in ["com", "net"] {
            let names = self.name_servers.iter().filter(|(name, _)| name.ends_with(origin));
            let names: Vec<String> = names
                .map(|(name, hosts)| format!("{}>{}", &name[..name.len() - 4], hosts.join(",")))
                .collect();
            times.zone(origin, "20260531", &names.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);
        }
        for (mail_domain, accounts) in &self.accounts {
            (0..*accounts).for_each(|n| {
                times.account(&format!("{n}-{mail_domain}"), &format!("a{n}@{mail_domain}"), "")
            });
        }
        let mut mail = "domain,mx,preference,date\n".to_owned();
        for (mail_domain, hosts) in &self.mail_servers {
            hosts.iter().for_each(|host| mail += &format!("{mail_domain},{host},10,2026-05-30\n"));
        }
        times.bench.write("mx.csv", mail.as_bytes());
        times
    }
}

/// Audits, and returns the table of servers.
fn audit(times: &Times, name: &str, extra: &[&str]) -> DataFrame {
    let mail = times.bench.path("mx.csv");
    let mail = ["--mx", mail.to_str().expect("a path of letters")];
    times.audit(name, "2026-06-01", &[&mail, extra].concat(), 0);
    read_parquet(&times.bench.path(name).join("servers.parquet"))
}

/// Expects that the table says what was planted, in its order, and the same bytes with one thread.
#[track_caller]
fn agrees(planted: &Planted) {
    let times = planted.times();
    let table = audit(&times, "report", &["--threads", "3"]);
    let found = rows(&table, &COUNTS);
    let mut sorted = found.clone();
    sorted.sort();
    assert_eq!(sorted, planted.lines());
    let most = |line: &String| -> [u64; 2] {
        let words: Vec<&str> = line.split(' ').collect();
        [words[5], words[3]].map(|number| number.parse().expect("a number"))
    };
    assert!(found.is_sorted_by(|one, next| most(one) >= most(next)), "{found:#?}");
    audit(&times, "alone", &["--threads", "1"]);
    let bytes = |name: &str| fs::read(times.bench.path(name).join("servers.parquet")).expect("a table");
    assert!(bytes("report") == bytes("alone"), "one thread wrote other bytes");
}

fn hosts(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

#[test]
fn what_depends_on_each_domain_of_servers() {
    let absent = ["gone.net", "hidden.net", "lost.net"].map(str::to_owned).into();
    let mut planted = Planted { absent, ..Planted::default() };
    let servers: [(&str, &[&str]); 14] = [
        // both servers in one free domain; in two free domains; along a chain of two; in a cycle
        ("all.com", &["ns1.gone.net", "ns2.gone.net"]),
        ("both.com", &["ns1.gone.net", "ns1.lost.net"]),
        ("chain.com", &["ns1.relay.net"]),
        ("far.com", &["ns1.before.net", "ns2.before.net"]),
        ("cycle.com", &["ns1.round.net"]),
        // servers in the domain itself are no risk; it serves another one
        ("own.com", &["ns1.own.com", "ns1.fine.net"]),
        ("guest.com", &["ns1.own.com"]),
        ("relay.net", &["ns1.gone.net"]),
        ("before.net", &["ns1.relay.net"]),
        ("round.net", &["ns1.circle.net"]),
        ("circle.net", &["ns1.round.net"]),
        ("fine.net", &["ns1.fine.net"]),
        // mail servers in a domain whose own name servers are in a free one, where no mail server is
        ("letters.com", &["ns1.fine.net"]),
        ("post.net", &["ns1.hidden.net"]),
    ];
    for (name, servers) in servers {
        planted.name_servers.insert(name.to_owned(), hosts(servers));
    }
    let accounts = [
        ("all.com", 3),
        ("both.com", 2),
        ("chain.com", 4),
        ("far.com", 1),
        ("cycle.com", 2),
        ("own.com", 5),
        ("guest.com", 1),
        ("relay.net", 2),
        // accounts below a domain, with mail servers of their own, and at the domain of servers itself
        ("mail.own.com", 7),
        ("news.own.com", 11),
        ("gone.net", 6),
        ("letters.com", 3),
    ];
    planted.accounts = accounts.map(|(name, count)| (name.to_owned(), count)).into();
    let mail: [(&str, &[&str]); 7] = [
        ("own.com", &["mx1.fine.net", "mx2.fine.net"]),
        ("mail.own.com", &["mx.lost.net"]),
        ("news.own.com", &["mx.lost.net", "mx.fine.net"]),
        ("all.com", &["mx.all.com"]),
        ("guest.com", &["mx.own.com", "mx.before.net"]),
        ("gone.net", &["mx.gone.net", "mx.lost.net"]),
        ("letters.com", &["mx.post.net"]),
    ];
    for (name, servers) in mail {
        planted.mail_servers.insert(name.to_owned(), hosts(servers));
    }
    agrees(&planted);
}

/// What the table says beside its counts.
#[test]
fn the_verdict_on_a_domain_of_servers() {
    let mut times = Times::new();
    let servers =
        [("victim", "gone"), ("soon", "lapsing"), ("fine", "held"), ("chain", "relay"), ("late", "waning")];
    let com = servers.map(|(name, server)| format!("{name}>ns1.{server}.net"));
    times.zone("com", "20260531", &com.each_ref().map(String::as_str));
    // one in its last days whose own servers are in a free domain is registered by whoever is first
    let net = ["held>ns2.held.net,ns1.held.net", "relay>ns1.freed.net", "waning>ns1.spare.net"];
    times.zone("net", "20260531", &net);
    for name in ["lapsing.net", "waning.net"] {
        times.found(name, "2026-05-31", &["redemption period"], &["registration 2001-01-01"]);
    }
    times.not_found("freed.net", "2026-05-31");
    for (name, _) in servers {
        times.account(name, &format!("a@{name}.com"), "");
    }
    times.audit("report", "2026-06-01", &[], 0);
    let table = read_parquet(&times.bench.path("report/servers.parquet"));
    let columns =
        ["domain", "state", "risk", "risk_exposed", "action_exposed", "hosts", "domains", "domains_exposed"];
    assert_eq!(
        rows(&table, &columns),
        [
            "gone.net absent high critical lookup 1 1 1",
            "lapsing.net redemption high high review 1 1 1",
            "waning.net redemption critical critical review 1 1 1",
            "freed.net available critical critical unverify 1 0 1",
            "spare.net absent high critical lookup 1 0 1",
            "held.net active none - - 2 1 0",
            "relay.net active critical - - 1 1 0",
        ]
    );
    let days = rows(&table, &["domain", "latest_drop_on", "days_to_drop"]);
    assert!(days[1].starts_with("lapsing.net 2026-"), "{days:?}");
}

/// Hosts below private suffixes, one of which is kept by its owner and one open to others: they are one row, that of the
/// suffix's own domain, unless a zone at the suffix or an answer tells of a name below it, and nothing worse is known above.
#[test]
fn hosts_under_a_private_suffix() {
    #[track_caller]
    fn tells(zones: &[(&str, &[&str])], free: Option<&str>, expected: &[&str]) {
        let mut times = Times::new();
        let hosts = ["mx.one.github.io", "mx.two.github.io", "github.io", "a.b.one.uk.com", "mx.two.uk.com"];
        let mut mail = "domain,mx,date\n".to_owned();
        let mut names: Vec<String> = vec!["uk".to_owned()];
        for (number, host) in hosts.iter().enumerate() {
            times.account(&number.to_string(), &format!("a@d{number}.com"), "");
            // the same hosts are name servers of another domain
            times.account(&format!("n{number}"), &format!("a@n{number}.com"), "");
            mail += &format!("d{number}.com,{host},2026-05-30\n");
            names.extend([format!("d{number}"), format!("n{number}>{host}")]);
        }
        let mail = times.bench.write("mx.csv", mail.as_bytes());
        times.zone("com", "20260531", &names.iter().map(String::as_str).collect::<Vec<_>>()).expect(0);
        for (origin, names) in zones {
            times.zone(origin, "20260531", names).expect(0);
        }
        if let Some(free) = free {
            let body = r#"{"errorCode":404,"title":"Not Found"}"#;
            times.answer_of("https://rdap.centralnic.com/uk.com/", free, "2026-05-31", 404, body);
        }
        times.audit("report", "2026-06-01", &["--mx", mail.to_str().expect("a path of letters")], 0);
        let table = read_parquet(&times.bench.path("report").join("servers.parquet"));
        let columns = ["kind", "domain", "state", "hosts", "domains", "domains_exposed"];
        let rows = rows(&table, &columns);
        for kind in ["mx ", "ns "] {
            let mut found: Vec<&str> = rows.iter().filter_map(|row| row.strip_prefix(kind)).collect();
            found.retain(|row| row.contains("github.io") || row.contains("uk.com"));
            found.sort_unstable();
            assert_eq!(found, expected, "{kind}of {zones:?}");
        }
    }
    tells(&[("io", &["github"])], None, &["github.io active 3 3 0", "uk.com active 2 2 0"]);
    // nobody has the domain of the suffix: one domain to register, whatever is below it
    let gone = ["github.io absent 3 3 3", "uk.com active 2 2 0"];
    tells(&[("io", &[])], None, &gone);
    tells(&[("io", &[]), ("github.io", &["one", "two"])], None, &gone);
    // a zone of the suffix tells of each name below it
    let each = [
        "github.io active 1 1 0",
        "one.github.io absent 1 1 1",
        "two.github.io active 1 1 0",
        "uk.com active 2 2 0",
    ];
    tells(&[("io", &["github"]), ("github.io", &["two"])], None, &each);
    // so does an answer of its registry
    let answered = ["github.io active 3 3 0", "one.uk.com available 1 1 1", "uk.com active 1 1 0"];
    tells(&[("io", &["github"])], Some("one.uk.com"), &answered);
}

/// Worlds at random: every domain has its servers in one other domain at most, beside its own.
#[test]
fn random_worlds() {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for _ in 0..4 {
        let mut planted = Planted::default();
        for number in 0..12 {
            let name = format!("p{number}.net");
            if below(4) == 0 {
                planted.absent.insert(name);
            } else {
                let server = format!("ns{}.p{}.net", below(3), below(12));
                planted.name_servers.insert(name, vec![server]);
            }
        }
        for number in 0..60 {
            let name = format!("d{number}.com");
            let servers = (0..1 + below(3)).map(|_| format!("ns{}.p{}.net", below(3), below(12)));
            planted.name_servers.insert(name.clone(), servers.collect());
            for mail_domain in [name.clone(), format!("m.{name}"), format!("n.{name}")] {
                if below(2) == 0 {
                    planted.accounts.insert(mail_domain.clone(), 1 + below(4) as u64);
                    if below(3) > 0 {
                        let mut hosts: Vec<String> =
                            (0..1 + below(2)).map(|_| format!("mx{}.p{}.net", below(2), below(12))).collect();
                        if below(5) == 0 {
                            hosts.push(format!("mx.{name}"));
                        }
                        planted.mail_servers.insert(mail_domain, hosts);
                    }
                }
            }
        }
        // only servers of domains with accounts are met, and those of their servers
        agrees(&met(planted));
    }
}

/// Leaves out the servers that no run would meet.
fn met(mut planted: Planted) -> Planted {
    let mut wanted: Vec<String> = planted.accounts.keys().map(|name| domain_of(name).to_owned()).collect();
    wanted.extend(planted.mail_servers.values().flatten().map(|host| domain_of(host).to_owned()));
    let mut kept = BTreeMap::new();
    while let Some(name) = wanted.pop() {
        if let Some(hosts) = planted.name_servers.remove(&name) {
            wanted.extend(hosts.iter().map(|host| domain_of(host).to_owned()));
            kept.insert(name, hosts);
        }
    }
    planted.name_servers = kept;
    planted
}
