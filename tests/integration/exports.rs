//! Accounts as other programs export them. The fixtures of PostgreSQL 15, MariaDB 10.11, SQLite, pandas, Polars and DuckDB
//! have the form of what these programs wrote. Those of the others follow forms that are commonly seen.

use std::fs;

use polars::prelude::{DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, Series, TimeUnit};

use crate::support::{Bench, rows, run};

/// What an audit makes of a file: `row id domain time` of each account and `row reason` of each rejected row, and which
/// lines of standard error begin so.
#[track_caller]
fn reads(file: &str, bytes: impl AsRef<[u8]>, options: &str, expected: &[&str], told: &[&str]) {
    let bench = Bench::new();
    let path = bench.write(file, bytes.as_ref());
    let options = options.split_whitespace().chain(["--quiet", "--max-rejected", "100"]);
    let ran = run(bench.audit([path]).args(options));
    let mut found = Vec::new();
    if bench.path("report").exists() {
        let report = bench.report();
        let columns = ["row", "account_id", "mail_domain", "verified_at"];
        found.extend(
            rows(&report.accounts, &columns)
                .iter()
                .map(|row| row.replace("-example.com", "").replace("+00:00", "")),
        );
        found.extend(report.rejections());
        fs::remove_dir_all(bench.path("report")).expect("a report");
    }
    assert_eq!(found, expected, "{}", ran.stderr);
    assert_eq!(ran.status, if found.is_empty() { 2 } else { i32::from(!told.is_empty()) }, "{}", ran.stderr);
    told.iter().for_each(|part| assert!(ran.stderr.contains(part), "expected `{part}` in {}", ran.stderr));
    assert_eq!(ran.stderr.is_empty(), told.is_empty(), "{}", ran.stderr);
}

const UNREAD: &str = "of the times of verification given could not be read";
const NO_HEADER: &str = "`--no-header --email-column 2`";

#[test]
fn postgresql() {
    let csv = "id,email,confirmed_at,verified,bio,tags\n\
        1,ana@held-example.com,2024-03-01 03:06:07.123456+00,t,\"two\nlines, \"\"quoted\"\"\",\"{a,b}\"\n\
        2,bo@freed-example.com,,f,tab\there \\ back,\n3,\"\"\"cy, d\"\"@held-example.com\",2024-03-01 05:06:07+02,,,\n4,,,,,\n";
    let read = [
        "1 1 held 2024-03-01 03:06:07.123456",
        "2 2 freed -",
        "3 3 held 2024-03-01 03:06:07.000000",
        "4 empty",
    ];
    reads("copy.csv", csv, "", &read, &[]);
    let nulls = csv.replace(",,", ",\\N,").replace(",,", ",\\N,").replace(",\n", ",\\N\n");
    reads("nulls.csv", nulls, "", &read, &[]);
    let text = "1\tana@held-example.com\t2024-03-01 03:06:07.123456+00\ttwo\\nlines, \"quoted\"\n\
        2\tbo@freed-example.com\t\\N\ttab\\there \\\\ back\n\
        3\t\"cy, d\"@held-example.com\t2024-03-01 05:06:07+02\t\\N\n\\N\t\\N\t\\N\t\\N\n";
    reads("copy.tsv", format!("id\temail\tconfirmed_at\tbio\n{text}"), "", &read, &[]);
    for name in ["copy.txt", "copy", "copy.tsv", "copy.csv"] {
        reads(name, text, "", &[], &[NO_HEADER]);
    }
    let numbers = "--no-header --email-column 2 --id-column 1 --verified-at-column 3";
    reads("copy.txt", text, numbers, &read, &[]);
    let infinity = "id,email,confirmed_at\n1,a@held-example.com,infinity\n2,b@held-example.com,-infinity\n";
    reads("copy.csv", infinity, "", &["1 1 held -", "2 2 held -"], &[UNREAD]);
    let json =
        "{\"id\":1,\"email\":\"ana@held-example.com\",\"confirmed_at\":\"2024-03-01T03:06:07.123456+00:00\"}";
    reads("row_to_json", format!("{json}\n{json}\n"), "", &[read[0], &read[0].replacen('1', "2", 1)], &[]);
    reads(
        "json_agg.json",
        format!("[{json}, \n {json}]\n"),
        "",
        &[read[0], &read[0].replacen('1', "2", 1)],
        &[],
    );
    for dump in [
        "--\n-- PostgreSQL database dump\n--\n",
        "SET statement_timeout = 0;\n",
        "COPY public.users (id) FROM stdin;\n",
    ] {
        reads("dump.sql", dump, "", &[], &["SQL, expected accounts"]);
    }
    reads("dump", b"PGDMP\x01\x0e", "", &[], &["\\copy"]);
    reads("binary", b"PGCOPY\n\xff\r\n\0", "", &[], &["\\copy"]);
}

