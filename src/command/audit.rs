//! The main job on one screen: accounts in, a report directory out.
//!
//! ```text
//! accounts ─ census ─┬─ rows, spooled ────────────────────────┐
//!                    └─ mail domains ─┐                       │
//! zones ── snapshots ─────────────────┼─ judgement ───────────┴─ report
//! RDAP ─── table, of those names ─────┘
//! ```
//!
//! Census and zones are read side by side. Then a survey finds every name to be judged, those of name servers
//! included, and only answers about these are kept. Memory is bounded by the distinct domains and their answers; rows pass through in
//! frames, zones through snapshots on disk.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::assess::breaker::{self, OpenBreaker};
use crate::assess::judge::Judgement;
use crate::assess::overrides::Overrides;
use crate::census::{self, Census};
use crate::cli::LogFormat;
use crate::command::Output;
use crate::command::evidence::EvidenceInputs;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::report::accounts::{AccountTable, Tally};
use crate::report::changes::ChangesTable;
use crate::report::directory::ReportDirectory;
use crate::report::examples::examples;
use crate::report::inputs::{Inputs, SuffixListInput, by_reason};
use crate::report::manifest::{Counts, Manifest, OverrideCounts, PolicyCounts};
use crate::report::previous::Previous;
use crate::report::summary::Summary;
use crate::report::{domains, rejected, tlds};
use crate::threads::side_by_side;

/// Audits all accounts. The output is the summary; the report is in its directory.
///
/// # Errors
///
/// An input or output that does not allow a whole report. Nothing is left of it then.
pub fn audit(config: &Config) -> Result<Output> {
    let mut summary = write_report(config)?;
    let mut output = Output { is_summary: true, ..Output::default() };
    output.warn(std::mem::take(&mut summary.warnings));
    output.incomplete_if(!summary.incomplete.is_empty());
    output.text = summary.told(config.quiet, config.log_format == LogFormat::Json);
    Ok(output)
}

fn write_report(config: &Config) -> Result<Summary> {
    let started = Instant::now();
    let mut timings = Timings { since: started, seconds: BTreeMap::new() };
    let directory = ReportDirectory::create(&config.output)?;
    let progress = Progress::new(config.progress);
    let evidence = EvidenceInputs::open(&config.evidence)?;
    let today = config.evidence.as_of.day();
    let overrides = match &config.overrides {
        Some(path) => Overrides::read(path, today)?,
        None => Overrides::default(),
    };

    // accounts and zones do not need each other
    let sizes = config.accounts.iter().filter_map(|account| account.source.size);
    progress.start("accounts and zones", sizes.sum::<u64>() + evidence.zone_bytes());
    let options = census::CensusOptions {
        columns: config.columns.clone(),
        split_addresses: config.split_addresses,
        keep_email: config.keep_email,
        hash_key: config.hash_key.clone(),
    };
    let (census, zones) = side_by_side(
        || census::take(&config.accounts, &options, &evidence.suffixes, directory.scratch(), &progress),
        || evidence.read_zones(directory.scratch(), &progress),
    );
    let (census, zones) = (census?, zones?);
    let catalog = &zones.catalog;
    timings.note("accounts_and_zones");

    progress.start("reading RDAP", evidence.answer_bytes());
    let survey = evidence.survey(&census.mail_domains, &zones);
    timings.note("survey");
    let answers = evidence.read_answers(&survey, &progress)?;
    timings.note("rdap");
    let mut judgement = evidence.judge(&census.mail_domains, survey, &zones, &answers)?;
    timings.note("judgement");

    let previous = config.previous.as_deref().map(Previous::read).transpose()?;
    let previous = previous.as_ref();
    let decided = OverrideCounts::of(&overrides, judgement.decide(&overrides));
    let by_accounts = account_table(config, &census, &judgement, previous).flagged_by_accounts()?;
    let was_unverified = |name: &str| previous.is_some_and(|previous| previous.was_unverified(name));
    let breakers = breaker::open(&mut judgement, &by_accounts, &was_unverified, config.max_flagged_share);
    timings.note("decisions");

    progress.start("writing report", census.rows.bytes());
    let changes = directory.file("changes.parquet");
    let changes = previous.map(|previous| ChangesTable::create(&changes, previous, &judgement.domains));
    let table = account_table(config, &census, &judgement, previous);
    let tally = table.write(&directory.file("accounts.parquet"), changes.transpose()?, &progress)?;
    timings.note("accounts_table");
    domains::write(&directory.file("domains.parquet"), &judgement.domains, &tally.domains, today, previous)?;
    let rejected = rejected::write(&directory.file("rejected.parquet"), &census)?;
    tlds::write(&directory.file("tlds.parquet"), catalog, &judgement.domains, &tally.domains)?;
    timings.note("report");
    progress.finish();

    let counts = count(&census, &judgement, &tally, rejected)?;
    let inputs = Inputs::of(&census, &zones, &answers.files, &overrides);
    let incomplete = incomplete(config, &counts, &inputs, &breakers);
    let mut notices = inputs.notices();
    let mut warnings = inputs.rdap_warnings(config.max_rejected);
    if config.quiet {
        // the summary is not shown; why the status is 1 always is
        warnings.extend(incomplete.iter().cloned());
    }
    timings.seconds.insert("total", started.elapsed().as_secs_f64());
    let manifest = Manifest {
        program: Manifest::PROGRAM,
        version: env!("CARGO_PKG_VERSION"),
        schema: Manifest::SCHEMA,
        status: if incomplete.is_empty() { "complete" } else { "incomplete" },
        incomplete: incomplete.clone(),
        as_of: config.evidence.as_of.to_string(),
        options: config.options.clone(),
        public_suffix_list: SuffixListInput::of(&evidence.suffixes),
        policy: judgement.policy,
        policies: PolicyCounts::all(&judgement, &tally),
        breaker: breakers,
        overrides: decided,
        previous: previous.map(|previous| previous.path.display().to_string()),
        changes: tally.changes.clone(),
        inputs,
        counts,
        timings: timings.seconds,
    };
    manifest.write(&directory.file("manifest.json"))?;
    let published = directory.publish()?;
    notices.extend(published.notices);
    Ok(Summary {
        as_of: manifest.as_of,
        counts: manifest.counts,
        examples: examples(&judgement, &tally, today),
        notices,
        warnings,
        changes: tally.changes,
        incomplete,
        seconds: started.elapsed().as_secs_f64(),
        directory: published.path,
    })
}

