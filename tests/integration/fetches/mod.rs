//! `rdap fetch` against servers on loopback: nothing is lost, nothing is asked twice, no limit is exceeded, and nobody
//! is trusted.

mod hostile;
mod pace;
mod servers;
mod stops;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use zonelapse::rdap::{Answer, Context, read_answer};
use zonelapse::time::Moment;

use crate::loopback::{Server, object};
use crate::support::{Bench, rows, run, zone, zonelapse};

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
    let said = run(fetch(&bench, &servers, &what).args(["--log-format", "json"])).expect(0).stdout;
    let summary: serde_json::Value = serde_json::from_str(said.trim()).expect("one object");
    assert_eq!((&summary["asked"], &summary["recent"]), (&0.into(), &4.into()), "{summary}");
    assert_eq!((&summary["message"], summary["seconds"].is_f64()), (&"answers fetched".into(), true));
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
        ("nothing-like-it", "is not a report directory, a file or a domain name"),
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

/// The lookups of a report by the names that the accounts wait for.
fn lookups(bench: &Bench) -> Vec<String> {
    let accounts = bench.report().accounts;
    rows(&accounts, &["action", "mail_domain"]).into_iter().filter(|row| row.starts_with("lookup ")).collect()
}

/// What a domain of servers serves does not wait for answers about itself.
#[test]
fn domains_of_servers_are_asked_about_first() {
    let (bench, server) = (Bench::new(), Server::registry());
    let today = Moment::now().day().to_string().replace('-', "");
    let zone = |origin: &str, names: &[(&str, &str)]| {
        let soa = format!("{origin}.\t900\tin\tsoa\ta.test. b.test. {today}00 1 2 3 4\n");
        let line = |(name, host): &(&str, &str)| format!("{name}.{origin}.\t900\tin\tns\t{host}.\n");
        let text = soa.clone() + &names.iter().map(line).collect::<String>() + &soa;
        bench.write(&format!("today/{origin}.zone"), text.as_bytes());
    };
    let victims: Vec<String> = (0..5).map(|number| format!("victim{number}-example")).collect();
    let names: Vec<(&str, &str)> = victims.iter().map(|name| (&**name, "ns1.free-example.com")).collect();
    zone("com", &[names.as_slice(), &[("held-example", "ns1.held-example.com")]].concat());
    let mut text = "id,email,weight\n0,a@gone-example.com,900\n".to_owned();
    victims.iter().for_each(|name| text += &format!("{name},a@{name}.com,5\n"));
    let accounts = bench.write("accounts.csv", text.as_bytes());
    let report = bench.path("report");
    run(zonelapse()
        .arg("audit")
        .arg(&accounts)
        .arg("--zones")
        .arg(bench.path("today"))
        .arg("-o")
        .arg(&report))
    .expect(0);
    assert_eq!(lookups(&bench).len(), 6);
    let servers = [("com", server.url())];
    let asked = |server: &Server| {
        let asked = server.questions();
        asked.iter().map(|question| question.name().to_owned()).collect::<Vec<_>>()
    };
    run(&mut fetch(&bench, &servers, &[report.to_str().expect("a path")])).expect(0);
    assert_eq!(asked(&server), ["free-example.com", "gone-example.com"]);
    // a report of an earlier version has no table of servers: its domains name those of their servers
    fs::remove_file(report.join("servers.parquet")).expect("a table");
    fs::remove_file(bench.path("fetched.ndjson")).expect("answers");
    run(&mut fetch(&bench, &servers, &[report.to_str().expect("a path")])).expect(0);
    assert_eq!(asked(&server)[2..], ["free-example.com", "gone-example.com"]);
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
            command.arg("--rdap").arg(rdap).args(["--trust-source", "127.0.0.1"]);
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

fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
