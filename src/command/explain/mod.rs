//! Why a name has its verdict: the verdict, the reasons, the days of its clock, the evidence, and what would change it.
//!
//! The evidence is read anew ([`judged`]) or taken from a finished report ([`recorded`]). Both lead to the same
//! [`told::Explanation`], which is printed as [`text`] or as JSON.

mod change;
mod clock;
mod judged;
mod mail_domain;
mod recorded;
mod row;
mod served;
mod text;
mod timeline;
mod told;

use std::path::Path;

use crate::cli::ExplainArgs;
use crate::command::Output;
use crate::command::evidence::{EvidenceInputs, read_suffixes};
use crate::config::{EvidenceConfig, use_threads};
use crate::error::{Error, Hint, Result};
use crate::escape;
use crate::name::{MailDomain, Subject, SuffixList};
use crate::report::finished::Report;
use crate::time::{BareDate, Moment};

use recorded::Recorded;
use served::ToldServerDomain;
use told::Explanation;

/// Explains names or addresses.
pub(crate) fn run(args: ExplainArgs) -> Result<Output> {
    let verified_at = args.verified_at.as_deref().map(read_moment).transpose()?;
    let mut output = Output::default();
    let (told, servers) = match &args.report {
        Some(report) => {
            let suffixes = args.evidence.psl.as_deref().map_or_else(SuffixList::built_in, read_suffixes)?;
            let asked = read_names(&args.names, args.evidence.subject.unwrap_or_default(), &suffixes)?;
            by_report(report, &asked, &suffixes, verified_at, &mut output)?
        }
        None => {
            let config = EvidenceConfig::of(args.evidence)?;
            use_threads(config.threads)?;
            let evidence = EvidenceInputs::open(&config)?;
            let asked = read_names(&args.names, config.subject, &evidence.suffixes)?;
            (judged::explain(&config, &asked, &evidence, verified_at, &mut output)?, Vec::new())
        }
    };
    output.text = render(&told, &servers, args.json)?;
    Ok(output)
}

/// Explains names by a finished report.
fn by_report(
    path: &Path,
    asked: &[(String, MailDomain)],
    suffixes: &SuffixList,
    verified_at: Option<Moment>,
    output: &mut Output,
) -> Result<(Vec<Explanation>, Vec<ToldServerDomain>)> {
    let report = Report::open(path)?;
    let Recorded { told, servers, missing } = recorded::explain(&report, asked, suffixes, verified_at)?;
    let absent = |name: &String| {
        let what = format!("`{}` is not in the report: no account leads to it", escape::line(name));
        Error::failure(path, what)
            .hint("leave out `--report`, and name zones and RDAP answers to judge it anew")
    };
    match missing.first().filter(|_| told.is_empty() && servers.is_empty()) {
        Some(name) => return Err(absent(name)),
        None => output.blame(missing.iter().map(absent)),
    }
    output.incomplete_if(!missing.is_empty());
    output.warn_of(&report);
    Ok((told, servers))
}

/// One page a name, or one object a line.
fn render(told: &[Explanation], servers: &[ToldServerDomain], json: bool) -> Result<String> {
    if json {
        let lines = told.iter().map(serde_json::to_string).chain(servers.iter().map(serde_json::to_string));
        return lines.map(|line| line.map(|line| line + "\n").map_err(Error::internal)).collect();
    }
    let pages: Vec<String> =
        told.iter().map(text::render).chain(servers.iter().map(text::render_server)).collect();
    Ok(pages.join("\n"))
}

fn read_moment(text: &str) -> Result<Moment> {
    let what = || format!("`--verified-at`: expected a date or time, found `{text}`");
    Moment::read(text, BareDate::End).ok_or_else(|| Error::usage(what()))
}

/// The names with their mail domains.
fn read_names(
    names: &[String],
    subject: Subject,
    suffixes: &SuffixList,
) -> Result<Vec<(String, MailDomain)>> {
    names.iter().map(|name| Ok((name.clone(), read_name(name, subject, suffixes)?))).collect()
}

/// The mail domain of an argument, as the audit would take it from a row. In the place of an address a domain will do.
fn read_name(name: &str, subject: Subject, suffixes: &SuffixList) -> Result<MailDomain> {
    let is_domain = subject == Subject::Address && !name.contains('@');
    let subject = if is_domain { Subject::Domain } else { subject };
    subject.mail_domain(name, suffixes).map_err(|rejection| {
        let error = Error::usage(format!("`{name}` would be rejected: {rejection}"));
        match Subject::guess(name, suffixes).filter(|guess| *guess != subject) {
            Some(guess) => error.hint(Hint::TellSubject(guess.words())),
            None if is_domain || subject == Subject::Address => error.hint("name a domain or an address"),
            None => error.hint(format!("name one of {}", subject.words().plural)),
        }
    })
}
