//! A wheel of the program: maturin makes it from `Cargo.toml` alone, pip installs it, the sample is judged by it.
//!
//! `ZONELAPSE_MATURIN` names maturin; without it the test says that it is skipped. The wheel is made from what cargo built
//! for the tests, with the same profile and features into the same directory, so nothing is built twice. That holds for plain
//! `cargo test`; with other flags for cargo, maturin builds anew, without them.

use std::path::Path;
use std::process::Command;

use crate::support::{AS_OF, Bench, run, skip, zonelapse};

/// What the README tells people to type.
const COMMAND: &str = "maturin build -b bin --release";

const METADATA: &str = "from importlib.metadata import metadata; it = metadata('zonelapse'); \
     print(it['Name'], it['Version'], it['License'], it['Description-Content-Type'], it['Summary'], sep='\\n')";

#[test]
fn is_installed_and_judges_the_sample() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    assert!(readme.contains(COMMAND), "the README has another command than `{COMMAND}`");
    let Some(maturin) = std::env::var_os("ZONELAPSE_MATURIN") else {
        return skip("no maturin: ZONELAPSE_MATURIN names it (`pip install maturin`)");
    };
    let bench = Bench::new();
    let built = Path::new(env!("CARGO_BIN_EXE_zonelapse")).parent().expect("the directory of the profile");
    let profile = match built.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let mut build = Command::new(maturin);
    build.current_dir(root).args(["build", "-b", "bin", "--locked", "--profile", profile]);
    if cfg!(feature = "fetch") {
        build.args(["--features", "fetch"]);
    }
    build.arg("--target-dir").arg(built.parent().expect("the target directory"));
    let told = run(build.arg("-o").arg(bench.path("wheels"))).expect(0).printed();
    assert!(!told.contains("Compiling polars"), "Polars was built again:\n{told}");

    let wheels = std::fs::read_dir(bench.path("wheels")).expect("a directory of wheels");
    let wheels: Vec<_> = wheels.map(|wheel| wheel.expect("a wheel").path()).collect();
    let fresh = bench.path("fresh");
    run(Command::new("python3").args(["-m", "venv"]).arg(&fresh)).expect(0);
    let mut python = Command::new(fresh.join("bin/python"));
    run(python.args(["-m", "pip", "install", "--quiet", "--no-index"]).args(&wheels)).expect(0);
    let told = run(Command::new(fresh.join("bin/python")).args(["-c", METADATA])).expect(0).stdout;
    let version = env!("CARGO_PKG_VERSION");
    let expected =
        format!("zonelapse\n{version}\nMIT OR Apache-2.0\ntext/markdown; charset=UTF-8; variant=GFM\n");
    assert_eq!(told, expected + env!("CARGO_PKG_DESCRIPTION") + "\n");

    let judge = |mut program: Command, report: &str| {
        program.current_dir(root).args(["audit", "data/sample/accounts.csv", "--zones", "data/sample/zones"]);
        program.args(["--rdap", "data/sample/rdap", "--as-of", AS_OF, "-o"]).arg(bench.path(report));
        let answer = run(&mut program).expect(0).stdout.lines().next().map(str::to_owned);
        let accounts = std::fs::read(bench.path(report).join("accounts.parquet")).expect("a table");
        (answer, accounts)
    };
    let installed = judge(Command::new(fresh.join("bin/zonelapse")), "installed");
    assert!(installed == judge(zonelapse(), "built"), "another report: {:?}", installed.0);
}
