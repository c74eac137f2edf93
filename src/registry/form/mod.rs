//! The form of a list: where its names and dates are, what dates it, what shows that it is whole.
//!
//! A form is data. Those of known lists are the tables in `data/registry_lists`, built into the program; `--map`
//! names a table of the same kind for any other list. Variants are lists of one form and different zones.

mod built_in;
pub(crate) mod dates;
mod pattern;

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::Encoding;
use serde::Deserialize;

pub(crate) use built_in::{built_in_forms, form_named, forms_of_file};
use dates::{DateForm, DatesText};
pub(crate) use pattern::capture;

use super::kind::{ListKind, ListSays, ReleaseBy};
use crate::error::{Error, Result};
use crate::input::small::read_text;

/// Bytes of the largest description that is read.
const FORM_BYTES: u64 = 1 << 20;

/// A description as it is written in TOML.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FormText {
    name: Option<String>,
    #[expect(dead_code, reason = "it tells readers of the table where the form was seen")]
    source: Option<String>,
    #[serde(default)]
    files: Vec<String>,
    kind: ListKind,
    #[serde(default)]
    tlds: Vec<String>,
    #[serde(default)]
    any_depth: bool,
    complete: Option<bool>,
    format: ListFormat,
    encoding: Option<String>,
    delimiter: Option<String>,
    #[serde(default = "yes")]
    quotes: bool,
    #[serde(default = "yes")]
    header: bool,
    #[serde(default)]
    skip_lines: usize,
    fields: Option<usize>,
    comment: Option<String>,
    #[serde(default)]
    head: Vec<String>,
    #[serde(default)]
    required: Vec<String>,
    closing: Option<String>,
    #[serde(default)]
    columns: BTreeMap<ListField, ColumnText>,
    #[serde(default)]
    json: JsonText,
    #[serde(default)]
    dates: DatesText,
    #[serde(default)]
    stamp: DatesText,
    dated_days_before_release: Option<i64>,
    append: Option<String>,
    #[serde(default)]
    states: BTreeMap<String, ListSays>,
    release_by: Option<ReleaseBy>,
    final_days: Option<i64>,
    shrinks_percent: Option<i64>,
    #[serde(default)]
    variant: Vec<VariantText>,
}

/// What differs in a variant.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct VariantText {
    name: String,
    files: Vec<String>,
    tlds: Option<Vec<String>>,
    complete: Option<bool>,
    release_by: Option<ReleaseBy>,
    any_depth: Option<bool>,
    dates: Option<DatesText>,
}

const fn yes() -> bool {
    true
}

named_enum! {
    /// How the rows of a list are written.
    pub(crate) enum ListFormat {
        /// One name a line.
        Lines = "lines",
        /// Fields with a delimiter.
        Table = "table",
        /// An array of objects or names.
        Json = "json",
    }
}

named_enum! {
    /// What is read of a row.
    pub(crate) enum ListField {
        /// The name.
        Name = "name",
        /// First day of the registration.
        RegisteredAt = "registered-at",
        /// Day up to which it is paid.
        ExpiresAt = "expires-at",
        /// When the registration ended.
        EndedAt = "ended-at",
        /// When the name is released.
        ReleaseAt = "release-at",
        /// When the release ends.
        ReleaseUntil = "release-until",
        /// The registry's word for its state.
        State = "state",
        /// Whether the zone delegates it: 0 or 1, true or false, yes or no.
        Delegated = "delegated",
        /// Whether it can be registered now: the same words.
        Available = "available",
    }
}

/// A column: its name in the header, its 1-based position, or several that are joined by a blank.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(crate) enum ColumnText {
    /// A 1-based position.
    Position(usize),
    /// A name in the header, or a key of an object.
    Name(String),
    /// Several columns.
    Joined(Vec<ColumnText>),
}

impl ColumnText {
    /// The columns one by one.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Joined(parts) => parts.iter().flat_map(Self::parts).collect(),
            single => vec![single],
        }
    }
}

