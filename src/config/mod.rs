//! What the command line and the configuration file mean: one validated, immutable [`Config`].
//!
//! Usage mistakes are refused here, all at once, before any input is read.

mod file;
mod key;
mod missing;
mod mistakes;
mod places;
mod previous;
mod store;
mod threads;

pub(crate) use file::complete;
pub(crate) use places::{check_file, check_table};
pub(crate) use previous::PreviousChoice;
pub(crate) use store::{required_store, store_in_force};
pub(crate) use threads::{check_threads, use_threads};

use std::path::PathBuf;

use key::read_key;
use mistakes::Mistakes;
use serde_json::Value;

use crate::assess::Policy;
use crate::cli::{AuditArgs, BuildArgs, EvidenceArgs, LogFormat, ReportArgs};
use crate::error::{Error, Result};
use crate::escape::sample;
use crate::input::accounts::{ColumnNames, FormOptions, Times};
use crate::input::source::Source;
use crate::name::normal::to_a_labels;
use crate::progress::ProgressMode;
use crate::rdap::host_of;
use crate::report::accounts;
use crate::report::urgent::cells::WHY;
use crate::snapshot::TrustLimits;
use crate::snapshot::facts::MAX_SHRINK;
use crate::snapshot::intake::IntakeOptions;
use crate::time::{BareDate, Moment, TimeFormat};
use crate::zone::ReadOptions;

/// Where evidence comes from, and how it is judged.
#[derive(Debug, Clone)]
pub struct EvidenceConfig {
    /// Zone files and directories.
    pub(crate) zones: Vec<PathBuf>,
    /// RDAP files and directories.
    pub(crate) rdap: Vec<PathBuf>,
    /// Lists of registries, and directories of them.
    pub(crate) registry: Vec<PathBuf>,
    /// The Public Suffix List; none for the built-in copy.
    pub(crate) psl: Option<PathBuf>,
    /// The bootstrap file; none for the built-in copy.
    pub(crate) bootstrap: Option<PathBuf>,
    /// Hosts whose answers count as the registry's.
    pub(crate) trusted_sources: Vec<Box<str>>,
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub(crate) lead_days: u32,
    /// Age up to which an RDAP answer is used.
    pub(crate) max_rdap_age_days: u32,
    /// Which action a verdict calls for.
    pub(crate) policy: Policy,
    /// How zones are judged.
    pub(crate) limits: TrustLimits,
    /// How snapshots of zone files are made.
    pub(crate) intake: IntakeOptions,
    /// Where they are kept.
    pub(crate) store: Option<PathBuf>,
    /// Threads; 0 for one a processor.
    pub(crate) threads: usize,
}

/// The main job.
#[derive(Debug, Clone)]
pub struct Config {
    /// Files of accounts.
    pub(crate) accounts: Vec<Source>,
    /// Evidence.
    pub(crate) evidence: EvidenceConfig,
    /// The report directory.
    pub(crate) output: PathBuf,
    /// How accounts are written, and which column holds what.
    pub(crate) form: FormOptions,
    /// Whether each of several addresses in a field is an account.
    pub(crate) split_addresses: bool,
    /// Whether the address is kept.
    pub(crate) keep_email: bool,
    /// The key under which it is hashed.
    pub(crate) hash_key: Option<Vec<u8>>,
    /// People's decisions.
    pub(crate) overrides: Option<PathBuf>,
    /// The report to compare with, if one was asked for.
    pub(crate) previous: Option<PreviousChoice>,
    /// Percent of a zone's domains that may newly be unverified.
    pub(crate) max_flagged_share: f64,
    /// Percent of rejected rows above which the run is incomplete.
    pub(crate) max_rejected: f64,
    /// Percent of unread times or weights above which the run is incomplete.
    pub(crate) max_unread: f64,
    /// Zones whose circuit breakers stay closed.
    pub(crate) release_breaker: Vec<String>,
    /// Whether stale zones and lists make it incomplete.
    pub(crate) strict: bool,
    /// No summary, no progress.
    pub(crate) quiet: bool,
    /// When to show progress.
    pub(crate) progress: ProgressMode,
    /// How messages are written.
    pub(crate) log_format: LogFormat,
    /// All options in force, for the manifest.
    pub(crate) options: Value,
}

