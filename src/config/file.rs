//! Options from a TOML file. Its keys are the long options of `zonelapse audit` and `zonelapse nightly`, without the
//! dashes. One file serves all commands, each of which takes what it knows.
//!
//! Both halves, typed and from the file, become maps from name to value; what was typed overwrites what the file says.
//! So no list of options is kept here: an option that the command line knows works in the file as well. Relative paths
//! in the file start at the file's directory.

use std::path::Path;

use clap::{CommandFactory, ValueHint};
use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::DeTable;
use toml::{Table, Value};

use super::mistakes::Mistakes;
use crate::cli::{AuditArgs, Cli, EvidenceArgs, NightArgs, NightlyArgs, ReportArgs, StreamArgs};
use crate::error::{Error, Result};
use crate::escape::sample;
use crate::input::small::read_text;
use crate::wording::did_you_mean;

/// The largest configuration file in bytes: options, and a list of paths.
const MAX_BYTES: u64 = 1 << 20;

/// An option of `audit` or `nightly`.
pub(super) struct KnownOption {
    /// Its long name, without the dashes.
    pub(super) name: String,
    is_path: bool,
}

/// A configuration file that was read.
struct ConfigFile<'p> {
    path: &'p Path,
    text: String,
    known: Vec<KnownOption>,
}

/// Completes what was typed after `audit`.
pub(crate) fn complete(typed: AuditArgs) -> Result<AuditArgs> {
    let Some(path) = typed.evidence.config.clone() else { return Ok(typed) };
    let file = ConfigFile::read(&path)?;
    let accounts = NightArgs { accounts: typed.accounts, ..NightArgs::default() };
    Ok(AuditArgs {
        accounts: file.complete(&accounts)?.accounts,
        evidence: EvidenceArgs { config: Some(path.clone()), ..file.complete(&typed.evidence)? },
        report: file.complete(&typed.report)?,
    })
}

/// Completes what was typed after `nightly`.
pub(crate) fn complete_night(typed: NightlyArgs) -> Result<NightlyArgs> {
    let Some(path) = typed.evidence.config.clone() else { return Ok(typed) };
    let file = ConfigFile::read(&path)?;
    Ok(NightlyArgs {
        night: file.complete(&typed.night)?,
        evidence: EvidenceArgs { config: Some(path.clone()), ..file.complete(&typed.evidence)? },
        report: file.complete(&typed.report)?,
    })
}

/// Completes what was typed after `stream`: where evidence and decisions are, and which column holds what.
pub(super) fn complete_stream(typed: StreamArgs) -> Result<StreamArgs> {
    let Some(path) = typed.evidence.config.clone() else { return Ok(typed) };
    let file = ConfigFile::read(&path)?;
    let report: ReportArgs = file.complete(&ReportArgs::default())?;
    Ok(StreamArgs {
        evidence: file.complete(&typed.evidence)?,
        columns: file.complete(&typed.columns)?,
        overrides: typed.overrides.or(report.overrides),
        ..typed
    })
}

/// Completes what was typed after another command that needs evidence.
pub(super) fn complete_evidence(typed: EvidenceArgs) -> Result<EvidenceArgs> {
    let Some(path) = &typed.config else { return Ok(typed) };
    ConfigFile::read(path)?.complete(&typed)
}

impl<'p> ConfigFile<'p> {
    fn read(path: &'p Path) -> Result<Self> {
        let file = Self { path, text: read_text(path, MAX_BYTES)?, known: known_options() };
        let table = DeTable::parse(&file.text).map_err(|error| file.faulty(&error))?;
        let mut mistakes = Mistakes::default();
        for key in table.get_ref().keys() {
            if file.known.iter().all(|option| option.name != **key.get_ref()) {
                mistakes.add(file.unknown(key.get_ref(), key.span().start));
            }
        }
        mistakes.check()?;
        Ok(file)
    }

    /// The options of one group: typed, or else from the file.
    fn complete<T: Serialize + DeserializeOwned>(&self, typed: &T) -> Result<T> {
        let file: T = toml::from_str(&self.text).map_err(|error| self.faulty(&error))?;
        let mut options = options_of(&file)?;
        let directory = self.path.parent().unwrap_or(Path::new(""));
        for option in self.known.iter().filter(|option| option.is_path) {
            if let Some(value) = options.get_mut(&option.name) {
                start_at(directory, value);
            }
        }
        options.extend(options_of(typed)?);
        options.try_into().map_err(Error::internal)
    }

    fn faulty(&self, error: &toml::de::Error) -> Error {
        let start = error.span().map_or(0, |span| span.start);
        Error::failure(self.path, sample(error.message())).at_line(self.line_of(start))
    }

    fn unknown(&self, key: &str, start: usize) -> Error {
        let known = self.known.iter().map(|option| option.name.as_str());
        let what = format!("unknown option `{}`{}", sample(key), did_you_mean(key, known));
        Error::failure(self.path, what).at_line(self.line_of(start)).hint(
            "keys are the long options of `zonelapse audit` and `zonelapse nightly`, without the dashes",
        )
    }

