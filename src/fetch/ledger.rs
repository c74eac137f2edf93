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
use crate::error::{Error, Hint, Result};
use crate::input::without_byte_order_mark;
use crate::rdap::{Answer, Context, read_answer};
use crate::time::Moment;

/// The longest time until a line is synced.
const SYNC_EVERY: Duration = Duration::from_secs(1);
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
    /// The URL that was asked, if redirects led to another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<&'a str>,
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

    /// Appends the result of a question, and returns how a reader of the file will understand it.
    pub(super) fn append(&mut self, name: &str, asked: &str, reply: &Reply) -> Result<Answer> {
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
        let asked = (asked != source).then_some(asked);
        let fetched_at = Moment::now().to_string();
        let record =
            LedgerRecord { domain: name, fetched_at, source, http_status: status, body, asked, error };
        let mut line = serde_json::to_string(&record).map_err(Error::internal)?;
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let answer = read_answer(line.as_bytes(), &context).map_err(Error::internal)?;
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

    #[test]
    fn what_is_written_reads_back() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("answers.ndjson");
        let (mut ledger, _) = Ledger::open(&path).expect("a new file");
        let url = "https://rdap.example/domain/a.example";
        let mut append = |status: u16, body: &str| {
            let source = url.parse().expect("a URL");
            let reply = Reply::Answer { status, source, body: body.as_bytes().to_vec() };
            ledger.append("a.example", url, &reply).expect("it can be written").outcome
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
        assert_eq!(ledger.append("a.example", url, &failed).expect("written").outcome, RdapOutcome::Error);
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
