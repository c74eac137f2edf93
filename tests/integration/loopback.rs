//! Servers on loopback for `rdap fetch`: each decides by the path it is asked for.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A question as it came.
#[derive(Debug, Clone)]
pub struct Question {
    pub at: Instant,
    pub path: String,
    pub user_agent: String,
    pub accept: String,
}

impl Question {
    /// The name asked about.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// A server; it ends with the test's process.
pub struct Server {
    pub port: u16,
    questions: Arc<Mutex<Vec<Question>>>,
}

type Behaviour = dyn Fn(&Question, &mut TcpStream) -> std::io::Result<()> + Send + Sync;

impl Server {
    /// A server that does this with every question.
    pub fn start(
        behaviour: impl Fn(&Question, &mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let questions = Arc::new(Mutex::new(Vec::new()));
        let (log, behaviour): (_, Arc<Behaviour>) = (Arc::clone(&questions), Arc::new(behaviour));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, behaviour) = (Arc::clone(&log), Arc::clone(&behaviour));
                // a client that hangs up is none of the server's business
                std::thread::spawn(move || serve(stream, &log, &*behaviour));
            }
        });
        Self { port, questions }
    }

    /// A registry: names that begin with `free` are not found, all others are.
    pub fn registry() -> Self {
        Self::start(|question, stream| {
            let name = question.name();
            match name.starts_with("free") {
                true => {
                    reply(stream, 404, "application/rdap+json", r#"{"errorCode":404,"title":"Not Found"}"#)
                }
                false => reply(stream, 200, "application/rdap+json", &object(name)),
            }
        })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Every question so far.
    pub fn questions(&self) -> Vec<Question> {
        self.questions.lock().expect("no server panicked").clone()
    }

    /// The shortest time between two questions.
    pub fn shortest_gap(&self) -> Duration {
        let questions = self.questions();
        questions.windows(2).map(|pair| pair[1].at - pair[0].at).min().unwrap_or(Duration::MAX)
    }
}

fn serve(mut stream: TcpStream, log: &Mutex<Vec<Question>>, behaviour: &Behaviour) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let path = lines.next()?.ok()?.split(' ').nth(1)?.to_owned();
    let mut question =
        Question { at: Instant::now(), path, user_agent: String::new(), accept: String::new() };
    for line in lines {
        let line = line.ok()?;
        let Some((name, value)) = line.split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "user-agent" => value.clone_into(&mut question.user_agent),
            "accept" => value.clone_into(&mut question.accept),
            _ => {}
        }
    }
    log.lock().ok()?.push(question.clone());
    behaviour(&question, &mut stream).ok()
}

/// Answers with this.
pub fn reply(stream: &mut TcpStream, status: u16, kind: &str, body: &str) -> std::io::Result<()> {
    head(stream, status, &format!("Content-Type: {kind}\r\nContent-Length: {}", body.len()))?;
    stream.write_all(body.as_bytes())
}

/// Answers with a status and these headers, and no body yet.
pub fn head(stream: &mut TcpStream, status: u16, headers: &str) -> std::io::Result<()> {
    stream.write_all(format!("HTTP/1.1 {status} Status\r\nConnection: close\r\n{headers}\r\n\r\n").as_bytes())
}

/// Sends elsewhere.
pub fn redirect(stream: &mut TcpStream, to: &str) -> std::io::Result<()> {
    head(stream, 302, &format!("Location: {to}\r\nContent-Length: 0"))
}

/// A domain object, over several lines as some servers write it.
pub fn object(name: &str) -> String {
    format!(
        "{{\r\n \"objectClassName\": \"domain\",\r\n \"ldhName\": \"{}\",\n \"status\": [\"active\"],\n \"events\": \
         [{{\"eventAction\": \"registration\", \"eventDate\": \"2015-01-01T00:00:00Z\"}}],\n \"entities\": []\n}}\n",
        name.to_uppercase()
    )
}