/// Where things are in a JSON document.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct JsonText {
    /// The key of the array of rows; the document itself if none.
    pub(crate) rows: Option<String>,
    /// The key of the number of rows.
    pub(crate) count: Option<String>,
    /// The key that is there as long as more pages follow.
    pub(crate) next: Option<String>,
    /// The key of the list's date.
    pub(crate) date: Option<String>,
    /// The key of the moment of release of all names.
    pub(crate) release: Option<String>,
}

/// How a list is written and what it proves.
#[derive(Debug, Clone)]
pub(crate) struct ListForm {
    /// The list.
    pub(crate) name: String,
    /// Patterns of its files' names.
    pub(crate) files: Vec<String>,
    /// What it is.
    pub(crate) kind: ListKind,
    /// The names that it is about are below these.
    pub(crate) tlds: Vec<String>,
    /// Whether it is about names at any depth below, not only one label.
    pub(crate) any_depth: bool,
    /// Whether it holds all names, so that missing ones mean something.
    pub(crate) complete: bool,
    /// How its rows are written.
    pub(crate) format: ListFormat,
    /// The encoding of what is not UTF-8.
    pub(crate) encoding: Option<&'static Encoding>,
    /// Between fields.
    pub(crate) delimiter: u8,
    /// Whether fields may stand in quotes.
    pub(crate) quotes: bool,
    /// Whether the columns have names.
    pub(crate) header: bool,
    /// Lines before everything else.
    pub(crate) skip_lines: usize,
    /// Fields of every row.
    pub(crate) fields: Option<usize>,
    /// How a line begins that is no row.
    pub(crate) comment: Option<String>,
    /// Patterns of its first lines.
    pub(crate) head: Vec<String>,
    /// Captures of these patterns without which it is another file.
    pub(crate) required: Vec<String>,
    /// Its last line.
    pub(crate) closing: Option<String>,
    /// Where the fields are.
    pub(crate) columns: BTreeMap<ListField, ColumnText>,
    /// The same in JSON.
    pub(crate) json: JsonText,
    /// Times in rows.
    pub(crate) dates: DateForm,
    /// Times in the head and in the file's name.
    pub(crate) stamp: DateForm,
    /// The list was made so many days before the release that its head or its file's name tells.
    pub(crate) dated_days_before_release: Option<i64>,
    /// What is added to each name.
    pub(crate) append: String,
    /// The registry's words, in small letters.
    pub(crate) states: BTreeMap<String, ListSays>,
    /// How the next holder is found.
    pub(crate) release_by: Option<ReleaseBy>,
    /// Days before the release from which nobody can restore a name.
    pub(crate) final_days: Option<i64>,
    /// A list that has so many percent fewer rows than the one before is not whole.
    pub(crate) shrinks_percent: i64,
}

impl ListForm {
    /// Reads the description of a list.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let failed = |what: String| {
            Error::failure(path, what).hint("`data/registry_lists` holds such descriptions of known lists")
        };
        let text = read_text(path, FORM_BYTES)?;
        let mut forms = parse(&text).map_err(failed)?;
        match (forms.pop(), forms.is_empty()) {
            (Some(form), true) => Ok(form),
            _ => Err(failed("expected the description of one list, found variants".into())),
        }
    }

    /// Whether missing from a whole list of this form means something about a name.
    pub(crate) fn tells_absence(&self) -> bool {
        self.complete && !self.tlds.is_empty()
    }
}

/// The forms that a description describes: one, or its variants.
fn parse(text: &str) -> std::result::Result<Vec<ListForm>, String> {
    let text: FormText =
        toml::from_str(text).map_err(|error| error.to_string().trim_end().replace('\n', " "))?;
    if text.variant.is_empty() {
        return Ok(vec![form(&text)?]);
    }
    let variants = text.variant.clone();
    variants
        .into_iter()
        .map(|variant| {
            let base = text.clone();
            form(&FormText {
                name: Some(variant.name),
                files: variant.files,
                tlds: variant.tlds.unwrap_or(base.tlds),
                complete: variant.complete.or(base.complete),
                release_by: variant.release_by.or(base.release_by),
                any_depth: variant.any_depth.unwrap_or(base.any_depth),
                dates: variant.dates.unwrap_or(base.dates),
                ..base
            })
        })
        .collect()
}

