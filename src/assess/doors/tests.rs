//! Mail servers of planted worlds, and of random ones against a slow model.

mod model;
mod own;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::assess::Sources;
use crate::assess::judge::{Judgement, judge_all};
use crate::assess::listing::Listings;
use crate::assess::overrides::Overrides;
use crate::assess::policy::Policy;
use crate::assess::survey::survey;
use crate::assess::verdict::Verdict;
use crate::mail::{MailClasses, MailServers};
use crate::name::{MailDomain, SuffixList};
use crate::progress::Progress;
use crate::rdap::{Answer, Events, RdapOutcome, RdapTable, RegistryServers, Status, StatusSet};
use crate::snapshot::TrustLimits;
use crate::snapshot::intake::IntakeOptions;
use crate::snapshot::zones::{ZoneOptions, ZonePaths, Zones};
use crate::time::{BareDate, Moment};
use crate::zone::ReadOptions;

/// Zones and answers, as of [`AS_OF`].
struct World {
    zones: Zones,
    rdap: RdapTable,
    suffixes: SuffixList,
    registries: RegistryServers,
    lists: Listings,
    _scratch: tempfile::TempDir,
}

/// A mail domain, with its mail servers if they are known.
type PlantedMail<'t> = (&'t str, Option<PlantedSet<'t>>);

/// When mail servers were seen, and preference and host of each.
type PlantedSet<'t> = (Option<&'t str>, &'t [(Option<u16>, &'t str)]);

const AS_OF: &str = "2026-06-01";

fn moment(text: &str) -> Moment {
    Moment::parse(text, BareDate::Start).expect("a moment")
}

impl World {
    /// `zones`: origin, and lines of a name and its name servers. `answers`: lines of a name and an outcome or status.
    fn new(zones: &[(&str, &str)], answers: &str) -> Self {
        let scratch = tempfile::tempdir().expect("a temporary directory");
        for (origin, names) in zones {
            let soa = format!("{origin}. 900 IN SOA a.example. b.example. 2026053101 1800 900 604800 900\n");
            let mut zone = soa.clone();
            for line in names.lines().filter(|line| !line.trim().is_empty()) {
                let mut words = line.split_whitespace();
                let name = words.next().expect("a name");
                words.for_each(|server| writeln!(zone, "{name}. 900 IN NS {server}.").expect("text grows"));
            }
            let path = scratch.path().join(format!("{origin}.zone"));
            std::fs::write(path, zone + &soa).expect("a small file can be written");
        }
        let as_of = moment(AS_OF);
        let intake = IntakeOptions {
            read: ReadOptions::default(),
            date: None,
            as_of,
            trust_lists: false,
            max_shrink: 10.0,
        };
        let limits = TrustLimits { as_of, max_zone_age_days: 3, trust_lists: false };
        let options = ZoneOptions { intake: &intake, limits: &limits, store: None };
        let paths = ZonePaths::find(&[scratch.path().to_path_buf()]).expect("zones");
        let zones = paths.read(options, scratch.path(), &Progress::hidden()).expect("readable zones");
        let mut rdap = RdapTable::as_of(as_of);
        answers.lines().filter_map(answer).for_each(|answer| rdap.insert(answer));
        rdap.settle();
        Self {
            zones,
            rdap,
            suffixes: SuffixList::built_in().expect("the built-in list"),
            registries: RegistryServers::read(None, []).expect("the built-in table"),
            lists: Listings::default(),
            _scratch: scratch,
        }
    }

    /// Judges mail domains with their mail servers.
    fn judge<T>(&self, mail: &[PlantedMail<'_>], look: impl FnOnce(&Judgement<'_>) -> T) -> T {
        self.judge_mut(mail, |judgement| look(judgement))
    }

    /// The same, for a look that changes something.
    fn judge_mut<T>(&self, mail: &[PlantedMail<'_>], look: impl FnOnce(&mut Judgement<'_>) -> T) -> T {
        let domain = |(name, _): &(&str, _)| MailDomain::normalize(name).expect("a mail domain");
        let domains: Vec<MailDomain> = mail.iter().map(domain).collect();
        let sets =
            domains.iter().zip(mail).map(|(domain, (_, set))| (&*domain.name, set.unwrap_or_default()));
        let mut servers = MailServers::of(&sets.collect::<Vec<_>>());
        let survey = survey(&domains, &mut servers, &self.suffixes, &self.zones.catalog, 3);
        let sources = Sources {
            suffixes: &self.suffixes,
            catalog: &self.zones.catalog,
            rdap: &self.rdap,
            lists: &self.lists,
            registries: &self.registries,
            mail_classes: &MailClasses::built_in(),
            as_of: moment(AS_OF),
            lead_days: 30,
            max_rdap_age_days: 30,
            max_mx_age_days: 30,
        };
        look(&mut judge_all(&domains, survey, &sources, Policy::Default))
    }
}

