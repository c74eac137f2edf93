//! Progress on standard error: the only thing that is written before a run ends.
//!
//! The rooms know only [`Progress`]: what is being done, and how many bytes of input were read. On a terminal this is a
//! bar with rate and time left. Without a terminal it is a line every two seconds, if asked for. Hidden, the same calls
//! cost an atomic addition.

#[cfg(feature = "fetch")]
mod board;

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[cfg(feature = "fetch")]
pub(crate) use board::{HostProgress, ProgressBoard};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Time between two lines where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(2);

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
    lines: Option<Arc<ProgressLines>>,
}

#[derive(Debug)]
struct ProgressLines {
    done: AtomicU64,
    state: Mutex<(String, u64, Instant, Instant)>,
}

impl Progress {
    /// Draws to standard error as `mode` says.
    pub(crate) fn new(mode: ProgressMode) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = match mode {
            ProgressMode::Auto | ProgressMode::Always if terminal => ProgressDrawTarget::stderr(),
            _ => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let template = "{msg:20} {bar:30} {bytes:>10} of {total_bytes:10} {bytes_per_sec:>12}  {eta} left";
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let lines = (mode == ProgressMode::Always && !terminal).then(|| {
            let state = Mutex::new((String::new(), 0, Instant::now(), Instant::now()));
            Arc::new(ProgressLines { done: AtomicU64::new(0), state })
        });
        Self { bar, lines }
    }

    /// No progress at all.
    pub fn hidden() -> Self {
        Self::new(ProgressMode::Never)
    }

    /// Starts a new part of the work, over `total` bytes of input.
    pub(crate) fn start(&self, what: &str, total: u64) {
        self.bar.reset();
        self.bar.set_length(total);
        self.bar.set_message(what.to_owned());
        if let Some(lines) = &self.lines
            && let Ok(mut state) = lines.state.lock()
        {
            lines.done.store(0, Ordering::Relaxed);
            *state = (what.to_owned(), total, Instant::now(), Instant::now());
        }
    }

    /// There are `bytes` more of input than expected.
    pub(crate) fn expect(&self, bytes: u64) {
        self.bar.inc_length(bytes);
        if let Some(lines) = &self.lines
            && let Ok(mut state) = lines.state.lock()
        {
            state.1 += bytes;
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

impl ProgressLines {
    fn advance(&self, bytes: u64) {
        let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let Ok(mut state) = self.state.try_lock() else { return };
        let (what, total, started, last_line) = &mut *state;
        if last_line.elapsed() < LINE_EVERY {
            return;
        }
        *last_line = Instant::now();
        let rate = done as f64 / started.elapsed().as_secs_f64();
        let left = (total.saturating_sub(done)) as f64 / rate.max(1.0);
        let line = format!(
            "{what}: {} of {} MB, {:.0} MB/s, {left:.0} s left\n",
            done / 1_000_000,
            *total / 1_000_000,
            rate / 1e6
        );
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}
