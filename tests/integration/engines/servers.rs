//! `stream --servers`: the domains of servers behind each row, the same in every format.

use std::process::Command;

use serde_json::{Value, json};

use super::{answered, arrow, stream};
use crate::readers::python;
use crate::support::Bench;

const ACCOUNTS: &str = "id,email\n1,a@victim.com\n2,a@relay.com\n3,none\n4,a@gone.com\n";

/// `victim.com` has its mail server in `relay.com`, which has its name server in a free domain.
fn bench() -> Bench {
    let bench = Bench::new();
    let soa = "com. 900 in soa ns1.registry.example. host.registry.example. 2026053101 1 1 1 1\n";
    let servers = [("victim", "ns1.victim.com"), ("relay", "ns1.free.com"), ("held", "ns2.held.com")];
    let names = servers.map(|(name, host)| format!("{name}.com. 900 in ns {host}.\n")).concat();
    bench.write("com.zone", format!("{soa}com. 900 in ns ns1.registry.example.\n{names}{soa}").as_bytes());
    bench.write(
        "mx.csv",
        b"domain,mx,date\nvictim.com,mx.relay.com,2026-05-30\nvictim.com,mx.victim.com,2026-05-30\n",
    );
    bench
}

fn link(kind: &str, domain: &str, hosts: &[&str], [serves, exposes]: [bool; 2], verdict: [&str; 3]) -> Value {
    let [state, risk, rule] = verdict;
    json!({
        "kind": kind, "domain": domain, "hosts": hosts, "serves": serves, "exposes": exposes, "state": state,
        "risk": risk, "rule": rule, "earliest_drop_on": null, "latest_drop_on": null,
    })
}

/// What the rows are to have.
fn expected() -> Vec<Value> {
    let free = ["absent", "high", "absent.zone"];
    let (lost, held) = (["active", "critical", "active.present"], ["active", "none", "active.present"]);
    let victim = json!([
        // a chain leads further, to a domain without a mail server; servers in the domain itself serve nobody else
        link("mx", "free.com", &[], [false, true], free),
        link("mx", "relay.com", &["mx.relay.com"], [true, false], lost),
        link("mx", "victim.com", &["mx.victim.com"], [false, false], held),
        link("ns", "victim.com", &["ns1.victim.com"], [false, false], held),
    ]);
    let relay = json!([link("ns", "free.com", &["ns1.free.com"], [true, true], free)]);
    vec![victim, relay, Value::Null, json!([])]
}

/// The servers of each row in an order of their own.
fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    let name = |link: &Value| (link["kind"].to_string(), link["domain"].to_string());
    rows.iter_mut().filter_map(Value::as_array_mut).for_each(|links| links.sort_by_key(name));
    rows
}

/// The domains of servers of each row.
#[track_caller]
fn linked(bench: &Bench, accounts: &str, options: &[&str]) -> Vec<Value> {
    let mail = bench.path("mx.csv");
    let mail = mail.to_str().expect("a path of letters");
    let mut command = stream(bench, &["--format", "csv", "--servers", "--mx", mail]);
    let output = answered(command.args(options), accounts.as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    last_cells(&output.stdout, b',')
}

#[track_caller]
fn tells(format: &str, input: &[u8], servers: impl Fn(&Bench, Vec<u8>) -> Vec<Value>) {
    let bench = bench();
    let mail = bench.path("mx.csv");
    let mail = mail.to_str().expect("a path of letters");
    let output = answered(&mut stream(&bench, &["--format", format, "--servers", "--mx", mail]), input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(sorted(servers(&bench, output.stdout)), expected(), "{format}");
}

/// The last cells of a table.
fn last_cells(text: &[u8], delimiter: u8) -> Vec<Value> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).quoting(delimiter == b',').from_reader(text);
    assert_eq!(reader.headers().expect("a header").iter().next_back(), Some("servers"));
    let cell = |record: csv::StringRecord| match record.iter().next_back() {
        Some("" | "\\N") | None => Value::Null,
        Some(cell) => serde_json::from_str(cell).expect("JSON"),
    };
    reader.records().map(|record| cell(record.expect("a record"))).collect()
}

#[test]
fn in_tables() {
    tells("csv", ACCOUNTS.as_bytes(), |_, output| last_cells(&output, b','));
    tells("tsv", ACCOUNTS.replace(',', "\t").as_bytes(), |_, output| last_cells(&output, b'\t'));
}

#[test]
fn in_objects() {
    let object = |line: &str| {
        let (id, email) = line.split_once(',').expect("two fields");
        format!("{}\n", json!({"id": id, "email": email}))
    };
    let input: String = ACCOUNTS.lines().skip(1).map(object).collect();
    tells("ndjson", input.as_bytes(), |_, output| {
        let rows = serde_json::Deserializer::from_slice(&output).into_iter::<Value>();
        rows.map(|row| row.expect("an object")["servers"].clone()).collect()
    });
}

#[test]
fn in_record_batches() {
    let Some(python) = python() else { return };
    const SCRIPT: &str = "import json, sys, pyarrow as pa\n\
        servers = pa.ipc.open_stream(open(sys.argv[1], 'rb')).read_all()['servers']\n\
        assert servers.type.value_type['earliest_drop_on'].type == pa.date32(), servers.type\n\
        servers.validate(full=True)\n\
        print(json.dumps(servers.to_pylist(), default=str))";
    // batches of one row and of two
    for rows in [1, 2, 100] {
        tells("arrow", &arrow::written(ACCOUNTS.as_bytes(), b',', rows), |bench, output| {
            let output = bench.write("judged.arrows", &output);
            let ran = Command::new(&python).args(["-c", SCRIPT]).arg(output).output().expect("Python runs");
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            serde_json::from_slice(&ran.stdout).expect("JSON")
        });
    }
}

