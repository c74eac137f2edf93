//! What the tests share: running the program, small inputs, reading a report.
//!
//! Inputs are made where a test needs them, with a few names each, so that a test can be read without another file
//! beside it. Everything is judged as of [`AS_OF`].

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use polars::prelude::{DataFrame, DataType, ParquetReader, SerReader};
use tempfile::TempDir;

/// The moment of judgement of all tests.
pub const AS_OF: &str = "2026-06-01";

/// A Parquet file.
pub fn read_parquet(path: &Path) -> DataFrame {
    let file = File::open(path).expect("a Parquet file");
    ParquetReader::new(file).finish().expect("a readable Parquet file")
}

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Expects an exit status; shows what was said if it is another.
    #[track_caller]
    pub fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// All that was printed.
    pub fn printed(&self) -> String {
        self.stdout.clone() + &self.stderr
    }

    /// Expects a message: its parts, in standard error.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "expected `{part}` in:\n{}", self.stderr);
        }
        self
    }
}

/// The program. `ZONELAPSE_TEST_THREADS=1` lets every run that does not say `--threads` compute with so many
/// threads, so that the whole suite can be run with one (and on one processor, under `taskset -c 0`).
pub fn zonelapse() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zonelapse"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    command.env_remove("ZONELAPSE_STORE");
    if let Some(threads) = std::env::var_os("ZONELAPSE_TEST_THREADS") {
        command.env("RAYON_NUM_THREADS", threads);
    }
    command
}

