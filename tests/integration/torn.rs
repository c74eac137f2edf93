//! Files that a machine damaged: blocks of zeros, endless lines, packed files with a wrong checksum.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Bench, found, gzip, many_names, not_found, run, run_soon, zone, zonelapse};

fn large_zone() -> String {
    let names = many_names(60_000);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    zone("com", 2026053101, &names)
}

/// Audits accounts of all names by this zone: status 1, the coverage with this reason, and nobody absent.
#[track_caller]
fn proves_no_absence(name: &str, zone: &[u8], why: &str) {
    let bench = Bench::new();
    bench.write(name, zone);
    let accounts: String = many_names(60_000).iter().map(|name| format!("a@{name}.com\n")).collect();
    let accounts = bench.write("a.txt", (accounts + "b@gone-example.com\n").as_bytes());
    run_soon(&mut bench.audit_by([accounts], &[name])).expect(1);
    let report = bench.report();
    assert_eq!(report.value("/inputs/zones/0/coverage"), "unclosed");
    let reason = report.value("/inputs/zones/0/coverage_reason").as_str().expect("a text");
    assert!(reason.contains(why), "expected `{why}` in `{reason}`");
    let verdicts = report.verdicts();
    assert!(verdicts.iter().all(|verdict| !verdict.contains(" absent ")), "{name}");
    let active = verdicts.iter().filter(|verdict| verdict.contains(" active ")).count();
    assert!(active > 30_000, "{active} names are there still");
}

#[test]
fn a_page_of_zeros_makes_a_zone_unclosed() {
    let text = large_zone().into_bytes();
    for (start, length) in [(4096 * 300, 4096), (4096 * 301, 1), (4096 * 400, 1 << 20)] {
        let mut torn = text.clone();
        torn[start..start + length].fill(0);
        proves_no_absence("com.zone", &torn, "NUL bytes");
        proves_no_absence("com.txt.gz", &gzip(&torn), "NUL bytes");
    }
    // in a comment, at the end, and in a list
    let comment = String::from_utf8(text.clone()).expect("ASCII").replacen('\n', "\n; written by\0\0\0\n", 1);
    proves_no_absence("com.zone", comment.as_bytes(), "the first at 2:13");
    proves_no_absence("com.zone", &[&text[..], &[0; 6 << 20]].concat(), "NUL bytes");
}

/// One parenthesis that swallows many records counts as all of them.
#[test]
fn a_fault_counts_as_what_it_swallows() {
    let text = large_zone();
    let open = text[..text.len() / 2].rfind("ns1").expect("there are records");
    let close = text[..open + 10_000].rfind("\n").expect("there are records");
    let swallowed = format!("{}({}){}", &text[..open], &text[open..close], &text[close..]);
    proves_no_absence("com.zone", swallowed.as_bytes(), "0.1 %");
}