#[test]
fn mysql_and_mariadb() {
    let read = [
        "1 1 held 2024-03-01 05:06:07.123000",
        "2 2 freed -",
        "3 3 held 2024-03-01 05:06:07.000000",
        "4 empty",
    ];
    let outfile = "1\tana@held-example.com\t2024-03-01 05:06:07.123\tx\n2\tbo@freed-example.com\t\\N\ty\n\
                   3\t\"cy, d\"@held-example.com\t2024-03-01 05:06:07\t\\N\n4\t\\N\t\\N\t\n";
    let numbers = "--no-header --email-column 2 --id-column 1 --verified-at-column 3";
    reads("outfile.txt", outfile, numbers, &read, &[]);
    reads("outfile.txt", outfile, "", &[], &[NO_HEADER]);
    // a line end within a field is escaped by a backslash: what follows is no record, and is told
    let lines = outfile.replace("\tx\n", "\ttwo\\\nlines\n");
    let found = [read[0], "3 2 freed -", "4 3 held 2024-03-01 05:06:07.000000", "2 malformed_row", "5 empty"];
    reads("outfile.txt", lines, &format!("{numbers} --format tsv"), &found, &[]);
    let batch = format!("id\temail\tconfirmed_at\tbio\n{}", outfile.replace("\\N", "NULL"));
    reads("batch.tsv", batch, "", &read, &[]);
    for dump in ["/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n", "-- MySQL dump 10.13\n"] {
        reads("dump.sql", dump, "", &[], &["SQL, expected accounts"]);
    }
    reads("out.xml", "<?xml version=\"1.0\"?>\n<resultset/>\n", "", &[], &["XML or HTML"]);
    reads(
        "out.html",
        "<TABLE BORDER=1><TR><TH>id</TH></TR>\n<TR><TD>a@b.example</TD></TR>",
        "",
        &[],
        &["XML or HTML"],
    );
}

#[test]
fn sqlite() {
    let read = [
        "1 1 held 2024-03-01 05:06:07.000000",
        "2 2 freed -",
        "3 3 held 2024-03-01 05:06:07.000000",
        "4 empty",
    ];
    let rows = "1|ana@held-example.com|2024-03-01 05:06:07\n2|bo@freed-example.com|\n\
                3|\"cy\"@held-example.com|1709269567\n4||\n";
    let header = "id|email|verified_at\n";
    reads("list.txt", format!("{header}{rows}"), "", &read, &[]);
    reads("list.txt", rows, "", &[], &[NO_HEADER]);
    let csv = format!("{header}{rows}")
        .replace('|', ",")
        .replace("\"cy\"@held-example.com", "\"\"\"cy\"\"@held-example.com\"");
    reads("table.csv", csv.replace('\n', "\r\n"), "", &read, &[]);
    let json = "[{\"id\":1,\"email\":\"ana@held-example.com\",\"verified_at\":\"2024-03-01 05:06:07\"},\n\
                {\"id\":2,\"email\":\"bo@freed-example.com\",\"verified_at\":null},\n\
                {\"id\":3,\"email\":\"\\\"cy\\\"@held-example.com\",\"verified_at\":1709269567},\n{\"id\":4,\"email\":null}]\n";
    reads("table.json", json, "", &read, &[]);
    reads("dump.sql", "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", "", &[], &["SQL, expected accounts"]);
    reads("a.db", b"SQLite format 3\0\x10", "", &[], &["sqlite3 -header -csv FILE"]);
}

