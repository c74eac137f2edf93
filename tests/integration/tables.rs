//! Damaged Parquet: a table of ours with any change is refused, and no file of others makes the program panic, abort or
//! take more memory than a slice needs.
//!
//! `ZONELAPSE_DAMAGE_CASES` says how many changes are made to each file. `ZONELAPSE_DAMAGE_FILES` names a directory
//! with more account files, such as other programs write.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use polars::prelude::{
    Column, DataFrame, IntoColumn, NamedFrom, ParquetCompression, ParquetWriter, Series, StatisticsOptions,
};
use zonelapse::input::accounts::parquet::ParquetAccounts;
use zonelapse::input::accounts::{Account, AccountSink, ColumnNames};
use zonelapse::input::source::Source;
use zonelapse::table::columns::{texts, words};
use zonelapse::table::read::{TableReader, Written};
use zonelapse::table::schema::{ColumnHead, Type};
use zonelapse::table::write::TableFile;

use crate::support::{AS_OF, Bench, found, not_found, run, zonelapse};

/// Numbers that look random, the same in each run.
fn numbers(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    })
}

/// What a reader of these tables would tell people to do.
const REMEDY: &str = "write it again";

/// Reads all rows of all columns; how many there were.
fn read(path: &Path, written: Written) -> zonelapse::error::Result<usize> {
    let table = TableReader::open(path, written, REMEDY)?;
    let columns: Vec<String> = table.names().map(ToOwned::to_owned).collect();
    let mut table = table.select(&columns.iter().map(String::as_str).collect::<Vec<_>>())?;
    let mut rows = 0;
    while let Some(slice) = table.next_slice()? {
        rows += slice.rows();
    }
    Ok(rows)
}

/// What accounts come to: a number that two readings of the same rows share.
#[derive(Default)]
struct Sum(usize);

impl AccountSink for Sum {
    fn account(&mut self, account: &Account<'_>) {
        let texts = account.carried.iter().flatten().chain([&account.subject]);
        self.0 += texts.map(|text| text.len() + 1).sum::<usize>();
    }

    fn malformed(&mut self, row: u64, _: Option<&str>) {
        self.0 += row as usize;
    }
}

/// Reads the addresses with each of the other columns, as accounts; the columns that can be read.
fn read_accounts(path: &Path) -> zonelapse::error::Result<usize> {
    let names: Vec<String> =
        TableReader::open(path, Written::ByAnyone, REMEDY)?.names().map(ToOwned::to_owned).collect();
    let source = Source::stat(path)?;
    let is_readable = |name: &&String| -> bool {
        let (email, carry) = (Some("email".to_owned()), vec![name.to_string()]);
        let moment = (*name == "at" || *name == "day").then(|| name.to_string());
        let columns = ColumnNames { subject: email, carry, verified_at: moment, ..ColumnNames::default() };
        let read = || -> zonelapse::error::Result<()> {
            let mut accounts = ParquetAccounts::open(&source, &columns)?;
            let mut sum = Sum::default();
            while accounts.next_slice(&mut sum)? > 0 {}
            Ok(())
        };
        read().is_ok()
    };
    Ok(names.iter().filter(is_readable).count())
}

/// Where the footer of a file begins.
fn footer(bytes: &[u8]) -> usize {
    let tail = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[tail..tail + 4].try_into().expect("four bytes"));
    tail - length as usize
}

fn answers(bench: &Bench) -> PathBuf {
    let text: String = (0..60)
        .map(|n| match n % 3 {
            0 => not_found(&format!("n{n}-example.com")) + "\n",
            _ => found(&format!("n{n}-example.com"), "client hold") + "\n",
        })
        .collect();
    let raw = bench.write("raw.ndjson", text.as_bytes());
    let table = bench.path("answers.parquet");
    run(zonelapse().args(["rdap", "import"]).arg(raw).arg("-o").arg(&table)).expect(0);
    table
}

#[test]
fn every_changed_byte_of_a_table_of_ours_is_seen() {
    let bench = Bench::new();
    let table = answers(&bench);
    assert_eq!(read(&table, Written::ByUs), Ok(60));
    let bytes = fs::read(&table).expect("a table");
    let damaged = bench.path("damaged.parquet");
    for (place, number) in (0..bytes.len()).zip(numbers(1)) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1 << (number % 8);
        fs::write(&damaged, &bytes).expect("a file");
        assert!(read(&damaged, Written::ByUs).is_err(), "bit {} of byte {place}", number % 8);
    }
    for (round, number) in numbers(2).take(300).enumerate() {
        let mut bytes = bytes.clone();
        let place = number % bytes.len();
        match round % 3 {
            0 => bytes.truncate(place),
            1 => drop(bytes.drain(place..(place + 1 + number % 64).min(bytes.len()))),
            _ => drop(bytes.splice(place..place, [number as u8; 9])),
        }
        fs::write(&damaged, &bytes).expect("a file");
        assert!(read(&damaged, Written::ByUs).is_err(), "round {round}");
    }
}

