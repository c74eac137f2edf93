//! The clock of a top-level domain: what happens to a name from its last paid day to the day on which someone else can
//! have it.
//!
//! A table in `data/` has the figures, each line with its source; its comments say what the columns mean. Phases in a
//! row ("45, 30, 5") cannot tell that a registry counts from the printed day, shows pending delete while the holder can
//! still renew, or sells what it deletes; these columns can.
//!
//! What the table does not say is not known: no figure of gTLDs takes its place. The line `*` serves gTLDs alone. So it
//! serves no name of two letters, and none of `data/idn_cctlds.txt`. Names below a private suffix (`shop.uk.com`) are
//! registered at a registry of their own, whose figures no source here carries: they have the unknown clock, too.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::assess::phase::{PhaseWord, Phases};
use crate::built_in::{CsvTable, CsvTableRow, built_in_names};
use crate::error::Result;
use crate::name::suffix::{SuffixKind, tld};
use crate::rdap::{Status, StatusSet};
use crate::time::{BareDate, Day, Moment};

/// The table.
const TABLE: &str = include_str!("../../../data/lifecycle.csv");
/// Top-level domains of countries in other scripts.
const IDN_CCTLDS: &str = include_str!("../../../data/idn_cctlds.txt");

/// For how many days a past expiration is a sign where the table names no end: by then the name has expired again.
pub(crate) const NO_END: i32 = 366;
/// Days of absence after which a registration may have ended where the table is silent: those of a gTLD.
const SILENT_GAP: i32 = 35;
/// An absence of fewer days may be a mere outage, however fast the registry frees names.
const OUTAGE: i32 = 10;

named_enum! {
    /// Who renews when the paid time ends.
    pub(crate) enum Renews {
        /// The registry, by itself; a name is lost only when somebody asks for its deletion.
        Registry = "registry",
        /// The holder; who does not pay loses the name.
        Holder = "holder",
    }
}

/// What a registry prints as expiration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Printed {
    /// The last paid day, or nobody knows better.
    Paid,
    /// Nothing.
    Nothing,
    /// The last paid day; from then on, that of a year later.
    Moves,
    /// The last paid day, for up to so many days after it although somebody paid.
    Late(i32),
    /// The last paid day; while the name is suspended, the day on which it drops.
    Drop,
}

named_enum! {
    /// What the status pending delete means.
    pub(crate) enum DeleteMeaning {
        /// Nothing can be done any more.
        Final = "final",
        /// The holder can still restore the name.
        Restorable = "restorable",
        /// Final, unless redemption period stands beside it (RFC 3915, section 3.1).
        WithRedemption = "with-redemption",
    }
}

named_enum! {
    /// How the next holder is found.
    pub(crate) enum Release {
        /// Who comes first.
        Open = "open",
        /// Who bids most.
        Auction = "auction",
        /// Who registers in a session of registrars.
        Session = "session",
        /// Who applies in a round.
        Round = "round",
        /// Who has waited longest.
        Queue = "queue",
    }
}

/// The clock of a top-level domain. Days without a figure are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Who renews.
    pub(crate) renews: Option<Renews>,
    /// What is printed.
    pub(crate) printed: Printed,
    /// Days after the last paid one on which a name that nobody pays for leaves the zone.
    pub(crate) out_from: Option<i32>,
    /// The last of them.
    pub(crate) out_to: Option<i32>,
    /// Days after the last paid one on which someone else can have it.
    pub(crate) drop_from: Option<i32>,
    /// The last of them; none: no end.
    pub(crate) drop_to: Option<i32>,
    /// The same, counted from the day on which it left the zone.
    pub(crate) gone_from: Option<i32>,
    /// The last of them. It holds only where the name left the zone to be deleted.
    pub(crate) gone_to: Option<i32>,
    /// Days from a deletion that somebody asked for, at least.
    pub(crate) cancel_from: Option<i32>,
    /// Days after it left the zone until which the old holder can have it back.
    pub(crate) restore_to: Option<i32>,
    /// What pending delete means; none: the holder may be able to restore the name.
    pub(crate) pending_delete: Option<DeleteMeaning>,
    /// How the next holder is found.
    pub(crate) next: Option<Release>,
    /// Statuses with a meaning of their own.
    words: Vec<PhaseWord>,
    /// Where it says so.
    pub(crate) source: &'static str,
    /// The date of that.
    pub(crate) seen: Option<Day>,
    /// Some names below it have lines of their own.
    has_deeper: bool,
}