    fn line_of(&self, start: usize) -> u64 {
        self.text.bytes().take(start).filter(|byte| *byte == b'\n').count() as u64 + 1
    }
}

pub(super) fn known_options() -> Vec<KnownOption> {
    let mut grammar = Cli::command();
    // options that every command has become known to each of them
    grammar.build();
    // the night has all options of an audit
    let night = grammar.find_subcommand("nightly").into_iter();
    night
        .flat_map(clap::Command::get_arguments)
        .filter_map(|argument| {
            let name = argument.get_long().filter(|name| !matches!(*name, "help" | "version" | "config"))?;
            let is_path = argument.get_value_hint() == ValueHint::AnyPath;
            Some(KnownOption { name: name.to_owned(), is_path })
        })
        .collect()
}

/// The options that are set, by name. TOML can hold `nan`, which is refused later; JSON cannot.
fn options_of<T: Serialize>(args: &T) -> Result<Table> {
    let not_text = |error| Error::usage(format!("`--config`: it needs options that are UTF-8: {error}"));
    let options = Table::try_from(args).map_err(not_text)?;
    let is_set = |value: &Value| match value {
        Value::Boolean(is_on) => *is_on,
        Value::Array(values) => !values.is_empty(),
        _ => true,
    };
    Ok(options.into_iter().filter(|(_, value)| is_set(value)).collect())
}

/// Makes relative paths start at this directory; `-` stays standard input.
fn start_at(directory: &Path, value: &mut Value) {
    match value {
        Value::String(path) if path != "-" => {
            *path = directory.join(&*path).to_string_lossy().into_owned();
        }
        Value::Array(paths) => paths.iter_mut().for_each(|path| start_at(directory, path)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[track_caller]
    fn refused(text: &str, messages: &[&str]) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.toml");
        std::fs::write(&path, text).expect("a small file");
        let evidence = EvidenceArgs { config: Some(path.clone()), ..EvidenceArgs::default() };
        let error = complete(AuditArgs { evidence, ..AuditArgs::default() }).expect_err("it is refused");
        let found: Vec<String> = error
            .chain()
            .map(|error| error.to_string().replace(&path.display().to_string(), "a.toml"))
            .map(|message| message.split("\nhint").next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(found, messages);
    }

    #[test]
    fn mistakes_in_the_file() {
        refused("polcy = \"pypi\"", &["a.toml:1: unknown option `polcy`; did you mean `policy`?"]);
        refused(
            "\nmax_shrink = 5\n\nzonez = []\ncompletely-different = 1\n",
            &[
                "a.toml:5: unknown option `completely-different`",
                "a.toml:2: unknown option `max_shrink`; did you mean `max-shrink`?",
                "a.toml:4: unknown option `zonez`; did you mean `zones`?",
            ],
        );
        refused("config = \"b.toml\"", &["a.toml:1: unknown option `config`"]);
        refused(
            "strict = true\nlead-days = \"many\"",
            &["a.toml:2: invalid type: string \"many\", expected u32"],
        );
        refused("zones = [", &["a.toml:1: unclosed array, expected `]`"]);
    }

    #[test]
    fn what_was_typed_wins_and_paths_start_at_the_file() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("a.toml");
        let text = "zones = [\"com.zone\", \"/abs/net.zone\", \"-\"]\nrdap = [\"old\"]\nlead-days = 7\n\
                    max-shrink = 2.5\ntrust-lists = true\noutput = \"out\"\nstrict = true\ncarry = [\"plan\"]\n\
                    policy = \"pypi\"\nformat = \"tsv\"\n";
        std::fs::write(&path, text).expect("a small file");
        let evidence = EvidenceArgs {
            config: Some(path.clone()),
            rdap: vec![PathBuf::from("new")],
            lead_days: Some(9),
            ..EvidenceArgs::default()
        };
        let report = ReportArgs { keep_email: true, ..ReportArgs::default() };
        let typed = AuditArgs { accounts: vec![PathBuf::from("a.csv")], evidence, report };
        let AuditArgs { accounts, evidence, report } = complete(typed).expect("a good file");
        let here = |name: &str| directory.path().join(name);
        assert_eq!(accounts, [PathBuf::from("a.csv")]);
        assert_eq!(evidence.config, Some(path));
        assert_eq!(evidence.zones, [here("com.zone"), PathBuf::from("/abs/net.zone"), PathBuf::from("-")]);
        assert_eq!(evidence.rdap, [PathBuf::from("new")]);
        assert_eq!(
            (evidence.lead_days, evidence.max_shrink, evidence.trust_lists),
            (Some(9), Some(2.5), true)
        );
        assert_eq!(report.output, Some(here("out")));
        assert_eq!((report.keep_email, report.strict, report.carry), (true, true, vec!["plan".to_owned()]));
        assert_eq!(evidence.policy.map(|policy| policy.name()), Some("pypi"));
    }
}