/// An answer of the day before; its server is not named, so it is taken as given.
fn answer(line: &str) -> Option<Answer> {
    let mut words = line.split_whitespace();
    let (name, says) = (words.next()?, words.next()?);
    let outcome = if says == "not_found" { RdapOutcome::NotFound } else { RdapOutcome::Found };
    let mut statuses = StatusSet::default();
    match says {
        "redemption" => statuses.insert(Status::RedemptionPeriod),
        "active" => statuses.insert(Status::Active),
        _ => {}
    }
    let registered = (outcome == RdapOutcome::Found).then(|| moment("2020-01-01"));
    Some(Answer {
        name: name.into(),
        outcome,
        fetched_at: moment("2026-05-31T12:00:00Z"),
        dated: true,
        source: None,
        statuses,
        events: Events { registered, ..Events::default() },
        registrar: None,
        registrar_iana_id: None,
        reserved: false,
        note: None,
    })
}

/// `10 mx.example.com, - other.example.com`
fn records(text: &str) -> Vec<(Option<u16>, &str)> {
    let parts = text.split(", ").map(|part| part.split_once(' ').expect("preference and host"));
    parts.map(|(preference, host)| (preference.parse().ok(), host)).collect()
}

/// Risk, action, the reasons that mail servers are, and the domains to blame.
fn in_short(judgement: &Judgement<'_>, number: usize) -> String {
    let mail = &judgement.mail[number];
    let verdict: &Verdict = &judgement.mail_verdict(number, mail.domain);
    let mut text = format!("{} {}", verdict.risk.name(), verdict.action.name());
    let reasons = verdict.reasons.union(mail.reasons).iter().map(|reason| reason.name());
    reasons
        .filter(|name| name.starts_with("mx."))
        .for_each(|name| write!(text, " {name}").expect("text grows"));
    let blamed = judgement.domains[mail.domain as usize].hijackable_mail_servers();
    for server in blamed {
        write!(text, " {}={}/{}", server.host, server.domain, server.state.name()).expect("text grows");
    }
    text
}

const COM: &str = "
    victim.com ns1.victim.com
    held.com ns1.held.com
    google.com ns1.google.com
    outlook.com ns1.outlook.com
    amazonaws.com ns1.amazonaws.com
    uk.com ns1.uk.com
    br.com ns1.nowhere-dns.com
    open-dns.com ns1.missing-dns.com ns2.missing-dns.com
    half-dns.com ns1.half-dns.com ns1.missing-dns.com
    far-dns.com ns1.open-dns.com
    soon-dns.com ns1.redeemed.com
    circle-one.com ns1.circle-two.com
    circle-two.com ns1.circle-one.com
";
const ANSWERS: &str = "
    unknown-to-registry.com not_found
    redeemed.com redemption
    taken.uk.com active
    dropped.uk.com not_found
";

fn world() -> World {
    World::new(&[("com", COM)], ANSWERS)
}

const FRESH: &str = "2026-05-20";

#[track_caller]
fn judges(world: &World, text: &str, expected: &str) {
    judges_seen(world, Some(FRESH), text, expected);
}

#[track_caller]
fn judges_seen(world: &World, seen_at: Option<&str>, text: &str, expected: &str) {
    judges_at(world, "victim.com", seen_at, text, expected);
}

#[track_caller]
fn judges_at(world: &World, mail_domain: &str, seen_at: Option<&str>, text: &str, expected: &str) {
    let records = records(text);
    let set = (seen_at, records.as_slice());
    let found = world.judge(&[(mail_domain, Some(set))], |judgement| in_short(judgement, 0));
    assert_eq!(found, expected, "{mail_domain} {text}");
}

