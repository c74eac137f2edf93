//! What lists of registries say of a name, as evidence.
//!
//! The newest list that may be used decides, as the newest answer does. Two things follow from it:
//!
//! * A register speaks as the registry's RDAP server would: its entry is made an [`Answer`], and a name that a whole
//!   register does not hold is one that the registry does not know. So the clock, the rules and the conflicts of
//!   answers hold for registers too. Of register and RDAP, the newer one counts.
//! * A list of names to be released, or of deleted ones, gives a [`ListStanding`]. It counts unless a sign of life is
//!   newer: a zone that holds the name more than a day later, or an answer that shows it registered (of a name to be
//!   released: and paid). A name that is gone by the list, and in a zone that is newer by a day or less, is disputed. An
//!   answer that does not find the name is no sign of life, whatever its age.
//!
//! A list dated by its file's time does not tell that a name is gone: nobody knows whether it was written yesterday or
//! copied. The day of a release stands in its row, so lists of names to be released count even so. A list older than
//! an answer may be is not used, except for registrations that had ended by then.
//!
//! That a name in such a list was not renewed is certain only from the day on which nobody can restore it. So a past
//! release day proves the end of a registration only if the list was made in those last days.

use std::sync::Arc;

use hashbrown::HashMap;

use super::facts::shows_registration;
use super::lifecycle::Clock;
use super::phase::{Phase, Phases};
use super::reason::Reason;
use super::reason_set::ReasonSet;
use super::verdict::DropWindow;
use crate::rdap::{Answer, Events, RdapOutcome, Status, StatusSet};
use crate::registry::{ListDateSource, ListFinding, ListSays, ListTable, RegistryList, ReleaseBy};
use crate::time::{Day, Moment};

/// Where a name stands on its way to the next holder, as a list says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListStanding {
    /// It will be released, and the old holder can still have it back.
    Restorable,
    /// It will be released, so soon that nobody can restore it.
    Final,
    /// Its registration has ended.
    Dropped,
    /// Somebody can apply for it.
    InRelease,
    /// It has no holder, as the list says, and a zone that is newer by a day or less holds it.
    Disputed,
}

/// What the lists say of one name.
#[derive(Debug, Clone)]
pub(crate) struct ListEntry {
    /// The list that decides.
    pub(crate) list: Arc<str>,
    /// What it says.
    pub(crate) says: ListSays,
    /// When the list was made.
    pub(crate) date: Moment,
    /// When the name is released, if it is.
    pub(crate) release_at: Option<Moment>,
    /// When the release ends.
    pub(crate) release_until: Option<Moment>,
    /// How the next holder is found.
    pub(crate) release_by: Option<ReleaseBy>,
    /// The latest registration by the newest list that tells one, and when that was made.
    pub(super) registered_at: Option<(Moment, Moment)>,
    /// The latest end of a registration by any list.
    pub(crate) ended_at: Option<Moment>,
    /// Whether the list may decide at all.
    is_usable: bool,
    standing: Option<ListStanding>,
    /// From when on the standing holds: a sign of life must be newer.
    since: Moment,
    /// The entry of a register, as an answer.
    answer: Option<Answer>,
}

/// The lists of a run, and what they say of each name.
#[derive(Debug, Default)]
pub(crate) struct Listings {
    /// The lists, by their numbers.
    pub(crate) lists: Vec<RegistryList>,
    /// Files that are no lists, each with its reason.
    pub(crate) unknown: Vec<String>,
    by_name: HashMap<Box<str>, ListEntry, foldhash::fast::FixedState>,
}

impl Listings {
    /// Settles what lists say of these names. `max_age_days` is the age up to which a list is used.
    pub(crate) fn of<'n>(
        table: ListTable,
        names: impl Iterator<Item = &'n str>,
        as_of: Moment,
        max_age_days: u32,
    ) -> Self {
        let mut by_name = HashMap::default();
        if !table.is_empty() {
            for name in names {
                let found = table.get(name, as_of);
                if let Some(listing) = settle(name, &found, as_of, max_age_days) {
                    by_name.insert(name.into(), listing);
                }
            }
        }
        Self { lists: table.lists, unknown: table.unknown, by_name }
    }

    /// What they say of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&ListEntry> {
        if self.by_name.is_empty() { None } else { self.by_name.get(name) }
    }
}

