//! Every name that a run has to judge, before anything is judged.
//!
//! Mail domains are cut to the names at which registration happens. Whoever holds the domain of a name
//! server holds every domain that it serves, so the domains of all NS targets are surveyed too, and those of
//! their servers, until nothing new turns up: each name once, whatever the cycles. Zones alone tell the
//! servers, so the survey needs no RDAP answer; what it finds is what answers are wanted for.
//!
//! Names are looked up in sorted order, side by side, which keeps neighbouring probes of a zone's table close
//! together. Memory: one [`ZoneEvidence`] for each distinct name, one [`Host`] for each distinct name server.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::lifecycle::Lifecycle;
use crate::name::MailDomain;
use crate::name::suffix::{Cut, SuffixKind, SuffixList, tld};
use crate::snapshot::{Catalog, Probe, ZoneEvidence};

/// Names that are looked up one behind the other, at least.
pub(super) const SWEEP: usize = 4096;

type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// The places in the survey of the names under which a host or mail domain may be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidates {
    /// Its registrable domain (or bare public suffix) under the ICANN section.
    pub icann: u32,
    /// The one under a suffix of the PRIVATE section.
    pub private: Option<u32>,
}

/// A name at which registration happens.
#[derive(Debug)]
pub struct Surveyed<'a> {
    /// The name, its suffix, and where that comes from.
    pub cut: Cut<'a>,
    /// What the zones say of it.
    pub zone: ZoneEvidence<'a>,
    /// Its name servers, by their places among the hosts.
    pub servers: Vec<u32>,
}

/// A name server.
#[derive(Debug)]
pub struct Host<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where it may be registered.
    pub candidates: Candidates,
}

/// All names of a run.
#[derive(Debug)]
pub struct Survey<'a> {
    /// For each mail domain, in its order.
    pub mail: Vec<Candidates>,
    /// The names: first those of mail domains, sorted; then those that only name servers lie in.
    pub names: Vec<Surveyed<'a>>,
    /// How many names are those of mail domains.
    pub of_mail: usize,
    /// The name servers.
    pub hosts: Vec<Host<'a>>,
}

impl<'a> Surveyed<'a> {
    /// The name that is judged.
    pub fn name(&self) -> &'a str {
        name_of(&self.cut)
    }
}

fn name_of<'a>(cut: &Cut<'a>) -> &'a str {
    cut.registrable.unwrap_or(cut.suffix)
}

/// Looks at all mail domains. `presence_days`: days for which presence counts at least.
pub fn survey<'a>(
    mail_domains: &'a [MailDomain],
    suffixes: &SuffixList,
    catalog: &'a Catalog,
    presence_days: i32,
) -> Survey<'a> {
    let mut surveyor = Surveyor { catalog, presence_days, places: Map::default(), names: Vec::new() };
    let mail: Vec<Cuts<'a>> = mail_domains.par_iter().map(|mail| cuts_of(&mail.name, suffixes)).collect();
    surveyor.visit(&mail);
    let of_mail = surveyor.names.len();
    let mut hosts = Hosts::default();
    let (mut seen, mut known) = (0, 0);
    while seen < surveyor.names.len() {
        for name in &mut surveyor.names[seen..] {
            name.servers = name.zone.name_servers.iter().map(|host| hosts.place(host)).collect();
        }
        seen = surveyor.names.len();
        let fresh: Vec<Cuts<'a>> =
            hosts.names[known..].par_iter().map(|host| cuts_of(host, suffixes)).collect();
        known = hosts.names.len();
        surveyor.visit(&fresh);
        hosts.cuts.extend(fresh);
    }
    let place = |cuts: &Cuts<'a>| surveyor.candidates(cuts);
    let mail = mail.par_iter().map(place).collect();
    let hosts = hosts.names.iter().zip(&hosts.cuts);
    let hosts = hosts.map(|(name, cuts)| Host { name, candidates: place(cuts) }).collect();
    Survey { mail, names: surveyor.names, of_mail, hosts }
}

/// The cuts of one host or mail domain.
#[derive(Clone, Copy)]
struct Cuts<'a> {
    icann: Cut<'a>,
    private: Option<Cut<'a>>,
}

fn cuts_of<'a>(name: &'a str, suffixes: &SuffixList) -> Cuts<'a> {
    // mail domains without a valid cut were rejected when they were read; nobody can register a name server
    // without one, such as the root
    let whole = Cut { suffix: name, kind: SuffixKind::Implicit, registrable: None };
    match suffixes.cut(name) {
        Ok(icann) if !name.is_empty() => Cuts { icann, private: suffixes.private_cut(name) },
        _ => Cuts { icann: whole, private: None },
    }
}

/// There is room for a domain of name servers for every so many domains of addresses.
const ROOM: usize = 4;

struct Surveyor<'a> {
    catalog: &'a Catalog,
    presence_days: i32,
    places: Map<(&'a str, SuffixKind), u32>,
    names: Vec<Surveyed<'a>>,
}

impl<'a> Surveyor<'a> {
    /// Looks up those names of these cuts that are not known yet.
    fn visit(&mut self, found: &[Cuts<'a>]) {
        let places = &self.places;
        let mut cuts: Vec<Cut<'a>> = found
            .par_iter()
            .flat_map_iter(|cuts| [Some(cuts.icann), cuts.private].into_iter().flatten())
            .filter(|cut| !places.contains_key(&(name_of(cut), cut.kind)))
            .collect();
        cuts.par_sort_unstable_by(|a, b| (name_of(a), a.kind).cmp(&(name_of(b), b.kind)));
        cuts.dedup_by(|a, b| name_of(a) == name_of(b) && a.kind == b.kind);
        let (catalog, shortest) = (self.catalog, self.presence_days);
        let look_up = |probe: &mut Probe<'a>, cut: &Cut<'a>| {
            let name = name_of(cut);
            let days = Lifecycle::of(tld(name)).deletion_days().max(shortest);
            Surveyed { cut: *cut, zone: probe.evidence(name, days), servers: Vec::new() }
        };
        let first = self.names.len() as u32;
        self.places.extend(cuts.iter().zip(first..).map(|(cut, place)| ((name_of(cut), cut.kind), place)));
        // room for the domains of name servers to come: moving a million names costs more than looking them up, and
        // pages that are never touched cost nothing
        if self.names.is_empty() {
            self.names.reserve(cuts.len() + cuts.len() / ROOM);
        }
        let cuts = cuts.par_iter().with_min_len(SWEEP);
        self.names.par_extend(cuts.map_init(|| catalog.probe(), look_up));
    }

    fn candidates(&self, cuts: &Cuts<'a>) -> Candidates {
        let place = |cut: &Cut<'a>| self.places.get(&(name_of(cut), cut.kind)).copied();
        Candidates {
            icann: place(&cuts.icann).unwrap_or_default(),
            private: cuts.private.as_ref().and_then(place),
        }
    }
}

/// Distinct hosts, numbered as they come.
#[derive(Default)]
struct Hosts<'a> {
    names: Vec<&'a str>,
    cuts: Vec<Cuts<'a>>,
    places: Map<&'a str, u32>,
    /// A snapshot stores each of its hosts once, so most are known by address and length in memory.
    seen: Map<(usize, usize), u32>,
}

impl<'a> Hosts<'a> {
    fn place(&mut self, host: &'a str) -> u32 {
        let Self { names, places, seen, .. } = self;
        *seen.entry((host.as_ptr().addr(), host.len())).or_insert_with(|| {
            *places.entry(host).or_insert_with(|| {
                names.push(host);
                names.len() as u32 - 1
            })
        })
    }
}
