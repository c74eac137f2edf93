//! A file → the rows of a list, one by one, and what is known of the list.
//!
//! Rows are handed on as they are read, so memory does not grow with the file. What only the end tells, that the list is
//! cut or damaged or another file than it should be, is told by the [`RegistryList`]: whoever takes rows leaves out those
//! of a list that turns out to be refused.
//!
//! ```text
//! text     bytes of plain, packed and archived files
//! lines    lines and tables
//! json     JSON documents
//! fields   the fields of a row → a row
//! ```

mod fields;
mod json;
mod lines;
mod text;

use std::path::Path;

use fields::RowReader;
use text::{ListText, Packing};

use super::form::{ListForm, ListFormat, capture};
use super::kind::ListDateSource;
use super::list::RegistryList;
use super::row::ListRow;
use crate::error::Result;
use crate::input::small::read_limited;
use crate::input::source::Source;
use crate::progress::Progress;
use crate::time::{Day, Moment};

/// Receives rows.
pub(crate) type TakeRow<'a> = &'a mut dyn FnMut(ListRow) -> Result<()>;

/// How a list is read.
#[derive(Clone, Copy)]
pub(crate) struct ListReading<'a> {
    /// Its form.
    pub(crate) form: &'a ListForm,
    /// The number that its rows get.
    pub(crate) number: u32,
    /// The date of a list that holds none.
    pub(crate) given: Option<Moment>,
    /// Whose rows are kept.
    pub(crate) wanted: &'a dyn Fn(&str) -> bool,
    /// Progress in bytes.
    pub(crate) progress: &'a Progress,
}

impl ListReading<'_> {
    /// Reads a list. A file that cannot be read is no error but a list that says so.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub(crate) fn read(&self, source: Source, take: TakeRow<'_>) -> Result<RegistryList> {
        let mut list = RegistryList::of(&source.path, self.form, source.modified.unwrap_or(Moment(0)));
        let stem = source.stem();
        let (mut text, source) = match ListText::open(source, self.progress) {
            Ok(opened) => opened,
            Err(error) => {
                list.refuse(error.what);
                return Ok(list);
            }
        };
        self.date_by_file_name(&stem, &mut list);
        let mut rows = RowReader::new(*self, list, take);
        let ended = match self.form.format {
            ListFormat::Json => json::read(&mut text, &mut rows)?,
            ListFormat::Lines | ListFormat::Table => lines::read(&mut text, &mut rows)?,
        };
        let mut list = rows.finish();
        (list.bytes, list.sha256) = text.finish();
        if list.bytes == 0 {
            list.bytes = source.size.unwrap_or_default();
        }
        match text.stopped() {
            Some((why, true)) => list.refuse(format!("it is damaged: {why}")),
            Some((why, false)) => list.break_off(format!("it cannot be read to its end: {why}")),
            None => {}
        }
        check_hash(&source.path, &mut list);
        if let Some(proof) = ended {
            list.prove(proof);
        }
        if text.packing == Packing::Checked {
            list.prove("the checksum at its end fits");
        }
        list.close();
        if list.date_source == ListDateSource::FileTime
            && let Some(given) = self.given
        {
            (list.date, list.date_source) = (given, ListDateSource::Given);
        }
        Ok(list)
    }

    /// Takes what the name of the file tells.
    fn date_by_file_name(&self, stem: &str, list: &mut RegistryList) {
        let found = self.form.files.iter().find_map(|pattern| capture(pattern, stem));
        for (name, text) in found.unwrap_or_default() {
            let moment = match name.as_str() {
                "month" => end_of_month(text),
                _ => self.form.stamp.read(text),
            };
            match (name.as_str(), moment) {
                ("release", Some(moment)) => self.release(moment, ListDateSource::FileName, list),
                (_, Some(moment)) => (list.date, list.date_source) = (moment, ListDateSource::FileName),
                (_, None) => {}
            }
        }
    }

    /// Notes when all names of a list are released, and so when it was made at the latest.
    fn release(&self, moment: Moment, told_by: ListDateSource, list: &mut RegistryList) {
        list.release_at = Some(moment);
        if let Some(days) = self.form.dated_days_before_release {
            (list.date, list.date_source) = (moment.plus_days(-days).day().start(), told_by);
        }
    }
}

/// The last second of a month, `YYYYMM`.
fn end_of_month(text: &str) -> Option<Moment> {
    let (year, month) = text.split_at_checked(4)?;
    let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
    let next =
        if month == 12 { Day::from_calendar(year + 1, 1, 1) } else { Day::from_calendar(year, month + 1, 1) };
    Some(Moment(next?.start().0 - 1_000_000))
}

/// Compares a list with the SHA-256 in a file beside it, `NAME.sha256`, if there is one.
fn check_hash(path: &Path, list: &mut RegistryList) {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sha256");
    let Ok(text) = read_limited(Path::new(&beside), 4096) else { return };
    let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
    let expected = text.split_whitespace().next().unwrap_or_default();
    match expected == list.sha256 {
        true => list.prove("its SHA-256 is the one beside it"),
        false => list.break_off("its SHA-256 is not the one in the file beside it"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end() {
        for (text, expected) in [
            ("202610", Some("2026-10-31T23:59:59Z")),
            ("202612", Some("2026-12-31T23:59:59Z")),
            ("202613", None),
            ("2026", None),
        ] {
            assert_eq!(end_of_month(text).map(|moment| moment.to_string()).as_deref(), expected, "{text}");
        }
    }
}
