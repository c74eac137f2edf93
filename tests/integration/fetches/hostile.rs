//! Servers that misbehave: what is kept of their answers, and what is said about them.

use std::io::Write;
use std::time::{Duration, Instant};

use zonelapse::rdap::RdapOutcome;

use super::{answers, bootstrap, contains, fetch, lines};
use crate::loopback::{Server, head, object, redirect, reply};
use crate::support::{Bench, run, zonelapse};

/// A name whose server misbehaves, what is kept of it, and what is said.
#[test]
fn hostile_servers() {
    let bench = Bench::new();
    let other = Server::registry();
    let (elsewhere, elsewhere_port) = (other.url(), other.port);
    let json = "application/rdap+json";
    let behaviours: Vec<(&str, Server, &str)> = vec![
        (
            "silent",
            Server::start(|_, _| {
                std::thread::sleep(Duration::from_secs(9));
                Ok(())
            }),
            "no answer within 0.5 s",
        ),
        ("hangs-up", Server::start(|_, _| Ok(())), "the answer was cut off"),
        (
            "no-http",
            Server::start(|_, stream| stream.write_all(b"220 mail.example ESMTP\r\n")),
            "the answer was cut off",
        ),
        (
            "slow",
            Server::start(|_, stream| {
                head(stream, 200, "Content-Length: 1000")?;
                (0..1000).try_for_each(|_| {
                    std::thread::sleep(Duration::from_millis(50));
                    stream.write_all(b" ")
                })
            }),
            "no answer within 0.5 s",
        ),
        (
            "truncated",
            Server::start(move |question, stream| {
                head(stream, 200, &format!("Content-Type: {json}\r\nContent-Length: 10000"))?;
                stream.write_all(object(question.name()).as_bytes())
            }),
            "the answer was cut off",
        ),
        (
            "endless",
            Server::start(|_, stream| {
                head(stream, 200, "Content-Type: application/rdap+json")?;
                loop {
                    stream.write_all(&[b' '; 65536])?;
                }
            }),
            "longer than 1000000 bytes",
        ),
        (
            "bomb",
            Server::start(|_, stream| {
                let packed = crate::support::gzip(&vec![b' '; 200 << 20]);
                head(stream, 200, &format!("Content-Encoding: gzip\r\nContent-Length: {}", packed.len()))?;
                stream.write_all(&packed)
            }),
            "longer than 1000000 bytes",
        ),
        (
            "html",
            Server::start(|_, stream| reply(stream, 200, "text/html", "<html>\n<p>Registered!</p></html>")),
            "the body is not JSON",
        ),
        (
            "html-404",
            Server::start(|_, stream| reply(stream, 404, "text/html", "<h1>Not Found</h1>")),
            "the body is not JSON",
        ),
        (
            "text-200",
            Server::start(|question, stream| reply(stream, 200, "text/plain", &object(question.name()))),
            "",
        ),
        ("loop", Server::start(|question, stream| redirect(stream, &question.path)), "more than 5 redirects"),
        (
            "to-http",
            Server::start(|question, stream| {
                redirect(stream, &format!("http://rdap.example{}", question.path))
            }),
            "not https",
        ),
        (
            "to-private",
            Server::start(|_, stream| redirect(stream, "https://10.0.0.1/domain/x")),
            "not a public address",
        ),
        (
            "to-metadata",
            Server::start(|_, stream| redirect(stream, "https://169.254.169.254/latest")),
            "not a public address",
        ),
        (
            "to-localhost",
            Server::start(move |_, stream| {
                redirect(stream, &format!("https://localhost:{elsewhere_port}/x"))
            }),
            "not a public address",
        ),
        ("to-ipv6", Server::start(|_, stream| redirect(stream, "https://[::1]/x")), "not a public address"),
        (
            "to-file",
            Server::start(|_, stream| redirect(stream, "file:///etc/passwd")),
            "not the URL of a server",
        ),
        (
            "nowhere",
            Server::start(|_, stream| head(stream, 302, "Content-Length: 0")),
            "without a `Location`",
        ),
        (
            "moved",
            Server::start(move |question, stream| {
                redirect(stream, &format!("{elsewhere}v2{}", question.path))
            }),
            "",
        ),
        (
            "other-name",
            Server::start(|_, stream| reply(stream, 200, "application/rdap+json", &object("other.example"))),
            "the object is of another name",
        ),
        (
            "entity",
            Server::start(|_, stream| {
                reply(stream, 200, "application/rdap+json", r#"{"objectClassName":"entity"}"#)
            }),
            "not a domain object",
        ),
        ("fails", Server::start(|_, stream| reply(stream, 500, "text/html", "oops")), "http status 500"),
        ("refuses", Server::start(|_, stream| reply(stream, 403, "text/html", "go away")), "http status 403"),
        (
            "storm",
            Server::start(|_, stream| head(stream, 429, "Retry-After: 0\r\nContent-Length: 0")),
            "http status 429",
        ),
        (
            "tomorrow",
            Server::start(|_, stream| head(stream, 429, "Retry-After: 86400\r\nContent-Length: 0")),
            "http status 429",
        ),
    ];
    let names: Vec<String> = behaviours.iter().map(|(name, ..)| format!("a.{name}")).collect();
    let servers: Vec<(&str, String)> =
        behaviours.iter().map(|(name, server, _)| (*name, server.url())).collect();
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut command = fetch(&bench, &servers, &what);
    let said = run(command.args(["--timeout", "0.5", "--max-bytes", "1000000", "--servers", "40"]));
    // the option was given before
    assert_eq!(said.status, 2, "{}", said.stderr);
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "--insecure-http", "127.0.0.1", "--rate", "200", "--servers", "40"]);
    command
        .args(["--timeout", "0.5", "--max-bytes", "1000000", "--bootstrap"])
        .arg(bootstrap(&bench, &servers));
    let started = Instant::now();
    let said = run(command.arg("-o").arg(bench.path("fetched.ndjson")).args(&what)).expect(1).stdout;
    assert!(started.elapsed() < Duration::from_secs(30), "nobody held it up");
    let answers = answers(&bench);
    assert_eq!(answers.len(), behaviours.len(), "one line a name:\n{said}");
    for (name, server, why) in &behaviours {
        let answer = answers.iter().find(|answer| *answer.name == format!("a.{name}")).expect(name);
        let expected = if why.is_empty() { RdapOutcome::Found } else { RdapOutcome::Error };
        assert_eq!(answer.outcome, expected, "{name}:\n{said}");
        if !why.is_empty() {
            let sample = said.lines().find(|line| line.contains(&format!("first error: a.{name}: ")));
            contains(sample.unwrap_or_else(|| panic!("{name} is not told:\n{said}")), &[why]);
        }
        assert!(server.questions().len() <= 6, "{name} was asked {} times", server.questions().len());
    }
    // the registry vouches for the server that it redirects to, which is told
    let moved = lines(&bench).into_iter().find(|line| line.contains("\"a.moved\"")).expect("its line");
    contains(
        &moved,
        &[
            &format!("\"redirected_to\":\"{}v2/domain/a.moved\"", other.url()),
            "\"source\":\"http://127.0.0.1",
        ],
    );
    assert_eq!(other.questions().len(), 1, "only `moved` led to a server that may be asked");
    contains(&said, &["asked us to wait 86400 s (1 wait in a row)", "25 not", "answers are in"][..1]);

    // errors are asked again, answers are not
    let asked = behaviours.iter().map(|(.., server, _)| server.questions().len()).sum::<usize>();
    let mut again = fetch(&bench, &servers[18..20], &what[18..20]);
    run(&mut again).expect(1);
    let now = behaviours.iter().map(|(.., server, _)| server.questions().len()).sum::<usize>();
    assert_eq!(now, asked + 1, "`moved` is known by the server that was asked first");
}
