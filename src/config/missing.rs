//! What a run cannot do without: inputs that were not named, and paths that lead nowhere.
//!
//! Whatever is missing is told in one message, with a command that would do. Every path is looked at before the first
//! file is opened, so that a mistake in the last one does not cost the reading of all others.

use std::io::ErrorKind;
use std::path::Path;

use crate::cli::{AuditArgs, EvidenceArgs, NightArgs, ReportArgs};
use crate::error::{Error, Hint};
use crate::escape;
use crate::input::pattern::{expand, is_pattern};

/// What an audit lacks.
pub(super) fn requirements(args: &AuditArgs) -> Option<Error> {
    let needs = [
        (args.accounts.is_empty(), "no accounts", "a file of accounts (`-` is standard input)"),
        (
            !has_evidence(&args.evidence),
            NO_EVIDENCE,
            "zones with `--zones PATH` or RDAP answers with `--rdap PATH`",
        ),
        (args.report.output.is_none(), "no directory for the report", "`-o DIR`"),
    ];
    let lacks = || needs.iter().filter(|(is_missing, ..)| *is_missing);
    let what: Vec<&str> = lacks().map(|(_, what, _)| *what).collect();
    let add: Vec<&str> = lacks().map(|(.., add)| *add).collect();
    match what.len() {
        0 => None,
        3 => {
            Some(Error::usage(listed(&what)).hint("`zonelapse audit accounts.csv --zones zones/ -o report`"))
        }
        _ => Some(Error::usage(listed(&what)).hint(format!("add {}", listed(&add)))),
    }
}

/// What a night lacks.
pub(super) fn night(night: &NightArgs, evidence: &EvidenceArgs) -> Option<Error> {
    let needs = [
        (night.state.is_none(), "no directory for all that the night makes", "`state = \"DIR\"`"),
        (night.accounts.is_empty(), "no accounts", "`accounts = [\"FILE\"]`"),
        (
            !has_evidence(evidence),
            NO_EVIDENCE,
            "`zones = [\"DIR\"]`, `rdap = [\"DIR\"]` or `registry = [\"DIR\"]`",
        ),
    ];
    let lacks = || needs.iter().filter(|(is_missing, ..)| *is_missing);
    let what: Vec<&str> = lacks().map(|(_, what, _)| *what).collect();
    let add: Vec<&str> = lacks().map(|(.., add)| *add).collect();
    let hint = format!("write {} into the file that `--config` names", listed(&add));
    (!what.is_empty()).then(|| Error::usage(listed(&what)).hint(hint))
}

/// What was not named.
const NO_EVIDENCE: &str = "no evidence to judge by";

fn listed(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// That a command has no evidence to judge by.
pub(super) fn evidence(args: &EvidenceArgs) -> Option<Error> {
    let hint = "name zone files or a store with `--zones`, RDAP answers with `--rdap`";
    (!has_evidence(args)).then(|| Error::usage(NO_EVIDENCE).hint(hint))
}

fn has_evidence(args: &EvidenceArgs) -> bool {
    !args.zones.is_empty() || !args.rdap.is_empty() || !args.registry.is_empty()
}

/// Evidence that was named and is not there.
pub(super) fn paths_of_evidence(args: &EvidenceArgs) -> Vec<Error> {
    let single =
        [("--psl", &args.psl), ("--bootstrap", &args.bootstrap), ("--mail-classes", &args.mail_classes)];
    let single = single.into_iter().filter_map(|(option, path)| Some((option, path.as_ref()?)));
    let lists = [("--registry", &args.registry), ("--mx", &args.mx)];
    let many = [("--zones", &args.zones), ("--rdap", &args.rdap)].into_iter().chain(lists);
    let many = many.flat_map(|(option, paths)| paths.iter().map(move |path| (option, path)));
    single.chain(many).filter_map(|(option, path)| not_there(option, path)).collect()
}

/// Other inputs that were named and are not there.
pub(super) fn paths_of_report(args: &ReportArgs) -> Vec<Error> {
    let previous = args.previous.as_ref().and_then(|path| not_there("--previous", path));
    overrides(args.overrides.as_deref()).into_iter().chain(previous).collect()
}

/// A file of decisions that was named and is not there.
pub(super) fn overrides(path: Option<&Path>) -> Option<Error> {
    not_there("--overrides", path?)
}

fn not_there(option: &str, path: &Path) -> Option<Error> {
    let shown = escape::path(path);
    if is_pattern(path) {
        let error = expand(path).next()?.err()?;
        return Some(Error::usage(format!("`{option} {shown}`: {}", error.what)).or_hint(error.hint?));
    }
    // a link that leads nowhere is there: what it means, the reader of these inputs decides
    let is_missing = path.as_os_str() != "-"
        && std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == ErrorKind::NotFound);
    let hint = match option {
        "--previous" => Hint::NamePreviousReport,
        _ => "check the path".into(),
    };
    is_missing.then(|| Error::usage(format!("`{option} {shown}`: no such file or directory")).hint(hint))
}
