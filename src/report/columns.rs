//! Which column of each file serves for what, and how many of its times and numbers could be read.
//!
//! A time that cannot be read, or a column that was not found, silences the check for domains that changed hands after
//! an address was verified. So both are told, in the summary and in the manifest, and never by a value: names of
//! columns appear only if they look like names, and else as `column 2`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::completeness::{Shortfall, too_many};
use crate::assess::tally::Tally;
use crate::census::{AccountFile, ColumnUse, FileColumns, ValueCount};
use crate::error::Hint;
use crate::escape;
use crate::name::Subject;
use crate::wording::{agree, count, first_of, grouped};

/// Groups of files that have a line each; the manifest has all.
const GROUPS: usize = 4;
/// Names of members shown for one purpose.
const NAMES: usize = 3;

/// The columns of a file, in the manifest. A column that the file lacks is null.
#[derive(Debug, Serialize)]
pub(crate) struct ColumnsInput {
    /// The address; null if rows name something else.
    email: Option<ColumnInput>,
    /// What rows name in its place; null if they name addresses.
    subject: Option<ColumnInput>,
    id: Option<ColumnInput>,
    verified_at: Option<ColumnInput>,
    first_verified_at: Option<ColumnInput>,
    weight: Option<ColumnInput>,
    accounts: Option<ColumnInput>,
}

#[derive(Debug, Serialize)]
struct ColumnInput {
    /// Its name, if that looks like one; in JSON all members that may serve.
    names: Vec<String>,
    /// Its 1-based number.
    number: Option<u64>,
    /// Its values, where they are counted.
    #[serde(flatten)]
    values: Option<ValuesInput>,
}

#[derive(Debug, Serialize)]
struct ValuesInput {
    given: u64,
    read: u64,
    unread: u64,
}

impl ColumnsInput {
    pub(super) fn of(columns: &FileColumns) -> Self {
        let column = |column: &ColumnUse, is_counted: bool| {
            let ValueCount { given, read } = column.values;
            column.is_found.then(|| ColumnInput {
                names: column.names.clone(),
                number: column.number,
                values: is_counted.then(|| ValuesInput { given, read, unread: given.saturating_sub(read) }),
            })
        };
        Self {
            email: column(&columns.subject, false).filter(|_| columns.kind == Subject::Address),
            subject: column(&columns.subject, false).filter(|_| columns.kind != Subject::Address),
            id: column(&columns.id, false),
            verified_at: column(&columns.verified_at, true),
            first_verified_at: column(&columns.first_verified_at, true),
            weight: column(&columns.weight, true),
            accounts: column(&columns.accounts, true),
        }
    }
}

/// Times and weights of all files.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct ValuesRead {
    verified_at: ValueSum,
    first_verified_at: ValueSum,
    weight: ValueSum,
    accounts: ValueSum,
    /// Accounts whose time of verification is after as-of, so that it does not count.
    verified_after_as_of: u64,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct ValueSum {
    given: u64,
    unread: u64,
}

impl ValueSum {
    fn of(files: &[AccountFile], column: fn(&FileColumns) -> &ColumnUse) -> Self {
        let values = files.iter().map(|file| column(&file.columns).values);
        values.fold(Self::default(), |sum, ValueCount { given, read }| Self {
            given: sum.given + given,
            unread: sum.unread + given.saturating_sub(read),
        })
    }
}

impl ValuesRead {
    pub(super) fn of(files: &[AccountFile]) -> Self {
        Self {
            verified_at: ValueSum::of(files, |columns| &columns.verified_at),
            first_verified_at: ValueSum::of(files, |columns| &columns.first_verified_at),
            weight: ValueSum::of(files, |columns| &columns.weight),
            accounts: ValueSum::of(files, |columns| &columns.accounts),
            verified_after_as_of: 0,
        }
    }

