//! Progress on standard error: the only thing that is written before a run ends.
//!
//! The rooms know only [`Progress`]: what is being done, and how many bytes of input were read. On a terminal this is a
//! bar as wide as the terminal lets it be. Without a terminal it is a line every two seconds, if asked for. Both say
//! the same in the same units. A stage whose bytes are not known has neither total nor time left. Hidden, the same
//! calls cost an atomic addition.

#[cfg(feature = "fetch")]
mod board;

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[cfg(feature = "fetch")]
pub(crate) use board::{HostProgress, ProgressBoard};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::time::Moment;
use crate::wording::{human_bytes, human_duration};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(2);
/// A stage that is younger says nothing of its speed yet.
const SETTLING: Duration = Duration::from_millis(500);

named_enum! {
    /// When to draw progress.
    #[derive(Default, clap::ValueEnum)]
    pub enum ProgressMode {
        /// If standard error is a terminal.
        #[default]
        Auto = "auto",
        /// Even if it is not: a line every two seconds.
        Always = "always",
        /// Not at all.
        Never = "never",
    }
}

/// The progress of a run; clones share it.
#[derive(Debug, Clone)]
pub struct Progress {
    bar: ProgressBar,
    is_drawn: bool,
    lines: Option<Arc<ProgressLines>>,
}

#[derive(Debug)]
struct ProgressLines {
    /// Whether lines are JSON objects.
    json: bool,
    done: AtomicU64,
    stage: Mutex<Stage>,
}

/// A part of the work.
#[derive(Debug)]
struct Stage {
    what: String,
    /// Bytes of input; 0 if they are not known.
    total: u64,
    started: Instant,
    last_line: Instant,
}

impl Progress {
    /// Draws to standard error as `mode` says. Where messages are JSON objects there is no bar.
    pub(crate) fn new(mode: ProgressMode, json: bool) -> Self {
        let terminal = std::io::stderr().is_terminal() && !json;
        let is_drawn = terminal && mode != ProgressMode::Never;
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let lines = (mode == ProgressMode::Always && !terminal).then(|| {
            let stage = Mutex::new(Stage::new("", 0));
            Arc::new(ProgressLines { json, done: AtomicU64::new(0), stage })
        });
        Self { bar, is_drawn, lines }
    }

    /// No progress at all.
    pub fn hidden() -> Self {
        Self::new(ProgressMode::Never, false)
    }

    /// Starts a new part of the work, over `total` bytes of input; 0 if they are not known.
    pub(crate) fn start(&self, what: &str, total: u64) {
        // drawn once, when all of it is new
        if self.is_drawn {
            self.bar.finish_and_clear();
            self.bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        self.bar.set_style(style(total > 0));
        self.bar.set_message(what.to_owned());
        self.bar.set_length(total);
        self.bar.reset();
        if self.is_drawn {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.tick();
        }
        if let Some(lines) = &self.lines
            && let Ok(mut stage) = lines.stage.lock()
        {
            lines.done.store(0, Ordering::Relaxed);
            *stage = Stage::new(what, total);
        }
    }

    /// There are `bytes` more of input than expected.
    pub(crate) fn expect(&self, bytes: u64) {
        if self.bar.length() == Some(0) && bytes > 0 {
            self.bar.set_style(style(true));
        }
        self.bar.inc_length(bytes);
        if let Some(lines) = &self.lines
            && let Ok(mut stage) = lines.stage.lock()
        {
            stage.total += bytes;
        }
    }

    /// `bytes` more of the input were read.
    pub(crate) fn advance(&self, bytes: u64) {
        self.bar.inc(bytes);
        if let Some(lines) = &self.lines {
            lines.advance(bytes);
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How a stage is drawn: with a bar if its bytes are known. The bar takes what the terminal has left.
fn style(is_known: bool) -> ProgressStyle {
    let template = if is_known { "{msg} {wide_bar} {amount}" } else { "{msg} {amount}" };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("amount", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = text.write_str(&amount(state.pos(), state.len().unwrap_or_default(), state.elapsed()));
    })
}

/// How much of a stage is done, how fast, and how long it will take.
fn amount(done: u64, total: u64, since: Duration) -> String {
    if total == 0 && done == 0 {
        return String::new();
    }
    let mut text = human_bytes(done);
    if total > 0 {
        let _ = write!(text, " of {}", human_bytes(total.max(done)));
    }
    if since >= SETTLING && done > 0 {
        let rate = done as f64 / since.as_secs_f64();
        let _ = write!(text, ", {}/s", human_bytes(rate as u64));
        if total > done {
            let left = Duration::from_secs_f64(((total - done) as f64 / rate).min(1e9));
            let _ = write!(text, ", {} left", human_duration(left));
        }
    }
    text
}

impl Stage {
    fn new(what: &str, total: u64) -> Self {
        let now = Instant::now();
        Self { what: what.to_owned(), total, started: now, last_line: now }
    }
}

/// A line of progress as a JSON object, like the messages of commands.
fn progress_object(message: &str, mut fields: serde_json::Value) -> String {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("time".to_owned(), Moment::now().to_string().into());
        fields.insert("level".to_owned(), "info".into());
        fields.insert("message".to_owned(), message.into());
    }
    fields.to_string()
}

impl ProgressLines {
    fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let Ok(mut stage) = self.stage.try_lock() else { return };
        if stage.last_line.elapsed() < LINE_EVERY {
            return;
        }
        stage.last_line = Instant::now();
        let Stage { what, total, started, .. } = &*stage;
        let message = format!("{what}: {}", amount(done, *total, started.elapsed()));
        let line = match self.json {
            false => message,
            true => {
                let total = (*total > 0).then_some(total);
                progress_object(&message, serde_json::json!({ "stage": what, "done": done, "total": total }))
            }
        };
        let _ = std::io::stderr().write_all((line + "\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(done: u64, total: u64, seconds: f64, expected: &str) {
        assert_eq!(amount(done, total, Duration::from_secs_f64(seconds)), expected);
    }

    #[test]
    fn amounts() {
        says(0, 0, 9.0, "");
        says(0, 187_000_000, 0.1, "0 B of 187 MB");
        says(50_000_000, 187_000_000, 0.1, "50 MB of 187 MB");
        says(50_000_000, 187_000_000, 1.0, "50 MB of 187 MB, 50 MB/s, 2.7 s left");
        says(1_500_000, 0, 1.0, "1.5 MB, 1.5 MB/s");
        says(187_000_000, 187_000_000, 2.0, "187 MB of 187 MB, 93 MB/s");
        // more came than was expected
        says(200, 100, 0.0, "200 B of 200 B");
        says(1, u64::MAX, 1.0, "1 B of 18,446,744 TB, 1 B/s, 277777 h 46 min left");
    }
}
