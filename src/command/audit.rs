//! The main job on one screen: accounts in, a report directory out.
//!
//! ```text
//! accounts ─ census ─┬─ rows, spooled ────────────────────────┐
//!                    └─ mail domains ─┐                       │
//! zones ── snapshots ─────────────────┼─ judgement ── accounts ┴─ report
//! RDAP ─── table, of those names ─────┘
//! ```
//!
//! Accounts and zones are read side by side. Then a survey finds every name to be judged, those of name servers
//! included, and only answers about these are kept. Domains are judged first, then the accounts at them. Memory is bounded
//! by the distinct domains and their answers: rows pass through in frames, zones through snapshots on disk.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use crate::assess::accounts::{AccountJudge, unverified_by_accounts};
use crate::assess::breaker::{self, Breakers, OpenBreaker};
use crate::assess::judge::Judgement;
use crate::assess::overrides::Overrides;
use crate::assess::previous::Previous;
use crate::assess::servers::ServerCounts;
use crate::assess::tally::Tally;
use crate::census::{self, Census};
use crate::cli::LogFormat;
use crate::command::Output;
use crate::command::evidence::EvidenceInputs;
use crate::command::hints::release_breaker;
use crate::config::Config;
use crate::error::{Error, Hint, Result};
use crate::files::write_synced;
use crate::progress::Progress;
use crate::rdap::RegistryServers;
use crate::report::accounts::AccountTable;
use crate::report::alerts::{self, ALERTS_FILE};
use crate::report::at_risk::{AT_RISK_FILE, AtRiskList};
use crate::report::changes::ChangeCounts;
use crate::report::completeness::{FinishedRun, Shortfall, Tolerance};
use crate::report::counts::Counts;
use crate::report::cures::{Cure, Cures};
use crate::report::directory::ReportDirectory;
use crate::report::examples::{Examples, examples};
use crate::report::finished::Report;
use crate::report::inputs::{Inputs, MailClassesInput, SuffixListInput};
use crate::report::manifest::{CountsBefore, HeldBreaker, MANIFEST_FILE, Manifest, PolicyCounts, Writer};
use crate::report::metrics::{self, METRICS_FILE, RunTimes};
use crate::report::overrides::OverrideReport;
use crate::report::page::{PAGE_FILE, page};
use crate::report::sources::RdapSources;
use crate::report::summary::Summary;
use crate::report::{domains, rejected, servers, tlds};
use crate::snapshot::Catalog;
use crate::snapshot::zones::Zones;
use crate::threads::side_by_side;
use crate::time::Moment;

/// Audits all accounts. The output is the summary; the report is in its directory.
///
/// # Errors
///
/// An input or output that does not allow a whole report. Nothing is left of it then.
pub fn audit(config: &Config) -> Result<Output> {
    let summary = write_report(config)?;
    let mut output = Output::summary("");
    if !config.quiet {
        match config.log_format {
            LogFormat::Json => output.fields = Some(summary.fields()),
            LogFormat::Text => output.text = summary.to_string(),
        }
    }
    tell(summary, config, &mut output);
    Ok(output)
}

/// Adds what a summary has for standard error, and the exit status.
pub(super) fn tell(summary: Summary, config: &Config, output: &mut Output) {
    match config.log_format {
        _ if config.quiet => {}
        LogFormat::Json => output.note(summary.notices.iter().cloned()),
        LogFormat::Text => output.note(summary.first_notices()),
    }
    output.blame(summary.warnings.into_iter().map(in_words));
    // the reasons of the exit status come last, and always
    output.incomplete_if(!summary.incomplete.is_empty());
    output.blame(summary.incomplete.into_iter().map(|shortfall| in_words(shortfall.for_status())));
}

/// A reason as a message.
pub(super) fn in_words(shortfall: Shortfall) -> Error {
    let error = Error::placeless(shortfall.what);
    Error { hint: shortfall.hint, ..error }
}

