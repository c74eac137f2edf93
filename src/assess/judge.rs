//! Every name of a survey, judged once; then the verdict of each mail domain.
//!
//! Names are judged side by side by the table of states alone; what their servers add is known only when all names are
//! judged. Where a mail domain has two candidates, the worse one decides. Name servers are those of the judged domain,
//! mail servers those of the mail domain: so a mail domain has the verdict of its domain, raised by its own mail servers
//! ([`Judgement::mail_verdict`]). A domain has the raise of the mail domain with its own name only. A person's decisions and
//! the circuit breaker come last ([`Judgement::decide`], [`super::breaker`]). Memory: one [`JudgedDomain`] for each distinct
//! name.

use std::borrow::Cow;

use rayon::prelude::*;

use super::doors::{Exposures, Finding};
use super::evidence::Sources;
use super::judged::{JudgedDomain, end_of};
use super::lifecycle::Clock;
use super::mail_at::MailAt;
use super::overrides::Overrides;
use super::parking::Parking;
use super::policy::{self, Policy};
use super::private::{choose_candidate, other_candidate};
use super::raises::MAIL_CLOSED;
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::rules;
use super::servers::{Servers, UNUSED};
use super::source_tally::SourceTally;
use super::survey::{SWEEP, Survey, Surveyed};
use super::verdict::{Raise, State, Verdict};
use crate::mail::{MailClass, Provider, closed_on};
use crate::name::MailDomain;
use crate::name::suffix::SuffixKind;
use crate::rdap::RdapOutcome;
use crate::snapshot::Probe;

/// The verdict of a mail domain.
#[derive(Debug, Clone)]
pub(crate) struct MailVerdict {
    /// The domain whose verdict it takes: its place in [`Judgement::domains`].
    pub(crate) domain: u32,
    /// The other name under which it may be registered, if that one changed hands: an account verified before takes the
    /// worse of both verdicts.
    pub(crate) other: Option<u32>,
    /// Octets of the registrable domain under the ICANN section at the end of its name; 0 if there is none.
    registrable_octets: u16,
    /// What its mail servers add to the verdict of the domain.
    raise: Raise,
    /// Reasons that concern this mail domain alone.
    pub(crate) reasons: ReasonSet,
    /// What kind of service gives addresses there.
    pub(crate) class: Option<MailClass>,
    /// The big mail provider that it looks mistyped for.
    pub(crate) typo_of: Option<Provider>,
}

impl MailVerdict {
    /// The registrable domain of the mail domain under the ICANN section; none for a bare public suffix.
    pub(crate) fn registrable<'n>(&self, mail_domain: &'n MailDomain) -> Option<&'n str> {
        (self.registrable_octets > 0).then(|| end_of(&mail_domain.name, self.registrable_octets))
    }
}

/// All judgements of a run.
#[derive(Debug)]
pub(crate) struct Judgement<'a> {
    /// The judged domains whose verdict some mail domain takes, sorted by name.
    pub(crate) domains: Vec<JudgedDomain<'a>>,
    /// For each mail domain, in its order.
    pub(crate) mail: Vec<MailVerdict>,
    /// The mail servers of the domains.
    pub(crate) mail_at: MailAt<'a>,
    /// The domains of servers, whether an account is at them or not.
    pub(crate) servers: Servers<'a>,
    /// The policy that gives the actions.
    pub(crate) policy: Policy,
    /// What the sources of the answers were worth.
    pub(crate) sources: SourceTally,
}

