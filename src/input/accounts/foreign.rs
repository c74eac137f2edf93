//! Files that are no accounts, known by how they begin, so that they are refused with a remedy.
//!
//! A spreadsheet read as text, or a zone read as addresses, would be millions of rejected rows and a message that helps nobody.
//! Only what is certain is refused here.

use std::path::Path;

use super::columns::ColumnNames;
use super::json_form;
use super::multi_line::holds_addresses;
use super::table::TableStart;
use crate::error::{Error, Hint};
use crate::input::source::Head;
use crate::input::without_byte_order_mark;

/// A table of Arrow, told by its first bytes. `audit` reads Parquet.
const ARROW_REMEDY: &str = "write it as Parquet: `python3 -c \"import pyarrow.feather as f, pyarrow.parquet as p; \
    p.write_table(f.read_table('FILE'), 'NEW.parquet')\"`";

/// The marks of files that are no text, what they are, and what to do with them.
const MARKS: [(&[u8], &str, &str); 13] = [
    (b"ARROW1\0\0", "an Arrow file (Feather)", ARROW_REMEDY),
    (b"FEA1", "an old Feather file", ARROW_REMEDY),
    (
        b"\xff\xff\xff\xff",
        "an Arrow IPC stream",
        "write it as Parquet: `python3 -c \"import pyarrow as pa, pyarrow.parquet as p; \
         p.write_table(pa.ipc.open_stream('FILE').read_all(), 'NEW.parquet')\"`",
    ),
    (
        b"PK\x03\x04",
        "a ZIP file, such as a spreadsheet",
        "unpack it, or save the spreadsheet as CSV in UTF-8",
    ),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "save it as CSV in UTF-8"),
    (
        b"SQLite format 3\0",
        "an SQLite database",
        "export the table with `sqlite3 -header -csv FILE 'select …' > NEW`",
    ),
    (b"BZh", "a bzip2 file", "unpack it with `bunzip2 -c FILE > NEW`"),
    (b"\xfd7zXZ\0", "an xz file", "unpack it with `xz -dc FILE > NEW`"),
    (b"ORC", "an ORC file", "export it as Parquet or CSV"),
    (b"Obj\x01", "an Avro file", "export it as Parquet or CSV"),
    (b"%PDF", "a PDF file", "export the accounts as CSV"),
    (b"PGDMP", "a PostgreSQL dump", "export the table with `\\copy … to 'accounts.csv' csv header`"),
    (
        b"PGCOPY",
        "a binary copy of PostgreSQL",
        "export the table with `\\copy … to 'accounts.csv' csv header`",
    ),
];

/// Bytes in which text has no NUL.
const LOOK_BYTES: usize = 512;

/// Why a file that starts like this holds no accounts, if that is certain.
pub(crate) fn no_accounts(start: &[u8], path: &Path) -> Option<Error> {
    let refused = |found: &str, hint: Hint| {
        Some(Error::failure(path, format!("{found}, expected accounts")).hint(hint))
    };
    if let Some((found, remedy)) = mark_of(start) {
        return refused(found, remedy.into());
    }
    let start = start.trim_ascii_start();
    let begins = |mark: &[u8]| start.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    if is_ldif(start) {
        // long lines are folded (RFC 2849, note 2); an address in base64 (`mail::`) becomes a rejected row
        let command = r"sed -z 's/\r\?\n //g' FILE | sed -n 's/^mail: *//Ip' > NEW";
        let hint = format!("take the addresses out with `{command}`, one on each line, or export CSV");
        return refused("LDIF", hint.into());
    }
    let sql = [
        "insert into ",
        "create table ",
        "-- ",
        "--\n",
        "--\r\n",
        "/*",
        "pragma ",
        "begin transaction;",
        "set ",
        "copy ",
    ];
    if sql.iter().any(|mark| begins(mark.as_bytes())) {
        return refused("SQL", "export the table as CSV with a header".into());
    }
    is_zone(start)
        .then(|| Error::failure(path, "looks like a zone, expected accounts").hint(Hint::SwapInputs))
}

/// What a file that starts like this is by its mark, if it has one, and what to do with it.
pub(crate) fn known_mark(start: &[u8]) -> Option<(&'static str, &'static str)> {
    let mark = MARKS.iter().find(|(mark, ..)| start.starts_with(mark));
    mark.map(|(_, found, remedy)| (*found, *remedy))
}

/// What a file that starts like this certainly is, if it is no text with data, and what to do with it.
pub(crate) fn mark_of(start: &[u8]) -> Option<(&'static str, &'static str)> {
    if let Some(mark) = known_mark(start) {
        return Some(mark);
    }
    let first = start.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if memchr::memchr(0, &first[..first.len().min(LOOK_BYTES)]).is_some() {
        let hint =
            "export them as CSV in UTF-8; UTF-32 becomes UTF-8 with `iconv -f UTF-32 -t UTF-8 FILE > NEW`";
        return Some(("binary data", hint));
    }
    is_markup(start.trim_ascii_start()).then_some(("XML or HTML", "export them as CSV"))
}

/// Whether a text begins with a tag of XML or HTML. An address in angle brackets is none.
fn is_markup(start: &[u8]) -> bool {
    let Some(rest) = start.strip_prefix(b"<") else { return false };
    let end = memchr::memchr(b'>', rest).unwrap_or(rest.len());
    let is_tag =
        rest.first().is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, b'!' | b'?'));
    is_tag && memchr::memchr(b'@', &rest[..end]).is_none()
}

