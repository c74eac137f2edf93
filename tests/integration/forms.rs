//! Every form of input that is read, cut at every byte and with every byte changed in turn: nothing panics, every record
//! is told once, and what changes a row is told. In process, so that thousands of cases take seconds.
//!
//! Nobody can see some damage: another letter in a text without a checksum, a text that ends at the end of a line. Of
//! such damage one row may differ, and a text may be shorter.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series};
use zonelapse::input::accounts::parquet::ParquetAccounts;
use zonelapse::input::accounts::{Account, AccountForm, AccountSink, FormOptions, Given};
use zonelapse::input::source::Source;
use zonelapse::name::{MailDomain, Mailbox};
use zonelapse::progress::Progress;
use zonelapse::rdap::archive::load;
use zonelapse::time::{BareDate, Moment};
use zonelapse::{AuditArgs, Config, EvidenceArgs, ReportArgs, audit};

use crate::support::{AS_OF, Bench, found, gzip, not_found};

/// Addresses of the accounts in every form, each verified on this day.
const ADDRESSES: [&str; 3] = ["ana@held-example.com", "bo@freed-example.com", "cy@other-example.com"];
const DAY: &str = "2024-03-01";

/// The same accounts in every form: a name that tells nothing, and the bytes.
pub fn accounts() -> Vec<(&'static str, Vec<u8>)> {
    let table = |delimiter: &str| -> String {
        let row = |(row, email)| format!("u{row}{delimiter}{email}{delimiter}{DAY}\r\n");
        let rows: String = (1..).zip(ADDRESSES).map(row).collect();
        format!("id{delimiter}email{delimiter}verified_at\r\n{rows}")
    };
    let objects: Vec<String> = (1..)
        .zip(ADDRESSES)
        .map(|(row, email)| format!("{{\"id\":\"u{row}\",\"email\":\"{email}\",\"verified_at\":\"{DAY}\"}}"))
        .collect();
    let pretty =
        objects.join(",\n").replace('{', "{\n    ").replace("\",\"", "\",\n    \"").replace('}', "\n  }");
    let text: String = ADDRESSES.map(|email| format!("{email}\n")).concat();
    let semicolons = table(";");
    let utf16 = |text: &str, mark: bool| -> Vec<u8> {
        let mark = if mark { "\u{feff}" } else { "" };
        format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let big: Vec<u8> = format!("\u{feff}{}", table("\t")).encode_utf16().flat_map(u16::to_be_bytes).collect();
    let zstd = |text: &str| {
        let mut encoder = zstd::Encoder::new(Vec::new(), 3).expect("memory takes everything");
        encoder.include_checksum(true).expect("zstd has checksums");
        std::io::Write::write_all(&mut encoder, text.as_bytes()).expect("memory takes everything");
        encoder.finish().expect("memory takes everything")
    };
    vec![
        ("commas", table(",").into_bytes()),
        ("semicolons", format!("\u{feff}sep=;\r\n{semicolons}").into_bytes()),
        ("tabs", table("\t").into_bytes()),
        ("bars", table("|").into_bytes()),
        (
            "quotes",
            table("\",\"").replace("\r\n", "\"\r\n\"").replacen("id", "\"id", 1).trim_end_matches('"').into(),
        ),
        ("lines", (objects.join("\n") + "\n").into_bytes()),
        ("array", format!("[{}]\n", objects.join(",")).into_bytes()),
        ("pretty", format!("[\n  {pretty}\n]\n").into_bytes()),
        ("one_after_another", (pretty.replace(",\n{", "\n{") + "\n").into_bytes()),
        ("addresses", text.clone().into_bytes()),
        ("utf16_little", utf16(&table("\t"), true)),
        ("utf16_unmarked", utf16(&semicolons, false)),
        ("utf16_big", big),
        ("gzip", gzip(table(",").as_bytes())),
        ("zstd", zstd(&semicolons)),
        ("gzip_array", gzip(format!("[{}]", objects.join(",")).as_bytes())),
        ("parquet", parquet()),
    ]
}

fn parquet() -> Vec<u8> {
    let ids = Series::new("id".into(), ["u1", "u2", "u3"]);
    let emails = Series::new("email".into(), ADDRESSES);
    let times = Series::new("verified_at".into(), [DAY; 3]);
    let columns = vec![ids.into_column(), emails.into_column(), times.into_column()];
    let mut frame = DataFrame::new(3, columns).expect("columns of one length");
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes everything");
    bytes
}

/// What reading gave.
#[derive(Debug, Default, Clone, PartialEq)]
struct Seen {
    /// `id email moment` of each row that names a domain.
    rows: Vec<String>,
    /// How many records there were, and how many calls.
    records: u64,
    calls: u64,
    /// Whether anything is told: a row without a domain, a time that cannot be read, an odd local part.
    is_told: bool,
}

impl AccountSink for Seen {
    fn account(&mut self, account: &Account<'_>) {
        self.calls += 1;
        let mailbox = Mailbox::split(account.subject);
        let domain = mailbox.as_ref().ok().and_then(|mailbox| MailDomain::normalize(mailbox.domain()).ok());
        self.is_told |= domain.is_none() || !mailbox.is_ok_and(|mailbox| mailbox.has_valid_local_part());
        self.is_told |= account.verified_at == Given::Unreadable || !account.is_utf8;
        if domain.is_some() {
            self.rows.push(format!("{:?} {} {:?}", account.id, account.subject, account.verified_at));
        }
    }

    fn malformed(&mut self, _: u64, _: Option<&str>) {
        self.calls += 1;
        self.is_told = true;
    }
}

/// Reads a file as an audit does; an error in words if it is refused.
fn read(path: &Path) -> Result<Seen, String> {
    let shown = |error: zonelapse::Error| error.to_string();
    let (options, mut seen) = (FormOptions::default(), Seen::default());
    let source = Source::stat(path).map_err(shown)?;
    let head = source.head(AccountForm::HEAD_BYTES).map_err(shown)?;
    match AccountForm::tell(&head, path, &options).map_err(shown)? {
        AccountForm::Parquet => {
            let mut accounts = ParquetAccounts::open(&source, &options.columns).map_err(shown)?;
            loop {
                match accounts.next_slice(&mut seen).map_err(shown)? {
                    0 => return Ok(seen),
                    rows => seen.records += rows,
                }
            }
        }
        AccountForm::Text(layout, start) => {
            // the head of a small file is all of it
            if let Some(broken) = head.broken {
                return Err(broken.to_string());
            }
            let text = &head.text[start..];
            let counts = layout.parse(text, &mut seen);
            seen.records = counts.rows;
            if counts.arrays.0 > counts.arrays.1 {
                return Err("the array is not closed".to_owned());
            }
            seen.is_told |= layout.has_lines() && layout.is_open(text);
            Ok(seen)
        }
    }
}

/// What is wrong with the rows of a damaged file, if anything is.
fn judge(form: &str, whole: &Seen, damaged: &Result<Seen, String>, is_cut: bool) -> Result<(), String> {
    let Ok(seen) = damaged else { return Ok(()) };
    if seen.records != seen.calls {
        return Err(format!("{} records, but {} were told", seen.records, seen.calls));
    }
    // another page of Parquet has no checksum here
    if seen.is_told || form == "parquet" {
        return Ok(());
    }
    // a column that is missing in all rows is told by the summary
    let lost = |part: &str| seen.rows.iter().all(|row| row.contains(part));
    if lost("Absent") || lost("None ") {
        return Ok(());
    }
    let differing = whole.rows.iter().zip(&seen.rows).filter(|(one, other)| one != other).count();
    match is_cut {
        true if differing == 0 && seen.rows.len() <= whole.rows.len() => Ok(()),
        false if differing <= 1 && seen.rows.len() == whole.rows.len() => Ok(()),
        _ => Err(format!("{:?} became {:?}, untold", whole.rows, seen.rows)),
    }
}

#[test]
fn accounts_cut_and_changed_anywhere() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let moment = Moment::parse(DAY, BareDate::End).expect("a day");
    let mut faults = Vec::new();
    for (form, bytes) in accounts() {
        let path = directory.path().join(form);
        let attempt = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("a small file can be written");
            read(&path)
        };
        let whole = attempt(&bytes).unwrap_or_else(|error| panic!("{form}: {error}"));
        if form != "addresses" {
            let expected: Vec<String> = (1..)
                .zip(ADDRESSES)
                .map(|(row, email)| {
                    format!("{:?} {email} {:?}", Some(format!("u{row}")), Given::Value(moment))
                })
                .collect();
            assert_eq!(whole.rows, expected, "{form}");
        }
        assert!((whole.records, whole.is_told) == (3, false), "{form}: {whole:?}");
        for at in 0..bytes.len() {
            let cut = attempt(&bytes[..at]);
            let told = judge(form, &whole, &cut, true).map_err(|what| format!("{form} cut at {at}: {what}"));
            faults.extend(told.err());
            let change = [0x01, 0x80, bytes[at].max(1)][at % 3];
            let mut changed = bytes.clone();
            changed[at] ^= change;
            let told = judge(form, &whole, &attempt(&changed), false);
            faults.extend(told.err().map(|what| format!("{form} changed at {at} by {change:#x}: {what}")));
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults, such as\n{}",
        faults.len(),
        faults[..faults.len().min(9)].join("\n")
    );
}

