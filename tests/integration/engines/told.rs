//! What `stream` says when something is wrong with its input, its options or its evidence.

use std::fs;
use std::process::Command;

use super::{answered, arrow, mail, store_of, stream};
use crate::support::{AS_OF, Bench, Run, gzip, run, run_with_input, zonelapse};

const ROW: &str = "{\"id\":1,\"email\":\"a@held-example.com\"}\n";

/// Refuses this input with these parts of a message.
#[track_caller]
fn refuses(options: &str, input: &[u8], parts: &[&str]) {
    let bench = Bench::new();
    let options: Vec<&str> = options.split_whitespace().collect();
    let answer = answered(&mut stream(&bench, &options), input);
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    let run = Run { status: answer.status.code().expect("it ends"), stdout: String::new(), stderr: said };
    run.expect(2).says(parts);
}

/// Takes this input; the rows that come back, each as its state and reasons.
#[track_caller]
fn takes(options: &str, input: &[u8], expected: &[&str]) -> Run {
    let bench = Bench::new();
    let options: Vec<&str> = options.split_whitespace().collect();
    let told = run_with_input(&mut stream(&bench, &options), input).expect(0);
    let row = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).expect("an object");
        format!("{} {}", row["state"], row["reasons"]).replace('"', "")
    };
    assert_eq!(told.stdout.lines().map(row).collect::<Vec<_>>(), expected);
    told
}

/// The marks of some forms are letters, and the first cell may begin with them.
#[test]
fn cells_that_look_like_marks() {
    for mark in ["ORC-1", "BZh7", "FEA1", "PGCOPY", "PAR1"] {
        let bench = Bench::new();
        let options = ["--format", "tsv", "--no-header", "--delimiter", "\\x01", "--email-column", "2"];
        let input = format!("{mark}\u{1}a@held-example.com\n");
        let told = run_with_input(&mut stream(&bench, &options), input.as_bytes()).expect(0);
        assert!(
            told.stdout.starts_with(&input[..input.len() - 1]) && told.stdout.contains("active"),
            "{mark}"
        );
    }
}

#[test]
fn forms_that_it_does_not_read() {
    let parquet = mail::parquet(&mail::records("domain,mx\na,b\n"), 1);
    let stream = arrow::written(b"email\na@held-example.com\n", b',', 1);
    let csv = b"id,email\n1,a@held-example.com\n";
    for (format, name) in [
        ("", "CSV or NDJSON"),
        ("--format csv", "CSV"),
        ("--format tsv", "TSV"),
        ("--format ndjson", "NDJSON"),
        ("--format arrow", "an Arrow IPC stream"),
    ] {
        let expects = |what: &str| format!("error: standard input: {what}, expected {name}\n");
        refuses(format, &parquet, &[&expects("a Parquet file"), "hint: make rows of it: `duckdb -c"]);
        let feather = b"ARROW1\0\0\xff\xff\xff\xff";
        refuses(
            format,
            feather,
            &[&expects("an Arrow file (Feather)"), "hint: make a stream of it: `python3"],
        );
        refuses(format, b"FEA1\x10\0\0\0\0", &[&expects("an old Feather file"), "read_table"]);
        refuses(format, b"SQLite format 3\0", &[&expects("an SQLite database"), "hint: export the table"]);
        if name != "an Arrow IPC stream" {
            refuses(format, &stream, &[&expects("an Arrow IPC stream"), "hint: say so: `--format arrow`"]);
            let packed = expects("an Arrow IPC stream, packed");
            refuses(format, &gzip(&stream), &[&packed, "hint: unpack it, such as `gunzip -c FILE |"]);
        }
    }
    let formats = "hint: say how they are written with `--format`: arrow, ndjson, csv or tsv\n";
    refuses("--format arrow", csv, &["text, expected an Arrow IPC stream", formats]);
    refuses("--format arrow", &gzip(csv), &["a gzip file, expected", "`gunzip -c FILE |"]);
    refuses("--format arrow", b"", &["the Arrow IPC stream breaks off before its end mark"]);
    refuses("--format ndjson", csv, &["standard input: no JSON object", formats]);
    refuses("--format tsv", csv, &["the first line is one field, but with another delimiter", formats]);
    let array = format!("[{ROW}]");
    refuses("--format ndjson", array.as_bytes(), &["JSON that is not one", "`jq -c '.[]' FILE |"]);
    refuses("", ROW.replace(',', ",\n").as_bytes(), &["JSON that is not one", "`jq -c . FILE |"]);
}

#[test]
fn audit_names_other_forms_and_standard_input_alike() {
    let bench = Bench::new();
    let of = |input: &[u8]| run_with_input(bench.audit_by(["-"], &["com.zone"]).arg("--quiet"), input);
    of(b"ARROW1\0\0\xff").expect(2).says(&[
        "error: standard input: an Arrow file (Feather), expected accounts",
        "hint: write it as Parquet: `python3",
    ]);
    of(b"\xff\xff\xff\xff\x10\0\0\0")
        .expect(2)
        .says(&["standard input: an Arrow IPC stream, expected accounts"]);
    of(b"id,name\n").expect(2).says(&["standard input: no e-mail column"]);
}

