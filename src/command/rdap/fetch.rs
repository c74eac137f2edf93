//! The command `rdap fetch`: the plan, the progress, and the summary.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::FetchArgs;
use crate::config::use_threads;
use crate::error::{Error, Result, Told};
use crate::escape;
use crate::fetch::{FetchOptions, Fetched, HostStats, Plan, Rates, Unasked, fetch};
use crate::progress::ProgressMode;
use crate::wording::{agree, count, grouped, human_duration};

/// The contact that servers see unless the user names one.
const CONTACT: &str = "https://crates.io/crates/zonelapse";
/// Time between two lines of progress where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(2);

pub(super) fn run(args: &FetchArgs) -> Result<Told> {
    let options = options(args)?;
    use_threads(0)?;
    let plan = Plan::of(&options)?;
    if args.dry_run {
        return Ok(Told { text: describe_plan(&plan, args.servers), ..Told::default() });
    }
    let (fresh, skipped) = (plan.fresh, describe_unasked(&plan));
    let board = Board::new(args.telling.mode(), &plan);
    let fetched = fetch(plan, &options, Box::new(move |stats| board.tell(stats)))?;
    let text = if args.telling.quiet { String::new() } else { summary(args, &fetched, fresh) + &skipped };
    Ok(Told { text, incomplete: fetched.interrupted || !fetched.is_complete(), ..Told::default() })
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
        what: args.what.clone(),
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
    if fetched.interrupted {
        let _ = writeln!(text, "stopped; run the same command again to continue");
    }
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
        let unusual = count(host.unusual, "answer");
        let _ = writeln!(text, "{:>12}{unusual} not quite as RFC 9083 requires", "");
    }
}

/// The progress of each server: how far it is, how fast, and the time left.
enum Board {
    Hidden,
    Bars(MultiProgress, Mutex<HashMap<String, ProgressBar>>),
    Lines(Mutex<ProgressLines>),
}

struct ProgressLines {
    hosts: HashMap<String, (u64, u64)>,
    started: Instant,
    printed_at: Instant,
    /// All planned questions; questions to registrars come on top.
    total: u64,
}

impl Board {
    fn new(mode: ProgressMode, plan: &Plan) -> Self {
        let now = Instant::now();
        match (mode, std::io::stderr().is_terminal()) {
            (ProgressMode::Auto | ProgressMode::Always, true) => {
                Self::Bars(MultiProgress::new(), Mutex::default())
            }
            (ProgressMode::Always, false) => {
                let total = plan.questions() as u64;
                Self::Lines(Mutex::new(ProgressLines {
                    hosts: HashMap::new(),
                    started: now,
                    printed_at: now,
                    total,
                }))
            }
            _ => Self::Hidden,
        }
    }

    fn tell(&self, stats: &HostStats) {
        let planned = stats.planned as u64;
        match self {
            Self::Hidden => {}
            Self::Bars(bars, hosts) => {
                let Ok(mut hosts) = hosts.lock() else { return };
                let bar = hosts.entry_ref(stats.host.as_str()).or_insert_with(|| {
                    let template = "{msg:40!} {bar:24} {pos:>7} of {len:7} {per_sec:>10}  {eta} left";
                    let style = ProgressStyle::with_template(template);
                    let bar = ProgressBar::new(planned).with_message(escape::line(&stats.host).into_owned());
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    bars.add(bar)
                });
                bar.set_position(stats.done());
                if stats.done() + stats.left as u64 >= planned {
                    bar.finish_and_clear();
                }
            }
            Self::Lines(lines) => {
                let Ok(mut lines) = lines.lock() else { return };
                lines.hosts.insert(stats.host.clone(), (stats.done(), planned));
                if lines.printed_at.elapsed() >= LINE_EVERY {
                    lines.printed_at = Instant::now();
                    let _ = std::io::stderr().write_all(lines.text().as_bytes());
                }
            }
        }
    }
}

impl ProgressLines {
    fn text(&self) -> String {
        let mut text = String::new();
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let done: u64 = self.hosts.values().map(|(done, _)| done).sum();
        let _ = writeln!(text, "asked about {} of {}", grouped(done), count(self.total, "name"));
        let mut open: Vec<_> = self.hosts.iter().filter(|(_, (done, planned))| done < planned).collect();
        open.sort();
        for (host, (done, planned)) in open {
            let rate = *done as f64 / seconds;
            let left = Duration::from_secs_f64(((planned - done) as f64 / rate.max(1e-3)).min(1e9));
            let _ = writeln!(
                text,
                "  {}: {done} of {planned}, {rate:.2}/s, {} left",
                escape::line(host),
                human_duration(left)
            );
        }
        text
    }
}
