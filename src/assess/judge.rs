//! Every name of a survey, judged once; then what stands for each mail domain.
//!
//! Names are judged side by side by the table of states alone; only when all are, it can be told what their name
//! servers add. Where a mail domain has two candidates the worse stands. What others may still change, a person's
//! decision and a circuit breaker, comes last ([`Judgement::decide`], [`super::breaker`]). Memory: one
//! judgement for each distinct name.

use rayon::prelude::*;

use super::evidence::Sources;
use super::judged::JudgedDomain;
use super::name_servers::Exposures;
use super::overrides::{Override, Overrides};
use super::policy::Policy;
use super::private::stands;
use super::reason::Reason;
use super::rules;
use super::survey::{SWEEP, Survey, Surveyed};
use super::verdict::State;
use crate::name::MailDomain;
use crate::name::suffix::SuffixKind;
use crate::rdap::RdapOutcome;
use crate::snapshot::Probe;

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
    /// The policy that gives the actions.
    pub policy: Policy,
}

/// Judges all names of a survey, and through them the mail domains it was made of.
pub fn judge_all<'a>(
    mail_domains: &'a [MailDomain],
    mut survey: Survey<'a>,
    sources: &Sources<'a>,
    policy: Policy,
) -> Judgement<'a> {
    let names = survey.names.par_iter_mut().with_min_len(SWEEP);
    let judge = |probe: &mut Probe<'a>, name: &mut Surveyed<'a>| judge_name(name, sources, probe);
    let mut judged: Vec<JudgedDomain<'a>> = names.map_init(|| sources.catalog.probe(), judge).collect();
    let exposures = Exposures::trace(&survey, &judged);
    let places = (0..survey.of_mail as u32).into_par_iter();
    let findings: Vec<_> = places.filter_map(|place| Some((place, exposures.finding(place)?))).collect();
    for (place, finding) in findings {
        let domain = &mut judged[place as usize];
        domain.verdict.raise(finding.raise, finding.reasons);
        domain.hijackable = finding.servers;
    }
    let mut mail: Vec<MailVerdict<'a>> = mail_domains
        .par_iter()
        .zip(&survey.mail)
        .map(|(mail, candidates)| {
            let (domain, reason) = stands(*candidates, &judged);
            let own = mail.not_ldh.then_some(Reason::NotLdh);
            let registrable = judged[candidates.icann as usize].registrable;
            MailVerdict { domain, registrable, reasons: own.into_iter().chain(reason).collect() }
        })
        .collect();
    judged.truncate(survey.of_mail);
    keep_used(&mut judged, &mut mail);
    judged.par_iter_mut().for_each(|domain| domain.act(policy));
    Judgement { domains: judged, mail, policy }
}

fn judge_name<'a>(
    surveyed: &mut Surveyed<'a>,
    sources: &Sources<'a>,
    probe: &mut Probe<'a>,
) -> JudgedDomain<'a> {
    let (cut, name) = (surveyed.cut, surveyed.name());
    let zone = std::mem::take(&mut surveyed.zone);
    let evidence = sources.evidence(name, cut.registrable.is_none(), zone, probe);
    let mut verdict = rules::judge(&evidence.facts);
    let mut registrable = cut.registrable;
    if cut.kind == SuffixKind::Private {
        let covered = evidence.zone.snapshot.is_some()
            || evidence.rdap.answer.is_some_and(|answer| answer.outcome != RdapOutcome::Error);
        if !covered && verdict.state == State::Unknown {
            verdict.note([Reason::PrivateUncovered]);
        }
        registrable = sources.suffixes.cut(name).ok().and_then(|parent| parent.registrable);
    }
    let (suffix, suffix_kind) = (cut.suffix, cut.kind);
    JudgedDomain { name, registrable, suffix, suffix_kind, evidence, verdict, hijackable: Vec::new() }
}

/// Drops the judged domains that stand for no mail domain.
fn keep_used(judged: &mut Vec<JudgedDomain<'_>>, mail: &mut [MailVerdict<'_>]) {
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
    judged.retain(|_| used.next().unwrap_or(false));
}

impl Judgement<'_> {
    /// Takes over what people decided; the numbers of decisions that hold, and of those whose time is over.
    pub fn decide(&mut self, overrides: &Overrides) -> (usize, usize) {
        let (mut applied, mut expired) = (0, 0);
        for domain in &mut self.domains {
            let decision = overrides.get(domain.name).or_else(|| overrides.get(domain.registrable?));
            match decision {
                Some(Override::Holds(action)) => {
                    domain.verdict.decided = Some(action);
                    domain.verdict.note([Reason::OverrideApplied]);
                    domain.settle(self.policy);
                    applied += 1;
                }
                Some(Override::Over) => {
                    domain.verdict.note([Reason::OverrideExpired]);
                    expired += 1;
                }
                None => {}
            }
        }
        (applied, expired)
    }
}
