//! The mail servers of a mail domain: which of them count, and what data of their age are worth.
//!
//! MX records are about one mail domain: those of `example.com` say nothing about `mail.example.com`. So what they add is
//! added to the verdict of the mail domain, not to that of the domain under which it is registered.
//!
//! What counts as what:
//!
//! * **Every or some.** A sender tries the hosts of the lowest preference first (RFC 5321, section 5.1): who has all of
//!   these, or all hosts, has the mail. Preferences are known only if each record has one.
//! * **A null record** (RFC 7505) that is alone says that the domain takes no mail: `mx.none`. Whoever registers the domain
//!   can change that, so it lowers no risk. Beside other records it must not be, and is ignored.
//! * **An IP address, a malformed host, a public suffix, a single label**: nobody can register these, so they are no
//!   finding. They still count as hosts: where one is of the lowest preference, not all are free.
//! * **A host in the mail domain's own domain** is no risk beside that of the domain, whose verdict says it all.
//! * **No data**: nothing is said. Without MX records the domain itself is its mail server.
//! * **Any subject.** Rows may name domains, URLs or packages (`--subject`); MX data count for the domain that a row leads to, as
//!   for that of an address. Who receives the mail of `example.com` can reset the passwords of the accounts behind the site or
//!   the namespace `com.example`: at the registrar, the host, the package registry. Whoever asks only for the name itself
//!   leaves MX data out.
//! * **Old data**, or data without a date: records change, so nothing is raised. The reason is told, with `mx.stale` or
//!   `mx.undated` beside it.

use rayon::prelude::*;

use super::super::raises::DoorRules;
use super::super::reason::Reason;
use super::super::survey::Candidates;
use super::super::verdict::Raise;
use super::graph::Exposure;
use super::{Exposures, Finding, Server};
use crate::mail::{MxHost, MxRecord, MxSet};
use crate::time::Moment;

impl<'a> Exposures<'_, 'a> {
    /// What is found among the mail servers of mail domains, by the numbers of those with something to tell, the age of the
    /// data considered: those of before `fresh_since` raise nothing.
    pub(crate) fn mail_findings(&self, fresh_since: Moment) -> Vec<(u32, Finding<'a>)> {
        let servers = self.survey.mail_servers;
        if servers.domains() == 0 {
            return Vec::new();
        }
        // many mail domains share a list of records, and nearly all lists are out of danger
        let has_exposed = |records: &[MxRecord]| {
            let mut hosts = records.iter().filter_map(named);
            hosts.any(|host| self.taken[self.mail_domain_of[host as usize] as usize].is_any())
        };
        let lists = servers.lists();
        let each = || (0..lists.len() as u32).into_par_iter().map(|list| lists.get(list));
        let is_exposed: Vec<bool> = each().map(has_exposed).collect();
        let takes_no_mail: Vec<bool> = each().map(takes_no_mail).collect();
        let null = || {
            let reasons = [Reason::MxNone].into_iter().collect();
            Finding { raise: Raise::NONE, reasons, servers: Box::default() }
        };
        let of = |number: u32| {
            let set = servers.at(number as usize)?;
            let list = set.list as usize;
            if takes_no_mail[list] {
                return Some((number, in_doubt(&set, null(), fresh_since)));
            }
            if !is_exposed[list] {
                return None;
            }
            let servers = self.mail_servers(lists.get(set.list), self.survey.mail[number as usize]);
            let finding = self.find(servers, &DoorRules::MAIL_SERVERS)?;
            Some((number, in_doubt(&set, finding, fresh_since)))
        };
        (0..self.survey.mail.len() as u32).into_par_iter().filter_map(of).collect()
    }

    /// The mail servers of a mail domain that may be registered under the names of the candidates.
    fn mail_servers(
        &self,
        records: &'a [MxRecord],
        candidates: Candidates,
    ) -> impl Iterator<Item = Server<'a>> + Clone {
        let records = || records.iter().filter(|record| record.host != MxHost::Null);
        let lowest = records().map(|record| record.preference).min().flatten();
        let hosts = self.survey.mail_servers.hosts();
        records().map(move |record| {
            let decides = lowest.is_none() || record.preference == lowest;
            let Some(host) = named(record) else {
                return Server { host: "", taken: Exposure::default(), decides };
            };
            let node = self.mail_domain_of[host as usize];
            let place = self.serving[node as usize];
            let is_own = place == candidates.icann || Some(place) == candidates.private;
            self.server(&hosts[host as usize], node, is_own, decides)
        })
    }
}

/// The number of the host of a record, if it is one that can be looked up: one in the mail domain itself need not be.
fn named(record: &MxRecord) -> Option<u32> {
    match record.host {
        MxHost::Named(host) => Some(host),
        MxHost::Within(_) | MxHost::Null | MxHost::Address | MxHost::Malformed => None,
    }
}

/// What a set of records is worth of which this was found.
fn in_doubt<'a>(set: &MxSet, mut finding: Finding<'a>, fresh_since: Moment) -> Finding<'a> {
    let doubt = match set.seen_at {
        None => Some(Reason::MxUndated),
        Some(seen_at) if seen_at < fresh_since => Some(Reason::MxStale),
        Some(_) => None,
    };
    if let Some(doubt) = doubt {
        finding.raise = Raise::NONE;
        finding.reasons.insert(doubt);
    }
    finding
}

/// Whether the only record is a null one.
fn takes_no_mail(records: &[MxRecord]) -> bool {
    matches!(records, [MxRecord { host: MxHost::Null, .. }])
}