#[test]
fn data_frames_as_text() {
    let read = [
        "1 1 held 2024-03-01 05:06:07.123456",
        "2 2 freed -",
        "3 - held 2024-03-01 03:06:07.000000",
        "4 empty",
    ];
    let csv = ",id,email,verified_at,weight\n0,1,ana@held-example.com,2024-03-01 05:06:07.123456,1.0\n\
               1,2,bo@freed-example.com,NaT,\n2,,cy@held-example.com,2024-03-01 05:06:07+02:00,nan\n3,4,,,\n";
    reads("pandas.csv", csv, "", &read, &[]);
    reads("pandas.csv", csv.replace(',', ";"), "", &read, &[]);
    reads(
        "polars.csv",
        csv.replace("2024-03-01 05:06:07.123456", "2024-03-01T05:06:07.123456000"),
        "",
        &read,
        &[],
    );
    // decimal commas are no whole numbers
    reads("a.csv", "email;weight\na@held-example.com;1,0\n", "", &["1 - held -"], &["of the weights given"]);
    // pandas writes a missing time that was made a number as the least number
    let least = "id,email,verified_at\n1,a@held-example.com,1709269567123456000\n2,b@freed-example.com,-9223372036854775808\n";
    reads("int.csv", least, "", &["1 1 held 2024-03-01 05:06:07.123456", "2 2 freed -"], &[UNREAD]);
    let records = "[{\"id\":1,\"email\":\"ana@held-example.com\",\"verified_at\":1709269567123},{\"id\":2,\"email\":\"bo@freed-example.com\",\"verified_at\":null}]";
    let read = ["1 1 held 2024-03-01 05:06:07.123000", "2 2 freed -"];
    reads("records.json", records, "", &read, &[]);
    let lines = records.trim_matches(['[', ']']).replace("},{", "}\n{");
    reads("lines.json", lines + "\n", "", &read, &[]);
    reads(
        "table.json",
        format!("{{\"schema\":{{\"fields\":[{{\"name\":\"id\"}}]}},\"data\":{records}}}"),
        "",
        &[],
        &["jq '.\"data\"'"],
    );
    reads(
        "split.json",
        "{\"columns\":[\"id\",\"email\"],\"data\":[[1,\"a@b.example\"]]}",
        "",
        &[],
        &["no e-mail column"],
    );
    reads(
        "columns.json",
        "{\"id\":{\"0\":1},\"email\":{\"0\":\"a@b.example\"}}",
        "",
        &["1 malformed_row"],
        &["no account could be judged"],
    );
}

#[test]
fn data_frames_as_parquet() {
    let emails = [Some("ana@held-example.com"), Some("bo@freed-example.com"), None];
    let times = [Some(1_709_269_567_123_456_i64), None, None];
    let read = ["1 1 held 2024-03-01 05:06:07.123456", "2 2 freed -", "3 empty"];
    let file = |email: Series, time: Series| {
        let ids = Series::new("id".into(), [Some(1_i64), Some(2), None]);
        let columns = [ids, email.with_name("email".into()), time.with_name("verified_at".into())];
        let mut frame =
            DataFrame::new(3, columns.map(Series::into_column).to_vec()).expect("columns of one length");
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes).finish(&mut frame).expect("memory takes everything");
        bytes
    };
    let texts = || Series::new("".into(), emails);
    let micros = || Series::new("".into(), times);
    let moments = |unit| micros().cast(&DataType::Datetime(unit, None)).expect("moments");
    reads("a.parquet", file(texts(), moments(TimeUnit::Microseconds)), "", &read, &[]);
    reads("numbers", file(texts(), micros()), "", &read, &[]);
    let bytes = texts().cast(&DataType::Binary).expect("bytes");
    reads("bytes.csv", file(bytes, micros()), "", &read, &[]);
    let lists: Vec<Option<Series>> =
        emails.map(|email| email.map(|email| Series::new("".into(), [email]))).to_vec();
    reads("lists.parquet", file(Series::new("".into(), lists), micros()), "", &read, &[]);
    let flags = Series::new("".into(), [Some(true), None, None]);
    reads("flags.parquet", file(texts(), flags), "", &["1 1 held -", "2 2 freed -", "3 empty"], &[UNREAD]);
}