fn settle(name: &str, found: &[ListFinding<'_>], as_of: Moment, max_age_days: u32) -> Option<ListEntry> {
    let is_dated = |finding: &ListFinding<'_>| finding.list.date_source != ListDateSource::FileTime;
    let is_recent = |finding: &ListFinding<'_>| finding.list.date.plus_days(i64::from(max_age_days)) >= as_of;
    let may_decide = |finding: &&ListFinding<'_>| {
        let is_gone =
            matches!(finding.facts.says, ListSays::Dropped | ListSays::InRelease | ListSays::Withheld);
        finding.facts.says != ListSays::Ended && is_recent(finding) && (is_dated(finding) || !is_gone)
    };
    let deciding = found.iter().find(may_decide);
    let finding = deciding.or_else(|| found.first())?;
    // the newest list that tells; it may have several registrations of the name. One that has ended tells nothing of
    // the one that goes on, but its end does
    let tells = |finding: &&ListFinding<'_>| {
        is_dated(finding) && finding.facts.registered_at.is_some() && finding.facts.says != ListSays::Ended
    };
    let dated = || found.iter().filter(tells);
    let newest = dated().next().map(|finding| finding.list.date);
    let registered_at = dated().filter(|finding| Some(finding.list.date) == newest);
    let registered_at =
        registered_at.filter_map(|finding| finding.facts.registered_at).filter(|at| *at <= as_of);
    let ended_at = found.iter().filter_map(|finding| ended_at(finding, as_of)).filter(|at| *at <= as_of);
    let standing = deciding.and_then(|finding| standing(finding, as_of));
    // a name that nobody could restore any more was there up to its release; another one may have been renewed
    let gone_at = finding.facts.release_at.filter(|at| {
        *at <= as_of && finding.facts.says == ListSays::WillDrop && is_final(finding, finding.list.date)
    });
    Some(ListEntry {
        list: Arc::clone(&finding.list.name),
        says: finding.facts.says,
        date: finding.list.date,
        release_at: release_at(finding, as_of),
        release_until: finding.facts.release_until,
        release_by: finding.release_by(),
        registered_at: registered_at.max().zip(newest),
        ended_at: ended_at.max(),
        is_usable: deciding.is_some(),
        standing,
        since: gone_at.unwrap_or(finding.list.date),
        answer: deciding.and_then(|finding| as_answer(name, finding)),
    })
}

/// The day of release that holds: that of a register only if the name is not paid.
fn release_at(finding: &ListFinding<'_>, as_of: Moment) -> Option<Moment> {
    let is_paid = finding.facts.expires_at.is_none_or(|at| at.plus_days(1) > as_of);
    let is_registered = !matches!(finding.facts.says, ListSays::WillDrop | ListSays::InRelease);
    finding.facts.release_at.filter(|at| !(is_registered && (is_paid || *at < as_of)))
}

/// When a registration ended, if the finding proves that it did.
fn ended_at(finding: &ListFinding<'_>, as_of: Moment) -> Option<Moment> {
    match finding.facts.says {
        ListSays::Ended => finding.facts.ended_at,
        ListSays::Dropped | ListSays::Withheld => {
            finding.facts.ended_at.filter(|_| finding.list.date_source != ListDateSource::FileTime)
        }
        ListSays::WillDrop => finding.facts.release_at.filter(|release_at| {
            let is_dated = finding.list.date_source != ListDateSource::FileTime;
            is_dated && *release_at <= as_of && is_final(finding, finding.list.date)
        }),
        _ => None,
    }
}

