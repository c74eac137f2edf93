//! `stream` and `audit` give every row the same verdict.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polars::prelude::{AnyValue, DataFrame, DataType};
use zonelapse::time::Moment;

use super::{ADDED, store_of};
use crate::support::{AS_OF, Report, rows, run, run_with_input, zonelapse};

/// What a row of the audit says, by its number.
type Told = BTreeMap<u64, Vec<String>>;

/// A world: a store, a table of answers, and accounts.
struct World {
    directory: tempfile::TempDir,
    more: Vec<String>,
}

impl World {
    fn of(root: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        store_of(&[root.join("zones")], &directory.path().join("store"));
        let import = |family: &str, from: &str, to: &str| {
            let mut command = zonelapse();
            command.args([family, "import", "--quiet", "-o"]).arg(directory.path().join(to));
            run(command.arg(root.join(from)));
        };
        import("rdap", "rdap", "answers.parquet");
        let mut more = vec!["--rdap".to_owned(), "answers.parquet".to_owned()];
        if root.join("registry").is_dir() {
            import("registry", "registry", "lists.parquet");
            more.extend(["--registry".to_owned(), "lists.parquet".to_owned()]);
        }
        Self { directory, more }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn command(&self, name: &str) -> Command {
        let mut command = zonelapse();
        command.current_dir(self.directory.path()).arg(name).args(["--zones", "store", "--as-of", AS_OF]);
        command.args(&self.more);
        command
    }

    /// What the audit says of accounts in this format.
    fn audit(&self, accounts: &[u8], format: &str) -> Told {
        let file = self.path("accounts");
        fs::write(&file, accounts).expect("a small file");
        let _ = fs::remove_dir_all(self.path("report"));
        let mut command = self.command("audit");
        command.arg(&file).args(["--format", format, "--max-flagged-share", "100", "-o", "report"]);
        let ran = run(command.args(["--max-rejected", "100", "--quiet"]));
        assert!(ran.status < 2, "{}", ran.stderr);
        let report = Report::read(&self.path("report"));
        let mut told = accepted(&report.accounts);
        for row in rows(&report.rejected, &["row", "reason"]) {
            let (row, reason) = row.split_once(' ').expect("two columns");
            let cells = ["", "", "", "", "rejected", "unknown", "1", "", "", reason, "", "", "", ""];
            let as_of = Moment::parse(AS_OF, zonelapse::time::BareDate::Start).expect("a date").to_string();
            let cells = cells.iter().map(|cell| (*cell).to_owned()).chain([as_of]);
            told.insert(row.parse().expect("a number"), cells.collect());
        }
        told
    }

    /// What `stream` writes.
    fn stream(&self, accounts: &[u8], format: &str, options: &[&str]) -> String {
        let mut command = self.command("stream");
        command.args(["--format", format]).args(options);
        run_with_input(&mut command, accounts).expect(0).stdout
    }
}

/// The cells of accepted accounts as text.
fn accepted(accounts: &DataFrame) -> Told {
    let cell = |name: &str, row: usize| {
        let column = accounts.column(name).expect(name);
        match (column.get(row).expect("a row"), column.dtype()) {
            (AnyValue::Null, _) => String::new(),
            (AnyValue::List(list), _) => {
                let names = list.str().expect("a list of texts").iter();
                // that a name looks mistyped is told from all rows of a run
                names.flatten().filter(|name| *name != "name.looks_mistyped").collect::<Vec<_>>().join(" ")
            }
            (value, DataType::Datetime(..)) => Moment(value.extract().expect("microseconds")).to_string(),
            (value, _) => value.to_string().trim_matches('"').to_owned(),
        }
    };
    let row = |row: usize| {
        let number = cell("row", row).parse().expect("a number");
        (number, ADDED.iter().map(|name| cell(name, row)).collect())
    };
    (0..accounts.height()).map(row).collect()
}

/// The added cells of every row of a table of text.
fn of_table(text: &str, delimiter: u8, null: &str, quoting: bool) -> Told {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).quoting(quoting).from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let first = header.len() - ADDED.len();
    assert_eq!(header.iter().skip(first).collect::<Vec<_>>(), ADDED);
    let cell = |cell: &str| if cell == null { String::new() } else { cell.to_owned() };
    let cells = |record: csv::StringRecord| record.iter().skip(first).map(cell).collect();
    (1..).zip(reader.records().map(|record| cells(record.expect("sound CSV")))).collect()
}

/// The same of objects.
fn of_objects(text: &str) -> Told {
    let cell = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::Array(texts) => {
            texts.iter().filter_map(|text| text.as_str()).collect::<Vec<_>>().join(" ")
        }
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let cells = |line: &str| {
        let object: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        ADDED.iter().map(|name| cell(&object[*name])).collect()
    };
    (1..).zip(text.lines().map(cells)).collect()
}

/// Records of the sample in other formats. Faulty ones are there only in CSV.
pub(super) fn converted(csv: &[u8]) -> (String, String) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let header = reader.headers().expect("a header").clone();
    let mut tsv = header.iter().collect::<Vec<_>>().join("\t") + "\n";
    let mut ndjson = String::new();
    for record in reader.records().flatten().filter(|record| record.len() == header.len()) {
        if record.iter().any(|field| field.contains(['\t', '\n', '\r'])) {
            continue;
        }
        tsv += &(record.iter().collect::<Vec<_>>().join("\t") + "\n");
        let members = header.iter().zip(&record).map(|(name, field)| (name.to_owned(), field.into()));
        ndjson += &(serde_json::Value::Object(members.collect()).to_string() + "\n");
    }
    (tsv, ndjson)
}

const BATCHES: [&[&str]; 4] = [
    &["--batch-rows", "1"],
    &["--batch-rows", "7", "--threads", "1"],
    &["--threads", "2"],
    &["--threads", "1"],
];

#[track_caller]
fn agree(root: &str, accounts: &str) {
    let world = World::of(root);
    let csv = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(root).join(accounts)).expect("accounts");
    let (tsv, ndjson) = converted(&csv);
    let expected = ["csv", "tsv", "ndjson"].map(|format| {
        let text = match format {
            "csv" => &csv[..],
            "tsv" => tsv.as_bytes(),
            _ => ndjson.as_bytes(),
        };
        world.audit(text, format)
    });
    for options in BATCHES {
        let told = [
            of_table(&world.stream(&csv, "csv", options), b',', "", true),
            of_table(&world.stream(tsv.as_bytes(), "tsv", options), b'\t', "\\N", false),
            of_objects(&world.stream(ndjson.as_bytes(), "ndjson", options)),
        ];
        for (told, expected) in told.iter().zip(&expected) {
            assert!(expected.len() > 8, "{} rows", expected.len());
            for (row, cells) in expected {
                assert_eq!(told.get(row), Some(cells), "row {row} with {options:?}");
            }
            assert_eq!(told.len(), expected.len(), "one row out for each row in");
        }
    }
}

#[test]
fn on_the_sample() {
    agree("data/sample", "accounts.csv");
}

#[test]
fn on_lists_of_registries() {
    agree("data/sample", "registry-accounts.csv");
}

#[test]
fn on_a_world_with_a_broken_zone() {
    agree("tests/fixtures/broken", "accounts.csv");
}
