//! All queues in parallel, a limited number of hosts at a time, until everything is asked or the run is stopped.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::future::{Either, select};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::FetchOptions;
use super::client::Client;
use super::known::Known;
use super::ledger::Ledger;
use super::outcome::{Fetched, HostStats};
use super::plan::{Plan, Question, Queue, by_host};
use super::queue::{HostEnd, SharedByHosts, ask_all};
use crate::error::{Error, Result};

/// Asks what was planned. Calls `tell` with the state of a host whenever a question to it has a result.
///
/// # Errors
///
/// The output cannot be written, or another run uses it. Answers received before are in the file.
pub(crate) fn fetch(
    plan: Plan,
    options: &FetchOptions,
    tell: Box<dyn Fn(&HostStats) + Send + Sync>,
) -> Result<Fetched> {
    let started = Instant::now();
    let (ledger, mended) = Ledger::open(&options.output)?;
    let is_resumed = !ledger.is_empty()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let (stopper, stop) = watch::channel(false);
    let shared = Arc::new(SharedByHosts {
        client: Client::new(options, is_resumed)?,
        ledger: Mutex::new(ledger),
        stop,
        follow_registrar: options.follow_registrar,
        max_wait: options.max_wait,
        tell,
    });
    let Plan { queues, registrars, known, .. } = plan;
    let run = async {
        let mut stats = Vec::new();
        let mut named = run_queues(queues, options.servers, &shared, &stopper, &mut stats).await?;
        named.extend(registrars);
        let named = unanswered(named, &known);
        run_queues(by_host(named, options), options.servers, &shared, &stopper, &mut stats).await?;
        Ok(stats)
    };
    let stats: Result<Vec<HostStats>> = runtime.block_on(run);
    // do not wait for DNS look-ups that hang
    runtime.shutdown_background();
    shared.ledger.lock().unwrap_or_else(PoisonError::into_inner).sync()?;
    let interrupted = *stopper.borrow();
    Ok(Fetched { stats: stats?, mended, interrupted, took: started.elapsed() })
}

/// The questions to registrars that have not answered recently.
fn unanswered(questions: Vec<Question>, known: &Known) -> Vec<Question> {
    questions.into_iter().filter(|question| !known.has(&question.name, &question.url)).collect()
}

async fn run_queues(
    queues: Vec<Queue>,
    servers: usize,
    shared: &Arc<SharedByHosts>,
    stopper: &watch::Sender<bool>,
    stats: &mut Vec<HostStats>,
) -> Result<Vec<Question>> {
    let mut waiting: VecDeque<(usize, Queue)> = queues.into_iter().enumerate().collect();
    let mut running: JoinSet<Result<(usize, HostEnd)>> = JoinSet::new();
    let mut ended: Vec<(usize, HostEnd)> = Vec::new();
    let mut failure = None;
    let mut signals = StopSignals::new()?;
    loop {
        // after a stop, a queue only counts what it leaves
        while running.len() < servers.max(1)
            && let Some((place, queue)) = waiting.pop_front()
        {
            let shared = Arc::clone(shared);
            running.spawn(async move { Ok((place, ask_all(queue, shared).await?)) });
        }
        let joined = match select(pin!(signals.next()), pin!(running.join_next())).await {
            Either::Left(_) => {
                stopper.send_replace(true);
                continue;
            }
            Either::Right((Some(joined), _)) => joined,
            Either::Right((None, _)) => break,
        };
        match joined.unwrap_or_else(|error| Err(Error::internal(error))) {
            Ok(done) => ended.push(done),
            Err(error) => {
                failure.get_or_insert(error);
                stopper.send_replace(true);
            }
        }
    }
    if let Some(error) = failure {
        return Err(error);
    }
    ended.sort_by_key(|(place, _)| *place);
    let mut registrars = Vec::new();
    for (_, ended) in ended {
        stats.push(ended.stats);
        registrars.extend(ended.registrars);
    }
    Ok(registrars)
}

/// Ctrl-C, and the signal that ends services.
struct StopSignals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl StopSignals {
    #[cfg(unix)]
    fn new() -> Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(Error::internal)?,
            terminate: signal(SignalKind::terminate()).map_err(Error::internal)?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        select(pin!(self.interrupt.recv()), pin!(self.terminate.recv())).await;
    }

    #[cfg(not(unix))]
    fn new() -> Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
