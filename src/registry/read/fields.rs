//! The fields of a row → what the list says of a name.
//!
//! A row whose name cannot be read is counted and skipped. A date that cannot be read is counted, and the row is kept
//! without it: the name is in the list all the same. Where a missing date would change what a row says (the end of a
//! registration), the row says that its state is not known.

use std::borrow::Cow;

use super::{ListReading, TakeRow};
use crate::error::{Position, Result};
use crate::escape::sample;
use crate::name::normal::ldh_name;
use crate::registry::form::{ListField, capture};
use crate::registry::kind::{ListDateSource, ListKind, ListSays};
use crate::registry::list::RegistryList;
use crate::registry::row::{ListRow, RowFacts};
use crate::time::Moment;

/// Makes rows of fields, and collects what is known of the list.
pub(super) struct RowReader<'a> {
    pub(super) reading: ListReading<'a>,
    pub(super) list: RegistryList,
    take: TakeRow<'a>,
    /// What the head told so far.
    found: Vec<String>,
}

/// The place of a row: a line, or a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum RowPlace {
    Line(u64),
    Row(u64),
}

/// Fields of a row by what they mean.
pub(super) type RowFields<'f, 't> = &'f dyn Fn(ListField) -> Option<Cow<'t, str>>;

impl<'a> RowReader<'a> {
    pub(super) fn new(reading: ListReading<'a>, list: RegistryList, take: TakeRow<'a>) -> Self {
        Self { reading, list, take, found: Vec::new() }
    }

    pub(super) fn finish(self) -> RegistryList {
        self.list
    }

    /// Counts a row that could not be read.
    pub(super) fn fault(&mut self, place: RowPlace, what: &str) {
        let path = self.list.path.clone();
        self.list.fault(|| at(&path, place, what));
    }

    /// Takes a line of the head; whether it is one.
    pub(super) fn head(&mut self, line: &str) -> bool {
        for pattern in &self.reading.form.head {
            let Some(found) = capture(pattern, line) else { continue };
            let read = |(name, text): (String, &str)| Some((name, self.reading.form.stamp.read(text)?));
            let Some(moments) = found.into_iter().map(read).collect::<Option<Vec<_>>>() else { continue };
            for (name, moment) in moments {
                self.stamp(&name, moment);
                self.found.push(name);
            }
            return true;
        }
        false
    }

    /// Takes a moment that holds for the whole list.
    pub(super) fn stamp(&mut self, name: &str, moment: Moment) {
        match name {
            "release" => self.reading.release(moment, ListDateSource::Inside, &mut self.list),
            "until" => self.list.release_until = Some(moment),
            _ => (self.list.date, self.list.date_source) = (moment, ListDateSource::Inside),
        }
    }

    /// What the head must have told by now, and did not.
    pub(super) fn missing_of_head(&self) -> Option<&str> {
        let required = self.reading.form.required.iter();
        required.map(String::as_str).find(|name| !self.found.iter().any(|found| found == name))
    }

    /// Takes a row. `fits` is whether it has as many fields as it should.
    pub(super) fn row(&mut self, place: RowPlace, fits: bool, fields: RowFields<'_, '_>) -> Result<()> {
        let written = fields(ListField::Name).unwrap_or_default();
        let written = written.trim();
        let name = match self.reading.form.append.as_str() {
            "" => ldh_name(written),
            append => ldh_name(&format!("{written}{append}")).map(|name| Cow::Owned(name.into_owned())),
        };
        let name = name.filter(|name| name.contains('.') && self.list.may_hold(name));
        let Some(name) = name else {
            let zones = match self.list.tlds.is_empty() {
                true => "a domain name".to_owned(),
                false => format!("a name below {}", self.list.tlds.join(", ")),
            };
            self.fault(place, &format!("expected {zones}, found `{}`", sample(written)));
            return Ok(());
        };
        self.list.rows += 1;
        if !fits {
            self.fault(place, "another number of fields than the other rows; only its name is used");
        }
        let is_wanted = (self.reading.wanted)(&name);
        let row = self.said(place, name, fits, fields);
        if is_wanted { (self.take)(row) } else { Ok(()) }
    }

    /// What the fields say of a name.
    fn said(
        &mut self,
        place: RowPlace,
        name: Cow<'_, str>,
        fits: bool,
        fields: RowFields<'_, '_>,
    ) -> ListRow {
        let mut unread = false;
        let mut date = |field: ListField| -> Option<Moment> {
            let text = fields(field).filter(|text| fits && !text.trim().is_empty())?;
            let moment = self.reading.form.dates.read(&text);
            if moment.is_none() {
                let what = format!("`{}`: expected a date, found `{}`", field.name(), sample(&text));
                let path = &self.list.path.clone();
                self.list.unread_date(|| at(path, place, &what));
                unread |= field == ListField::EndedAt;
            }
            moment
        };
        let mut facts = RowFacts {
            says: ListSays::UnknownState,
            registered_at: date(ListField::RegisteredAt),
            expires_at: date(ListField::ExpiresAt),
            ended_at: date(ListField::EndedAt),
            release_at: date(ListField::ReleaseAt),
            release_until: date(ListField::ReleaseUntil),
            delegated: fields(ListField::Delegated).and_then(|text| truth(&text)),
        };
        facts.says = match self.list.kind {
            ListKind::Register if !fits => ListSays::UnknownState,
            ListKind::Register => self.state(fields),
            ListKind::WillDrop => ListSays::WillDrop,
            ListKind::Dropped => match fields(ListField::Available).map(|text| truth(&text)) {
                Some(Some(false)) => ListSays::Withheld,
                _ => ListSays::Dropped,
            },
            ListKind::InRelease => ListSays::InRelease,
            ListKind::Registrations if !fits || unread => ListSays::UnknownState,
            ListKind::Registrations if facts.ended_at.is_some() => ListSays::Ended,
            ListKind::Registrations => ListSays::Registered,
        };
        ListRow { name: name.into(), list: self.reading.number, facts }
    }

    /// What the registry's word for a state means; a register without words says that its names are registered.
    fn state(&self, fields: RowFields<'_, '_>) -> ListSays {
        let form = self.reading.form;
        match fields(ListField::State) {
            None if form.columns.contains_key(&ListField::State) => ListSays::UnknownState,
            None => ListSays::Registered,
            Some(word) => {
                form.states.get(&word.trim().to_lowercase()).copied().unwrap_or(ListSays::UnknownState)
            }
        }
    }
}

fn at(path: &std::path::Path, place: RowPlace, what: &str) -> String {
    match place {
        RowPlace::Line(line) => format!("{}: {what}", Position::line(path, line)),
        RowPlace::Row(row) => format!("{}: row {row}: {what}", Position::file(path)),
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "y" => Some(true),
        "0" | "false" | "no" | "n" => Some(false),
        _ => None,
    }
}
