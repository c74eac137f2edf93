//! A real Spark drives `stream`. `ZONELAPSE_SPARK` names a Python with pyspark; without it these tests skip.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::night::{blocks, two_nights};
use super::store_of;
use crate::support::{AS_OF, Mount, run, run_with_input, skip, zonelapse};

/// Sound rows of the sample: Spark reads CSV in its own way.
fn accounts() -> String {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/sample/accounts.csv");
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.flexible(true).from_path(sample).expect("the sample");
    let header = reader.headers().expect("a header").clone();
    let mut accounts = header.iter().collect::<Vec<_>>().join(",") + "\n";
    for record in reader.records().flatten().filter(|record| record.len() == header.len()) {
        if record.iter().all(|field| !field.is_empty() && !field.contains([',', '"', '\n', '\t', '\\'])) {
            accounts += &(record.iter().collect::<Vec<_>>().join(",") + "\n");
        }
    }
    accounts
}

/// Runs `tests/readers/spark.py` beside a store, accounts and their verdicts.
#[track_caller]
fn passes_under(master: &str, prepare: impl FnOnce(&Path) -> Option<Mount>, expected: usize) {
    let Some(python) = std::env::var_os("ZONELAPSE_SPARK") else {
        return skip("no Spark: ZONELAPSE_SPARK names a Python with pyspark and pyarrow");
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = |name: &str| directory.path().join(name);
    store_of(&[root.join("data/sample/zones")], &path("store"));
    let accounts = accounts();
    fs::write(path("accounts.csv"), &accounts).expect("a small file");
    let mut command = zonelapse();
    command.arg("stream").arg("--zones").arg(path("store")).args(["--as-of", AS_OF]);
    let told = run_with_input(&mut command, accounts.as_bytes()).expect(0).stdout;
    fs::write(path("verdicts.csv"), told).expect("a small file");
    let full = prepare(directory.path());
    let mut spark = Command::new(&python);
    spark.arg(root.join("tests/readers/spark.py")).args([master, env!("CARGO_BIN_EXE_zonelapse")]);
    spark.arg(directory.path()).args(full.iter().map(|mount| &mount.0));
    // the children are found there, and the workers use the Python of the driver
    let programs = Path::new(env!("CARGO_BIN_EXE_zonelapse")).parent().expect("its directory");
    let path = std::env::var("PATH").unwrap_or_default();
    spark.env("PATH", format!("{}:{path}", programs.display()));
    spark.env("PYSPARK_PYTHON", &python).env("SPARK_LOCAL_IP", "127.0.0.1").current_dir(directory.path());
    let stdout = run(&mut spark).expect(0).stdout;
    let passed = stdout.lines().filter(|line| line.contains("passed ")).count();
    assert_eq!(passed, expected + if full.is_some() { 3 } else { 0 }, "{stdout}");
}

#[test]
fn in_one_process() {
    let nights = |directory: &Path| {
        fs::create_dir(directory.join("nights")).expect("a directory");
        two_nights(&directory.join("nights"));
        fs::write(directory.join("guide.py"), blocks("python")).expect("a small file");
        symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join("data"), directory.join("data")).expect("a link");
        None
    };
    passes_under("local[2]", nights, 11);
}

#[test]
fn on_two_workers() {
    let two_stores = |directory: &Path| {
        for copy in ["damaged", "sound"] {
            copy_newest(&directory.join("store"), &directory.join("copies").join(copy));
        }
        damage(&directory.join("copies/damaged/com/2026-05-31.zls"));
        let mount = Mount::of(&directory.join("full"), "4k");
        if mount.is_none() {
            skip("no small file system can be mounted here to be filled");
        }
        mount
    };
    passes_under("local-cluster[2,1,1024]", two_stores, 8);
}

/// Copies a store as the README says: the newest snapshot of each zone.
fn copy_newest(store: &Path, copy: &Path) {
    let entries = |path: &Path| {
        let entries = fs::read_dir(path).expect("a directory");
        entries.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    for zone in entries(store).into_iter().filter(|path| path.is_dir()) {
        let newest = entries(&zone).into_iter().filter(|path| path.extension().is_some()).max();
        let newest = newest.expect("a snapshot");
        let to = copy.join(zone.file_name().expect("its name"));
        fs::create_dir_all(&to).expect("a directory");
        fs::copy(&newest, to.join(newest.file_name().expect("its name"))).expect("a small file");
    }
    fs::copy(store.join("zonelapse.store"), copy.join("zonelapse.store")).expect("a small file");
}

/// Flips a bit in the middle.
fn damage(snapshot: &Path) {
    let mut bytes = fs::read(snapshot).expect("a snapshot");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    fs::write(snapshot, bytes).expect("a small file");
}
