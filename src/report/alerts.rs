//! `alerts.jsonl`: what is new or worse since the earlier report, and what is resolved, an object a line.
//!
//! A *finding* is a domain whose risk calls for an action. It has a kind, so that one domain can have several: its
//! registration is ending or has ended (`lapse`), it changed hands after accounts were verified (`changed_hands`), it is
//! registered and something else raised its risk (`raised`). Where servers raise it, the finding is the domain of the
//! server, with what it exposes (`name_server`, `mail_server`), not each of the domains that it serves.
//!
//! The fingerprint is made of kind and domain alone. So the same finding has the same one every night, whatever its dates,
//! state and accounts become, and an alert that is resolved has the one with which it was told. To make it again:
//! `printf 'lapse example.com' | sha256sum | cut -c1-32`.
//!
//! A finding that is as it was, or better, has no line. One that evidence no longer reaches is `no_longer_judged`, which is
//! not `resolved`. A decision of a person that nothing is to be done resolves a finding; a decision about a domain, whatever it
//! is, takes the domain out of what its servers expose. There is no address and no identifier of an account in it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::examples::{REREGISTERED, action_when_reregistered, why};
use crate::assess::judge::Judgement;
use crate::assess::judged::JudgedDomain;
use crate::assess::previous::{Previous, Seen};
use crate::assess::servers::{ServerCounts, ServerKind, server_in_words};
use crate::assess::tally::Tally;
use crate::assess::verdict::DropWindow;
use crate::assess::{Action, Risk, State};
use crate::error::{Error, Result};
use crate::escape;
use crate::time::{Day, Moment};
use crate::wording;

/// The name of the file.
pub(crate) const ALERTS_FILE: &str = "alerts.jsonl";

/// What is said of a domain that has no account any more.
const NO_ACCOUNT: &str = "no account is at this domain any more";
/// What is said of the domain of a server that this run did not meet.
const NO_SERVER: &str = "no server in this domain was met";

named_enum! {
    /// What is wrong with a domain, in kinds that outlast a night.
    enum FindingKind {
        /// Its registration is ending, or has ended.
        Lapse = "lapse",
        /// It changed hands after accounts were verified.
        ChangedHands = "changed_hands",
        /// It is registered, and something else raised its risk.
        Raised = "raised",
        /// Others can register it, and name servers of other domains are in it.
        NameServer = "name_server",
        /// Others can register it, and mail servers of other domains are in it.
        MailServer = "mail_server",
    }
}

named_enum! {
    /// What became of a finding.
    enum AlertStatus {
        /// It was not there before.
        New = "new",
        /// Its risk is higher, its action stronger, or it has more accounts.
        Worse = "worse",
        /// Evidence no longer reaches it.
        NoLongerJudged = "no_longer_judged",
        /// It is not there any more.
        Resolved = "resolved",
    }
}

/// A line.
#[derive(Debug, Serialize)]
struct Alert<'a> {
    fingerprint: String,
    status: AlertStatus,
    finding: FindingKind,
    /// The risk now.
    severity: Risk,
    action: Action,
    domain: &'a str,
    /// The state now; none if the domain has no account any more.
    state: Option<State>,
    state_before: Option<State>,
    severity_before: Option<Risk>,
    /// Accounts that are affected now.
    accounts: u64,
    earliest_drop_on: Option<Day>,
    latest_drop_on: Option<Day>,
    reason: String,
    as_of: Moment,
    previous_as_of: Moment,
}

impl FindingKind {
    /// The finding that a verdict is; none if it calls for no action.
    fn of(seen: Seen) -> Option<Self> {
        let seen = without_servers(seen);
        if !seen.is_at_risk() || seen.action == Action::None {
            return None;
        }
        Some(match seen.state {
            State::Reregistered => Self::ChangedHands,
            State::Active | State::Unknown | State::SpecialUse | State::NotRegistrable => Self::Raised,
            _ => Self::Lapse,
        })
    }

