//! RDAP files that are not whole: each is named, and a run that read one is incomplete. The answers before the break
//! count, unless nothing in the file can be trusted.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Bench, Run, found, gzip, not_found, read_parquet, rows, run, zonelapse};

/// Answers about so many names.
fn answers(count: usize) -> Vec<String> {
    (0..count).map(|number| not_found(&format!("n{number}-example.com"))).collect()
}

fn import(inputs: &[&Path], output: &Path) -> Run {
    run(zonelapse().args(["rdap", "import"]).args(inputs).arg("-o").arg(output))
}

/// Audit, explanation and import of a file that holds so many whole answers: each names the file and says why.
#[track_caller]
fn broken(name: &str, content: &[u8], whole: usize, parts: &[&str]) {
    let bench = Bench::new();
    let path = bench.write(name, content);
    let accounts = bench.write("a.txt", b"b@n0-example.com\n");
    let mut audit = bench.audit_by([accounts], &["com.zone"]);
    run(audit.args(["--quiet", "--rdap"]).arg(&path)).expect(1).says(&[name]).says(parts);
    let report = bench.report();
    assert_eq!(report.value("/status"), "incomplete", "{name}");
    assert!(report.value("/incomplete").to_string().contains("RDAP file"), "{name}");
    assert_eq!(report.value("/inputs/rdap/0/answers"), whole, "{name}");
    let reason = report.value("/inputs/rdap/0/broken").as_str().expect("a reason");
    parts.iter().for_each(|part| assert!(reason.contains(part), "{name}: {reason}"));
    let state = if whole > 0 { "available" } else { "absent" };
    assert!(report.verdicts()[0].starts_with(&format!("n0-example.com {state} ")), "{name}");

    let mut explain = zonelapse();
    explain
        .args(["explain", "n0-example.com", "--as-of", "2026-06-01", "--zones"])
        .arg(bench.path("com.zone"));
    let said = run(explain.arg("--rdap").arg(&path)).expect(1).says(&[name]).says(parts);
    assert!(said.printed().contains(state), "{name}: {}", said.stdout);

    let good = bench.write("good.ndjson", (found("good-example.com", "active") + "\n").as_bytes());
    let output = bench.path("out.parquet");
    import(&[&good, &path], &output).expect(1).says(&[name]).says(parts);
    let domains = rows(&read_parquet(&output), &["domain"]);
    assert_eq!(domains.len(), whole + 1, "{name}: what is sound is written");
    if whole == 0 {
        let output = bench.path("none.parquet");
        import(&[&path], &output).expect(2).says(&["no RDAP answer could be read", name, "hint:"]);
        assert!(!output.exists());
    }
}

#[test]
fn whole_values_before_a_cut_are_kept() {
    let lines = answers(300);
    let (text, array) = (lines.join("\n") + "\n", format!("[{}]", lines.join(",\n")));
    let before = |text: &str, end: usize| text[..end].matches("}}").count();
    let cut = array.len() * 2 / 3;
    let whole = before(&array, cut);
    assert!(whole > 150);
    broken("array.json", &array.as_bytes()[..cut], whole, &["inside an array"]);
    broken("lines.ndjson", &text.as_bytes()[..cut], before(&text, cut), &["the last value is cut off"]);
    broken("lines.json", &text.as_bytes()[..cut], before(&text, cut), &["the last value is cut off"]);
    broken("one.json", &lines[0].as_bytes()[..99], 0, &["the last value is cut off"]);
    let packed = gzip(text.as_bytes());
    for (end, least) in [(packed.len() - 8, 300), (packed.len() - 1, 300), (packed.len() / 2, 20)] {
        let bench = Bench::new();
        let path = bench.write("cut.ndjson.gz", &packed[..end]);
        let output = bench.path("out.parquet");
        import(&[&path], &output).expect(1).says(&["cut.ndjson.gz:", "cannot be read to its end"]);
        let kept = read_parquet(&output).height();
        assert!((least..=300).contains(&kept), "{kept} answers of {end} bytes");
    }
    broken("lines.ndjson.gz", &packed[..packed.len() - 8], 300, &["cannot be read to its end"]);
    let packed = zstd::encode_all(text.as_bytes(), 1).expect("memory takes everything");
    broken("lines.ndjson.zst", &packed[..packed.len() / 8], 0, &["cannot be read to its end"]);
    let packed = gzip(array.as_bytes());
    broken("array.json.gz", &packed[..packed.len() - 8], 300, &["cannot be read to its end"]);
}

/// Success without an answer in it is an answer that was lost on the way.
#[test]
fn envelopes_without_an_answer() {
    for body in ["\"<html>busy</html>\"", "null", "\"{\\\"objectClassName\\\":\"", "[]"] {
        let line = |name: &str| {
            format!(
                "{{\"domain\":\"{name}\",\"fetched_at\":\"2026-05-31T00:00:00Z\",\"http_status\":200,\"body\":{body}}}\n"
            )
        };
        let bench = Bench::new();
        let path = bench.write("lost.ndjson", (line("n0-example.com") + &line("n1-example.com")).as_bytes());
        let said = ["lost.ndjson: none of its answers can be read"];
        import(&[&path], &bench.path("out.parquet")).expect(1).says(&said);
        let accounts = bench.write("a.txt", b"a@held-example.com\n");
        let mut audit = bench.audit_by([accounts], &["com.zone"]);
        run(audit.arg("--rdap").arg(&path)).expect(1).says(&said);
    }
}