#[test]
fn lines_that_are_no_objects() {
    let (good, malformed) = ("active []", "rejected [malformed_row]");
    for options in ["--format ndjson", ""] {
        takes(options, ("{\"email\":\"a@held\n".to_owned() + ROW).as_bytes(), &[malformed, good]);
        takes(
            options,
            ("{\"id\":1,\"x\":\n".to_owned() + ROW + "{").as_bytes(),
            &[malformed, good, malformed],
        );
    }
    takes("--format ndjson", ("[7]\n".to_owned() + ROW).as_bytes(), &[malformed, good]);
    takes("--format ndjson", ("x\0y\n".to_owned() + ROW).as_bytes(), &[malformed, good]);
    let all = takes("--format ndjson", b"{\"email\":\n{\"email\"", &[malformed, malformed]);
    all.says(&["warning: no row could be judged, of 2 rows: all were rejected, see the column `reasons`"]);
}

#[test]
fn objects_without_the_address() {
    let empty = "rejected [empty]";
    let none = takes("--email-column contact", b"{\"id\":1}\n{\"id\":2}\n", &[empty, empty]);
    none.says(&["no row could be judged, of 2 rows: all were rejected"]);
    takes("", b"{\"id\":1}\n", &[empty]);
    let some = takes(
        "--email-column contact",
        b"{\"id\":1}\n{\"contact\":\"a@held-example.com\"}\n",
        &[empty, "active []"],
    );
    assert_eq!(some.stderr, "");
    // a name that was misspelt must not reject a whole night
    refuses("--email-column contact", ROW.as_bytes(), &["no column `contact`, found `id`, `email`"]);
    refuses("", b"{\"contact\":\"a@held-example.com\"}\n", &["no e-mail column", "`--email-column`"]);
}

#[test]
fn parts_without_rows() {
    let bench = Bench::new();
    for options in
        ["--no-header --email-column 2", "--no-header --email-column 2 --format tsv", "--format ndjson"]
    {
        for input in ["", "\u{feff}"] {
            let options: Vec<&str> = options.split(' ').collect();
            let told = run_with_input(&mut stream(&bench, &options), input.as_bytes()).expect(0);
            assert_eq!((told.stdout.as_str(), told.stderr.as_str()), ("", ""));
        }
    }
    // with a header there is at least that
    refuses("", b"", &["standard input: empty, expected a header line"]);
    refuses("--format tsv", b"", &["standard input: empty, expected a header line"]);
}

#[test]
fn texts_that_are_no_accounts() {
    refuses("", b"<?xml version=\"1.0\"?>", &["standard input: XML or HTML, expected accounts"]);
    refuses("", b"com. 900 IN SOA a b 1 2 3 4 5\n", &["standard input: looks like a zone"]);
    refuses("", b"INSERT INTO users VALUES (1)", &["standard input: SQL, expected accounts"]);
    refuses(
        "",
        &"id,email\n".chars().flat_map(|it| [it as u8, 0, 0, 0]).collect::<Vec<_>>(),
        &["iconv -f UTF-32"],
    );
}

#[test]
fn prefixes_that_are_free() {
    let hint = |prefix: &str| format!("such as `--prefix {prefix}`\n");
    refuses("", b"email,state\n", &[&hint("zl_")]);
    refuses("", b"email,state,ZL_x\n", &[&hint("zl2_")]);
    refuses("--prefix zl_", b"email,zl_state,zl2_a\n", &[&hint("zl3_")]);
    refuses("--prefix zl_ --format ndjson", b"{\"email\":\"\",\"zl_tld\":1}", &[&hint("zl2_")]);
    let table = arrow::written(b"email,zl_tld\na@held-example.com,x\n", b',', 1);
    refuses("--prefix zl_ --format arrow", &table, &[&hint("zl2_")]);
}

#[test]
fn delimiters_that_new_columns_hold() {
    for delimiter in ["-", ".", ":", "_", "\\"] {
        let what =
            format!("`--delimiter '{delimiter}'`: new columns hold it, and fields of tsv have no quotes");
        refuses(&format!("--format tsv --delimiter {delimiter}"), b"", &[&what, "`--delimiter tab`"]);
    }
    let bench = Bench::new();
    let refused = run(&mut stream(&bench, &["--format", "tsv", "--delimiter", " "])).expect(2);
    refused.says(&["`--delimiter ' '`"]);
    // CSV quotes them
    for delimiter in [" ", "-", ".", ":", "_"] {
        let input = format!("id{delimiter}email\n1{delimiter}\"a@held-example.com\"\n");
        let told =
            run_with_input(&mut stream(&bench, &["--delimiter", delimiter]), input.as_bytes()).expect(0);
        let mut rows = csv::ReaderBuilder::new();
        let mut rows = rows.delimiter(delimiter.as_bytes()[0]).from_reader(told.stdout.as_bytes());
        assert_eq!(rows.headers().expect("a header").get(3), Some("registrable_domain"));
        let row = rows.records().next().expect("a row").expect("as many cells as columns");
        assert_eq!((&row[7], &row[17]), ("active", "2026-06-01T00:00:00Z"), "{}", told.stdout);
    }
}