    fn fingerprint(self, domain: &str) -> String {
        let digest = Sha256::digest(format!("{} {domain}", self.name()));
        digest.iter().take(16).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl From<ServerKind> for FindingKind {
    fn from(kind: ServerKind) -> Self {
        match kind {
            ServerKind::Name => Self::NameServer,
            ServerKind::Mail => Self::MailServer,
        }
    }
}

/// The verdict on a domain without what its servers add, which the alert of the server's domain tells. Nothing but a
/// server raises the risk of a registered domain above medium.
fn without_servers(seen: Seen) -> Seen {
    let (risk, action) = match seen.state {
        _ if seen.risk < Risk::High => return seen,
        State::Active | State::Unknown | State::SpecialUse | State::NotRegistrable => {
            (Risk::None, Action::None)
        }
        State::Expiring => (Risk::Low, Action::Notify),
        _ => return seen,
    };
    Seen { risk, action: seen.action.min(action), ..seen }
}

/// What both reports say of one finding.
struct Compared<'a> {
    domain: &'a str,
    before: Option<Seen>,
    /// None if the domain has no account any more.
    now: Option<Seen>,
    accounts: u64,
    drop: DropWindow,
    reason: String,
}

/// Collects the alerts of a run.
struct AlertRun<'a> {
    previous: &'a Previous,
    as_of: Moment,
    alerts: Vec<Alert<'a>>,
}

/// Writes the alerts, the most urgent first, synced.
pub(crate) fn write(
    path: &Path,
    judgement: &Judgement<'_>,
    (tally, servers): (&Tally, &ServerCounts),
    previous: &Previous,
    as_of: Moment,
) -> Result<()> {
    let mut run = AlertRun { previous, as_of, alerts: Vec::new() };
    run.compare_all(judgement, tally);
    run.compare_servers(judgement, servers);
    let order = |alert: &Alert<'_>| {
        let day = alert.earliest_drop_on.unwrap_or(Day(i32::MAX));
        (Reverse((alert.severity, alert.action)), day, Reverse(alert.accounts))
    };
    run.alerts.sort_by(|a, b| {
        order(a).cmp(&order(b)).then_with(|| (a.domain, a.finding).cmp(&(b.domain, b.finding)))
    });
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        for alert in &run.alerts {
            writeln!(file, "{}", escape::line(&serde_json::to_string(alert)?))?;
        }
        file.flush()?;
        file.get_ref().sync_all()
    };
    write().map_err(|error| Error::io(path, "write", &error))
}

impl<'a> AlertRun<'a> {
    fn compare_all(&mut self, judgement: &'a Judgement<'a>, tally: &Tally) {
        let mut gone: BTreeMap<&str, Seen> = self.previous.domains_at_risk().into_iter().collect();
        let mut hands: BTreeMap<&str, u64> = self.previous.reregistered().collect();
        for (domain, counts) in judgement.domains.iter().zip(&tally.domains) {
            let before = gone.remove(domain.name).or_else(|| self.previous.domain(domain.name));
            self.compare(before, domain, counts.accounts);
            let before = hands.remove(domain.name).unwrap_or(0);
            if before > 0 || counts.reregistered > 0 {
                let action = action_when_reregistered(domain, tally);
                self.compare_hands(before, domain, (counts.reregistered, action));
            }
        }
        let reregistered = Seen { state: State::Reregistered, risk: Risk::Critical, action: Action::Review };
        let hands = hands.into_keys().map(|domain| (domain, reregistered));
        for (domain, before) in gone.into_iter().chain(hands) {
            let Some(finding) = FindingKind::of(before) else { continue };
            let reason = NO_ACCOUNT.to_owned();
            let drop = DropWindow::default();
            let gone = Compared { domain, before: Some(before), now: None, accounts: 0, drop, reason };
            self.add(AlertStatus::Resolved, finding, gone);
        }
    }

    /// Compares the verdicts of a domain.
    fn compare(&mut self, before: Option<Seen>, domain: &'a JudgedDomain<'a>, accounts: u64) {
        let verdict = &domain.verdict;
        let now = Seen { state: verdict.state, risk: verdict.risk, action: verdict.action };
        let (before, now) = (before.map(without_servers), without_servers(now));
        let (was, is) = (before.and_then(FindingKind::of), FindingKind::of(now));
        let is_lost = before.is_some_and(|before| before.is_lost_in(now));
        let is_worse = before.is_some_and(|before| (now.risk, now.action) > (before.risk, before.action));
        let compared = || Compared {
            domain: domain.name,
            before,
            now: Some(now),
            accounts,
            drop: verdict.drop,
            reason: why(domain, self.as_of.day()),
        };
        let mut told = Vec::new();
        if let Some(finding) = was.filter(|_| is_lost || was != is) {
            told.push((if is_lost { AlertStatus::NoLongerJudged } else { AlertStatus::Resolved }, finding));
        }
        if let Some(finding) = is {
            match was == is {
                false => told.push((AlertStatus::New, finding)),
                true if is_worse && !is_lost => told.push((AlertStatus::Worse, finding)),
                true => {}
            }
        }
        let told: Vec<_> = told.into_iter().map(|(status, finding)| (status, finding, compared())).collect();
        told.into_iter().for_each(|(status, finding, compared)| self.add(status, finding, compared));
    }

