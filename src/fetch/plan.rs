//! Which server is asked about which names, and which names cannot be asked about and why.

use std::collections::BTreeMap;
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use reqwest::Url;

use super::FetchOptions;
use super::client::host_key;
use super::guard::{Guard, Refused};
use super::known::Known;
use super::wanted::WantedNames;
use crate::error::{Error, Result};
use crate::input::small::read_small;
use crate::name::SuffixList;
use crate::progress::Progress;
use crate::rdap::archive::{files, load};
use crate::rdap::{RegistryServers, is_redirector};
use crate::time::Moment;

/// How many names are kept as samples of each reason.
const SAMPLES: usize = 5;

named_enum! {
    /// Why a name is not asked about.
    pub(crate) enum Unasked {
        NotName = "not_name": "it is not a domain name",
        NoServer = "no_server": "no RDAP server is known for its ending",
        NotHttps = "not_https": "its server has no https",
        NotPublic = "not_public": "its server has no public address",
        Limit = "limit": "the limit of questions was reached",
    }
}

/// Whose server a question goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// The registry's. It vouches for the server that it redirects to.
    Registry,
    /// One that may be the registry's, but nobody has tried it.
    Lead,
    /// A registrar's or a redirector's.
    Other,
}

/// A question about a name, at a URL.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) name: Box<str>,
    pub(super) url: Url,
    pub(super) asked: Asked,
}

/// The questions to one host, most urgent first.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) host: String,
    pub(super) interval: Duration,
    pub(super) questions: Vec<Question>,
}

/// What will be asked.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(super) queues: Vec<Queue>,
    /// Questions to registrars that an earlier run did not reach.
    pub(super) registrars: Vec<Question>,
    pub(super) known: Known,
    /// Names with a recent answer.
    pub(crate) fresh: u64,
    /// Names that are not asked about: how many, and samples, by reason.
    pub(crate) unasked: BTreeMap<Unasked, (u64, Vec<String>)>,
}

impl Plan {
    /// Works out what to ask. Reads what is known, and writes nothing.
    pub(crate) fn of(options: &FetchOptions, wanted: WantedNames) -> Result<Self> {
        let servers = KnownServers::read(options)?;
        let known = known(options, &wanted)?;
        let (queues, registrars) = (Vec::new(), Vec::new());
        let mut plan = Self { queues, registrars, known, fresh: 0, unasked: BTreeMap::new() };
        wanted.not_names.iter().for_each(|name| plan.skip(Unasked::NotName, name));
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut count = 0;
        for name in wanted.names {
            let (url, asked) = match servers.place(&name) {
                Ok(place) => place,
                Err(reason) => {
                    plan.skip(reason, &name);
                    continue;
                }
            };
            if plan.known.has(&name, &url) {
                plan.fresh += 1;
                if let Some(question) =
                    options.follow_registrar.then(|| registrar(&name, &plan.known)).flatten()
                {
                    plan.registrars.push(question);
                }
                continue;
            }
            if options.limit.is_some_and(|limit| count >= limit) {
                plan.skip(Unasked::Limit, &name);
                continue;
            }
            count += 1;
            let host = host_key(&url);
            let interval = options.rates.interval(&host);
            let place = *places.entry_ref(host.as_str()).or_insert(plan.queues.len());
            if place == plan.queues.len() {
                plan.queues.push(Queue { host, interval, questions: Vec::new() });
            }
            plan.queues[place].questions.push(Question { name, url, asked });
        }
        Ok(plan)
    }

    fn skip(&mut self, reason: Unasked, name: &str) {
        let (count, samples) = self.unasked.entry(reason).or_default();
        *count += 1;
        if samples.len() < SAMPLES {
            samples.push(name.to_owned());
        }
    }

    /// How many questions there are.
    pub(crate) fn questions(&self) -> usize {
        self.queues.iter().map(|queue| queue.questions.len()).sum()
    }

    /// By host: the number of questions, the time between two, and the first question.
    pub(crate) fn hosts(&self) -> impl Iterator<Item = (&str, usize, Duration, &str)> {
        self.queues.iter().map(|queue| {
            let first = queue.questions.first().map_or("", |question| question.url.as_str());
            (queue.host.as_str(), queue.questions.len(), queue.interval, first)
        })
    }