/// Judges, and writes the report.
pub(super) fn write_report(config: &Config) -> Result<Summary> {
    let mut watch = Stopwatch::start();
    let directory = ReportDirectory::create(&config.output)?;
    let progress = Progress::new(config.progress, config.log_format == LogFormat::Json);
    let evidence = EvidenceInputs::open(&config.evidence)?;
    let as_of = config.evidence.as_of;
    let overrides = Overrides::read_optional(config.overrides.as_deref(), as_of.day())?;
    let (census, zones) = read_accounts_and_zones(config, &evidence, directory.scratch(), &progress)?;
    watch.note("accounts_and_zones");
    let mut mail = evidence.read_mail(&census.mail_domains, &progress)?;
    watch.note("mail");
    progress.start("looking up names in zones", 0);
    let survey = evidence.survey(&census.mail_domains, &zones, &mut mail.servers);
    watch.note("survey");
    progress.start("reading RDAP answers", evidence.answer_bytes());
    let answers = evidence.read_answers(&survey, &progress)?;
    watch.note("rdap");
    progress.start("judging domains", 0);
    let mut judgement = evidence.judge(&census.mail_domains, survey, &zones, &answers)?;
    judgement.note_mistyped(&census.mail_domains, &census.accounts, &evidence.mail_classes);
    watch.note("judgement");
    let (previous, before) = previous_path(config).map(read_previous).transpose()?.unzip();
    let previous = previous.as_ref();
    judgement.decide(&overrides);
    let breakers = open_breakers(config, &census, &mut judgement, previous)?;
    let judge = AccountJudge::new(&census.mail_domains, &census.files, &judgement, previous, as_of);
    watch.note("decisions");
    let known = (&zones.catalog, evidence.lists().registries);
    let tables = write_tables(config, &directory, (&census, &judge), known, (&progress, &mut watch))?;
    let counts = Counts::of(&census, &judgement, &tables.tally, &tables.servers, tables.rejected)?;
    let inputs = Inputs::of(&census, &zones, &answers.files, &overrides)
        .with_lists(&answers.lists)
        .with_mail(&mail.files, judgement.mail_at.servers)
        .with_accounts(&census.files, &tables.tally)
        .with_sources(RdapSources::of(evidence.lists(), &judgement.sources, as_of.day()));
    let (judged_before, bad_feeds) = (previous.and_then(|it| it.judged_percent), &config.before.bad_feeds);
    let run =
        FinishedRun { counts: &counts, inputs: &inputs, breakers: &breakers.open, judged_before, bad_feeds };
    let manifest = Manifest {
        writer: Writer::THIS,
        completeness: tolerance(config).judge(&run),
        as_of: as_of.to_string(),
        options: config.options.clone(),
        public_suffix_list: SuffixListInput::of(&evidence.suffixes),
        mail_classes: MailClassesInput::of(&evidence.mail_classes),
        policy: judgement.policy,
        policies: PolicyCounts::all(&judgement, &tables.tally),
        breaker: breakers.open.into_iter().map(held).collect(),
        released_breakers: breakers.released,
        overrides: OverrideReport::of(&overrides, &judgement.domains, &tables.tally.domains),
        previous: previous_path(config).map(|path| path.display().to_string()),
        before: before.flatten(),
        changes: tables.changes,
        inputs,
        counts,
        timings: watch.seconds(),
    };
    let examples = examples(&judgement, &tables.tally, &tables.servers, as_of.day());
    conclude(config, directory, manifest, (examples, tables.cures))
}

/// Accounts and zones do not need each other, so they are read side by side.
fn read_accounts_and_zones(
    config: &Config,
    evidence: &EvidenceInputs,
    scratch: &Path,
    progress: &Progress,
) -> Result<(Census, Zones)> {
    let bytes: u64 = config.accounts.iter().filter_map(|source| source.size).sum();
    progress.start("reading accounts and zones", bytes + evidence.zone_bytes());
    let options = census::CensusOptions {
        form: config.form.clone(),
        split_addresses: config.split_addresses,
        keep_email: config.keep_email,
        hash_key: config.hash_key.clone(),
    };
    let (census, zones) = side_by_side(
        || census::take(&config.accounts, &options, &evidence.suffixes, scratch, progress),
        || evidence.read_zones(scratch, progress),
    );
    Ok((census?, zones?))
}

fn open_breakers<'a>(
    config: &Config,
    census: &'a Census,
    judgement: &mut Judgement<'a>,
    previous: Option<&'a Previous>,
) -> Result<Breakers> {
    let by_accounts = unverified_by_accounts(census, judgement, previous, config.evidence.as_of)?;
    let (share, released) = (config.max_flagged_share, &config.release_breaker);
    Ok(breaker::open(judgement, &by_accounts, previous, share, released))
}

fn held(breaker: OpenBreaker) -> HeldBreaker {
    HeldBreaker { release: release_breaker(breaker.name()), breaker }
}

fn tolerance(config: &Config) -> Tolerance {
    let Config { max_rejected, max_unread, strict, .. } = *config;
    Tolerance { max_rejected, max_unread, strict }
}

/// What was written, counted.
struct Tables {
    tally: Tally,
    servers: ServerCounts,
    changes: Option<ChangeCounts>,
    rejected: u64,
    cures: Vec<Cure>,
}

