//! Mail domains behind shared name servers and mail servers, some of which others can register, to measure how many of
//! those that can be taken over are found, and how many of the found cannot.
//!
//! Domains of servers are held, but for one in a thousand that is free and one in a thousand that will be soon. They are
//! served by themselves or by one another: along chains, in cycles, through providers that many share. What that means
//! for each mail domain goes to `truth.csv`. It is worked out here by looking at all servers again and again until
//! nothing changes, and `tests/world/doors.py` holds a report against it. Nothing here asks what the program makes of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::calendar::{AS_OF, DAY, date_text, text};
use crate::random::Random;

/// What `world doors` was told.
pub struct Options {
    pub directory: PathBuf,
    pub seed: u64,
    /// Mail domains.
    pub domains: u64,
    /// One server domain in so many is free, and one will be soon.
    pub one_in: u64,
}

/// There is a domain of servers for every so many mail domains.
const DOMAINS_A_SERVER: u64 = 10;
const TLDS: [&str; 3] = ["com", "net", "org"];
const REGISTRIES: [&str; 3] = [
    "https://rdap.verisign.com/com/v1/",
    "https://rdap.verisign.com/net/v1/",
    "https://rdap.publicinterestregistry.org/rdap/",
];
const SERIAL: u64 = 2026053101;

/// What becomes of a domain of servers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    /// The registry does not know it.
    NotFound,
    /// It is not in its zone, and nobody asked the registry.
    Absent,
    Redemption,
    PendingDelete,
}

/// A domain of servers.
struct ServerDomain {
    fate: Fate,
    /// The domains that its name servers are in, itself among them perhaps; none if it is in no zone.
    served_by: Vec<usize>,
}

/// How far somebody can take over what is behind servers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Taken {
    No,
    Some,
    Every,
}

/// A door: its name servers, or its mail servers.
#[derive(Clone, Copy)]
struct Door {
    now: Taken,
    soon: bool,
}

/// An MX record: the domain of its host, if others could register that; and its preference.
type Mx = (Option<usize>, u64);

/// Writes `accounts.csv`, `mx.csv`, `rdap.ndjson`, `truth.csv` and `zones/`; the answer says what was written.
pub fn write(options: &Options) -> Result<String, String> {
    if options.domains < 1_000 || options.one_in == 0 {
        return Err("`--domains` must be at least 1000 and `--one-in` at least 1".to_owned());
    }
    let fault = |error: io::Error| format!("{}: {error}", options.directory.display());
    let (servers, endangered) = write_world(options).map_err(fault)?;
    let (directory, domains) = (options.directory.display(), options.domains);
    Ok(format!(
        "{directory}: {domains} mail domains, {servers} domains of servers, {endangered} mail domains that others can take over"
    ))
}