/// Whether nobody can restore a name at this moment that is to be released. Days are calendar days.
fn is_final(finding: &ListFinding<'_>, at: Moment) -> bool {
    let days = finding.facts.release_at.map(|release_at| i64::from(release_at.day().since(at.day())));
    days.zip(finding.list.final_days).is_some_and(|(days, last)| days <= last)
}

fn standing(finding: &ListFinding<'_>, as_of: Moment) -> Option<ListStanding> {
    match finding.facts.says {
        ListSays::WillDrop => Some(match finding.facts.release_at {
            None => ListStanding::Restorable,
            Some(at) if at <= as_of => ListStanding::Dropped,
            Some(_) if is_final(finding, as_of) => ListStanding::Final,
            Some(_) => ListStanding::Restorable,
        }),
        ListSays::Dropped => Some(ListStanding::Dropped),
        ListSays::InRelease => Some(ListStanding::InRelease),
        _ => None,
    }
}

/// What a register says, as its registry's server would.
fn as_answer(name: &str, finding: &ListFinding<'_>) -> Option<Answer> {
    let outcome = match finding.facts.says {
        ListSays::WillDrop | ListSays::Dropped | ListSays::InRelease | ListSays::Ended => return None,
        ListSays::NotListed | ListSays::Withheld => RdapOutcome::NotFound,
        _ => RdapOutcome::Found,
    };
    let mut statuses = StatusSet::default();
    if finding.facts.delegated == Some(false) {
        statuses.insert(Status::Inactive);
    }
    if finding.facts.says == ListSays::OnHold {
        statuses.insert(Status::ServerHold);
    }
    let events = Events {
        registered: finding.facts.registered_at,
        expires: finding.facts.expires_at,
        ..Events::default()
    };
    Some(Answer {
        name: name.into(),
        outcome,
        fetched_at: finding.list.date,
        dated: finding.list.date_source != ListDateSource::FileTime,
        source: None,
        statuses,
        events,
        registrar: None,
        registrar_iana_id: None,
        reserved: finding.facts.says == ListSays::Withheld,
        note: None,
    })
}

/// What the facts take from a listing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ListFacts<'a> {
    /// The entry of a register, if it is newer than any answer.
    pub(crate) answer: Option<&'a Answer>,
    /// Where the name stands, if no sign of life is newer.
    pub(crate) standing: Option<ListStanding>,
    /// The days of its release.
    pub(crate) listed: Option<DropWindow>,
    /// A register says that the term is about to end.
    pub(crate) is_expiring: bool,
    /// What was noticed.
    pub(crate) reasons: ReasonSet,
}

impl ListEntry {
    /// Up to when the name is paid, if the list that decides is a register and tells that.
    pub(crate) fn expires_at(&self) -> Option<Moment> {
        self.answer.as_ref()?.events.expires
    }

    /// Whether the zone delegates the name, if that list is a register and tells that.
    pub(crate) fn is_delegated(&self) -> Option<bool> {
        let answer = self.answer.as_ref().filter(|answer| answer.outcome == RdapOutcome::Found)?;
        answer.statuses.contains(Status::Inactive).then_some(false)
    }

