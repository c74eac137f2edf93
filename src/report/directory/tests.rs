//! What may be replaced, what is kept, and what happens where two names cannot be exchanged.

use std::fs;
use std::io;
use std::path::Path;

use super::exchange::{exchange_by, put_new};
use super::target::{Target, look};
use super::*;

const MANIFEST: &str = r#"{"program":"zonelapse","version":"0.1.0","schema":"1","status":"complete",
    "as_of":"2026-06-01T00:00:00Z","public_suffix_list":{},"inputs":{},"counts":{}}"#;

/// Makes a directory with these files.
fn directory(path: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(path).expect("a directory");
    for (name, text) in files {
        fs::write(path.join(name), text).expect("a small file");
    }
}

fn entries(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path).expect("a directory");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

#[test]
fn only_reports_are_replaced() {
    let bench = tempfile::tempdir().expect("a temporary directory");
    let older = MANIFEST.replace(r#""program":"zonelapse","#, "");
    let other = MANIFEST.replace("zonelapse", "other");
    let report =
        |foreign: &[&str]| Target::Report { foreign: foreign.iter().map(|name| (*name).into()).collect() };
    let cases: [(_, &[_], _); 8] = [
        ("empty", &[], Some(Target::Empty)),
        ("ours", &[("manifest.json", MANIFEST), ("accounts.parquet", "")], Some(report(&[]))),
        ("older", &[("manifest.json", &older)], Some(report(&[]))),
        ("mixed", &[("manifest.json", MANIFEST), ("b", ""), ("a", "")], Some(report(&["a", "b"]))),
        ("web", &[("manifest.json", r#"{"name":"an app","version":"1"}"#)], None),
        ("other", &[("manifest.json", &other)], None),
        ("cut", &[("manifest.json", &MANIFEST[..60])], None),
        ("tables", &[("accounts.parquet", "")], None),
    ];
    for (name, files, expected) in cases {
        let path = bench.path().join(name);
        directory(&path, files);
        let found = look(&path).expect("it can be read");
        match expected {
            Some(expected) => assert_eq!(found, expected, "{name}"),
            None => assert!(matches!(found, Target::Other(_)), "{name}: {found:?}"),
        }
    }
    assert_eq!(look(&bench.path().join("nothing")), Ok(Target::Missing));
    assert!(matches!(look(&bench.path().join("web/manifest.json")), Ok(Target::Other(_))));
}

#[test]
#[cfg(unix)]
fn names_of_ours_that_are_links_are_not_ours() {
    let bench = tempfile::tempdir().expect("a temporary directory");
    directory(&bench.path().join("data"), &[("rows", "keep")]);
    let report = bench.path().join("report");
    directory(&report, &[("manifest.json", MANIFEST)]);
    std::os::unix::fs::symlink("../data", report.join("accounts.parquet")).expect("a link");
    let foreign = vec!["accounts.parquet".to_owned()];
    assert_eq!(look(&report), Ok(Target::Report { foreign }));
    let notice = retire(&report, &bench.path().join("report")).expect("it can be kept");
    assert!(notice.is_some_and(|notice| notice.contains("report.kept-1")));
    assert_eq!(entries(&bench.path().join("report.kept-1")), ["accounts.parquet", "manifest.json"]);
    assert!(bench.path().join("data/rows").exists());
}

/// Publishes a report as `bench/report`; `meanwhile` changes the target while it is written.
fn publish(bench: &Path, meanwhile: impl FnOnce(&Path)) -> Result<Published> {
    let target = bench.join("report");
    let directory = ReportDirectory::create(&target).expect("it can be made");
    fs::write(directory.file("manifest.json"), MANIFEST).expect("a small file");
    fs::write(directory.file("tlds.parquet"), "new").expect("a small file");
    meanwhile(&target);
    directory.publish()
}

#[test]
fn what_came_meanwhile_is_kept() {
    let bench = tempfile::tempdir().expect("a temporary directory");
    let bench = bench.path();
    assert_eq!(publish(bench, |_| {}).expect("the first").notices, [""; 0]);
    assert_eq!(publish(bench, |_| {}).expect("the second").notices, [""; 0]);
    assert_eq!(entries(bench), ["report"]);
    for number in 1..3 {
        let published = publish(bench, |report| fs::write(report.join("notes"), "mine").expect("a file"));
        let notices = published.expect("a report").notices;
        assert!(
            matches!(&notices[..], [one] if one.contains(&format!("report.kept-{number}"))),
            "{notices:?}"
        );
        let kept = bench.join(format!("report.kept-{number}"));
        assert_eq!(entries(&kept), ["manifest.json", "notes", "tlds.parquet"]);
        assert_eq!(entries(&bench.join("report")), ["manifest.json", "tlds.parquet"]);
    }
    let replaced = publish(bench, |report| {
        fs::remove_dir_all(report).expect("it can be removed");
        fs::write(report, "a file").expect("a file");
    });
    let error = replaced.expect_err("it is not ours any more");
    assert!(error.to_string().contains("report.finished-1`"), "{error}");
    assert_eq!(fs::read(bench.join("report")).expect("it is still there"), b"a file");
    assert_eq!(entries(bench), ["report", "report.finished-1", "report.kept-1", "report.kept-2"]);
}

#[test]
fn without_an_exchange_two_renames_do() {
    for unknown in [ErrorKind::InvalidInput, ErrorKind::Unsupported] {
        let bench = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| bench.path().join(name);
        directory(&at("new"), &[("file", "new")]);
        directory(&at("target"), &[("file", "old")]);
        let refuse = |_: &Path, _: &Path| -> io::Result<()> { Err(unknown.into()) };
        let exchanged = exchange_by(refuse, &at("new"), &at("target"), &at("aside"));
        assert_eq!(exchanged.expect("it can be done"), Exchanged::Put(Some(at("aside"))));
        assert_eq!(fs::read(at("target/file")).expect("a file"), b"new");
        assert_eq!(fs::read(at("aside/file")).expect("a file"), b"old");
        assert!(!at("new").exists());
        // the second rename fails: the old one comes back
        assert!(exchange_by(refuse, &at("new"), &at("target"), &at("other")).is_err());
        assert_eq!(fs::read(at("target/file")).expect("a file"), b"new");
        assert!(!at("other").exists());
        assert_eq!(
            put_new(&at("aside"), &at("target")).map_err(|error| error.kind()),
            Err(ErrorKind::AlreadyExists)
        );
    }
    let bench = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| bench.path().join(name);
    directory(&at("new"), &[]);
    let gone = exchange(&at("new"), &at("target"), &at("aside"));
    assert_eq!(gone.expect("it is looked at anew"), Exchanged::Changed);
}

#[test]
fn a_report_set_aside_by_a_killed_run_comes_back() {
    let bench = tempfile::tempdir().expect("a temporary directory");
    let killed = bench.path().join(".report.zonelapse-abcdef");
    directory(&killed, &[("zonelapse.temporary", "")]);
    directory(&killed.join("old"), &[("manifest.json", MANIFEST), ("tlds.parquet", "old")]);
    directory(&killed.join("report"), &[("manifest.json", MANIFEST), ("notes", "mine")]);
    let next = ReportDirectory::create(&bench.path().join("report")).expect("it can be made");
    assert_eq!(fs::read(bench.path().join("report/tlds.parquet")).expect("it is back"), b"old");
    assert_eq!(entries(&bench.path().join("report.kept-1")), ["manifest.json", "notes"]);
    assert_eq!(next.notices.len(), 2, "{:?}", next.notices);
    drop(next);
    assert_eq!(entries(bench.path()), ["report", "report.kept-1"]);
}
