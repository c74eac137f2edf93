//! Options and their mistakes, where messages go, and in which form.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{AS_OF, Bench, Run, not_found, read_parquet, run, zone, zonelapse};

const ACCOUNTS: &[u8] = b"id,email\n1,a@held-example.com\n2,b@freed-example.com\n";

fn program(words: &[&str]) -> Command {
    let mut command = zonelapse();
    command.args(words);
    command
}

/// All that is missing is told in one message, with what to add.
#[test]
fn what_an_audit_needs() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS).display().to_string();
    let zones = bench.path("com.zone").display().to_string();
    let says = |words: &[&str], whole: &str| {
        let said = run(&mut program(&[&["audit"], words].concat())).expect(2);
        assert_eq!((said.stderr.as_str(), said.stdout.as_str()), (whole, ""), "{words:?}");
    };
    says(
        &[],
        "error: no accounts, no evidence to judge by and no directory for the report\n\
         hint: `zonelapse audit accounts.csv --zones zones/ -o report`\n",
    );
    says(
        &[&accounts],
        "error: no evidence to judge by and no directory for the report\n\
         hint: add zones with `--zones PATH` or RDAP answers with `--rdap PATH` and `-o DIR`\n",
    );
    says(&[&accounts, "--zones", &zones], "error: no directory for the report\nhint: add `-o DIR`\n");
    says(
        &["--zones", &zones, "-o", "report"],
        "error: no accounts\nhint: add a file of accounts (`-` is standard input)\n",
    );
}

/// Every path that leads nowhere is told before anything is read.
#[test]
fn paths_that_lead_nowhere() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let mut command = bench.audit([&accounts]);
    for option in [
        "--zones",
        "--rdap",
        "--psl",
        "--bootstrap",
        "--mail-classes",
        "--overrides",
        "--hash-email",
        "--previous",
    ] {
        command.arg(option).arg(bench.path(&format!("none{option}")));
    }
    command.arg("--zones").arg(bench.path("zones/*.gz")).arg(bench.path("none.csv"));
    let said = run(&mut command).expect(2);
    for option in [
        "--zones",
        "--rdap",
        "--psl",
        "--bootstrap",
        "--mail-classes",
        "--overrides",
        "--hash-email",
        "--previous",
    ] {
        assert!(said.stderr.contains(&format!("none{option}")), "{option} in:\n{}", said.stderr);
    }
    let said = said.says(&["no file matches this pattern", "none.csv: cannot open"]);
    assert_eq!(said.stderr.matches("\nhint: ").count(), 10, "{}", said.stderr);
    bench.has_no_report();
}

/// An option takes one value, so accounts may follow it; it may be repeated, and a value may be a pattern.
#[test]
fn one_value_each() {
    let bench = Bench::new();
    let accounts =
        bench.write("a.csv", b"id,email,plan,shop\n1,a@held-example.com,x,y\n2,b@held-example.net,x,y\n");
    bench.write("zones/com.zone", zone("com", 2026053101, &["held-example"]).as_bytes());
    bench.write("zones/net.zone", zone("net", 2026053101, &["held-example"]).as_bytes());
    bench.write("rdap/1.ndjson", (not_found("held-example.net") + "\n").as_bytes());
    bench.write("rdap/2.ndjson", (not_found("held-example.com") + "\n").as_bytes());
    let audit = |options: &[String]| {
        let mut command = zonelapse();
        command.arg("audit").args(options).arg(&accounts).args(["--as-of", AS_OF, "-o"]);
        run(command.arg(bench.path("report"))).expect(0);
        bench.report()
    };
    let at = |name: &str| bench.path(name).display().to_string();
    let option = |name: &str, value: &str| [format!("--{name}"), at(value)];
    let both = |report: &crate::support::Report| {
        report.verdicts().iter().all(|verdict| verdict.contains("active none none"))
    };
    assert!(both(&audit(&[option("zones", "zones/com.zone"), option("zones", "zones/net.zone")].concat())));
    assert!(both(&audit(&option("zones", "zones/*.zone"))));
    let report = audit(
        &[
            &option("zones", "zones/com.zone")[..],
            &option("rdap", "rdap/*.ndjson"),
            &["--carry", "plan", "--carry", "shop"].map(str::to_owned),
        ]
        .concat(),
    );
    assert_eq!(report.value("/inputs/rdap").as_array().map(Vec::len), Some(2));
    let accounts = read_parquet(&bench.path("report/accounts.parquet"));
    assert!(accounts.column("plan").is_ok() && accounts.column("shop").is_ok());
}