fn write_tables(
    config: &Config,
    directory: &ReportDirectory,
    (census, judge): (&Census, &AccountJudge<'_>),
    (catalog, registries): (&Catalog, &RegistryServers),
    (progress, watch): (&Progress, &mut Stopwatch),
) -> Result<Tables> {
    let as_of = config.evidence.as_of;
    let (domains, previous) = (&judge.judgement.domains, judge.previous);
    let file = |name: &str| directory.file(name);
    let accounts = AccountTable {
        census,
        judge,
        as_of,
        carry: &config.form.columns.carry,
        keep_email: config.keep_email,
        hash_email: config.hash_key.is_some(),
    };
    progress.start("judging accounts and writing the report", census.rows.bytes());
    let mut at_risk = AtRiskList::new(&file(AT_RISK_FILE), directory.scratch(), accounts.extra_columns());
    let paths = [file("accounts.parquet"), file("changes.parquet")];
    let (tally, changes) = accounts.write(&paths[0], &paths[1], &mut at_risk, progress)?;
    at_risk.finish()?;
    watch.note("accounts_table");
    domains::write(&file("domains.parquet"), judge.judgement, &tally.domains, as_of, previous)?;
    let rejected = rejected::write(&file("rejected.parquet"), census, as_of)?;
    let cures = Cures { registries };
    let cures = tlds::write(&file("tlds.parquet"), catalog, domains, &tally.domains, (as_of, cures))?;
    let servers = servers::write(&file("servers.parquet"), judge.judgement, &tally, as_of)?;
    if let Some(previous) = previous {
        alerts::write(&file(ALERTS_FILE), judge.judgement, (&tally, &servers), previous, as_of)?;
    }
    watch.note("report");
    progress.finish();
    Ok(Tables { tally, servers, changes, rejected, cures })
}

/// Writes the manifest, which makes the report whole, and gives it its name.
fn conclude(
    config: &Config,
    directory: ReportDirectory,
    manifest: Manifest,
    (examples, cures): (Vec<Examples>, Vec<Cure>),
) -> Result<Summary> {
    let times = RunTimes {
        finished: Moment::now(),
        seconds: manifest.timings.get(TOTAL).copied().unwrap_or_default(),
        last_success: previous_path(config).and_then(metrics::last_success).max(config.before.last_success),
    };
    metrics::write(&directory.file(METRICS_FILE), &manifest, times)?;
    let text = manifest.text()?;
    let written = Report::with_manifest(&directory.written(), text.as_bytes())?;
    write_synced(&directory.file(PAGE_FILE), page(&written, text.as_bytes())?.as_bytes())?;
    write_synced(&directory.file(MANIFEST_FILE), text.as_bytes())?;
    let published = directory.publish()?;
    let previous = config.previous.as_ref();
    let mut notices = manifest.inputs.notices();
    notices.extend(previous.iter().flat_map(|previous| previous.notices.clone()));
    notices.extend(published.notices);
    let unused = manifest.overrides.warning();
    let unused = unused.map(|what| Shortfall { what, hint: Some(Hint::NameJudgedDomains) });
    let encodings = manifest.inputs.encoding_warnings();
    let rdap = manifest.inputs.rdap_warnings(config.max_rejected);
    Ok(Summary {
        as_of: manifest.as_of,
        columns: manifest.inputs.columns,
        counts: manifest.counts,
        examples,
        notices,
        warnings: unused.into_iter().chain(encodings).chain(rdap.into_iter().map(Shortfall::from)).collect(),
        overrides: manifest.overrides,
        released: manifest.released_breakers,
        is_previous_later: previous.is_some_and(|previous| previous.is_later),
        changes: manifest.changes,
        cures,
        incomplete: manifest.completeness.incomplete,
        seconds: manifest.timings.get(TOTAL).copied().unwrap_or_default(),
        directory: published.path,
    })
}

/// The earlier report to compare with.
fn previous_path(config: &Config) -> Option<&Path> {
    config.previous.as_ref().and_then(|previous| previous.path.as_deref())
}

fn read_previous(path: &Path) -> Result<(Previous, Option<CountsBefore>)> {
    let report = Report::open(path)?;
    let judged = report.judged_percent();
    let (domains, accounts) = (report.table("domains")?, report.table("accounts")?);
    let previous = Previous::read(report.as_of()?, judged, domains, accounts, report.servers()?)?;
    Ok((previous, report.counts()))
}

/// The seconds that the steps of a run take.
struct Stopwatch {
    started: Instant,
    since: Instant,
    seconds: BTreeMap<&'static str, f64>,
}

/// The name of the sum.
const TOTAL: &str = "total";

impl Stopwatch {
    fn start() -> Self {
        let now = Instant::now();
        Self { started: now, since: now, seconds: BTreeMap::new() }
    }

    /// Notes the seconds since the last note.
    fn note(&mut self, what: &'static str) {
        self.seconds.insert(what, self.since.elapsed().as_secs_f64());
        self.since = Instant::now();
    }

    /// All notes, and the seconds of the whole run.
    fn seconds(mut self) -> BTreeMap<&'static str, f64> {
        self.seconds.insert(TOTAL, self.started.elapsed().as_secs_f64());
        self.seconds
    }
}
