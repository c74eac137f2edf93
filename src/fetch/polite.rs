//! One rate limit per host, shared by everyone who asks it.
//!
//! A host gets one question at a time. The next one follows no sooner than an interval after the last answer began.
//! So a server never sees more than the rate, however long a question takes to arrive.

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hashbrown::HashMap;
use tokio::time::Instant;

/// The longest interval between two questions to a busy server.
const SLOWEST: Duration = Duration::from_secs(60);

/// The fewest questions per second: about one a day.
const FEWEST: f64 = 0.00001;
/// The most questions per second.
const MOST: f64 = 1000.0;

/// Questions per second, by host.
#[derive(Debug, Clone)]
pub(crate) struct Rates {
    all: f64,
    hosts: HashMap<String, f64>,
}

/// One rate as typed: `N` or `HOST=N`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    host: Option<String>,
    questions: f64,
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, number) = match text.rsplit_once('=') {
            Some((host, number)) => (Some(host.trim().to_ascii_lowercase()), number),
            None => (None, text),
        };
        let questions: f64 = number.trim().parse().map_err(|_| format!("`{number}` is no number"))?;
        if !(FEWEST..=MOST).contains(&questions) {
            return Err(format!("expected at least {FEWEST} and at most {MOST} questions a second"));
        }
        Ok(Self { host, questions })
    }
}

impl Rates {
    /// The rates as typed. The last rate for a host counts. Without any, it is one question per second.
    pub(crate) fn of(typed: &[Rate]) -> Self {
        let mut rates = Self { all: 1.0, hosts: HashMap::new() };
        for rate in typed {
            match &rate.host {
                Some(host) => drop(rates.hosts.insert(host.clone(), rate.questions)),
                None => rates.all = rate.questions,
            }
        }
        rates
    }

    /// The time between two questions to a host (`host` or `host:port`).
    pub(crate) fn interval(&self, host: &str) -> Duration {
        let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
        let rate = self.hosts.get(host).or_else(|| self.hosts.get(bare)).unwrap_or(&self.all);
        Duration::from_secs_f64(1.0 / rate)
    }
}

/// The gates of all hosts.
#[derive(Debug)]
pub(super) struct Gates {
    rates: Rates,
    is_resumed: bool,
    gates: Mutex<HashMap<String, Arc<Gate>>>,
}

/// The gate of one host. Its holder may ask as soon as the time has come.
#[derive(Debug)]
pub(super) struct Gate(tokio::sync::Mutex<Turn>);

#[derive(Debug)]
struct Turn {
    next: Instant,
    interval: Duration,
}

impl Gates {
    /// With `is_resumed`, hosts are first given one interval of rest, because nobody knows when an earlier run last
    /// asked.
    pub(super) fn new(rates: Rates, is_resumed: bool) -> Self {
        Self { rates, is_resumed, gates: Mutex::default() }
    }

    pub(super) fn of(&self, host: &str) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let made = || {
            let interval = self.rates.interval(host);
            let wait = if self.is_resumed { interval } else { Duration::ZERO };
            let turn = Turn { next: Instant::now() + wait, interval };
            Arc::new(Gate(tokio::sync::Mutex::new(turn)))
        };
        Arc::clone(gates.entry_ref(host).or_insert_with(made))
    }
}

impl Gate {
    /// Waits for the host's turn and asks. The next turn comes an interval after the answer began.
    pub(super) async fn pass<T>(&self, question: impl Future<Output = T>) -> T {
        let mut turn = self.0.lock().await;
        tokio::time::sleep_until(turn.next).await;
        let answer = question.await;
        turn.next = Instant::now() + turn.interval;
        answer
    }

    /// Lets the host rest for this time. With `slower`, the interval doubles, too.
    pub(super) async fn rest(&self, wait: Duration, slower: bool) {
        let mut turn = self.0.lock().await;
        turn.next = turn.next.max(Instant::now() + wait);
        if slower {
            turn.interval = (turn.interval * 2).min(SLOWEST.max(turn.interval));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        let typed = ["2", "rdap.example=0.5", "Slow.example=0.1", "127.0.0.1:80=100"];
        let typed: Vec<Rate> = typed.iter().map(|rate| rate.parse().expect("a rate")).collect();
        let rates = Rates::of(&typed);
        let seconds = |host: &str| rates.interval(host).as_secs_f64();
        assert_eq!(seconds("other.example"), 0.5);
        assert_eq!(seconds("rdap.example"), 2.0);
        assert_eq!(seconds("rdap.example:8443"), 2.0);
        assert_eq!(seconds("slow.example"), 10.0);
        assert_eq!(seconds("127.0.0.1:80"), 0.01);
        assert_eq!(seconds("127.0.0.1:81"), 0.5);
        assert_eq!(Rates::of(&[]).interval("x"), Duration::from_secs(1));
        for wrong in ["", "0", "-1", "x", "a=", "a=0", "nan", "1e9", "1e-300"] {
            assert!(wrong.parse::<Rate>().is_err(), "{wrong}");
        }
    }
}
