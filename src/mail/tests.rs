//! Every form of MX data, through one door: a text → what is kept of it.

use std::path::Path;

use proptest::prelude::*;

use super::batch::{MxBatch, MxReading, SpareBuffers};
use super::form::MxForm;
use super::gather::MxGatherer;
use super::names::MxNames;
use super::{MailServers, MxFile, MxHost, MxRecord};
use crate::input::source::{Cutter, Head};
use crate::name::MailDomain;
use crate::time::{BareDate, Moment};

/// The mail domains of the run.
const DOMAINS: [&str; 3] = ["a.example", "xn--bcher-kva.example", "b.example"];

fn moment(text: &str) -> Moment {
    Moment::parse(text, BareDate::Start).expect("a moment")
}

/// What is kept of a text that is read in pieces of about this many bytes.
fn read(text: &[u8], piece: usize) -> Result<(MailServers, MxFile), String> {
    let path = Path::new("mx");
    let form = MxForm::tell(&Head::whole(text), path).map_err(|error| error.to_string())?;
    let domains = DOMAINS.map(|name| MailDomain::normalize(name).expect("a mail domain"));
    let (wanted, spare) = (MxNames::of(&domains), SpareBuffers::default());
    let reading =
        MxReading { path, wanted: &wanted, as_of: moment("2026-06-01"), file_date: None, spare: &spare };
    let (mut gatherer, mut file) = (MxGatherer::new(DOMAINS.len()), MxFile::of(path));
    let (mut cutter, mut start, mut size) = (form.cutter(), 0, piece);
    let (mut skipped, mut line) = (form.data_start(), 1);
    while start < text.len() {
        let end = text.len().min(start + size);
        match cutter.cut(&text[start..end], end == text.len()) {
            0 => size *= 2,
            length => {
                let chunk = &text[start..start + length];
                let head = skipped.min(length);
                let lines = |text: &[u8]| memchr::memchr_iter(b'\n', text).count() as u64;
                let mut batch = MxBatch::new(reading);
                form.read(&chunk[head..], line + lines(&chunk[..head]), &mut batch);
                gatherer.take(&mut batch);
                file.add(batch.end());
                (skipped, line) = (skipped - head, line + lines(chunk));
                (start, size) = (start + length, piece);
            }
        }
    }
    file.close();
    Ok((gatherer.finish(), file))
}

/// A set as `domain day preference:host …`.
fn shown(servers: &MailServers) -> Vec<String> {
    let set = |number: usize| {
        let set = servers.at(number)?;
        let host = |record| match record {
            MxRecord { host: host @ (MxHost::Null | MxHost::Address | MxHost::Malformed), .. } => {
                format!("{host:?}")
            }
            named => servers.host_names(&[named], DOMAINS[number]).collect(),
        };
        let records = servers.records(&set).iter().map(|record| {
            let preference = record.preference.map_or("-".to_owned(), |it| it.to_string());
            format!("{preference}:{}", host(*record))
        });
        let seen = set.seen_at.map_or("-".to_owned(), Moment::day_or_time);
        Some(format!("{} {seen} {}", DOMAINS[number], records.collect::<Vec<_>>().join(" ")))
    };
    (0..DOMAINS.len()).filter_map(set).collect()
}

/// Expects these sets, and these counts: rows, answers without MX, other types, faults.
#[track_caller]
fn reads(text: &str, expected: &[&str], counts: [u64; 4]) {
    for piece in [1, 40, 1 << 20] {
        let (servers, file) = read(text.as_bytes(), piece).expect("MX data");
        assert_eq!(shown(&servers), expected, "{text}\n{:?}", file.faults.samples);
        let MxFile { rows, without_mx, other_types, faults, .. } = file;
        assert_eq!([rows, without_mx, other_types, faults.count], counts, "{text}\n{:?}", faults.samples);
    }
}

