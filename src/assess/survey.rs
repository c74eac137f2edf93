//! Every name that a run has to judge, before anything is judged.
//!
//! Mail domains are cut to the names at which registration happens. The holder of a name server's domain
//! controls every domain that it serves, and that of a mail server's reads the mail. So the domains of all NS targets and
//! MX hosts are surveyed too, and those of their name servers, until nothing new turns up: each name once, whatever the
//! cycles. Name servers come from zones alone, so the survey needs no RDAP answer. What it finds are the names for which
//! answers are wanted.
//!
//! *The registered unit may lie deeper.* Where a complete zone holds only names below a registrable domain
//! (`bergquist.name`, `springfield.or.us`), the names one label deeper are the registered ones, and so on down while
//! that holds. A host or mail domain is then judged at that depth, so that neighbours neither hide nor condemn each
//! other. A mail domain that is itself such a name stays what is judged, and nothing can be said of it. A zone that is
//! not complete decides nothing about the unit: what it lacks may be there.
//!
//! *Mail servers in the mail domain itself* are no names of their own: the domain answers for them. Only where names below
//! it may be registered apart from it are they spelled out and surveyed: below a public suffix, where the list has
//! rules further down, or where only names below it are registered.
//!
//! Names are sorted, not hashed: sorting uses all threads, a name's number is its place, and looking names up in
//! their order keeps neighbouring probes of a zone's table close together. Domains share sets of name servers, so
//! hosts are read once for each set. Memory: one [`Surveyed`] for each distinct name, one [`Host`] for each distinct
//! name server.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::judged::end_of;
use super::lifecycle::Clock;
use super::server_sets::{ServerSetNumbers, ServerSets};
use crate::mail::MailServers;
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
    /// Whether it lies below its registrable domain.
    pub(super) is_deeper: bool,
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
    /// The names: first those of mail domains, the registrable domains and public suffixes among them sorted; then
    /// those that only servers depend on.
    pub(crate) names: Vec<Surveyed<'a>>,
    /// How many names are those of mail domains.
    pub(crate) of_mail: usize,
    /// Whether these are all in the order of their names.
    pub(super) is_sorted: bool,
    /// For each name the number of its set of name servers.
    pub(crate) servers: Vec<u32>,
    /// The sets of name servers.
    pub(crate) sets: ServerSets<'a>,
    /// The name servers.
    pub(crate) hosts: Vec<Host<'a>>,
    /// The mail servers of the mail domains.
    pub(crate) mail_servers: &'a MailServers,
    /// For each host among them where it may be registered.
    pub(crate) mail_hosts: Vec<Candidates>,
}

/// Looks at all mail domains. `presence_days`: days for which presence counts at least.
pub(crate) fn survey<'a>(
    mail_domains: &'a [MailDomain],
    mail_servers: &'a mut MailServers,
    suffixes: &SuffixList,
    catalog: &'a Catalog,
    presence_days: i32,
) -> Survey<'a> {
    let mut surveyor = Surveyor {
        suffixes,
        catalog,
        presence_days,
        names: Vec::new(),
        sorted: 0,
        others: HashMap::default(),
        has_only_below: AtomicBool::new(false),
    };
    let mail_name = |place: u32| &*mail_domains[place as usize].name;
    let mail = surveyor.visit(mail_domains.len(), &mail_name);
    let of_mail = surveyor.names.len();
    let is_sorted = surveyor.sorted == of_mail;
    mail_servers.spell_out(&surveyor.with_hosts_apart(mail_domains, &mail, mail_servers), mail_domains);
    let mail_servers = &*mail_servers;
    let mail_hosts =
        surveyor.visit(mail_servers.hosts().len(), &|place| &mail_servers.hosts()[place as usize]);
    let mut sets = ServerSetNumbers::default();
    let (mut servers, mut hosts) = (Vec::new(), Vec::new());
    while servers.len() < surveyor.names.len() {
        sets.add(&surveyor.names[servers.len()..], &mut servers);
        let fresh = &sets.hosts()[hosts.len()..];
        let candidates = surveyor.visit(fresh.len(), &|place| fresh[place as usize]);
        hosts.extend(fresh.iter().zip(candidates).map(|(name, candidates)| Host { name, candidates }));
    }
    let (names, sets) = (surveyor.names, sets.finish());
    Survey { mail, names, of_mail, is_sorted, servers, sets, hosts, mail_servers, mail_hosts }
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
    is_deeper: bool,
}

impl NameToFind {
    fn of(whose: u32, cut: &Cut<'_>, is_private: bool) -> Self {
        let name = cut.registrable.unwrap_or(cut.suffix);
        let (octets, suffix_octets) = (name.len() as u16, cut.suffix.len() as u16);
        let (start, kind) = (start_of(name), cut.kind);
        Self { start, whose, octets, suffix_octets, kind, is_private, is_deeper: false }
    }

    /// The name one label below `upper` in the host or mail domain `of`, if there is one.
    fn below(upper: &Surveyed<'_>, whose: u32, of: &str, is_private: bool) -> Option<Self> {
        let above = of.len().checked_sub(upper.name.len() + 1)?;
        let label = of[..above].rfind('.').map_or(above, |dot| above - dot - 1);
        let octets = upper.name.len() + 1 + label;
        let (start, kind) = (start_of(&of[of.len() - octets..]), upper.suffix_kind);
        let (octets, suffix_octets) = (octets as u16, upper.suffix_octets);
        Some(Self { start, whose, octets, suffix_octets, kind, is_private, is_deeper: true })
    }
}

