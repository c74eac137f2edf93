//! Rows that name something else than an address: domains with their numbers of accounts, URLs, reverse-DNS names. From
//! every form of input to the tables, and what is said if rows name something else than they are said to.

mod wrong;

use std::fs;

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};

use crate::support::{AS_OF, Bench, Run, gzip, not_found, rows, run, run_with_input, zonelapse};

/// What the rows of an audit became, as `mail_domain accounts state`; then what was rejected.
#[track_caller]
fn judged(bench: &Bench, ran: Run, status: i32) -> (Vec<String>, Vec<String>) {
    ran.expect(status);
    let report = bench.report();
    let accepted = rows(&report.accounts, &["mail_domain", "accounts", "state"]);
    let rejected = report.rejections();
    fs::remove_dir_all(bench.path("report")).expect("a report");
    (accepted, rejected)
}

/// Audits a file of this subject.
fn audit(bench: &Bench, file: &str, subject: &str) -> Run {
    run(bench.audit([bench.path(file)]).args(["--subject", subject]))
}

const DOMAINS: [&str; 4] = [
    "held-example.com 1200 active",
    "freed-example.com 7 available",
    "elsewhere-example.net 1 unknown",
    "missing-example.com 0 absent",
];

/// The same rows in every form.
#[test]
fn domains_in_every_form() {
    let bench = Bench::new();
    let cells = [
        ["held-example.com", "1200", "2024-03-01"],
        ["*.Freed-Example.com.", "7", "2024-03-02"],
        ["elsewhere-example.net", "", ""],
        ["missing-example.com", "0", ""],
    ];
    let table = |delimiter: &str| -> String {
        let lines = cells.iter().map(|row| row.join(delimiter) + "\n").collect::<String>();
        format!("{}\n{lines}", ["email_domain", "count", "verified_at"].join(delimiter))
    };
    let object = |row: &[&str; 3]| {
        let [domain, count, day] = row;
        let count = if count.is_empty() { "null" } else { count };
        format!("{{\"fqdn\":\"{domain}\",\"accounts\":{count},\"verified_at\":\"{day}\"}}")
    };
    let objects: Vec<String> = cells.iter().map(object).collect();
    let column = |place: usize| cells.map(|row| row[place]);
    let counts: Vec<Option<i64>> = column(1).iter().map(|count| count.parse().ok()).collect();
    let mut frame = DataFrame::new(
        4,
        vec![
            Series::new("domain".into(), column(0)).into_column(),
            Series::new("count".into(), counts).into_column(),
            Series::new("verified_at".into(), column(2)).into_column(),
        ],
    )
    .expect("columns of one length");
    let mut parquet = Vec::new();
    ParquetWriter::new(&mut parquet).finish(&mut frame).expect("memory takes everything");
    let csv = table(",");
    for (name, bytes) in [
        ("a.csv", csv.clone().into_bytes()),
        ("a.csv.gz", gzip(csv.as_bytes())),
        ("tabs", table("\t").into_bytes()),
        ("semicolons", table(";").into_bytes()),
        ("lines", (objects.join("\n") + "\n").into_bytes()),
        ("array", format!("[{}]", objects.join(",\n")).into_bytes()),
        ("parquet", parquet),
    ] {
        bench.write(name, &bytes);
        let (accepted, rejected) = judged(&bench, audit(&bench, name, "domain"), 0);
        assert_eq!(accepted, DOMAINS, "{name}");
        assert_eq!(rejected.len(), 0, "{name}");
    }
    let mut command = bench.audit(["-"]);
    let ran = run_with_input(command.args(["--subject", "domain", "--threads", "1"]), csv.as_bytes());
    assert_eq!(judged(&bench, ran, 0).0, DOMAINS);
    let headerless: String = csv.lines().skip(1).map(|line| format!("{line}\n")).collect();
    let path = bench.write("b.csv", headerless.as_bytes());
    let mut command = bench.audit([&path]);
    command.args(["--subject", "domain", "--no-header", "--subject-column", "1", "--accounts-column", "2"]);
    assert_eq!(judged(&bench, run(&mut command), 0).0, DOMAINS);
    let ran = run(bench.audit([&path]).args(["--subject", "domain"])).expect(2);
    ran.says(&["the first line has 3 fields and may be data", "`--no-header --subject-column 1`"]);
}

