//! What the command line and the configuration file mean: one validated, immutable [`Config`].
//!
//! Usage mistakes are refused here, before any input is opened. A configuration file is TOML; its keys are
//! the long options without the dashes, and options of the command line win.

mod places;
mod threads;

pub use threads::{check_threads, use_threads};

use std::path::{Path, PathBuf};

use clap::CommandFactory;

use crate::assess::{Policy, Sources};
use crate::census::AccountSource;
use crate::cli::{AuditArgs, BuildArgs, Cli, EvidenceArgs, LogFormat, ReportArgs};
use crate::error::{Error, Result};
use crate::escape::{self, sample};
use crate::input::accounts::{AccountFormat, ColumnNames, Times};
use crate::input::small::{read_small, read_text};
use crate::input::source::Source;
use crate::name::SuffixList;
use crate::progress::ProgressMode;
use crate::rdap::{Bootstrap, RdapTable};
use crate::report::accounts;
use crate::snapshot::facts::MAX_SHRINK;
use crate::snapshot::intake::IntakeOptions;
use crate::snapshot::{Catalog, TrustLimits};
use crate::time::{BareDate, Moment, TimeFormat};
use crate::zone::ReadOptions;

/// The largest configuration file in bytes: options, and a list of paths.
const CONFIG_BYTES: u64 = 1 << 20;

/// Where evidence comes from, and how it is judged.
#[derive(Debug, Clone)]
pub struct EvidenceConfig {
    /// Zone files and directories.
    pub zones: Vec<PathBuf>,
    /// RDAP files and directories.
    pub rdap: Vec<PathBuf>,
    /// The Public Suffix List; none for the built-in copy.
    pub psl: Option<PathBuf>,
    /// The bootstrap file.
    pub bootstrap: Option<PathBuf>,
    /// The moment of judgement.
    pub as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub lead_days: u32,
    /// Age up to which an RDAP answer is used.
    pub max_rdap_age_days: u32,
    /// Which action a verdict calls for.
    pub policy: Policy,
    /// How zones are judged.
    pub limits: TrustLimits,
    /// How snapshots of zone files are made.
    pub intake: IntakeOptions,
    /// Where they are kept.
    pub store: Option<PathBuf>,
    /// Threads; 0 for one a processor.
    pub threads: usize,
}

/// The main job.
#[derive(Debug, Clone)]
pub struct Config {
    /// Files of accounts.
    pub accounts: Vec<AccountSource>,
    /// Evidence.
    pub evidence: EvidenceConfig,
    /// The report directory.
    pub output: PathBuf,
    /// Which column holds what.
    pub columns: ColumnNames,
    /// Whether each of several addresses in a field is an account.
    pub split_addresses: bool,
    /// Whether the address is kept.
    pub keep_email: bool,
    /// The key under which it is hashed.
    pub hash_key: Option<Vec<u8>>,
    /// People's decisions.
    pub overrides: Option<PathBuf>,
    /// The report to compare with.
    pub previous: Option<PathBuf>,
    /// Percent of a zone's domains that may newly be unverified.
    pub max_flagged_share: f64,
    /// Percent of rejected rows above which the run is incomplete.
    pub max_rejected: f64,
    /// Whether stale zones and lists make it incomplete.
    pub strict: bool,
    /// No summary, no progress.
    pub quiet: bool,
    /// When to show progress.
    pub progress: ProgressMode,
    /// How messages are written.
    pub log_format: LogFormat,
    /// All options in force, for the manifest.
    pub options: serde_json::Value,
}

impl EvidenceConfig {
    /// Checks and completes the options; the configuration file is read already.
    pub fn of(args: &EvidenceArgs) -> Result<Self> {
        let as_of = moment("--as-of", &args.as_of)?.unwrap_or_else(Moment::now);
        if args.zones.is_empty() && args.rdap.is_empty() {
            return Err(Error::usage("no evidence to judge by")
                .hint("name zone files with `--zones`, RDAP answers with `--rdap`"));
        }
        Ok(Self {
            zones: args.zones.clone(),
            rdap: args.rdap.clone(),
            psl: args.psl.clone(),
            bootstrap: args.bootstrap.clone(),
            as_of,
            lead_days: args.lead_days.unwrap_or(30).min(36_500),
            max_rdap_age_days: args.max_rdap_age_days.unwrap_or(30),
            policy: args.policy.unwrap_or_default(),
            limits: TrustLimits {
                as_of,
                max_zone_age_days: args.max_zone_age_days.unwrap_or(3),
                trust_lists: args.trust_lists,
            },
            intake: IntakeOptions {
                read: ReadOptions {
                    origin: normal_origin(args.origin.as_deref()),
                    allow_include: args.allow_include,
                },
                date: moment("--date", &args.date)?,
                as_of,
                trust_lists: args.trust_lists,
                max_shrink: check_percent("--max-shrink", args.max_shrink, MAX_SHRINK)?,
            },
            store: args.store.clone(),
            threads: check_threads(args.threads)?,
        })
    }

