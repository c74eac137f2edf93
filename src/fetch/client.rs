//! One question to one server, asked with the HTTP client of the `rdap_client` crate.
//!
//! Redirects are followed here one by one, because each must pass the guard and the gate of its host. A body is read
//! in pieces, up to a limit on its unpacked size.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};

use super::FetchOptions;
use super::guard::Guard;
use super::polite::Gates;
use crate::error::{Error, Result};
use crate::time::Moment;

/// Media types in order of preference (RFC 7480 §4.2). Some servers only know the second.
const MEDIA_TYPES: &str = "application/rdap+json, application/json;q=0.9";
/// The longest time to connect. It is part of the time for the whole answer.
const CONNECT: Duration = Duration::from_secs(10);

/// The result of a question.
#[derive(Debug)]
pub(super) enum Reply {
    /// The server answered, whatever it said.
    Answer { status: u16, source: Url, body: Vec<u8> },
    /// The server asks us to come back later.
    Busy { status: u16, wait: Option<Duration> },
    /// There is no answer; `lasting` if asking again would not help.
    Failed { what: String, lasting: bool },
}

/// Asks servers.
pub(super) struct Client {
    http: reqwest::Client,
    guard: Guard,
    pub(super) gates: Gates,
    timeout: Duration,
    max_bytes: usize,
    max_redirects: usize,
}

impl Client {
    pub(super) fn new(options: &FetchOptions, is_resumed: bool) -> Result<Self> {
        let guard = Guard::new(&options.insecure);
        let http = reqwest::Client::builder()
            .user_agent(&options.user_agent)
            .timeout(options.timeout)
            .connect_timeout(CONNECT.min(options.timeout))
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(guard.clone()))
            .min_tls_version(reqwest::tls::Version::TLS_1_2)
            .pool_max_idle_per_host(1)
            .http1_only()
            .no_proxy()
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            http,
            guard,
            gates: Gates::new(options.rates.clone(), is_resumed),
            timeout: options.timeout,
            max_bytes: options.max_bytes,
            max_redirects: options.max_redirects,
        })
    }

    /// Asks, and follows redirects.
    pub(super) async fn ask(&self, url: &Url) -> Reply {
        let mut url = url.clone();
        let failed = |what: String| Reply::Failed { what, lasting: true };
        for _ in 0..=self.max_redirects {
            if let Err(refused) = self.guard.check(&url) {
                return failed(format!("{refused}: {url}"));
            }
            let request = self.http.get(url.clone()).header(ACCEPT, MEDIA_TYPES).send();
            let response = match self.gates.of(&host_key(&url)).pass(request).await {
                Ok(response) => response,
                Err(error) => return self.failure(&error),
            };
            let status = response.status();
            if is_redirect(status) {
                let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
                match location.and_then(|location| url.join(location).ok()) {
                    Some(next) => url = next,
                    None => return failed(format!("http status {status} without a `Location`")),
                }
                continue;
            }
            let wait = retry_after(response.headers());
            if status == StatusCode::TOO_MANY_REQUESTS
                || (status == StatusCode::SERVICE_UNAVAILABLE && wait.is_some())
            {
                return Reply::Busy { status: status.as_u16(), wait };
            }
            return match self.read(response).await {
                Ok(body) => Reply::Answer { status: status.as_u16(), source: url, body },
                Err(reply) => reply,
            };
        }
        failed(format!("more than {} redirects", self.max_redirects))
    }

    async fn read(&self, mut response: Response) -> std::result::Result<Vec<u8>, Reply> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > self.max_bytes => {
                    let what = format!("longer than {} bytes", self.max_bytes);
                    return Err(Reply::Failed { what, lasting: true });
                }
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(self.failure(&error)),
            }
        }
    }

    fn failure(&self, error: &reqwest::Error) -> Reply {
        let mut cause = error.source();
        while let Some(deeper) = cause.and_then(std::error::Error::source) {
            cause = Some(deeper);
        }
        let cause = cause.map_or_else(|| "no reason given".to_owned(), ToString::to_string);
        let what = if error.is_timeout() {
            format!("no answer within {} s", self.timeout.as_secs_f64())
        } else if error.is_connect() {
            format!("cannot connect: {cause}")
        } else {
            format!("the answer was cut off: {cause}")
        };
        Reply::Failed { what, lasting: false }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The host of a URL, with its port if that is not the standard one. Each such host has its own limit.
pub(super) fn host_key(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond();
    Some(Duration::from_micros(u64::try_from(date - Moment::now().0).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_as_asked() {
        let wait = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().expect("a header"));
            retry_after(&headers)
        };
        assert_eq!(wait("120"), Some(Duration::from_secs(120)));
        assert_eq!(wait("Fri, 31 Dec 1999 23:59:59 GMT"), Some(Duration::ZERO));
        assert!(wait("Tue, 31 Dec 2999 23:59:59 GMT").is_some_and(|wait| wait.as_secs() > 1_000_000_000));
        assert_eq!(wait("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
