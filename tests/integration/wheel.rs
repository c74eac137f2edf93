//! A wheel of the program, as maturin makes it from `Cargo.toml` alone: pip installs it, the sample is judged by it.
//!
//! `ZONELAPSE_WHEEL` names the wheel; without it the test says that it is skipped. `.ci/run` makes one before the tests, and
//! not a test beside others, because maturin takes the built program away from its place for a moment.

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
    for file in ["README.md", ".ci/run"] {
        let text = std::fs::read_to_string(root.join(file)).expect("a file of the repository");
        assert!(text.contains(COMMAND), "{file} has another command than `{COMMAND}`");
    }
    let Some(wheel) = std::env::var_os("ZONELAPSE_WHEEL") else {
        return skip(&format!("no wheel: ZONELAPSE_WHEEL names one that `{COMMAND}` made"));
    };
    let bench = Bench::new();
    let fresh = bench.path("fresh");
    run(Command::new("python3").args(["-m", "venv"]).arg(&fresh)).expect(0);
    let mut python = Command::new(fresh.join("bin/python"));
    run(python.args(["-m", "pip", "install", "--quiet", "--no-index"]).arg(wheel)).expect(0);
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