#[test]
fn mongodb() {
    let lines = "{\"_id\":{\"$oid\":\"65e1\"},\"email\":\"ana@held-example.com\",\"verified_at\":{\"$date\":\"2024-03-01T05:06:07.5Z\"}}\n\
        {\"_id\":{\"$oid\":\"65e2\"},\"email\":\"bo@freed-example.com\",\"verified_at\":null}\n\
        {\"_id\":\"7\",\"email\":[\"cy@held-example.com\"],\"verified_at\":{\"$date\":{\"$numberLong\":\"1709269567000\"}}}\n";
    let read = [
        "1 {\"$oid\":\"65e1\"} held 2024-03-01 05:06:07.500000",
        "2 {\"$oid\":\"65e2\"} freed -",
        "3 7 held 2024-03-01 05:06:07.000000",
    ];
    reads("users.json", lines, "", &read, &[]);
    let array = format!("[{}]", lines.trim_end().replace('\n', ",\n"));
    reads("users.json", array, "", &read, &[]);
    let nested = "{\"email\":\"a@held-example.com\"}\n{\"emails\":[{\"address\":\"b@held-example.com\"}]}\n";
    reads("users.json", nested, "", &["1 - held -", "2 empty"], &[]);
    let csv = "_id,email,verified_at\nObjectId(65e1),ana@held-example.com,2024-03-01T05:06:07.000Z\n";
    reads("users.csv", csv, "", &["1 ObjectId(65e1) held 2024-03-01 05:06:07.000000"], &[]);
}