    /// The least time that asking takes with so many hosts in parallel.
    pub(crate) fn duration(&self, servers: usize) -> Duration {
        let mut busy_until = vec![Duration::ZERO; servers.max(1)];
        for queue in &self.queues {
            if let Some(free) = busy_until.iter_mut().min() {
                *free += queue.duration();
            }
        }
        busy_until.into_iter().max().unwrap_or_default()
    }
}

impl Queue {
    fn duration(&self) -> Duration {
        self.interval * u32::try_from(self.questions.len()).unwrap_or(u32::MAX)
    }
}

/// The same questions in one queue for each host.
pub(super) fn by_host(questions: Vec<Question>, options: &FetchOptions) -> Vec<Queue> {
    let mut queues: BTreeMap<String, Vec<Question>> = BTreeMap::new();
    questions.into_iter().for_each(|it| queues.entry(host_key(&it.url)).or_default().push(it));
    let queue = |(host, questions): (String, Vec<Question>)| {
        let interval = options.rates.interval(&host);
        Queue { host, interval, questions }
    };
    queues.into_iter().map(queue).collect()
}

/// The question to a name's registrar, unless the registrar answered recently.
pub(super) fn registrar(name: &str, known: &Known) -> Option<Question> {
    let url = Url::parse(known.related.get(name)?).ok()?;
    (!known.has(name, &url)).then(|| Question { name: name.into(), url, asked: Asked::Other })
}

fn known(options: &FetchOptions, wanted: &WantedNames) -> Result<Known> {
    let names: HashSet<&str> = wanted.names.iter().map(|name| &**name).collect();
    let is_wanted = |name: &str| names.contains(name);
    let mut known = Known::new(options.max_age_days);
    let sources = files::find(&options.known)?;
    let (table, _) = load(&sources, Moment::now(), &is_wanted, &Progress::hidden())?;
    table.sorted().for_each(|answer| known.add(answer));
    known.add_ledger(&options.output, &is_wanted)?;
    Ok(known)
}

/// The servers that may be asked.
struct KnownServers {
    registries: RegistryServers,
    suffixes: SuffixList,
    guard: Guard,
}

impl KnownServers {
    fn read(options: &FetchOptions) -> Result<Self> {
        let path = options.bootstrap.as_deref();
        let bytes = path.map(read_small).transpose()?;
        let registries = RegistryServers::read(bytes.as_deref(), []).map_err(|error| match path {
            Some(path) => {
                Error::failure(path, error).hint("take `dns.json` from IANA's RDAP bootstrap registry")
            }
            None => Error::internal(error),
        })?;
        Ok(Self { registries, suffixes: SuffixList::built_in()?, guard: Guard::new(&options.insecure) })
    }

    /// The URL of a question (RFC 9082 §3.1.3) at the best server that may be asked.
    fn place(&self, name: &str) -> std::result::Result<(Url, Asked), Unasked> {
        let private = self.suffixes.private_cut(name).map(|cut| cut.suffix);
        let (servers, is_lead) = self.registries.servers_of(name, private).unwrap_or_default();
        let mut reason = Unasked::NoServer;
        // https first, whatever the order in the file
        let mut servers: Vec<_> = servers.iter().collect();
        servers.sort_by_key(|server| !server.url.starts_with("https:"));
        for server in servers {
            let url = format!("{}/domain/{name}", server.url.trim_end_matches('/'));
            let Ok(url) = Url::parse(&url) else { continue };
            reason = match self.guard.check(&url) {
                Ok(()) if is_lead => return Ok((url, Asked::Lead)),
                Ok(()) if is_redirector(&server.host) => return Ok((url, Asked::Other)),
                Ok(()) => return Ok((url, Asked::Registry)),
                Err(Refused::Insecure) => Unasked::NotHttps,
                Err(Refused::Private | Refused::Malformed) => Unasked::NotPublic,
            };
        }
        Err(reason)
    }
}
