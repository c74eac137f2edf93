//! `rdap fetch` against real and hostile servers on loopback: nothing lost, nothing asked twice, no limit
//! exceeded, nobody trusted.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use zonelapse::rdap::{Answer, Context, RdapOutcome, read_answer};
use zonelapse::time::Moment;

use crate::loopback::{Server, head, object, redirect, reply};
use crate::support::{Bench, Run, corpus, fixture, found, read_parquet, rows, run, skip, zone, zonelapse};

/// A bootstrap file: the ending of a name, and the base URL.
fn bootstrap(bench: &Bench, servers: &[(&str, String)]) -> std::path::PathBuf {
    let services: Vec<String> =
        servers.iter().map(|(ending, url)| format!(r#"[["{ending}"],["{url}"]]"#)).collect();
    bench.write("dns.json", format!(r#"{{"services":[{}]}}"#, services.join(",")).as_bytes())
}

/// `rdap fetch` into `answers.ndjson`, quick and at hosts on loopback.
fn fetch(bench: &Bench, servers: &[(&str, String)], what: &[&str]) -> Command {
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "--insecure-http", "127.0.0.1", "--rate", "200", "--timeout", "2"]);
    command.arg("--bootstrap").arg(bootstrap(bench, servers)).arg("-o").arg(bench.path("fetched.ndjson"));
    command.args(what);
    command
}

fn lines(bench: &Bench) -> Vec<String> {
    fs::read_to_string(bench.path("fetched.ndjson")).expect("a file").lines().map(str::to_owned).collect()
}

/// The answers of the file, as an importer reads them.
fn answers(bench: &Bench) -> Vec<Answer> {
    let context = Context { file_name_domain: None, file_time: Moment(0) };
    lines(bench).iter().map(|line| read_answer(line.as_bytes(), &context).expect(line)).collect()
}

/// `name outcome`, sorted.
fn outcomes(bench: &Bench) -> Vec<String> {
    let mut outcomes: Vec<String> =
        answers(bench).iter().map(|answer| format!("{} {}", answer.name, answer.outcome.name())).collect();
    outcomes.sort();
    outcomes
}

#[track_caller]
fn contains(text: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(text.contains(part), "expected `{part}` in:\n{text}"));
}

#[test]
fn answers_are_kept_raw_and_not_asked_again() {
    let (bench, server) = (Bench::new(), Server::registry());
    let servers = [("com", server.url()), ("net", format!("{}rdap/", server.url()))];
    let names = bench.write("names.txt", b"# urgent\nheld.com\nFREE.com, x\n\nheld.net\nheld.com\n");
    let what = [names.to_str().expect("a path"), "b\u{fc}ro.net"];
    let said = run(&mut fetch(&bench, &servers, &what)).expect(0).stdout;
    contains(
        &said,
        &["asked about 4 names", "3 found, 1 not found, 0 errors; 0 had recent answers", &server.host()],
    );
    assert_eq!(
        outcomes(&bench),
        ["free.com not_found", "held.com found", "held.net found", "xn--bro-hoa.net found"]
    );
    let asked = server.questions();
    let paths: Vec<&str> = asked.iter().map(|question| question.path.as_str()).collect();
    assert_eq!(
        paths,
        ["/domain/held.com", "/domain/free.com", "/rdap/domain/held.net", "/rdap/domain/xn--bro-hoa.net"]
    );
    assert!(asked.iter().all(|it| it.accept.starts_with("application/rdap+json")));
    assert!(
        asked.iter().all(|it| it.user_agent.starts_with("zonelapse/") && it.user_agent.contains("(+http"))
    );
    // the body as it came, but for line feeds
    let held = lines(&bench).into_iter().find(|line| line.contains("HELD.COM")).expect("its line");
    contains(&held, &[&object("held.com").trim().replace(['\r', '\n'], " "), "\"http_status\":200"]);

    // once more: all answers are recent; and of answers known from elsewhere nothing is asked either
    let before = lines(&bench);
    let said = run(&mut fetch(&bench, &servers, &what)).expect(0).stdout;
    contains(&said, &["asked about 0 names", "4 had recent answers"]);
    let table = bench.path("known.parquet");
    run(zonelapse().args(["rdap", "import"]).arg(bench.path("fetched.ndjson")).arg("-o").arg(&table))
        .expect(0);
    let mut elsewhere = fetch(&bench, &servers, &what);
    elsewhere.arg("--rdap").arg(&table).arg("-o").arg(bench.path("other.ndjson"));
    // the last `-o` would be a mistake: say it once
    assert_eq!(run(&mut elsewhere).status, 2);
    fs::remove_file(bench.path("fetched.ndjson")).expect("a file");
    run(fetch(&bench, &servers, &what).arg("--rdap").arg(&table)).expect(0);
    assert_eq!(server.questions().len(), 4, "nothing was asked again");
    fs::write(bench.path("fetched.ndjson"), before.join("\n") + "\n").expect("a file");
    // unless answers of any age are too old
    run(fetch(&bench, &servers, &what).args(["--max-rdap-age-days", "0"])).expect(0);
    assert_eq!((server.questions().len(), lines(&bench).len()), (8, 8));
    assert_eq!(lines(&bench)[..4], before, "what was there stays");
}

#[test]
fn a_dry_run_asks_and_writes_nothing() {
    let (bench, server) = (Bench::new(), Server::registry());
    let what = ["a.com", "b.com", "c.dev", "d.example"];
    let mut command = fetch(&bench, &[("com", server.url())], &what);
    let said = run(command.args(["--dry-run", "--rate", "127.0.0.1=0.25"])).expect(0).stdout;
    contains(
        &said,
        &[
            "2 questions to 1 server would take at least 8.0 s",
            "0.25",
            "/domain/a.com",
            "2 names not asked about, no RDAP server",
        ],
    );
    assert!(server.questions().is_empty() && !bench.path("fetched.ndjson").exists());
    let said = run(fetch(&bench, &[("com", server.url())], &what).args(["--limit", "1"])).expect(0).stdout;
    contains(
        &said,
        &[
            "asked about 1 name in",
            "1 name not asked about, the limit of questions was reached (`--limit`): b.com",
        ],
    );
}

#[test]
fn mistakes_are_told() {
    let bench = Bench::new();
    let none: [(&str, String); 0] = [];
    for (what, part) in [
        ("nothing-like-it", "no report directory, no file and no domain name"),
        ("src", "not a finished report"),
    ] {
        run(&mut fetch(&bench, &none, &[what])).expect(2).says(&[part, "hint:"]);
    }
    run(fetch(&bench, &none, &["a.com"]).args(["--rate", "0"])).expect(2).says(&["at least 0.00001"]);
    run(fetch(&bench, &none, &["a.com"]).args(["--contact", "a\nb"])).expect(2).says(&["ASCII"]);
    run(fetch(&bench, &none, &["a.com"]).args(["--timeout", "0"])).expect(2).says(&["--timeout"]);
    bench.write("fetched.ndjson", b"id,email\n1,a@example.com\n");
    run(&mut fetch(&bench, &none, &["a.com"])).expect(2).says(&["not NDJSON that can be appended to"]);
    bench.write("fetched.ndjson", b"");
    bench.write("broken.json", b"{\"services\": [[[\"com\"]]]}");
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "a.com", "-o"]).arg(bench.path("f.ndjson")).arg("--bootstrap");
    run(command.arg(bench.path("broken.json"))).expect(2).says(&["broken.json", "service 1"]);
}

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
            "not a URL of a server",
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
    // the answer of the server that a redirect led to, told as that
    let moved = lines(&bench).into_iter().find(|line| line.contains("\"a.moved\"")).expect("its line");
    contains(
        &moved,
        &[&format!("\"source\":\"{}v2/domain/a.moved\"", other.url()), "\"asked\":\"http://127.0.0.1"],
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

#[test]
fn a_host_that_does_not_answer_is_given_up_and_the_others_go_on() {
    let bench = Bench::new();
    let (good, refuses) =
        (Server::registry(), Server::start(|_, stream| reply(stream, 403, "text/plain", "no")));
    let fails = Server::start(|_, stream| reply(stream, 502, "text/plain", "no"));
    let servers = [("good", good.url()), ("refuses", refuses.url()), ("fails", fails.url())];
    let names: Vec<String> =
        (0..20).flat_map(|n| ["good", "refuses", "fails"].map(|it| format!("n{n}.{it}"))).collect();
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    let said = run(&mut fetch(&bench, &servers, &what)).expect(1).stdout;
    contains(&said, &["given up: refused 5 times in a row", "given up: no answer about 3 names in a row"]);
    assert_eq!((good.questions().len(), refuses.questions().len(), fails.questions().len()), (20, 5, 9));
    assert_eq!(outcomes(&bench).iter().filter(|line| line.ends_with(" found")).count(), 20);
}

#[test]
fn a_busy_server_is_given_time() {
    let bench = Bench::new();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |question, stream| {
        match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            1 | 2 => head(stream, 429, "Retry-After: 1\r\nContent-Length: 0"),
            _ => reply(stream, 200, "application/rdap+json", &object(question.name())),
        }
    });
    let said =
        run(&mut fetch(&bench, &[("com", server.url())], &["a.com", "b.com", "c.com"])).expect(0).stdout;
    assert_eq!(outcomes(&bench), ["a.com found", "b.com found", "c.com found"]);
    let asked = server.questions();
    let names: Vec<&str> = asked.iter().map(crate::loopback::Question::name).collect();
    assert_eq!(names, ["a.com", "b.com", "b.com", "b.com", "c.com"], "{said}");
    assert!(
        asked[2].at - asked[1].at >= Duration::from_secs(1)
            && asked[3].at - asked[2].at >= Duration::from_secs(1)
    );
}