/// Rows of a Parquet file, by its footer.
fn rows_of(path: &Path) -> u64 {
    let file = fs::File::open(path).expect("a table of the report");
    ParquetReader::new(file).num_rows().expect("a readable table") as u64
}

/// The whole audit of one damaged file, by the function that the program calls: rows in are rows out and rows rejected, and
/// nothing is left of a report that is refused.
fn audit_damaged(directory: &Path, zone: &Path, form: &str, bytes: &[u8]) -> Result<(), String> {
    let (path, report) = (directory.join(form), directory.join("report"));
    fs::write(&path, bytes).expect("a small file can be written");
    let arguments = AuditArgs {
        accounts: vec![path],
        evidence: EvidenceArgs {
            zones: vec![zone.to_path_buf()],
            as_of: Some(AS_OF.to_owned()),
            ..EvidenceArgs::default()
        },
        report: ReportArgs { output: Some(report.clone()), ..ReportArgs::default() },
    };
    let output = Config::of(arguments).and_then(|config| audit(&config));
    if let Err(error) = output {
        return match (error.hint.is_some(), report.exists()) {
            (true, false) => Ok(()),
            (_, is_left) => Err(format!("{error}; is a report left: {is_left}")),
        };
    }
    let manifest = fs::read(report.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("JSON");
    let count = |pointer: &str| manifest.pointer(pointer).and_then(serde_json::Value::as_u64);
    let (accepted, rejected) =
        (rows_of(&report.join("accounts.parquet")), rows_of(&report.join("rejected.parquet")));
    let is_whole = count("/inputs/accounts/0/rows") == Some(accepted + rejected)
        && count("/counts/accepted") == Some(accepted)
        && count("/counts/rejected") == Some(rejected);
    fs::remove_dir_all(&report).expect("a report");
    is_whole
        .then_some(())
        .ok_or_else(|| format!("{accepted} accepted, {rejected} rejected: {}", manifest["counts"]))
}

/// Every form, cut and changed at eight places. A whole audit takes far longer than reading, whose result at every byte is
/// tested above. Two threads share the cases.
#[test]
fn no_row_of_damaged_accounts_is_lost() {
    let bench = Bench::new();
    let zone = bench.path("com.zone");
    let accounts = &accounts();
    let cases = || {
        let step = move |form: usize| accounts[form].1.len() / 8;
        let of_form =
            move |form: usize| (0..accounts[form].1.len()).step_by(step(form)).map(move |at| (form, at));
        (0..accounts.len()).flat_map(of_form)
    };
    let work = |part: usize| {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut faults = Vec::new();
        for (form, at) in cases().skip(part).step_by(2) {
            let (name, bytes) = &accounts[form];
            let mut changed = bytes.clone();
            changed[at] ^= [0x04, 0x80, 0x2f][at % 3];
            for (how, bytes) in [("cut", &bytes[..at]), ("changed", &changed[..])] {
                let told = audit_damaged(directory.path(), &zone, name, bytes);
                faults.extend(told.err().map(|what| format!("{name} {how} at {at}: {what}")));
            }
        }
        faults
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let parts = [0, 1].map(|part| {
            scope.spawn({
                let work = &work;
                move || work(part)
            })
        });
        parts.into_iter().flat_map(|part| part.join().expect("no audit panics")).collect()
    });
    assert!(faults.is_empty(), "{} faults, such as {:#?}", faults.len(), &faults[..faults.len().min(9)]);
}