#[test]
fn all_some_or_those_of_the_lowest_preference() {
    let world = &world();
    let gone = "mx.gone.com=gone.com/absent";
    judges(world, "10 mx.held.com", "none none");
    judges(world, "10 mx.gone.com", &format!("critical lookup mx.hijackable {gone}"));
    judges(world, "10 mx.gone.com, 20 mx.held.com", &format!("critical lookup mx.hijackable {gone}"));
    judges(world, "10 mx.held.com, 20 mx.gone.com", &format!("high lookup mx.hijackable {gone}"));
    judges(world, "10 mx.held.com, 10 mx.gone.com", &format!("high lookup mx.hijackable {gone}"));
    // one unknown preference may be the lowest
    judges(world, "- mx.held.com, 20 mx.gone.com", &format!("high lookup mx.hijackable {gone}"));
    judges(world, "- mx.gone.com, 20 mx.held.com", &format!("high lookup mx.hijackable {gone}"));
    judges(world, "- mx.gone.com", &format!("critical lookup mx.hijackable {gone}"));
    let both = format!("a.gone.com=gone.com/absent {gone}");
    judges(world, "10 mx.gone.com, 20 a.gone.com", &format!("critical lookup mx.hijackable {both}"));
    let unknown = "mx.unknown-to-registry.com=unknown-to-registry.com/available";
    judges(world, "10 mx.unknown-to-registry.com", &format!("critical unverify mx.hijackable {unknown}"));
    let both = format!("high unverify mx.hijackable {unknown}");
    judges(world, "10 mx.held.com, 20 mx.unknown-to-registry.com", &both);
}

#[test]
fn soon_and_both() {
    let world = &world();
    let soon = "mx.redeemed.com=redeemed.com/redemption";
    judges(world, "10 mx.redeemed.com", &format!("high review mx.soon_hijackable {soon}"));
    judges(world, "0 mx.held.com, 10 mx.redeemed.com", &format!("high review mx.soon_hijackable {soon}"));
    let both = format!("high review mx.hijackable mx.soon_hijackable mx.gone.com=gone.com/absent {soon}");
    judges(world, "10 mx.redeemed.com, 20 mx.gone.com", &both);
}

#[test]
fn chains_through_the_name_servers_of_the_hosts_domain() {
    let world = &world();
    let open = |host: &str| format!("{host}=missing-dns.com/absent");
    let critical = |host: &str| format!("critical lookup mx.hijackable {}", open(host));
    judges(world, "10 mx.open-dns.com", &critical("mx.open-dns.com"));
    judges(world, "10 mx.far-dns.com", &critical("mx.far-dns.com"));
    let half = format!("high lookup mx.hijackable {}", open("mx.half-dns.com"));
    judges(world, "10 mx.half-dns.com", &half);
    judges(
        world,
        "10 mx.soon-dns.com",
        "high review mx.soon_hijackable mx.soon-dns.com=redeemed.com/redemption",
    );
    judges(world, "10 mx.circle-one.com", "none none");
}

#[test]
fn what_nobody_can_register() {
    let world = &world();
    judges(world, "10 victim.com, 20 mail.victim.com", "none none");
    judges(world, "10 192.0.2.1", "none none");
    judges(world, "10 localhost", "none none");
    judges(world, "10 com", "none none");
    judges(world, "10 co.uk", "none none");
    judges(world, "10 !", "none none");
    // about a top-level domain without a zone nothing is known
    judges(world, "10 mx.zoho.eu", "none none");
    judges(world, "10 mx.gone.example", "none none");
    // they count as hosts all the same
    let some = "high lookup mx.hijackable mx.gone.com=gone.com/absent";
    judges(world, "10 192.0.2.1, 20 mx.gone.com", some);
    judges(world, "10 !, 10 mx.gone.com", some);
    judges(world, "10 victim.com, 20 mx.gone.com", some);
}

#[test]
fn null_records() {
    let world = &world();
    judges(world, "0 .", "none none mx.none");
    judges(world, "0 ., 10 mx.held.com", "none none");
    judges(world, "0 ., 10 mx.gone.com", "critical lookup mx.hijackable mx.gone.com=gone.com/absent");
    judges_seen(world, Some("2026-01-01"), "0 .", "none none mx.none mx.stale");
    judges_seen(world, None, "0 .", "none none mx.none mx.undated");
}

#[test]
fn old_data_and_undated_data_raise_nothing() {
    let world = &world();
    let gone = "mx.gone.com=gone.com/absent";
    let fresh = format!("critical lookup mx.hijackable {gone}");
    judges_seen(world, Some("2026-05-02"), "10 mx.gone.com", &fresh);
    let stale = format!("none none mx.hijackable mx.stale {gone}");
    judges_seen(world, Some("2026-05-01"), "10 mx.gone.com", &stale);
    let undated = format!("none none mx.hijackable mx.undated {gone}");
    judges_seen(world, None, "10 mx.gone.com", &undated);
    judges_seen(world, None, "10 mx.held.com", "none none");
    judges_seen(world, Some("2026-01-01"), "10 mx.held.com", "none none");
    let soon = "none none mx.soon_hijackable mx.stale mx.redeemed.com=redeemed.com/redemption";
    judges_seen(world, Some("2026-01-01"), "10 mx.redeemed.com", soon);
}

