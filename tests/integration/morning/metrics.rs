//! `metrics.prom` against a strict reader of Prometheus' text format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::{Bench, run, zone};

/// The values by name and labels.
type Samples = BTreeMap<(String, Vec<(String, String)>), f64>;

fn is_name(name: &str) -> bool {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.chars().all(letter) && !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty()
}

/// Reads labels up to the closing brace.
fn labels(text: &str) -> (Vec<(String, String)>, &str) {
    let (mut labels, mut rest) = (Vec::new(), text);
    loop {
        let (name, value) = rest.split_once("=\"").expect("a label has a quoted value");
        assert!(is_name(name), "{text}");
        let (mut unescaped, mut characters) = (String::new(), value.char_indices());
        let end = loop {
            match characters.next().expect("the quote ends") {
                (at, '"') => break at,
                (_, '\\') => match characters.next().expect("an escape has a second character").1 {
                    'n' => unescaped.push('\n'),
                    same @ ('\\' | '"') => unescaped.push(same),
                    other => panic!("`\\{other}` is no escape"),
                },
                (_, other) => unescaped.push(other),
            }
        };
        labels.push((name.to_owned(), unescaped));
        rest = &value[end + 1..];
        match rest.split_at(1) {
            (",", more) => rest = more,
            ("}", more) => return (labels, more),
            _ => panic!("expected , or }} in {text}"),
        }
    }
}

/// Reads the whole text: every metric has one help, one type and then its samples, none twice.
fn read(text: &str) -> Samples {
    assert!(text.ends_with('\n') && !text.contains("\n\n"), "{text}");
    let (mut samples, mut known) = (Samples::new(), BTreeSet::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let help = line.strip_prefix("# HELP ").unwrap_or_else(|| panic!("expected a help, found {line}"));
        let (name, help) = help.split_once(' ').expect("a help has words");
        assert!(is_name(name) && name.starts_with("zonelapse_") && help.ends_with('.'), "{line}");
        assert!(known.insert(name.to_owned()), "{name} twice");
        assert_eq!(lines.next(), Some(format!("# TYPE {name} gauge").as_str()));
        let before = samples.len();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            let rest = line.strip_prefix(name).unwrap_or_else(|| panic!("{line} is not of {name}"));
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => labels(rest),
                None => (Vec::new(), rest),
            };
            let value = value.strip_prefix(' ').expect("a blank before the value");
            let value: f64 = value.parse().expect("a number");
            assert!(value.is_finite(), "{line}");
            assert!(samples.insert((name.to_owned(), labels), value).is_none(), "{line} twice");
        }
        assert!(samples.len() > before, "{name} has no sample");
    }
    samples
}

/// The value of a metric with labels as `name=value`.
#[track_caller]
fn value(samples: &Samples, name: &str, labels: &[&str]) -> Option<f64> {
    let label = |label: &&str| {
        let (name, value) = label.split_once('=').expect("a label is name=value");
        (name.to_owned(), value.to_owned())
    };
    samples.get(&(format!("zonelapse_{name}"), labels.iter().map(label).collect())).copied()
}

fn metrics(bench: &Bench, report: &str) -> Samples {
    read(&fs::read_to_string(bench.path(report).join("metrics.prom")).expect("metrics"))
}

#[test]
fn a_run_in_numbers() {
    let bench = Bench::new();
    bench.write("org.zone", zone("org", 2026042001, &["held-example"]).as_bytes());
    let accounts = "id,email\n1,a@held-example.com\n2,a@freed-example.com\n3,a@freed-example.com\n\
        4,a@elsewhere-example.net\n5,nothing\n";
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    let mut audit = bench.audit([accounts]);
    run(audit.arg("--zones").arg(bench.path("org.zone")).args(["--max-rejected", "50"])).expect(0);
    let samples = metrics(&bench, "report");
    let is = |name: &str, labels: &[&str], expected: f64| {
        assert_eq!(value(&samples, name, labels), Some(expected), "{name} {labels:?} in {samples:#?}");
    };
    is("run_complete", &[], 1.0);
    is("rows", &["outcome=accepted"], 4.0);
    is("rows", &["outcome=rejected"], 1.0);
    is("accounts_by_action", &["action=unverify"], 2.0);
    is("accounts_by_action", &["action=notify"], 0.0);
    is("accounts_by_state", &["state=available"], 2.0);
    is("accounts_by_risk", &["risk=critical"], 2.0);
    is("accounts_judged_ratio", &[], 0.75);
    is("domains", &[], 3.0);
    is("as_of_timestamp_seconds", &[], 1_780_272_000.0);
    is("zone_age_seconds", &["zone=com"], 86_400.0);
    is("zone_age_seconds", &["zone=org"], 42.0 * 86_400.0);
    is("zone_coverage", &["zone=com", "coverage=complete"], 1.0);
    is("zone_coverage", &["zone=org", "coverage=stale"], 1.0);
    is("zone_names", &["zone=com"], 2.0);
    is("unreadable_zone_files", &[], 0.0);
    is("breakers_open", &[], 0.0);
    is("overrides", &["outcome=applied"], 0.0);
    let run_at = value(&samples, "last_run_timestamp_seconds", &[]);
    assert!(
        run_at.is_some_and(|at| at > 1.7e9)
            && run_at == value(&samples, "last_success_timestamp_seconds", &[])
    );
    assert!(value(&samples, "run_duration_seconds", &[]).is_some_and(|seconds| seconds > 0.0));
    assert!(!samples.keys().any(|(name, _)| name == "zonelapse_changes"), "there is no earlier report");
}