#[test]
fn a_bit_in_the_answers_or_an_earlier_report() {
    let bench = Bench::new();
    let table = answers(&bench);
    let accounts = bench.write("a.csv", b"id,email\n1,a@n0-example.com\n2,b@n1-example.com\n");
    run(bench.audit_by([&accounts], &["com.zone"]).arg("--rdap").arg(&table)).expect(0);
    let flip = |path: &Path| {
        let mut bytes = fs::read(path).expect("a table");
        let place = bytes.len() / 3;
        bytes[place] ^= 4;
        fs::write(path, bytes).expect("a file");
    };
    // an earlier report first, then the answers
    let before = bench.path("before");
    fs::rename(bench.path("report"), &before).expect("the report is renamed");
    for name in ["domains.parquet", "accounts.parquet"] {
        let path = before.join(name);
        let sound = fs::read(&path).expect("a table");
        flip(&path);
        let mut command = bench.audit_by([&accounts], &["com.zone"]);
        run(command.arg("--rdap").arg(&table).arg("--previous").arg(&before)).expect(2).says(&[
            name,
            "checksum does not fit",
            "hint: ",
            "leave it out",
        ]);
        bench.has_no_report();
        fs::write(&path, sound).expect("a file");
    }
    flip(&table);
    let says = ["answers.parquet: its checksum does not fit", "hint: import the answers again"];
    run(bench.audit_by([&accounts], &["com.zone"]).arg("--rdap").arg(&table)).expect(2).says(&says);
    bench.has_no_report();
    let mut explain = zonelapse();
    explain.args(["explain", "n0-example.com", "--as-of", AS_OF, "--zones"]).arg(bench.path("com.zone"));
    run(explain.arg("--rdap").arg(&table)).expect(2).says(&says);
    let output = bench.path("again.parquet");
    run(zonelapse().args(["rdap", "import"]).arg(&table).arg("-o").arg(&output)).expect(2).says(&says);
    assert!(!output.exists(), "a table was left");
}

/// A table of ours that lost its checksum, as by an earlier version, is not taken for one of others.
#[test]
fn a_table_without_its_checksum() {
    let bench = Bench::new();
    let table = answers(&bench);
    let mut bytes = fs::read(&table).expect("a table");
    let key = b"zonelapse.checksum";
    let place = bytes.windows(key.len()).position(|window| window == key).expect("the key is there");
    bytes[place + 12] ^= 1;
    fs::write(&table, bytes).expect("a file");
    let error = read(&table, Written::ByUs).expect_err("no checksum").to_string();
    assert!(error.contains("carries no checksum"), "{error}");
}

fn frame(rows: usize) -> DataFrame {
    let texts = |text: fn(usize) -> Option<String>| (0..rows).map(text).collect::<Vec<_>>();
    let columns: Vec<Column> = vec![
        Series::new("email".into(), texts(|n| Some(format!("user{n}@example{}.com", n % 7)))).into_column(),
        Series::new("plan".into(), texts(|n| (n % 5 > 0).then(|| format!("plan{}", n % 3)))).into_column(),
        Series::new("id".into(), (0..rows as i64).collect::<Vec<_>>()).into_column(),
        Series::new("score".into(), (0..rows).map(|n| n as f64 / 3.0).collect::<Vec<_>>()).into_column(),
        Series::new("flag".into(), (0..rows).map(|n| (n % 3 > 0).then_some(n % 2 == 0)).collect::<Vec<_>>())
            .into_column(),
    ];
    DataFrame::new(rows, columns).expect("columns of one length")
}

/// Files of accounts as Polars writes them, and one as we do.
fn files_of_accounts(bench: &Bench) -> Vec<PathBuf> {
    let kinds = [
        ParquetCompression::Uncompressed,
        ParquetCompression::Snappy,
        ParquetCompression::Gzip(None),
        ParquetCompression::Brotli(None),
        ParquetCompression::Zstd(None),
        ParquetCompression::Lz4Raw,
    ];
    let mut files = Vec::new();
    for (number, kind) in kinds.into_iter().enumerate() {
        let path = bench.path(&format!("kind{number}.parquet"));
        let writer = ParquetWriter::new(fs::File::create(&path).expect("a file"));
        let writer = writer.with_compression(kind).with_row_group_size(Some(200));
        let writer = writer.with_statistics(if number % 2 == 0 {
            StatisticsOptions::default()
        } else {
            StatisticsOptions::empty()
        });
        writer.with_data_page_size(Some(1024)).finish(&mut frame(500)).expect("a small table");
        assert_eq!(read(&path, Written::ByAnyone), Ok(500));
        files.push(path);
    }
    let path = bench.path("ours.parquet");
    let columns = vec![
        ColumnHead::new("email", Type::Text, "the address"),
        ColumnHead::new("plan", Type::Word, "what was bought"),
    ];
    let mut table = TableFile::create(&path, columns).expect("a table");
    for group in 0..3 {
        let emails: Vec<String> = (0..150).map(|n| format!("user{n}@example{group}.com")).collect();
        let email = texts(emails.iter().map(|email| Some(email.as_str())));
        let plan = words((0..150).map(|n| [Some("free"), Some("paid"), None][n % 3]));
        table.write(150, [Ok(email), Ok(plan)]).expect("a row group");
    }
    table.finish().expect("a table");
    assert_eq!(read(&path, Written::ByAnyone), Ok(450));
    files.push(path);
    let more =
        std::env::var_os("ZONELAPSE_DAMAGE_FILES").map(|directory| fs::read_dir(directory).expect("files"));
    files.extend(more.into_iter().flatten().map(|entry| entry.expect("a file").path()));
    files.sort();
    files
}

