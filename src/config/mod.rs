//! What the command line and the configuration file mean: one validated, immutable [`Config`].
//!
//! Usage mistakes are refused here, all at once, before any input is read.

mod file;
mod form;
mod key;
mod missing;
mod mistakes;
mod nightly;
mod places;
mod previous;
mod store;
mod stream;
mod threads;

pub(crate) use file::{complete, complete_night};
pub(crate) use nightly::{NightConfig, Retention};
pub(crate) use places::{check_file, check_table};
pub(crate) use previous::PreviousChoice;
pub(crate) use store::{required_store, store_in_force};
pub(crate) use stream::StreamConfig;
pub(crate) use threads::{check_threads, use_threads};

use std::path::PathBuf;

use key::read_key;
use mistakes::Mistakes;
use serde_json::Value;

use crate::assess::Policy;
use crate::cli::{AuditArgs, BuildArgs, EvidenceArgs, LogFormat, ReportArgs};
use crate::error::{Error, Result};
use crate::escape::sample;
use crate::input::accounts::FormOptions;
use crate::input::source::Source;
use crate::name::Subject;
use crate::name::normal::to_a_labels;
use crate::progress::ProgressMode;
use crate::rdap::host_of;
use crate::report::completeness::Shortfall;
use crate::snapshot::TrustLimits;
use crate::snapshot::facts::MAX_SHRINK;
use crate::snapshot::intake::IntakeOptions;
use crate::time::{BareDate, Moment};
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
    /// Files and directories of MX data.
    pub(crate) mx: Vec<PathBuf>,
    /// The Public Suffix List; none for the built-in copy.
    pub(crate) psl: Option<PathBuf>,
    /// The bootstrap file; none for the built-in copy.
    pub(crate) bootstrap: Option<PathBuf>,
    /// The user's own list of mail classes.
    pub(crate) mail_classes: Option<PathBuf>,
    /// Hosts whose answers count as the registry's.
    pub(crate) trusted_sources: Vec<Box<str>>,
    /// What rows and arguments name.
    pub(crate) subject: Subject,
    /// The moment of judgement.
    pub(crate) as_of: Moment,
    /// Days ahead in which an expiration counts as near.
    pub(crate) lead_days: u32,
    /// Age up to which an RDAP answer is used.
    pub(crate) max_rdap_age_days: u32,
    /// Age up to which MX data raise a risk.
    pub(crate) max_mx_age_days: u32,
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
    /// What the steps of a night found before the audit.
    pub(crate) before: BeforeAudit,
}

/// What the steps of a night found before its audit; nothing for an audit alone.
#[derive(Debug, Clone, Default)]
pub(crate) struct BeforeAudit {
    /// What was delivered and cannot be used as it is.
    pub(crate) bad_feeds: Vec<Shortfall>,
    /// The last complete run that anybody knows of, in seconds since 1970.
    pub(crate) last_success: Option<i64>,
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
            mx: args.mx.clone(),
            psl: args.psl.clone(),
            bootstrap: args.bootstrap.clone(),
            mail_classes: args.mail_classes.clone(),
            trusted_sources: trusted_sources(&args.trust_source, mistakes),
            subject: args.subject.unwrap_or_default(),
            as_of,
            lead_days: args.lead_days.unwrap_or(30).min(36_500),
            max_rdap_age_days: args.max_rdap_age_days.unwrap_or(30),
            max_mx_age_days: args.max_mx_age_days.unwrap_or(30),
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
        let mut mistakes = Mistakes::default();
        mistakes.extend(missing::requirements(&args));
        Self::check_options(&args, mistakes)
    }

    /// Checks the options, whether or not anything is named that a run cannot do without.
    fn check_options(args: &AuditArgs, mut mistakes: Mistakes) -> Result<Self> {
        let report = &args.report;
        let evidence = EvidenceConfig::check(&args.evidence, &mut mistakes);
        mistakes.extend(missing::paths_of_report(report));
        let max_rejected = percent(&mut mistakes, "--max-rejected", report.max_rejected, MAX_SHARE);
        let max_flagged_share =
            percent(&mut mistakes, "--max-flagged-share", report.max_flagged_share, MAX_SHARE);
        let max_unread = percent(&mut mistakes, "--max-unread", report.max_unread, MAX_SHARE);
        mistakes.note(check_inputs(args));
        let form = form::form_of(report, evidence.subject, &mut mistakes);
        let hash_key = mistakes.note(report.hash_email.as_deref().map(read_key).transpose());
        let output = report.output.clone().unwrap_or_default();
        if report.output.is_some() {
            let inputs = places::named_inputs(args);
            let previous = report.previous.as_deref();
            mistakes.note(places::check_output(&output, &evidence, &inputs, previous));
        }
        let previous = report.previous.as_deref().filter(|previous| previous.exists());
        let previous = previous.map(|previous| previous::choose(previous, &output, evidence.as_of));
        let previous = mistakes.note(previous.transpose()).flatten();
        let sources = args.accounts.iter().map(|path| Source::stat(path));
        let accounts = sources.filter_map(|source| mistakes.note(source)).collect();
        mistakes.check()?;
        let options = options_in_force(args, &evidence, [max_rejected, max_unread, max_flagged_share])?;
        let ReportArgs { split_addresses, keep_email, strict, quiet, progress, log_format, .. } = *report;
        Ok(Self {
            accounts,
            evidence,
            output,
            form,
            split_addresses,
            keep_email,
            hash_key: hash_key.flatten(),
            overrides: report.overrides.clone(),
            previous,
            max_flagged_share,
            max_rejected,
            max_unread,
            release_breaker: report.release_breaker.iter().map(|zone| released_name(zone)).collect(),
            strict,
            quiet,
            progress: if quiet { ProgressMode::Never } else { progress.unwrap_or_default() },
            log_format: log_format.unwrap_or_default(),
            options,
            before: BeforeAudit::default(),
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
        all.insert("subject".into(), evidence.subject.name().into());
        all.insert("lead-days".into(), evidence.lead_days.into());
        all.insert("max-zone-age-days".into(), evidence.limits.max_zone_age_days.into());
        all.insert("max-rdap-age-days".into(), evidence.max_rdap_age_days.into());
        all.insert("max-mx-age-days".into(), evidence.max_mx_age_days.into());
        all.insert("max-rejected".into(), max_rejected.into());
        all.insert("max-unread".into(), max_unread.into());
        all.insert("max-flagged-share".into(), max_flagged_share.into());
        all.insert("as-of".into(), evidence.as_of.to_string().into());
    }
    Ok(options)
}

/// Checks that standard input is named at most once.
fn check_inputs(args: &AuditArgs) -> Result<()> {
    let evidence = &args.evidence;
    let inputs = args.accounts.iter().chain(&evidence.zones).chain(&evidence.rdap).chain(&evidence.mx);
    if inputs.filter(|path| path.as_os_str() == "-").count() > 1 {
        return Err(Error::usage("standard input is named twice").hint("it can be read only once"));
    }
    Ok(())
}
