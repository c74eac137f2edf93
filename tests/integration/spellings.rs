//! Times and addresses as other programs write them, through the program.
//!
//! Every address was verified before its domain was registered, by the answers given here. So no account may be
//! `active`, and a form of time that is not read shows in the verdict.

use polars::prelude::{Column, DataFrame, DataType, ParquetWriter, TimeUnit};

use crate::support::{Bench, Report, rows, run, zone};
use crate::times::lists;

/// 2024-03-01T12:34:56.789Z in the forms of text.
const TIMES: [&str; 24] = [
    "2024-03-01T12:34:56.789Z",
    "2024-03-01 13:34:56.789+01",
    "2024-03-01",
    "1709296496",
    "1709296496.789",
    "1709296496789",
    "1709296496789.0",
    "1.709296496789E12",
    "1709296496789000",
    "1709296496789000123",
    "1.709296496789E18",
    "133537700967890000",
    "20240301123456Z",
    "20240301123456.7+0000",
    "20240301",
    "Fri, 01 Mar 2024 12:34:56 GMT",
    "Friday, 01-Mar-24 12:34:56 GMT",
    "Fri Mar  1 12:34:56 2024",
    "01.03.2024",
    "1.3.2024 12:34:56",
    r#"{"$date":"2024-03-01T12:34:56.789Z"}"#,
    r#"{"$date":{"$numberLong":"1709296496789"}}"#,
    r#"{"$date":1709296496789}"#,
    r#"{"$numberLong":"1709296496789"}"#,
];

/// The bench, with an answer that `held-example.com` was registered on 2026-02-10.
fn bench() -> Bench {
    let bench = Bench::new();
    let answer = r#"{"domain":"held-example.com","fetched_at":"2026-05-31T00:00:00Z","source":"https://rdap.verisign.com/com/v1/","http_status":200,"body":{"objectClassName":"domain","ldhName":"held-example.com","status":["active"],"events":[{"eventAction":"registration","eventDate":"2026-02-10T00:00:00Z"}]}}"#;
    bench.write("answers.ndjson", answer.as_bytes());
    bench
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn csv<'a>(times: impl IntoIterator<Item = &'a str>) -> String {
    let rows = times.into_iter().map(|time| format!("a@held-example.com,{}\n", quoted(time)));
    format!("email,verified_at\n{}", rows.collect::<String>())
}

/// Expects that every account is `reregistered`, by these exact moments if they are told.
#[track_caller]
fn all_reregistered(report: &Report, count: usize) {
    assert_eq!(report.verdicts(), vec!["held-example.com reregistered critical unverify"; count]);
}

#[test]
fn times_in_csv() {
    let bench = bench();
    run(&mut bench.audit([bench.write("a.csv", csv(TIMES).as_bytes())])).expect(0);
    all_reregistered(&bench.report(), TIMES.len());
}

#[test]
fn times_in_ndjson() {
    let bench = bench();
    let times = TIMES.iter().flat_map(|time| {
        let is_json = time.starts_with('{') || time.parse::<f64>().is_ok();
        let text = serde_json::to_string(time).expect("a string is JSON");
        std::iter::once(text).chain(is_json.then(|| (*time).to_owned()))
    });
    let lines: Vec<String> =
        times.map(|time| format!("{{\"email\":\"a@held-example.com\",\"verified_at\":{time}}}\n")).collect();
    run(&mut bench.audit([bench.write("a.ndjson", lines.concat().as_bytes())])).expect(0);
    all_reregistered(&bench.report(), lines.len());
}

#[test]
fn times_in_parquet() {
    let numbers = |number: i64| Column::new("verified_at".into(), [Some(number), None]);
    let cast = |number: i64, kind: &DataType| numbers(number).cast(kind).expect("a cast");
    let datetime = |unit: TimeUnit| DataType::Datetime(unit, None);
    let columns = [
        numbers(1_709_296_496),
        numbers(1_709_296_496_789),
        numbers(1_709_296_496_789_000_123),
        numbers(20_240_301),
        cast(1_709_296_496, &DataType::Float64),
        cast(1_709_296_496_789_000_123, &DataType::Float64),
        cast(1_709_296_496, &DataType::UInt32),
        cast(1_709_296_496_789, &datetime(TimeUnit::Milliseconds)),
        cast(1_709_296_496_789_000, &datetime(TimeUnit::Microseconds)),
        cast(1_709_296_496_789_000_123, &datetime(TimeUnit::Nanoseconds)),
        numbers(19_783).cast(&DataType::Int32).and_then(|days| days.cast(&DataType::Date)).expect("a cast"),
        Column::new("verified_at".into(), [Some(1_709_296_496.0), Some(f64::NAN)]),
        Column::new("verified_at".into(), [Some("1709296496.0"), None]),
    ];
    for times in columns {
        let kind = times.dtype().clone();
        let bench = bench();
        let path = bench.path("a.parquet");
        let emails = Column::new("email".into(), ["a@held-example.com"; 2]);
        let mut frame = DataFrame::new(2, vec![emails, times]).expect("columns of one length");
        let file = std::fs::File::create(&path).expect("a file can be made");
        ParquetWriter::new(file).finish(&mut frame).expect("a small table can be written");
        run(&mut bench.audit([path])).expect(0);
        let states = rows(&bench.report().accounts, &["state"]);
        assert_eq!(states, ["reregistered", "active"], "{kind}");
        let reasons = lists(&bench.report(), "accounts", "reasons");
        assert!(!reasons[1].contains("unreadable"), "{kind}: {reasons:?}");
    }
}

