//! Every name that a run has to judge, before anything is judged.
//!
//! Mail domains are cut to the names at which registration happens. The holder of a name server's domain
//! controls every domain that it serves, so the domains of all NS targets are surveyed too, and those of
//! their servers, until nothing new turns up: each name once, whatever the cycles. Name servers come from zones
//! alone, so the survey needs no RDAP answer. What it finds are the names for which answers are wanted.
//!
//! Names are sorted, not hashed: sorting uses all threads, a name's number is its place, and looking names up in
//! their order keeps neighbouring probes of a zone's table close together. Domains share sets of name servers, so
//! hosts are read once for each set. Memory: one [`Surveyed`] for each distinct name, one [`Host`] for each distinct
//! name server.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::judged::end_of;
use super::lifecycle::Clock;
use super::server_sets::ServerSets;
use crate::name::MailDomain;
use crate::name::suffix::{Cut, SuffixKind, SuffixList};
use crate::snapshot::{Catalog, Probe, ZoneEvidence};

/// Names that one worker looks up in a row, at least.
pub(super) const SWEEP: usize = 4096;

/// The places in the survey of the names under which a host or mail domain may be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Candidates {
    /// Its registrable domain (or bare public suffix) under the ICANN section.
    pub(crate) icann: u32,
    /// The one under a suffix of the PRIVATE section.
    pub(crate) private: Option<u32>,
}

/// A name at which registration happens.
#[derive(Debug)]
pub(crate) struct Surveyed<'a> {
    /// The name.
    pub(crate) name: &'a str,
    /// Octets of the public suffix at its end.
    pub(super) suffix_octets: u16,
    /// Where the suffix comes from.
    pub(crate) suffix_kind: SuffixKind,
    /// What the zones say of it.
    pub(crate) zone: ZoneEvidence<'a>,
}

/// A name server.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Where it may be registered.
    pub(crate) candidates: Candidates,
}

/// All names of a run.
#[derive(Debug)]
pub(crate) struct Survey<'a> {
    /// For each mail domain, in its order.
    pub(crate) mail: Vec<Candidates>,
    /// The names: first those of mail domains, sorted; then those that only name servers depend on.
    pub(crate) names: Vec<Surveyed<'a>>,
    /// How many names are those of mail domains.
    pub(crate) of_mail: usize,
    /// For each name the number of its set of name servers.
    pub(crate) servers: Vec<u32>,
    /// The sets of name servers.
    pub(crate) sets: ServerSets<'a>,
    /// The name servers.
    pub(crate) hosts: Vec<Host<'a>>,
}

/// Looks at all mail domains. `presence_days`: days for which presence counts at least.
pub(crate) fn survey<'a>(
    mail_domains: &'a [MailDomain],
    suffixes: &SuffixList,
    catalog: &'a Catalog,
    presence_days: i32,
) -> Survey<'a> {
    let mut surveyor = Surveyor {
        suffixes,
        catalog,
        presence_days,
        names: Vec::new(),
        of_mail: 0,
        others: HashMap::default(),
    };
    let mail_name = |place: u32| &*mail_domains[place as usize].name;
    let mail = surveyor.visit(mail_domains.len(), &mail_name);
    let of_mail = surveyor.names.len();
    surveyor.of_mail = of_mail;
    let mut sets = ServerSets::default();
    let (mut servers, mut hosts) = (Vec::new(), Vec::new());
    while servers.len() < surveyor.names.len() {
        sets.add(&surveyor.names[servers.len()..], &mut servers);
        let fresh = &sets.hosts()[hosts.len()..];
        let candidates = surveyor.visit(fresh.len(), &|place| fresh[place as usize]);
        hosts.extend(fresh.iter().zip(candidates).map(|(name, candidates)| Host { name, candidates }));
    }
    Survey { mail, names: surveyor.names, of_mail, servers, sets, hosts }
}

/// One name under which a host or mail domain may be registered.
#[derive(Clone, Copy)]
struct NameToFind {
    /// The first octets of the name, which decide nearly every comparison without a step through memory.
    start: u128,
    /// Which host or mail domain.
    whose: u32,
    octets: u16,
    suffix_octets: u16,
    kind: SuffixKind,
    is_private: bool,
}

impl NameToFind {
    fn of(whose: u32, cut: &Cut<'_>, is_private: bool) -> Self {
        let name = cut.registrable.unwrap_or(cut.suffix);
        let mut start = [0; 16];
        start.iter_mut().zip(name.bytes()).for_each(|(slot, byte)| *slot = byte);
        let start = u128::from_be_bytes(start);
        let (octets, suffix_octets) = (name.len() as u16, cut.suffix.len() as u16);
        Self { start, whose, octets, suffix_octets, kind: cut.kind, is_private }
    }
}

/// There is room for a domain of name servers for every so many domains of addresses.
const ROOM: usize = 4;

