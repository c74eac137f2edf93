//! The command `rdap fetch`: the plan, the progress, and the summary.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::FetchArgs;
use crate::command::Output;
use crate::config::{check_file, use_threads};
use crate::error::{Error, Result};
use crate::escape;
use crate::fetch::{FetchOptions, Fetched, HostStats, Plan, Rates, ServerNames, Unasked, WantedNames, fetch};
use crate::progress::{HostProgress, ProgressBoard};
use crate::rdap::normalize;
use crate::report::finished::Report;
use crate::wording::{agree, count, grouped, human_duration};

/// The contact that servers are told unless the user names one.
const CONTACT: &str = "https://crates.io/crates/zonelapse";

/// Fetches answers, or only shows the plan.
pub(super) fn run(args: &FetchArgs) -> Result<Output> {
    let options = options(args)?;
    check_file(&args.output)?;
    use_threads(0)?;
    let plan = Plan::of(&options, wanted(&args.what)?)?;
    if args.dry_run {
        return Ok(Output::of(describe_plan(&plan, args.servers)));
    }
    let (fresh, skipped) = (plan.fresh, describe_unasked(&plan));
    let unasked: u64 = plan.unasked.values().map(|(number, _)| number).sum();
    let board =
        ProgressBoard::new(args.messages.progress_mode(), args.messages.json, plan.questions() as u64);
    let fetched = fetch(plan, &options, Box::new(move |stats| board.update(&progress_of(stats))))?;
    let mut output = Output::summary("");
    if fetched.interrupted {
        output.incomplete_because("stopped; run the same command again to continue".to_owned());
    } else if !fetched.is_complete() {
        let of = |number: fn(&HostStats) -> u64| -> u64 {
            fetched.stats.iter().filter(|host| !host.is_lead).map(number).sum()
        };
        let (errors, left) = (of(|host| host.errors), of(|host| host.left as u64));
        let (errors, left) = (count(errors, "question"), count(left, "question"));
        output.incomplete_because(format!("{errors} got no usable answer, and {left} were not asked"));
    }
    if !args.messages.quiet {
        output.text = summary(args, &fetched, fresh) + &skipped;
        output.fields = Some(fields(args, &fetched, fresh, unasked));
    }
    Ok(output)
}

fn options(args: &FetchArgs) -> Result<FetchOptions> {
    let seconds = |option: &str, seconds: f64| {
        let is_time = seconds > 0.0 && seconds <= 86_400.0;
        let what = || Error::usage(format!("`{option}`: expected more than 0 and at most 86400 seconds"));
        is_time.then(|| Duration::from_secs_f64(seconds)).ok_or_else(what)
    };
    if args.servers == 0 || args.max_bytes == 0 {
        return Err(Error::usage("`--servers` and `--max-bytes` must be more than 0"));
    }
    let contact = args.contact.as_deref().unwrap_or(CONTACT);
    if !contact.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(Error::usage("`--contact`: expected ASCII text, because it goes into a header"));
    }
    Ok(FetchOptions {
        output: args.output.clone(),
        known: args.rdap.clone(),
        max_age_days: args.max_rdap_age_days,
        bootstrap: args.bootstrap.clone(),
        rates: Rates::of(&args.rate),
        servers: args.servers,
        timeout: seconds("--timeout", args.timeout)?,
        max_bytes: args.max_bytes,
        max_redirects: args.max_redirects,
        max_wait: seconds("--max-wait", args.max_wait)?,
        insecure: args.insecure_http.clone(),
        user_agent: format!("zonelapse/{} (+{contact})", env!("CARGO_PKG_VERSION")),
        follow_registrar: args.follow_registrar,
        limit: args.limit,
    })
}

/// The names that were asked for: in report directories, in files of names, `-`, or as typed.
fn wanted(asked: &[String]) -> Result<WantedNames> {
    let mut wanted = WantedNames::default();
    for text in asked {
        let path = Path::new(text);
        if path.is_dir() {
            let report = Report::open(path)?;
            let servers = match report.servers()? {
                Some(servers) => ServerNames::Servers(servers),
                None => ServerNames::Domains(report.table("domains")?),
            };
            wanted.add_report(report.table("accounts")?, servers)?;
        } else if path.is_file() || text == "-" {
            wanted.add_file(path)?;
        } else if text.contains('.') && normalize(text).is_some() {
            wanted.add(text);
        } else {
            let what = format!("`{text}` is not a report directory, a file or a domain name");
            let hint = "name a directory that `zonelapse audit` wrote, a file of names, or names";
            return Err(Error::usage(what).hint(hint));
        }
    }
    Ok(wanted)
}

fn progress_of(stats: &HostStats) -> HostProgress<'_> {
    HostProgress {
        host: &stats.host,
        planned: stats.planned as u64,
        done: stats.done(),
        left_out: stats.left as u64,
    }
}