#[test]
fn no_host_is_asked_faster_than_its_limit() {
    let bench = Bench::new();
    let registries: Vec<Server> = (0..3).map(|_| Server::registry()).collect();
    // all of them send to the same one, which has its own limit
    let last = Server::registry();
    let target = last.url();
    let sender = Server::start(move |question, stream| {
        redirect(stream, &format!("{target}domain/{}", question.name()))
    });
    let mut servers: Vec<(String, String)> =
        registries.iter().enumerate().map(|(n, server)| (format!("t{n}"), server.url())).collect();
    servers.push(("sent".into(), sender.url()));
    servers.push(("own".into(), last.url()));
    let names: Vec<String> =
        (0..15).flat_map(|n| servers.iter().map(move |(it, _)| format!("n{n}.{it}"))).collect();
    let servers: Vec<(&str, String)> = servers.iter().map(|(it, url)| (it.as_str(), url.clone())).collect();
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "--insecure-http", "127.0.0.1", "--rate", "20", "--bootstrap"]);
    command.arg(bootstrap(&bench, &servers)).args(["--rate", &format!("{}=10", last.host())]);
    run(command.arg("-o").arg(bench.path("fetched.ndjson")).args(&names)).expect(0);
    for server in registries.iter().chain([&sender]) {
        assert_eq!(server.questions().len(), 15);
        assert!(server.shortest_gap() >= Duration::from_millis(50), "{:?}", server.shortest_gap());
    }
    assert_eq!(last.questions().len(), 30);
    assert!(last.shortest_gap() >= Duration::from_millis(100), "{:?}", last.shortest_gap());
}

