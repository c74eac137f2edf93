//! A person's decisions: the action for a domain until a day.
//!
//! They come as CSV with the columns `domain`, `action` and `until`; other columns are for notes. A decision holds
//! through its last day. It overrules policy, raises and circuit breakers, for the domain and for every account at it;
//! state, risk and reasons stay what the evidence says. A decision needs an end, because evidence changes.

use std::path::Path;

use hashbrown::HashMap;

use super::judged::JudgedDomain;
use super::verdict::Action;
use crate::error::{Error, Result};
use crate::escape::{self, sample};
use crate::input::small::{SMALL_FILE_BYTES, read_text};
use crate::name::MailDomain;
use crate::time::{BareDate, Day, Moment};

/// Decisions by domain.
#[derive(Debug, Default)]
pub struct Overrides {
    decisions: HashMap<Box<str>, Override>,
    notice: Option<String>,
}

/// One decision at the moment of judgement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Override {
    /// What is to be done.
    pub(crate) action: Action,
    /// The last day on which it holds.
    pub(crate) until: Day,
    /// Its time is over.
    pub(crate) has_expired: bool,
}

impl Overrides {
    /// Reads a file of decisions, if there is one.
    pub(crate) fn read_optional(path: Option<&Path>, today: Day) -> Result<Self> {
        path.map_or_else(|| Ok(Self::default()), |path| Self::read(path, today))
    }

    /// Reads a file of decisions.
    pub fn read(path: &Path, today: Day) -> Result<Self> {
        let hint = "write CSV with the columns `domain`, `action` and `until`, a domain a line";
        let failed = |what: String| Error::failure(path, what).hint(hint);
        let text = read_text(path, SMALL_FILE_BYTES)?;
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| failed(error.to_string()))?.clone();
        let column = |name: &str| {
            let found = header.iter().position(|title| title.eq_ignore_ascii_case(name));
            found.ok_or_else(|| failed(format!("no column `{name}`")))
        };
        let (domain, action, until) = (column("domain")?, column("action")?, column("until")?);
        let mut overrides = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| failed(error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let faulty = |what: String| Error::failure(path, format!("line {line}: {what}")).hint(hint);
            let field = |index: usize| record.get(index).unwrap_or_default();
            let name = MailDomain::normalize(field(domain))
                .map_err(|reason| faulty(format!("`{}` is no domain: {reason}", sample(field(domain)))))?
                .name;
            let known = Action::from_name(field(action));
            let action = known.ok_or_else(|| faulty(format!("`{}` is no action", sample(field(action)))))?;
            let until = Moment::parse(field(until), BareDate::Start)
                .ok_or_else(|| faulty(format!("`{}` is no date", sample(field(until)))))?
                .day();
            let decision = Override { action, until, has_expired: today > until };
            if overrides.decisions.insert(name.as_str().into(), decision).is_some() {
                return Err(faulty(format!("a second decision about `{name}`")));
            }
        }
        let doubt = match overrides.is_empty() {
            true => Some("it holds no decision"),
            false if !text.ends_with('\n') => {
                Some("the last line has no line end: if the file broke off there, decisions are missing")
            }
            false => None,
        };
        overrides.notice = doubt.map(|doubt| format!("{}: {doubt}", escape::path(path)));
        Ok(overrides)
    }

    /// What a person should know about the file.
    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// The decision about a judged domain, or about what it is registered under, with the name that it is about.
    pub(crate) fn about(&self, domain: &JudgedDomain<'_>) -> Option<(&str, Override)> {
        let of = |name: &str| self.decisions.get_key_value(name);
        let (name, decision) = of(domain.name).or_else(|| of(domain.registrable()?))?;
        Some((name, *decision))
    }

    /// All of them, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Override)> {
        self.decisions.iter().map(|(name, decision)| (&**name, *decision))
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.decisions.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: std::result::Result<Option<(Action, bool)>, &str>) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("a small file can be written");
        let today = Moment::parse("2026-06-01", BareDate::Start).expect("a date").day();
        match (Overrides::read(file.path(), today), expected) {
            (Ok(overrides), Ok(expected)) => {
                let decision = overrides.decisions.get("xn--bcher-kva.example").copied();
                assert_eq!(decision.map(|found| (found.action, found.has_expired)), expected);
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn decisions() {
        let held = (Action::Review, false);
        reads("domain,action,until,note\nBücher.example.,review,2026-06-01,asked them\n", Ok(Some(held)));
        reads("until,domain,action\n2026-05-31,bücher.example,none\n", Ok(Some((Action::None, true))));
        reads("domain,action,until\nother.example,none,2026-06-01\n", Ok(None));
        reads("domain,action\na.example,none\n", Err("no column `until`"));
        reads("domain,action,until\na.example,none,\n", Err("line 2: `` is no date"));
        reads("domain,action,until\na.example,ignore,2026-06-01\n", Err("`ignore` is no action"));
        reads("domain,action,until\nlocalhost,none,2026-06-01\n", Err("line 2: `localhost` is no domain"));
        reads(
            "domain,action,until\na.example,none,2026-06-01\nA.example,none,2026-06-01\n",
            Err("line 3: a second"),
        );
    }
}
