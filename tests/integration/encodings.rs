//! Accounts with bytes that are not UTF-8: judged where the domain can be told, rejected with a remedy where it cannot.

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetCompression, ParquetWriter, Series};

use crate::support::{Bench, gzip, rows, run};
use crate::times;

/// Identifier and address of each account, in Latin-1.
const ACCOUNTS: [(&[u8], &[u8]); 6] = [
    (b"1", b"jos\xe9@held-example.com"),
    (b"Zo\xeb", b"zoe@freed-example.com"),
    (b"3", b"ana@b\xfccher-example.com"),
    (b"4", b"J\xf6rg <j@held-example.com>"),
    (b"5", b"e@held-example.com"),
    (b"6", b"f@held-example\xe9"),
];

/// The accounts in one text: what is before all, between them and after all, and around identifier and address.
fn text(before: &str, [start, middle, end]: [&str; 3], between: &str, after: &str) -> Vec<u8> {
    let row = |(id, email): &(&[u8], &[u8])| {
        let part = |text: &str| text.as_bytes().to_vec();
        [part(start), id.to_vec(), part(middle), email.to_vec(), part(end)].concat()
    };
    let rows: Vec<Vec<u8>> = ACCOUNTS.iter().map(row).collect();
    [before.as_bytes().to_vec(), rows.join(between.as_bytes()), after.as_bytes().to_vec()].concat()
}

