//! What `nightly` needs: where it works, what is delivered to it, what it keeps, and the options of its audit.
//!
//! The options of the audit are checked before the first step, so that a mistake in them does not cost the reading of
//! all zones. The evidence is not: it is made by the steps. What is delivered may be missing or bad on any night, and
//! then the evidence of the nights before is used; so that is no mistake.

use std::path::PathBuf;

use super::mistakes::Mistakes;
use super::{Config, missing, moment};
use crate::cli::{AuditArgs, EvidenceArgs, NightArgs, NightlyArgs, ReportArgs, SET_BY_NIGHT};
use crate::error::{Error, Result};
use crate::report::finished::Report;
use crate::snapshot::Store;
use crate::time::Moment;

/// A night.
#[derive(Debug)]
pub(crate) struct NightConfig {
    /// What is delivered.
    pub(crate) feeds: Feeds,
    /// What is kept.
    pub(crate) retention: Retention,
    /// The store of snapshots, if it is not in the state directory.
    pub(crate) store: Option<PathBuf>,
    /// The options of the audit, without evidence and report.
    pub(crate) audit: AuditArgs,
    /// The same, checked.
    pub(crate) checked: Config,
}

/// Where new files are found.
#[derive(Debug)]
pub(crate) struct Feeds {
    /// Zone files, and directories of them.
    pub(crate) zones: Vec<PathBuf>,
    /// Files of RDAP answers.
    pub(crate) rdap: Vec<PathBuf>,
    /// Lists of registries.
    pub(crate) registry: Vec<PathBuf>,
    /// Files of MX data.
    pub(crate) mx: Vec<PathBuf>,
}

/// How much of the past is kept. What any of these keeps, stays.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retention {
    /// So many reports.
    pub(crate) reports: usize,
    /// Reports of so many days before the newest.
    pub(crate) report_days: u32,
    /// So many snapshots of each zone.
    pub(crate) snapshots: usize,
    /// Snapshots of so many days before the newest of their zone.
    pub(crate) snapshot_days: u32,
}

impl Retention {
    fn of(night: &NightArgs) -> Self {
        Self {
            reports: night.keep_reports.unwrap_or(30),
            report_days: night.keep_report_days.unwrap_or(0),
            snapshots: night.keep_snapshots.unwrap_or(7),
            snapshot_days: night.keep_snapshot_days.unwrap_or(30),
        }
    }
}

impl NightConfig {
    /// Checks the options, typed and from the configuration file.
    pub(crate) fn check(args: NightlyArgs) -> Result<Self> {
        let NightlyArgs { night, evidence, report } = args;
        let mut mistakes = Mistakes::default();
        mistakes.extend(missing::night(&night, &evidence));
        mistakes.extend(set_by_night(&report));
        mistakes.extend(night.state.iter().filter_map(|state| no_state(state)));
        let retention = Retention::of(&night);
        let EvidenceArgs { zones, rdap, registry, mx, .. } = evidence;
        let feeds = Feeds { zones, rdap, registry, mx };
        // one moment for the whole night; what cannot be read is refused with the other mistakes
        let as_of = match moment("--as-of", &evidence.as_of) {
            Ok(given) => Some(given.unwrap_or_else(|| Moment::now().whole_second()).to_string()),
            Err(_) => evidence.as_of,
        };
        let store = evidence.store;
        let evidence = EvidenceArgs {
            zones: Vec::new(),
            rdap: Vec::new(),
            registry: Vec::new(),
            mx: Vec::new(),
            store: None,
            as_of,
            ..evidence
        };
        let report = ReportArgs { output: None, previous: None, ..report };
        let audit = AuditArgs { accounts: night.accounts, evidence, report };
        let checked = Config::check_options(&audit, mistakes)?;
        Ok(Self { feeds, retention, store, audit, checked })
    }
}