fn write_world(options: &Options) -> io::Result<(usize, usize)> {
    let directory = &options.directory;
    fs::create_dir_all(directory.join("zones"))?;
    let mut random = Random::new(options.seed);
    let servers = make_servers(options, &mut random);
    let doors = trace(&servers);
    let create = |name: &str| File::create(directory.join(name)).map(BufWriter::new);
    let mut zones = Vec::new();
    for tld in TLDS {
        let mut zone = create(&format!("zones/{tld}.txt"))?;
        zone.write_all(soa(tld).as_bytes())?;
        zones.push(zone);
    }
    let mut answers = create("rdap.ndjson")?;
    for (number, server) in servers.iter().enumerate() {
        for by in &server.served_by {
            for host in ["ns1", "ns2"] {
                let (owner, target) = (server_domain(number), server_domain(*by));
                writeln!(zones[number % 3], "{owner}.\t3600\tin\tns\t{host}.{target}.")?;
            }
        }
        answers.write_all(answer(number, server.fate, &mut random).as_bytes())?;
    }
    let (mut accounts, mut mail, mut truth) =
        (create("accounts.csv")?, create("mx.csv")?, create("truth.csv")?);
    accounts.write_all(b"id,email\n")?;
    mail.write_all(b"domain,mx,preference,date\n")?;
    truth.write_all(b"mail_domain,ns,ns_soon,mx,mx_soon,mx_old\n")?;
    let mut endangered = 0;
    for number in 0..options.domains {
        let own = format!("m{number}-example.{}", TLDS[(number % 3) as usize]);
        let name_servers = draw_servers(servers.len(), &mut random);
        for by in &name_servers {
            for host in ["ns1", "ns2"] {
                let target = server_domain(*by);
                writeln!(zones[(number % 3) as usize], "{own}.\t3600\tin\tns\t{host}.{target}.")?;
            }
        }
        // mail below a domain has records of its own
        let mail_domain = if random.below(30) == 0 { format!("sub.{own}") } else { own.clone() };
        let is_old = random.below(30) == 0;
        let seen = date_text(AS_OF - if is_old { 60 } else { 2 } * DAY);
        let mut records = Vec::new();
        for (host, domain, preference) in draw_mail_servers(&own, servers.len(), &mut random) {
            writeln!(mail, "{mail_domain},{host},{preference},{seen}")?;
            records.push((domain, preference));
        }
        let ns = behind(&doors, name_servers.iter().map(|by| (Some(*by), true)));
        let lowest = records.iter().map(|(_, preference)| *preference).min();
        let decide = |(domain, preference): &Mx| (*domain, Some(*preference) == lowest);
        let mx = behind(&doors, records.iter().map(decide));
        writeln!(accounts, "{number},user{number}@{mail_domain}")?;
        let (ns_soon, mx_soon, is_old) = (u8::from(ns.soon), u8::from(mx.soon), u8::from(is_old));
        writeln!(truth, "{mail_domain},{},{ns_soon},{},{mx_soon},{is_old}", ns.now.name(), mx.now.name())?;
        endangered += usize::from(ns.now != Taken::No || mx.now != Taken::No);
    }
    for (mut zone, tld) in zones.into_iter().zip(TLDS) {
        zone.write_all(soa(tld).as_bytes())?;
        zone.flush()?;
    }
    for mut file in [accounts, mail, truth, answers] {
        file.flush()?;
    }
    Ok((servers.len(), endangered))
}

fn soa(tld: &str) -> String {
    format!("{tld}.\t900\tin\tsoa\tns1.registry-example.net. h.registry-example.net. {SERIAL} 1 1 1 1\n")
}

fn server_domain(number: usize) -> String {
    format!("dns{number}-example.{}", TLDS[number % 3])
}

/// The domains of servers and who serves them.
fn make_servers(options: &Options, random: &mut Random) -> Vec<ServerDomain> {
    let count = (options.domains / DOMAINS_A_SERVER) as usize;
    let mut fates = vec![Fate::Held; count];
    let each = (count as u64).div_ceil(options.one_in).max(4);
    for number in 0..2 * each {
        let fate =
            [Fate::NotFound, Fate::Redemption, Fate::Absent, Fate::PendingDelete][(number % 4) as usize];
        let held: Vec<usize> = (0..count).filter(|place| fates[*place] == Fate::Held).collect();
        fates[*random.pick(&held)] = fate;
    }
    let served_by = |number: usize, random: &mut Random| {
        let mut other = || random.below(count as u64) as usize;
        let others = [other(), other()];
        match random.below(20) {
            0..12 => vec![number],
            12..17 => vec![others[0]],
            17..19 => others.to_vec(),
            _ => vec![number, others[0]],
        }
    };
    let server = |(number, fate): (usize, &Fate)| ServerDomain {
        fate: *fate,
        served_by: if *fate == Fate::Held { distinct(served_by(number, random)) } else { Vec::new() },
    };
    fates.iter().enumerate().map(server).collect()
}