/// Judges all names of a survey, and from them its mail domains.
pub(crate) fn judge_all<'a>(
    mail_domains: &'a [MailDomain],
    mut survey: Survey<'a>,
    sources: &Sources<'a>,
    policy: Policy,
) -> Judgement<'a> {
    let names = std::mem::take(&mut survey.names).into_par_iter().with_min_len(SWEEP);
    let (servers, sets) = (&survey.servers, &survey.sets);
    let judge = |probe: &mut Probe<'a>, (name, set): (Surveyed<'a>, &u32)| {
        judge_name(name, sets.parked(*set), sources, probe)
    };
    let names = names.zip(servers);
    let mut judged: Vec<JudgedDomain<'a>> = names.map_init(|| sources.catalog.probe(), judge).collect();
    let classes = sources.mail_classes;
    let fresh_since = sources.as_of.plus_days(-i64::from(sources.max_mx_age_days));
    let sources = SourceTally::of(&judged);
    let exposures = Exposures::trace(&survey, &judged);
    let places = (0..judged.len() as u32).into_par_iter();
    let findings: Vec<_> = places.filter_map(|place| Some((place, exposures.finding(place)?))).collect();
    let mail_findings = exposures.mail_findings(fresh_since);
    let serving = exposures.into_serving();
    for (place, finding) in findings {
        let domain = &mut judged[place as usize];
        domain.verdict.raise(finding.raise, finding.reasons.iter());
        domain.doors.get_or_insert_default().name_servers = finding.servers;
    }
    let mut mail: Vec<MailVerdict> = mail_domains
        .par_iter()
        .zip(&survey.mail)
        .map(|(mail, candidates)| {
            let (domain, reason) = choose_candidate(*candidates, &judged);
            let own = mail.not_ldh.then_some(Reason::NotLdh);
            let registrable_octets = judged[candidates.icann as usize].registrable_octets;
            let other = other_candidate(*candidates, domain, reason);
            let other = other.filter(|other| judged[*other as usize].has_changed_hands());
            let reasons = own.into_iter().chain(reason).collect();
            let registered = &judged[candidates.private.unwrap_or(candidates.icann) as usize];
            let class = match mail.name.len() == registered.name.len() {
                true => registered.mail_class,
                false => classes.of(&mail.name, registered.name),
            };
            let raise = Raise::NONE;
            MailVerdict { domain, other, registrable_octets, raise, reasons, class, typo_of: None }
        })
        .collect();
    let mut servers = Servers::of(mail_domains, &mut survey, &judged, serving);
    judged.truncate(survey.of_mail);
    let places = keep_used(&mut judged, &mut mail, survey.is_sorted);
    servers.renumber(&places, &survey.servers, &judged, &mail);
    add_mail_servers(&mut judged, &mut mail, mail_domains, mail_findings);
    judged.par_iter_mut().for_each(|domain| domain.settle(policy));
    let mail_at = MailAt::of(survey.mail_servers, mail_domains, &mail, judged.len());
    Judgement { domains: judged, mail, mail_at, servers, policy, sources }
}

/// Adds what was found among the mail servers to the mail domains and to the domains under which they are registered.
fn add_mail_servers<'a>(
    judged: &mut [JudgedDomain<'a>],
    mail: &mut [MailVerdict],
    mail_domains: &[MailDomain],
    findings: Vec<(u32, Finding<'a>)>,
) {
    for (number, found) in findings {
        let mail = &mut mail[number as usize];
        let domain = &mut judged[mail.domain as usize];
        let is_own_name = *mail_domains[number as usize].name == *domain.name;
        mail.raise = found.raise;
        mail.reasons = mail.reasons.union(found.reasons);
        domain.add_mail_servers(found, is_own_name);
    }
}

fn judge_name<'a>(
    surveyed: Surveyed<'a>,
    parked: Option<Parking>,
    sources: &Sources<'a>,
    probe: &mut Probe<'a>,
) -> JudgedDomain<'a> {
    let Surveyed { name, suffix_octets, suffix_kind, is_deeper, zone } = surveyed;
    let is_suffix = usize::from(suffix_octets) == name.len();
    let is_private = suffix_kind == SuffixKind::Private;
    let private_suffix = is_private.then(|| end_of(name, suffix_octets));
    let clock = Clock::of(name, suffix_kind);
    let evidence = sources.evidence(name, private_suffix, clock, zone);
    let facts = sources.facts(name, clock, is_suffix, &evidence, parked, probe);
    let mut verdict = rules::judge(&facts);
    let mut registrable = (!is_suffix).then_some(name);
    if is_private {
        let covered = evidence.zone.snapshot.is_some()
            || evidence.rdap().answer.is_some_and(|answer| answer.outcome != RdapOutcome::Error);
        verdict.reasons.insert_if(!covered && verdict.state == State::Unknown, Reason::PrivateUncovered);
    }
    if suffix_kind == SuffixKind::Private || is_deeper {
        registrable = sources.suffixes.cut(name).ok().and_then(|cut| cut.registrable);
    }
    let registrable_octets = registrable.map_or(0, |registrable| registrable.len() as u16);
    if closed_on(name).is_some_and(|closed_on| closed_on <= sources.as_of.day()) {
        verdict.raise(MAIL_CLOSED.raise(false), [MAIL_CLOSED.reason]);
    }
    let mut domain = JudgedDomain {
        name,
        suffix_octets,
        registrable_octets,
        suffix_kind,
        parked,
        is_corroborated: facts.is_corroborated(),
        mail_class: sources.mail_classes.of(name, name),
        typo_of: None,
        evidence,
        verdict,
        doors: None,
    };
    domain.verdict.actions = policy::actions(&domain.verdict, &facts, domain.domainr_status());
    domain
}