/// Whether a text begins as LDIF does, after comments (RFC 2849).
fn is_ldif(start: &[u8]) -> bool {
    let lines = start.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#"));
    let begins = |mark: &[u8], line: &[u8]| {
        line.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark))
    };
    lines.next().is_some_and(|line| begins(b"dn:", line) || line == b"version: 1")
}

/// Whether a text begins as a master file does: with a directive, or with a record that has its type, and its class or TTL.
fn is_zone(start: &[u8]) -> bool {
    const TYPES: [&str; 8] = ["SOA", "NS", "A", "AAAA", "DS", "RRSIG", "NSEC3", "DNSKEY"];
    let lines = start.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(b";"));
    let Some(Ok(line)) = lines.next().map(std::str::from_utf8) else { return false };
    let mut words = line.split_whitespace();
    let Some(owner) = words.next() else { return false };
    if ["$ORIGIN", "$TTL", "$INCLUDE"].iter().any(|directive| owner.eq_ignore_ascii_case(directive)) {
        return true;
    }
    let words: Vec<&str> = words.take(3).collect();
    let is_type = |word: &str| TYPES.iter().any(|kind| word.eq_ignore_ascii_case(kind));
    let is_before = |word: &&str| {
        ["IN", "CH"].iter().any(|class| word.eq_ignore_ascii_case(class))
            || (word.starts_with(|first: char| first.is_ascii_digit())
                && word.bytes().all(|byte| byte.is_ascii_digit() || b"smhdwSMHDW".contains(&byte)))
    };
    let before = words.iter().take_while(|word| is_before(word)).count();
    before > 0 && words.get(before).is_some_and(|word| is_type(word))
}

/// What a file named as a zone holds instead, if its beginning shows that: accounts, or answers.
pub(crate) fn no_zone(head: &Head, path: &Path) -> Option<Error> {
    let text = without_byte_order_mark(&head.text);
    let start = head.text.len() - text.len();
    if is_zone(text.trim_ascii_start()) {
        return None;
    }
    let first = text.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_list =
        first.split(|byte| b",;\t|".contains(byte)).any(|field| holds_addresses(field.trim_ascii()));
    let is_table = || TableStart::of(head, start, None, b',').has_header(&ColumnNames::default(), path);
    let found = if json_form::begins(text) || text.starts_with(b"PAR1") {
        "looks like accounts or RDAP answers"
    } else if is_list || is_table() {
        "looks like accounts"
    } else {
        return None;
    };
    Some(Error::failure(path, format!("{found}, expected a zone")).hint(Hint::SwapInputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refuses(start: &[u8], expected: Option<&str>) {
        let refused = no_accounts(start, Path::new("a")).map(|error| error.what);
        assert_eq!(refused.as_deref(), expected);
    }

    #[test]
    fn other_files() {
        refuses(b"ARROW1\0\0\xff\xff", Some("an Arrow file (Feather), expected accounts"));
        refuses(b"\xff\xff\xff\xff\x10\0\0\0", Some("an Arrow IPC stream, expected accounts"));
        refuses(b"FEA1\0\0\0\0", Some("an old Feather file, expected accounts"));
        refuses(b"PK\x03\x04\x14", Some("a ZIP file, such as a spreadsheet, expected accounts"));
        refuses(b"SQLite format 3\0", Some("an SQLite database, expected accounts"));
        refuses(b"i\0d\0", Some("binary data, expected accounts"));
        refuses(b"<?xml version=\"1.0\"?>", Some("XML or HTML, expected accounts"));
        refuses(b"dn: uid=ana,dc=example,dc=com\nmail: a@example.com\n", Some("LDIF, expected accounts"));
        refuses(b"INSERT INTO users VALUES", Some("SQL, expected accounts"));
        for zone in [
            "$ORIGIN com.\n",
            "; a comment\n\ncom. 900 IN SOA a b 1 2 3 4 5\n",
            "example.com.\t172800\tin\tns\tns1.example.com.\n",
            "@ IN SOA a b (\n",
            "www 1h A 192.0.2.1\n",
        ] {
            refuses(zone.as_bytes(), Some("looks like a zone, expected accounts"));
        }
        for accounts in ["", "id,email\n", "a@example.com\n", "{\"email\":1}", "email\n", "Jo In Box <a@b>"] {
            refuses(accounts.as_bytes(), None);
        }
    }

    #[track_caller]
    fn is_no_zone(text: &str, expected: bool) {
        let refused = no_zone(&Head::whole(text.as_bytes()), Path::new("a"));
        assert_eq!(refused.is_some(), expected, "{text}: {refused:?}");
    }

    #[test]
    fn accounts_in_the_place_of_zones() {
        for accounts in [
            "id,email\n1,a@b.example\n",
            "\u{feff}Id;E-Mail\n",
            "a@b.example\n",
            "1;a@b.example\n",
            "[{\"email\":1}]",
            "{\"objectClassName\":\"domain\"}",
            "PAR1\u{15}",
            "email\n",
        ] {
            is_no_zone(accounts, true);
        }
        for zone in [
            "",
            "com\n",
            "example.com\nexample.org\n",
            "domain,status\nexample.com,x\n",
            "@ IN SOA a b 1 2 3 4 5\n",
            "; mail a@b.example\n$TTL 1\n",
            "example.com. 1 IN TXT \"x a@b.example\"\n",
        ] {
            is_no_zone(zone, false);
        }
    }
}