#[test]
fn shared_providers_and_private_suffixes() {
    let world = &world();
    judges(world, "10 inbound-smtp.us-east-1.amazonaws.com", "none none");
    judges(world, "10 ec2-192-0-2-1.compute-1.amazonaws.com", "none none");
    judges(world, "1 aspmx.l.google.com, 5 alt1.aspmx.l.google.com", "none none");
    judges(world, "0 victim-com.mail.protection.outlook.com", "none none");
    // a registry open to others: nothing is known of the name, or an answer tells
    judges(world, "10 mx.nobody-asked.uk.com", "none none");
    judges(world, "10 mx.taken.uk.com", "none none");
    let dropped = "mx.dropped.uk.com=dropped.uk.com/available";
    judges(world, "10 mx.dropped.uk.com", &format!("critical unverify mx.hijackable {dropped}"));
    // the provider's domain decides, and it alone is to be registered
    let open = "mx.shop.br.com=nowhere-dns.com/absent";
    judges(world, "10 mx.shop.br.com", &format!("critical lookup mx.hijackable {open}"));
    let lapsed = World::new(&[("com", "victim.com ns1.victim.com")], "amazonaws.com not_found");
    let host = "inbound-smtp.us-east-1.amazonaws.com";
    let all = format!("critical unverify mx.hijackable {host}=amazonaws.com/available");
    judges(&lapsed, &format!("10 {host}"), &all);
    let on_hold = World::new(&[("com", "victim.com ns1.victim.com")], "amazonaws.com active");
    judges(&on_hold, &format!("10 {host}"), "none none");
}

#[test]
fn the_raise_is_that_of_one_mail_domain() {
    let world = world();
    let (gone, held) = (records("10 mx.gone.com"), records("10 mx.held.com"));
    let fresh = Some(FRESH);
    let mail = [
        ("victim.com", Some((fresh, held.as_slice()))),
        ("mail.victim.com", Some((fresh, gone.as_slice()))),
        ("other.victim.com", None),
        ("held.com", Some((fresh, gone.as_slice()))),
        ("mail.held.com", None),
    ];
    world.judge(&mail, |judgement| {
        let risk = |number: usize| judgement.mail_verdict(number, judgement.mail[number].domain).risk.name();
        let risks: Vec<_> = (0..mail.len()).map(risk).collect();
        assert_eq!(risks, ["none", "critical", "none", "critical", "none"]);
        let rows: BTreeMap<_, _> = judgement
            .domains
            .iter()
            .map(|domain| {
                (
                    domain.name,
                    (
                        domain.verdict.risk.name(),
                        domain.worst_below(Policy::Default).map(|below| below.risk.name()),
                    ),
                )
            })
            .collect();
        assert_eq!(rows["victim.com"], ("none", Some("critical")));
        assert_eq!(rows["held.com"], ("critical", None));
        let place = judgement.domains.iter().position(|domain| domain.name == "victim.com");
        let place = place.expect("it was judged");
        let sets = judgement.mail_at.at(place);
        assert_eq!(judgement.mail_at.hosts(sets), ["mx.gone.com", "mx.held.com"]);
        assert_eq!(judgement.domains[place].hijackable_mail_servers().len(), 1);
    });
}

#[test]
fn a_decision_holds_for_all_mail_domains_at_a_domain() {
    let world = world();
    let gone = records("10 mx.unknown-to-registry.com");
    let set = Some((Some(FRESH), gone.as_slice()));
    let mail = [("victim.com", set), ("mail.victim.com", set), ("mail.held.com", set)];
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let text = "domain,action,until\nvictim.com,notify,2026-07-01\nheld.com,none,2026-05-01\n";
    std::fs::write(file.path(), text).expect("a small file can be written");
    let overrides = Overrides::read(file.path(), moment(AS_OF).day()).expect("decisions");
    let actions = world.judge_mut(&mail, |judgement| {
        judgement.decide(&overrides);
        let verdict = |number: usize| judgement.mail_verdict(number, judgement.mail[number].domain);
        let verdicts = (0..mail.len()).map(verdict);
        verdicts.map(|verdict| (verdict.risk.name(), verdict.action.name())).collect::<Vec<_>>()
    });
    assert_eq!(actions, [("critical", "notify"), ("critical", "notify"), ("critical", "unverify")]);
}