fn distinct(numbers: Vec<usize>) -> Vec<usize> {
    numbers.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// A domain of servers; a few serve most of the world.
fn popular(count: usize, random: &mut Random) -> usize {
    ((count as f64).powf(random.fraction()) as usize - 1).min(count - 1)
}

/// The domains that the name servers of a mail domain are in.
fn draw_servers(count: usize, random: &mut Random) -> Vec<usize> {
    let first = popular(count, random);
    let second = random.below(count as u64) as usize;
    match random.below(10) {
        0..5 => vec![first],
        5..8 => vec![second],
        _ => distinct(vec![first, second]),
    }
}

/// The mail servers of a domain: host, domain of the host if others could register that, preference.
fn draw_mail_servers(own: &str, count: usize, random: &mut Random) -> Vec<(String, Option<usize>, u64)> {
    let host =
        |name: &str, by: usize, preference| (format!("{name}.{}", server_domain(by)), Some(by), preference);
    let (first, second) = (popular(count, random), random.below(count as u64) as usize);
    match random.below(20) {
        0..2 => Vec::new(),
        2..5 => vec![(format!("mail.{own}"), None, 10)],
        5..10 => vec![host("mx1", first, 10), host("mx2", first, 10)],
        10..13 => vec![host("mx", second, 5)],
        13..15 => vec![host("mx1", second, 10), host("mx2", first, 20)],
        15..17 => vec![host("mx1", first, 10), host("mx2", second, 10)],
        17 => vec![host("mx1", second, 10), (format!("backup.{own}"), None, 20)],
        18 => vec![(".".to_owned(), None, 0)],
        _ => vec![("192.0.2.25".to_owned(), None, 10), host("mx", second, 20)],
    }
}

/// How far each domain of servers can be taken over: looked at again and again until nothing changes.
fn trace(servers: &[ServerDomain]) -> Vec<Door> {
    let begin = |server: &ServerDomain| Door {
        now: if matches!(server.fate, Fate::NotFound | Fate::Absent) { Taken::Every } else { Taken::No },
        soon: matches!(server.fate, Fate::Redemption | Fate::PendingDelete),
    };
    let mut doors: Vec<Door> = servers.iter().map(begin).collect();
    let mut changes = true;
    while changes {
        changes = false;
        for (number, server) in servers.iter().enumerate() {
            // its own hosts are found through glue
            let by = server.served_by.iter().map(|by| (Some(*by).filter(|by| *by != number), true));
            let through = behind(&doors, by);
            let door = &mut doors[number];
            let new = Door { now: door.now.max(through.now), soon: door.soon || through.soon };
            changes |= (new.now, new.soon) != (door.now, door.soon);
            *door = new;
        }
    }
    doors
}

/// How far what is behind these servers can be taken over: each in a domain that others could register, or not; and
/// whether it is among those that all must be taken for the whole.
fn behind(doors: &[Door], servers: impl Iterator<Item = (Option<usize>, bool)>) -> Door {
    let (mut every, mut some, mut soon) = (true, false, false);
    for (domain, decides) in servers {
        let door = domain.map_or(Door { now: Taken::No, soon: false }, |domain| doors[domain]);
        every &= !decides || door.now == Taken::Every;
        some |= door.now != Taken::No;
        soon |= door.soon;
    }
    let now = match (some, every) {
        (false, _) => Taken::No,
        (true, false) => Taken::Some,
        (true, true) => Taken::Every,
    };
    Door { now, soon }
}

impl Taken {
    fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Some => "some",
            Self::Every => "every",
        }
    }
}

/// What the registry said of a domain of servers two days ago; nothing about most.
fn answer(number: usize, fate: Fate, random: &mut Random) -> String {
    let (status, body) = match fate {
        Fate::Absent => return String::new(),
        Fate::Held if random.below(20) > 0 => return String::new(),
        Fate::NotFound => (404, r#"{"errorCode":404,"title":"Not Found"}"#.to_owned()),
        Fate::Held => (200, object(number, "active", 200)),
        Fate::Redemption => (200, object(number, "redemption period", -48)),
        Fate::PendingDelete => (200, object(number, "pending delete", -71)),
    };
    let (domain, source, fetched) = (server_domain(number), REGISTRIES[number % 3], text(AS_OF - 2 * DAY));
    format!(
        "{{\"domain\":\"{domain}\",\"fetched_at\":\"{fetched}\",\"source\":\"{source}\",\"http_status\":{status},\"body\":{body}}}\n"
    )
}

/// A domain object that expires so many days after as-of.
fn object(number: usize, status: &str, expires: i64) -> String {
    let event = |action: &str, days: i64| {
        format!("{{\"eventAction\":\"{action}\",\"eventDate\":\"{}\"}}", text(AS_OF + days * DAY))
    };
    let events = [event("registration", -4_000), event("expiration", expires)].join(",");
    let domain = server_domain(number);
    format!(
        "{{\"objectClassName\":\"domain\",\"ldhName\":\"{domain}\",\"status\":[\"{status}\"],\"events\":[{events}]}}"
    )
}