#[test]
fn plain_text() {
    let bench = Bench::new();
    bench.write("domains", b"held-example.com\n\nfreed-example.com\r\nnot a domain\n");
    let ran = audit(&bench, "domains", "domain").says(&["50.0 % of the rows were rejected"]);
    assert!(ran.stdout.contains("a domain a line"), "{}", ran.stdout);
    let (accepted, rejected) = judged(&bench, ran, 1);
    assert_eq!(accepted, ["held-example.com 1 active", "freed-example.com 1 available"]);
    assert_eq!(rejected, ["2 empty", "4 invalid_domain"]);

    bench.write(
        "urls.txt",
        b"https://user@www.held-example.com:8443/x,y\ngit@freed-example.com:a/b.git\nfile:///x\n",
    );
    let (accepted, rejected) = judged(&bench, audit(&bench, "urls.txt", "url"), 1);
    assert_eq!(accepted, ["www.held-example.com 1 active", "freed-example.com 1 available"]);
    assert_eq!(rejected, ["3 no_host"]);

    bench.write(
        "names.txt",
        b"com.held-example.lib\ncom.freed_example.App\njunit\ncom.missing-example:x:1.0\n",
    );
    let (accepted, rejected) = judged(&bench, audit(&bench, "names.txt", "reverse-dns"), 1);
    let expected =
        ["held-example.com 1 active", "freed-example.com 1 available", "missing-example.com 1 absent"];
    assert_eq!(accepted, expected);
    assert_eq!(rejected, ["3 not_reverse_dns"]);
}

/// Whatever speaks of accounts counts what rows stand for; what speaks of rows counts rows.
#[test]
fn accounts_and_rows() {
    let bench = Bench::new();
    let text = "domain,id,accounts,weight,verified_at\nheld-example.com,a,1200,5,2024-03-01\n\
                freed-example.com,b,70,9,\nfreed-example.com,c,7,1,\nmissing-example.com,d,,,\n\
                lapsing-example.com,e,3,,2030-01-01\nelsewhere-example.net,f,0,,\nx,g,5,,\n";
    bench.write("a.csv", text.as_bytes());
    let with = |previous: bool| {
        let mut command = bench.audit([bench.path("a.csv")]);
        command.args(["--subject", "domain", "--max-rejected", "50"]);
        if previous {
            command.arg("--previous").arg(bench.path("before"));
        }
        run(&mut command).expect(0)
    };
    let said = with(false).stdout;
    for part in [
        "80 to unverify · 0 to review · 0 to notify · 1 to look up · 1,200 fine",
        "1,281 accounts in 6 rows at 5 domains",
        "1 of 7 rows was rejected: 1 single_label",
        "domain `domain`, id `id`, verified `verified_at` (2), weight `weight` (3), accounts `accounts` (6)",
        "3 accounts were verified after as-of",
        "77 at freed-example.com",
    ] {
        assert!(said.contains(part), "expected `{part}` in:\n{said}");
    }
    let report = bench.report();
    let counts = report.value("/counts");
    assert_eq!(
        (&counts["accepted"], &counts["accounts"], &counts["rejected"]),
        (&6.into(), &1281.into(), &1.into())
    );
    assert_eq!(counts["accounts_by_state"]["available"], 77);
    assert_eq!(counts["accounts_by_action"]["unverify"], 80);
    assert_eq!(report.value("/options/subject"), "domain");
    assert_eq!(report.value("/inputs/accounts/0/columns/subject/names/0"), "domain");
    assert_eq!(report.value("/inputs/accounts/0/columns/accounts/read"), 6);
    assert!(report.value("/inputs/accounts/0/columns/email").is_null());
    assert_eq!(report.value("/policies/default/accounts/available/unverify"), 77);
    let domains = rows(&report.domains, &["judged_domain", "accounts", "accounts_unverify", "weight"]);
    assert!(domains.contains(&"freed-example.com 77 77 10".to_owned()), "{domains:?}");
    let tlds = crate::support::read_parquet(&bench.path("report/tlds.parquet"));
    let tlds = rows(&tlds, &["tld", "accounts", "accounts_available"]);
    assert!(tlds.contains(&"com 1281 77".to_owned()), "{tlds:?}");
    let metrics = fs::read_to_string(bench.path("report/metrics.prom")).expect("metrics");
    assert!(metrics.contains("zonelapse_accounts_by_action{action=\"unverify\"} 80\n"), "{metrics}");
    assert!(metrics.contains("zonelapse_rows{outcome=\"accepted\"} 6\n"), "{metrics}");
    assert!(metrics.contains("zonelapse_accounts_judged_ratio 1\n"), "{metrics}");
    let page = fs::read_to_string(bench.path("report/index.html")).expect("a page");
    assert!(page.contains("Unverify 80 accounts") && page.contains("1,281 accounts at 5 domains"));
    let list = fs::read_to_string(bench.path("report/at_risk.csv")).expect("a list");
    assert!(list.lines().any(|line| line.contains("freed-example.com") && line.contains(",70,")), "{list}");
    let shown = run(zonelapse().arg("show").arg(bench.path("report"))).expect(0).stdout;
    assert!(shown.contains("80 to unverify"), "{shown}");

    // what changed is counted in accounts, what is gone too
    fs::rename(bench.path("report"), bench.path("before")).expect("a report");
    bench.write("answers.ndjson", not_found("held-example.com").as_bytes());
    bench.write(
        "com.zone",
        crate::support::zone("com", 2026060101, &["other-example", "freed-example"]).as_bytes(),
    );
    bench.write("a.csv", text.replace("lapsing-example.com,e,3,,2030-01-01\n", "").as_bytes());
    with(true);
    let report = bench.report();
    assert_eq!(*report.value("/changes/newly_at_risk"), serde_json::json!([1, 1200]));
    assert_eq!(*report.value("/changes/gone"), serde_json::json!([1, 3]));
    let alerts = fs::read_to_string(bench.path("report/alerts.jsonl")).expect("alerts");
    assert!(alerts.contains("\"accounts\":1200"), "{alerts}");
}

