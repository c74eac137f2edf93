//! No cell of an accounts file in anything that is printed or written, except in the columns that are there for it.
//!
//! Secrets stand in every place of every form: as addresses, identifiers, times, weights and in columns that nobody asked
//! for. The files are whole, cut, changed, without their header, named wrongly, and read with wrong options. Then all output
//! is searched.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::thread;

use polars::prelude::{AnyValue, DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};

use crate::forms;
use crate::support::{Bench, found, gzip, not_found, read_parquet, run};

/// The domain of all accounts.
const DOMAIN: &str = "zauberlehrling-example.com";

/// What must never be seen: parts of the cells below, which no other text has.
const SECRETS: [&str; 6] = ["sesame", "hunter2", "c2FtcGxl", "4711-0815", "Geheimrat", "zauberlehrling"];

fn tables() -> Vec<(&'static str, Vec<u8>)> {
    let header = "key,name,password,email,verified_at,weight";
    let row = |number: u32| {
        format!(
            "4711-0815-{number},Geheimrat Zwei,hunter2$c2FtcGxlLWhhc2g=,sesame{number}@zauberlehrling-example.com,\
             4711-0815 sesame,hunter2"
        )
    };
    let rows: String = (1..4).map(|number| row(number) + "\n").collect();
    let csv = format!("{header}\n{rows}");
    let object = |row: &str| {
        let members = header.split(',').zip(row.split(','));
        let members: Vec<String> = members.map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
        format!("{{{}}}", members.join(","))
    };
    let objects: Vec<String> = rows.lines().map(object).collect();
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let keyed = format!("{{\"sesame1@zauberlehrling-example.com\":{}}}\n", objects[0]);
    vec![
        ("a.csv", csv.clone().into_bytes()),
        ("headerless.csv", rows.clone().into_bytes()),
        ("headerless.txt", rows.replace(',', ";").into_bytes()),
        ("headerless.json", rows.clone().into_bytes()),
        ("semicolons.csv", csv.replace(',', ";").into_bytes()),
        ("a.tsv", csv.replace(',', "\t").into_bytes()),
        ("bars", csv.replace(',', "|").into_bytes()),
        (
            "open_quote.csv",
            csv.replacen("Geheimrat", "\"Geheimrat", 1).replacen("key", "\"key", 1).into_bytes(),
        ),
        ("row_as_header.csv", format!("{}\n{csv}", row(9)).into_bytes()),
        ("merged.csv", csv.replacen('\n', "x", 1).into_bytes()),
        (
            "latin1.csv",
            csv.replace("Geheimrat", "Geheimr\u{1}t")
                .bytes()
                .map(|b| if b == 1 { 0xe4 } else { b })
                .collect(),
        ),
        ("a.ndjson", (objects.join("\n") + "\n").into_bytes()),
        ("array.json", format!("[{}]", objects.join(",")).into_bytes()),
        ("open_array.json", format!("[{}", objects.join(",")).into_bytes()),
        ("keyed.json", keyed.into_bytes()),
        ("no_email.ndjson", objects.join("\n").replace("\"email\"", "\"address\"").into_bytes()),
        (
            "a.txt",
            rows.lines()
                .filter_map(|row| row.split(',').nth(3))
                .map(|mail| format!("{mail}\n"))
                .collect::<String>()
                .into(),
        ),
        ("texts.parquet", parquet(header, &rows, |cells| Series::new("".into(), cells))),
        (
            "bytes.parquet",
            parquet(header, &rows, |cells| {
                let bytes: Vec<Vec<u8>> =
                    cells.iter().map(|cell| [cell.as_bytes(), b"\xe4"].concat()).collect();
                Series::new("".into(), bytes)
            }),
        ),
        (
            "lists.parquet",
            parquet(header, &rows, |cells| {
                let lists: Vec<Series> = cells.iter().map(|cell| Series::new("".into(), [*cell])).collect();
                Series::new("".into(), lists)
            }),
        ),
        ("parquet.csv", parquet(header, &rows, |cells| Series::new("".into(), cells))),
        ("utf16.csv", utf16(&csv.replace(',', "\t"))),
        ("a.csv.gz", gzip(csv.as_bytes())),
        ("zone.txt", format!("sesame.com. 900 IN SOA hunter2. Geheimrat. 1 2 3 4 5\n{rows}").into_bytes()),
        (
            "dump.ldif",
            format!("dn: uid=sesame,dc=zauberlehrling\nmail: {}\n", "sesame@zauberlehrling-example.com")
                .into(),
        ),
    ]
}

/// A table with columns of any type, made of these cells.
fn parquet(header: &str, rows: &str, column: impl Fn(&[&str]) -> Series) -> Vec<u8> {
    let columns = header.split(',').enumerate().map(|(place, name)| {
        let cells: Vec<&str> = rows.lines().filter_map(|row| row.split(',').nth(place)).collect();
        column(&cells).with_name(name.into()).into_column()
    });
    let mut frame = DataFrame::new(3, columns.collect()).expect("columns of one length");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes everything");
    bytes
}

