//! The output: one answer per line in the envelope of `rdap import`. Lines are appended and never rewritten.
//!
//! One call writes a line, and it reaches the disk within a second. If the program or the machine dies within a line,
//! the next run finds a last line without an end and removes it. Two runs cannot append to one file at the same time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::value::RawValue;

use super::client::Reply;
use super::plan::{Asked, Question};
use crate::error::{Error, Hint, Result};
use crate::input::without_byte_order_mark;
use crate::rdap::{Answer, Context, RdapOutcome, read_answer};
use crate::time::Moment;

/// The longest time until a line is synced.
const SYNC_EVERY: Duration = Duration::from_secs(1);
/// Why the 404 of a lead is no answer.
const LEAD_NOT_FOUND: &str = "http status 404 of a server that may not be the registry's";
/// How far back the end of the last whole line is searched.
const LOOK_BACK: u64 = 64 << 20;

/// A file of answers, open for appending.
#[derive(Debug)]
pub(super) struct Ledger {
    file: File,
    path: PathBuf,
    synced: Instant,
}

/// One line.
#[derive(Serialize)]
pub(super) struct LedgerRecord<'a> {
    domain: &'a str,
    fetched_at: String,
    source: &'a str,
    http_status: Option<u16>,
    body: LedgerBody<'a>,
    /// The URL that was asked, if redirects led to another one, which is the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<&'a str>,
    /// The URL that answered, if a server redirected to it that is the source all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirected_to: Option<&'a str>,
    /// A lead said that it does not know the name. That proves nothing, but it need not be asked again soon.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_found_by_lead: Option<bool>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum LedgerBody<'a> {
    None,
    Json(&'a RawValue),
    Text(&'a str),
}

impl Ledger {
    /// Opens or creates the file. Also returns how many bytes of a torn last line were removed.
    pub(super) fn open(path: &Path) -> Result<(Self, u64)> {
        let failed = |error: std::io::Error| Error::io(path, "write", &error);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::failure(path, "another `rdap fetch` appends to this file")
                    .hint(Hint::NameUnusedOutput));
            }
            // the file system has no locks
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        check_kind(path, &file)?;
        let torn = mend(&mut file).map_err(failed)?;
        Ok((Self { file, path: path.to_path_buf(), synced: Instant::now() }, torn))
    }

    /// Whether the file is empty.
    pub(super) fn is_empty(&self) -> Result<bool> {
        let metadata = self.file.metadata().map_err(|error| Error::io(&self.path, "read", &error))?;
        Ok(metadata.len() == 0)
    }

    /// Appends the result of a question, and returns how a reader of the file will understand it; the not-found answer of
    /// a lead as it was given.
    pub(super) fn append(&mut self, question: &Question, reply: &Reply) -> Result<Answer> {
        let (name, asked) = (&*question.name, question.url.as_str());
        let (status, source, body, error) = match reply {
            Reply::Answer { status, source, body } => (Some(*status), source.as_str(), body.as_slice(), None),
            Reply::Busy { status, .. } => (Some(*status), asked, &b""[..], Some("too many questions")),
            Reply::Failed { what, .. } => (None, asked, &b""[..], Some(what.as_str())),
        };
        let text = String::from_utf8_lossy(without_byte_order_mark(body));
        // between the tokens of JSON all blanks are equal, and inside tokens there are no line feeds
        let one_line = text.replace(['\n', '\r'], " ");
        let body = match serde_json::from_str::<&RawValue>(&one_line) {
            Ok(json) => LedgerBody::Json(json),
            Err(_) if text.trim().is_empty() => LedgerBody::None,
            Err(_) => LedgerBody::Text(&text),
        };
        let is_redirected = asked != source;
        let is_vouched_for = question.asked != Asked::Other;
        let mut record = LedgerRecord {
            domain: name,
            fetched_at: Moment::now().to_string(),
            source: if is_vouched_for { asked } else { source },
            http_status: status,
            body,
            asked: (is_redirected && !is_vouched_for).then_some(asked),
            redirected_to: (is_redirected && is_vouched_for).then_some(source),
            not_found_by_lead: None,
            error,
        };
        let mut line = serde_json::to_string(&record).map_err(Error::internal)?;
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let answer = read_answer(line.as_bytes(), &context).map_err(Error::internal)?;
        if question.asked == Asked::Lead && answer.outcome == RdapOutcome::NotFound {
            (record.http_status, record.body) = (None, LedgerBody::None);
            (record.not_found_by_lead, record.error) = (Some(true), Some(LEAD_NOT_FOUND));
            line = serde_json::to_string(&record).map_err(Error::internal)?;
        }
        line.push('\n');
        self.file.write_all(line.as_bytes()).map_err(|error| Error::io(&self.path, "write", &error))?;
        if self.synced.elapsed() >= SYNC_EVERY {
            self.sync()?;
        }
        Ok(answer)
    }

    /// Waits until everything is on disk.
    pub(super) fn sync(&mut self) -> Result<()> {
        self.synced = Instant::now();
        self.file.sync_data().map_err(|error| Error::io(&self.path, "write", &error))
    }
}

