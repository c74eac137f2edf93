//! Zones and RDAP files that are not whole: the run goes on, names them, trusts no absence in them, and ends with
//! status 1.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use crate::support::{Bench, Report, found, gzip, not_found, run, zone};

/// A zone of many names, so that cutting it leaves some.
fn large_zone() -> String {
    let names: Vec<String> =
        (0..5000_u32).map(|name| format!("{:08x}-example", name.wrapping_mul(2_654_435_761))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    zone("com", 2026053101, &[&["aaa-example"], &names[..]].concat())
}

fn accounts(bench: &Bench) -> PathBuf {
    bench.write("a.txt", b"a@aaa-example.com\nb@gone-example.com\n")
}

/// Audits by one zone file, which is not whole: status 1, this coverage (`unreadable` for a zone of which
/// nothing can be told), presence still counts and absence never.
#[track_caller]
fn is_not_whole(name: &str, content: &[u8], coverage: &str, why: &str) {
    let bench = Bench::new();
    bench.write(name, content);
    let said = run(&mut bench.audit_by([accounts(&bench)], &[name])).expect(1);
    let report = bench.report();
    assert_eq!(report.value("/status"), "incomplete");
    let told = if coverage == "unreadable" {
        report.value("/inputs/unreadable_zones/0").as_str().expect("a text").to_owned()
    } else {
        assert_eq!(report.value("/inputs/zones/0/coverage"), coverage);
        report.value("/inputs/zones/0/coverage_reason").as_str().expect("a text").to_owned()
    };
    assert!(told.contains(why), "expected `{why}` in `{told}`");
    let path = bench.path(name).display().to_string();
    assert!(said.printed().contains(&path), "the summary names the file:\n{}", said.stdout);
    let gone = &report.verdicts()[1];
    assert_eq!(gone, "gone-example.com unknown unknown lookup", "{name} proves no absence");
}

#[test]
fn zones_cut_in_the_middle() {
    let text = large_zone();
    let line_end = text[..text.len() / 2].rfind('\n').expect("there are lines") + 1;
    is_not_whole("com.zone", &text.as_bytes()[..line_end], "unclosed", "closing SOA");
    is_not_whole("com.zone", &text.as_bytes()[..line_end + 5], "unclosed", "closing SOA");
    let last = text.trim_end().rfind('\n').expect("there are lines") + 1;
    is_not_whole("com.zone", &text.as_bytes()[..last], "unclosed", "closing SOA");
    let packed = gzip(text.as_bytes());
    is_not_whole("com.txt.gz", &packed[..packed.len() / 2], "unclosed", "breaks off");
    is_not_whole("com.txt.gz", &packed[..packed.len() - 8], "unclosed", "breaks off");
    is_not_whole("com.txt.gz", &packed[..12], "unreadable", "cannot be read");
    let zstd = zstd::encode_all(text.as_bytes(), 3).expect("memory takes everything");
    is_not_whole("com.txt.zst", &zstd[..zstd.len() - 8], "unclosed", "breaks off");
}

#[test]
fn bits_flipped_in_packed_zones() {
    let packed = gzip(large_zone().as_bytes());
    // in the text, in its checksum, in its length
    for place in [packed.len() / 2, packed.len() - 6, packed.len() - 2] {
        let mut flipped = packed.clone();
        flipped[place] ^= 0x04;
        // nothing of it is used: its text is not what was packed
        is_not_whole("com.txt.gz", &flipped, "unreadable", "corrupt");
    }
}

#[test]
fn files_that_are_no_zones() {
    is_not_whole("com.zone", b"", "unreadable", "no record at all");
    is_not_whole("com.zone", b"; only a comment\n", "unreadable", "no record at all");
    is_not_whole("com.txt.gz", b"", "unreadable", "empty gzip file");
    is_not_whole("com.txt.gz", &gzip(b""), "unreadable", "no record at all");
    is_not_whole("com.txt.gz", b"<html>Service unavailable</html>", "unreadable", "no SOA record");
    is_not_whole("com.txt", b"<html>Service unavailable</html>\n", "unreadable", "no SOA record");
    is_not_whole("com.txt", b"one-example.com\ntwo-example.com\n", "unreadable", "no SOA record");
    is_not_whole("notes.csv", b"surname\nvan Eyck\n", "unreadable", "no column `domain`");
}

#[test]
fn zones_with_faults() {
    let text = large_zone();
    let include = text.replacen("com.\t900\tin\tns", "$INCLUDE other.zone\ncom.\t900\tin\tns", 1);
    is_not_whole("com.zone", include.as_bytes(), "unclosed", "$INCLUDE");
    let faults = "x-example.com. 900 in ns\n".repeat(10);
    let faulty = text.replacen("aaa-example", &format!("{faults}aaa-example"), 1);
    is_not_whole("com.zone", faulty.as_bytes(), "unclosed", "0.1 %");
    let other = text.trim_end().to_owned() + "0\n";
    is_not_whole("com.zone", other.as_bytes(), "unclosed", "differs");
}

/// One stray line among thousands of records is counted, sampled with its place, and no harm.
#[test]
fn a_stray_line_is_only_counted() {
    let bench = Bench::new();
    let text =
        large_zone().replacen("aaa-example", "\n;; expected opt record in response\nx ? ?\naaa-example", 1);
    let path = bench.write("com.zone", text.as_bytes());
    run(&mut bench.audit_by([accounts(&bench)], &["com.zone"])).expect(0);
    let report = bench.report();
    assert_eq!(report.value("/inputs/zones/0/faults"), 1);
    let sample = report.value("/inputs/zones/0/samples/0").as_str().expect("a text");
    assert!(sample.starts_with(&format!("{}:5:", path.display())), "{sample}");
    let expected = ["aaa-example.com active none none", "gone-example.com absent high lookup"];
    assert_eq!(report.verdicts(), expected);
}

/// Audits by a whole zone that is stale, or by a list: complete, but not for `--strict`.
#[track_caller]
fn is_weak(name: &str, content: &str, coverage: &str) {
    let bench = Bench::new();
    let path = bench.write(name, content.as_bytes());
    // the file itself is older than as-of
    let day = UNIX_EPOCH + Duration::from_secs(1_780_185_600);
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_modified(day))
        .expect("a time can be set");
    let command = |options: &[&str]| {
        let mut command = bench.audit_by([accounts(&bench)], &[name]);
        run(command.args(options))
    };
    command(&[]).expect(0);
    assert_eq!(bench.report().value("/inputs/zones/0/coverage"), coverage);
    assert_eq!(bench.report().verdicts()[1], "gone-example.com unknown unknown lookup");
    command(&["--strict"]).expect(1);
    assert_eq!(bench.report().value("/status"), "incomplete");
}