/// The store of the environment counts least.
#[test]
fn a_store_of_the_environment() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let store = |command: &mut Command, name: &str| {
        run(command.env("ZONELAPSE_STORE", bench.path(name))).expect(0);
    };
    let mut build = program(&["snapshot", "build"]);
    store(build.arg(bench.path("com.zone")), "one");
    store(&mut program(&["snapshot", "list"]), "one");
    store(&mut program(&["snapshot", "verify"]), "one");
    store(program(&["snapshot", "export", "com", "-o"]).arg(bench.path("x.parquet")), "one");
    store(&mut bench.audit([&accounts]), "two");
    assert!(bench.path("two/zonelapse.store").exists());
    store(bench.audit([&accounts]).arg("--store").arg(bench.path("three")), "four");
    let config = format!("store = {:?}\n", bench.path("five"));
    store(bench.audit([&accounts]).arg("--config").arg(bench.write("c.toml", config.as_bytes())), "six");
    let there = ["two", "three", "four", "five", "six"].map(|name| bench.path(name).exists());
    assert_eq!(there, [true, true, false, true, false]);
    for words in [&["list"][..], &["verify"], &["prune", "--keep-last", "1"], &["build", "com.zone"]] {
        run(&mut program(&[&["snapshot"], words].concat())).expect(2).says(&["no store", "ZONELAPSE_STORE"]);
    }
}

/// Objects, one a line, each with time, level and message.
#[track_caller]
fn objects(text: &str) -> Vec<Value> {
    let objects =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("`{line}` in\n{text}")));
    let objects: Vec<Value> = objects.collect();
    for object in &objects {
        let time = object["time"].as_str().unwrap_or_default();
        assert!(time.len() >= 20 && time.ends_with('Z'), "{object}");
        assert!(
            ["info", "warn", "error"].contains(&object["level"].as_str().unwrap_or_default()),
            "{object}"
        );
        assert!(object["message"].as_str().is_some_and(|message| !message.is_empty()), "{object}");
    }
    objects
}