fn start_of(name: &str) -> u128 {
    let mut start = [0; 16];
    start.iter_mut().zip(name.bytes()).for_each(|(slot, byte)| *slot = byte);
    u128::from_be_bytes(start)
}

/// There is room for a domain of name servers for every so many domains of addresses.
const ROOM: usize = 4;

struct Surveyor<'s, 'a> {
    suffixes: &'s SuffixList,
    catalog: &'a Catalog,
    presence_days: i32,
    names: Vec<Surveyed<'a>>,
    /// Names up to here are sorted.
    sorted: usize,
    /// Where the others are.
    others: HashMap<(&'a str, SuffixKind), u32, foldhash::fast::FixedState>,
    /// Whether the zones hold only names below one of the names.
    has_only_below: AtomicBool,
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
        let wanted: Vec<NameToFind> = (0..count as u32).into_par_iter().flat_map_iter(wanted_of).collect();
        let mut candidates = vec![Candidates::default(); count];
        self.resolve(wanted, name_of, &mut candidates);
        while self.has_only_below.load(Ordering::Relaxed) {
            let wanted = self.deeper(&candidates, name_of);
            if wanted.is_empty() {
                break;
            }
            self.resolve(wanted, name_of, &mut candidates);
        }
        candidates
    }

    /// The names one label below candidates that only hold names below them.
    fn deeper(
        &self,
        candidates: &[Candidates],
        name_of: &(dyn Fn(u32) -> &'a str + Sync),
    ) -> Vec<NameToFind> {
        let below = |whose: u32, place: u32, is_private: bool| {
            let upper = &self.names[place as usize];
            let is_registrable = upper.name.len() > usize::from(upper.suffix_octets);
            let only_below = upper.zone.holds_only_names_below() && is_registrable;
            only_below.then(|| NameToFind::below(upper, whose, name_of(whose), is_private)).flatten()
        };
        let of_both = |(whose, candidates): (usize, &Candidates)| {
            let icann = below(whose as u32, candidates.icann, false);
            let private = candidates.private.and_then(|place| below(whose as u32, place, true));
            icann.into_iter().chain(private)
        };
        candidates.par_iter().enumerate().flat_map_iter(of_both).collect()
    }

    /// The mail domains with mail servers below them that may be registered under other names than they are. The others
    /// answer for these servers.
    fn with_hosts_apart(
        &self,
        mail_domains: &[MailDomain],
        mail: &[Candidates],
        servers: &MailServers,
    ) -> Vec<u32> {
        if servers.domains() == 0 {
            return Vec::new();
        }
        let may_lie_deeper = self.has_only_below.load(Ordering::Relaxed);
        let is_apart = |number: &u32| {
            let place = *number as usize;
            if !servers.at(place).is_some_and(|set| servers.has_hosts_within(set.list)) {
                return false;
            }
            let (name, Candidates { icann, private }) = (&*mail_domains[place].name, mail[place]);
            let has_only_below = || {
                let unit = &self.names[icann as usize];
                unit.name.len() == name.len() && unit.zone.holds_only_names_below()
            };
            private.is_some() || self.suffixes.may_divide(name) || (may_lie_deeper && has_only_below())
        };
        (0..mail.len() as u32).into_par_iter().filter(is_apart).collect()
    }

    /// Looks up those of the names that are new, and notes the places of all.
    fn resolve(
        &mut self,
        mut wanted: Vec<NameToFind>,
        name_of: &(dyn Fn(u32) -> &'a str + Sync),
        candidates: &mut [Candidates],
    ) {
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
        self.place(candidates, &wanted, &is_first, &known);
        drop(wanted);
        let mut known = known.into_iter();
        fresh.retain(|_| known.next().flatten().is_none());
        self.look_up(&fresh, &text);
    }

    /// Notes where each host or mail domain may be registered: `known` are the places of the names that were looked up
    /// before; the others come after these, in their order.
    fn place(
        &self,
        candidates: &mut [Candidates],
        wanted: &[NameToFind],
        is_first: &[bool],
        known: &[Option<u32>],
    ) {
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
    }

    /// Where a name is that was looked up before.
    fn find(&self, name: &str, kind: SuffixKind) -> Option<u32> {
        let sorted = &self.names[..self.sorted];
        let found = sorted.binary_search_by(|known| (known.name, known.suffix_kind).cmp(&(name, kind)));
        found.ok().map(|place| place as u32).or_else(|| self.others.get(&(name, kind)).copied())
    }

    fn look_up(&mut self, fresh: &[NameToFind], text: &(impl Fn(&NameToFind) -> &'a str + Sync)) {
        let (catalog, shortest, has_only_below) = (self.catalog, self.presence_days, &self.has_only_below);
        let look_up = |probe: &mut Probe<'a>, wanted: &NameToFind| {
            let name = text(wanted);
            let days = Clock::of(name, wanted.kind).presence_days().max(shortest);
            let zone = probe.evidence(name, days);
            if zone.holds_only_names_below() {
                has_only_below.store(true, Ordering::Relaxed);
            }
            let NameToFind { suffix_octets, kind: suffix_kind, is_deeper, .. } = *wanted;
            Surveyed { name, suffix_octets, suffix_kind, is_deeper, zone }
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
        if is_first {
            self.sorted = self.names.len();
        } else {
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