/// The place of a fault may be far behind where reading goes on.
#[test]
fn a_large_value_that_is_broken_at_its_end() {
    let text = format!("{{\n{}]\n", "\"a\": 1,\n".repeat(300_000));
    broken("deep.json", text.as_bytes(), 0, &["deep.json:"]);
}

#[test]
fn large_documents_are_cut_like_small_ones() {
    let lines = answers(12_000);
    let array = format!("[{}]", lines.join(",\n"));
    let cut = array.len() * 2 / 3;
    assert!(cut > 1 << 20);
    broken("array.json", &array.as_bytes()[..cut], array[..cut].matches("}}").count(), &["inside an array"]);
    let damaged = array.replacen("\"n9000-example.com\"", "n9000", 1);
    broken(
        "array.json",
        damaged.as_bytes(),
        9000,
        &["array.json:9001:", "the rest of an array cannot be read"],
    );
    let bench = Bench::new();
    let (whole, lines) = (bench.write("whole.json", array.as_bytes()), lines.join("\n") + "\n");
    let lines = bench.write("lines.ndjson", lines.as_bytes());
    let tables = [(&whole, "a.parquet"), (&lines, "b.parquet")].map(|(input, output)| {
        import(&[input], &bench.path(output)).expect(0);
        fs::read(bench.path(output)).expect("a table")
    });
    assert!(tables[0] == tables[1], "an array is as good as lines");
}

#[test]
fn files_of_which_nothing_can_be_read() {
    let nothing = ["it contains no RDAP answer"];
    for name in ["page.json", "page.ndjson"] {
        broken(name, b"<html>\n<body>\nbusy\n</body>\n</html>\n", 0, &nothing);
        broken(name, b"", 0, &["it is empty"]);
        broken(name, b"\n\n \r\n\n", 0, &["it is empty"]);
        broken(name, &[0; 4096], 0, &["NUL bytes"]);
        broken(name, b"{\"objectClassName\":\"entity\",\"handle\":\"x\"}\n", 0, &nothing);
        broken(name, b"7\n", 0, &nothing);
    }
    // the content tells whether a file is packed
    broken("page.json.gz", b"<html>\n", 0, &nothing);
    broken("page.json.gz", b"\x1f\x8b", 0, &["page.json.gz: it cannot be read to its end"]);
    broken("page.ndjson.zst", b"\x28\xb5\x2f", 0, &["page.ndjson.zst:1: it cannot be read to its end"]);
    // a table of ours that is damaged ends the run
    let bench = Bench::new();
    let page = bench.write("page.parquet", b"<html>\n");
    import(&[&page], &bench.path("out.parquet"))
        .expect(2)
        .says(&["page.parquet: not readable as Parquet", "hint: "]);
    broken("empty.ndjson.gz", b"", 0, &["cannot be read to its end"]);
    broken("empty.ndjson.gz", &gzip(b""), 0, &["it is empty"]);
}

#[test]
fn text_that_was_lost_is_no_mere_fault() {
    let lines = answers(300);
    let mut torn = (lines.join("\n") + "\n").into_bytes();
    let size = lines[100].len() + 1;
    torn[size * 50..size * 70].fill(0);
    let bench = Bench::new();
    let output = bench.path("out.parquet");
    let path = bench.write("torn.ndjson", &torn);
    import(&[&path], &output).expect(1).says(&["torn.ndjson:", "NUL bytes"]);
    assert!(read_parquet(&output).height() > 270);
    // a line that is longer than any answer is passed over
    let long = format!("{}\n{{\"a\":\"{}\"}}\n{}\n", lines[0], "x".repeat(9 << 20), lines[1]);
    broken("long.ndjson", long.as_bytes(), 2, &["long.ndjson:2:1: longer than the limit of 4 MiB"]);
    broken(
        "long.ndjson.gz",
        &gzip(long.as_bytes()),
        2,
        &["long.ndjson.gz:2:1: longer than the limit of 4 MiB"],
    );
    broken("long.json", long.as_bytes(), 2, &["long.json:2:1: longer than the limit of 4 MiB"]);
    broken(
        "trailing.json",
        format!("[{}]\nand more", lines[0]).as_bytes(),
        1,
        &["trailing.json:2:1: what follows an array"],
    );
}