#[test]
fn damaged_accounts_never_panic() {
    let bench = Bench::new();
    let wanted = std::env::var("ZONELAPSE_DAMAGE_CASES").ok().and_then(|cases| cases.parse().ok());
    let cases: usize = wanted.unwrap_or(500);
    let damaged = bench.path("damaged.parquet");
    for (seed, path) in files_of_accounts(&bench).into_iter().enumerate() {
        let bytes = fs::read(&path).expect("a file");
        let readable = read_accounts(&path).expect("it can be opened");
        let (footer, mut refused) = (footer(&bytes), 0);
        let mut random = numbers(seed as u64 + 3);
        let mut number = || random.next().unwrap_or_default();
        for case in 0..cases {
            let mut changed = bytes.clone();
            for _ in 0..=number() % 3 {
                let place = match case % 3 {
                    0 => footer + number() % (bytes.len() - footer),
                    1 => number() % bytes.len(),
                    // headers of pages and levels are at the beginning of the file, too
                    _ => number() % bytes.len().min(200),
                };
                changed[place] = match number() % 4 {
                    0 => number() as u8,
                    1 => 0xff,
                    _ => changed[place] ^ 1 << (number() % 8),
                };
            }
            fs::write(&damaged, &changed).expect("a file");
            // whatever it gives, it comes back
            refused += usize::from(read_accounts(&damaged).ok() != Some(readable));
        }
        let told = format!("{}: {readable} columns, {refused} of {cases} refused", path.display());
        if wanted.is_some() {
            let _ = writeln!(std::io::stderr(), "{told}");
        }
        assert!(readable > 1 && refused * 5 > cases, "{told}");
    }
}

/// A page of accounts that has a checksum is held against it.
#[test]
fn a_flipped_bit_in_accounts_with_checksums() {
    let bench = Bench::new();
    let files = files_of_accounts(&bench);
    let ours = files.iter().find(|path| path.ends_with("ours.parquet")).expect("it was made");
    let mut bytes = fs::read(ours).expect("a file");
    // the first frame of Zstandard
    let place = bytes.windows(4).position(|four| four == b"\x28\xb5\x2f\xfd").expect("a packed page");
    bytes[place + 9] ^= 1;
    let path = bench.write("flipped.parquet", &bytes);
    run(&mut bench.audit([path])).expect(2).says(&[
        "flipped.parquet",
        "column `email`",
        "checksum",
        "hint: export the file again",
    ]);
    bench.has_no_report();
}

/// A dictionary of one long text, told a hundred thousand times: 128 GiB in a file of some kilobytes.
#[test]
fn repeated_long_values_take_little_memory() {
    let bench = Bench::new();
    let path = bench.path("bomb.parquet");
    let mut table =
        TableFile::create(&path, vec![ColumnHead::new("email", Type::Word, "")]).expect("a table");
    let long = "a".repeat(1 << 20);
    let rows = 1 << 17;
    let column = words((0..rows).map(|_| Some(long.as_str())));
    table.write(rows, [Ok(column)]).expect("a row group");
    table.finish().expect("a table");
    assert!(fs::metadata(&path).expect("a file").len() < 100_000);
    let table = TableReader::open(&path, Written::ByAnyone, REMEDY).expect("a table");
    let mut table = table.select(&["email"]).expect("the column");
    for _ in 0..3 {
        let slice = table.next_slice().expect("rows").expect("rows");
        assert!((1..=64).contains(&slice.rows()), "{} rows at once", slice.rows());
    }
}

/// A file of more pages and row groups than a slice holds gives every row once.
#[test]
fn slices_over_pages_and_row_groups() {
    let bench = Bench::new();
    let path = bench.path("long.parquet");
    let rows = 300_000;
    let writer = ParquetWriter::new(fs::File::create(&path).expect("a file"));
    let writer = writer.with_row_group_size(Some(280_000)).with_data_page_size(Some(4096));
    let mut whole = frame(rows);
    writer.finish(&mut whole).expect("a table");
    let columns = ["id", "email", "plan"];
    let table = TableReader::open(&path, Written::ByAnyone, REMEDY).expect("a table");
    let mut table = table.select(&columns).expect("the columns");
    let mut next = 0;
    while let Some(part) = table.next_slice().expect("rows") {
        let expected = whole.slice(next as i64, part.rows()).select(columns).expect("columns");
        assert!(part.frame().equals_missing(&expected), "rows from {next} on");
        next += part.rows();
        assert_eq!(table.rows_read(), next);
    }
    assert_eq!(next, rows);
}