/// What a command did is one object, with numbers as numbers.
#[test]
fn summaries_as_fields() {
    let bench = Bench::new();
    let at = |name: &str| bench.path(name).display().to_string();
    let (store, file) = (at("store"), at("com.zone"));
    let summary = |words: &[&str], status: i32| -> Value {
        let said = run(program(words).args(["--log-format", "json"])).expect(status);
        let [summary] = &objects(&said.stdout)[..] else { panic!("{words:?}: {}", said.stdout) };
        summary.clone()
    };
    #[track_caller]
    fn has(summary: &Value, expected: &[(&str, Value)]) {
        for (pointer, value) in expected {
            assert_eq!(summary.pointer(pointer), Some(value), "{pointer} in {summary}");
        }
    }
    let built = summary(&["snapshot", "build", &file, "--store", &store], 0);
    let first = [("/snapshots/0/zone", "com".into()), ("/snapshots/0/date", "2026-05-31".into())];
    has(&built, &first);
    has(
        &built,
        &[
            ("/zone_files", 1.into()),
            ("/snapshots/0/names", 2.into()),
            ("/snapshots/0/coverage", "complete".into()),
        ],
    );
    assert!(built["seconds"].is_f64() && built["message"] == "snapshots built", "{built}");
    let pruned = summary(&["snapshot", "prune", "--keep-last", "1", "--dry-run", "--store", &store], 0);
    has(&pruned, &[("/snapshots", Value::Array(vec![])), ("/bytes", 0.into()), ("/dry_run", true.into())]);
    bench.write("day/com.zone", zone("com", 2026060101, &["held-example", "other-example"]).as_bytes());
    run(&mut program(&["snapshot", "build", &at("day"), "--store", &store])).expect(0);
    let pruned = summary(&["snapshot", "prune", "--keep-last", "1", "--store", &store], 0);
    has(&pruned, &[("/snapshots/0/date", "2026-05-31".into()), ("/message", "snapshots removed".into())]);
    assert_eq!(pruned["bytes"], pruned["snapshots"][0]["bytes"], "{pruned}");
    let imported = summary(&["rdap", "import", &at("answers.ndjson"), "-o", &at("x.parquet")], 0);
    has(&imported, &[("/answers", 2.into()), ("/kept/found", 1.into()), ("/kept/not_found", 1.into())]);
    has(&imported, &[("/domains", 2.into()), ("/faults", 0.into()), ("/servers", 1.into())]);
    has(&imported, &[("/first_servers/0/answers", 2.into())]);
    let list = "xn--fgel-exempel-tcb.se\t2026-12-24\n0-exempel.se\t2026-11-25\n";
    bench.write("bardate_domains.txt", list.as_bytes());
    let imported =
        summary(&["registry", "import", &at("bardate_domains.txt"), "-o", &at("lists.parquet")], 0);
    has(&imported, &[("/rows", 2.into()), ("/domains", 2.into()), ("/lists/0/rows", 2.into())]);
    has(&imported, &[("/lists/0/kind", "will_drop".into()), ("/lists/0/faults", 0.into())]);
    // a zone that was cut off, for which a person vouches
    let whole = zone("com", 2026060201, &["held-example", "other-example"]);
    let (open, _) = whole.trim_end().rsplit_once('\n').expect("lines");
    bench.write("open/com.zone", format!("{open}\n").as_bytes());
    let built = summary(&["snapshot", "build", &at("open"), "--store", &store], 1);
    has(&built, &[("/snapshots/0/coverage", "unclosed".into()), ("/snapshots/0/faults", 0.into())]);
    let accepted = summary(&["snapshot", "accept", "com@2026-06-02", "--store", &store], 0);
    has(
        &accepted,
        &[("/zone", "com".into()), ("/date", "2026-06-02".into()), ("/without_closing_soa", true.into())],
    );
    let quiet = ["snapshot", "build", &at("com.zone"), "--store", &at("quiet"), "--quiet"];
    assert_eq!(run(program(&quiet).args(["--log-format", "json"])).expect(0).printed(), "");
}

/// Every command says what it did, and what it cannot do, as objects.
#[test]
fn messages_as_json() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", ACCOUNTS);
    let at = |name: &str| bench.path(name).display().to_string();
    let (store, zones, answers) = (at("store"), at("com.zone"), at("answers.ndjson"));
    let json = |words: &[&str], status: i32| -> Run {
        let said = run(program(words).args(["--log-format", "json"])).expect(status);
        objects(&said.stderr);
        said
    };
    let says = |words: &[&str]| assert!(!objects(&json(words, 0).stdout).is_empty(), "{words:?}");
    says(&["snapshot", "build", &zones, "--store", &store]);
    says(&["snapshot", "export", "com", "--store", &store, "-o", &at("x.csv")]);
    says(&["snapshot", "prune", "--keep-last", "1", "--store", &store]);
    says(&["rdap", "import", &answers, "-o", &at("x.parquet")]);
    let said = json(
        &["audit", &accounts.display().to_string(), "--zones", &zones, "-o", &at("report"), "--as-of", AS_OF],
        0,
    );
    let [summary] = &objects(&said.stdout)[..] else { panic!("{}", said.stdout) };
    assert_eq!((&summary["message"], &summary["counts"]["rows"]), (&"audit finished".into(), &2.into()));
    assert!(summary["columns"].to_string().contains("re-registrations after verification cannot be told"));
    // what was asked for is printed as it is
    assert!(
        json(&["explain", "held-example.com", "--zones", &zones], 0).stdout.contains("held-example.com: ")
    );
    assert!(json(&["rules"], 0).stdout.contains("reregistered.registration"));
    assert!(json(&["policy", "diff", &at("report")], 0).stdout.contains("as of"));
    // mistakes and failures
    for words in [
        &["audit"][..],
        &["audti"],
        &["audit", "--no-such-option"],
        &["snapshot", "list"],
        &["snapshot", "list", "--store", "/none"],
        &["snapshot", "prune"],
        &["snapshot", "accept", "com", "--store", &store],
        &["explain", "a.com", "--zones", "/none"],
        &["rdap", "import", "/none", "-o", "x.parquet"],
        &["policy", "diff", "/none"],
        &["man", "audti"],
        &["completions", "none"],
    ] {
        let said = json(words, 2);
        let errors = objects(&said.stderr);
        assert!(said.stdout.is_empty() && errors.iter().all(|error| error["level"] == "error"), "{words:?}");
        assert!(errors.iter().all(|error| error["hint"].is_string()), "{words:?}: {}", said.stderr);
    }
    // a configuration file may ask for it, too
    let config = bench.write("c.toml", b"log-format = \"json\"\nmax-rejected = 101.0\n");
    let said = run(bench.audit([&accounts]).arg("--config").arg(config)).expect(2);
    objects(&said.stderr);
}