impl Clock {
    /// That of which nothing is known.
    pub(crate) const UNKNOWN: Self = Self {
        renews: None,
        printed: Printed::Paid,
        out_from: None,
        out_to: None,
        drop_from: None,
        drop_to: None,
        gone_from: None,
        gone_to: None,
        cancel_from: None,
        restore_to: None,
        pending_delete: None,
        next: None,
        words: Vec::new(),
        source: "",
        seen: None,
        has_deeper: false,
    };

    /// The clock of a name under a suffix of this kind.
    pub(crate) fn of(name: &str, kind: SuffixKind) -> &'static Self {
        let top = tld(name);
        if kind == SuffixKind::Private {
            return &UNKNOWN;
        }
        let Some(clock) = CLOCKS.lines.get(top) else {
            return if top.len() == 2 { &UNKNOWN } else { &CLOCKS.gtld };
        };
        let deeper = || {
            let above = name.len().checked_sub(top.len() + 1).and_then(|end| name.get(..end))?;
            let start = above.rfind('.').map_or(0, |dot| dot + 1);
            CLOCKS.lines.get(name.get(start..)?)
        };
        if clock.has_deeper { deeper().unwrap_or(clock) } else { clock }
    }

    /// What the statuses of an answer say of the phase, beyond what they say everywhere.
    pub(crate) fn phases(&self, statuses: &StatusSet) -> Phases {
        Phases::read(&self.words, statuses)
    }

    /// Days for which a past expiration is a sign.
    pub(crate) fn past_days(&self) -> i32 {
        self.drop_to.unwrap_or(NO_END)
    }

    /// Days for which a past expiration is none, because paid names show it, too.
    pub(crate) const fn late_days(&self) -> i32 {
        match self.printed {
            Printed::Late(days) => days,
            _ => 0,
        }
    }

    /// Whether a past expiration alone tells that nobody paid. It does not where the registry renews by itself and what it
    /// prints stays as it is.
    pub(crate) fn past_is_a_sign(&self) -> bool {
        self.renews != Some(Renews::Registry) || matches!(self.printed, Printed::Moves | Printed::Late(_))
    }

    /// The fewest days from the zone to the next holder, whoever ended the registration.
    pub(crate) fn least_days(&self) -> Option<i32> {
        self.gone_from.map(|gone| self.cancel_from.map_or(gone, |cancelled| gone.min(cancelled)))
    }

    /// Days for which the presence of a name in a zone says something: so long it cannot have dropped since. A deletion
    /// can be asked for on the very day on which it was seen. Zero if nobody knows.
    pub(crate) fn presence_days(&self) -> i32 {
        let gone = self.gone_from.unwrap_or(0);
        self.cancel_from.map_or(gone, |days| gone.min(days - 1).max(0))
    }

    /// After so many days out of the zone, a registration may have ended: the old holder cannot have the name back, and
    /// someone else can have it. Registries that free names at once leave no such mark, for a mere outage is no sign.
    pub(crate) fn lapse_gap_days(&self) -> i32 {
        let days = self.gone_from.max(self.restore_to.filter(|_| self.gone_from.is_some()));
        days.filter(|days| *days >= OUTAGE).unwrap_or(SILENT_GAP)
    }

    /// After so many days out of the zone, someone else can have the name.
    pub(crate) fn gone_days(&self) -> i32 {
        self.gone_from.unwrap_or(NO_END)
    }

    /// Whether these statuses are pending delete, and nothing can be done any more.
    pub(crate) fn is_final(&self, statuses: &StatusSet) -> bool {
        statuses.contains(Status::PendingDelete)
            && match self.pending_delete {
                Some(DeleteMeaning::Final) => true,
                Some(DeleteMeaning::WithRedemption) => !statuses.contains(Status::RedemptionPeriod),
                Some(DeleteMeaning::Restorable) | None => false,
            }
    }

    /// Whether names are pending delete while they are still in the zone and the holder can renew. Only a line that says
    /// both says so.
    pub(crate) fn keeps_pending_delete(&self) -> bool {
        self.pending_delete == Some(DeleteMeaning::Restorable) && self.out_to.is_some_and(|days| days > 0)
    }

    /// Whether anything bounds the day of the drop.
    pub(crate) fn has_bounds(&self) -> bool {
        self.drop_from.is_some() || self.gone_from.is_some() || self.cancel_from.is_some()
    }

    /// The clock of a line as in the table.
    #[cfg(test)]
    pub(crate) fn of_line(line: &str) -> Result<Self> {
        let header = TABLE.lines().find(|line| line.starts_with("tld,")).expect("a header");
        let table = CsvTable::parse("data/lifecycle.csv", &format!("{header}\n{line}\n"))?;
        table.rows().map(Self::read).next().expect("a line")
    }

    /// Every clock of the table.
    #[cfg(test)]
    pub(crate) fn all() -> impl Iterator<Item = &'static Self> {
        CLOCKS.lines.values().chain([&CLOCKS.gtld])
    }

    fn read(row: CsvTableRow<'_>) -> Result<Self> {
        let days = |column: &str| row.number::<i32>(column);
        let name = |text: &str| (!text.is_empty()).then_some(());
        let renews = row.read("renews", "registry, holder or nothing", |text| match name(text) {
            None => Some(None),
            Some(()) => Renews::from_name(text).map(Some),
        })?;
        let next = row.read("next", "the name of a release or nothing", |text| match name(text) {
            None => Some(None),
            Some(()) => Release::from_name(text).map(Some),
        })?;
        let pending_delete =
            row.read("pending_delete", "what it means or nothing", |text| match name(text) {
                None => Some(None),
                Some(()) => DeleteMeaning::from_name(text).map(Some),
            })?;
        let seen = |text: &str| Some(Some(Moment::parse(text, BareDate::Start)?.day()));
        Ok(Self {
            renews,
            printed: row.read("printed", "yes, no, moves, late:DAYS, drop or nothing", Printed::read)?,
            out_from: days("out_from")?,
            out_to: days("out_to")?,
            drop_from: days("drop_from")?,
            drop_to: days("drop_to")?,
            gone_from: days("gone_from")?,
            gone_to: days("gone_to")?,
            cancel_from: days("cancel_from")?,
            restore_to: days("restore_to")?,
            pending_delete,
            next,
            words: row.read("words", "status=phase;…", PhaseWord::read_all)?,
            source: row.text("source")?.to_owned().leak(),
            seen: row.read("seen", "a date", seen)?,
            has_deeper: false,
        })
    }
}

