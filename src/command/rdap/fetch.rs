//! `rdap fetch` for people: the plan, the progress, the summary.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::cli::FetchArgs;
use crate::config::use_threads;
use crate::error::{Error, Result, Told};
use crate::escape;
use crate::fetch::{Fetched, Options, Plan, Rates, Served, Unasked, WantedNames, fetch};
use crate::progress::ProgressMode;
use crate::rdap::normalize;
use crate::report::finished::Report;
use crate::report::summary::grouped;

/// Who is told to servers unless the user names a contact.
const CONTACT: &str = "https://crates.io/crates/zonelapse";
/// Time between two lines of progress where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(2);

pub(super) fn run(args: &FetchArgs) -> Result<Told> {
    let options = options(args)?;
    use_threads(0)?;
    let plan = Plan::of(&options, wanted(&args.what)?)?;
    if args.dry_run {
        return Ok(Told { text: told_plan(&plan, args.servers), ..Told::default() });
    }
    let (young, skipped) = (plan.young, told_unasked(&plan));
    let board = Board::new(args.telling.mode(), &plan);
    let fetched = fetch(plan, &options, Box::new(move |served| board.tell(served)))?;
    let text = if args.telling.quiet { String::new() } else { summary(args, &fetched, young) + &skipped };
    Ok(Told { text, incomplete: fetched.interrupted || !fetched.is_complete(), ..Told::default() })
}