    /// Compares what the domains of servers expose.
    fn compare_servers(&mut self, judgement: &'a Judgement<'a>, servers: &ServerCounts) {
        let previous = self.previous;
        let mut gone: BTreeMap<(ServerKind, &str), Seen> =
            previous.servers.iter().map(|(kind, domain, seen)| ((kind, domain), seen)).collect();
        gone.retain(|_, before| before.action != Action::None);
        for count in servers.all(&judgement.servers, &judgement.domains) {
            let domain = judgement.servers.name(count.domain, &judgement.domains);
            let verdict = judgement.servers.verdict(count.domain, &judgement.domains);
            let (risk, action) = count.worst.unwrap_or((Risk::None, Action::None));
            let now = Seen { state: verdict.state, risk: risk.max(verdict.risk), action };
            let before = gone.remove(&(count.kind, domain));
            let status = match before {
                None if action == Action::None => continue,
                None => AlertStatus::New,
                Some(before) if before.is_lost_in(now) => AlertStatus::NoLongerJudged,
                Some(_) if action == Action::None => AlertStatus::Resolved,
                Some(before) if (now.risk, action) > (before.risk, before.action) => AlertStatus::Worse,
                Some(_) => continue,
            };
            let exposed = count.exposed;
            let (domains, of) =
                (wording::count(exposed.domains, "domain"), wording::count(exposed.accounts, "account"));
            let reason = format!("{}, exposes {domains} with {of}", server_in_words(verdict.state));
            let (accounts, drop) = (exposed.accounts, verdict.drop);
            let compared = Compared { domain, before, now: Some(now), accounts, drop, reason };
            self.add(status, count.kind.into(), compared);
        }
        for ((kind, domain), before) in gone {
            // whether nothing depends on it, or the evidence that something does is missing, nobody can tell
            let (reason, drop) = (NO_SERVER.to_owned(), DropWindow::default());
            let gone = Compared { domain, before: Some(before), now: None, accounts: 0, drop, reason };
            self.add(AlertStatus::NoLongerJudged, kind.into(), gone);
        }
    }

    /// Compares how many accounts a domain has that were verified before it changed hands.
    fn compare_hands(
        &mut self,
        before: u64,
        domain: &'a JudgedDomain<'a>,
        (accounts, action): (u64, Action),
    ) {
        let seen = |action| Seen { state: State::Reregistered, risk: Risk::Critical, action };
        let verdict = &domain.verdict;
        let now = match accounts {
            0 => Seen { state: verdict.state, risk: verdict.risk, action: verdict.action },
            _ => seen(action),
        };
        // if the sign of the change is still known, its accounts were dealt with
        let is_known = domain.evidence.rdap().changes.last().is_some();
        let status = match (before, accounts) {
            (0, _) if action == Action::None => return,
            (0, _) => AlertStatus::New,
            (_, 0) if !is_known => AlertStatus::NoLongerJudged,
            (_, 0) => AlertStatus::Resolved,
            (before, now) if now > before => AlertStatus::Worse,
            _ => return,
        };
        let compared = Compared {
            domain: domain.name,
            before: (before > 0).then(|| seen(Action::Review)),
            now: Some(now),
            accounts,
            drop: DropWindow::default(),
            reason: if accounts > 0 { REREGISTERED.to_owned() } else { why(domain, self.as_of.day()) },
        };
        self.add(status, FindingKind::ChangedHands, compared);
    }

    fn add(&mut self, status: AlertStatus, finding: FindingKind, compared: Compared<'a>) {
        let Compared { domain, before, now, accounts, drop, reason } = compared;
        self.alerts.push(Alert {
            fingerprint: finding.fingerprint(domain),
            status,
            finding,
            severity: now.map_or(Risk::None, |now| now.risk),
            action: now.map_or(Action::None, |now| now.action),
            domain,
            state: now.map(|now| now.state),
            state_before: before.map(|before| before.state),
            severity_before: before.map(|before| before.risk),
            accounts,
            earliest_drop_on: drop.earliest,
            latest_drop_on: drop.latest,
            reason,
            as_of: self.as_of,
            previous_as_of: self.previous.as_of,
        });
    }
}
