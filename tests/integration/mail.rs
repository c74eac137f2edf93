//! `--mx`: which files of mail servers are read, what is told of them, and what cannot be read.
//!
//! How mail servers are judged is tested elsewhere; here it is what arrives.

use std::fs;

use polars::prelude::{ParquetWriter, StatisticsOptions, df};
use serde_json::Value;

use crate::support::{AS_OF, Bench, Report, Run, gzip, run, zonelapse};

/// An audit of two accounts with these files.
fn audit(bench: &Bench, files: &[&str], options: &[&str]) -> Run {
    let accounts = bench.write("accounts.csv", b"id,email\n1,a@held-example.com\n2,b@missing-example.com\n");
    let mut command = bench.audit([accounts]);
    for file in files {
        command.arg("--mx").arg(bench.path(file));
    }
    let _ = fs::remove_dir_all(bench.path("report"));
    run(command.args(options))
}

fn mx(report: &Report) -> &Value {
    report.value("/inputs/mx")
}

/// What the manifest says of a file: rows, records, used, without MX, faults.
fn counts(report: &Report, file: usize) -> [u64; 5] {
    ["rows", "records", "used", "without_mx", "faults"]
        .map(|name| mx(report)["files"][file][name].as_u64().expect("a number"))
}

const TABLE: &str = "domain,mx,preference,date\nheld-example.com,mx1.mail.example,10,2026-05-31\n\
                     held-example.com,mx2.mail.example,20,2026-05-31\nother.example,mx.mail.example,10,2026-05-30\n";

const ZDNS: &str = r#"{"name":"missing-example.com","results":{"MX":{"data":{"answers":[{"answer":"mx.mail.example.","preference":10,"type":"MX"}]},"status":"NOERROR","timestamp":"2026-05-30T10:00:00Z"}}}
{"name":"held-example.com","results":{"MX":{"data":{},"status":"NXDOMAIN","timestamp":"2026-06-01T00:00:00Z"}}}
"#;

#[test]
fn files_in_several_forms() {
    let bench = Bench::new();
    bench.write("mx.csv", TABLE.as_bytes());
    bench.write("zdns.json", ZDNS.as_bytes());
    let said = audit(&bench, &["mx.csv", "zdns.json"], &[]).expect(0);
    said.says(&["note: mail servers: 2 domains of 2 files, dated 2026-05-30 to 2026-05-31"]);
    let report = bench.report();
    assert_eq!([counts(&report, 0), counts(&report, 1)], [[3, 3, 2, 0, 0], [2, 1, 1, 1, 0]]);
    assert_eq!((&mx(&report)["domains"], &mx(&report)["files"][1]["form"]), (&2.into(), &"json".into()));
    let metrics = fs::read_to_string(bench.path("report/metrics.prom")).expect("metrics");
    assert!(metrics.contains("\nzonelapse_mail_servers_age_seconds 86400\n"), "{metrics}");
    let page = fs::read_to_string(bench.path("report/index.html")).expect("a page");
    assert!(page.contains("mail servers") && page.contains("zdns.json"), "the page lists its inputs");
}

#[test]
fn packed_files_patterns_and_directories() {
    let bench = Bench::new();
    bench.write("mx/2026-05-31.csv", &gzip(b"domain,mx\nheld-example.com,mx.mail.example\n"));
    let utf16: Vec<u8> = "\u{feff}domain,mx\nmissing-example.com,mx.mail.example\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    bench.write("mx/b.txt", &utf16);
    for path in ["mx", "mx/*"] {
        let said = audit(&bench, &[path], &[]).expect(0);
        said.says(&["note: mail servers: 2 domains of 2 files, dated 2026-05-31, 1 undated"]);
    }
}

