//! Rows of text: what comes back, and what is refused.

use super::{ADDED, stream};
use crate::support::{Bench, gzip, run_with_input};

/// The values of rows whose domain has no evidence beside its zone.
const HELD: &str = "held-example.com,held-example.com,held-example.com,com,,active,none,0,none,active.present,,,,,,2026-06-01T00:00:00Z";

#[track_caller]
fn gives(options: &[&str], input: &[u8], expected: &str) {
    let bench = Bench::new();
    let told = run_with_input(&mut stream(&bench, options), input).expect(0);
    assert_eq!(told.stdout, expected);
    assert_eq!(told.stderr, "");
}

fn header(before: &str, delimiter: &str) -> String {
    format!("{before}{delimiter}{}\n", ADDED.join(delimiter))
}

fn rejected(reason: &str) -> String {
    format!(",,,,,,rejected,unknown,1,,,{reason},,,,,2026-06-01T00:00:00Z")
}

#[test]
fn tables_with_quotes() {
    let input = b"id,email,note\r\n1,a@held-example.com,\"x, \"\"y\"\"\r\nz\"\r\n2,b\n\n3,c@,\n4,\xff@held-example.com,\xff";
    let bench = Bench::new();
    let mut command = stream(&bench, &[]);
    let output = run_with_input(&mut command, input).expect(0).stdout;
    let expected = header("id,email,note", ",")
        + &format!("1,a@held-example.com,\"x, \"\"y\"\"\r\nz\",{HELD}\n")
        + &format!("\"2,b\",,{}\n", rejected("malformed_row"))
        + &format!("3,c@,{}\n", rejected("empty_domain"))
        + &format!(
            "4,\u{fffd}@held-example.com,\u{fffd},{}\n",
            HELD.replace(",,,,,,", ",address.local_part_invalid,,,,,")
        );
    assert_eq!(output, expected);
}

#[test]
fn tables_without_quotes() {
    let held = HELD.split(',').map(|cell| if cell.is_empty() { "\\N" } else { cell });
    let held =
        held.collect::<Vec<_>>().join("\u{1}").replace("active.present\u{1}\\N", "active.present\u{1}");
    let lost = rejected("malformed_row");
    let lost =
        lost.split(',').skip(1).map(|cell| if cell.is_empty() { "\\N" } else { cell }).collect::<Vec<_>>();
    gives(
        &["--format", "tsv", "--no-header", "--delimiter", "\\x01", "--email-column", "2"],
        "\"1\u{1}a@held-example.com\u{1}\\N\n2\u{1}x\n".as_bytes(),
        &format!(
            "\"1\u{1}a@held-example.com\u{1}\\N\u{1}{held}\n2 x\u{1}\\N\u{1}\\N\u{1}{}\n",
            lost.join("\u{1}")
        ),
    );
}

#[test]
fn objects() {
    let added = r#""mail_domain":"held-example.com","registrable_domain":"held-example.com","judged_domain":"held-example.com","tld":"com","mail_class":null,"state":"active","risk":"none","risk_rank":0,"action":"none","rule":"active.present","reasons":[],"earliest_drop_on":null,"latest_drop_on":null,"days_to_drop":null,"hands_changed_at":null,"as_of":"2026-06-01T00:00:00Z"}"#;
    let input = "{\"id\":1.50, \"email\" : \"a@held-example.com\",\"x\":{\"y\":[ ]} }\n";
    gives(
        &[],
        input.as_bytes(),
        &format!("{{\"id\":1.50, \"email\" : \"a@held-example.com\",\"x\":{{\"y\":[ ]}},{added}\n"),
    );
    gives(&["--format", "ndjson"], b"", "");
    gives(&["--format", "ndjson"], b"\n \n", "");
}

#[test]
fn names_that_are_taken() {
    let bench = Bench::new();
    let refused = |options: &[&str], input: &[u8]| {
        let told = run_with_input(&mut stream(&bench, options), input).expect(2);
        told.says(&[
            "the input has a column `",
            "put a prefix before the names of the new columns, such as `--prefix zl_`",
        ]);
    };
    refused(&[], b"email,State\na@held-example.com,NY\n");
    refused(&["--format", "tsv"], b"email\trule\na@held-example.com\tx\n");
    refused(&["--format", "ndjson"], b"{\"email\":\"a@held-example.com\"}\n{\"st\\u0061te\":1}\n");
    let told =
        run_with_input(&mut stream(&bench, &["--prefix", "zl_"]), b"email,state\na@held-example.com,NY\n");
    assert!(told.expect(0).stdout.starts_with("email,state,zl_mail_domain,"));
}

#[test]
fn inputs_that_are_refused() {
    let bench = Bench::new();
    let refused = |options: &[&str], input: &[u8], parts: &[&str]| {
        run_with_input(&mut stream(&bench, options), input).expect(2).says(parts);
    };
    refused(&["--format", "ndjson"], b"[{\"email\":\"a@held-example.com\"}]", &["one object on each line"]);
    refused(&[], b"", &["empty, expected a header line"]);
    refused(&[], b"id,name\n1,x\n", &["no e-mail column", "--email-column"]);
    refused(
        &["--format", "tsv"],
        b"id\temail\r\n",
        &["lines end with CR LF", "`--format csv --delimiter tab`"],
    );
    refused(&["--prefix", "a b"], b"", &["`--prefix`: expected letters"]);
    refused(&["--batch-rows", "0"], b"", &["`--batch-rows`: expected 1 to"]);
    let mut packed = gzip(&b"email\na@held-example.com\n".repeat(1 << 20));
    packed.truncate(packed.len() - 9);
    let told = run_with_input(&mut stream(&bench, &["--format", "csv"]), &packed).expect(2);
    told.says(&["error: standard input: the input cannot be read to its end", "hint: rows are missing"]);
    let zone = bench.path("com.zone");
    let mut command = crate::support::zonelapse();
    let command = command.arg("stream").arg("--zones").arg(zone).stdin(std::process::Stdio::null());
    crate::support::run(command).expect(2).says(&["a zone file, expected a store", "snapshot build"]);
}

#[test]
fn a_reader_that_had_enough_is_no_failure() {
    let bench = Bench::new();
    let accounts = bench.write("a.csv", &b"email\na@held-example.com\n".repeat(1 << 16));
    let mut command = stream(&bench, &[]);
    command
        .stdin(std::fs::File::open(accounts).expect("it was written"))
        .stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program can be started");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn the_environment_names_the_store() {
    let bench = Bench::new();
    stream(&bench, &[]);
    let mut command = crate::support::zonelapse();
    command.args(["stream", "--as-of", "2026-06-01"]).env("ZONELAPSE_STORE", bench.path("store"));
    let told = run_with_input(&mut command, b"email\na@held-example.com\n").expect(0);
    assert!(told.stdout.contains(",active,none,"), "{}", told.stdout);
}