struct Surveyor<'s, 'a> {
    suffixes: &'s SuffixList,
    catalog: &'a Catalog,
    presence_days: i32,
    names: Vec<Surveyed<'a>>,
    /// Names up to here are sorted.
    of_mail: usize,
    /// Where the others are.
    others: HashMap<(&'a str, SuffixKind), u32, foldhash::fast::FixedState>,
}

impl<'a> Surveyor<'_, 'a> {
    /// Finds the names under which these hosts or mail domains may be registered, and looks up the new ones. Returns
    /// the places of the names for each host or mail domain.
    fn visit(&mut self, count: usize, name_of: &(dyn Fn(u32) -> &'a str + Sync)) -> Vec<Candidates> {
        let suffixes = self.suffixes;
        let wanted_of = |whose: u32| {
            let (icann, private) = cuts_of(name_of(whose), suffixes);
            let private = private.map(|cut| NameToFind::of(whose, &cut, true));
            [Some(NameToFind::of(whose, &icann, false)), private].into_iter().flatten()
        };
        let mut wanted: Vec<NameToFind> =
            (0..count as u32).into_par_iter().flat_map_iter(wanted_of).collect();
        let text = |wanted: &NameToFind| end_of(name_of(wanted.whose), wanted.octets);
        wanted.par_sort_unstable_by(|a, b| {
            a.start.cmp(&b.start).then_with(|| (text(a), a.kind).cmp(&(text(b), b.kind)))
        });
        let is_same =
            |a: &NameToFind, b: &NameToFind| a.start == b.start && a.kind == b.kind && text(a) == text(b);
        let is_first = |at: usize| at == 0 || !is_same(&wanted[at - 1], &wanted[at]);
        let is_first: Vec<bool> = (0..wanted.len()).into_par_iter().map(is_first).collect();
        let firsts = wanted.iter().zip(&is_first).filter(|(_, is_first)| **is_first);
        let mut fresh: Vec<NameToFind> = firsts.map(|(first, _)| *first).collect();
        let known: Vec<Option<u32>> =
            fresh.par_iter().map(|first| self.find(text(first), first.kind)).collect();
        let candidates = self.places(count, &wanted, &is_first, &known);
        drop(wanted);
        let mut known = known.into_iter();
        fresh.retain(|_| known.next().flatten().is_none());
        self.look_up(&fresh, &text);
        candidates
    }

    /// Where each host or mail domain may be registered: `known` are the places of the names that were looked up before;
    /// the others come after these, in their order.
    fn places(
        &self,
        count: usize,
        wanted: &[NameToFind],
        is_first: &[bool],
        known: &[Option<u32>],
    ) -> Vec<Candidates> {
        let mut candidates = vec![Candidates::default(); count];
        let mut next = self.names.len() as u32;
        let mut known = known.iter();
        let mut place = 0;
        for (wanted, is_first) in wanted.iter().zip(is_first) {
            if *is_first {
                place = known.next().copied().flatten().unwrap_or_else(|| {
                    next += 1;
                    next - 1
                });
            }
            let candidates = &mut candidates[wanted.whose as usize];
            match wanted.is_private {
                false => candidates.icann = place,
                true => candidates.private = Some(place),
            }
        }
        candidates
    }

    /// Where a name is that was looked up before.
    fn find(&self, name: &str, kind: SuffixKind) -> Option<u32> {
        let of_mail = &self.names[..self.of_mail];
        let found = of_mail.binary_search_by(|known| (known.name, known.suffix_kind).cmp(&(name, kind)));
        found.ok().map(|place| place as u32).or_else(|| self.others.get(&(name, kind)).copied())
    }

    fn look_up(&mut self, fresh: &[NameToFind], text: &(impl Fn(&NameToFind) -> &'a str + Sync)) {
        let (catalog, shortest) = (self.catalog, self.presence_days);
        let look_up = |probe: &mut Probe<'a>, wanted: &NameToFind| {
            let name = text(wanted);
            let days = Clock::of(name, wanted.kind).presence_days().max(shortest);
            let zone = probe.evidence(name, days);
            Surveyed { name, suffix_octets: wanted.suffix_octets, suffix_kind: wanted.kind, zone }
        };
        let is_first = self.names.is_empty();
        // room for the domains of name servers to come: moving a million names costs more than looking them up, and
        // pages that are never touched cost nothing
        if is_first {
            self.names.reserve(fresh.len() + fresh.len() / ROOM);
        }
        let first = self.names.len();
        let found = fresh.par_iter().with_min_len(SWEEP).map_init(|| catalog.probe(), look_up);
        self.names.par_extend(found);
        if !is_first {
            let places = first as u32..;
            let found = self.names[first..].iter().zip(places);
            self.others.extend(found.map(|(found, place)| ((found.name, found.suffix_kind), place)));
        }
    }
}

/// The cuts of one host or mail domain.
fn cuts_of<'a>(name: &'a str, suffixes: &SuffixList) -> (Cut<'a>, Option<Cut<'a>>) {
    // mail domains without a valid cut were rejected when they were read; nobody can register a name server
    // without one, such as the root
    let whole = Cut { suffix: name, kind: SuffixKind::Implicit, registrable: None };
    match suffixes.cut(name) {
        Ok(icann) if !name.is_empty() => (icann, suffixes.private_cut(name)),
        _ => (whole, None),
    }
}