impl Printed {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "yes" | "" => Self::Paid,
            "no" => Self::Nothing,
            "moves" => Self::Moves,
            "drop" => Self::Drop,
            late => Self::Late(late.strip_prefix("late:")?.parse().ok()?),
        })
    }
}

/// Whether a top-level domain is a gTLD: it has more than two letters, and is no ccTLD in another script.
pub(crate) fn is_gtld(tld: &str) -> bool {
    tld.len() > 2 && built_in_names(IDN_CCTLDS).all(|name| name != tld)
}

static UNKNOWN: Clock = Clock::UNKNOWN;
static CLOCKS: LazyLock<Clocks> = LazyLock::new(Clocks::read);

struct Clocks {
    lines: HashMap<Box<str>, Clock>,
    gtld: Clock,
}

impl Clocks {
    fn read() -> Self {
        let rows = CsvTable::built_in("data/lifecycle.csv", TABLE, |row| {
            Ok((Box::<str>::from(row.text("tld")?), Clock::read(row)?))
        });
        let unknown = |name: &str| (name.into(), Clock::UNKNOWN);
        let mut lines: HashMap<Box<str>, Clock> = built_in_names(IDN_CCTLDS).map(unknown).collect();
        lines.extend(rows);
        let gtld = lines.remove("*").expect("the table has a line for gTLDs, as its test finds");
        let deeper: Vec<Box<str>> =
            lines.keys().filter(|name| name.contains('.')).map(|name| tld(name).into()).collect();
        deeper.iter().filter_map(|top| lines.get_mut(top).map(|clock| clock.has_deeper = true)).count();
        Self { lines, gtld }
    }
}

#[cfg(test)]
mod tests;