#[test]
fn registrars_are_asked_if_wanted() {
    let bench = Bench::new();
    let registrar = Server::start(|question, stream| {
        let expiry =
            r#""events":[{"eventAction":"registrar expiration","eventDate":"2030-01-01T00:00:00Z"}]"#;
        let name = question.name();
        reply(
            stream,
            200,
            "application/rdap+json",
            &format!(r#"{{"objectClassName":"domain","ldhName":"{name}",{expiry}}}"#),
        )
    });
    let link = registrar.url();
    let registry = Server::start(move |question, stream| {
        let name = question.name();
        let links = format!(
            r#""links":[{{"rel":"related","type":"application/rdap+json","href":"{link}domain/{name}"}}]"#
        );
        reply(
            stream,
            200,
            "application/rdap+json",
            &format!(r#"{{"objectClassName":"domain","ldhName":"{name}",{links}}}"#),
        )
    });
    let servers = [("com", registry.url())];
    run(&mut fetch(&bench, &servers, &["a.com"])).expect(0);
    assert!(registrar.questions().is_empty());
    // the registry's answer is recent: only its registrar is left to be asked, and only once
    for _ in 0..2 {
        run(fetch(&bench, &servers, &["a.com"]).arg("--follow-registrar")).expect(0);
        assert_eq!((registry.questions().len(), registrar.questions().len()), (1, 1));
    }
    run(fetch(&bench, &servers, &["b.com"]).arg("--follow-registrar")).expect(0);
    assert_eq!((registry.questions().len(), registrar.questions().len()), (2, 2));
    assert_eq!(answers(&bench).iter().filter(|answer| answer.events.registrar_expires.is_some()).count(), 2);
}

/// The lookups of a report by the names that the accounts wait for.
fn lookups(bench: &Bench) -> Vec<String> {
    let accounts = bench.report().accounts;
    rows(&accounts, &["action", "mail_domain"]).into_iter().filter(|row| row.starts_with("lookup ")).collect()
}

#[test]
fn the_loop_closes() {
    let (bench, server) = (Bench::new(), Server::registry());
    let today = Moment::now().day();
    let serial = today.to_string().replace('-', "").parse::<u32>().expect("a date") * 100;
    bench.write("today/com.zone", zone("com", serial, &["held-example", "other-example"]).as_bytes());
    let accounts = bench.write(
        "accounts.csv",
        b"id,email,weight\n1,a@held-example.com,5\n2,a@free-example.com,7\n3,a@gone-example.com,900\n4,a@x.example.dev,1\n5,b@gone-example.com,\n",
    );
    let audit = |rdap: Option<&Path>| {
        let mut command = zonelapse();
        command.arg("audit").arg(&accounts).arg("--zones").arg(bench.path("today"));
        command.arg("-o").arg(bench.path("report"));
        if let Some(rdap) = rdap {
            command.arg("--rdap").arg(rdap);
        }
        run(&mut command).expect(0)
    };
    audit(None);
    let before = lookups(&bench);
    assert_eq!(before.len(), 4, "{before:?}");
    let report = bench.path("report");
    let servers = [("com", server.url()), ("dev", server.url())];
    run(&mut fetch(&bench, &servers, &[report.to_str().expect("a path")])).expect(0);
    let asked = server.questions();
    let asked: Vec<&str> = asked.iter().map(crate::loopback::Question::name).collect();
    assert_eq!(
        asked,
        ["gone-example.com", "free-example.com", "example.dev"],
        "most urgent first, each once"
    );

    audit(Some(&bench.path("fetched.ndjson")));
    assert!(lookups(&bench).len() < before.len());
    let verdicts = bench.report().verdicts();
    assert_eq!(
        verdicts,
        [
            "held-example.com active none none",
            "free-example.com available critical unverify",
            "gone-example.com undelegated medium notify",
            "x.example.dev active none none",
            "gone-example.com undelegated medium notify",
        ]
    );
    // and as an import
    let table = bench.path("fetched.parquet");
    run(zonelapse().args(["rdap", "import"]).arg(bench.path("fetched.ndjson")).arg("-o").arg(&table))
        .expect(0);
    audit(Some(&table));
    assert_eq!(bench.report().verdicts(), verdicts);
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started")
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
}

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn ctrl_c_leaves_a_file_that_goes_on() {
    let (bench, server) = (Bench::new(), Server::registry());
    let names: Vec<String> = (0..60).map(|n| format!("n{n}.com")).collect();
    let servers = [("com", server.url())];
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in ["-INT", "-TERM"] {
        let before = server.questions().len();
        let mut slow = zonelapse();
        slow.args(["rdap", "fetch", "--insecure-http", "127.0.0.1", "--rate", "20", "--bootstrap"]);
        slow.arg(bootstrap(&bench, &servers)).arg("-o").arg(bench.path("fetched.ndjson")).args(&what);
        let child = start(&mut slow);
        wait_for("questions", || server.questions().len() > before + 5);
        // meanwhile nobody else may append
        run(&mut fetch(&bench, &servers, &what)).expect(2).says(&["another `rdap fetch` appends"]);
        signal(&child, name);
        let output = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{said}");
        contains(&said, &["stopped; run the same command again to continue"]);
    }
    run(&mut fetch(&bench, &servers, &what)).expect(0);
    assert_eq!(outcomes(&bench).len(), 60, "each once");
    assert!(server.questions().len() <= 62, "{} questions", server.questions().len());
}

#[test]
fn killed_at_any_moment() {
    let bench = Bench::new();
    let registries: Vec<Server> = (0..4).map(|_| Server::registry()).collect();
    let servers: Vec<(String, String)> =
        registries.iter().enumerate().map(|(n, server)| (format!("t{n}"), server.url())).collect();
    let names: Vec<String> =
        (0..80).flat_map(|n| servers.iter().map(move |(it, _)| format!("n{n}.{it}"))).collect();
    let servers: Vec<(&str, String)> = servers.iter().map(|(it, url)| (it.as_str(), url.clone())).collect();
    let what: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = bench.path("fetched.ndjson");
    let (mut before, mut state) = (Vec::new(), 77_u64);
    for _ in 0..20 {
        let mut child = start(&mut fetch(&bench, &servers, &what));
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        std::thread::sleep(Duration::from_millis(10 + (state >> 33) % 60));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let now = fs::read(&path).unwrap_or_default();
        let whole = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        assert!(now.starts_with(&before[..whole]), "what was on disk is gone");
        before = now;
    }
    // a machine that died in the middle of a line
    let mut file = fs::OpenOptions::new().append(true).create(true).open(&path).expect("the file");
    file.write_all(b"{\"domain\":\"n1.t1\",\"fetched").expect("it can be written");
    let said = run(&mut fetch(&bench, &servers, &what)).expect(0).stdout;
    contains(&said, &["removed a torn last line of 26 bytes first"]);
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    answers(&bench).iter().for_each(|answer| *count.entry(answer.name.to_string()).or_default() += 1);
    assert!(count.len() == 320 && count.values().all(|count| *count == 1), "each name once");
    let asked: usize = registries.iter().map(|server| server.questions().len()).sum();
    assert!(asked <= 320 + 20 * 4, "{asked} questions");
}

/// A server with a certificate that nobody signed.
#[test]
fn a_bad_certificate() {
    let bench = Bench::new();
    let (key, certificate) = (bench.path("key.pem"), bench.path("certificate.pem"));
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]);
    make.args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout"]).arg(&key).arg("-out").arg(&certificate);
    if !make.output().is_ok_and(|output| output.status.success()) {
        return skip("no `openssl` to make a certificate");
    }
    let port = free_port();
    let mut server = Command::new("openssl");
    server.args(["s_server", "-quiet", "-www", "-accept", &format!("127.0.0.1:{port}"), "-key"]);
    server.arg(&key).arg("-cert").arg(&certificate).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = server.spawn().expect("a server");
    wait_for("the server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let said = run(&mut fetch(&bench, &[("com", format!("https://127.0.0.1:{port}/"))], &["a.com"]));
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");
    contains(&said.expect(1).stdout, &["first error: a.com: cannot connect: ", "certificate"]);
    assert_eq!(outcomes(&bench), ["a.com error"]);
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// nginx, serving answers by their path: those of the fixtures, and real ones where they are at hand.
#[test]
fn a_real_server() {
    let bench = Bench::new();
    let folders = [Some(fixture("rdap/found")), corpus("rdap/real")];
    if Command::new("nginx").arg("-v").output().is_err() {
        return skip("no `nginx`");
    }
    let mut names = Vec::new();
    for file in folders.into_iter().flatten().flat_map(|folder| fs::read_dir(folder).expect("a folder")) {
        let bytes = fs::read(file.expect("a file").path()).expect("readable");
        let context = Context { file_name_domain: None, file_time: Moment(0) };
        let name = String::from(read_answer(&bytes, &context).expect("an answer").name);
        bench.write(&format!("www/domain/{name}"), &bytes);
        names.push(name);
    }
    names.sort();
    names.dedup();
    let port = free_port();
    let configuration = format!(
        "daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/error.log;\nevents {{}}\nhttp {{ access_log {0}/access.log;\n\
         client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3; uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n\
         gzip on; gzip_types application/rdap+json; default_type application/rdap+json;\n\
         server {{ listen 127.0.0.1:{port}; root {0}/www; }} }}\n",
        bench.path("").display()
    );
    let path = bench.write("nginx.conf", configuration.as_bytes());
    // the workers' files must be readable by whomever nginx runs as
    let mut server = Command::new("nginx");
    server.arg("-c").arg(&path).stdout(Stdio::null()).stderr(Stdio::null());
    let mut server = server.spawn().expect("nginx starts");
    wait_for("nginx", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let endings: Vec<String> =
        names.iter().filter_map(|name| name.rsplit('.').next()).map(str::to_owned).collect();
    let servers: Vec<(&str, String)> =
        endings.iter().map(|ending| (ending.as_str(), format!("http://127.0.0.1:{port}/"))).collect();
    let mut what: Vec<&str> = names.iter().map(String::as_str).collect();
    what.push("missing.com");
    let said = run(&mut fetch(&bench, &servers, &what));
    server.kill().expect("it can be killed");
    server.wait().expect("it ends");
    // nginx says 404 in HTML, which proves nothing
    let said = said.expect(1).stdout;
    contains(&said, &["missing.com: http status 404: the body is not JSON", "do not quite follow RFC 9083"]);
    let (fetched, files) = (bench.path("fetched.parquet"), bench.path("files.parquet"));
    let import = |input: &Path, output: &Path| -> Run {
        run(zonelapse().args(["rdap", "import"]).arg(input).arg("-o").arg(output)).expect(0)
    };
    import(&bench.path("fetched.ndjson"), &fetched);
    fs::create_dir(bench.path("files")).expect("a directory");
    for name in &names {
        let to = bench.path(&format!("files/{name}.json"));
        fs::copy(bench.path(&format!("www/domain/{name}")), to).expect("a copy");
    }
    import(&bench.path("files"), &files);
    let columns = ["domain", "registrar", "registrar_iana_id", "note"];
    let known = |table: &Path| -> Vec<String> {
        let rows = rows(&read_parquet(table), &columns);
        rows.into_iter().filter(|row| !row.starts_with("missing.com ")).collect()
    };
    assert_eq!(known(&fetched), known(&files));
    assert_eq!(known(&fetched).len(), names.len());
    // an answer from elsewhere would not be this one's: its source is told
    assert!(found("x.com", "active").contains("rdap.registry.example"));
}
