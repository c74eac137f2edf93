//! One host's questions, one after the other: patience where it helps, and giving up where it does not.
//!
//! | what came | what we do |
//! |---|---|
//! | 200, 404, any other status below 500 | kept |
//! | 429, 503 with `Retry-After` | wait as told, halve the rate, ask again; give the host up if it asks for too long a wait, or the sixth time in a row |
//! | no answer, other 5xx | ask again twice, waiting longer each time; then kept as an error, and the next name |
//! | a redirect or an answer that no second question would change | kept as an error, and the next name |
//! | errors for three names in a row without an answer, or five refusals (401, 403) | the host is given up |

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use rdap_client::parser::Domain;
use tokio::sync::watch;
use tokio::time::Instant;

use super::client::{Client, Reply};
use super::known::related;
use super::ledger::Ledger;
use super::outcome::Served;
use super::plan::{Question, Queue};
use crate::error::{Error, Result};
use crate::rdap::RdapOutcome;

/// Questions about one name, at most.
const TRIES: u32 = 3;
/// Waits in a row, at most.
const WAITS: u32 = 5;
/// Names in a row without an answer.
const FAILURES: u32 = 3;
/// Refusals in a row.
const REFUSALS: u32 = 5;
/// Shortest wait that a busy server is given if it tells none, and longest before a question is repeated.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));

/// What the queues share.
pub(super) struct Shared {
    pub(super) client: Client,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) follow_registrar: bool,
    pub(super) max_wait: Duration,
    /// Called after every question that is done with.
    pub(super) tell: Box<dyn Fn(&Served) + Send + Sync>,
}

/// What came of a queue, and whom registries named to be asked, too.
pub(super) struct Ended {
    pub(super) served: Served,
    pub(super) registrars: Vec<Question>,
}

/// How often in a row something went wrong.
#[derive(Default)]
struct Trouble {
    waits: u32,
    failures: u32,
    refusals: u32,
}

/// Asks a host's questions, until all are asked, it is given up, or the run is stopped.
pub(super) async fn serve(queue: Queue, shared: Arc<Shared>) -> Result<Ended> {
    let started = Instant::now();
    let planned = queue.questions.len();
    let mut ended = Ended {
        served: Served { host: queue.host.clone(), planned, ..Served::default() },
        registrars: Vec::new(),
    };
    let mut trouble = Trouble::default();
    for (place, question) in queue.questions.iter().enumerate() {
        let mut stop = shared.stop.clone();
        let asked = {
            let stopped = pin!(stop.wait_for(|stop| *stop));
            match select(stopped, pin!(ask(question, &queue, &shared, &mut ended, &mut trouble))).await {
                Either::Left(_) => None,
                Either::Right((asked, _)) => Some(asked?),
            }
        };
        if asked.is_none() || ended.served.given_up.is_some() {
            ended.served.left = planned - place - usize::from(asked.is_some());
            break;
        }
        (shared.tell)(&ended.served);
    }
    ended.served.took = started.elapsed();
    (shared.tell)(&ended.served);
    Ok(ended)
}

/// Asks one question until something comes of it.
async fn ask(
    question: &Question,
    queue: &Queue,
    shared: &Shared,
    ended: &mut Ended,
    trouble: &mut Trouble,
) -> Result<()> {
    let gate = shared.client.gates.of(&queue.host);
    let mut tries = 0;
    loop {
        let reply = shared.client.ask(&question.url).await;
        match &reply {
            Reply::Busy { wait, .. } => {
                ended.served.busy += 1;
                trouble.waits += 1;
                let wait = wait.unwrap_or_else(|| patience(queue.interval, trouble.waits));
                if wait > shared.max_wait || trouble.waits > WAITS {
                    let why = format!(
                        "asked us to wait {:.0} s, the {}. time in a row",
                        wait.as_secs_f64(),
                        trouble.waits
                    );
                    keep(question, &reply, shared, ended)?;
                    ended.served.given_up = Some(why);
                    return Ok(());
                }
                gate.rest(wait, true).await;
                continue;
            }
            Reply::Answer { status, .. } if *status < 500 => {
                trouble.waits = 0;
                trouble.failures = 0;
                trouble.refusals = if matches!(status, 401 | 403) { trouble.refusals + 1 } else { 0 };
            }
            Reply::Failed { lasting: true, .. } => trouble.failures += 1,
            Reply::Answer { .. } | Reply::Failed { .. } => {
                tries += 1;
                if tries < TRIES {
                    ended.served.repeated += 1;
                    gate.rest(patience(queue.interval, tries), false).await;
                    continue;
                }
                trouble.failures += 1;
            }
        }
        keep(question, &reply, shared, ended)?;
        if trouble.failures >= FAILURES {
            ended.served.given_up = Some(format!("no answer about {FAILURES} names in a row"));
        } else if trouble.refusals >= REFUSALS {
            ended.served.given_up = Some(format!("refused {REFUSALS} times in a row"));
        }
        return Ok(());
    }
}

/// Twice as long each time.
fn patience(interval: Duration, times: u32) -> Duration {
    (interval * 2_u32.saturating_pow(times)).clamp(PATIENCE.0, PATIENCE.1)
}

fn keep(question: &Question, reply: &Reply, shared: &Shared, ended: &mut Ended) -> Result<()> {
    let answer = {
        let mut ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.append(&question.name, question.url.as_str(), reply)?
    };
    ended.served.count(&answer);
    if answer.outcome == RdapOutcome::Error && ended.served.sample.is_none() {
        let why = match reply {
            Reply::Failed { what, .. } => what.clone(),
            Reply::Busy { status, .. } => format!("http status {status}"),
            Reply::Answer { status, .. } => {
                let note = answer.note.map_or("", Note::name);
                format!("http status {status}: {note}")
            }
        };
        ended.served.sample = Some(format!("{}: {why}", question.name));
    }
    if let (RdapOutcome::Found, Reply::Answer { body, .. }) = (answer.outcome, reply) {
        if serde_json::from_slice::<Domain>(body).is_err() {
            ended.served.unusual += 1;
        }
        if shared.follow_registrar
            && let Some(url) = related(body, false)
        {
            let url = reqwest::Url::parse(&url).map_err(Error::internal);
            ended.registrars.extend(url.ok().map(|url| Question { name: question.name.clone(), url }));
        }
    }
    Ok(())
}