/// Options that are wrong for some of the files.
const OPTIONS: [&[&str]; 9] = [
    &[],
    &["--log-format", "json"],
    &["--id-column", "key", "--carry", "nothing"],
    &["--email-column", "sesame1@zauberlehrling-example.com"],
    &["--no-header", "--email-column", "4", "--id-column", "1"],
    &["--no-header"],
    &["--delimiter", "|", "--format", "csv"],
    &["--format", "ndjson", "--quiet"],
    &["--id-column", "key", "--keep-email", "--carry", "name"],
];

/// The columns of a report that are there for cells of the accounts, with these options: the identifier if its column is
/// named, the address if it is to be kept, columns to carry.
fn allowed<'a>(options: &[&'a str]) -> Vec<&'a str> {
    let mut columns = Vec::new();
    for pair in options.windows(2) {
        match pair {
            ["--id-column", _] => columns.push("account_id"),
            ["--carry", name] => columns.push(name),
            _ => {}
        }
    }
    columns.extend(options.contains(&"--keep-email").then_some("email"));
    columns
}

/// Everything that a run printed, and every file of its report but the columns that may hold cells.
fn searched(bench: &Bench, printed: String, allowed: &[&str]) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![("output".to_owned(), printed.into_bytes())];
    let report = bench.path("report");
    let Ok(entries) = fs::read_dir(&report) else { return all };
    for entry in entries {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).expect("a file of the report");
        if name.ends_with(".parquet") {
            let frame = read_parquet(&path);
            let others = frame.columns().iter().filter(|column| !allowed.contains(&column.name().as_str()));
            let mut texts = String::new();
            others.for_each(|column| push_texts(column.as_materialized_series(), &mut texts));
            all.push((name.clone(), texts.into_bytes()));
        } else if name.ends_with(".csv") {
            all.push((name.clone(), other_fields(&bytes, allowed).into_bytes()));
        }
        // as it is, too, if no column may hold a cell: footers have the least and the greatest value
        if !(name.ends_with(".parquet") || name.ends_with(".csv")) || allowed.is_empty() {
            all.push((name, bytes));
        }
    }
    fs::remove_dir_all(report).expect("a report");
    all
}

/// Adds all values of a column, those in lists and structures, too.
fn push_texts(values: &Series, texts: &mut String) {
    for value in values.iter() {
        match value {
            AnyValue::List(inner) => push_texts(&inner, texts),
            other => *texts += &format!("{other}\n"),
        }
    }
}

/// The fields of a table that are not in these columns.
fn other_fields(table: &[u8], allowed: &[&str]) -> String {
    let mut reader = csv::Reader::from_reader(table);
    let header = reader.headers().expect("a header").clone();
    let mut texts = String::new();
    for record in reader.records() {
        let record = record.expect("a record");
        let others = header.iter().zip(&record).filter(|(name, _)| !allowed.contains(name));
        for (_, field) in others {
            texts = texts + field + "\n";
        }
    }
    texts
}

/// Searches all that an audit says and writes.
fn expect_silence(bench: &Bench, path: &Path, options: &[&str]) {
    let mut command = bench.audit([path]);
    let ran = run(command.args(options).args(["--max-rejected", "100"]));
    let typed: Vec<OsString> = options.iter().map(Into::into).collect();
    for (name, text) in searched(bench, ran.printed(), &allowed(options)) {
        let text = String::from_utf8_lossy(&text);
        for secret in SECRETS {
            // the domain is what a report is about; what was typed is told in the manifest
            let is_domain = secret == "zauberlehrling" && !text.contains("@zauberlehrling");
            let is_typed =
                name == "manifest.json" && typed.iter().any(|it| it.to_string_lossy().contains(secret));
            assert!(
                !text.contains(secret) || is_domain || is_typed,
                "`{secret}` in {name} of {} with {options:?}:\n{}",
                path.display(),
                if name == "output" { &text } else { "" },
            );
        }
    }
}

#[test]
fn no_cell_of_an_accounts_file_is_told() {
    let tables: Vec<_> = tables().into_iter().enumerate().collect();
    thread::scope(|scope| {
        for part in tables.chunks(tables.len().div_ceil(4)) {
            scope.spawn(|| part.iter().for_each(|(number, (name, bytes))| search(*number, name, bytes)));
        }
    });
}

