//! What is known of a list: what it is, its date, whether all of it is there, and what in it could not be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::form::ListForm;
use super::kind::{ListDateSource, ListKind, ReleaseBy, Wholeness};
use crate::escape;
use crate::input::faults::Faults;
use crate::time::Moment;

/// The percentage of faulty rows from which a list is not whole.
const MAX_FAULTY_PERCENT: f64 = 5.0;

/// A list that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RegistryList {
    /// The name of its form, such as `uk`.
    pub(crate) name: Arc<str>,
    /// Its file, as the user named it.
    pub(crate) path: PathBuf,
    /// What it is.
    pub(crate) kind: ListKind,
    /// The names that it is about are below these.
    pub(crate) tlds: Vec<Box<str>>,
    /// At any depth below, not only one label.
    pub(crate) any_depth: bool,
    /// Whether missing names mean something, if the list is whole.
    pub(crate) complete: bool,
    /// How the next holder of its names is found.
    pub(crate) release_by: Option<ReleaseBy>,
    /// Days before the release from which nobody can restore a name.
    pub(crate) final_days: Option<i64>,
    /// Percentage by which it may have fewer rows than the list before.
    pub(crate) shrinks_percent: i64,
    /// When it was made.
    pub(crate) date: Moment,
    /// What told this date.
    pub(crate) date_source: ListDateSource,
    /// Whether all of it is there.
    pub(crate) wholeness: Wholeness,
    /// Why it is not, or what proves that it is.
    pub(crate) why: Box<str>,
    /// When all of its names are released.
    pub(crate) release_at: Option<Moment>,
    /// When their release ends.
    pub(crate) release_until: Option<Moment>,
    /// Names in it.
    pub(crate) rows: u64,
    /// Rows that could not be read; the samples may be of dates, too.
    pub(crate) faults: Faults,
    /// Dates that could not be read; their rows were kept.
    pub(crate) unread_dates: u64,
    /// Nothing of it may be used.
    pub(crate) is_refused: bool,
    /// Bytes on disk.
    pub(crate) bytes: u64,
    /// SHA-256 of these bytes; empty if they were not hashed.
    pub(crate) sha256: String,
}

impl RegistryList {
    /// A list of which nothing is read yet, with the time of its file.
    pub(crate) fn of(path: &Path, form: &ListForm, file_time: Moment) -> Self {
        Self {
            name: form.name.as_str().into(),
            path: path.to_path_buf(),
            kind: form.kind,
            tlds: form.tlds.iter().map(|tld| tld.as_str().into()).collect(),
            any_depth: form.any_depth,
            complete: form.tells_absence(),
            release_by: form.release_by,
            final_days: form.final_days,
            shrinks_percent: form.shrinks_percent,
            date: file_time,
            date_source: ListDateSource::FileTime,
            wholeness: Wholeness::Unproved,
            why: "nothing in the file or beside it proves that it is whole".into(),
            release_at: None,
            release_until: None,
            rows: 0,
            faults: Faults::default(),
            unread_dates: 0,
            is_refused: false,
            bytes: 0,
            sha256: String::new(),
        }
    }

    /// Whether the name is one that the list would hold.
    pub(crate) fn covers(&self, name: &str) -> bool {
        self.tlds.iter().any(|tld| {
            let below = name.strip_suffix(&**tld).and_then(|below| below.strip_suffix('.'));
            below.is_some_and(|below| !below.is_empty() && (self.any_depth || !below.contains('.')))
        })
    }

    /// Whether a name may be in such a list at all: it is below one of its zones, if these are known.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        self.tlds.is_empty()
            || self.tlds.iter().any(|tld| {
                name.strip_suffix(&**tld)
                    .and_then(|below| below.strip_suffix('.'))
                    .is_some_and(|below| !below.is_empty())
            })
    }

    /// Whether a name that it covers and does not hold is known to be missing.
    pub(crate) fn proves_absence(&self) -> bool {
        self.complete && self.wholeness == Wholeness::Whole && self.date_source != ListDateSource::FileTime
    }

    /// Whether another list is of the same kind about the same names, so that the two can be compared.
    pub(crate) fn is_of_series(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.tlds == other.tlds
            && self.any_depth == other.any_depth
            && self.complete == other.complete
    }

    /// Counts a row that could not be read.
    pub(super) fn fault(&mut self, sample: impl FnOnce() -> String) {
        self.faults.note(sample);
    }

    /// Counts a date that could not be read.
    pub(super) fn unread_date(&mut self, sample: impl FnOnce() -> String) {
        self.unread_dates += 1;
        self.faults.keep(sample);
    }

    /// Notes what proves that it is whole.
    pub(super) fn prove(&mut self, proof: &str) {
        if self.wholeness == Wholeness::Unproved {
            (self.wholeness, self.why) = (Wholeness::Whole, proof.into());
        }
    }

    /// Notes that a part is missing; the first reason stays.
    pub(super) fn break_off(&mut self, why: impl Into<Box<str>>) {
        if self.wholeness != Wholeness::Incomplete {
            (self.wholeness, self.why) = (Wholeness::Incomplete, why.into());
        }
    }

    /// Notes that it is another file than it should be, or damaged, and that nothing of it is used.
    pub(super) fn refuse(&mut self, why: impl Into<Box<str>>) {
        if !self.is_refused {
            (self.wholeness, self.why, self.is_refused) = (Wholeness::Incomplete, why.into(), true);
        }
    }

    /// Settles what only the end tells: no rows, or too many that could not be read.
    pub(super) fn close(&mut self) {
        let (percent, first) = (self.faults.percent(self.rows), self.faults.first_in_words());
        if self.rows == 0 && (self.faults.count > 0 || self.wholeness == Wholeness::Unproved) {
            self.refuse(match self.faults.count {
                0 => "no name is in it".to_owned(),
                _ => format!("no name in it could be read{first}"),
            });
        } else if percent > MAX_FAULTY_PERCENT {
            self.break_off(format!(
                "{percent:.1} % of its rows could not be read (limit {MAX_FAULTY_PERCENT} %){first}"
            ));
        }
    }

    /// Why a run that read this list is incomplete, if it is.
    pub(crate) fn incomplete(&self) -> Option<String> {
        let used = match (self.is_refused, self.rows) {
            (true, _) | (_, 0) => "nothing of it is used",
            _ => "it proves only what is in it",
        };
        (self.wholeness == Wholeness::Incomplete)
            .then(|| format!("{}: {}; {used}", escape::path(&self.path), self.why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::form::form_named;

    #[track_caller]
    fn covers(form: &str, name: &str, expected: bool) {
        let form = form_named(form).expect("a known form");
        assert_eq!(RegistryList::of(Path::new("a"), form, Moment(0)).covers(name), expected, "{name}");
    }

    #[test]
    fn names_that_a_list_would_hold() {
        covers("ru", "a.ru", true);
        covers("ru", "a.net.ru", false);
        covers("ru", "ru", false);
        covers("ru", "aru", false);
        covers("net-ru", "a.net.ru", true);
        covers("net-ru", "net.ru", false);
        covers("rf", "a.xn--p1ai", true);
        covers("fr", "a.asso.fr", true);
        covers("fr", "a.re", true);
        covers("fr", "a.example", false);
    }
}
