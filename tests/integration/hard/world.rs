//! A small world of which everything is known: 42 accounts, five zones in every form, answers in every form.
//!
//! Each mail domain has one account, so that a domain names its account whatever became of its file.

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use polars::prelude::{Column, DataFrame, ParquetWriter};
use tempfile::TempDir;

use crate::support::{AS_OF, gzip, run, zone, zonelapse};

/// The zones, and how they are given.
const ZONES: [(&str, &str); 5] = [
    ("com", "com.zone"),
    ("net", "net.zone.gz"),
    ("org", "org.zone.zst"),
    ("se", "se.list"),
    ("biz", "store/biz/2026-05-31.zls"),
];
/// What is said of a name, by its number: its name, whether the zone has it, and what an answer says.
const FATES: [(&str, bool, &str); 8] = [
    ("held", true, ""),
    ("freed", false, "not found"),
    ("missing", false, ""),
    ("lapsing", false, "redemption period"),
    ("again", true, "registered in 2025"),
    ("ending", false, "pending delete"),
    ("fine", true, "active"),
    ("paused", true, "client hold"),
];
/// Files of accounts.
pub(super) const ACCOUNTS: [&str; 10] = [
    "accounts.csv",
    "accounts.tsv",
    "accounts.ndjson",
    "accounts.txt",
    "accounts.csv.gz",
    "accounts.ndjson.zst",
    "accounts.txt.gz",
    "accounts.parquet",
    "sealed.parquet",
    "accounts.tsv.zst",
];
/// Files of answers.
pub(super) const ANSWERS: [&str; 5] =
    ["answers.ndjson", "answers.json", "answers.ndjson.gz", "answers.ndjson.zst", "answers.parquet"];
/// Zone files.
pub(super) const ZONE_FILES: [&str; 4] = ["com.zone", "net.zone.gz", "org.zone.zst", "se.list"];

/// The files, and the reports of undamaged runs.
pub(super) struct World {
    directory: TempDir,
}

/// Everything that a run reads, each file by its path.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    pub accounts: PathBuf,
    pub zones: Vec<PathBuf>,
    pub answers: PathBuf,
    pub overrides: PathBuf,
    pub suffixes: PathBuf,
    pub bootstrap: PathBuf,
    pub config: PathBuf,
    pub key: PathBuf,
    pub previous: PathBuf,
}

impl World {
    pub(super) fn new() -> Self {
        let world = Self { directory: tempfile::tempdir().expect("a temporary directory") };
        world.write_zones();
        world.write_answers();
        world.write_small_files();
        world.write_accounts();
        let inputs = world.inputs("accounts.csv", "answers.ndjson");
        let mut earlier = inputs.audit(&world.path("previous"));
        earlier.args(["--keep-email"]);
        run(&mut earlier).expect(0);
        fs::copy(world.path("previous/accounts.parquet"), world.path("sealed.parquet")).expect("a copy");
        fs::copy(env!("CARGO_BIN_EXE_zonelapse"), world.path("zonelapse")).expect("a copy");
        world
    }