#[test]
fn a_delimiter_that_json_holds() {
    let bench = bench();
    let input = ACCOUNTS.replace(',', ";");
    for (delimiter, is_taken) in [(",", false), ("}", false), (";", true)] {
        let arguments = ["--format", "tsv", "--servers", "--delimiter", delimiter];
        let output = answered(&mut stream(&bench, &arguments), input.as_bytes());
        assert_eq!(output.status.success(), is_taken, "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A zone may hold any octets, and what is made of them must stay what it is.
#[test]
fn names_that_are_no_host_names() {
    let bench = bench();
    let hosts =
        ["x\\\"]},{\\\"kind\\\":\\\"ns.free.com", "n\\009s.free.com", "n|s.free.com", "n\\032s.free.com"];
    let soa = "com. 900 in soa ns1.registry.example. host.registry.example. 2026053101 1 1 1 1\n";
    let names: String = hosts.iter().map(|host| format!("victim.com. 900 in ns {host}.\n")).collect();
    bench.write("com.zone", format!("{soa}com. 900 in ns ns1.registry.example.\n{names}{soa}").as_bytes());
    bench.write("mx.csv", b"domain,mx,date\nother.com,mx.other.com,2026-05-30\n");
    let told = linked(&bench, "id,email\n1,a@victim.com\n", &[]);
    let told = &told[0].as_array().expect("a list")[..];
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!((&told[0]["domain"], &told[0]["exposes"]), (&json!("free.com"), &json!(true)));
    let names: Vec<&str> =
        told[0]["hosts"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(names.len(), hosts.len(), "{names:?}");
    for (format, delimiter) in [("tsv", b'|'), ("tsv", b'\t'), ("csv", b'|')] {
        let letter = char::from(delimiter).to_string();
        let arguments =
            ["--format", format, "--delimiter", if delimiter == b'\t' { "tab" } else { "bar" }, "--servers"];
        let output = answered(
            &mut stream(&bench, &arguments),
            format!("id{letter}email\n1{letter}a@victim.com\n").as_bytes(),
        );
        let mut reader = csv::ReaderBuilder::new();
        let mut reader = reader.delimiter(delimiter).quoting(format == "csv").from_reader(&output.stdout[..]);
        let row = reader.records().next().expect("a row").expect("as many fields as in the header");
        let cell: Value = serde_json::from_str(&row[row.len() - 1]).expect("JSON");
        assert_eq!(&cell.as_array().expect("a list")[..], told, "{format} {letter}");
    }
}

/// Anybody can have a domain with thousands of servers.
#[test]
fn a_domain_with_many_servers() {
    let bench = bench();
    let host = |number: usize| format!("victim.com,mx.held{number:04}.com,2026-05-30\n");
    let hosts: String = (0..2000).map(host).collect();
    let soa = "com. 900 in soa ns1.registry.example. host.registry.example. 2026053101 1 1 1 1\n";
    let held = |number: usize| format!("held{number:04}.com. 900 in ns ns1.registry.example.\n");
    let names: String = (0..2000).map(held).collect();
    let victim = "victim.com. 900 in ns ns1.registry.example.\n";
    bench.write(
        "com.zone",
        format!("{soa}com. 900 in ns ns1.registry.example.\n{victim}{names}{soa}").as_bytes(),
    );
    bench
        .write("mx.csv", format!("domain,mx,date\n{hosts}victim.com,mx.zz-free.com,2026-05-30\n").as_bytes());
    let told = linked(&bench, "id,email\n1,a@victim.com\n", &[]);
    assert!(told[0].to_string().len() < 1 << 13, "{}", told[0].to_string().len());
    let links = told[0].as_array().expect("a list");
    let exposing =
        links.iter().find(|link| link["exposes"] == json!(true)).expect("the one that can be registered");
    assert_eq!(
        (&exposing["domain"], &exposing["hosts"]),
        (&json!("zz-free.com"), &json!(["mx.zz-free.com"]))
    );
}

/// What is told of a domain of servers does not depend on the other rows of a batch.
#[test]
fn batches_of_any_size() {
    let bench = bench();
    // whose own mail is in danger, which is known where an account is at it
    bench.write(
        "mx.csv",
        b"domain,mx,date\nvictim.com,mx.relay.com,2026-05-30\nheld.com,mx.spare.com,2026-05-30\n",
    );
    let victim = "id,email\n1,a@victim.com\n2,a@held.com\n3,a@victim.com\n";
    let zone = std::fs::read_to_string(bench.path("com.zone")).expect("a zone");
    bench.write("com.zone", zone.replace("ns1.victim.com", "ns1.held.com").as_bytes());
    let told = linked(&bench, victim, &[]);
    let risks = |row: &Value| row.to_string().matches("critical").count();
    assert_eq!((risks(&told[0]), &told[0]), (1, &told[2]), "{told:#?}");
    for rows in ["1", "2"] {
        assert_eq!(linked(&bench, victim, &["--batch-rows", rows]), told);
    }
}