    /// The sources of evidence, judged by these options.
    pub fn sources<'a>(
        &self,
        suffixes: &'a SuffixList,
        catalog: &'a Catalog,
        rdap: &'a RdapTable,
        bootstrap: Option<&'a Bootstrap>,
    ) -> Sources<'a> {
        let (as_of, lead_days) = (self.as_of, self.lead_days as i32);
        Sources {
            suffixes,
            catalog,
            rdap,
            bootstrap,
            as_of,
            lead_days,
            max_rdap_age_days: self.max_rdap_age_days,
        }
    }
}

fn moment(option: &str, text: &Option<String>) -> Result<Option<Moment>> {
    let Some(text) = text else { return Ok(None) };
    let read = Moment::parse(text, BareDate::Start);
    let what = || format!("`{option}`: expected a date or time, found `{text}`");
    read.map(Some).ok_or_else(|| Error::usage(what()).hint("write it as 2026-06-01 or 2026-06-01T12:00:00Z"))
}

fn normal_origin(origin: Option<&str>) -> Option<String> {
    origin.map(|origin| origin.trim_end_matches('.').to_ascii_lowercase())
}

/// Percent of rows that may be rejected, and of a zone's domains that may newly be unverified, likewise.
const MAX_SHARE: f64 = 5.0;

fn check_percent(option: &str, percent: Option<f64>, usual: f64) -> Result<f64> {
    match percent {
        Some(percent) if !(0.0..=100.0).contains(&percent) => {
            Err(Error::usage(format!("`{option}`: expected 0 to 100 percent, found {percent}")))
        }
        percent => Ok(percent.unwrap_or(usual)),
    }
}

/// How `snapshot build` makes snapshots.
pub fn intake_of(args: &BuildArgs) -> Result<IntakeOptions> {
    Ok(IntakeOptions {
        read: ReadOptions {
            origin: normal_origin(args.origin.as_deref()),
            allow_include: args.allow_include,
        },
        date: moment("--date", &args.date)?,
        as_of: Moment::now(),
        trust_lists: args.trust_lists,
        max_shrink: check_percent("--max-shrink", args.max_shrink, MAX_SHRINK)?,
    })
}

impl Config {
    /// Checks and completes what was typed.
    pub fn of(mut args: AuditArgs) -> Result<Self> {
        if let Some(path) = args.evidence.config.clone() {
            let (evidence, report) = read_file(&path)?;
            args.evidence.fill(evidence);
            args.report.fill(report);
        }
        let evidence = EvidenceConfig::of(&args.evidence)?;
        let report = &args.report;
        let Some(output) = report.output.clone() else {
            return Err(Error::usage("no directory to write the report to").hint("name it with `-o DIR`"));
        };
        if args.accounts.is_empty() {
            return Err(Error::usage("no accounts").hint("name a file, or `-` for standard input"));
        }
        let inputs = args.accounts.iter().chain(&args.evidence.zones).chain(&args.evidence.rdap);
        if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(Error::usage("standard input is named twice").hint("it can be read only once"));
        }
        check_carried(&report.carry)?;
        places::check_output(&output, &evidence, &places::named_inputs(&args), report.previous.as_deref())?;
        let max_rejected = check_percent("--max-rejected", report.max_rejected, MAX_SHARE)?;
        let max_flagged_share = check_percent("--max-flagged-share", report.max_flagged_share, MAX_SHARE)?;
        let times = Times { format: report.time_format.as_deref().map(time_format).transpose()? };
        let accounts =
            args.accounts.iter().map(|path| account_source(path, report.format)).collect::<Result<_>>()?;
        let mut options = serde_json::to_value(&args.evidence).map_err(Error::internal)?;
        let report_options = serde_json::to_value(report).map_err(Error::internal)?;
        if let (Some(all), serde_json::Value::Object(more)) = (options.as_object_mut(), report_options) {
            all.extend(more);
            all.insert("lead-days".into(), evidence.lead_days.into());
            all.insert("max-zone-age-days".into(), evidence.limits.max_zone_age_days.into());
            all.insert("max-rdap-age-days".into(), evidence.max_rdap_age_days.into());
            all.insert("max-rejected".into(), max_rejected.into());
            all.insert("max-flagged-share".into(), max_flagged_share.into());
            all.insert("as-of".into(), evidence.as_of.to_string().into());
        }
        Ok(Self {
            accounts,
            evidence,
            output,
            columns: ColumnNames {
                email: report.email_column.clone(),
                id: report.id_column.clone(),
                verified_at: report.verified_at_column.clone(),
                first_verified_at: report.first_verified_at_column.clone(),
                weight: report.weight_column.clone(),
                carry: report.carry.clone(),
                times,
            },
            split_addresses: report.split_addresses,
            keep_email: report.keep_email,
            hash_key: report.hash_email.as_deref().map(read_key).transpose()?,
            overrides: report.overrides.clone(),
            previous: report.previous.clone(),
            max_flagged_share,
            max_rejected,
            strict: report.strict,
            quiet: report.quiet,
            progress: report.progress.unwrap_or_default(),
            log_format: report.log_format.unwrap_or_default(),
            options,
        })
    }
}