    /// The kinds of values of which more than `max_unread` percent could not be read, in words.
    pub(super) fn unread(&self, max_unread: f64) -> Vec<Shortfall> {
        let kinds = [
            ("times of verification", self.verified_at, Some(Hint::TellTimeFormat)),
            ("times of first verification", self.first_verified_at, Some(Hint::TellTimeFormat)),
            ("weights", self.weight, None),
            ("numbers of accounts", self.accounts, None),
        ];
        let unread = kinds.into_iter().filter_map(|(kind, ValueSum { given, unread }, hint)| {
            let share = too_many(unread, given, max_unread)?;
            let what = format!("{share:.1} % of the {kind} given could not be read (limit {max_unread} %)");
            Some(Shortfall { what, hint })
        });
        unread.collect()
    }
}

/// What the summary says about columns.
#[derive(Debug, Default, Serialize)]
pub(crate) struct ColumnsTold {
    /// Lines for a person.
    pub(crate) lines: Vec<String>,
    /// Why re-registrations after verification cannot be told, if so.
    pub(crate) no_verifications: Option<String>,
}

/// Describes the columns of all files, once they were judged.
pub(super) fn describe(files: &[AccountFile], values: &mut ValuesRead, tally: &Tally) -> ColumnsTold {
    values.verified_after_as_of = tally.verified_later;
    // files with the same columns share a line
    let mut groups: BTreeMap<usize, (Vec<&AccountFile>, FileColumns)> = BTreeMap::new();
    for (place, file) in files.iter().enumerate() {
        let same = groups.values_mut().find(|(_, columns)| have_same_names(columns, &file.columns));
        match same {
            Some((files, columns)) => {
                files.push(file);
                add_values(columns, &file.columns);
            }
            None => drop(groups.insert(place, (vec![file], file.columns.clone()))),
        }
    }
    let is_one = groups.len() == 1;
    let lines = groups.values().map(|(files, columns)| {
        let more = files.len() as u64 - 1;
        let path = escape::path(&files[0].path);
        let whose = match (is_one, more) {
            (true, _) => String::new(),
            (false, 0) => format!("{path}: "),
            (false, more) => format!("{path} and {}: ", count(more, "file")),
        };
        whose + &line(columns)
    });
    let mut lines = first_of(lines, GROUPS, "file with other columns");
    if tally.verified_later > 0 {
        let (accounts, was) =
            (count(tally.verified_later, "account"), agree(tally.verified_later, "was", "were"));
        lines.push(format!("{accounts} {was} verified after as-of; such times do not count"));
    }
    let no_verifications = no_verifications(files, tally);
    lines.extend(no_verifications.clone());
    ColumnsTold { lines, no_verifications }
}

/// Why re-registrations after verification cannot be told, if not a single account has a time that counts.
fn no_verifications(files: &[AccountFile], tally: &Tally) -> Option<String> {
    let has_column =
        |file: &AccountFile| file.columns.verified_at.is_found || file.columns.first_verified_at.is_found;
    let whom = "re-registrations after verification cannot be told";
    match (files.iter().any(has_column), tally.verified) {
        (false, 0) => Some(format!("no column holds times of verification, so {whom}")),
        (false, _) => Some(format!(
            "no column holds times of verification, so {whom}, except where the previous report has times"
        )),
        (true, 0) => Some(format!("no account has a time of verification that could be read, so {whom}")),
        (true, _) => None,
    }
}