/// Reads a file whole and damaged, with options that change from file to file.
fn search(number: usize, name: &str, bytes: &[u8]) {
    let bench = Bench::new();
    // at risk, so that the accounts are in every list
    bench.write("answers.ndjson", not_found(DOMAIN).as_bytes());
    let path = bench.write(name, bytes);
    let length = bytes.len();
    expect_silence(&bench, &path, OPTIONS[number % OPTIONS.len()]);
    expect_silence(&bench, &path, OPTIONS[(number + 3) % OPTIONS.len()]);
    // damaged within the first line, at its end, or within the rows
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(length / 3);
    for at in [[3, line][number % 2], length * 2 / 3] {
        let mut changed = bytes.to_vec();
        changed[at.min(length - 1)] ^= 0x20;
        expect_silence(&bench, &bench.write(name, &changed), OPTIONS[number % 2]);
    }
    expect_silence(&bench, &bench.write(name, &bytes[..length * 2 / 3]), OPTIONS[(number + 1) % 2]);
    // in the place of a zone
    let zone = bench.write(name, bytes);
    let ran = run(&mut bench.audit_by([bench.path("none.csv")], &[&zone.to_string_lossy()]));
    SECRETS.iter().for_each(|secret| assert!(!ran.printed().contains(secret), "{name}: {}", ran.printed()));
}

/// Rows of every subject, said to be of every subject, in several forms.
#[test]
fn no_cell_of_another_subject_is_told() {
    let bench = Bench::new();
    bench.write("answers.ndjson", not_found(DOMAIN).as_bytes());
    let kinds = [
        ("domain", "*.zauberlehrling-example.com", "sesame hunter2"),
        (
            "homepage",
            "https://sesame:hunter2@zauberlehrling-example.com/Geheimrat?c2FtcGxl",
            "file:///hunter2",
        ),
        ("repository", "sesame@zauberlehrling-example.com:Geheimrat/hunter2.git", "sesame/hunter2"),
        ("groupId", "com.zauberlehrling-example.sesame.hunter2", "sesame-hunter2"),
        ("email", "sesame@zauberlehrling-example.com", "sesame"),
    ];
    for (header, good, odd) in kinds {
        let rows = format!("{good},4711-0815,hunter2\n{odd},4711-0815,9\n{good},Geheimrat,9\n");
        let object = |row: &str| {
            let cells: Vec<&str> = row.split(',').collect();
            format!("{{\"{header}\":\"{}\",\"key\":\"{}\",\"count\":\"{}\"}}\n", cells[0], cells[1], cells[2])
        };
        let lists: String =
            rows.lines().map(|row| format!("{}\n", row.split(',').next().unwrap_or(""))).collect();
        let files = [
            ("a.csv", format!("{header},key,count\n{rows}")),
            ("headerless.csv", rows.clone()),
            ("list", lists),
            ("a.ndjson", rows.lines().map(object).collect()),
        ];
        for (name, text) in files {
            let path = bench.write(name, text.as_bytes());
            for subject in ["address", "domain", "url", "reverse-dns"] {
                expect_silence(&bench, &path, &["--subject", subject]);
            }
        }
    }
}

/// With an earlier report there are changes and alerts, and they hold no more than the others.
#[test]
fn no_cell_is_in_changes_and_alerts() {
    let bench = Bench::new();
    let (_, bytes) = tables().into_iter().next().expect("a table");
    let path = bench.write("a.csv", &bytes);
    bench.write("answers.ndjson", found(DOMAIN, "active").as_bytes());
    run(&mut bench.audit([&path])).expect(1);
    fs::rename(bench.path("report"), bench.path("before")).expect("a report");
    bench.write("answers.ndjson", not_found(DOMAIN).as_bytes());
    let before = bench.path("before").to_string_lossy().into_owned();
    for more in [&[][..], &["--id-column", "key"], &["--keep-email"]] {
        let ran = run(bench.audit([&path]).args(["--previous", &before]).args(more));
        assert!(bench.path("report/alerts.jsonl").exists(), "{}", ran.stderr);
        fs::remove_dir_all(bench.path("report")).expect("a report");
        expect_silence(&bench, &path, &[&["--previous", before.as_str()], more].concat());
    }
}

/// The forms of the other test have names that messages may show.
#[test]
fn whole_files_are_read_whatever_they_are_called() {
    let bench = Bench::new();
    for (form, bytes) in forms::accounts() {
        for ending in ["", ".csv", ".gz", ".txt", ".json", ".parquet"] {
            let path = bench.write(&format!("{form}{ending}"), &bytes);
            let ran = run(&mut bench.audit([&path]));
            // a list of addresses in a table is taken for a table that lost its header
            if form == "addresses" && ending == ".csv" {
                ran.expect(2).says(&["--no-header"]);
                continue;
            }
            if form == "addresses" && matches!(ending, ".json") {
                assert_eq!(ran.status, 2, "{form}{ending}");
                continue;
            }
            assert!(bench.path("report").exists(), "{form}{ending}: {}", ran.stderr);
            let report = bench.report();
            assert_eq!((report.accounts.height(), report.rejected.height()), (3, 0), "{form}{ending}");
            fs::remove_dir_all(bench.path("report")).expect("a report");
        }
    }
}