fn time_format(pattern: &str) -> Result<TimeFormat> {
    TimeFormat::new(pattern).map_err(|why| {
        Error::usage(format!("`--time-format`: `{}` cannot be used: {why}", sample(pattern))).hint(
            "write the form as strftime does, with day, month and year: `%d/%m/%Y`, `%m/%d/%Y %H:%M:%S` or \
             `%d/%m/%y %I:%M %p`",
        )
    })
}

fn account_source(path: &Path, format: Option<AccountFormat>) -> Result<AccountSource> {
    let source = Source::stat(path)?;
    let format = format.or_else(|| AccountFormat::of(&source)).ok_or_else(|| {
        let what = if path == Path::new("-") {
            "standard input has no name to tell its format".to_owned()
        } else {
            format!("`{}`: the name does not tell the format", escape::path(path))
        };
        Error::usage(what).hint("say `--format csv`, `tsv`, `ndjson`, `text` or `parquet`")
    })?;
    if format == AccountFormat::Parquet && (source.size.is_none() || path == Path::new("-")) {
        return Err(Error::usage("Parquet cannot be read from a stream").hint("write it to a file first"));
    }
    Ok(AccountSource { source, format })
}

fn check_carried(carry: &[String]) -> Result<()> {
    let mut taken = accounts::table().layout().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    for name in carry {
        if taken.contains(name) {
            return Err(Error::usage(format!("`--carry {name}`: `accounts` has a column of that name"))
                .hint("rename the column in the input"));
        }
        taken.push(name.clone());
    }
    Ok(())
}

fn read_key(path: &Path) -> Result<Vec<u8>> {
    let mut key = read_small(path)?;
    while key.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        key.pop();
    }
    if key.len() < 16 {
        let what = format!("expected a key of at least 16 bytes, found {}", key.len());
        return Err(Error::failure(path, what).hint("make one with `openssl rand -hex 32`"));
    }
    Ok(key)
}

fn read_file(path: &Path) -> Result<(EvidenceArgs, ReportArgs)> {
    let text = read_text(path, CONFIG_BYTES)?;
    let faulty = |error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| before.split('\n').count());
        Error::failure(path, sample(error.message())).at_line(line as u64)
    };
    let table: toml::Table = text.parse().map_err(faulty)?;
    let command = Cli::command();
    let known: Vec<&str> = command
        .get_subcommands()
        .filter(|command| command.get_name() == "audit")
        .flat_map(clap::Command::get_arguments)
        .filter_map(clap::Arg::get_long)
        .filter(|name| !matches!(*name, "help" | "config"))
        .collect();
    if let Some(key) = table.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(Error::failure(path, format!("`{}` is no option", sample(key)))
            .hint("keys are the long options of `zonelapse audit` without the dashes"));
    }
    let evidence: EvidenceArgs = toml::from_str(&text).map_err(faulty)?;
    let report: ReportArgs = toml::from_str(&text).map_err(faulty)?;
    Ok((evidence, report))
}

macro_rules! fill {
    ($kind:ident: $($option:ident)*; $($flag:ident)*; $($list:ident)*) => {
        impl $kind {
            /// Takes from `file` what was not typed.
            pub fn fill(&mut self, file: Self) {
                $(self.$option = self.$option.take().or(file.$option);)*
                $(self.$flag |= file.$flag;)*
                $(if self.$list.is_empty() { self.$list = file.$list; })*
            }
        }
    };
}

fill!(EvidenceArgs: psl bootstrap as_of policy lead_days max_zone_age_days max_rdap_age_days date origin max_shrink
    store threads; trust_lists allow_include; zones rdap);
fill!(ReportArgs: output format email_column id_column verified_at_column first_verified_at_column weight_column
    time_format hash_email overrides previous max_flagged_share max_rejected progress log_format; split_addresses
    keep_email strict quiet; carry);

/// Completes the options of a command other than `audit` from its configuration file.
pub fn evidence_of(mut args: EvidenceArgs) -> Result<EvidenceConfig> {
    if let Some(path) = args.config.clone() {
        args.fill(read_file(&path)?.0);
    }
    EvidenceConfig::of(&args)
}
