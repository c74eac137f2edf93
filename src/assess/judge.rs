//! Every name of a survey, judged once; then what stands for each mail domain.
//!
//! Names are judged side by side by the table of states alone; only when all are, it can be told what their name
//! servers add. Where a mail domain has two candidates the worse stands. What others may still change, a person's
//! decision and a circuit breaker, comes last ([`Judgement::decide`], [`super::breaker`]). Memory: one
//! judgement for each distinct name.

use rayon::prelude::*;

use super::evidence::{Evidence, Sources};
use super::name_servers::{Exposures, HijackableServer};
use super::overrides::{Override, Overrides};
use super::policy::{self, Policy};
use super::private::stands;
use super::reason::Reason;
use super::rules;
use super::survey::{SWEEP, Survey, Surveyed};
use super::verdict::{State, Verdict};
use crate::name::MailDomain;
use crate::name::suffix::SuffixKind;
use crate::rdap::RdapOutcome;
use crate::snapshot::Probe;

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
    /// The name servers through which it can be taken over.
    pub hijackable: Vec<HijackableServer<'a>>,
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
    let judged: Vec<(Evidence<'a>, Verdict)> = survey
        .names
        .par_chunks_mut(SWEEP)
        .flat_map_iter(|names| {
            let mut probe = sources.catalog.probe();
            names.iter_mut().map(move |name| judge_name(name, sources, &mut probe))
        })
        .collect();
    let (evidence, mut verdicts): (Vec<_>, Vec<_>) = judged.into_iter().unzip();
    let exposures = Exposures::trace(&survey, &verdicts);
    let places = (0..survey.of_mail as u32).into_par_iter();
    let findings: Vec<_> =
        places.filter_map(|place| Some((place, exposures.finding(place, &evidence)?))).collect();
    let mut hijackable = Vec::new();
    for (place, finding) in findings {
        verdicts[place as usize].raise(finding.raise, finding.reasons);
        hijackable.push((place, finding.servers));
    }
    let mut mail: Vec<MailVerdict<'a>> = mail_domains
        .par_iter()
        .zip(&survey.mail)
        .map(|(mail, candidates)| {
            let (domain, reason) = stands(*candidates, &survey, &verdicts);
            let own = mail.not_ldh.then_some(Reason::NotLdh);
            let registrable = survey.names[candidates.icann as usize].cut.registrable;
            MailVerdict { domain, registrable, reasons: own.into_iter().chain(reason).collect() }
        })
        .collect();
    let domains = arrange(survey, evidence, verdicts, hijackable, sources);
    let mut judgement = Judgement { domains: keep_used(domains, &mut mail), mail, policy };
    judgement.domains.par_iter_mut().for_each(|domain| domain.act(policy));
    judgement
}

fn judge_name<'a>(
    name: &mut Surveyed<'a>,
    sources: &Sources<'a>,
    probe: &mut Probe<'a>,
) -> (Evidence<'a>, Verdict) {
    let zone = std::mem::take(&mut name.zone);
    let evidence = sources.evidence(name.name(), name.cut.registrable.is_none(), zone, probe);
    let mut verdict = rules::judge(&evidence.facts);
    let covered = evidence.zone.snapshot.is_some()
        || evidence.rdap.answer.is_some_and(|answer| answer.outcome != RdapOutcome::Error);
    if name.cut.kind == SuffixKind::Private && !covered && verdict.state == State::Unknown {
        verdict.note([Reason::PrivateUncovered]);
    }
    (evidence, verdict)
}

/// The judged domains of mail domains, in the order of the survey.
fn arrange<'a>(
    survey: Survey<'a>,
    evidence: Vec<Evidence<'a>>,
    verdicts: Vec<Verdict>,
    hijackable: Vec<(u32, Vec<HijackableServer<'a>>)>,
    sources: &Sources<'a>,
) -> Vec<JudgedDomain<'a>> {
    let mut hijackable = hijackable.into_iter().peekable();
    let names = survey.names.into_iter().take(survey.of_mail).zip(evidence).zip(verdicts).enumerate();
    let arrange = |(place, ((surveyed, evidence), verdict)): (usize, ((Surveyed<'a>, _), _))| {
        let cut = surveyed.cut;
        let name = surveyed.name();
        let registrable = match cut.kind {
            SuffixKind::Private => sources.suffixes.cut(name).ok().and_then(|parent| parent.registrable),
            _ => cut.registrable,
        };
        let servers = hijackable.next_if(|(found, _)| *found as usize == place).map(|(_, servers)| servers);
        JudgedDomain {
            name,
            registrable,
            suffix: cut.suffix,
            suffix_kind: cut.kind,
            evidence,
            verdict,
            hijackable: servers.unwrap_or_default(),
        }
    };
    names.map(arrange).collect()
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

impl JudgedDomain<'_> {
    /// The tokens that a Domainr look-up would give, in increasing precedence, separated by blanks.
    pub fn domainr_status(&self) -> &'static str {
        let facts = &self.evidence.facts;
        super::token::domainr_status(self.verdict.state, facts.is_absent(), facts.parked.is_some())
    }

    /// Works out what each policy does, and acts by one of them.
    fn act(&mut self, policy: Policy) {
        self.verdict.actions = policy::actions(&self.verdict, &self.evidence.facts, self.domainr_status());
        self.settle(policy);
    }

    /// Takes the policy's action, unless something stands against it.
    pub(super) fn settle(&mut self, policy: Policy) {
        let verdict = &mut self.verdict;
        (verdict.action, verdict.action_before_breaker) = verdict.settle(verdict.actions.of(policy));
    }
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
