//! Every command of the README runs, as it is written there.
//!
//! The fenced blocks are run in their order, in one directory that has what the guides assume: the sample's evidence
//! under the names they use. The built program is the first `zonelapse` on the path, and `cargo run -- …` starts it,
//! too. A block that cannot run here has a comment `<!-- skip: why -->` before it; the test says how many there are. A
//! recipe in Python has a comment with a text that it prints; that of Spark needs `ZONELAPSE_SPARK`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::readers::python;
use crate::support::{gzip, run, run_with_input, skip, zone};

/// A `cargo` that knows only how to run the program.
const CARGO: &str = "#!/bin/sh\n\
    [ \"$1\" = run ] || { echo \"cargo $1: mark this block with a comment `skip`\" >&2; exit 2; }\n\
    while [ \"$1\" != -- ]; do shift; done; shift\n\
    exec zonelapse \"$@\"\n";

/// Why a block is skipped in the default build alone.
const WITHOUT_FETCH: &str = "it needs a build with the feature fetch";

/// Runs a query and fails if it finds nothing.
const QUERY: &str = "import duckdb, sys; assert duckdb.sql(sys.stdin.read()).fetchall(), 'no row'";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A fenced block, with the comments right before it.
struct Block {
    line: usize,
    language: String,
    text: String,
    comments: Vec<String>,
}

impl Block {
    /// What stands after `name` in a comment.
    fn comment(&self, name: &str) -> Option<&str> {
        self.comments.iter().find_map(|comment| comment.strip_prefix(name))
    }
}

fn blocks() -> Vec<Block> {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let (mut blocks, mut comments) = (Vec::new(), Vec::new());
    let mut lines = (1..).zip(readme.lines());
    while let Some((line, text)) = lines.next() {
        if let Some(comment) = text.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->")) {
            comments.push(comment.to_owned());
        } else if let Some(language) = text.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, text)| text).take_while(|text| *text != "```");
            let text = inside.fold(String::new(), |text, line| text + line + "\n");
            let comments = std::mem::take(&mut comments);
            blocks.push(Block { line, language: language.to_owned(), text, comments });
        } else {
            comments.clear();
        }
    }
    blocks
}

/// A directory with what the guides assume.
struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let sandbox = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        let sample = root().join("data/sample");
        symlink(root().join("data"), sandbox.path("data")).expect("a link");
        for directory in ["bin", "zones", "responses"] {
            fs::create_dir(sandbox.path(directory)).expect("a directory");
        }
        let copy = |from: PathBuf, to: PathBuf| {
            fs::copy(from, to).expect("a file of the sample can be copied");
        };
        copy(sample.join("accounts.csv"), sandbox.path("accounts.csv"));
        for (from, to) in [("zones", "zones"), ("rdap/single", "responses")] {
            for entry in fs::read_dir(sample.join(from)).expect("the sample is there") {
                let entry = entry.expect("an entry can be read");
                copy(entry.path(), sandbox.path(to).join(entry.file_name()));
            }
        }
        let answers = fs::read(sample.join("rdap/answers.ndjson")).expect("the sample has answers");
        sandbox.write("answers.ndjson.gz", &gzip(&answers));
        let expected = fs::read_to_string(sample.join("expected.csv")).expect("the sample has expectations");
        let lapsing = expected.lines().find(|line| line.contains(",pending_delete,")).expect("such a domain");
        let (_, lapsing) = lapsing.split_once('@').expect("an address");
        let lapsing = lapsing.split(',').next().expect("its domain");
        sandbox
            .write("decisions.csv", format!("domain,action,until\n{lapsing},none,2099-12-31\n").as_bytes());
        // the zone of the day after, nearly empty
        sandbox.write("com-after-a-purge.txt", zone("com", 2026060201, &["left-example"]).as_bytes());
        symlink(env!("CARGO_BIN_EXE_zonelapse"), sandbox.path("bin/zonelapse")).expect("a link");
        sandbox.write("bin/cargo", CARGO.as_bytes());
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(sandbox.path("bin/cargo"), executable).expect("its mode can be set");
        sandbox
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a small file can be written");
    }

    /// A program in this directory, which finds the built one on its path.
    fn command(&self, program: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(program);
        command.current_dir(self.directory.path());
        command.env("PATH", format!("{}:{path}", self.path("bin").display()));
        command
    }

    /// Runs a block as a script that stops at the first command that fails.
    fn run_script(&self, text: &str) -> String {
        run(self.command("bash").args(["-euo", "pipefail", "-c", text])).expect(0).stdout
    }

    /// Runs a recipe in Python.
    fn run_recipe(&self, python: &str, block: &Block) {
        let mut recipe = self.command(python);
        // the workers of Spark use the Python of the driver
        recipe.args(["-c", &block.text]).env("PYSPARK_PYTHON", python).env("SPARK_LOCAL_IP", "127.0.0.1");
        let told = run(&mut recipe);
        assert_eq!(told.status, 0, "line {}: {}", block.line, told.stderr);
        let prints = block.comment("prints: ").expect("a recipe says what it prints");
        assert!(told.stdout.contains(prints), "line {}: not `{prints}`:\n{}", block.line, told.stdout);
    }
}

#[test]
fn every_command_runs_as_it_is_written() {
    let sandbox = Sandbox::new();
    let python = python();
    let mut skipped: BTreeMap<&str, usize> = BTreeMap::new();
    let blocks = blocks();
    let (mut commands, mut queries, mut recipes) = (0, 0, 0);
    let mut summary = None;
    for block in &blocks {
        let why = block.comment("skip: ").filter(|why| *why != WITHOUT_FETCH || cfg!(not(feature = "fetch")));
        if let Some(why) = why {
            *skipped.entry(why).or_default() += 1;
            continue;
        }
        match block.language.as_str() {
            "sh" => {
                let stdout = sandbox.run_script(&block.text);
                summary = summary.or(block.comment("main command").map(|_| stdout));
                commands += 1;
            }
            "sql" => {
                queries += 1;
                let Some(python) = &python else { continue };
                let mut command = Command::new(python);
                command.args(["-c", QUERY]).current_dir(sandbox.directory.path());
                let run = run_with_input(&mut command, block.text.as_bytes());
                assert_eq!(run.status, 0, "line {}: {}", block.line, run.stderr);
            }
            "python" => {
                recipes += 1;
                let is_for_spark = block.comment("spark").is_some();
                let python =
                    if is_for_spark { std::env::var("ZONELAPSE_SPARK").ok() } else { python.clone() };
                match python {
                    Some(python) => sandbox.run_recipe(&python, block),
                    None => *skipped.entry("no such reader").or_default() += 1,
                }
            }
            "toml" => {
                let name = block.comment("file: ").expect("a block of TOML says which file it is");
                sandbox.write(name, block.text.as_bytes());
            }
            "text" => assert!(block.comment("summary").is_some(), "line {}: what is this?", block.line),
            other => panic!("line {}: nobody checks a block of `{other}`", block.line),
        }
    }
    assert!(
        commands >= 7 && queries == 12 && recipes == 5,
        "{commands} commands, {queries} queries, {recipes} recipes"
    );
    let shown = blocks.iter().find(|block| block.comment("summary").is_some()).expect("a summary is shown");
    let summary = summary.expect("there is a main command");
    assert!(summary.starts_with(&shown.text), "the README shows another summary than this:\n{summary}");
    let reasons: Vec<String> = skipped.iter().map(|(why, number)| format!("{why} ({number})")).collect();
    skip(&format!("blocks of the README: {}", reasons.join("; ")));
}