fn form(text: &FormText) -> std::result::Result<ListForm, String> {
    let name = text.name.clone().ok_or("`name` is missing")?;
    if text.format != ListFormat::Lines && !text.columns.contains_key(&ListField::Name) {
        return Err("`columns.name` is missing: which column holds the names?".into());
    }
    if text.format == ListFormat::Table {
        let has_name =
            |column: &ColumnText| column.parts().iter().any(|part| matches!(part, ColumnText::Name(_)));
        if !text.header && text.columns.values().any(has_name) {
            return Err("without a header, columns are told by their positions: `name = 1`".into());
        }
    }
    let encoding = match &text.encoding {
        None => None,
        Some(label) => Some(
            Encoding::for_label(label.as_bytes())
                .filter(|encoding| encoding.is_ascii_compatible())
                .ok_or_else(|| format!("`encoding`: `{label}` is not known, or no superset of ASCII"))?,
        ),
    };
    let delimiter = match text.delimiter.as_deref().map(str::as_bytes) {
        None => b',',
        Some([byte]) if byte.is_ascii() => *byte,
        Some(_) => return Err("`delimiter`: expected one ASCII character".into()),
    };
    let tlds = text.tlds.iter().map(|tld| {
        crate::name::normal::ldh_name(tld)
            .map(Into::into)
            .ok_or_else(|| format!("`tlds`: `{tld}` is not a domain name"))
    });
    let is_complete_kind =
        matches!(text.kind, ListKind::Register | ListKind::Registrations | ListKind::WillDrop);
    Ok(ListForm {
        name,
        files: text.files.clone(),
        kind: text.kind,
        tlds: tlds.collect::<std::result::Result<_, String>>()?,
        any_depth: text.any_depth,
        complete: text.complete.unwrap_or(is_complete_kind),
        format: text.format,
        encoding,
        delimiter,
        quotes: text.quotes,
        header: text.header,
        skip_lines: text.skip_lines,
        fields: text.fields,
        comment: text.comment.clone(),
        head: text.head.clone(),
        required: text.required.clone(),
        closing: text.closing.clone(),
        columns: text.columns.clone(),
        json: text.json.clone(),
        dates: DateForm::new(&text.dates).map_err(|why| format!("`dates`: {why}"))?,
        stamp: DateForm::new(&text.stamp).map_err(|why| format!("`stamp`: {why}"))?,
        dated_days_before_release: text.dated_days_before_release,
        append: text.append.clone().unwrap_or_default(),
        states: text.states.iter().map(|(word, says)| (word.to_lowercase(), *says)).collect(),
        release_by: text.release_by,
        final_days: text.final_days,
        shrinks_percent: text.shrinks_percent.unwrap_or(5),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = parse(text).expect_err("it is refused");
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn mistakes_in_descriptions() {
        refused("name = 'a'", "missing field `kind`");
        refused("name = 'a'\nkind = 'drop'\nformat = 'lines'", "unknown variant `drop`");
        refused("kind = 'dropped'\nformat = 'lines'", "`name` is missing");
        refused("name = 'a'\nkind = 'dropped'\nformat = 'table'", "`columns.name` is missing");
        refused(
            "name = 'a'\nkind = 'dropped'\nformat = 'table'\nheader = false\ncolumns = {name = 'domain'}",
            "told by their positions",
        );
        refused("name = 'a'\nkind = 'dropped'\nformat = 'lines'\nencoding = 'utf-16le'", "superset of ASCII");
        refused("name = 'a'\nkind = 'dropped'\nformat = 'lines'\ncolour = 'red'", "unknown field `colour`");
        refused("name = 'a'\nkind = 'dropped'\nformat = 'lines'\ndates = {zone = 'Mars'}", "`dates`: `zone`");
    }
}