/// One line about the columns of some files.
fn line(columns: &FileColumns) -> String {
    let counted = |column: &ColumnUse| {
        let ValueCount { given, read } = column.values;
        let unread = given.saturating_sub(read);
        let unread = if unread > 0 { format!(", {} unread", grouped(unread)) } else { String::new() };
        format!(" ({}{unread})", grouped(given))
    };
    let part = |what: &str, column: &ColumnUse| column.is_found.then(|| format!("{what} {}", name(column)));
    let values = |what: &str, column: &ColumnUse| part(what, column).map(|part| part + &counted(column));
    // plain text has no columns
    let is_text = each(columns).iter().all(|column| column.names.is_empty() && column.number.is_none());
    let subject = match (is_text, columns.kind) {
        (true, Subject::Address) => Some("an address a line".to_owned()),
        (true, kind) => Some(format!("a {} a line", kind.words().noun)),
        (false, kind) => part(kind.words().noun, &columns.subject),
    };
    let parts = [
        subject,
        part("id", &columns.id),
        values("verified", &columns.verified_at),
        values("first verified", &columns.first_verified_at),
        values("weight", &columns.weight),
        values("accounts", &columns.accounts),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A column as it may be shown.
fn name(column: &ColumnUse) -> String {
    let names = column.names.iter().map(|name| format!("`{}`", escape::line(name)));
    match (column.names.len(), column.number) {
        (0, Some(number)) => format!("column {number}"),
        (0, None) => "of some name".to_owned(),
        _ => first_of(names, NAMES, "name").join(", "),
    }
}

fn each(columns: &FileColumns) -> [&ColumnUse; 6] {
    let FileColumns { kind: _, subject, id, verified_at, first_verified_at, weight, accounts } = columns;
    [subject, id, verified_at, first_verified_at, weight, accounts]
}

fn have_same_names(one: &FileColumns, other: &FileColumns) -> bool {
    let named = |column: &ColumnUse| {
        (column.is_found, column.names.clone(), column.names.is_empty().then_some(column.number))
    };
    each(one).iter().zip(each(other)).all(|(one, other)| named(one) == named(other))
}

fn add_values(sum: &mut FileColumns, columns: &FileColumns) {
    let FileColumns { verified_at, first_verified_at, weight, accounts, .. } = sum;
    let added = [&columns.verified_at, &columns.first_verified_at, &columns.weight, &columns.accounts];
    for (sum, column) in [verified_at, first_verified_at, weight, accounts].into_iter().zip(added) {
        sum.values.given += column.values.given;
        sum.values.read += column.values.read;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(names: &[&str], number: u64, given: u64, read: u64) -> ColumnUse {
        ColumnUse {
            is_found: true,
            names: names.iter().map(ToString::to_string).collect(),
            number: (number > 0).then_some(number),
            values: ValueCount { given, read },
        }
    }

    #[track_caller]
    fn says(columns: &FileColumns, expected: &str) {
        assert_eq!(line(columns), expected);
    }

    #[test]
    fn lines() {
        let subject = column(&["mail"], 2, 0, 0);
        let base = FileColumns { subject, ..FileColumns::default() };
        says(&base, "address `mail`");
        says(&FileColumns::default(), "an address a line");
        says(&FileColumns { kind: Subject::Url, ..FileColumns::default() }, "a URL a line");
        let accounts = column(&["count"], 5, 9, 8);
        let domains = FileColumns { kind: Subject::Domain, accounts, ..base.clone() };
        says(&domains, "domain `mail`, accounts `count` (9, 1 unread)");
        let verified_at = column(&["seen"], 3, 1200, 1198);
        let weight = column(&[], 4, 1, 1);
        says(
            &FileColumns { verified_at, weight, ..base.clone() },
            "address `mail`, verified `seen` (1,200, 2 unread), weight column 4 (1)",
        );
        let members = column(&["a", "b", "c", "d"], 0, 0, 0);
        says(
            &FileColumns { subject: members, ..FileColumns::default() },
            "address `a`, `b`, `c`, and 1 more name",
        );
    }

    #[test]
    fn too_many_unread() {
        let sum = |given, unread| ValueSum { given, unread };
        let values = ValuesRead { verified_at: sum(100, 6), weight: sum(10, 0), ..ValuesRead::default() };
        assert_eq!(values.unread(6.0).len(), 0);
        let [told] = &values.unread(5.0)[..] else { panic!("one kind") };
        assert_eq!(told.what, "6.0 % of the times of verification given could not be read (limit 5 %)");
        assert_eq!(told.hint, Some(Hint::TellTimeFormat));
        let values = ValuesRead { weight: sum(1, 1), first_verified_at: sum(9, 9), ..ValuesRead::default() };
        assert_eq!(values.unread(99.9).len(), 2);
        assert_eq!(values.unread(100.0).len(), 0);
    }
}
