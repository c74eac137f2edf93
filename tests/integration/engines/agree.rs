//! `stream` and `audit` give every row the same verdict.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use polars::prelude::{AnyValue, DataFrame, DataType};
use zonelapse::time::Moment;

use super::{ADDED, answered, arrow, mail, store_of};
use crate::sample::world_program;
use crate::support::{AS_OF, Report, rows, run, run_with_input, zonelapse};

/// What a row of the audit says, by its number.
type Told = BTreeMap<u64, Vec<String>>;

/// A world: a store, tables of answers and of mail servers, and accounts.
struct World {
    directory: tempfile::TempDir,
    more: Vec<String>,
}

impl World {
    /// Evidence below a directory: `zones`, answers in `rdap` or `rdap.ndjson`, and lists in `registry`, if there are any.
    fn of(root: &Path) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        store_of(&[root.join("zones")], &directory.path().join("store"));
        let import = |family: &str, from: &str, to: &str| {
            let mut command = zonelapse();
            command.args([family, "import", "--quiet", "-o"]).arg(directory.path().join(to));
            run(command.arg(root.join(from)));
        };
        let answers = if root.join("rdap").is_dir() { "rdap" } else { "rdap.ndjson" };
        import("rdap", answers, "answers.parquet");
        let mut more = vec!["--rdap".to_owned(), "answers.parquet".to_owned()];
        if root.join("registry").is_dir() {
            import("registry", "registry", "lists.parquet");
            more.extend(["--registry".to_owned(), "lists.parquet".to_owned()]);
        }
        Self { directory, more }
    }

    /// The sample.
    fn sample() -> Self {
        Self::of(&repository("data/sample"))
    }

    /// The same with an option.
    fn with(mut self, option: &str, value: impl Into<String>) -> Self {
        self.more.extend([option.to_owned(), value.into()]);
        self
    }

    /// The same with a file that an option names.
    fn with_file(self, option: &str, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.path(name), bytes).expect("a small file");
        self.with(option, name)
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
            let cells = ["", "", "", "", "", "rejected", "unknown", "1", "", "", reason, "", "", "", ""];
            let as_of = Moment::parse(AS_OF, zonelapse::time::BareDate::Start).expect("a date").to_string();
            let cells = cells.iter().map(|cell| (*cell).to_owned()).chain([as_of]);
            told.insert(row.parse().expect("a number"), cells.collect());
        }
        told
    }

    /// What `stream` says of an Arrow stream.
    fn judge_arrow(&self, input: &[u8], options: &[&str]) -> Told {
        let mut command = self.command("stream");
        command.args(["--format", "arrow"]).args(options);
        let answer = answered(&mut command, input);
        assert_eq!(answer.status.code(), Some(0), "{}", String::from_utf8_lossy(&answer.stderr));
        let frames = arrow::read(&answer.stdout);
        (1..).zip(frames.iter().flat_map(cells)).collect()
    }

    /// A world that `tests/world` makes; none if that is not built.
    fn made(options: &[&str]) -> Option<tempfile::TempDir> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let (kind, options) = options.split_first()?;
        let mut command = Command::new(world_program()?);
        run(command.arg(kind).arg(directory.path()).args(options)).expect(0);
        Some(directory)
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
    let numbers = rows(accounts, &["row"]).into_iter().map(|row| row.parse().expect("a number"));
    numbers.zip(cells(accounts)).collect()
}