fn describe_plan(plan: &Plan, servers: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} to {} would take at least {}",
        count(plan.questions() as u64, "question"),
        count(plan.hosts().count() as u64, "server"),
        human_duration(plan.duration(servers))
    );
    if plan.questions() > 0 {
        let heads = ["questions", "per second", "time"];
        let _ = writeln!(
            text,
            "\n{:>10} {:>10} {:>14}  first question to each server",
            heads[0], heads[1], heads[2]
        );
    }
    for (_, questions, interval, first) in plan.hosts() {
        let time = human_duration(interval * u32::try_from(questions).unwrap_or(u32::MAX));
        let rate = 1.0 / interval.as_secs_f64();
        let questions = grouped(questions as u64);
        let _ = writeln!(text, "{questions:>10} {rate:>10.2} {time:>14}  {}", escape::line(first));
    }
    if plan.fresh > 0 {
        let has = agree(plan.fresh, "has", "have");
        let _ = writeln!(text, "\n{} {has} a recent answer", count(plan.fresh, "name"));
    }
    text + &describe_unasked(plan)
}

fn describe_unasked(plan: &Plan) -> String {
    let mut text = String::new();
    for (reason, (number, samples)) in &plan.unasked {
        let more = if *number > samples.len() as u64 { " …" } else { "" };
        let remedy = match reason {
            Unasked::NotHttps | Unasked::NotPublic => " (`--insecure-http HOST` allows it)",
            Unasked::Limit => " (`--limit`)",
            Unasked::NotName | Unasked::NoServer => "",
        };
        let names = count(*number, "name");
        let reason = reason.explanation();
        let samples = samples.join(", ");
        let _ = writeln!(text, "{names} not asked about, {reason}{remedy}: {}{more}", escape::line(&samples));
    }
    text
}

/// The summary as the fields of a JSON object.
fn fields(args: &FetchArgs, fetched: &Fetched, fresh: u64, unasked: u64) -> Value {
    let sum = |number: fn(&HostStats) -> u64| fetched.stats.iter().map(number).sum::<u64>();
    let server = |host: &HostStats| {
        json!({
            "server": host.host,
            "found": host.found,
            "not_found": host.not_found,
            "errors": host.errors,
            "left": host.left,
            "busy": host.busy,
            "repeated": host.repeated,
            "unusual": host.unusual,
            "given_up": host.given_up,
            "first_error": host.sample,
            "seconds": host.took.as_secs_f64(),
        })
    };
    json!({
        "message": "answers fetched",
        "output": args.output,
        "asked": sum(HostStats::done),
        "found": sum(|host| host.found),
        "not_found": sum(|host| host.not_found),
        "errors": sum(|host| host.errors),
        "left": sum(|host| host.left as u64),
        "recent": fresh,
        "not_asked": unasked,
        "torn_bytes_removed": fetched.mended,
        "servers": fetched.stats.iter().map(server).collect::<Vec<_>>(),
        "seconds": fetched.took.as_secs_f64(),
    })
}

fn summary(args: &FetchArgs, fetched: &Fetched, fresh: u64) -> String {
    let mut text = String::new();
    let sum = |number: fn(&HostStats) -> u64| fetched.stats.iter().map(number).sum::<u64>();
    let _ = writeln!(
        text,
        "asked about {} in {}: {} found, {} not found, {}; {} had recent answers",
        count(sum(HostStats::done), "name"),
        human_duration(fetched.took),
        grouped(sum(|host| host.found)),
        grouped(sum(|host| host.not_found)),
        count(sum(|host| host.errors), "error"),
        grouped(fresh)
    );
    if !fetched.stats.is_empty() {
        let columns = ["found", "not found", "errors", "left", "busy", "repeated"];
        let heads: Vec<String> = columns.iter().map(|head| format!("{head:>9}")).collect();
        let _ = writeln!(text, "\n{}  server", heads.join(" "));
    }
    fetched.stats.iter().for_each(|host| describe_host(host, &mut text));
    if fetched.mended > 0 {
        let _ = writeln!(text, "\nremoved a torn last line of {} first", count(fetched.mended, "byte"));
    }
    let _ = writeln!(text, "\nthe answers are in {}", escape::path(&args.output));
    if args.contact.is_none() {
        let _ = writeln!(text, "servers did not learn how to reach you: name an address with `--contact`");
    }
    text
}

fn describe_host(host: &HostStats, text: &mut String) {
    let HostStats { found, not_found, errors, left, busy, repeated, .. } = host;
    for number in [*found, *not_found, *errors, *left as u64, *busy, *repeated] {
        let _ = write!(text, "{:>9} ", grouped(number));
    }
    let _ = writeln!(text, " {} ({})", escape::line(&host.host), human_duration(host.took));
    if let Some(why) = &host.given_up {
        let _ = writeln!(text, "{:>12}given up: {}", "", escape::sample(why));
    }
    if let Some(sample) = &host.sample {
        let _ = writeln!(text, "{:>12}first error: {}", "", escape::sample(sample));
    }
    if host.unusual > 0 {
        let (unusual, does) = (count(host.unusual, "answer"), agree(host.unusual, "does", "do"));
        let _ = writeln!(text, "{:>12}{unusual} {does} not quite follow RFC 9083", "");
    }
}