#[test]
fn tables() {
    let set = ["a.example 2026-05-31 10:mx1.example.net 20:mx2.example.net"];
    let rows = "a.example,10,mx1.example.net.,2026-05-31\nA.Example.,20,MX2.example.net,2026-05-31\n";
    reads(&format!("domain,preference,mx,date\n{rows}"), &set, [2, 0, 0, 0]);
    reads(rows, &set, [2, 0, 0, 0]);
    for delimiter in [";", "\t", "|"] {
        reads(&format!("domain,preference,mx,date\n{rows}").replace(',', delimiter), &set, [2, 0, 0, 0]);
        reads(&rows.replace(',', delimiter), &set, [2, 0, 0, 0]);
    }
    reads(
        "Domain;MX\r\na.example;10 mx1.example.net.,20 mx2.example.net\r\nb.example;\r\n",
        &["a.example - 10:mx1.example.net 20:mx2.example.net"],
        [2, 1, 0, 0],
    );
    reads(
        "domain,mx\na.example,\"10 mx1.example.net,20 mx2.example.net\"\n\n",
        &["a.example - 10:mx1.example.net 20:mx2.example.net"],
        [1, 0, 0, 0],
    );
    reads(
        "name,type,data\na.example.,MX,10 mx.example.net.\na.example.,A,192.0.2.1\n",
        &["a.example - 10:mx.example.net"],
        [2, 0, 1, 0],
    );
    reads(
        "\u{feff}domain,mx,status\nb.example,mx.example.net,NXDOMAIN\nb.example,,NOERROR\nother.example,m.example,0\n",
        &[],
        [3, 2, 0, 0],
    );
    reads(
        "host,mx\nbücher.example,mx.bücher.example\n",
        &["xn--bcher-kva.example - -:mx.xn--bcher-kva.example"],
        [1, 0, 0, 0],
    );
    reads(
        "domain,mx,priority\nb.example,.,0\na.example,,0\n",
        &["a.example - 0:Null", "b.example - 0:Null"],
        [2, 0, 0, 0],
    );
}

#[test]
fn rows_that_cannot_be_read() {
    reads(
        "domain,mx,preference\na.example,mx1.example,10\na.example,mx2.example\n,mx3.example,1\na.example,mx4.example,65536\n\
         a.example,mx5.example,-1\nb.example,mx6.example,1,2\nnot a name,mx7.example,1\n",
        &["a.example - 10:mx1.example"],
        [1, 0, 0, 6],
    );
    let (_, file) = read(b"domain,mx\n\nx y,m.example\n", 1 << 20).expect("MX data");
    assert_eq!(file.faults.samples, ["mx:3: expected the name of a domain"]);
}

#[test]
fn dates() {
    reads(
        "domain,mx,date\na.example,new.example,2026-05-31T10:00:00Z\na.example,old.example,2026-05-30\n\
         a.example,later.example,2026-06-02\nb.example,undated.example,soon\nb.example,m.example,\n",
        &["a.example 2026-05-31T10:00:00Z -:new.example", "b.example - -:m.example -:undated.example"],
        [5, 0, 0, 0],
    );
    let text =
        "domain,mx,date\na.example,m.example,soon\na.example,m.example,2026-06-02\na.example,m.example,\n";
    let (_, file) = read(text.as_bytes(), 1 << 20).expect("MX data");
    assert_eq!([file.used, file.later, file.undated, file.unread_dates], [3, 1, 2, 1]);
}

#[test]
fn objects() {
    let sets = ["a.example 2026-05-31 10:mx1.example.net 20:mx2.example.net"];
    reads(
        "{\"domain\":\"a.example\",\"mx\":\"mx1.example.net\",\"preference\":10,\"date\":\"2026-05-31\"}\n\
         {\"domain\":\"a.example\",\"mx\":\"mx2.example.net\",\"preference\":\"20\",\"date\":1780185600}\n",
        &sets,
        [2, 0, 0, 0],
    );
    reads(
        "[{\"domain\":\"a.example\",\"mx\":[\"10 mx1.example.net.\",\"20 mx2.example.net.\"],\"date\":\"2026-05-31\"},\n\
         {\"domain\":\"b.example\",\"mx\":[]}]",
        &sets,
        [2, 1, 0, 0],
    );
    reads(
        "{\n  \"domain\": \"a.example\",\n  \"mx\": [{\"exchange\": \"mx1.example.net\", \"priority\": 10}, {\"exchange\": \
         \"mx2.example.net\", \"priority\": 20}],\n  \"date\": {\"$date\": 1780185600000}\n}\n",
        &sets,
        [1, 0, 0, 0],
    );
    reads("{\"host\":\"a.example\",\"mx\":[\"m.example\"]}\n", &["a.example - -:m.example"], [1, 0, 0, 0]);
    reads("{\"domain\":\"a.example\",\"mx\":null,\"status\":\"TIMEOUT\"}\n", &[], [1, 1, 0, 0]);
    reads(
        "{\"domain\":\"a.example\"}\n[]\n{\"mx\":\"m.example\"}\n{\"domain\":\"a.example\",\"mx\":\"m.example\",\"preference\":70000}\n",
        &[],
        [0, 0, 0, 4],
    );
}

