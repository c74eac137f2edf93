//! The progress of many servers that are asked at the same time: how far each is, how fast, and the time left.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{LINE_EVERY, ProgressMode, progress_object};
use crate::escape;
use crate::wording::{grouped, human_duration};

/// How far one server is.
#[derive(Debug)]
pub(crate) struct HostProgress<'h> {
    /// The server.
    pub(crate) host: &'h str,
    /// Questions that are done with.
    pub(crate) done: u64,
    /// Questions that will not be asked.
    pub(crate) left_out: u64,
    /// Questions that were planned.
    pub(crate) planned: u64,
}

/// A bar for each server on a terminal; elsewhere, if asked for, some lines now and then.
#[derive(Debug)]
pub(crate) struct ProgressBoard {
    form: Form,
}

#[derive(Debug)]
enum Form {
    Hidden,
    Bars(MultiProgress, Mutex<HashMap<String, ProgressBar>>),
    Lines(Mutex<HostLines>),
}

#[derive(Debug)]
struct HostLines {
    /// Done and planned questions of each server.
    hosts: HashMap<String, (u64, u64)>,
    started: Instant,
    last_line: Instant,
    /// What was planned at first; further servers come on top.
    total: u64,
    /// Whether a line is a JSON object.
    json: bool,
}

impl ProgressBoard {
    /// A board for `total` questions.
    pub(crate) fn new(mode: ProgressMode, json: bool, total: u64) -> Self {
        let now = Instant::now();
        let form = match (mode, io::stderr().is_terminal() && !json) {
            (ProgressMode::Auto | ProgressMode::Always, true) => {
                Form::Bars(MultiProgress::new(), Mutex::default())
            }
            (ProgressMode::Always, false) => {
                let hosts = HashMap::new();
                Form::Lines(Mutex::new(HostLines { hosts, started: now, last_line: now, total, json }))
            }
            _ => Form::Hidden,
        };
        Self { form }
    }

    /// Shows how far a server is now.
    pub(crate) fn update(&self, progress: &HostProgress<'_>) {
        match &self.form {
            Form::Hidden => {}
            Form::Bars(bars, hosts) => {
                let Ok(mut hosts) = hosts.lock() else { return };
                let bar = hosts.entry_ref(progress.host).or_insert_with(|| bars.add(new_bar(progress)));
                bar.set_position(progress.done);
                if progress.done + progress.left_out >= progress.planned {
                    bar.finish_and_clear();
                }
            }
            Form::Lines(lines) => {
                let Ok(mut lines) = lines.lock() else { return };
                lines.hosts.insert(progress.host.to_owned(), (progress.done, progress.planned));
                if lines.last_line.elapsed() >= LINE_EVERY {
                    lines.last_line = Instant::now();
                    let text = lines.text();
                    let text = if lines.json { progress_objects(&text) } else { text };
                    let _ = io::stderr().write_all(text.as_bytes());
                }
            }
        }
    }
}

fn new_bar(progress: &HostProgress<'_>) -> ProgressBar {
    let template = "{msg:40!} {bar:24} {pos:>7} of {len:7} {per_sec:>10}  {eta} left";
    let bar = ProgressBar::new(progress.planned).with_message(escape::line(progress.host).into_owned());
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

impl HostLines {
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
            let (host, left) = (escape::line(host), human_duration(left));
            let _ = writeln!(text, "  {host}: {done} of {planned}, {rate:.2}/s, {left} left");
        }
        text
    }
}

fn progress_objects(text: &str) -> String {
    text.lines().map(|line| progress_object(line.trim(), serde_json::json!({})) + "\n").collect()
}