/// Zero, none, unreadable and far too many.
#[test]
fn numbers_of_accounts() {
    let bench = Bench::new();
    let most = 10_000_000_000_u64;
    let text =
        format!("domain,count\nheld-example.com,{most}\nheld-example.com,{most}\nfreed-example.com,many\n");
    bench.write("a.csv", text.as_bytes());
    let ran =
        audit(&bench, "a.csv", "domain").says(&["33.3 % of the numbers of accounts given could not be read"]);
    ran.expect(1);
    let report = bench.report();
    assert_eq!(*report.value("/counts/accounts"), 2 * most + 1);
    assert_eq!(rows(&report.accounts, &["accounts"])[2], "1");
    let shown = run(zonelapse().arg("show").arg(bench.path("report")).args(["--format", "ndjson"]));
    assert!(shown.stdout.contains("account.accounts_unreadable"), "{}", shown.stdout);

    let huge = format!("domain,count\nheld-example.com,{}\nheld-example.com,{}\n", i64::MAX, u64::MAX);
    bench.write("a.csv", huge.as_bytes());
    audit(&bench, "a.csv", "domain").expect(1).says(&["100.0 % of the numbers of accounts"]);
    assert_eq!(*bench.report().value("/counts/accounts"), 2);

    // nobody is there, but the domain was judged
    bench.write("a.csv", b"domain,count\nheld-example.com,0\n");
    audit(&bench, "a.csv", "domain").expect(0);
    let report = bench.report();
    assert_eq!((report.value("/counts/accounts"), report.value("/counts/accepted")), (&0.into(), &1.into()));

    // in a table of addresses a column `count` counts something else, unless it is named
    bench.write("a.csv", b"email,count\na@held-example.com,5\n");
    audit(&bench, "a.csv", "address").expect(0);
    assert_eq!(*bench.report().value("/counts/accounts"), 1);
    run(bench.audit([bench.path("a.csv")]).args(["--accounts-column", "count"])).expect(0);
    assert_eq!(*bench.report().value("/counts/accounts"), 5);
}

