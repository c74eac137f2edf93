//! Signals that end a run: its temporary files are removed first, then it dies of the signal.
//!
//! A thread waits for SIGINT, SIGTERM and SIGHUP, so that the shell sees the death that it asked for (130, 143, 129). A
//! second signal ends the run at once; the next run then removes what was left. A signal that was ignored when the
//! program started, as under `nohup`, stays ignored.

use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use crate::files::temporary;

/// The thread that waits for signals.
#[derive(Debug)]
pub(crate) struct SignalWatch {
    received: Arc<AtomicUsize>,
    thread: JoinHandle<()>,
}

impl SignalWatch {
    /// Starts to wait. `tell` is called with the last message of a run that a signal ends.
    pub(crate) fn start(tell: impl Fn(String) + Send + 'static) -> io::Result<Self> {
        let (mut wakes, mut waker) = io::pipe()?;
        let received = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)) {
            // they are carried out in this order
            flag::register_usize(signal, Arc::clone(&received), signal.cast_unsigned() as usize)?;
            low_level::pipe::register_raw(signal, OwnedFd::from(waker.try_clone()?))?;
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            flag::register(signal, Arc::clone(&again))?;
        }
        // a signal that came between the first two woke nobody
        if received.load(Ordering::SeqCst) != 0 {
            waker.write_all(&[0])?;
        }
        let number = Arc::clone(&received);
        let thread = std::thread::Builder::new().name("signals".into()).spawn(move || {
            // without a signal to wait for, the pipe ends at once
            if let Ok(1) = wakes.read(&mut [0]) {
                end(number.load(Ordering::SeqCst) as i32, &tell);
            }
        })?;
        Ok(Self { received, thread })
    }

    /// Waits for the end if a signal has come: an error because files were just removed is not worth a message.
    pub(crate) fn settle(self) {
        if self.received.load(Ordering::SeqCst) != 0 {
            let _ = self.thread.join();
        }
    }
}

/// Cleans up and dies of the signal.
fn end(signal: i32, tell: &impl Fn(String)) {
    let (_undisturbed, are_gone) = temporary::remove_all();
    let name = low_level::signal_name(signal).unwrap_or("a signal");
    let done = if are_gone { "are removed" } else { "that are left are removed by the next run" };
    tell(format!("stopped by {name}; temporary files {done}"));
    if std::process::id() == 1 {
        // the first process of a container does not die of signals
        low_level::exit(128 + signal);
    }
    let _ = low_level::emulate_default_handler(signal);
}

/// Whether a signal is ignored, as far as the system tells.
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask >> (signal - 1) & 1 == 1
}