/// How long a run may take that could hang: far longer than it takes on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a command to its end, or kills it and fails when it seems to hang.
#[track_caller]
pub fn run_soon(command: &mut Command) -> Run {
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started");
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let read = |stream: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            stream.expect("it is piped").read_to_end(&mut text).expect("a pipe can be read");
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = read(stdout.map(|stream| Box::new(stream) as _));
    let stderr = read(stderr.map(|stream| Box::new(stream) as _));
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            break status.code();
        }
        if started.elapsed() > PATIENCE {
            child.kill().expect("a child can be killed");
            panic!("{command:?} hangs");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let text = |reader: thread::JoinHandle<String>| reader.join().expect("reading does not panic");
    let status = status.expect("the program was not killed");
    Run { status, stdout: text(stdout), stderr: text(stderr) }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program can be started");
    Run {
        status: output.status.code().expect("the program was not killed"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a command with this on its standard input.
pub fn run_with_input(command: &mut Command, input: &[u8]) -> Run {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(input).expect("a small file can be written");
    std::io::Seek::rewind(&mut file).expect("a file can be rewound");
    run(command.stdin(file))
}

/// A folder for one test, with a small zone `com` and answers about its names.
pub struct Bench {
    directory: TempDir,
}

/// Mail domains of the bench, with the state, risk and action they are to have.
pub const NAMES: [(&str, &str); 5] = [
    ("held-example.com", "active none none"),
    ("freed-example.com", "available critical unverify"),
    ("missing-example.com", "absent high lookup"),
    ("lapsing-example.com", "redemption high unverify"),
    ("elsewhere-example.net", "unknown unknown lookup"),
];

impl Bench {
    pub fn new() -> Self {
        let bench = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        bench.write("com.zone", zone("com", 2026053101, &["held-example", "other-example"]).as_bytes());
        let answers = [not_found("freed-example.com"), found("lapsing-example.com", "redemption period")];
        bench.write("answers.ndjson", (answers.join("\n") + "\n").as_bytes());
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a parent")).expect("a directory can be made");
        fs::write(&path, bytes).expect("a small file can be written");
        path
    }

    /// `audit` of these accounts with the zone and the answers, report in `report`.
    pub fn audit(&self, accounts: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = self.audit_by(accounts, &["com.zone"]);
        command.arg("--rdap").arg(self.path("answers.ndjson"));
        command
    }

    /// `audit` of these accounts with these zones alone.
    pub fn audit_by(&self, accounts: impl IntoIterator<Item = impl AsRef<OsStr>>, zones: &[&str]) -> Command {
        let mut command = zonelapse();
        command.arg("audit").args(accounts).args(["--as-of", AS_OF, "-o"]).arg(self.path("report"));
        for zone in zones {
            command.arg("--zones").arg(self.path(zone));
        }
        command
    }

    pub fn report(&self) -> Report {
        Report::read(&self.path("report"))
    }

    /// Expects that nothing of a report is left, neither in its place nor beside it.
    #[track_caller]
    pub fn has_no_report(&self) {
        assert!(!self.path("report").exists(), "a report was left");
        let entries = fs::read_dir(self.directory.path()).expect("the directory can be read");
        let names = entries.map(|entry| entry.expect("an entry can be read").file_name());
        let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        assert!(!names.iter().any(|name| name.contains("partial")), "left behind: {names:?}");
    }
}

/// A zone in the CZDS form, the SOA first and last, with these names (relative) delegated.
pub fn zone(origin: &str, serial: u32, names: &[&str]) -> String {
    let soa =
        format!("{origin}.\t900\tin\tsoa\tns1.registry.example. host.registry.example. {serial} 1 1 1 1\n");
    let mut text = format!("{soa}{origin}.\t900\tin\tns\tns1.registry.example.\n");
    for name in names {
        text += &format!("{name}.{origin}.\t900\tin\tns\tns1.dns.example.\n");
    }
    text + &soa
}

/// An answer that the name is not registered.
pub fn not_found(domain: &str) -> String {
    envelope(domain, 404, r#"{"errorCode":404,"title":"Not Found"}"#)
}

/// An answer that the name is registered, with this status.
pub fn found(domain: &str, status: &str) -> String {
    let events = r#"[{"eventAction":"registration","eventDate":"2015-01-01T00:00:00Z"}]"#;
    let body = format!(
        r#"{{"objectClassName":"domain","ldhName":"{domain}","status":["{status}"],"events":{events}}}"#
    );
    envelope(domain, 200, &body)
}

fn envelope(domain: &str, status: u16, body: &str) -> String {
    let source = registry(domain);
    format!(
        r#"{{"domain":"{domain}","fetched_at":"2026-05-31T00:00:00Z","source":"{source}","http_status":{status},"body":{body}}}"#
    )
}

/// The registry's server, for endings that the tests use; any other server is unknown to all tables.
pub fn registry(domain: &str) -> &'static str {
    match domain.rsplit('.').next() {
        Some("com") => "https://rdap.verisign.com/com/v1/",
        Some("net") => "https://rdap.verisign.com/net/v1/",
        Some("org") => "https://rdap.publicinterestregistry.org/rdap/",
        Some("dev") => "https://pubapi.registry.google/rdap/",
        Some("uk") => "https://rdap.nominet.uk/uk/",
        _ => "https://rdap.registry.example/",
    }
}

/// A gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

/// A report directory, read.
pub struct Report {
    pub manifest: serde_json::Value,
    pub accounts: DataFrame,
    pub domains: DataFrame,
    pub rejected: DataFrame,
}

impl Report {
    pub fn read(directory: &Path) -> Self {
        let manifest = fs::read(directory.join("manifest.json")).expect("a report has a manifest");
        let table = |name: &str| read_parquet(&directory.join(name));
        Self {
            manifest: serde_json::from_slice(&manifest).expect("the manifest is JSON"),
            accounts: table("accounts.parquet"),
            domains: table("domains.parquet"),
            rejected: table("rejected.parquet"),
        }
    }

    /// A value of the manifest, by its JSON pointer.
    #[track_caller]
    pub fn value(&self, pointer: &str) -> &serde_json::Value {
        self.manifest.pointer(pointer).unwrap_or_else(|| panic!("no `{pointer}` in {}", self.manifest))
    }

    /// `mail_domain state risk action` of every account, in order.
    pub fn verdicts(&self) -> Vec<String> {
        rows(&self.accounts, &["mail_domain", "state", "risk", "action"])
    }

    /// `row reason` of every rejected row, in order.
    pub fn rejections(&self) -> Vec<String> {
        rows(&self.rejected, &["row", "reason"])
    }
}

/// The rows of a table as text, columns apart by blanks, `-` for null.
pub fn rows(frame: &DataFrame, columns: &[&str]) -> Vec<String> {
    let columns: Vec<Vec<String>> = columns
        .iter()
        .map(|name| {
            let column = frame.column(name).expect("the table has this column");
            match column.i64() {
                Ok(numbers) => numbers.iter().map(|it| it.map_or("-".into(), |it| it.to_string())).collect(),
                Err(_) => {
                    let texts = column.cast(&DataType::String).expect("a column of text or of numbers");
                    let texts = texts.str().expect("it was made text");
                    texts.iter().map(|it| it.unwrap_or("-").to_owned()).collect()
                }
            }
        })
        .collect();
    let row = |row: usize| columns.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" ");
    (0..frame.height()).map(row).collect()
}

/// A small file system, unmounted when it is dropped.
pub struct Mount(pub PathBuf);

impl Mount {
    /// Makes a directory that holds so much, if that is allowed here.
    pub fn of(directory: &Path, size: &str) -> Option<Self> {
        fs::create_dir(directory).expect("a directory can be made");
        let size = format!("size={size}");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(directory).output();
        let mount = Self(directory.to_path_buf());
        mounted.is_ok_and(|output| output.status.success()).then_some(mount)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file of other projects' tests, which are not part of this repository, below `$ZONELAPSE_CORPUS`. The first that is
/// missing is told on standard error; tests then have their fixtures alone.
pub fn corpus(name: &str) -> Option<PathBuf> {
    static MISSING: Once = Once::new();
    let root = std::env::var_os("ZONELAPSE_CORPUS");
    if let Some(path) = root.map(|root| Path::new(&root).join(name)).filter(|path| path.exists()) {
        return Some(path);
    }
    MISSING.call_once(|| {
        skip("files of other projects, so those in tests/fixtures alone were read; README, Contributing, lists them");
    });
    None
}

/// Says that a test was skipped, where the test harness does not swallow it.
pub fn skip(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// Many names, as text that packs badly, sorted: `aaa…-example` to `zzz…-example`.
pub fn many_names(count: u32) -> Vec<String> {
    let mut names: Vec<String> =
        (0..count).map(|name| format!("{:08x}-example", name.wrapping_mul(2_654_435_761))).collect();
    names.sort_unstable();
    names
}

/// The words of a text, each after one blank, however its lines are broken.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