impl EvidenceConfig {
    /// Checks the options that were typed, completed from the configuration file if one is named.
    pub fn of(args: EvidenceArgs) -> Result<Self> {
        let mut mistakes = Mistakes::default();
        let args = file::complete_evidence(args)?;
        mistakes.extend(missing::evidence(&args));
        let config = Self::check(&args, &mut mistakes);
        mistakes.check()?;
        Ok(config)
    }

    fn check(args: &EvidenceArgs, mistakes: &mut Mistakes) -> Self {
        let as_of = mistakes.note(moment("--as-of", &args.as_of)).flatten().unwrap_or_else(Moment::now);
        mistakes.extend(missing::paths_of_evidence(args));
        Self {
            zones: args.zones.clone(),
            rdap: args.rdap.clone(),
            registry: args.registry.clone(),
            psl: args.psl.clone(),
            bootstrap: args.bootstrap.clone(),
            trusted_sources: trusted_sources(&args.trust_source, mistakes),
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
                date: mistakes.note(moment("--date", &args.date)).flatten(),
                as_of,
                trust_lists: args.trust_lists,
                max_shrink: percent(mistakes, "--max-shrink", args.max_shrink, MAX_SHRINK),
            },
            store: store_in_force(args.store.as_deref()),
            threads: mistakes.note(check_threads(args.threads)).unwrap_or_default(),
        }
    }
}

/// The moment that an option names, if any.
pub(crate) fn moment(option: &str, text: &Option<String>) -> Result<Option<Moment>> {
    let Some(text) = text else { return Ok(None) };
    let read = Moment::parse(text, BareDate::Start);
    let what = || format!("`{option}`: expected a date or time, found `{text}`");
    read.map(Some).ok_or_else(|| Error::usage(what()).hint("write it as 2026-06-01 or 2026-06-01T12:00:00Z"))
}

fn trusted_sources(hosts: &[String], mistakes: &mut Mistakes) -> Vec<Box<str>> {
    let read = |text: &String| {
        let what = || format!("`--trust-source`: expected the name of a host, found `{}`", sample(text));
        let host = host_of(text).map(Into::into);
        host.ok_or_else(|| Error::usage(what()).hint("write it as in the summary: `rdap.example.net`"))
    };
    hosts.iter().filter_map(|text| mistakes.note(read(text))).collect()
}

/// The origin in the one spelling of names. What is no name stays as it is, and then no name is below it.
fn normal_origin(origin: Option<&str>) -> Option<String> {
    let normal = |origin: &str| match to_a_labels(origin.trim()) {
        Some(name) => name.trim_end_matches('.').to_owned(),
        None => origin.trim_end_matches('.').to_ascii_lowercase(),
    };
    origin.map(normal)
}

/// A zone's name as snapshots have it: lower case, no final dot, the root empty.
fn zone_name(origin: &str) -> String {
    origin.trim_end_matches('.').to_ascii_lowercase()
}

/// A zone's name as circuit breakers have it: the root is a dot.
fn released_name(zone: &str) -> String {
    let name = zone_name(zone);
    if name.is_empty() { ".".to_owned() } else { name }
}

/// Percent of rows that may be rejected, and of a zone's domains that may newly be unverified, likewise.
const MAX_SHARE: f64 = 5.0;

fn percent(mistakes: &mut Mistakes, option: &str, given: Option<f64>, usual: f64) -> f64 {
    let percent = given.unwrap_or(usual);
    if !(0.0..=100.0).contains(&percent) {
        mistakes.add(Error::usage(format!("`{option}`: expected 0 to 100 percent, found {percent}")));
    }
    percent
}

