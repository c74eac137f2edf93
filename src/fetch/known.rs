//! What need not be asked again, and what registrars could add.
//!
//! The output of earlier runs is read here and not by `rdap::archive`: it needs the URL that was asked and the links,
//! which an answer does not keep, and another run may append to it meanwhile.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};
use std::path::Path;

use hashbrown::{HashMap, HashSet};
use reqwest::Url;
use serde::Deserialize;

use super::client::host_key;
use crate::error::{Error, Result};
use crate::rdap::{Answer, Context, RdapOutcome, read_answer};
use crate::time::Moment;

/// Names that need not be asked about again, each with a host that answered recently.
#[derive(Debug)]
pub(super) struct Known {
    now: Moment,
    max_age_days: i64,
    /// By [`host_key`].
    answered: HashSet<(Box<str>, Box<str>)>,
    elsewhere: HashSet<(Box<str>, Box<str>)>,
    /// URLs of registrars, by names whose registry answered.
    pub(super) related: HashMap<Box<str>, String>,
}

impl Known {
    /// Knows nothing yet. Answers older than `max_age_days` will not count.
    pub(super) fn new(max_age_days: u32) -> Self {
        Self::at(Moment::now(), max_age_days)
    }

    /// The same at another moment.
    pub(super) fn at(now: Moment, max_age_days: u32) -> Self {
        Self {
            now,
            max_age_days: i64::from(max_age_days),
            answered: HashSet::new(),
            elsewhere: HashSet::new(),
            related: HashMap::new(),
        }
    }

    /// Adds an answer from another file.
    pub(super) fn add(&mut self, answer: &Answer) {
        if let Some(host) = answer.source.clone().filter(|_| self.is_fresh(answer)) {
            self.elsewhere.insert((answer.name.clone(), host));
        }
    }

    /// Whether it is an answer and recent enough.
    fn is_fresh(&self, answer: &Answer) -> bool {
        answer.outcome != RdapOutcome::Error && self.is_recent(answer)
    }

    fn is_recent(&self, answer: &Answer) -> bool {
        answer.dated
            && answer.fetched_at <= self.now
            && answer.fetched_at.plus_days(self.max_age_days) >= self.now
    }

    /// Whether the host of this URL answered about the name recently.
    pub(super) fn has(&self, name: &str, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        self.answered.contains(&(name.into(), host_key(url).into()))
            || self.elsewhere.contains(&(name.into(), host.into()))
    }

    /// Adds the answers in the output of earlier runs, if it exists.
    pub(super) fn add_ledger(&mut self, path: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<()> {
        #[derive(Deserialize)]
        struct AskedAt {
            source: String,
            asked: Option<String>,
            not_found_by_lead: Option<bool>,
        }
        let failed = |error: std::io::Error| Error::io(path, "read", &error);
        let mut lines = match File::open(path) {
            Ok(file) => BufReader::with_capacity(1 << 20, file),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            if let Ok(answer) = read_answer(&line, &context)
                && wanted(&answer.name)
                && self.is_recent(&answer)
                && let Ok(place) = serde_json::from_slice::<AskedAt>(&line)
                && (answer.outcome != RdapOutcome::Error || place.not_found_by_lead == Some(true))
                && let Ok(url) = Url::parse(place.asked.as_ref().unwrap_or(&place.source))
            {
                if let Some(link) = related(&line, true) {
                    self.related.insert(answer.name.clone(), link);
                }
                self.answered.insert((answer.name, host_key(&url).into()));
            }
            line.clear();
        }
        Ok(())
    }
}

/// The URL of the registrar in a registry's answer (RFC 9083 §4.2; ICANN RDAP Response Profile, `related`).
pub(super) fn related(json: &[u8], in_envelope: bool) -> Option<String> {
    #[derive(Deserialize)]
    struct EnvelopeLine {
        body: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        links: Vec<serde_json::Value>,
    }
    let object = if in_envelope {
        serde_json::from_slice::<EnvelopeLine>(json).ok()?.body
    } else {
        serde_json::from_slice::<Object>(json).ok()?
    };
    object.links.iter().find_map(|link| {
        let text = |member: &str| link.get(member).and_then(serde_json::Value::as_str);
        let is_rdap = text("type").is_none_or(|kind| kind.starts_with("application/rdap+json"));
        let href = text("href").filter(|href| href.contains("/domain/"))?;
        (text("rel") == Some("related") && is_rdap).then(|| href.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_links() {
        let link = |rel: &str, kind: &str, href: &str| {
            let json = format!(
                r#"{{"links": [{{"rel": "self"}}, {{"rel": "{rel}", "type": "{kind}", "href": "{href}"}}]}}"#
            );
            related(json.as_bytes(), false)
        };
        let href = "https://rdap.registrar.example/domain/a.example";
        assert_eq!(link("related", "application/rdap+json", href).as_deref(), Some(href));
        assert_eq!(link("related", "text/html", href), None);
        assert_eq!(link("self", "application/rdap+json", href), None);
        assert_eq!(link("related", "application/rdap+json", "https://www.registrar.example/"), None);
        assert_eq!(related(b"{}", false), None);
    }
}