fn options(args: &FetchArgs) -> Result<Options> {
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
        return Err(Error::usage("`--contact`: expected ASCII text, for it goes into a header"));
    }
    Ok(Options {
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
            wanted.add_report(report.table("accounts")?, report.table("domains")?)?;
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

/// A time for people.
fn spoken(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

fn told_plan(plan: &Plan, servers: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} questions to {} servers would take {} or more",
        grouped(plan.questions() as u64),
        plan.hosts().count(),
        spoken(plan.duration(servers))
    );
    if plan.questions() > 0 {
        let _ = writeln!(
            text,
            "\n{:>10} {:>9} {:>14}  server, and what it is asked first",
            "questions", "a second", "time"
        );
    }
    for (_, questions, interval, first) in plan.hosts() {
        let time = spoken(interval * u32::try_from(questions).unwrap_or(u32::MAX));
        let rate = 1.0 / interval.as_secs_f64();
        let _ = writeln!(
            text,
            "{:>10} {rate:>9.2} {time:>14}  {}",
            grouped(questions as u64),
            escape::line(first)
        );
    }
    if plan.young > 0 {
        let _ = writeln!(text, "\n{} names have answers that are young enough", grouped(plan.young));
    }
    text + &told_unasked(plan)
}

fn told_unasked(plan: &Plan) -> String {
    let mut text = String::new();
    for (reason, (count, samples)) in &plan.unasked {
        let more = if *count > samples.len() as u64 { " …" } else { "" };
        let count = grouped(*count);
        let reason = match reason {
            Unasked::Limit => "names beyond `--limit`".to_owned(),
            reason => format!("not asked: {}", reason.text()),
        };
        let _ = writeln!(text, "{count} {reason}: {}{more}", escape::line(&samples.join(", ")));
    }
    text
}

fn summary(args: &FetchArgs, fetched: &Fetched, young: u64) -> String {
    let mut text = String::new();
    let sum = |count: fn(&Served) -> u64| fetched.served.iter().map(count).sum::<u64>();
    let _ = writeln!(
        text,
        "{} names asked about in {}: {} found, {} not found, {} errors; {} had young answers",
        grouped(sum(Served::done)),
        spoken(fetched.took),
        grouped(sum(|served| served.found)),
        grouped(sum(|served| served.not_found)),
        grouped(sum(|served| served.errors)),
        grouped(young)
    );
    if !fetched.served.is_empty() {
        let columns = ["found", "not found", "errors", "left", "busy", "repeated"];
        let heads: Vec<String> = columns.iter().map(|head| format!("{head:>9}")).collect();
        let _ = writeln!(text, "\n{}  server", heads.join(" "));
    }
    for served in &fetched.served {
        let Served { found, not_found, errors, left, busy, repeated, .. } = served;
        for count in [*found, *not_found, *errors, *left as u64, *busy, *repeated] {
            let _ = write!(text, "{:>9} ", grouped(count));
        }
        let _ = writeln!(text, " {} ({})", escape::line(&served.host), spoken(served.took));
        if let Some(why) = &served.given_up {
            let _ = writeln!(text, "{:>12}given up: {}", "", escape::sample(why));
        }
        if let Some(sample) = &served.sample {
            let _ = writeln!(text, "{:>12}first error: {}", "", escape::sample(sample));
        }
        if served.unusual > 0 {
            let unusual = grouped(served.unusual);
            let _ = writeln!(text, "{:>12}{unusual} answers are not quite as RFC 9083 has them", "");
        }
    }
    if fetched.mended > 0 {
        let _ =
            writeln!(text, "\na torn last line of {} bytes was taken away first", grouped(fetched.mended));
    }
    let _ = writeln!(text, "\nanswers are in {}", escape::path(&args.output));
    if fetched.interrupted {
        let _ = writeln!(text, "stopped; the same command goes on from here");
    }
    if args.contact.is_none() {
        let _ = writeln!(text, "servers were told no contact of yours: name one with `--contact`");
    }
    text
}

/// What is shown while servers are asked: of each how far it is, how fast, and the time left.
enum Board {
    Hidden,
    Bars(MultiProgress, Mutex<HashMap<String, ProgressBar>>),
    Lines(Mutex<Lines>),
}

struct Lines {
    hosts: HashMap<String, (u64, u64)>,
    started: Instant,
    said: Instant,
    /// What is planned in all; registrars come on top.
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
                Self::Lines(Mutex::new(Lines { hosts: HashMap::new(), started: now, said: now, total }))
            }
            _ => Self::Hidden,
        }
    }

    fn tell(&self, served: &Served) {
        let planned = served.planned as u64;
        match self {
            Self::Hidden => {}
            Self::Bars(bars, hosts) => {
                let Ok(mut hosts) = hosts.lock() else { return };
                let bar = hosts.entry_ref(served.host.as_str()).or_insert_with(|| {
                    let template = "{msg:40!} {bar:24} {pos:>7} of {len:7} {per_sec:>10}  {eta} left";
                    let style = ProgressStyle::with_template(template);
                    let bar = ProgressBar::new(planned).with_message(escape::line(&served.host).into_owned());
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    bars.add(bar)
                });
                bar.set_position(served.done());
                if served.done() + served.left as u64 >= planned {
                    bar.finish_and_clear();
                }
            }
            Self::Lines(lines) => {
                let Ok(mut lines) = lines.lock() else { return };
                lines.hosts.insert(served.host.clone(), (served.done(), planned));
                if lines.said.elapsed() >= LINE_EVERY {
                    lines.said = Instant::now();
                    let _ = std::io::stderr().write_all(lines.text().as_bytes());
                }
            }
        }
    }
}

impl Lines {
    fn text(&self) -> String {
        let mut text = String::new();
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let done: u64 = self.hosts.values().map(|(done, _)| done).sum();
        let _ = writeln!(text, "{} of {} names asked about", grouped(done), grouped(self.total));
        let mut open: Vec<_> = self.hosts.iter().filter(|(_, (done, planned))| done < planned).collect();
        open.sort();
        for (host, (done, planned)) in open {
            let rate = *done as f64 / seconds;
            let left = Duration::from_secs_f64(((planned - done) as f64 / rate.max(1e-3)).min(1e9));
            let _ = writeln!(
                text,
                "  {}: {done} of {planned}, {rate:.2}/s, {} left",
                escape::line(host),
                spoken(left)
            );
        }
        text
    }
}