#[test]
fn data_without_a_date_and_later_data() {
    let bench = Bench::new();
    bench.write("mx.txt", b"held-example.com. 300 IN MX 10 mx.mail.example.\n");
    let said = audit(&bench, &["mx.txt"], &[]).expect(0);
    said.says(&["note: mail servers: 1 domain of 1 file, undated, so they raise no risk"]);
    bench.write(
        "mx.csv",
        b"domain,mx,date\nheld-example.com,m.mail.example,2026-06-02\nheld-example.com,m.mail.example,soon\n",
    );
    let said = audit(&bench, &["mx.csv"], &[]).expect(0);
    said.says(&[
        "note: 1 record of mail servers has a date that cannot be read, and counts as undated",
        "note: 1 record of mail servers is later than the moment of judgement, and not used",
    ]);
}

/// A table as OpenINTEL writes it, with one row group for each of these texts, and an audit with it.
fn measured(bench: &Bench, groups: &[&[&str]]) -> Report {
    let frame = |names: &[&str]| {
        let rows = names.len();
        df!(
            "query_name" => names,
            "query_type" => vec!["MX"; rows],
            "response_type" => names.iter().map(|name| if name.starts_with("c-") { "CNAME" } else { "MX" }).collect::<Vec<_>>(),
            "mx_address" => vec![Some("mx.mail.example."); rows],
            "mx_preference" => vec![10_i32; rows],
            "timestamp" => vec![1_780_185_600_000_i64; rows],
            "status_code" => names.iter().map(|name| if name.starts_with("x-") { 65_535 } else { 0 }).collect::<Vec<i32>>(),
        )
        .expect("columns of one length")
    };
    let file = fs::File::create(bench.path("mx.parquet")).expect("a file");
    let schema = frame(&[]).schema().as_ref().clone();
    let mut writer = ParquetWriter::new(file)
        .with_statistics(StatisticsOptions::full())
        .batched(&schema)
        .expect("a table");
    groups.iter().for_each(|names| writer.write_batch(&frame(names)).expect("it is written"));
    writer.finish().expect("it is written");
    audit(bench, &["mx.parquet"], &[]).expect(0);
    bench.report()
}

#[test]
fn what_openintel_measures() {
    let bench = Bench::new();
    let report =
        measured(&bench, &[&["c-example.com.", "held-example.com.", "x-example.com.", "Held-Example.com."]]);
    assert_eq!(counts(&report, 0), [4, 2, 2, 1, 0]);
    assert_eq!(mx(&report)["files"][0]["last_seen"], "2026-05-31T00:00:00Z");
    // row groups that cannot hold a wanted name are not read
    let report = measured(
        &bench,
        &[&["a.com.", "b.com."], &["h.com.", "i.com."], &["missing-example.com."], &["z.com."]],
    );
    assert_eq!((counts(&report, 0), &mx(&report)["files"][0]["skipped_rows"]), ([3, 3, 1, 0, 0], &3.into()));
    let report = measured(&bench, &[&["A.com.", "b.com."]]);
    assert_eq!((counts(&report, 0)[0], &mx(&report)["files"][0]["skipped_rows"]), (2, &0.into()));
}

/// Expects status 1 and these words on standard error, also with `--quiet`, and a report all the same.
#[track_caller]
fn incomplete(name: &str, bytes: &[u8], told: &[&str]) {
    let bench = Bench::new();
    bench.write(name, bytes);
    audit(&bench, &[name], &["--quiet"]).expect(1).says(told);
    assert!(bench.path("report/manifest.json").exists());
    let mut command = zonelapse();
    command.args(["explain", "held-example.com", "--as-of", AS_OF, "--zones"]).arg(bench.path("com.zone"));
    run(command.arg("--mx").arg(bench.path(name))).expect(1);
}

