//! Which earlier report to compare with.
//!
//! `--previous` names a report, or a directory of reports, such as one a day. Of a directory the newest complete report
//! is taken that judged before as-of; the report that is to be written is never among them. An incomplete report is a
//! poor measure: what it could not judge would look new tonight. It is taken only if there is no complete one, because
//! without any, the times of verification that reports remember would be lost. Both are told.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Hint, Result};
use crate::report::finished::Report;
use crate::time::Moment;

/// The choice, and what a person should know about it.
#[derive(Debug, Clone, Default)]
pub(crate) struct PreviousChoice {
    /// The report; none if there is no earlier one.
    pub(crate) path: Option<PathBuf>,
    /// Whether the report that was named judged later than as-of, so that it is not used.
    pub(crate) is_later: bool,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
}

/// A report of the directory.
struct EarlierReport {
    as_of: Moment,
    is_complete: bool,
    path: PathBuf,
}

/// Chooses the report.
pub(super) fn choose(named: &Path, output: &Path, as_of: Moment) -> Result<PreviousChoice> {
    if !named.is_dir() || Report::is_at(named) {
        let is_later = Report::open(named)?.as_of()? > as_of;
        let path = (!is_later).then(|| named.to_path_buf());
        return Ok(PreviousChoice { path, is_later, notices: Vec::new() });
    }
    let (mut earlier, others) = candidates(named, output, as_of)?;
    if earlier.is_empty()
        && others == 0
        && fs::read_dir(named).is_ok_and(|mut entries| entries.next().is_some())
    {
        return Err(Error::failure(named, "neither a finished report nor a directory of finished reports")
            .hint(Hint::NamePreviousReport));
    }
    earlier.sort_by(|one, other| (one.as_of, &one.path).cmp(&(other.as_of, &other.path)));
    let complete = earlier.iter().rposition(|report| report.is_complete);
    let Some(place) = complete.or(earlier.len().checked_sub(1)) else {
        let named = named.display();
        let notices = vec![format!("`{named}` holds no earlier report, so nothing is compared")];
        return Ok(PreviousChoice { notices, ..PreviousChoice::default() });
    };
    let chosen = &earlier[place];
    let path = chosen.path.display();
    let mut notices = Vec::new();
    if let Some(newer) = earlier.last().filter(|_| place + 1 < earlier.len()) {
        let newer = newer.path.display();
        notices.push(format!(
            "compared with `{path}`, because `{newer}`, which is newer, is incomplete; `--previous {newer}` would \
             compare with it"
        ));
    } else if !chosen.is_complete {
        notices.push(format!(
            "compared with `{path}`, which is incomplete, because `{}` holds no complete report",
            named.display()
        ));
    }
    Ok(PreviousChoice { path: Some(chosen.path.clone()), is_later: false, notices })
}

/// The reports of a directory that judged before as-of, and how many others it holds.
fn candidates(directory: &Path, output: &Path, as_of: Moment) -> Result<(Vec<EarlierReport>, usize)> {
    let failed = |error: std::io::Error| Error::io(directory, "read", &error);
    let written = fs::canonicalize(output).ok();
    let (mut found, mut others) = (Vec::new(), 0);
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        // a link such as `latest` leads to one of the others
        if path.is_symlink() || !Report::is_at(&path) {
            continue;
        }
        let Ok(report) = Report::open(&path) else { continue };
        let as_of_report = report.as_of()?;
        let is_written = written.is_some() && fs::canonicalize(&path).ok() == written;
        if is_written || as_of_report >= as_of {
            others += 1;
            continue;
        }
        found.push(EarlierReport { as_of: as_of_report, is_complete: report.is_complete(), path });
    }
    Ok((found, others))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BareDate;

    fn report(at: &Path, as_of: &str, status: &str) {
        let text = format!(
            r#"{{"program":"zonelapse","version":"0.1.0","schema":"1","status":"{status}",
            "as_of":"{as_of}T00:00:00Z","public_suffix_list":{{}},"inputs":{{}},"counts":{{}}}}"#
        );
        fs::create_dir_all(at).expect("a directory");
        fs::write(at.join("manifest.json"), text).expect("a small file");
    }

    #[track_caller]
    fn chooses(reports: &[(&str, &str)], written: &str, expected: Option<&str>, says: &str) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = directory.path();
        for (day, status) in reports {
            report(&at.join(day), day, status);
        }
        std::os::unix::fs::symlink("2026-06-02", at.join("latest")).expect("a link");
        let as_of = Moment::parse("2026-06-03", BareDate::Start).expect("a date");
        let choice = choose(at, &at.join(written), as_of).expect("a choice");
        assert_eq!(choice.path, expected.map(|name| at.join(name)));
        let notices = choice.notices.join("\n");
        assert!(notices.contains(says) && notices.is_empty() == says.is_empty(), "{notices}");
    }

    #[test]
    fn the_newest_complete_one_that_judged_earlier() {
        let (whole, part) = ("complete", "incomplete");
        let three = [("2026-06-01", whole), ("2026-06-02", whole), ("2026-06-04", whole)];
        chooses(&three, "2026-06-03", Some("2026-06-02"), "");
        // what is to be written is not compared with itself, nor with what judged later or at the same time
        chooses(&three, "2026-06-02", Some("2026-06-01"), "");
        chooses(&[("2026-06-03", whole)], "new", None, "no earlier report");
        chooses(
            &[("2026-06-01", whole), ("2026-06-02", part)],
            "new",
            Some("2026-06-01"),
            "is newer, is incomplete",
        );
        chooses(
            &[("2026-06-01", part), ("2026-06-02", part)],
            "new",
            Some("2026-06-02"),
            "holds no complete report",
        );
    }

    #[test]
    fn what_is_no_report() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let as_of = Moment::parse("2026-06-03", BareDate::Start).expect("a date");
        let at = directory.path();
        let empty = choose(at, &at.join("new"), as_of).expect("the first night");
        assert!(empty.path.is_none() && empty.notices.len() == 1);
        fs::write(at.join("com.zone"), "").expect("a file");
        let error = choose(at, &at.join("new"), as_of).expect_err("no reports");
        assert!(error.what.contains("neither a finished report"), "{error}");
        assert!(choose(&at.join("missing"), &at.join("new"), as_of).is_err());
        report(&at.join("one"), "2026-06-04", "complete");
        let later = choose(&at.join("one"), &at.join("new"), as_of).expect("it is ignored");
        assert!(later.path.is_none() && later.is_later && later.notices.is_empty());
    }
}
