//! A real Spark drives `stream`. `ZONELAPSE_SPARK` names a Python with pyspark; without it these tests skip.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::store_of;
use crate::support::{AS_OF, run, run_with_input, skip, zonelapse};

#[track_caller]
fn agrees_under(master: &str) {
    let Some(python) = std::env::var_os("ZONELAPSE_SPARK") else {
        return skip("no Spark: ZONELAPSE_SPARK names a Python with pyspark and pyarrow");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name);
    store_of(&[root.join("data/sample/zones")], &path("store"));
    // Spark reads CSV in its own way: sound rows alone
    let mut reader = csv::ReaderBuilder::new();
    let mut reader =
        reader.flexible(true).from_path(root.join("data/sample/accounts.csv")).expect("the sample");
    let header = reader.headers().expect("a header").clone();
    let mut accounts = header.iter().collect::<Vec<_>>().join(",") + "\n";
    for record in reader.records().flatten().filter(|record| record.len() == header.len()) {
        if record.iter().all(|field| !field.is_empty() && !field.contains([',', '"', '\n', '\t', '\\'])) {
            accounts += &(record.iter().collect::<Vec<_>>().join(",") + "\n");
        }
    }
    fs::write(path("accounts.csv"), &accounts).expect("a small file");
    let mut command = zonelapse();
    command.arg("stream").arg("--zones").arg(path("store")).args(["--as-of", AS_OF]);
    let told = run_with_input(&mut command, accounts.as_bytes()).expect(0).stdout;
    fs::write(path("verdicts.csv"), told).expect("a small file");
    let mut spark = Command::new(&python);
    spark.arg(root.join("tests/readers/spark.py")).args([master, env!("CARGO_BIN_EXE_zonelapse")]);
    spark.arg(path("store")).arg(path("accounts.csv")).arg(path("verdicts.csv"));
    // the workers use the Python of the driver
    spark.env("PYSPARK_PYTHON", &python).env("SPARK_LOCAL_IP", "127.0.0.1").current_dir(directory.path());
    assert!(run(&mut spark).expect(0).stdout.contains(" rows"));
}

#[test]
fn in_one_process() {
    agrees_under("local[2]");
}

#[test]
fn on_two_workers() {
    agrees_under("local-cluster[2,1,1024]");
}