/// An input of one line without end, of a gigabyte of text.
fn endless(compression: &str, before: &str, after: &str) -> Vec<u8> {
    let block = vec![b'x'; 1 << 20];
    let blocks = 1024;
    if compression == "zst" {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("memory takes everything");
        encoder.write_all(before.as_bytes()).expect("memory takes everything");
        (0..blocks).for_each(|_| encoder.write_all(&block).expect("memory takes everything"));
        encoder.write_all(after.as_bytes()).expect("memory takes everything");
        return encoder.finish().expect("memory takes everything");
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(1));
    encoder.write_all(before.as_bytes()).expect("memory takes everything");
    (0..blocks).for_each(|_| encoder.write_all(&block).expect("memory takes everything"));
    encoder.write_all(after.as_bytes()).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// The same command, with 700 MiB of address space for its data: what asks for more fails.
fn bounded(command: &Command) -> Command {
    let mut with = Command::new("sh");
    with.args(["-c", "ulimit -d 716800 && exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args());
    with.current_dir(env!("CARGO_MANIFEST_DIR"));
    with
}

#[test]
fn a_line_without_end_is_one_rejected_row() {
    for (name, before, after) in [
        ("a.csv", "id,email\n1,a@held-example.com\n", "\n3,b@freed-example.com\n"),
        ("a.tsv", "id\temail\n1\ta@held-example.com\n", "\n3\tb@freed-example.com\n"),
        (
            "a.ndjson",
            "{\"id\":1,\"email\":\"a@held-example.com\"}\n",
            "\n{\"id\":3,\"email\":\"b@freed-example.com\"}\n",
        ),
        ("a.txt", "a@held-example.com\n", "\nb@freed-example.com\n"),
    ] {
        let compression = if name == "a.csv" { "gz" } else { "zst" };
        let bench = Bench::new();
        let path = bench.write(&format!("{name}.{compression}"), &endless(compression, before, after));
        let mut command = bench.audit([path]);
        command.args(["--max-rejected", "50", "--threads", "2"]);
        run_soon(&mut bounded(&command)).expect(0);
        let report = bench.report();
        assert_eq!(report.rejections(), ["2 malformed_row"], "{name}");
        let expected = ["held-example.com active none none", "freed-example.com available critical unverify"];
        assert_eq!(report.verdicts(), expected, "{name}");
    }
}

#[test]
fn a_header_without_end_is_named() {
    let bench = Bench::new();
    let path = bench.write("a.csv.zst", &endless("zst", "id,email,", "\n1,a@held-example.com\n"));
    let command = bench.audit([path]);
    run_soon(&mut bounded(&command))
        .expect(2)
        .says(&["a.csv.zst:1", "header is longer than the limit of 1 MiB"]);
    bench.has_no_report();
}

#[test]
fn a_line_without_end_is_one_faulty_answer() {
    let bench = Bench::new();
    let (first, last) = (not_found("missing-example.com"), not_found("freed-example.com"));
    let path = bench.write("r.ndjson.zst", &endless("zst", &(first + "\n"), &format!("\n{last}\n")));
    let accounts = bench.write("a.txt", b"a@missing-example.com\nb@freed-example.com\n");
    let mut command = bench.audit_by([accounts], &["com.zone"]);
    command.arg("--rdap").arg(&path).args(["--threads", "2"]);
    run_soon(&mut bounded(&command));
    let report = bench.report();
    assert_eq!(
        (report.value("/inputs/rdap/0/answers"), report.value("/inputs/rdap/0/faults")),
        (&2.into(), &1.into())
    );
    let sample = report.value("/inputs/rdap/0/samples/0").as_str().expect("a text");
    assert!(sample.contains("r.ndjson.zst:2:1: longer than the limit of 4 MiB"), "{sample}");
    let critical = |name: &str| format!("{name}-example.com available critical unverify");
    assert_eq!(report.verdicts(), [critical("missing"), critical("freed")]);
}

/// A zone's line without end, in little memory.
#[test]
fn a_line_without_end_in_a_zone() {
    let bench = Bench::new();
    let text = zone("com", 2026053101, &["held-example"]);
    let (head, tail) = text.split_at(text.find("held").expect("it is there"));
    bench.write("com.txt.zst", &endless("zst", head, &format!("\n{tail}")));
    let accounts = bench.write("a.txt", b"a@held-example.com\n");
    let mut command = bench.audit_by([accounts], &["com.txt.zst"]);
    run_soon(&mut bounded(command.args(["--threads", "2"]))).expect(1);
    assert_eq!(bench.report().verdicts(), ["held-example.com active none none"]);
}

/// Answers, packed as members or frames of `sizes` answers each; the last but one is for `freed-example.com`.
fn packed_answers(ending: &str, members: &[&[String]]) -> Vec<Vec<u8>> {
    let text =
        |answers: &[String]| answers.iter().flat_map(|answer| [answer.as_str(), "\n"]).collect::<String>();
    let pack = |answers: &&[String]| match ending {
        "gz" => gzip(text(answers).as_bytes()),
        _ => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory takes everything");
            encoder.include_checksum(true).expect("zstd has checksums");
            encoder.write_all(text(answers).as_bytes()).expect("memory takes everything");
            encoder.finish().expect("memory takes everything")
        }
    };
    members.iter().map(pack).collect()
}

fn audit_answers(bench: &Bench, path: &Path) -> Command {
    let accounts: PathBuf = bench.write("a.txt", b"a@missing-example.com\nb@freed-example.com\n");
    let mut command = bench.audit_by([accounts], &["com.zone"]);
    command.arg("--rdap").arg(path);
    command
}

/// A member whose checksum is wrong proves nothing; those before it do.
#[test]
fn answers_of_a_corrupt_member_are_not_used() {
    let first = [not_found("missing-example.com")];
    let mut second = vec![not_found("freed-example.com")];
    second.extend((0..5000).map(|name| found(&format!("n{name}-example.com"), "active")));
    for ending in ["gz", "zst"] {
        let [good, bad] = &packed_answers(ending, &[&first, &second])[..] else {
            unreachable!("two members")
        };
        let mut bad = bad.clone();
        let checksum = bad.len() - if ending == "gz" { 6 } else { 2 };
        bad[checksum] ^= 0x04;
        let bench = Bench::new();
        let path = bench.write(&format!("r.ndjson.{ending}"), &[good.as_slice(), &bad].concat());
        run(&mut audit_answers(&bench, &path)).expect(1);
        let verdicts = bench.report().verdicts();
        assert_eq!(verdicts[0], "missing-example.com available critical unverify", "{ending}");
        assert_eq!(verdicts[1], "freed-example.com absent high lookup", "{ending}");
        // and the same for an import
        let mut import = zonelapse();
        import.args(["rdap", "import"]).arg(&path).arg("-o").arg(bench.path("out.parquet"));
        run(&mut import).expect(1).says(&["r.ndjson.", "it is damaged"]);
        assert_eq!(crate::support::read_parquet(&bench.path("out.parquet")).height(), 1, "{ending}");
    }
}

/// More text than is held back: the file is unpacked once more, and as much is used as is proved.
#[test]
fn long_members_are_proved_by_themselves() {
    let padding = " ".repeat(100_000);
    let many: Vec<String> = (0..1500)
        .map(|name| not_found(&format!("n{name}-example.com")).replacen('{', &format!("{{{padding}"), 1))
        .collect();
    let members = packed_answers(
        "gz",
        &[&[not_found("missing-example.com")], &many, &[not_found("freed-example.com")]],
    );
    let bench = Bench::new();
    let path = bench.write("r.ndjson.gz", &members.concat());
    run(&mut audit_answers(&bench, &path)).expect(0);
    assert_eq!(bench.report().value("/inputs/rdap/0/answers"), 1502);
    let mut bad = members.concat();
    let checksum = members[0].len() + members[1].len() - 6;
    bad[checksum] ^= 0x04;
    bench.write("r.ndjson.gz", &bad);
    run(&mut audit_answers(&bench, &path)).expect(1);
    assert_eq!(bench.report().value("/inputs/rdap/0/answers"), 1);
}

/// Presence from a zone whose checksum is wrong is no presence; a zone that was only cut keeps it.
#[test]
fn a_corrupt_zone_says_nothing() {
    let text = large_zone();
    for ending in ["gz", "zst"] {
        let mut packed = match ending {
            "gz" => gzip(text.as_bytes()),
            _ => packed_answers("zst", &[&[text.trim_end().to_owned()]]).concat(),
        };
        let bench = Bench::new();
        let name = format!("com.txt.{ending}");
        let accounts = bench.write("a.txt", b"a@00000000-example.com\n");
        let audit = |packed: &[u8]| {
            bench.write(&name, packed);
            run(&mut bench.audit_by([&accounts], &[&name])).expect(1);
            bench.report().verdicts().remove(0)
        };
        assert_eq!(audit(&packed[..packed.len() - 4]), "00000000-example.com active none none", "cut");
        let checksum = packed.len() - if ending == "gz" { 6 } else { 2 };
        packed[checksum] ^= 0x04;
        assert_eq!(audit(&packed), "00000000-example.com unknown unknown lookup", "{ending}");
        let mut build = zonelapse();
        build.args(["snapshot", "build"]).arg(bench.path(&name)).arg("--store").arg(bench.path("store"));
        run(&mut build).expect(2).says(&["no snapshot was built", "hint: download"]);
    }
}

/// Bits flipped anywhere in packed answers: none is used that nobody gave.
#[test]
fn flipped_bits_make_no_answers() {
    use zonelapse::input::source::Source;
    use zonelapse::progress::Progress;
    use zonelapse::rdap::RdapOutcome;
    use zonelapse::rdap::archive::load;
    use zonelapse::time::{BareDate, Moment};

    let answer = |name: usize| match name % 2 {
        0 => not_found(&format!("n{name}-example.com")),
        _ => found(&format!("n{name}-example.com"), "active"),
    };
    let answers: Vec<String> = (0..2000).map(answer).collect();
    let members: Vec<&[String]> = answers.chunks(700).collect();
    let as_of = Moment::parse("2026-06-01", BareDate::Start).expect("a date");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut partial = 0;
    for ending in ["gz", "zst"] {
        let whole = packed_answers(ending, &members).concat();
        let path = directory.path().join(format!("r.ndjson.{ending}"));
        for _ in 0..150 {
            let mut bytes = whole.clone();
            bytes[random(whole.len())] ^= 1 << random(8);
            std::fs::write(&path, bytes).expect("a file");
            let source = Source::stat(&path).expect("the file is there");
            let (table, files) = load(&[source], as_of, &|_| true, &Progress::hidden()).expect("answers");
            assert!(files[0].broken.is_some() || table.len() == 2000, "{ending}: a loss that is not told");
            partial += usize::from((1..2000).contains(&table.len()));
            for answer in table.sorted() {
                let name = answer.name.strip_prefix('n').and_then(|name| name.strip_suffix("-example.com"));
                let number: usize = name.and_then(|name| name.parse().ok()).expect("a name that was packed");
                let expected =
                    if number.is_multiple_of(2) { RdapOutcome::NotFound } else { RdapOutcome::Found };
                assert_eq!(answer.outcome, expected, "{ending}: {}", answer.name);
            }
        }
    }
    assert!(partial > 100, "members before the damage are used: {partial}");
}
