//! Random worlds against a slow model: rounds over all domains until nothing changes.

use std::fmt::Write as _;

use super::{FRESH, World, in_short};

/// What others can do with a domain, in the slow model.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct SlowExposure {
    wholly: bool,
    partly: bool,
    not_found: bool,
    soon: bool,
}

/// A domain of servers in a random world: how it stands, and the numbers of the domains that its name servers are in.
struct RandomDomain {
    standing: &'static str,
    servers: Vec<usize>,
}

impl RandomDomain {
    /// What it is exposed to, by what is known so far of the others.
    fn taken(&self, own: usize, known: &[SlowExposure]) -> SlowExposure {
        match self.standing {
            "absent" => SlowExposure { wholly: true, partly: true, ..SlowExposure::default() },
            "not_found" => SlowExposure { wholly: true, partly: true, not_found: true, soon: false },
            "redemption" => SlowExposure { soon: true, ..SlowExposure::default() },
            _ => through(
                self.servers.iter().map(|of| if *of == own { SlowExposure::default() } else { known[*of] }),
            ),
        }
    }
}

fn through(servers: impl Iterator<Item = SlowExposure> + Clone) -> SlowExposure {
    SlowExposure {
        wholly: servers.clone().all(|taken| taken.wholly),
        partly: servers.clone().any(|taken| taken.partly),
        not_found: servers.clone().any(|taken| taken.not_found),
        soon: servers.clone().any(|taken| taken.soon),
    }
}

/// Rounds over all domains until nothing changes.
fn slow(domains: &[RandomDomain]) -> Vec<SlowExposure> {
    let mut known = vec![SlowExposure::default(); domains.len()];
    loop {
        let next: Vec<SlowExposure> =
            domains.iter().enumerate().map(|(own, domain)| domain.taken(own, &known)).collect();
        if next == known {
            return known;
        }
        known = next;
    }
}

/// Risk, action and reasons of a mail domain by the slow model: preferences with what the domain of the host is exposed to.
fn slow_verdict(records: &[(Option<u16>, SlowExposure)]) -> String {
    let all = through(records.iter().map(|(_, taken)| *taken));
    let lowest = records.iter().map(|(preference, _)| *preference).min().flatten();
    let of_lowest = records.iter().filter(|(preference, _)| *preference == lowest);
    let has_lowest = lowest.is_some() && through(of_lowest.map(|(_, taken)| *taken)).wholly;
    let (mut risk, mut actions, mut reasons) = ("none", vec!["none"], String::new());
    if all.soon {
        (risk, actions) = ("high", vec!["review"]);
    }
    if all.partly {
        risk = if all.wholly || has_lowest { "critical" } else { "high" };
        actions.push(if all.not_found { "unverify" } else { "lookup" });
        reasons += " mx.hijackable";
    }
    if all.soon {
        reasons += " mx.soon_hijackable";
    }
    let order = ["none", "notify", "lookup", "review", "unverify"];
    let action = order.into_iter().rev().find(|action| actions.contains(action)).expect("one of them");
    format!("{risk} {action}{reasons}")
}

#[test]
fn as_rounds_until_nothing_changes_find_it() {
    const DOMAINS: usize = 60;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    for round in 0..12 {
        let kinds = 4 + 4 * round;
        let domains: Vec<RandomDomain> = (0..DOMAINS)
            .map(|_| RandomDomain {
                standing: ["absent", "not_found", "redemption"].get(below(kinds)).copied().unwrap_or("held"),
                servers: (0..=below(3)).map(|_| below(DOMAINS)).collect(),
            })
            .collect();
        let (mut zone, mut answers) = (String::new(), String::new());
        for (number, RandomDomain { standing, servers }) in domains.iter().enumerate() {
            match *standing {
                "held" => {
                    write!(zone, "d{number}.com").expect("text grows");
                    servers.iter().for_each(|of| write!(zone, " ns.d{of}.com").expect("text grows"));
                    zone.push('\n');
                }
                "absent" => {}
                other => writeln!(answers, "d{number}.com {other}").expect("text grows"),
            }
        }
        let (known, mut mail) = (slow(&domains), Vec::new());
        for number in 0..300 {
            let mut hosts = Vec::new();
            let mut taken = Vec::new();
            for place in 0..=below(4) {
                let preference = (below(8) > 0).then(|| below(3) as u16);
                let of = below(DOMAINS + 4);
                let (host, exposed) = match of.checked_sub(DOMAINS) {
                    None => (format!("mx{place}.d{of}.com"), known[of]),
                    Some(0) if place == 0 => ("192.0.2.1".to_owned(), SlowExposure::default()),
                    Some(_) => (format!("mx{place}.m{number}.com"), SlowExposure::default()),
                };
                hosts.push((preference, host));
                taken.push((preference, exposed));
            }
            writeln!(zone, "m{number}.com ns.m{number}.com").expect("text grows");
            mail.push((format!("m{number}.com"), hosts, slow_verdict(&taken)));
        }
        let world = World::new(&[("com", &zone)], &answers);
        let fresh = Some(FRESH);
        let records: Vec<Vec<(Option<u16>, &str)>> = mail
            .iter()
            .map(|(_, hosts, _)| {
                hosts.iter().map(|(preference, host)| (*preference, host.as_str())).collect()
            })
            .collect();
        let sets: Vec<_> = mail
            .iter()
            .zip(&records)
            .map(|((name, _, _), records)| (name.as_str(), Some((fresh, records.as_slice()))))
            .collect();
        world.judge(&sets, |judgement| {
            for (number, (name, hosts, expected)) in mail.iter().enumerate() {
                let found = in_short(judgement, number);
                let without_domains = found.split(' ').filter(|word| !word.contains('='));
                let found = without_domains.collect::<Vec<_>>().join(" ");
                assert_eq!(found, *expected, "{name} of round {round}: {hosts:?}");
            }
        });
    }
}