/// How `snapshot build` makes snapshots.
pub(crate) fn intake_of(args: &BuildArgs) -> Result<IntakeOptions> {
    let mut mistakes = Mistakes::default();
    let options = IntakeOptions {
        read: ReadOptions {
            origin: normal_origin(args.origin.as_deref()),
            allow_include: args.allow_include,
        },
        date: mistakes.note(moment("--date", &args.date)).flatten(),
        as_of: Moment::now(),
        trust_lists: args.trust_lists,
        max_shrink: percent(&mut mistakes, "--max-shrink", args.max_shrink, MAX_SHRINK),
    };
    mistakes.check()?;
    Ok(options)
}

impl Config {
    /// Checks the options that were typed, completed from the configuration file if one is named.
    pub fn of(args: AuditArgs) -> Result<Self> {
        Self::check(complete(args)?)
    }

    /// Checks the options, typed and from the configuration file.
    pub(crate) fn check(args: AuditArgs) -> Result<Self> {
        let report = &args.report;
        let mut mistakes = Mistakes::default();
        mistakes.extend(missing::requirements(&args));
        let evidence = EvidenceConfig::check(&args.evidence, &mut mistakes);
        mistakes.extend(missing::paths_of_report(report));
        let max_rejected = percent(&mut mistakes, "--max-rejected", report.max_rejected, MAX_SHARE);
        let max_flagged_share =
            percent(&mut mistakes, "--max-flagged-share", report.max_flagged_share, MAX_SHARE);
        let max_unread = percent(&mut mistakes, "--max-unread", report.max_unread, MAX_SHARE);
        mistakes.note(check_carried(&report.carry));
        mistakes.note(check_inputs(&args));
        let format = mistakes.note(report.time_format.as_deref().map(time_format).transpose());
        let hash_key = mistakes.note(report.hash_email.as_deref().map(read_key).transpose());
        let output = report.output.clone().unwrap_or_default();
        if report.output.is_some() {
            let inputs = places::named_inputs(&args);
            let previous = report.previous.as_deref();
            mistakes.note(places::check_output(&output, &evidence, &inputs, previous));
        }
        let previous = report.previous.as_deref().filter(|previous| previous.exists());
        let previous = previous.map(|previous| previous::choose(previous, &output, evidence.as_of));
        let previous = mistakes.note(previous.transpose()).flatten();
        let sources = args.accounts.iter().map(|path| Source::stat(path));
        let accounts = sources.filter_map(|source| mistakes.note(source)).collect();
        let delimiter = mistakes.note(report.delimiter.as_deref().map(delimiter).transpose());
        mistakes.note(check_numbers(report));
        mistakes.check()?;
        let options = options_in_force(&args, &evidence, [max_rejected, max_unread, max_flagged_share])?;
        let ReportArgs { email_column, id_column, verified_at_column, carry, .. } = args.report;
        let ReportArgs { first_verified_at_column, weight_column, overrides, release_breaker, .. } =
            args.report;
        let ReportArgs { format: account_format, no_header, .. } = args.report;
        let ReportArgs { split_addresses, keep_email, strict, quiet, progress, log_format, .. } = args.report;
        Ok(Self {
            accounts,
            evidence,
            output,
            form: FormOptions {
                format: account_format,
                delimiter: delimiter.flatten(),
                no_header,
                columns: ColumnNames {
                    email: email_column,
                    id: id_column,
                    verified_at: verified_at_column,
                    first_verified_at: first_verified_at_column,
                    weight: weight_column,
                    carry,
                    times: Times { format: format.flatten() },
                },
            },
            split_addresses,
            keep_email,
            hash_key: hash_key.flatten(),
            overrides,
            previous,
            max_flagged_share,
            max_rejected,
            max_unread,
            release_breaker: release_breaker.iter().map(|zone| released_name(zone)).collect(),
            strict,
            quiet,
            progress: if quiet { ProgressMode::Never } else { progress.unwrap_or_default() },
            log_format: log_format.unwrap_or_default(),
            options,
        })
    }
}