/// Refuses to append to a file of another kind.
fn check_kind(path: &Path, file: &File) -> Result<()> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    let mut first = [0];
    let read = file.try_clone().and_then(|mut file| {
        file.seek(SeekFrom::Start(0))?;
        file.read(&mut first)
    });
    let read = read.map_err(|error| Error::io(path, "read", &error))?;
    if matches!(ending.as_deref(), Some("gz" | "zst" | "parquet")) || (read == 1 && first != *b"{") {
        return Err(Error::usage(format!("`{}` is not NDJSON that can be appended to", path.display()))
            .hint(Hint::NameNewOutput));
    }
    Ok(())
}

/// Ends the last line if it is whole, else removes it. Returns how many bytes were removed.
fn mend(file: &mut File) -> std::io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(LOOK_BACK);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.read_to_end(&mut tail)?;
    let line = memchr::memrchr(b'\n', &tail).map_or(0, |at| at + 1);
    let last = &tail[line..];
    if last.is_empty() {
        return Ok(0);
    }
    if serde_json::from_slice::<&RawValue>(last).is_ok() {
        file.write_all(b"\n")?;
        return Ok(0);
    }
    let torn = last.len() as u64;
    file.set_len(length - torn)?;
    file.sync_all()?;
    Ok(torn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::known::Known;
    use crate::rdap::RdapOutcome;

    #[test]
    fn torn_lines() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("answers.ndjson");
        let whole = r#"{"domain":"a.example","http_status":404}"#;
        for (text, kept, torn) in [
            (String::new(), String::new(), 0),
            (format!("{whole}\n"), format!("{whole}\n"), 0),
            (whole.to_owned(), format!("{whole}\n"), 0),
            (format!("{whole}\n{}", &whole[..9]), format!("{whole}\n"), 9),
            (whole[..9].to_owned(), String::new(), 9),
            (format!("{whole}\n{whole}"), format!("{whole}\n{whole}\n"), 0),
        ] {
            std::fs::write(&path, &text).expect("a small file");
            let (ledger, taken) = Ledger::open(&path).expect("it can be mended");
            assert_eq!((std::fs::read_to_string(&path).expect("a file"), taken), (kept, torn), "{text}");
            assert!(Ledger::open(&path).is_err(), "it is open already");
            drop(ledger);
        }
        std::fs::write(&path, "id,email\n").expect("a small file");
        assert!(Ledger::open(&path).is_err(), "a file of another kind");
        assert!(Ledger::open(&directory.path().join("answers.ndjson.gz")).is_err());
    }

    fn question(url: &str, asked: Asked) -> Question {
        Question { name: "a.example".into(), url: url.parse().expect("a URL"), asked }
    }

    fn answer(source: &str, status: u16, body: &str) -> Reply {
        Reply::Answer { status, source: source.parse().expect("a URL"), body: body.as_bytes().to_vec() }
    }

    /// What an importer makes of the line: outcome and source.
    #[track_caller]
    fn takes(asked: Asked, source: &str, status: u16, body: &str, expected: (RdapOutcome, &str)) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("answers.ndjson");
        let (mut ledger, _) = Ledger::open(&path).expect("a new file");
        let question = question("https://rdap.asked.example/domain/a.example", asked);
        ledger.append(&question, &answer(source, status, body)).expect("it can be written");
        let line = std::fs::read(&path).expect("a file");
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let read = read_answer(&line, &context).expect("an answer");
        assert_eq!(
            (read.outcome, read.source.as_deref()),
            (expected.0, Some(expected.1)),
            "{asked:?} {status}"
        );
        // whatever a server said about a name, it need not say it again soon
        let mut known = Known::new(1);
        known.add_ledger(&path, &|_| true).expect("it can be read");
        assert_eq!(known.has("a.example", &question.url), matches!(status, 200 | 404), "{asked:?} {status}");
    }

    #[test]
    fn whose_answer_it_is() {
        let (own, other) = ("https://rdap.asked.example/x", "https://rdap.other.example/domain/a.example");
        let found = r#"{"objectClassName": "domain", "ldhName": "a.example"}"#;
        let not_found = r#"{"errorCode": 404}"#;
        use Asked::{Lead, Other, Registry};
        use RdapOutcome::{Error, Found, NotFound};
        takes(Registry, own, 404, not_found, (NotFound, "rdap.asked.example"));
        // a registry vouches for the server that it redirects to; nobody else does
        takes(Registry, other, 200, found, (Found, "rdap.asked.example"));
        takes(Registry, other, 404, not_found, (NotFound, "rdap.asked.example"));
        takes(Other, other, 404, not_found, (NotFound, "rdap.other.example"));
        takes(Lead, own, 200, found, (Found, "rdap.asked.example"));
        takes(Lead, other, 200, found, (Found, "rdap.asked.example"));
        takes(Lead, own, 404, not_found, (Error, "rdap.asked.example"));
        takes(Lead, other, 404, "", (Error, "rdap.asked.example"));
        takes(Lead, own, 500, "", (Error, "rdap.asked.example"));
    }

    #[test]
    fn what_is_written_reads_back() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("answers.ndjson");
        let (mut ledger, _) = Ledger::open(&path).expect("a new file");
        let url = "https://rdap.example/domain/a.example";
        let question = question(url, Asked::Registry);
        let mut append = |status: u16, body: &str| {
            let reply = answer(url, status, body);
            ledger.append(&question, &reply).expect("it can be written").outcome
        };
        assert_eq!(
            append(200, "{\r\n \"objectClassName\":\t\"domain\",\n \"ldhName\": \"A.example\"}\n"),
            RdapOutcome::Found
        );
        assert_eq!(append(200, "{\"ldhName\": \"b.example\"}"), RdapOutcome::Error);
        assert_eq!(append(404, ""), RdapOutcome::NotFound);
        assert_eq!(append(404, "{\"errorCode\": 404}"), RdapOutcome::NotFound);
        assert_eq!(append(404, "<html>\nnot found\n</html>"), RdapOutcome::Error);
        assert_eq!(append(200, "{\"ldhName\": \"a.example\""), RdapOutcome::Error);
        assert_eq!(append(200, "[\"\u{2028}\u{fffd}\"]"), RdapOutcome::Error);
        let failed = Reply::Failed { what: "no answer\nwithin 1 s".into(), lasting: false };
        assert_eq!(ledger.append(&question, &failed).expect("written").outcome, RdapOutcome::Error);
        let text = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(text.lines().count(), 8);
        let url: reqwest::Url = url.parse().expect("a URL");
        let mut known = Known::new(1);
        known.add_ledger(&path, &|_| true).expect("it can be read");
        assert!(known.has("a.example", &url) && !known.has("b.example", &url));
        let mut later = Known::at(Moment::now().plus_days(2), 1);
        later.add_ledger(&path, &|_| true).expect("it can be read");
        assert!(!later.has("a.example", &url), "too old");
    }
}
