//! How fast hosts are asked, when they are given up, and when registrars are asked.

use std::time::Duration;

use super::{answers, bootstrap, contains, fetch, lines, outcomes};
use crate::loopback::{Server, head, object, redirect, reply};
use crate::support::{Bench, Report, run, zonelapse};

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

/// The loop of the README: fetch, then audit without further options. The registrar does not know a name that
/// the registry holds.
#[test]
fn what_was_fetched_is_judged_right() {
    let bench = Bench::new();
    let registrar = Server::start(|question, stream| match question.name() {
        "held.com" => reply(stream, 404, "application/rdap+json", r#"{"errorCode":404}"#),
        name => reply(stream, 200, "application/rdap+json", &object(name)),
    });
    let link = registrar.url();
    let registry = Server::start(move |question, stream| {
        let name = question.name();
        if name == "free.com" {
            return reply(stream, 404, "application/rdap+json", r#"{"errorCode":404}"#);
        }
        let links = format!(
            r#""links":[{{"rel":"related","type":"application/rdap+json","href":"{link}domain/{name}"}}]"#
        );
        let status =
            if name == "held.com" { r#""status":["client hold"]"# } else { r#""status":["active"]"# };
        let events = r#""events":[{"eventAction":"registration","eventDate":"2001-01-01"}]"#;
        let body = format!(r#"{{"objectClassName":"domain","ldhName":"{name}",{status},{events},{links}}}"#);
        reply(stream, 200, "application/rdap+json", &body)
    });
    let names = ["held.com", "kept.com", "free.com"];
    let mut command = fetch(&bench, &[("com", registry.url())], &names);
    run(command.arg("--follow-registrar")).expect(0);
    // on loopback every server has one host; in the world they have names of their own
    let text = lines(&bench).join("\n").replace(&registry.url(), "https://rdap.verisign.com/com/v1/");
    let text = text.replace(&registrar.url(), "https://rdap.registrar.example/");
    bench.write("fetched.ndjson", text.as_bytes());
    let accounts = names.map(|name| format!("a@{name}")).join("\n");
    let accounts = bench.write("accounts.csv", format!("email\n{accounts}\n").as_bytes());
    let mut audit = zonelapse();
    audit.arg("audit").arg(accounts).arg("--rdap").arg(bench.path("fetched.ndjson"));
    run(audit.arg("-o").arg(bench.path("report"))).expect(0);
    assert_eq!(
        Report::read(&bench.path("report")).verdicts(),
        ["held.com hold medium notify", "kept.com active none none", "free.com available high review"]
    );
}

/// Leads are tried for their own suffix, and names that no registry knows are not asked about.
#[test]
fn whom_to_ask() {
    let bench = Bench::new();
    let names = ["x.eu", "x.uk.com", "uk.com", "x.co.com", "x.github.io", "x.io", "x.com.se", "x.gr"];
    let mut command = zonelapse();
    command.args(["rdap", "fetch", "--dry-run", "-o"]).arg(bench.path("fetched.ndjson")).args(names);
    let said = run(&mut command).expect(0).stdout;
    for url in [
        "https://rdap.eurid.eu/domain/x.eu",
        "https://rdap.centralnic.com/uk.com/domain/x.uk.com",
        "https://rdap.verisign.com/com/v1/domain/uk.com",
        "https://rdap.identitydigital.services/rdap/domain/x.io",
    ] {
        assert!(said.contains(url), "expected {url} in:\n{said}");
    }
    assert!(said.contains("3 names not asked about, no RDAP server"), "{said}");
}