#[test]
fn strict_minds_stale_zones_and_lists() {
    is_weak("com.zone", &zone("com", 2026052001, &["aaa-example"]), "stale");
    is_weak("com.zone", &zone("com", 7, &["aaa-example"]), "stale");
    is_weak("com.list", "aaa-example.com\n", "list");
    is_weak("com.csv", "rank,domain\n1,aaa-example.com\n", "list");
    let bench = Bench::new();
    bench.write("com.list", b"aaa-example.com\n");
    let mut command = bench.audit_by([accounts(&bench)], &["com.list"]);
    run(command.args(["--strict", "--trust-lists", "--date", "2026-05-31"])).expect(0);
    assert_eq!(bench.report().verdicts()[1], "gone-example.com absent high lookup");
}

/// Audits with one RDAP file; gives the report.
#[track_caller]
fn with_rdap(name: &str, content: &[u8], status: i32) -> Report {
    let bench = Bench::new();
    let path = bench.write(name, content);
    let accounts = bench.write("a.txt", b"b@freed-example.com\na@lapsing-example.com\n");
    run(bench.audit_by([accounts], &["com.zone"]).arg("--rdap").arg(path)).expect(status);
    bench.report()
}

#[test]
fn corrupt_answers_are_counted_and_skipped() {
    let (first, third) = (not_found("freed-example.com"), found("lapsing-example.com", "redemption period"));
    let text = format!("{first}\n{{\"domain\": \"torn-exa\n{third}\n");
    // one record of three is more than five percent
    let report = with_rdap("answers.ndjson", text.as_bytes(), 1);
    assert_eq!(report.value("/inputs/rdap/0/answers"), 2);
    assert_eq!(report.value("/inputs/rdap/0/faults"), 1);
    let sample = report.value("/inputs/rdap/0/samples/0").as_str().expect("a text");
    assert!(sample.contains("answers.ndjson:2"), "{sample}");
    let expected =
        ["freed-example.com available critical unverify", "lapsing-example.com redemption high unverify"];
    assert_eq!(report.verdicts(), expected);
}

#[test]
fn rdap_files_that_break_off_are_named() {
    let many: String = (0..3000_u32)
        .map(|name| not_found(&format!("{:08x}-example.com", name.wrapping_mul(2_654_435_761))) + "\n")
        .collect();
    let text = format!("{}\n{many}", not_found("freed-example.com"));
    let packed = gzip(text.as_bytes());
    let report = with_rdap("answers.ndjson.gz", &packed[..packed.len() / 2], 1);
    assert_eq!(report.value("/status"), "incomplete");
    assert!(report.value("/inputs/rdap/0/broken").is_string());
    // what stands before the break is an answer all the same
    assert_eq!(report.verdicts()[0], "freed-example.com available critical unverify");
    with_rdap("answer.json.gz", &gzip(text.as_bytes())[..40], 1);
    with_rdap("answers.ndjson", b"", 1);
}