#[test]
fn what_zdns_writes() {
    reads(
        "{\"name\":\"a.example\",\"results\":{\"MX\":{\"data\":{\"additionals\":[{\"flags\":\"\",\"type\":\"EDNS0\",\"udpsize\":512,\
         \"version\":0}],\"answers\":[{\"answer\":\"mx1.example.net.\",\"class\":\"IN\",\"name\":\"a.example\",\"preference\":10,\
         \"ttl\":300,\"type\":\"MX\"}],\"protocol\":\"udp\",\"resolver\":\"192.0.2.53:53\"},\"duration\":0.03,\
         \"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T09:12:43-04:00\"}}}\n\
         {\"name\":\"b.example\",\"results\":{\"MX\":{\"data\":{},\"duration\":1,\"status\":\"NXDOMAIN\",\"timestamp\":\"2026-05-31T09:12:43Z\"}}}\n\
         {\"name\":\"b.example\",\"results\":{\"MX\":{\"data\":{\"answers\":[]},\"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T09:12:43Z\"}}}\n\
         {\"name\":\"b.example\",\"results\":{\"A\":{\"data\":{},\"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T09:12:43Z\"}}}\n",
        &["a.example 2026-05-31T13:12:43Z 10:mx1.example.net"],
        [4, 2, 1, 0],
    );
    // a chain of aliases counts for the name that was asked, and an empty answer with the preference 0 is the null MX
    reads(
        "{\"name\":\"a.example\",\"class\":\"IN\",\"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T00:00:00Z\",\"data\":{\"answers\":[\
         {\"type\":\"CNAME\",\"name\":\"a.example\",\"answer\":\"c.example.\"},{\"type\":\"MX\",\"name\":\"c.example\",\
         \"answer\":\"m.example.\",\"preference\":5}]}}\n\
         {\"name\":\"b.example\",\"class\":\"IN\",\"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T00:00:00Z\",\"data\":{\"answers\":[\
         {\"type\":\"MX\",\"name\":\"b.example\",\"answer\":\"\",\"preference\":0}]}}\n\
         {\"name\":\"b.example\",\"class\":\"IN\",\"status\":\"SERVFAIL\"}\n",
        &["a.example 2026-05-31 5:m.example", "b.example 2026-05-31 0:Null"],
        [3, 1, 0, 0],
    );
    reads(
        "{\"name\":\"a.example\",\"results\":{\"MXLOOKUP\":{\"data\":{\"exchanges\":[{\"class\":\"IN\",\"ipv4_addresses\":[\
         \"192.0.2.27\"],\"name\":\"mx1.example.net\",\"preference\":5,\"ttl\":300,\"type\":\"MX\"}]},\"duration\":0.1,\
         \"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T00:00:00Z\"}}}\n",
        &["a.example 2026-05-31 5:mx1.example.net"],
        [1, 0, 0, 0],
    );
}

#[test]
fn what_massdns_writes() {
    reads(
        "{\"name\":\"a.example.\",\"type\":\"MX\",\"class\":\"IN\",\"status\":\"NOERROR\",\"rx_ts\":1780185600000000000,\"data\":{\
         \"answers\":[{\"ttl\":300,\"type\":\"MX\",\"class\":\"IN\",\"name\":\"a.example.\",\"data\":\"10 mx1.example.net.\"}]},\
         \"flags\":[\"rd\",\"ra\"],\"resolver\":\"192.0.2.53:53\",\"proto\":\"UDP\"}\n\
         {\"name\":\"b.example.\",\"type\":\"MX\",\"class\":\"IN\",\"status\":\"NXDOMAIN\",\"data\":{},\"flags\":[],\"resolver\":\"192.0.2.53:53\"}\n\
         {\"name\":\"b.example.\",\"type\":\"A\",\"class\":\"IN\",\"status\":\"NOERROR\",\"data\":{\"answers\":[]},\"resolver\":\"x\"}\n",
        &["a.example 2026-05-31 10:mx1.example.net"],
        [3, 1, 1, 0],
    );
    reads(
        "a.example. MX 10 mx1.example.net.\nb.example. CNAME c.example.\nc.example. MX 5 m.example.\n",
        &["a.example - 10:mx1.example.net"],
        [3, 0, 1, 0],
    );
    reads(
        "192.0.2.53:53 1780185600 NOERROR a.example. IN MX\na.example. IN 300 MX 10 mx1.example.net.\n\n",
        &["a.example - 10:mx1.example.net"],
        [2, 0, 1, 0],
    );
}