/// RDAP answers in every form.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let all =
        [not_found("freed-example.com"), found("held-example.com", "active"), not_found("n-example.com")];
    let pretty = all.join("\n").replace("{\"", "{\n  \"").replace(",\"", ",\n  \"").replace("}}", "}\n}");
    let utf16 = format!("\u{feff}{}\n", all.join("\n"));
    vec![
        ("lines.ndjson", (all.join("\n") + "\n").into_bytes()),
        ("lines", (all.join("\n") + "\n").into_bytes()),
        ("appended", all.concat().into_bytes()),
        ("pretty.ndjson", (pretty.clone() + "\n").into_bytes()),
        ("pretty.json", pretty.into_bytes()),
        ("array.ndjson", format!("[{}]", all.join(",\n")).into_bytes()),
        ("marks", format!("\u{feff}{}\n)]}}'\n{}\u{feff}{}\n", all[0], all[1], all[2]).into_bytes()),
        ("mixed", format!("{}\n[{},\n{}]\n", all[0], all[1], all[2]).into_bytes()),
        ("utf16.json", utf16.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("lines.json.gz", gzip((all.join("\n") + "\n").as_bytes())),
        ("packed", gzip(all.concat().as_bytes())),
    ]
}

#[test]
fn answers_cut_and_changed_anywhere() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (form, bytes) in answers() {
        let path: PathBuf = directory.path().join(form);
        let attempt = |bytes: &[u8]| {
            fs::write(&path, bytes).expect("a small file can be written");
            let source = Source::stat(&path).expect("it is there");
            let read = load(&[source], Moment::now(), &|_| true, &Progress::hidden());
            let (_, files) = read.unwrap_or_else(|error| panic!("{form}: {error}"));
            files.into_iter().next().expect("one file")
        };
        let whole = attempt(&bytes);
        assert_eq!((whole.answers, whole.faults.count, &whole.broken), (3, 0, &None), "{form}");
        for at in 0..bytes.len() {
            let cut = attempt(&bytes[..at]);
            // UTF-16 has zeros between
            let text: Vec<u8> = bytes[..at].iter().copied().filter(|byte| *byte != 0).collect();
            // a cut within a mark is one between answers, too
            let ends = |end: &&[u8]| text.trim_ascii_end().ends_with(end);
            let is_between =
                [&b"}"[..], b"'", b"\n)", b")]", b"\xef", b"\xef\xbb", b"\xef\xbb\xbf"].iter().any(ends);
            let is_told = cut.broken.is_some() || cut.faults.count > 0 || cut.notice.is_some();
            assert!(cut.answers == 3 || is_told || is_between, "{form} cut at {at}: {cut:?}");
            assert!(cut.faults.count <= 1, "{form} cut at {at} counts once: {cut:?}");
            let mut changed = bytes.clone();
            changed[at] ^= 0x11;
            let seen = attempt(&changed);
            let is_told = seen.broken.is_some() || seen.faults.count + seen.unread > 0;
            assert!(seen.answers == 3 || is_told, "{form} changed at {at}: {seen:?}");
        }
    }
}