/// All options as they are in force, for the manifest.
fn options_in_force(
    args: &AuditArgs,
    evidence: &EvidenceConfig,
    [max_rejected, max_unread, max_flagged_share]: [f64; 3],
) -> Result<Value> {
    let mut options = serde_json::to_value(&args.evidence).map_err(Error::internal)?;
    let report = serde_json::to_value(&args.report).map_err(Error::internal)?;
    if let (Some(all), Value::Object(more)) = (options.as_object_mut(), report) {
        all.extend(more);
        all.insert("lead-days".into(), evidence.lead_days.into());
        all.insert("max-zone-age-days".into(), evidence.limits.max_zone_age_days.into());
        all.insert("max-rdap-age-days".into(), evidence.max_rdap_age_days.into());
        all.insert("max-rejected".into(), max_rejected.into());
        all.insert("max-unread".into(), max_unread.into());
        all.insert("max-flagged-share".into(), max_flagged_share.into());
        all.insert("as-of".into(), evidence.as_of.to_string().into());
    }
    Ok(options)
}

/// Checks that standard input is named at most once.
fn check_inputs(args: &AuditArgs) -> Result<()> {
    let inputs = args.accounts.iter().chain(&args.evidence.zones).chain(&args.evidence.rdap);
    if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Error::usage("standard input is named twice").hint("it can be read only once"));
    }
    Ok(())
}

fn time_format(pattern: &str) -> Result<TimeFormat> {
    TimeFormat::new(pattern).map_err(|why| {
        Error::usage(format!("`--time-format`: `{}` cannot be used: {why}", sample(pattern))).hint(
            "write the form as strftime does, with day, month and year: `%d/%m/%Y`, `%m/%d/%Y %H:%M:%S` or \
             `%d/%m/%y %I:%M %p`",
        )
    })
}

/// The byte between fields, as it may be typed.
fn delimiter(text: &str) -> Result<u8> {
    Ok(match text {
        "comma" => b',',
        "semicolon" => b';',
        "tab" | "\\t" => b'\t',
        "bar" | "pipe" => b'|',
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => *byte,
            _ => {
                let what = format!("`--delimiter`: expected one character, found `{}`", sample(text));
                return Err(
                    Error::usage(what).hint("write it as `;`, or as a word: comma, semicolon, tab or bar")
                );
            }
        },
    })
}

/// Checks that columns are named by numbers where there are no names.
fn check_numbers(report: &ReportArgs) -> Result<()> {
    let single = [
        ("--email-column", &report.email_column),
        ("--id-column", &report.id_column),
        ("--verified-at-column", &report.verified_at_column),
        ("--first-verified-at-column", &report.first_verified_at_column),
        ("--weight-column", &report.weight_column),
    ];
    let single = single.into_iter().filter_map(|(option, name)| name.as_ref().map(|name| (option, name)));
    let mut named = single.chain(report.carry.iter().map(|name| ("--carry", name)));
    let is_number =
        |name: &str| name.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == name);
    match named.find(|(_, name)| report.no_header && !is_number(name)) {
        None => Ok(()),
        Some((option, _)) => Err(Error::usage(format!("`{option}`: expected the number of a column"))
            .hint("without a header columns are named by their numbers, the first is 1")),
    }
}

fn check_carried(carry: &[String]) -> Result<()> {
    let mut taken = accounts::table().layout().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    // lists have a column more than the table
    taken.push(WHY.to_owned());
    for name in carry {
        if taken.contains(name) {
            return Err(Error::usage(format!("`--carry {name}`: `accounts` has a column of that name"))
                .hint("rename the column in the input"));
        }
        taken.push(name.clone());
    }
    Ok(())
}
