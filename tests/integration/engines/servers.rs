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
    let (lost, doubted) = (["active", "critical", "active.present"], ["active", "high", "active.present"]);
    let victim = json!([
        // a chain leads further, to a domain without a mail server; servers in the domain itself serve nobody else
        link("mx", "free.com", &[], [false, true], free),
        link("mx", "relay.com", &["mx.relay.com"], [true, false], lost),
        link("mx", "victim.com", &["mx.victim.com"], [false, false], doubted),
        link("ns", "victim.com", &["ns1.victim.com"], [false, false], doubted),
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