#[test]
fn times_that_are_not_read_are_told() {
    let unreadable =
        ["03/04/2024", "13/04/2024", "04.03.24", "0", "1970-01-01", "9999-12-31", "240301123456", "soon"];
    let bench = bench();
    run(&mut bench.audit([bench.write("a.csv", csv(unreadable).as_bytes())]));
    let reasons = lists(&bench.report(), "accounts", "reasons");
    for (time, reasons) in unreadable.iter().zip(&reasons) {
        assert!(reasons.contains("account.verified_at_unreadable"), "{time}: {reasons}");
    }
}

#[test]
fn a_form_can_be_named() {
    let bench = bench();
    let accounts = bench.write("a.csv", csv(["10/02/2026", "09/02/2026"]).as_bytes());
    let states = |extra: &[&str]| {
        run(bench.audit([&accounts]).args(extra));
        rows(&bench.report().accounts, &["state"])
    };
    assert_eq!(states(&[]), ["active", "active"]);
    // the last second of the day of registration is after it
    assert_eq!(states(&["--time-format", "%d/%m/%Y"]), ["active", "reregistered"]);
    assert_eq!(states(&["--time-format", "%m/%d/%Y"]), ["active", "active"]);
    let config = bench.write("audit.toml", b"time-format = \"%d/%m/%Y\"\n");
    assert_eq!(states(&["--config", &config.display().to_string()]), ["active", "reregistered"]);
    for pattern in ["dd/mm/yyyy", "%d/%m", "%d/%m/%Y %", "%d/%m/%Y %I:%M"] {
        let refused = run(bench.audit(["missing.csv"]).args(["--time-format", pattern])).expect(2);
        refused.says(&["`--time-format`", "hint: write the form as strftime does"]);
    }
}

#[test]
fn the_time_of_an_answer_has_the_same_forms() {
    for time in TIMES {
        let bench = Bench::new();
        let json = if time.starts_with('{') || time.parse::<f64>().is_ok() {
            time.to_owned()
        } else {
            serde_json::to_string(time).expect("a string is JSON")
        };
        let answer = format!(
            r#"{{"domain":"held-example.com","fetched_at":{json},"source":"https://rdap.verisign.com/com/v1/","http_status":404,"body":{{"errorCode":404}}}}"#
        );
        bench.write("answers.ndjson", answer.as_bytes());
        let accounts = bench.write("a.txt", b"a@held-example.com\n");
        run(bench.audit([accounts]).args(["--max-rdap-age-days", "10000"])).expect(0);
        let fetched = rows(&bench.report().domains, &["rdap_fetched_at"]);
        assert!(fetched[0].starts_with("2024-03-01 "), "{time}: {fetched:?}");
    }
}

/// Fields, and the mail domains or the reason of each.
const FIELDS: [(&str, &str); 14] = [
    ("a@held-example.com", "held-example.com"),
    ("Ana Example <a@held-example.com>", "held-example.com"),
    ("\"Example, Ana (x@freed-example.com)\" <a@held-example.com>", "held-example.com"),
    ("mailto:a%40held-example.com?subject=Hello", "held-example.com"),
    ("\"a@b\"@held-example.com", "held-example.com"),
    ("a@(mail)held-example.com (Ana)", "held-example.com"),
    ("a＠HELD-example．com.,", "held-example.com"),
    ("\u{feff}a@held-example.com\u{a0}", "held-example.com"),
    ("a@home@held-example.com", "held-example.com"),
    ("a@freed-example.com, b@held-example.com", "several_addresses"),
    ("a@freed-example.com;b@held-example.com", "several_addresses"),
    ("a@freed-example.com b@held-example.com", "several_addresses"),
    ("A <a@freed-example.com>\nB <b@held-example.com>", "several_addresses"),
    ("a@held-example.com; A@held-example.com", "held-example.com"),
];