/// The cells of the columns that are added, as text.
fn cells(frame: &DataFrame) -> Vec<Vec<String>> {
    let cell = |name: &str, row: usize| {
        let column = frame.column(name).expect(name);
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
    (0..frame.height()).map(|row| ADDED.iter().map(|name| cell(name, row)).collect()).collect()
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

/// A file of the repository.
fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[track_caller]
fn same(told: &Told, expected: &Told, what: &str) {
    assert!(expected.len() > 5, "{} rows", expected.len());
    for (row, cells) in expected {
        assert_eq!(told.get(row), Some(cells), "row {row}, {what}");
    }
    assert_eq!(told.len(), expected.len(), "one row out for each row in, {what}");
}

/// Every format, for every size of batches.
#[track_caller]
fn agree(world: &World, accounts: &str) {
    let csv = fs::read(repository(accounts)).expect("accounts");
    let (tsv, ndjson) = converted(&csv);
    let expected = world.audit(&csv, "csv");
    let sound = world.audit(tsv.as_bytes(), "tsv");
    same(&world.audit(ndjson.as_bytes(), "ndjson"), &sound, "two audits");
    for options in BATCHES {
        let what = format!("{options:?}");
        same(&of_table(&world.stream(&csv, "csv", options), b',', "", true), &expected, &what);
        let told = of_table(&world.stream(tsv.as_bytes(), "tsv", options), b'\t', "\\N", false);
        same(&told, &sound, &what);
        same(&of_objects(&world.stream(ndjson.as_bytes(), "ndjson", options)), &sound, &what);
    }
    for batch in [1, 7, usize::MAX] {
        let told = world.judge_arrow(&arrow::written(tsv.as_bytes(), b'\t', batch), &[]);
        same(&told, &sound, &format!("Arrow in batches of {batch}"));
    }
}

/// As CSV only, for many accounts, and as Arrow.
#[track_caller]
fn agree_at_scale(world: &World, accounts: &[u8], rows: usize) {
    let expected = world.audit(accounts, "csv");
    assert!(expected.len() >= rows, "{} rows", expected.len());
    for options in [&[][..], &["--batch-rows", "1000", "--threads", "1"]] {
        let told = of_table(&world.stream(accounts, "csv", options), b',', "", true);
        same(&told, &expected, &format!("{options:?}"));
    }
    let told = world.judge_arrow(&arrow::written(accounts, b',', 8192), &["--threads", "2"]);
    same(&told, &expected, "Arrow");
}

#[test]
fn on_the_sample() {
    agree(&World::sample(), "data/sample/accounts.csv");
}

#[test]
fn on_lists_of_registries() {
    agree(&World::sample(), "data/sample/registry-accounts.csv");
}

#[test]
fn on_a_world_with_a_broken_zone() {
    agree(&World::of(&repository("tests/fixtures/broken")), "tests/fixtures/broken/accounts.csv");
}

#[test]
fn on_subjects() {
    for (subject, file) in [("domain", "domains"), ("url", "urls"), ("reverse-dns", "packages")] {
        let world = World::sample().with("--subject", subject);
        agree(&world, &format!("data/sample/{file}.csv"));
    }
}

#[test]
fn on_mail_servers_that_are_loaded_whole() {
    let mx = fs::read(repository("data/sample/mx.csv")).expect("the sample");
    agree(&World::sample().with_file("--mx", "mx.csv", &mx), "data/sample/mx-accounts.csv");
}

#[test]
fn on_mail_servers_that_are_probed() {
    let mx = fs::read_to_string(repository("data/sample/mx.csv")).expect("the sample");
    // one file by name in small row groups, as resolvers spell names, and one in no order
    let (mut plain, mut dotted) = (mail::records(&mx), mail::records(&mx));
    plain.sort();
    dotted.iter_mut().for_each(|record| record[0].push('.'));
    dotted.sort();
    for (records, group) in [(&plain, 5), (&dotted, 3), (&mail::records(&mx), 4), (&plain, 1000)] {
        let world = World::sample().with_file("--mx", "mx.parquet", &mail::parquet(records, group));
        agree(&world, "data/sample/mx-accounts.csv");
    }
    // the newest day counts, wherever it is
    let (half, rest): (Vec<_>, Vec<_>) = plain.into_iter().enumerate().partition(|(place, _)| place % 2 == 0);
    let of =
        |half: Vec<(usize, mail::Record)>| half.into_iter().map(|(_, record)| record).collect::<Vec<_>>();
    let (half, rest) = (of(half), of(rest));
    let csv = mail::csv(&rest);
    let world = World::sample().with_file("--mx", "mx.parquet", &mail::parquet(&half, 5));
    agree(&world.with_file("--mx", "rest.csv", csv.as_bytes()), "data/sample/mx-accounts.csv");
}

#[test]
fn on_mail_classes_and_decisions_of_people() {
    let classes = b"domain,class\ngmail.com,none\nmx-fine-example.com,disposable\n";
    let decisions = "domain,action,until\nmx-fine-example.com,review,2027-01-01\nmx-all-absent-example.com,none,2027-01-01\n";
    let world = World::sample().with_file("--mail-classes", "classes.csv", classes);
    let world = world.with_file("--overrides", "decisions.csv", decisions.as_bytes());
    agree(&world, "data/sample/mx-accounts.csv");
    for policy in ["pypi", "npq"] {
        agree(&World::sample().with("--policy", policy), "data/sample/accounts.csv");
    }
}

#[test]
fn on_many_accounts_whose_fate_is_known() {
    let Some(made) = World::made(&["fates", "--accounts", "30000", "--domains", "6000"]) else { return };
    let world = World::of(made.path());
    let lists = repository("data/sample/registry");
    let mut import = zonelapse();
    run(import.args(["registry", "import", "--quiet", "-o"]).arg(world.path("lists.parquet")).arg(lists));
    let accounts = fs::read(made.path().join("accounts.csv")).expect("accounts");
    agree_at_scale(&world.with("--registry", "lists.parquet"), &accounts, 30_000);
}

#[test]
fn on_many_domains_behind_servers() {
    let Some(made) = World::made(&["doors", "--domains", "20000", "--one-in", "50"]) else { return };
    let accounts = fs::read(made.path().join("accounts.csv")).expect("accounts");
    let mx = fs::read_to_string(made.path().join("mx.csv")).expect("mail servers");
    let mut records = mail::records(&mx);
    let world = World::of(made.path()).with_file("--mx", "mx.csv", mx.as_bytes());
    agree_at_scale(&world, &accounts, 20_000);
    records.sort();
    let probed = World::of(made.path()).with_file("--mx", "mx.parquet", &mail::parquet(&records, 1000));
    agree_at_scale(&probed, &accounts, 20_000);
}