/// `-o` of a snapshot: what the name of the file promises.
#[test]
fn exports() {
    let bench = Bench::new();
    let store = bench.path("store").display().to_string();
    let build = ["snapshot", "build", "--store", &store];
    run(program(&build).arg(bench.path("com.zone"))).expect(0);
    let export =
        |output: &str| run(&mut program(&["snapshot", "export", "com", "--store", &store, "-o", output]));
    let at = |name: &str| bench.path(name).display().to_string();
    let csv = export("-").expect(0);
    assert_eq!(csv.stderr, "");
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert!(lines[0].starts_with("name,present,name_servers,has_ds,first_seen"), "{}", lines[0]);
    assert_eq!(lines[1], "held-example.com,true,ns1.dns.example,false,,2026-05-31,,,,,,,");
    assert_eq!(lines.len(), 3);
    // twice: it knows its own output
    for _ in 0..2 {
        export(&at("x.csv")).expect(0);
        assert_eq!(fs::read_to_string(bench.path("x.csv")).expect("a file"), csv.stdout);
    }
    bench.write("y.csv", b"mine\n");
    export(&at("y.csv")).expect(2).says(&["no earlier output", "\nhint: "]);
    assert_eq!(fs::read(bench.path("y.csv")).expect("a file"), b"mine\n");
    export(&at("x.parquet")).expect(0);
    let table = read_parquet(&bench.path("x.parquet"));
    let columns: Vec<String> = table.get_column_names().iter().map(ToString::to_string).collect();
    assert_eq!((table.height(), columns.join(",")), (2, lines[0].to_owned()));
    for name in ["x.json", "x.txt", "x.csv.gz"] {
        export(&at(name)).expect(2).says(&["is no Parquet file by its name", "\nhint: name it "]);
    }
    let diff = ["snapshot", "diff", "com", "com", "--store", &store, "-o", &at("x.csv")];
    run(&mut program(&diff)).expect(2).says(&["is no Parquet file by its name"]);
    let answers = at("answers.ndjson");
    run(&mut program(&["rdap", "import", &answers, "-o", &at("x.ndjson")]))
        .expect(2)
        .says(&["is no Parquet file"]);
    // whoever closes the pipe has had enough
    let head = "set -o pipefail; \"$0\" snapshot export com --store \"$1\" -o - | true";
    let mut shell = Command::new("bash");
    run(shell.args(["-c", head, env!("CARGO_BIN_EXE_zonelapse"), &store])).expect(0);
}

/// Manual pages of all commands, or of one.
#[test]
fn manual_pages() {
    let one = run(&mut program(&["man", "snapshot", "build"])).expect(0).stdout;
    assert!(one.contains(".TH zonelapse-snapshot-build 1") && one.matches(".TH ").count() == 1);
    assert!(run(&mut program(&["man"])).expect(0).stdout.matches(".TH ").count() >= 15);
    run(&mut program(&["man", "snapshot", "bulid"])).expect(2).says(&["no command `bulid`", "build, list"]);
}