fn fields() -> String {
    let row = |(number, (field, _)): (usize, &(&str, &str))| format!("{},{}\n", number + 1, quoted(field));
    format!("id,email\n{}", FIELDS.iter().enumerate().map(row).collect::<String>())
}

#[test]
fn the_address_within_a_field() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", fields().as_bytes());
    run(bench.audit([accounts]).args(["--max-rejected", "50"])).expect(0);
    let report = bench.report();
    let mut found = rows(&report.accounts, &["row", "account_id", "mail_domain"]);
    found.extend(rows(&report.rejected, &["row", "account_id", "reason"]));
    found.sort_by_key(|line| line.split(' ').next().and_then(|row| row.parse::<u32>().ok()));
    let expected: Vec<String> =
        FIELDS.iter().enumerate().map(|(at, (_, domain))| format!("{0} {0} {domain}", at + 1)).collect();
    assert_eq!(found, expected);
    assert_eq!(*report.value("/counts/rejected_by_reason"), serde_json::json!({"several_addresses": 4}));
    assert_eq!(report.value("/counts/added_by_split"), 0);
}

#[test]
fn each_address_within_a_field() {
    let bench = Bench::new();
    let mut content = fields();
    content += "15,\"a@held-example.com, b@localhost, c@freed-example.com\"\n";
    let accounts = bench.write("a.csv", content.as_bytes());
    run(bench.audit([accounts]).args(["--split-addresses"])).expect(0);
    let report = bench.report();
    let accounts = rows(&report.accounts, &["row", "account_id", "mail_domain", "risk"]);
    for row in 10..=13 {
        assert!(accounts.contains(&format!("{row} {row} freed-example.com critical")), "{accounts:?}");
        assert!(accounts.contains(&format!("{row} {row} held-example.com none")), "{accounts:?}");
    }
    assert_eq!(accounts.iter().filter(|line| line.starts_with("15 15 ")).count(), 2);
    assert_eq!(report.rejections(), ["15 single_label"]);
    assert_eq!(report.value("/counts/rows"), 15);
    assert_eq!(report.value("/counts/added_by_split"), 6);
    assert_eq!(report.value("/counts/accepted"), 20);
    assert_eq!(report.value("/inputs/accounts/0/added_by_split"), 6);
}

/// A field of thousands of addresses would repeat what stands beside it as often.
#[test]
fn a_field_of_too_many_addresses_is_one_row() {
    let bench = Bench::new();
    let many: Vec<String> = (0..1001).map(|number| format!("a{number}@held-example.com")).collect();
    let long = "x".repeat(1 << 20);
    let content = format!(
        "id,email\n1,\"{}\"\n{long},\"{}\"\n3,a@held-example.com\n",
        many.join(", "),
        many[..20].join(", ")
    );
    let accounts = bench.write("a.csv", content.as_bytes());
    run(bench.audit([accounts]).args(["--split-addresses", "--max-rejected", "100"])).expect(0);
    let report = bench.report();
    assert_eq!(rows(&report.accounts, &["row"]), ["3"]);
    assert_eq!(report.rejections(), ["1 several_addresses", "2 several_addresses"]);
}

#[test]
fn the_address_within_is_what_is_kept_and_hashed() {
    let bench = Bench::new();
    let accounts =
        bench.write("a.txt", b"a@held-example.com\nAna <a@held-example.com>\n mailto:a@held-example.com\n");
    let key = bench.write("key", b"0123456789abcdef0123456789abcdef");
    run(bench.audit([accounts]).arg("--keep-email").arg("--hash-email").arg(key)).expect(0);
    let accounts = rows(&bench.report().accounts, &["email", "email_hash"]);
    assert!(accounts[0].starts_with("a@held-example.com "), "{accounts:?}");
    assert_eq!(accounts, vec![accounts[0].clone(); 3]);
}

/// Names that IDNA refuses and registries hold (dotnet/runtime #45323, kjd/idna #53).
#[test]
fn ascii_labels_are_taken_as_they_are() {
    let names = ["xn--z9e", "xn--hjdarna07-b07a", "xn--pqk", "xn--0", "xn--ls8h"];
    let bench = Bench::new();
    bench.write("com.zone", zone("com", 2026053101, &names).as_bytes());
    let mut content: String = names.iter().map(|name| format!("a@{}.COM\n", name.to_uppercase())).collect();
    content += "a@xn--4ca.xn--z9e.xn--pqk.com\na@xn--99.bücher.xn--0.com\na@xn--lapsed-b07a.com\n";
    let accounts = bench.write("a.txt", content.as_bytes());
    run(&mut bench.audit([accounts])).expect(0);
    let states = rows(&bench.report().accounts, &["state"]);
    assert_eq!(states, ["active", "active", "active", "active", "active", "active", "active", "absent"]);
}