    /// Weighs the listing against an answer, and against the last moment at which a zone held the name. A zone that is
    /// newer than `newer` days decides.
    pub(super) fn facts<'a>(
        &'a self,
        answer: Option<&Answer>,
        seen_at: Option<Moment>,
        clock: &Clock,
        (as_of, newer): (Moment, i64),
    ) -> ListFacts<'a> {
        let today = as_of.day();
        let mut facts = ListFacts::default();
        if !self.is_usable {
            facts.reasons.insert(Reason::ListTooOld);
            return facts;
        }
        let register = self.answer.as_ref();
        facts.answer = register.filter(|own| answer.is_none_or(|other| other.fetched_at < own.fetched_at));
        facts.is_expiring = facts.answer.is_some() && self.says == ListSays::Expiring;
        if facts.answer.is_some() {
            facts.reasons.insert(match self.says {
                ListSays::NotListed | ListSays::Withheld => Reason::ListNotRegistered,
                ListSays::Renewed => Reason::ListRenewed,
                _ => Reason::ListRegistered,
            });
            facts.listed = self.window();
        }
        let Some(standing) = self.standing else { return facts };
        let is_gone = standing.is_gone();
        // before its release only a renewal tells that a name was kept; one that has no holder was not
        let is_due = |answer: &Answer| {
            self.says == ListSays::WillDrop
                && self.release_at.is_some_and(|release_at| answer.fetched_at < release_at)
        };
        let speaks = |answer: &Answer| match is_gone && !is_due(answer) {
            true => is_registered(answer, clock, today),
            false => is_alive(answer, clock, today),
        };
        if answer.is_some_and(|answer| answer.fetched_at > self.since && speaks(answer)) {
            return facts;
        }
        let seen_since = seen_at.filter(|seen_at| !is_gone || *seen_at > self.since);
        facts.reasons.insert_if(seen_since.is_some(), Reason::Conflict);
        if seen_since.is_some_and(|seen_at| seen_at > self.since.plus_days(newer)) {
            return facts;
        }
        let is_disputed = is_gone && seen_since.is_some();
        facts.standing = Some(if is_disputed { ListStanding::Disputed } else { standing });
        facts.listed = self.window();
        facts.reasons.insert(match standing {
            ListStanding::Restorable | ListStanding::Final => Reason::ListWillDrop,
            ListStanding::Dropped | ListStanding::Disputed => Reason::ListDropped,
            ListStanding::InRelease => Reason::ListInRelease,
        });
        facts
    }

    /// The days of its release; of a name that is gone, without a day of its own, the day of the list that says so.
    fn window(&self) -> Option<DropWindow> {
        let is_gone = self.standing.is_some_and(ListStanding::is_gone);
        let earliest = self.release_at.or(is_gone.then_some(self.date))?.day();
        let latest = match self.says {
            ListSays::InRelease if self.release_at.is_some() => self.release_until.map(Moment::day),
            _ => Some(earliest),
        };
        Some(DropWindow { earliest: Some(earliest), latest })
    }

    /// The phases that its words name.
    pub(super) fn phases(&self, phases: Phases) -> Phases {
        match self.says {
            ListSays::Registered | ListSays::Expiring | ListSays::Renewed | ListSays::OnHold => {
                phases.with(Phase::Registered)
            }
            ListSays::Expired => phases.with(Phase::Registered).with(Phase::Expired),
            ListSays::Deleting => phases.with(Phase::Restorable).with_deletion(),
            ListSays::UnknownState => phases.with_unknown(),
            _ => phases,
        }
    }
}

impl ListStanding {
    /// Whether the name has no holder.
    pub(crate) const fn is_gone(self) -> bool {
        matches!(self, Self::Dropped | Self::InRelease | Self::Disputed)
    }
}

/// Whether an answer shows a registration, in whatever phase. Names that wait for a new holder are found, too.
fn is_registered(answer: &Answer, clock: &Clock, today: Day) -> bool {
    let phases = clock.phases(&answer.statuses);
    shows_registration(answer, phases, today) && !phases.contains(Phase::Available)
}

/// Whether an answer shows a name that is registered and paid. One that was not when it was to be released is not by a day
/// that has passed since, whoever prints it.
fn is_alive(answer: &Answer, clock: &Clock, today: Day) -> bool {
    let deletion = [Status::PendingDelete, Status::RedemptionPeriod, Status::Inactive];
    is_registered(answer, clock, today)
        && !deletion.iter().any(|status| answer.statuses.contains(*status))
        && !clock.phases(&answer.statuses).is_sign()
        && answer.events.expires.is_none_or(|expires| expires.day() >= today)
        && !answer
            .events
            .registrar_expires
            .is_some_and(|expires| (1..=clock.past_days()).contains(&today.since(expires.day())))
}
