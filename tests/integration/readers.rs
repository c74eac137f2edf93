//! Other programs read our tables: DuckDB, pandas through pyarrow, Polars for Python, Spark.
//!
//! `tests/readers/readers.py` does it, with the report of the sample and with one that has no rows. Without Python or
//! the readers the test says that it is skipped. `ZONELAPSE_REQUIRE_READERS=1` makes that a failure, and
//! `ZONELAPSE_PYTHON` names the interpreter. `tests/readers/spark_report.py` does the same with Spark, by the Python that
//! `ZONELAPSE_SPARK` names.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use crate::engines::store_of;
use crate::support::{AS_OF, Bench, run, skip, zonelapse};

const READERS: &str = "readers.py";

/// The interpreter, if it has the readers.
pub fn python() -> Option<String> {
    let python = std::env::var("ZONELAPSE_PYTHON").unwrap_or_else(|_| "python3".into());
    let output =
        Command::new(&python).args(["-c", "import duckdb, pandas, polars, pyarrow.dataset"]).output();
    let why = match &output {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    };
    let required = std::env::var("ZONELAPSE_REQUIRE_READERS").is_ok_and(|value| value == "1");
    assert!(!required, "the readers are required, but `{python}`: {why}");
    static MISSING: Once = Once::new();
    MISSING.call_once(|| {
        skip(&format!(
            "no reader of the report: `{python}` has not all of DuckDB, pandas, Polars and pyarrow: {why}"
        ))
    });
    None
}

#[track_caller]
fn is_read(python: &str, script: &str, report: &Path, bench: &Bench) {
    let schema = run(zonelapse().args(["schema", "--json"])).expect(0).stdout;
    let schema = bench.write("schema.json", schema.as_bytes());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers").join(script);
    run(Command::new(python).arg(script).arg(report).arg(schema)).expect(0);
}

/// The audit of the sample.
fn audit(output: &Path) -> Command {
    let mut command = zonelapse();
    command.args(["audit", "data/sample/accounts.csv", "--zones", "data/sample/zones"]);
    command.args(["--rdap", "data/sample/rdap", "--as-of", AS_OF]);
    command.args(["--keep-email", "--carry", "downloads", "-o"]).arg(output);
    command
}

#[test]
fn every_table_of_the_sample() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    let report = bench.path("report");
    run(&mut audit(&report)).expect(0);
    is_read(&python, READERS, &report, &bench);
    // once more, compared with the first
    let again = with_all_tables(&bench);
    is_read(&python, READERS, &again, &bench);
}

/// A report that is compared with the first, and the tables of other commands beside it.
fn with_all_tables(bench: &Bench) -> PathBuf {
    let again = bench.path("again");
    run(audit(&again).arg("--previous").arg(bench.path("report"))).expect(0);
    let table = |command: &str, name: &str| {
        let path = bench.path(name);
        let command = command.split(' ').chain(["-o"]);
        run(zonelapse().env("ZONELAPSE_STORE", bench.path("store")).args(command).arg(&path)).expect(0);
        std::fs::rename(&path, again.join(name)).expect("a table beside the others");
    };
    store_of(&["data/sample/zones".into()], &bench.path("store"));
    table("rdap import data/sample/rdap", "answers.parquet");
    table("registry import data/sample/registry", "registry.parquet");
    table("snapshot export net", "names.parquet");
    table("snapshot diff net@2026-04-10 net@2026-05-31", "changed_names.parquet");
    again
}

#[test]
fn every_table_with_spark() {
    let Ok(python) = std::env::var("ZONELAPSE_SPARK") else {
        return skip("no Spark: ZONELAPSE_SPARK names a Python with pyspark and pyarrow");
    };
    let bench = Bench::new();
    run(&mut audit(&bench.path("report"))).expect(0);
    is_read(&python, "spark_report.py", &with_all_tables(&bench), &bench);
}

#[test]
fn tables_without_rows() {
    let Some(python) = python() else { return };
    let bench = Bench::new();
    let accounts = bench.write("a.csv", b"id,email\n");
    // nobody was judged
    run(&mut bench.audit([accounts])).expect(1);
    is_read(&python, READERS, &bench.path("report"), &bench);
}
