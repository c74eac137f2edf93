//! The questions to one host, one after the other: when to be patient and when to give up.
//!
//! | result | what we do |
//! |---|---|
//! | 200, 404, any other status below 500 | keep it |
//! | 429, 503 with `Retry-After` | wait as asked, halve the rate, ask again; give the host up if the wait is too
//! long, or at the sixth wait in a row |
//! | no answer, any other 5xx | ask twice more, with longer waits; then keep it as an error and go on |
//! | a redirect or an answer that asking again would not change | keep it as an error and go on |
//! | three names in a row without an answer, or five refusals in a row (401, 403) | give the host up |

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
use super::outcome::HostStats;
use super::plan::{Asked, Question, Queue};
use crate::error::{Error, Result};
use crate::rdap::{Note, RdapOutcome};
use crate::wording::count;

/// The most questions about one name.
const TRIES: u32 = 3;
/// The most waits in a row.
const WAITS: u32 = 5;
/// The most names in a row without an answer.
const FAILURES: u32 = 3;
/// The most refusals in a row.
const REFUSALS: u32 = 5;
/// The shortest wait for a busy server that names none, and the longest wait before a question is repeated.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(60));

/// What the queues share.
pub(super) struct SharedByHosts {
    pub(super) client: Client,
    pub(super) ledger: Mutex<Ledger>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) follow_registrar: bool,
    pub(super) max_wait: Duration,
    /// Called whenever a question has a result.
    pub(super) tell: Box<dyn Fn(&HostStats) + Send + Sync>,
}

/// The results of a queue, and the registrars that should be asked as well.
pub(super) struct HostEnd {
    pub(super) stats: HostStats,
    pub(super) registrars: Vec<Question>,
}

/// How often in a row something went wrong.
#[derive(Default)]
struct Trouble {
    waits: u32,
    failures: u32,
    refusals: u32,
}

/// Asks the questions to a host until all are asked, the host is given up, or the run is stopped.
pub(super) async fn ask_all(queue: Queue, shared: Arc<SharedByHosts>) -> Result<HostEnd> {
    let started = Instant::now();
    let planned = queue.questions.len();
    let mut ended = HostEnd {
        stats: HostStats {
            host: queue.host.clone(),
            planned,
            is_lead: queue.questions.iter().all(|question| question.asked == Asked::Lead),
            ..HostStats::default()
        },
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
        if asked.is_none() || ended.stats.given_up.is_some() {
            ended.stats.left = planned - place - usize::from(asked.is_some());
            break;
        }
        (shared.tell)(&ended.stats);
    }
    ended.stats.took = started.elapsed();
    (shared.tell)(&ended.stats);
    Ok(ended)
}

/// Asks one question until it has a result.
async fn ask(
    question: &Question,
    queue: &Queue,
    shared: &SharedByHosts,
    ended: &mut HostEnd,
    trouble: &mut Trouble,
) -> Result<()> {
    let gate = shared.client.gates.of(&queue.host);
    let mut tries = 0;
    loop {
        let reply = shared.client.ask(&question.url).await;
        match &reply {
            Reply::Busy { wait, .. } => {
                ended.stats.busy += 1;
                trouble.waits += 1;
                let wait = wait.unwrap_or_else(|| patience(queue.interval, trouble.waits));
                if wait > shared.max_wait || trouble.waits > WAITS {
                    let waits = count(trouble.waits.into(), "wait");
                    let why = format!("asked us to wait {:.0} s ({waits} in a row)", wait.as_secs_f64());
                    keep(question, &reply, shared, ended)?;
                    ended.stats.given_up = Some(why);
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
                    ended.stats.repeated += 1;
                    gate.rest(patience(queue.interval, tries), false).await;
                    continue;
                }
                trouble.failures += 1;
            }
        }
        keep(question, &reply, shared, ended)?;
        if trouble.failures >= FAILURES {
            ended.stats.given_up = Some(format!("no answer about {FAILURES} names in a row"));
        } else if trouble.refusals >= REFUSALS {
            ended.stats.given_up = Some(format!("refused {REFUSALS} times in a row"));
        }
        return Ok(());
    }
}

/// Twice as long each time.
fn patience(interval: Duration, times: u32) -> Duration {
    (interval * 2_u32.saturating_pow(times)).clamp(PATIENCE.0, PATIENCE.1)
}

fn keep(question: &Question, reply: &Reply, shared: &SharedByHosts, ended: &mut HostEnd) -> Result<()> {
    let answer = {
        let mut ledger = shared.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.append(question, reply)?
    };
    ended.stats.count(&answer);
    if answer.outcome == RdapOutcome::Error && ended.stats.sample.is_none() {
        let why = match reply {
            Reply::Failed { what, .. } => what.clone(),
            Reply::Busy { status, .. } => format!("http status {status}"),
            Reply::Answer { status, .. } => {
                let note = answer.note.map_or("", Note::name);
                format!("http status {status}: {note}")
            }
        };
        ended.stats.sample = Some(format!("{}: {why}", question.name));
    }
    if let (RdapOutcome::Found, Reply::Answer { body, .. }) = (answer.outcome, reply) {
        if serde_json::from_slice::<Domain>(body).is_err() {
            ended.stats.unusual += 1;
        }
        if shared.follow_registrar
            && let Some(url) = related(body, false)
        {
            let url = reqwest::Url::parse(&url).map_err(Error::internal);
            let question = |url| Question { name: question.name.clone(), url, asked: Asked::Other };
            ended.registrars.extend(url.ok().map(question));
        }
    }
    Ok(())
}