#[test]
fn a_failure_is_told_and_the_last_success_kept() {
    let bench = Bench::new();
    let mut accounts = "id,email\n".to_owned();
    (0..30).for_each(|number| accounts += &format!("{number},a@gone{number}.com\n"));
    let answers: Vec<String> =
        (0..30).map(|number| crate::support::not_found(&format!("gone{number}.com"))).collect();
    bench.write("answers.ndjson", answers.join("\n").as_bytes());
    let few = bench.write("few.csv", b"id,email\n1,a@held-example.com\n");
    run(&mut bench.audit([few])).expect(0);
    fs::rename(bench.path("report"), bench.path("before")).expect("it can be renamed");
    let success = value(&metrics(&bench, "before"), "last_success_timestamp_seconds", &[]);
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    let mut audit = bench.audit([&accounts]);
    run(audit.arg("--previous").arg(bench.path("before"))).expect(1);
    let samples = metrics(&bench, "report");
    assert_eq!(value(&samples, "run_complete", &[]), Some(0.0));
    assert_eq!(value(&samples, "last_success_timestamp_seconds", &[]), success);
    assert_eq!(value(&samples, "breakers_open", &[]), Some(1.0));
    assert_eq!(value(&samples, "breaker_held_domains", &["zone=com", "tld=com"]), Some(30.0));
    assert_eq!(value(&samples, "changes", &["kind=domain", "change=newly_at_risk"]), Some(30.0));
    // nobody knows of a success
    run(&mut bench.audit([&accounts])).expect(1);
    assert_eq!(value(&metrics(&bench, "report"), "last_success_timestamp_seconds", &[]), None);
}

/// The reader itself finds mistakes.
#[test]
fn the_reader_is_strict() {
    let head = "# HELP zonelapse_a A.\n# TYPE zonelapse_a gauge\n";
    let fine = |samples: &str| std::panic::catch_unwind(|| read(&format!("{head}{samples}"))).is_ok();
    assert!(fine("zonelapse_a 1\n"));
    assert!(fine("zonelapse_a{b=\"c\\\"\\\\\\n\",d=\"\"} 1.5e9\n"));
    for bad in [
        "zonelapse_b 1\n",
        "zonelapse_a 1",
        "zonelapse_a{b=\"c} 1\n",
        "zonelapse_a{b=\"\\t\"} 1\n",
        "",
        "zonelapse_a x\n",
        "zonelapse_a 1\nzonelapse_a 2\n",
        "zonelapse_a{1b=\"c\"} 1\n",
    ] {
        assert!(!fine(bad), "{bad}");
    }
}

/// How old the lists are, and how much weight each action concerns.
#[test]
fn lists_and_weights() {
    let bench = Bench::new();
    let mut audit = crate::support::zonelapse();
    audit.args(["audit", "data/sample/accounts.csv", "--registry", "data/sample/registry"]);
    audit.args(["--zones", "data/sample/zones", "--as-of", "2026-06-01", "-o"]).arg(bench.path("report"));
    run(&mut audit).expect(0);
    let samples = metrics(&bench, "report");
    let lists: BTreeMap<&str, f64> = samples
        .iter()
        .filter(|((name, _), _)| name == "zonelapse_registry_list_age_seconds")
        .map(|((_, labels), age)| (labels[0].1.as_str(), *age))
        .collect();
    assert_eq!(lists.keys().copied().collect::<Vec<_>>(), ["br", "it", "mx", "pl"]);
    assert!(lists.values().all(|age| (0.0..40.0 * 86_400.0).contains(age)), "{lists:?}");
    // built in later than the sample's day
    for list in ["public_suffix_list", "rdap_servers"] {
        let label = format!("list={list}");
        assert_eq!(value(&samples, "reference_list_age_seconds", &[&label]), Some(0.0));
    }
    let accounts = crate::support::Report::read(&bench.path("report")).accounts;
    let mut expected: BTreeMap<String, f64> = BTreeMap::new();
    for row in crate::support::rows(&accounts, &["action", "weight"]) {
        let (action, weight) = row.split_once(' ').expect("two cells");
        *expected.entry(action.to_owned()).or_default() += weight.parse().unwrap_or(0.0);
    }
    for (action, weight) in expected {
        let label = format!("action={action}");
        assert_eq!(value(&samples, "weight_by_action", &[&label]), Some(weight), "{action}");
    }
}

/// Prometheus' own checker, where it is installed.
#[test]
fn promtool_finds_nothing_wrong() {
    use std::process::{Command, Stdio};
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", b"id,email\n1,a@held-example.com\n");
    run(&mut bench.audit([accounts])).expect(0);
    let file = fs::File::open(bench.path("report/metrics.prom")).expect("metrics");
    let mut check = Command::new(std::env::var_os("PROMTOOL").unwrap_or("promtool".into()));
    let Ok(done) = check.args(["check", "metrics"]).stdin(file).stderr(Stdio::piped()).output() else {
        return crate::support::skip("there is no `promtool`");
    };
    assert!(done.status.success() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
}