#[test]
fn spreadsheets_and_windows() {
    let read = ["1 1 held 2024-03-01 05:06:07.000000", "2 2 freed -"];
    let sheet =
        "id\temail\tverified_at\r\n1\tana@held-example.com\t2024-03-01 5:06:07\r\n2\tbo@freed-example.com\t";
    reads("sheet.tsv", sheet, "", &read, &[]);
    reads("sheet.csv", sheet.replace('\t', ","), "", &read, &[]);
    // day and month can be taken for each other
    let american = sheet.replace("2024-03-01 5:06:07", "3/1/2024 5:06:07");
    let unread = ["1 1 held -", "2 2 freed -"];
    reads("sheet.tsv", &american, "", &unread, &[UNREAD, "--time-format"]);
    let utf16 = |text: &str| -> Vec<u8> {
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    reads("unicode.txt", utf16(&sheet.replace("2024-03-01 5:06:07", "01.03.2024 05:06:07")), "", &read, &[]);
    // the serial number of a day
    reads("unicode.txt", utf16(&sheet.replace("2024-03-01 5:06:07", "45352.2125")), "", &unread, &[UNREAD]);
    let export = "#TYPE Selected.Microsoft.ActiveDirectory.Management.ADUser\r\n\"id\",\"mail\",\"verified_at\"\r\n\
                  \"1\",\"ana@held-example.com\",\"01.03.2024 05:06:07\"\r\n\"2\",\"bo@freed-example.com\",\r\n";
    reads("ad.csv", export, "", &read, &[]);
    reads("ad.csv", utf16(export), "", &read, &[]);
    let ldap = "DN,id,mail,verified_at\n\"CN=Ana,DC=x\",1,ana@held-example.com,133537431670000000\n\
                \"CN=Bo,DC=x\",2,bo@freed-example.com,\n";
    reads("csvde.csv", ldap, "", &read, &[]);
    let ldap = ldap.replace("133537431670000000", "20240301050607.0Z");
    reads("csvde.csv", ldap, "", &read, &[]);
    reads("a.xlsx", b"PK\x03\x04", "", &[], &["save the spreadsheet as CSV"]);
    for ldif in [
        "dn: cn=a\nmail: a@b.example\n",
        "# extended LDIF\n#\n\ndn:: Y249YQ==\n",
        "\nversion: 1\n\ndn: cn=a\n",
    ] {
        reads("people.ldif", ldif, "", &[], &["LDIF, expected accounts"]);
    }
}

#[test]
fn services_of_identity() {
    let firebase = "{\"users\":[{\"localId\":\"u1\",\"email\":\"ana@held-example.com\",\"emailVerified\":true,\"createdAt\":\"1709269567000\"}]}";
    reads("firebase.json", firebase, "", &[], &["jq '.\"users\"' FILE"]);
    let csv = "uid1,ana@held-example.com,true,h==,s==,Ana,,,,1709269567000,,\nuid2,bo@freed-example.com,false,,,,,,,1709269567000,,\n";
    reads("firebase.csv", csv, "", &[], &[NO_HEADER]);
    let numbers = "--no-header --email-column 2 --id-column 1";
    reads("firebase.csv", csv, numbers, &["1 uid1 held -", "2 uid2 freed -"], &[]);
    // whether an address was verified is no time
    let flags = format!("{numbers} --verified-at-column 3");
    reads("firebase.csv", csv, &flags, &["1 uid1 held -", "2 uid2 freed -"], &[UNREAD]);
    let auth0 = "{\"user_id\":\"auth0|1\",\"email\":\"ana@held-example.com\",\"email_verified\":true}\n\
                 {\"user_id\":\"auth0|2\",\"email\":\"bo@freed-example.com\",\"email_verified\":false}\n";
    reads("auth0.json", auth0, "", &["1 auth0|1 held -", "2 auth0|2 freed -"], &[]);
    let auth0 = "Id,Given Name,Email,Email Verified\nauth0|1,'Ana,'ana@held-example.com,'true\n";
    reads("auth0.csv", auth0, "", &["1 auth0|1 held -"], &[]);
    let users =
        "[{\"id\":\"1\",\"username\":\"ana\",\"email\":\"ana@held-example.com\",\"emailVerified\":true}]";
    reads("keycloak.json", users, "", &["1 1 held -"], &[]);
    let realm = format!("{{\"realm\":\"x\",\"groups\":[{{\"name\":\"g\"}}],\"users\":{users}}}");
    reads("realm.json", realm, "", &[], &["jq '.\"users\"' FILE"]);
    let okta = "[{\"id\":\"00u1\",\"profile\":{\"email\":\"ana@held-example.com\"}}]";
    reads("okta.json", okta, "", &[], &["no e-mail column", "found `id`, `profile`"]);
    let django = "[{\"model\":\"auth.user\",\"pk\":1,\"fields\":{\"email\":\"ana@held-example.com\"}}]";
    reads("django.json", django, "", &[], &["no e-mail column", "found `model`, `pk`, `fields`"]);
    let rails =
        "[{\"id\":1,\"email\":\"ana@held-example.com\",\"confirmed_at\":\"2024-03-01T05:06:07.000Z\"}]";
    reads("rails.json", rails, "", &["1 1 held 2024-03-01 05:06:07.000000"], &[]);
    let devise = "id,email,confirmed_at\n1,ana@held-example.com,2024-03-01 05:06:07 UTC\n2,bo@freed-example.com,2024-03-01 06:06:07 +0100\n";
    let read = ["1 1 held 2024-03-01 05:06:07.000000", "2 2 freed 2024-03-01 05:06:07.000000"];
    reads("devise.csv", devise, "", &read, &[]);
}
