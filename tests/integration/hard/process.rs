//! The program as a process under limits: how it ended, what it said, how much memory it took.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Verdict;

/// Seconds after which a run hangs: far more than any takes, on a slow machine and with others beside it. Bombs of long
/// runs are larger.
const SECONDS: u64 = 60;
const SECONDS_OF_LONG_RUNS: u64 = 300;
/// Memory that no small input may take, in MiB.
const RESIDENT: u64 = 1024;
/// User and group that own nothing.
pub(super) const NOBODY: u32 = 65534;

/// What became of a process.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was killed because it did not come to an end.
    pub hung: bool,
    /// The most memory it held, in KiB, as far as the system tells.
    pub resident: u64,
    pub stderr: String,
    /// How it was called.
    pub command: String,
}

/// A process that was started. What it writes to standard output is not looked at.
pub(super) struct Running {
    child: Child,
    stderr: Option<JoinHandle<String>>,
    command: String,
    started: Instant,
}

impl Running {
    pub(super) fn start(command: &mut Command) -> Self {
        let words = std::iter::once(command.get_program()).chain(command.get_args());
        let text = words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("`{text}` cannot be started: {error}"));
        let stderr = child.stderr.take().map(collect);
        Self { child, stderr, command: text, started: Instant::now() }
    }

    /// Whether it has come to its end.
    pub(super) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) {
        // gone already is as good
        let _ = kill_process(Pid::from_child(&self.child), signal);
    }

    /// Waits for its end, at most for a while.
    pub(super) fn wait(mut self) -> Ended {
        let (mut resident, mut hung) = (0, false);
        let is_long = std::env::var_os("ZONELAPSE_MINUTES").is_some();
        let patience = Duration::from_secs(if is_long { SECONDS_OF_LONG_RUNS } else { SECONDS });
        let status = loop {
            resident = resident.max(most_memory(self.child.id()));
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                break status;
            }
            if self.started.elapsed() > patience && !hung {
                hung = true;
                self.child.kill().expect("a child can be killed");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let stderr = self.stderr.map(|reader| reader.join().expect("a reader does not panic"));
        Ended {
            status: status.code(),
            signal: status.signal(),
            hung,
            resident,
            stderr: stderr.unwrap_or_default(),
            command: self.command,
        }
    }
}

/// Runs a command to its end.
pub(super) fn run(command: &mut Command) -> Ended {
    Running::start(command).wait()
}

/// The same command, started by a shell that has run `before`, such as `ulimit`, first.
pub(super) fn after_shell(before: &str, command: &Command) -> Command {
    shell(&format!("{before}; exec \"$@\""), command)
}

/// A shell script with the command as its `"$@"`.
pub(super) fn shell(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        shell.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdin(Stdio::null());
    shell
}

impl Ended {
    /// What holds of every run: it ends by itself, with one of the three statuses, without a panic and in bounds.
    pub(super) fn is_sound(&self) -> Verdict {
        self.is_sound_within(RESIDENT)
    }

    /// The same with so many MiB of memory.
    pub(super) fn is_sound_within(&self, resident: u64) -> Verdict {
        let what = match (self.hung, self.status, self.signal) {
            (true, ..) => "it does not come to an end".to_owned(),
            (_, Some(0..=2), _) if self.stderr.contains("panicked at") => "a panic".to_owned(),
            (_, Some(0..=2), _) if self.resident > resident << 10 => {
                format!("{} MiB of memory", self.resident >> 10)
            }
            (_, Some(0..=2), _) => return Ok(()),
            (_, Some(status), _) => format!("exit status {status}"),
            (_, None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
        };
        Err(self.fault(&what))
    }

    /// A fault of this run, in words.
    pub(super) fn fault(&self, what: &str) -> String {
        let end = |text: &str| {
            let skipped = text.chars().count().saturating_sub(1500);
            text.chars().skip(skipped).collect::<String>()
        };
        let status = self.status.map_or("none".to_owned(), |status| status.to_string());
        format!("{what}\n  command: {}\n  status {status}, stderr: {}", self.command, end(&self.stderr))
    }
}

/// Reads an output to its end; of a very long one, the beginning.
fn collect(output: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let (mut output, mut bytes) = (output, Vec::new());
        let _ = output.by_ref().take(1 << 20).read_to_end(&mut bytes);
        let _ = std::io::copy(&mut output, &mut std::io::sink());
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The most memory a process has held so far, in KiB; 0 where the system does not tell.
fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