#[test]
fn options_about_addresses_are_refused() {
    let bench = Bench::new();
    bench.write("a.csv", b"domain\nheld-example.com\n");
    bench.write("key", &[7; 32]);
    let key = bench.path("key").to_string_lossy().into_owned();
    for (options, hint) in [
        (vec!["--keep-email"], "`--carry COLUMN` copies a column into the report"),
        (
            vec!["--keep-email", "--subject-column", "domain"],
            "`--carry domain` copies a column into the report",
        ),
        (vec!["--split-addresses"], "leave it out"),
        (vec!["--hash-email", &key], "leave it out"),
        (vec!["--email-column", "domain"], "name the column with `--subject-column`"),
    ] {
        let ran =
            run(bench.audit([bench.path("a.csv")]).args(["--subject", "domain"]).args(&options)).expect(2);
        ran.says(&[&format!("`{}` is about addresses, and rows name domains", options[0]), hint]);
        bench.has_no_report();
    }
    let both = ["--email-column", "a", "--subject-column", "b"];
    run(bench.audit([bench.path("a.csv")]).args(both))
        .expect(2)
        .says(&["both name the column of the address"]);
    // the remedy works
    bench.write("a.csv", b"fqdn,note\nheld-example.com,x\n");
    run(bench.audit([bench.path("a.csv")]).args(["--subject", "domain", "--carry", "fqdn"])).expect(0);
    assert_eq!(rows(&bench.report().accounts, &["fqdn"]), ["held-example.com"]);
}

#[test]
fn the_subject_may_stand_in_a_configuration_file() {
    let bench = Bench::new();
    bench.write("a.csv", b"site,users\nhttps://held-example.com/,4\n");
    bench.write("a.toml", b"subject = \"url\"\nsubject-column = \"site\"\naccounts-column = \"users\"\n");
    run(bench.audit([bench.path("a.csv")]).arg("--config").arg(bench.path("a.toml"))).expect(0);
    assert_eq!(*bench.report().value("/counts/accounts"), 4);
    bench.write("a.toml", b"subject = \"urls\"\n");
    let ran = run(bench.audit([bench.path("a.csv")]).arg("--config").arg(bench.path("a.toml"))).expect(2);
    ran.says(&["unknown variant `urls`"]);
}

/// `explain` of every subject, anew and by a report.
#[test]
fn explain_of_every_subject() {
    let bench = Bench::new();
    let explain = |subject: &str, name: &str, by_report: bool| {
        let mut command = zonelapse();
        command.args(["explain", name, "--subject", subject]);
        if by_report {
            command.arg("--report").arg(bench.path("report"));
        } else {
            command
                .arg("--zones")
                .arg(bench.path("com.zone"))
                .arg("--rdap")
                .arg(bench.path("answers.ndjson"));
            command.args(["--as-of", AS_OF]);
        }
        run(&mut command)
    };
    for (subject, name) in [
        ("address", "a@freed-example.com"),
        ("address", "freed-example.com"),
        ("domain", "*.freed-example.com"),
        ("url", "git+ssh://git@freed-example.com:user/repo.git"),
        ("reverse-dns", "com.freed_example.App"),
    ] {
        bench.write("row.txt", format!("{name}\n").as_bytes());
        if name.contains('@') || subject != "address" {
            audit(&bench, "row.txt", subject).expect(0);
        }
        for by_report in [false, true] {
            let said = explain(subject, name, by_report).expect(0).stdout;
            assert!(
                said.contains("freed-example.com") && said.contains("available"),
                "{subject} {name}: {said}"
            );
        }
    }
    explain("domain", "https://freed-example.com/", false)
        .expect(2)
        .says(&["would be rejected: wrong_subject", "these look like URLs: `--subject url`"]);
    explain("reverse-dns", "junit", false)
        .expect(2)
        .says(&["not_reverse_dns", "name one of reverse-DNS names"]);
}

/// Threads change no byte, for rows that stand for many either.
#[test]
fn one_thread_and_many() {
    let bench = Bench::new();
    let names = crate::support::many_names(3000);
    let mut text = String::from("domain,count\n");
    for (number, name) in names.iter().enumerate() {
        text += &format!("{name}.com,{}\n{name}.com,{number}\nheld-example.com,2\n", number % 7);
    }
    bench.write("a.csv", text.as_bytes());
    let tables = |threads: &str| {
        let mut command = bench.audit([bench.path("a.csv")]);
        run(command.args(["--subject", "domain", "--threads", threads, "--max-flagged-share", "100"]))
            .expect(0);
        let read = |name: &str| fs::read(bench.path("report").join(name)).expect("a table");
        ["accounts.parquet", "domains.parquet", "tlds.parquet"].map(read)
    };
    assert!(tables("1") == tables("2"), "tables differ");
}
