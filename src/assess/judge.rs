//! Every mail domain of a run, judged once.
//!
//! Mail domains are cut to the names at which registration happens; the distinct names are judged in
//! sorted order, side by side, which keeps neighbouring probes of a zone's table close together. Where a
//! mail domain has two candidates, its ICANN registrable domain and a private one, the worse stands.
//! Memory: one judgement for each distinct name.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::evidence::{Evidence, Sources};
use super::reason::Reason;
use super::rules;
use super::special::is_open_registry;
use super::verdict::{Action, Risk, State, Verdict};
use crate::name::MailDomain;
use crate::name::suffix::{Cut, SuffixKind};
use crate::rdap::RdapOutcome;
use crate::snapshot::Probe;

/// Names that are looked up one behind the other.
const SWEEP: usize = 4096;

/// One judged domain with its evidence.
#[derive(Debug)]
pub struct JudgedDomain<'a> {
    /// The name that was judged.
    pub name: &'a str,
    /// The registrable domain under the ICANN section; none for a bare public suffix.
    pub registrable: Option<&'a str>,
    /// The public suffix under which `name` is registered.
    pub suffix: &'a str,
    /// Where that suffix comes from.
    pub suffix_kind: SuffixKind,
    /// The evidence.
    pub evidence: Evidence<'a>,
    /// The verdict.
    pub verdict: Verdict,
}

/// What stands for a mail domain.
#[derive(Debug, Clone)]
pub struct MailVerdict<'a> {
    /// The domain whose verdict stands: its place in [`Judgement::domains`].
    pub domain: u32,
    /// The registrable domain under the ICANN section; none for a bare public suffix.
    pub registrable: Option<&'a str>,
    /// Reasons of this mail domain's own.
    pub reasons: Vec<Reason>,
}

/// All judgements of a run.
#[derive(Debug)]
pub struct Judgement<'a> {
    /// The judged domains that stand for some mail domain, sorted by name.
    pub domains: Vec<JudgedDomain<'a>>,
    /// For each mail domain, in its order.
    pub mail: Vec<MailVerdict<'a>>,
}

/// The names under which a mail domain may be registered.
struct Candidates<'a> {
    icann: Cut<'a>,
    private: Option<Cut<'a>>,
}

/// Judges all mail domains.
pub fn judge_all<'a>(mail_domains: &'a [MailDomain], sources: &Sources<'a>) -> Judgement<'a> {
    let candidates: Vec<Candidates<'a>> =
        mail_domains.par_iter().map(|mail| candidates_of(&mail.name, sources)).collect();
    let mut cuts: Vec<Cut<'a>> = candidates
        .par_iter()
        .flat_map_iter(|candidates| [Some(candidates.icann), candidates.private].into_iter().flatten())
        .collect();
    let name_of = |cut: &Cut<'a>| cut.registrable.unwrap_or(cut.suffix);
    cuts.par_sort_unstable_by(|a, b| (name_of(a), a.kind).cmp(&(name_of(b), b.kind)));
    cuts.dedup_by(|a, b| name_of(a) == name_of(b) && a.kind == b.kind);
    let judged: Vec<JudgedDomain<'a>> = cuts
        .par_chunks(SWEEP)
        .flat_map_iter(|cuts| {
            let mut probe = sources.catalog.probe();
            cuts.iter().map(move |cut| judge_cut(cut, sources, &mut probe))
        })
        .collect();
    let places: HashMap<(&str, SuffixKind), u32, foldhash::fast::FixedState> = judged
        .iter()
        .enumerate()
        .map(|(place, domain)| ((domain.name, domain.suffix_kind), place as u32))
        .collect();
    let place_of = |cut: &Cut<'a>| places.get(&(name_of(cut), cut.kind)).copied().unwrap_or_default();
    let mut mail: Vec<MailVerdict<'a>> = mail_domains
        .par_iter()
        .zip(&candidates)
        .map(|(mail, candidates)| choose(mail, candidates, &judged, &place_of))
        .collect();
    let domains = keep_used(judged, &mut mail);
    Judgement { domains, mail }
}

fn candidates_of<'a>(name: &'a str, sources: &Sources<'a>) -> Candidates<'a> {
    let whole = Cut { suffix: name, kind: SuffixKind::Implicit, registrable: None };
    Candidates {
        // names that have no valid cut were rejected when they were read
        icann: sources.suffixes.cut(name).unwrap_or(whole),
        private: sources.suffixes.private_cut(name),
    }
}

fn judge_cut<'a>(cut: &Cut<'a>, sources: &Sources<'a>, probe: &mut Probe<'a>) -> JudgedDomain<'a> {
    let name = cut.registrable.unwrap_or(cut.suffix);
    let evidence = sources.evidence(name, cut.registrable.is_none(), probe);
    let mut verdict = rules::judge(&evidence.facts);
    let covered = evidence.zone.snapshot.is_some()
        || evidence.rdap.answer.is_some_and(|answer| answer.outcome != RdapOutcome::Error);
    let registrable = match cut.kind {
        SuffixKind::Private => {
            if !covered && verdict.state == State::Unknown {
                verdict.reasons.push(Reason::PrivateUncovered);
                verdict.reasons.sort_unstable();
            }
            sources.suffixes.cut(name).ok().and_then(|parent| parent.registrable)
        }
        _ => cut.registrable,
    };
    JudgedDomain { name, registrable, suffix: cut.suffix, suffix_kind: cut.kind, evidence, verdict }
}

fn choose<'a>(
    mail: &MailDomain,
    candidates: &Candidates<'a>,
    judged: &[JudgedDomain<'a>],
    place_of: &impl Fn(&Cut<'a>) -> u32,
) -> MailVerdict<'a> {
    let mut reasons = Vec::new();
    if mail.not_ldh {
        reasons.push(Reason::NotLdh);
    }
    let parent = place_of(&candidates.icann);
    let mut chosen = MailVerdict { domain: parent, registrable: candidates.icann.registrable, reasons };
    if let Some(private) = &candidates.private {
        let place = place_of(private);
        let own = &judged[place as usize];
        let uncovered = own.verdict.reasons.contains(&Reason::PrivateUncovered);
        if uncovered && !is_open_registry(private.suffix) {
            chosen.reasons.push(Reason::PrivateParent);
        } else {
            chosen.reasons.push(if uncovered { Reason::PrivateUncovered } else { Reason::PrivateJudged });
            if severity(&own.verdict) >= severity(&judged[parent as usize].verdict) {
                chosen.domain = place;
            }
        }
    }
    chosen
}

fn severity(verdict: &Verdict) -> (Risk, Action) {
    (verdict.risk, verdict.action)
}

/// Drops the judged domains that stand for no mail domain.
fn keep_used<'a>(judged: Vec<JudgedDomain<'a>>, mail: &mut [MailVerdict<'a>]) -> Vec<JudgedDomain<'a>> {
    let mut used = vec![false; judged.len()];
    mail.iter().for_each(|verdict| used[verdict.domain as usize] = true);
    let mut place = vec![0u32; judged.len()];
    let mut next = 0;
    for (old, used) in used.iter().enumerate() {
        place[old] = next;
        next += u32::from(*used);
    }
    mail.iter_mut().for_each(|verdict| verdict.domain = place[verdict.domain as usize]);
    let mut used = used.into_iter();
    judged.into_iter().filter(|_| used.next().unwrap_or(false)).collect()
}