#[test]
fn files_that_are_not_whole() {
    let many = "domain,mx\n".to_owned() + &"held-example.com,mx.mail.example\n".repeat(1000);
    let packed = gzip(many.as_bytes());
    incomplete(
        "mx.csv.gz",
        &packed[..packed.len() - 9],
        &["could not be read, or not to the end", "hint: download or export the file again"],
    );
    incomplete("mx.csv", b"", &["it is empty"]);
    incomplete(
        "mx.html",
        b"<html><body>404</body></html>",
        &["XML or HTML, expected mail servers", "hint: export them as CSV"],
    );
    incomplete("a.csv", b"id,email\n1,a@held-example.com\n", &["looks like accounts, expected mail servers"]);
    incomplete(
        "com.zone",
        b"com. 9 IN SOA a. b. 1 1 1 1 1\nx.com. 9 IN NS a.\n",
        &["it contains no MX record, only others"],
    );
    incomplete(
        "x.csv",
        b"domain,state\na.example,b\n",
        &["found `domain`, `state`", "hint: name the columns `domain` and `mx`"],
    );
    incomplete(
        "mx.csv",
        b"domain,mx\nheld-example.com,a.example\nx,b.example,c\n",
        &["incomplete: 1 MX file has too many faults: more than 5 % of the rows are no MX data"],
    );
}

/// A file that is damaged where its checksum tells it: nothing behind the last good member is used.
#[test]
fn damaged_packed_bytes() {
    let bench = Bench::new();
    let good = gzip(b"domain,mx,date\nheld-example.com,mx.mail.example,2026-05-31\n");
    let mut bad = gzip(b"missing-example.com,mx.mail.example,2026-05-31\n");
    let at = bad.len() - 6;
    bad[at] ^= 1;
    bench.write("mx.csv.gz", &[good, bad].concat());
    audit(&bench, &["mx.csv.gz"], &[]).expect(1);
    assert_eq!(mx(&bench.report())["domains"], 1);
}

#[test]
fn order_and_threads_change_nothing() {
    let bench = Bench::new();
    let mut rows: Vec<String> = (0..40_000)
        .map(|row| format!("d{row}-example.com,mx{}.mail.example,{},2026-05-31\n", row % 7, row % 3))
        .collect();
    rows.push("held-example.com,mx9.mail.example,5,2026-05-31\n".into());
    rows.push("held-example.com,mx8.mail.example,5,2026-05-30\n".into());
    let table = |rows: &[String]| format!("domain,mx,preference,date\n{}", rows.concat());
    bench.write("a.csv", table(&rows).as_bytes());
    rows.reverse();
    bench.write("b.csv", table(&rows).as_bytes());
    let mut seen = Vec::new();
    for (files, threads) in [(["a.csv", "b.csv"], "1"), (["a.csv", "b.csv"], "2"), (["b.csv", "a.csv"], "2")]
    {
        audit(&bench, &files, &["--threads", threads]).expect(0);
        let tables = ["accounts", "domains"]
            .map(|name| fs::read(bench.path(&format!("report/{name}.parquet"))).expect("a table"));
        seen.push((tables, mx(&bench.report())["domains"].clone()));
    }
    assert!(seen.iter().all(|one| *one == seen[0]));
}

/// Whoever names accounts as mail servers sees none of their cells.
#[test]
fn no_cell_is_shown() {
    let bench = Bench::new();
    for text in [
        "id,email\ns3cret,s3cret@held-example.com\n",
        "host,server\ns3cret@held-example.com,s3cret word here\nheld-example.com,s3cret,s3cret\n",
        "s3cret;held-example.com s3cret\n",
        "{\"domain\":\"s3cret word\",\"mx\":\"s3cret\"}\n{\"email\":\"s3cret@held-example.com\"}\n",
        "a.example. MX 10 m.example.\ns3cret s3cret s3cret\n",
    ] {
        bench.write("mx.txt", text.as_bytes());
        let said = audit(&bench, &["mx.txt"], &[]).expect(1);
        let manifest = fs::read_to_string(bench.path("report/manifest.json")).expect("a manifest");
        assert!(
            !said.printed().contains("s3cret") && !manifest.contains("s3cret"),
            "{text}\n{}",
            said.printed()
        );
    }
}

#[test]
fn paths_that_are_missing_are_mistakes() {
    let bench = Bench::new();
    audit(&bench, &["nowhere.csv"], &[]).expect(2).says(&["--mx", "no such file or directory"]);
    audit(&bench, &["*.nothing"], &[]).expect(2).says(&["--mx", "no file matches this pattern"]);
}