#[test]
fn what_dig_prints() {
    reads(
        "; <<>> DiG 9.20 <<>> MX a.example\n;; ANSWER SECTION:\na.example.\t\t300\tIN\tMX\t20 mx2.example.net.\n\
         a.example.\t\t300\tIN\tMX\t10 mx1.example.net.\n\n;; Query time: 3 msec\n",
        &["a.example - 10:mx1.example.net 20:mx2.example.net"],
        [2, 0, 0, 0],
    );
    reads(
        "a.example mail is handled by 10 mx1.example.net.\nb.example has no MX record\n",
        &["a.example - 10:mx1.example.net"],
        [2, 0, 1, 0],
    );
    reads(
        "a.example. 300 IN MX ten mx.example. extra\na.example. MX 1 m.example.\nx\n",
        &["a.example - 1:m.example"],
        [1, 0, 0, 2],
    );
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = read(text.as_bytes(), 1 << 20).map(|(_, file)| file.broken.unwrap_or_default());
    let error = error.unwrap_or_else(|error| error);
    assert!(error.starts_with(expected), "{text}: {error}");
}

#[test]
fn files_that_are_no_mx_data() {
    refused("", "mx: it is empty");
    refused(" \n", "mx: it is empty");
    refused("<!DOCTYPE html><html>", "mx: XML or HTML, expected mail servers");
    refused("PK\x03\x04", "mx: a ZIP file, such as a spreadsheet, expected mail servers");
    refused("id,email\n1,ana@example.com\n", "mx: looks like accounts, expected mail servers");
    refused("ana@example.com\n", "mx: looks like accounts, expected mail servers");
    refused(
        "domain,state\na.example,active\n",
        "mx: expected a column of domains (`domain`, `mail_domain`, `query_name`, …) and one of mail servers (`mx`, `mx_host`, `mx_address`, …), found `domain`, `state`",
    );
    refused(
        "$ORIGIN example.\na MX 10 m\n",
        "mx: a master file with names relative to `$ORIGIN`, expected mail servers",
    );
    refused(
        "com. 900 IN SOA a. b. 1 2 3 4 5\na.example. 900 IN NS ns.example.\n",
        "mx: it contains no MX record, only others",
    );
    refused(
        "{\"objectClassName\":\"domain\"}\n",
        "mx: it contains no MX data, first mx:1: expected the name of a domain",
    );
}

const EXAMPLES: [&str; 4] = [
    "domain,mx,preference,date\na.example,mx1.example.net,10,2026-05-31\nb.example,\"mx2.example.net\",20,2026-05-31\n",
    "{\"name\":\"a.example\",\"results\":{\"MX\":{\"data\":{\"answers\":[{\"answer\":\"m.example.\",\"preference\":10,\"type\":\"MX\"}]},\"status\":\"NOERROR\",\"timestamp\":\"2026-05-31T00:00:00Z\"}}}\n",
    "[{\"domain\":\"a.example\",\"mx\":[\"10 mx1.example.net.\"],\"date\":\"2026-05-31\"}]",
    "a.example. 300 IN MX 10 mx1.example.net.\nb.example. 300 IN MX 10 mx1.example.net.\n",
];

/// Cut and changed at every byte, a text gives rows or faults, the same in pieces of any size.
#[test]
fn damaged_texts() {
    for text in EXAMPLES {
        for at in 0..text.len() {
            check(&text.as_bytes()[..at]);
            for byte in [0, b'"', b'\n', b'{', b',', b'0', 0xff] {
                let mut changed = text.as_bytes().to_vec();
                changed[at] = byte;
                check(&changed);
            }
        }
    }
}

fn check(text: &[u8]) {
    let told = |piece: usize| {
        read(text, piece)
            .map(|(servers, file)| (shown(&servers), file.rows, file.faults.count, file.faults.samples))
    };
    assert_eq!(told(1), told(1 << 20), "{}", String::from_utf8_lossy(text));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "[ab.,;\"{}\\[\\]: 0-9\nMX]{0,120}") {
        check(text.as_bytes());
        check(format!("domain,mx\n{text}").as_bytes());
        check(format!("a.example. MX 1 m.example.\n{text}").as_bytes());
        check(format!("{{\"domain\":\"a.example\",\"mx\":\"m.example\"}}\n{text}").as_bytes());
    }
}