#[test]
fn more_faults_than_a_few_are_told() {
    let bench = Bench::new();
    let (output, accounts) = (bench.path("out.parquet"), bench.write("a.txt", b"b@n0-example.com\n"));
    for (faults, status) in [(0, 0), (5, 0), (6, 1), (50, 1)] {
        let text = answers(100).join("\n") + "\n" + &"{}\n".repeat(faults);
        let path = bench.write("some.ndjson", text.as_bytes());
        let said = import(&[&path], &output).expect(status);
        assert_eq!(said.stderr.contains("some.ndjson"), status == 1, "{faults} faults: {}", said.stderr);
        let mut audit = bench.audit_by([&accounts], &["com.zone"]);
        audit.arg("--max-flagged-share").arg("100").arg("--rdap").arg(&path);
        run(&mut audit).expect(status);
        if status == 1 {
            run(audit.args(["--max-rejected", "50"])).expect(0);
        }
    }
    // errors of a server are sound records
    let busy: String = answers(100).join("\n").replace("\"http_status\":404", "\"http_status\":429") + "\n";
    import(&[&bench.write("busy.ndjson", busy.as_bytes())], &output).expect(0);
}

#[test]
fn a_last_line_without_an_end_is_told() {
    let bench = Bench::new();
    let output = bench.path("out.parquet");
    let path = bench.write("unended.ndjson", answers(3).join("\n").as_bytes());
    import(&[&path], &output).expect(0).says(&["unended.ndjson:3:1: the last line has no line end"]);
    let accounts = bench.write("a.txt", b"b@n0-example.com\n");
    let said = run(bench.audit_by([accounts], &["com.zone"]).arg("--rdap").arg(&path)).stderr;
    assert!(said.contains("unended.ndjson:3:1: the last line has no line end"), "{said}");
    let whole = bench.write("whole.json", answers(1)[0].as_bytes());
    assert_eq!(import(&[&whole], &output).expect(0).stderr, "");
}

#[test]
fn nothing_of_a_damaged_file_is_used() {
    let text = answers(20_000).join("\n") + "\n";
    let mut packed = gzip(text.as_bytes());
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    // far more than a chunk stands before what proves it wrong
    broken("damaged.ndjson.gz", &packed, 0, &["it is damaged"]);
    let mut packed = gzip(format!("[{}]", answers(10).join(",")).as_bytes());
    let crc = packed.len() - 8;
    packed[crc] ^= 1;
    broken("damaged.json.gz", &packed, 0, &["it is damaged"]);
}

#[cfg(unix)]
#[test]
fn a_directory_with_what_cannot_be_read() {
    let bench = Bench::new();
    let output = bench.path("out.parquet");
    bench.write("all/good.ndjson", (answers(3).join("\n") + "\n").as_bytes());
    run(Command::new("mkfifo").arg(bench.path("all/fifo.ndjson"))).expect(0);
    std::os::unix::fs::symlink(bench.path("all"), bench.path("all/again")).expect("a link");
    std::os::unix::fs::symlink(bench.path("all"), bench.path("all/and-again")).expect("a link");
    let all = bench.path("all");
    let said = import(&[&all], &output).expect(1).says(&["fifo.ndjson: neither a file nor a directory"]);
    assert!(said.stdout.contains("3 answers read from 2 files"), "{}", said.stdout);
    std::os::unix::fs::symlink(bench.path("nowhere"), bench.path("all/dangling.json")).expect("a link");
    import(&[&all], &output).expect(1).says(&["dangling.json: cannot open"]);
    assert_eq!(read_parquet(&output).height(), 3);
}

/// Depth and number cost no stack, no quadratic time and little memory.
#[test]
fn answers_of_any_shape() {
    let bench = Bench::new();
    let output = bench.path("out.parquet");
    let object =
        |members: &str| format!(r#"{{"objectClassName":"domain","ldhName":"a-example.com",{members}}}"#);
    let list =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let statuses = list(250_000, &|n| format!("\"s{:06}\"", n * 7919 % 250_000));
    let event = |_| r#"{"eventAction":"expiration","eventDate":"2026-01-01"}"#.to_owned();
    let entity = |n| format!(r#"{{"roles":["technical"],"handle":"{n}","entities":[{{"roles":"abuse"}}]}}"#);
    let depth = 1_000_000;
    for (what, members) in [
        ("statuses", format!(r#""status":[{statuses}]"#)),
        ("events", format!(r#""events":[{}]"#, list(60_000, &event))),
        ("entities", format!(r#""entities":[{}]"#, list(50_000, &entity))),
        ("members", list(300_000, &|n| format!("\"m{n}\":0"))),
        ("depth", format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth))),
    ] {
        let path = bench.write("odd.ndjson", (object(&members) + "\n").as_bytes());
        import(&[&path], &output).expect(0);
        assert_eq!(rows(&read_parquet(&output), &["domain"]), ["a-example.com"], "{what}");
    }
    let deep = format!(r#"{{"status":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let name = format!(r#"{{"ldhName":"{}"}}"#, "ä".repeat(1_000_000));
    let path = bench.write("bad.ndjson", format!("{deep}\n{name}\n{}\n", "[".repeat(depth)).as_bytes());
    let said = import(&[&path], &output).expect(2);
    assert!(said.stderr.len() < 2000, "{} bytes told", said.stderr.len());
    let servers: String = (0..60_000)
        .map(|n| not_found("a-example.com").replace("rdap.verisign", &format!("s{n}")) + "\n")
        .collect();
    let path = bench.write("servers.ndjson", servers.as_bytes());
    import(&[&path], &output).expect(0);
    assert_eq!(read_parquet(&output).height(), 60_000);
}