/// Columns of bytes, or columns of text into which the bytes are put afterwards, as faulty writers do.
fn parquet(as_text: bool) -> Vec<u8> {
    let ascii = |text: &[u8]| -> Vec<u8> {
        text.iter().map(|byte| if byte.is_ascii() { *byte } else { b'~' }).collect()
    };
    let column = |name: &str, texts: Vec<&[u8]>| match as_text {
        true => {
            let texts = texts.iter().map(|text| String::from_utf8(ascii(text)).expect("ASCII"));
            Series::new(name.into(), texts.collect::<Vec<_>>()).into_column()
        }
        false => Series::new(name.into(), texts).into_column(),
    };
    let columns = vec![
        column("id", ACCOUNTS.iter().map(|(id, _)| *id).collect()),
        column("email", ACCOUNTS.iter().map(|(_, email)| *email).collect()),
    ];
    let mut frame = DataFrame::new(ACCOUNTS.len(), columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_compression(ParquetCompression::Uncompressed);
    writer.finish(&mut frame).expect("memory takes everything");
    for text in ACCOUNTS.iter().flat_map(|(id, email)| [*id, *email]).filter(|text| !text.is_ascii()) {
        let ascii = ascii(text);
        for at in 0..bytes.len() - text.len() {
            if bytes[at..].starts_with(&ascii) {
                bytes[at..at + text.len()].copy_from_slice(text);
            }
        }
    }
    bytes
}

/// Audits the accounts in this form. Text has no identifiers.
#[track_caller]
fn judges(form: &str, bytes: &[u8], hint: &str) {
    let bench = Bench::new();
    let path = bench.write(form, bytes);
    let options = ["--max-rejected", "100", "--keep-email", "--quiet"];
    let ran = run(bench.audit([&path]).args(options)).expect(0);
    let told = ": 5 rows hold bytes that are not UTF-8, written as `\\xE9` in the report; 2 of them were rejected, because \
                the domain cannot be told\nhint: ";
    let ran = ran.says(&[told, hint]);
    assert_eq!(ran.stderr.matches("hint: ").count(), 1, "{form}: {}", ran.stderr);
    let report = bench.report();
    assert_eq!(report.rejections(), ["3 not_utf8", "6 not_utf8"], "{form}");
    let expected = [
        "1 1 jos\\xE9@held-example.com held-example.com active",
        "2 Zo\\xEB zoe@freed-example.com freed-example.com available",
        "4 4 j@held-example.com held-example.com active",
        "5 5 e@held-example.com held-example.com active",
    ];
    let found = rows(&report.accounts, &["row", "account_id", "email", "mail_domain", "state"]);
    assert_eq!(found, expected, "{form}");
    let is_odd = times::lists(&report, "accounts", "reasons")
        .iter()
        .map(|it| it.contains("local_part_invalid"))
        .collect::<Vec<_>>();
    assert_eq!(is_odd, [true, false, false, false], "{form}");
    for (key, number) in [("rows", 6), ("not_utf8", 5), ("accepted", 4)] {
        assert_eq!(report.value(&format!("/inputs/accounts/0/{key}")), number, "{form}: {key}");
    }
    let ran = run(bench.audit([path]).args(options).args(["--log-format", "json"])).expect(0);
    let line = ran.stderr.lines().next().expect("a line");
    let message: serde_json::Value = serde_json::from_str(line).expect("a JSON object");
    assert_eq!(message["level"], "warn", "{form}: {line}");
    assert!(message["hint"].as_str().is_some_and(|text| text.contains(hint)), "{form}: {line}");
}

#[test]
fn every_form() {
    let iconv = "convert it to UTF-8, with the name of its encoding, such as `iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW`";
    let csv = text("id,email\n", ["", ",", ""], "\n", "\n");
    judges("commas", &csv, iconv);
    judges("crlf", &text("id,email\r\n", ["", ",", ""], "\r\n", "\r\n"), iconv);
    judges("quotes", &text("\"id\",\"email\"\n", ["\"", "\",\"", "\""], "\n", "\n"), iconv);
    judges("semicolons", &text("sep=;\nid;email\n", ["", ";", ""], "\n", ""), iconv);
    judges("tabs.tsv", &text("id\temail\n", ["", "\t", ""], "\n", "\n"), iconv);
    let object = ["{\"id\":\"", "\",\"email\":\"", "\"}"];
    judges("lines", &text("", object, "\n", "\n"), iconv);
    judges("array", &text("[", object, ",", "]"), iconv);
    judges("pretty", &text("[\n", object, ",\n  ", "\n]"), iconv);
    judges("packed", &gzip(&csv), "unpack it, then convert it to UTF-8, ");
    judges("bytes.parquet", &parquet(false), "write its texts as UTF-8");
    judges("texts.parquet", &parquet(true), "write its texts as UTF-8");
}

#[test]
fn one_address_a_line() {
    let bench = Bench::new();
    let lines: Vec<&[u8]> = ACCOUNTS.iter().map(|(_, email)| *email).collect();
    let path = bench.write("a.txt", &lines.join(&b'\n'));
    run(bench.audit([path]).args(["--max-rejected", "100"]))
        .expect(0)
        .says(&["a.txt: 4 rows hold bytes", "iconv"]);
    let report = bench.report();
    assert_eq!(report.rejections(), ["3 not_utf8", "6 not_utf8"]);
    assert_eq!(rows(&report.accounts, &["row"]), ["1", "2", "4", "5"]);
}

/// `row mail_domain` or `row reason` of each of these addresses.
#[track_caller]
fn rows_are(addresses: &[&[u8]], expected: &[&str]) {
    let bench = Bench::new();
    let path = bench.write("a.txt", &addresses.join(&b'\n'));
    run(bench.audit([path]).args(["--max-rejected", "100", "--split-addresses"]));
    let report = bench.report();
    let mut found = rows(&report.accounts, &["row", "mail_domain"]);
    found.extend(report.rejections());
    assert_eq!(found, expected);
}

/// No piece of a domain is taken for the domain, whatever the bytes mean in the file's encoding.
#[test]
fn a_domain_is_never_guessed() {
    let x = "held-example.com";
    rows_are(&[b"a@held-example.com\xa0", b"a@held-example.com\xe9.uk"], &["1 not_utf8", "2 not_utf8"]);
    rows_are(&[b"a@\xe9held-example.com", b"\xe9"], &["1 not_utf8", "2 not_utf8"]);
    // in Shift JIS, `@` may be the second byte of a letter
    rows_are(&[b"a@x\x83@held-example.com", b"\x83@a@held-example.com"], &["1 not_utf8", "2 not_utf8"]);
    rows_are(&[b"a@held-example.com\xe9b@freed-example.com"], &["1 not_utf8"]);
    rows_are(&[b"\"j\xe9@x\"@held-example.com"], &[&format!("1 {x}")]);
    rows_are(
        &[b"J\xf6 <a@held-example.com>; Z\xeb <b\xe9@freed-example.com>"],
        &[&format!("1 {x}"), "1 freed-example.com"],
    );
    // letters of UTF-8 beside bytes that are none
    rows_are(&[b"j\xe9@b\xc3\xbccher-example.com"], &["1 xn--bcher-example-wob.com"]);
}

/// The hash of an address that is not UTF-8 is that of its bytes, so that whoever keeps it in Latin-1 finds it again.
#[test]
fn hashes_are_of_the_bytes() {
    let bench = Bench::new();
    let path = bench.write("a.csv", b"email\njos\xe9@held-example.com\n");
    bench.write("key", b"0123456789abcdef0123456789abcdef");
    run(bench.audit([path]).arg("--hash-email").arg(bench.path("key"))).expect(0);
    let report = bench.report();
    // printf 'jos\xe9@held-example.com' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    assert_eq!(
        rows(&report.accounts, &["email_hash"]),
        ["810883168d8b6cd1d253d97bc4b4595b2cf7777cdd6f7d186ea5df1928a4291e"]
    );
}