#[test]
fn stores_without_a_snapshot() {
    let bench = Bench::new();
    let store = bench.write("empty/zonelapse.store", b"");
    let store = store.parent().expect("a file has a parent");
    let refused = |command: &mut Command| {
        let told =
            run_with_input(command.arg("--zones").arg(store), b"email\na@held-example.com\n").expect(2);
        told.says(&["a store without a single snapshot in it", "hint: `zonelapse snapshot build ZONE…"]);
    };
    refused(zonelapse().arg("stream"));
    refused(&mut bench.audit_by(["-"], &[]));
    refused(zonelapse().args(["explain", "example.com"]));
    bench.has_no_report();
}

#[test]
fn evidence_about_other_names() {
    let bench = Bench::new();
    let elsewhere = b"email\na@elsewhere-example.net\nb@elsewhere-example.org\n";
    let what = "no row could be judged, of 2 rows: the evidence reaches none of their domains";
    let told = run_with_input(&mut stream(&bench, &[]), elsewhere).expect(0);
    assert_eq!(told.stderr, format!("warning: {what}\n"));
    let table = arrow::written(elsewhere, b',', 1);
    let answer = answered(&mut stream(&bench, &["--format", "arrow"]), &table);
    assert_eq!(String::from_utf8_lossy(&answer.stderr), format!("warning: {what}\n"));
    // an audit is incomplete then
    let told = run_with_input(&mut bench.audit_by(["-"], &["com.zone"]), elsewhere).expect(1);
    told.says(&["the evidence reaches none of their domains"]);
}

#[test]
fn rows_of_mail_servers_that_cannot_be_read() {
    let bench = Bench::new();
    let of = |name: &str| [name, "mx.held-example.com", "10", "2026-05-30"].map(str::to_owned);
    let faulty = |name: &str| [name, "mx.held-example.com", "ten", "2026-05-30"].map(str::to_owned);
    let mut records = vec![of("freed-example.com"), faulty("held-example.com"), faulty("held-example.com")];
    records.extend([of("missing-example.com"), faulty("other-example.com")]);
    let path = bench.write("mx.parquet", &mail::parquet(&records, 2));
    let accounts = b"email\na@held-example.com\nb@held-example.com\nc@freed-example.com\n";
    let mut command = stream(&bench, &["--batch-rows", "1"]);
    let told = run_with_input(command.arg("--mx").arg(&path), accounts).expect(0);
    let what = "2 rows about mail domains of the input could not be read";
    assert_eq!(told.stderr, format!("note: {}: {what}\n", path.display()));
    // a file that is loaded whole
    let sound = (0..60).map(|number| of(&format!("x{number}.example.com")));
    records.truncate(2);
    let csv =
        bench.write("mx.csv", mail::csv(&records.into_iter().chain(sound).collect::<Vec<_>>()).as_bytes());
    let told = run_with_input(stream(&bench, &[]).arg("--mx").arg(&csv), accounts).expect(0);
    told.says(&["mx.csv: 1 row of mail servers could not be read, first ", "mx.csv:3: "]);
}

#[test]
fn a_disk_that_is_full() {
    let bench = Bench::new();
    let full = fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let input = bench.write("a.csv", b"email\na@held-example.com\n");
    let mut command = stream(&bench, &[]);
    command.stdin(fs::File::open(input).expect("it was written")).stdout(full);
    let told = run(command.stderr(std::process::Stdio::piped())).expect(2);
    told.says(&["error: standard output: cannot write: No space left", "hint: free some space"]);
}

#[test]
fn a_directory_is_no_input() {
    let bench = Bench::new();
    for format in ["csv", "tsv", "ndjson", "arrow"] {
        let mut command = stream(&bench, &["--format", format]);
        let directory = fs::File::open(bench.path("store")).expect("a directory can be opened");
        run(command.stdin(directory)).expect(2).says(&["error: standard input: cannot read: Is a directory"]);
    }
}

#[test]
fn a_damaged_snapshot_is_told_once() {
    let bench = Bench::new();
    let store = bench.path("damaged");
    store_of(&[bench.path("com.zone")], &store);
    let mut files =
        fs::read_dir(store.join("com")).expect("a zone").filter_map(|entry| Some(entry.ok()?.path()));
    let snapshot = files.find(|path| path.extension().is_some_and(|ending| ending == "zls"));
    fs::write(snapshot.expect("a snapshot"), b"damaged").expect("a small file can be written");
    let mut command = zonelapse();
    command.args(["stream", "--as-of", AS_OF, "--zones"]).arg(store);
    let told = run_with_input(&mut command, b"email\na@held-example.com\n").expect(2);
    assert_eq!((told.stdout.as_str(), told.stderr.matches("error: ").count()), ("", 1), "{}", told.stderr);
}
