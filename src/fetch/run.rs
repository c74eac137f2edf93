//! All queues side by side, so many hosts at a time, until all is asked or someone says stop.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::future::{Either, select};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Options;
use super::client::Client;
use super::known::Known;
use super::ledger::Ledger;
use super::outcome::{Fetched, Served};
use super::plan::{Plan, Question, Queue, by_host};
use super::queue::{Ended, Shared, serve};
use crate::error::{Error, Result};

/// Asks what was planned. `tell` is called with what a host did so far, whenever a question is done with.
///
/// # Errors
///
/// The output cannot be written, or was taken by another run. Answers that came before are in the file.
pub fn fetch(plan: Plan, options: &Options, tell: Box<dyn Fn(&Served) + Send + Sync>) -> Result<Fetched> {
    let started = Instant::now();
    let (ledger, mended) = Ledger::open(&options.output)?;
    let is_resumed = !ledger.is_empty()?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::internal)?;
    let (stopper, stop) = watch::channel(false);
    let shared = Arc::new(Shared {
        client: Client::new(options, is_resumed)?,
        ledger: Mutex::new(ledger),
        stop,
        follow_registrar: options.follow_registrar,
        max_wait: options.max_wait,
        tell,
    });
    let Plan { queues, registrars, known, .. } = plan;
    let run = async {
        let mut served = Vec::new();
        let mut named = run_queues(queues, options.servers, &shared, &stopper, &mut served).await?;
        named.extend(registrars);
        let named = unanswered(named, &known);
        run_queues(by_host(named, options), options.servers, &shared, &stopper, &mut served).await?;
        Ok(served)
    };
    let served: Result<Vec<Served>> = runtime.block_on(run);
    // name look-ups that hang are nobody's business any more
    runtime.shutdown_background();
    shared.ledger.lock().unwrap_or_else(PoisonError::into_inner).sync()?;
    let interrupted = *stopper.borrow();
    Ok(Fetched { served: served?, mended, interrupted, took: started.elapsed() })
}

/// Registrars that did not answer about their name lately.
fn unanswered(questions: Vec<Question>, known: &Known) -> Vec<Question> {
    questions.into_iter().filter(|question| !known.has(&question.name, &question.url)).collect()
}

async fn run_queues(
    queues: Vec<Queue>,
    servers: usize,
    shared: &Arc<Shared>,
    stopper: &watch::Sender<bool>,
    served: &mut Vec<Served>,
) -> Result<Vec<Question>> {
    let mut waiting: VecDeque<(usize, Queue)> = queues.into_iter().enumerate().collect();
    let mut running: JoinSet<Result<(usize, Ended)>> = JoinSet::new();
    let mut ended: Vec<(usize, Ended)> = Vec::new();
    let mut failure = None;
    let mut signals = Signals::new()?;
    loop {
        // once stopped, a queue only counts what it leaves
        while running.len() < servers.max(1)
            && let Some((place, queue)) = waiting.pop_front()
        {
            let shared = Arc::clone(shared);
            running.spawn(async move { Ok((place, serve(queue, shared).await?)) });
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
        served.push(ended.served);
        registrars.extend(ended.registrars);
    }
    Ok(registrars)
}

/// Ctrl-C, and the signal by which services are ended.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
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