/// Drops the judged domains whose verdict no mail domain takes, and sorts the others by name if they are not. Returns the
/// new place of each, or [`UNUSED`].
fn keep_used(judged: &mut Vec<JudgedDomain<'_>>, mail: &mut [MailVerdict], is_sorted: bool) -> Vec<u32> {
    let mut used = vec![false; judged.len()];
    let taken = mail.iter().flat_map(|verdict| [Some(verdict.domain), verdict.other]);
    taken.flatten().for_each(|place| used[place as usize] = true);
    let mut order: Vec<u32> = (0..judged.len() as u32).filter(|old| used[*old as usize]).collect();
    let by_name =
        |a: &JudgedDomain<'_>, b: &JudgedDomain<'_>| (a.name, a.suffix_kind).cmp(&(b.name, b.suffix_kind));
    if !is_sorted {
        order.par_sort_unstable_by(|a, b| by_name(&judged[*a as usize], &judged[*b as usize]));
    }
    let mut place = vec![UNUSED; judged.len()];
    order.iter().zip(0..).for_each(|(old, new)| place[*old as usize] = new);
    mail.iter_mut().for_each(|verdict| {
        verdict.domain = place[verdict.domain as usize];
        verdict.other = verdict.other.map(|other| place[other as usize]);
    });
    let mut used = used.into_iter();
    judged.retain(|_| used.next().unwrap_or(false));
    if !is_sorted {
        judged.par_sort_unstable_by(by_name);
    }
    place
}

impl Judgement<'_> {
    /// The verdict on a mail domain if the judged domain at `place` decides about it: raised by its own mail servers,
    /// without the reasons that concern it alone.
    pub(crate) fn mail_verdict(&self, number: usize, place: u32) -> Cow<'_, Verdict> {
        let (raise, below) = (self.mail[number].raise, self.domains[place as usize].verdict_below());
        match raise == Raise::NONE {
            true => Cow::Borrowed(below),
            false => Cow::Owned(below.raised(raise, self.policy)),
        }
    }

    /// The numbers of the mail domains whose mail servers raise the verdict.
    pub(super) fn raised_by_mail_servers(&self) -> impl Iterator<Item = usize> {
        let raised = self.mail.iter().enumerate().filter(|(_, mail)| mail.raise != Raise::NONE);
        raised.map(|(number, _)| number)
    }

    /// Applies what people decided.
    pub(crate) fn decide(&mut self, overrides: &Overrides) {
        if overrides.is_empty() {
            return;
        }
        let policy = self.policy;
        self.domains.par_iter_mut().for_each(|domain| match overrides.about(domain) {
            Some((_, decision)) if decision.has_expired => {
                domain.change(policy, |verdict| verdict.reasons.insert(Reason::OverrideExpired));
            }
            Some((_, decision)) => {
                domain.change(policy, |verdict| {
                    verdict.decided = Some(decision.action);
                    verdict.reasons.insert(Reason::OverrideApplied);
                });
            }
            None => {}
        });
    }
}