/// Options that the night sets itself.
fn set_by_night(report: &ReportArgs) -> Vec<Error> {
    let given = [report.output.is_some(), report.previous.is_some()];
    let given = SET_BY_NIGHT.iter().zip(given).filter(|(_, is_given)| *is_given);
    given
        .map(|(option, _)| {
            Error::usage(format!("`--{option}`: the night names its reports itself, a directory a day"))
                .hint("leave it out here and in the configuration file")
        })
        .collect()
}

/// Why a directory cannot hold what the night makes.
fn no_state(state: &std::path::Path) -> Option<Error> {
    let what = if Store::is_at(state) {
        "is a store of snapshots"
    } else if Report::is_at(state) {
        "is a report"
    } else if state.exists() && !state.is_dir() {
        "is a file"
    } else {
        return None;
    };
    let what = format!("`--state {}`: it {what}", state.display());
    Some(Error::usage(what).hint("name a directory of its own, such as the one above it"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::Cli;
    use crate::config::file::{complete_night, known_options};

    /// The template, with the paths of a directory that has what it names.
    fn template(directory: &Path) -> String {
        for feed in ["zones", "answers", "lists"] {
            std::fs::create_dir_all(directory.join(feed)).expect("a directory");
        }
        std::fs::write(directory.join("accounts.csv"), "email\n").expect("a small file");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/zonelapse.toml");
        let text = std::fs::read_to_string(path).expect("the template");
        text.replace("/srv/zonelapse/", "").replace("/var/lib/zonelapse", "state")
    }

    /// The option of a line, whether or not it is commented out.
    fn option_of(line: &str) -> Option<&str> {
        let (name, _) = line.trim_start_matches('#').split_once(" = ")?;
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-').then_some(name)
    }

    #[test]
    fn the_template_has_every_option_with_its_words() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let text = template(directory.path());
        let lines: Vec<&str> = text.lines().collect();
        let mut options: Vec<&str> = lines.iter().filter_map(|line| option_of(line)).collect();
        options.sort_unstable();
        let mut known: Vec<String> = known_options().into_iter().map(|option| option.name).collect();
        known.sort_unstable();
        assert_eq!(options, known);
        for (place, line) in lines.iter().enumerate().filter(|(_, line)| option_of(line).is_some()) {
            let words = lines[place - 1];
            assert!(
                words.starts_with("# ") && words.ends_with(['.', ':']) && words.len() <= 120,
                "{line}: {words}"
            );
        }
    }

    /// What a file with this text means.
    fn means(directory: &Path, text: &str) -> String {
        let path = directory.join("zonelapse.toml");
        std::fs::write(&path, text).expect("a small file");
        let line = ["zonelapse", "nightly", "--config", &path.to_string_lossy(), "--as-of", "2026-06-01"];
        let (cli, _) = Cli::read(line.map(Into::into)).expect("a command line");
        let crate::cli::Command::Nightly(args) = cli.command else { panic!("another command") };
        let night = NightConfig::check(complete_night(*args).expect("a good file")).expect("good options");
        // what was said stays as it was said; what it means is the same
        let checked = Config { options: serde_json::Value::Null, ..night.checked };
        format!("{:?} {:?} {:?} {checked:?}", night.feeds, night.retention, night.store)
    }

    #[test]
    fn the_defaults_of_the_template_are_the_real_ones() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let text = template(directory.path());
        let (mut said, mut words) = (String::new(), "");
        let mut count = 0;
        for line in text.lines() {
            let has_default = !words.contains("None.") && !words.contains("None:");
            let is_default = line.starts_with('#') && option_of(line).is_some() && has_default;
            count += usize::from(is_default);
            said += if is_default { &line[1..] } else { line };
            said += "\n";
            words = line;
        }
        assert!(count > 20, "{count} defaults");
        assert_eq!(means(directory.path(), &said), means(directory.path(), &text));
        // and another value is another meaning
        let other = text.replace("#keep-reports = 30", "keep-reports = 31");
        assert_ne!(means(directory.path(), &other), means(directory.path(), &text));
    }
}