fn account_table<'a>(
    config: &'a Config,
    census: &'a Census,
    judgement: &'a Judgement<'a>,
    previous: Option<&'a Previous>,
) -> AccountTable<'a> {
    AccountTable {
        census,
        judgement,
        today: config.evidence.as_of.day(),
        carry: &config.columns.carry,
        keep_email: config.keep_email,
        hash_email: config.hash_key.is_some(),
        previous,
    }
}

/// Counts everything, and checks that it adds up.
fn count(census: &Census, judgement: &Judgement<'_>, tally: &Tally, rejected: u64) -> Result<Counts> {
    let mut counts = Counts {
        rows: census.files.iter().map(|file| file.rows).sum(),
        added_by_split: census.files.iter().map(|file| file.added_by_split).sum(),
        accepted: census.rows.rows(),
        rejected,
        mail_domains: census.mail_domains.len() as u64,
        domains: judgement.domains.len() as u64,
        ..Counts::default()
    };
    for file in &census.files {
        let rejected: u64 = file.rejected.iter().sum();
        if file.rows + file.added_by_split != file.accepted + rejected {
            let what = format!(
                "{} rows of `{}` became {} accepted and {rejected} rejected ones",
                file.rows,
                file.path.display(),
                file.accepted
            );
            return Err(Error::internal(what));
        }
        by_reason(&file.rejected)
            .into_iter()
            .for_each(|(reason, count)| *counts.rejected_by_reason.entry(reason).or_default() += count);
    }
    for ((state, risk, action), count) in &tally.accounts {
        *counts.accounts_by_state.entry(state.name()).or_default() += count;
        *counts.accounts_by_risk.entry(risk.name()).or_default() += count;
        *counts.accounts_by_action.entry(action.name()).or_default() += count;
    }
    for domain in &judgement.domains {
        *counts.domains_by_state.entry(domain.verdict.state.name()).or_default() += 1;
    }
    let load = |tally: &crate::report::accounts::DomainTally| {
        tally.accounts.load(std::sync::atomic::Ordering::Relaxed)
    };
    let sums = [
        (
            "accepted and rejected rows",
            counts.accepted + counts.rejected,
            counts.rows + counts.added_by_split,
        ),
        ("rejected rows by reason", counts.rejected_by_reason.values().sum(), counts.rejected),
        ("accounts by state", counts.accounts_by_state.values().sum(), counts.accepted),
        ("accounts by domain", tally.domains.iter().map(load).sum(), counts.accepted),
        ("domains by state", counts.domains_by_state.values().sum(), counts.domains),
    ];
    match sums.iter().find(|(_, sum, whole)| sum != whole) {
        Some((what, sum, whole)) => Err(Error::internal(format!("{what}: expected {whole}, found {sum}"))),
        None => Ok(counts),
    }
}

/// Why a finished run has exit status 1.
fn incomplete(config: &Config, counts: &Counts, inputs: &Inputs, breakers: &[OpenBreaker]) -> Vec<String> {
    let mut reasons: Vec<String> = breakers.iter().map(ToString::to_string).collect();
    if counts.accepted == 0 {
        reasons.push("no account could be judged".to_owned());
    }
    let rows = counts.accepted + counts.rejected;
    let share = counts.rejected as f64 * 100.0 / rows.max(1) as f64;
    if share > config.max_rejected {
        reasons.push(format!("{share:.1} % of the rows were rejected, more than {} %", config.max_rejected));
    }
    let mut zones = |coverage: &str, what: &str| {
        let count = inputs.zones_that_are(coverage);
        if count > 0 {
            reasons.push(format!("{count} zone file{} {what}", if count == 1 { " is" } else { "s are" }));
        }
    };
    zones("unclosed", "not whole");
    zones("shrunk", "far smaller than the last complete one");
    if config.strict {
        zones("stale", "stale");
        zones("list", "only a list");
    }
    if !inputs.unreadable_zones.is_empty() {
        reasons.push(format!("zone files that cannot be read: {}", inputs.unreadable_zones.len()));
    }
    reasons.extend(inputs.incomplete_rdap(config.max_rejected));
    reasons
}

struct Timings {
    since: Instant,
    seconds: BTreeMap<&'static str, f64>,
}

impl Timings {
    /// Seconds since the last note.
    fn note(&mut self, what: &'static str) {
        self.seconds.insert(what, self.since.elapsed().as_secs_f64());
        self.since = Instant::now();
    }
}