    /// The same command for a user who owns nothing, and may not look where the program was built.
    pub(super) fn for_nobody(&self, command: &Command) -> Command {
        let mut public = Command::new(self.path("zonelapse"));
        public.args(command.get_args()).current_dir(self.path("")).stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => public.env(name, value),
                None => public.env_remove(name),
            };
        }
        public
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a small file can be written");
    }

    /// The inputs, with these accounts and answers; without an earlier report as long as there is none.
    pub(super) fn inputs(&self, accounts: &str, answers: &str) -> Inputs {
        let mut zones: Vec<PathBuf> = ZONE_FILES.iter().map(|name| self.path(name)).collect();
        zones.push(self.path("store"));
        Inputs {
            accounts: self.path(accounts),
            zones,
            answers: self.path(answers),
            overrides: self.path("overrides.csv"),
            suffixes: self.path("suffixes.dat"),
            bootstrap: self.path("bootstrap.json"),
            config: self.path("audit.toml"),
            key: self.path("key.txt"),
            previous: self.path("previous"),
        }
    }

    fn write_zones(&self) {
        for (origin, file) in ZONES {
            let with = |held: bool| {
                let kept = FATES.iter().filter(move |fate| fate.1 && (held || fate.0 != "again"));
                kept.map(|fate| fate.0).chain(["hosted"])
            };
            let names: Vec<&str> = with(true).collect();
            let text = zone(origin, 2_026_053_101, &names);
            match file {
                "se.list" => self.write(file, (names.join("\n") + "\n").as_bytes()),
                "net.zone.gz" => self.write(file, &gzip(text.as_bytes())),
                "org.zone.zst" => self.write(file, &zstd(text.as_bytes())),
                "com.zone" => self.write(file, text.as_bytes()),
                _ => {
                    let before: Vec<&str> = with(false).collect();
                    self.write("before.zone", zone(origin, 2_026_050_101, &before).as_bytes());
                    self.write("now.zone", text.as_bytes());
                    let mut build = zonelapse();
                    build.args(["snapshot", "build"]).args([self.path("before.zone"), self.path("now.zone")]);
                    run(build.arg("--store").arg(self.path("store")).args(["--max-shrink", "100"])).expect(0);
                }
            }
        }
    }

    fn write_answers(&self) {
        let answers: Vec<String> = names().filter_map(|(name, fate)| answer(&name, FATES[fate].2)).collect();
        let text = answers.join("\n") + "\n";
        self.write("answers.ndjson", text.as_bytes());
        self.write("answers.json", format!("[{}]\n", answers.join(",\n")).as_bytes());
        self.write("answers.ndjson.gz", &gzip(text.as_bytes()));
        self.write("answers.ndjson.zst", &zstd(text.as_bytes()));
        let mut import = zonelapse();
        import.args(["rdap", "import"]).arg(self.path("answers.ndjson"));
        run(import.arg("-o").arg(self.path("answers.parquet"))).expect(0);
    }

    fn write_small_files(&self) {
        let decisions = "domain,action,until,note\nmissing.com,unverify,2030-12-31,asked\nheld.net,review,2030-12-31,asked\n";
        self.write("overrides.csv", decisions.as_bytes());
        let icann = "// ===BEGIN ICANN DOMAINS===\ncom\nnet\norg\nse\nbiz\n// ===END ICANN DOMAINS===\n";
        let private = "// ===BEGIN PRIVATE DOMAINS===\nother.net\nhosted.com\n// ===END PRIVATE DOMAINS===\n";
        self.write("suffixes.dat", format!("// VERSION: 1\n{icann}{private}").as_bytes());
        let services = r#"[["com", "net"], ["https://rdap.verisign.com/com/v1/"]], [["org"], ["https://rdap.publicinterestregistry.org/rdap/"]], [["biz", "se"], ["https://rdap.registry.example/"]]"#;
        let bootstrap = format!(
            "{{\"version\": \"1.0\",\n \"services\": [\n  {}\n ]}}\n",
            services.replace("]], ", "]],\n  ")
        );
        self.write("bootstrap.json", bootstrap.as_bytes());
        self.write("audit.toml", b"lead-days = 40\nmax-flagged-share = 100\nmax-rdap-age-days = 60\n");
        self.write("key.txt", b"0123456789abcdef0123456789abcdef\n");
    }

    fn write_accounts(&self) {
        let (mut csv, mut tsv) = ("id,email,verified_at,weight\n".to_owned(), String::new());
        let (mut ndjson, mut text) = (String::new(), String::new());
        let mut columns: [Vec<String>; 3] = Default::default();
        for (row, (name, _)) in (1..).zip(names()) {
            let (id, email, time) = (format!("u{row}"), format!("p{row}@{name}"), "2020-05-01T10:00:00Z");
            let _ = writeln!(csv, "{id},{email},{time},{}", row * 3);
            let _ = writeln!(
                ndjson,
                "{{\"id\":\"{id}\",\"email\":\"{email}\",\"verified_at\":\"{time}\",\"weight\":{}}}",
                row * 3
            );
            let _ = writeln!(text, "{email}");
            [id, email, time.to_owned()].into_iter().zip(&mut columns).for_each(|(cell, all)| all.push(cell));
        }
        tsv += &csv.replace(',', "\t");
        self.write("accounts.csv", csv.as_bytes());
        self.write("accounts.tsv", tsv.as_bytes());
        self.write("accounts.ndjson", ndjson.as_bytes());
        self.write("accounts.txt", text.as_bytes());
        self.write("accounts.csv.gz", &gzip(csv.as_bytes()));
        self.write("accounts.txt.gz", &gzip(text.as_bytes()));
        self.write("accounts.ndjson.zst", &zstd(ndjson.as_bytes()));
        self.write("accounts.tsv.zst", &zstd(tsv.as_bytes()));
        let rows = columns[0].len();
        let named = ["id", "email", "verified_at"].into_iter().zip(columns);
        let columns = named.map(|(name, cells)| Column::new(name.into(), cells)).collect();
        let mut frame = DataFrame::new(rows, columns).expect("columns of one length");
        let file = fs::File::create(self.path("accounts.parquet")).expect("a file can be made");
        ParquetWriter::new(file).finish(&mut frame).expect("a small table can be written");
    }
}

impl Drop for World {
    /// The files are kept with the cases that failed.
    fn drop(&mut self) {
        self.directory.disable_cleanup(std::thread::panicking());
    }
}

impl Inputs {
    /// `audit` of these inputs.
    pub(super) fn audit(&self, output: &Path) -> Command {
        let mut command = zonelapse();
        command
            .arg("audit")
            .arg(&self.accounts)
            .args(self.zones.iter().flat_map(|zone| [OsStr::new("--zones"), zone.as_os_str()]))
            .arg("--rdap")
            .arg(&self.answers);
        if self.accounts.ends_with("sealed.parquet") {
            command.args(["--email-column", "email", "--id-column", "account_id"]);
        }
        for (option, path) in [
            ("--overrides", &self.overrides),
            ("--psl", &self.suffixes),
            ("--bootstrap", &self.bootstrap),
            ("--config", &self.config),
            ("--hash-email", &self.key),
            ("--previous", &self.previous),
        ] {
            // only the earlier report may be missing: it is made last
            if path.exists() || option != "--previous" {
                command.arg(option).arg(path);
            }
        }
        command.args(["--as-of", AS_OF, "--log-format", "json", "-o"]).arg(output);
        command
    }
}

/// The mail domains, and the number of their fate.
fn names() -> impl Iterator<Item = (String, usize)> {
    let below = |(origin, _): (&'static str, _)| {
        FATES.iter().enumerate().map(move |(number, fate)| (format!("{}.{origin}", fate.0), number))
    };
    // two below a suffix that is private: what the registry of `com` says is not all
    let hosted = ["freed.hosted.com", "held.hosted.com"]
        .map(|name| (name.to_owned(), usize::from(name.starts_with("freed"))));
    ZONES.into_iter().flat_map(below).chain(hosted)
}

fn answer(name: &str, says: &str) -> Option<String> {
    use crate::support::{found, not_found};
    Some(match says {
        "" => return None,
        "not found" => not_found(name),
        "registered in 2025" => found(name, "active").replace("2015-01-01", "2025-01-01"),
        status => found(name, status),
    })
}

/// A Zstandard frame with a checksum.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("an encoder");
    encoder.include_checksum(true).expect("a level that can have checksums");
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes everything")
}
