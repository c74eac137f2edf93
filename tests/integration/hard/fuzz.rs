//! The parsers in process, on texts that are nearly right: none panics, where a text is cut changes nothing, what is
//! normal stays as it is, and every record is told.

use std::fmt::Write;
use std::path::Path;

use zonelapse::assess::overrides::Overrides;
use zonelapse::cli::EvidenceArgs;
use zonelapse::config::EvidenceConfig;
use zonelapse::input::accounts::{Account, AccountForm, AccountFormat, AccountSink, FormOptions};
use zonelapse::input::source::{Cutter, Head};
use zonelapse::name::{MailDomain, Mailbox, SuffixList};
use zonelapse::rdap::{Bootstrap, Context, read_answer};
use zonelapse::time::{BareDate, Day, Moment};
use zonelapse::zone::fault::Fault;
use zonelapse::zone::record::{RecordSink, ZoneRecord};
use zonelapse::zone::scanner::{Scanner, scan_plain};

use super::grammar::{self, Target};
use super::{Case, Harness, Verdict};
use crate::support::{found, not_found, zone};

#[test]
fn fuzz() {
    let harness = Harness::new("hard::fuzz");
    let targets = targets();
    harness.run(12_000, |case| {
        let target = &targets[case.number as usize % targets.len()];
        let text = target.mutate(&mut case.random);
        case.write("input", &text);
        (target.check)(&text, case).map_err(|what| format!("{}: {what}", target.name))
    });
    harness.finish();
}

fn targets() -> Vec<Target> {
    let rows = |separator: &str| -> String {
        (1..20).fold(format!("id{separator}email{separator}verified_at\n"), |mut text, row| {
            let _ = writeln!(text, "u{row}{separator}p{row}@held{row}.com{separator}2020-05-01");
            text
        })
    };
    let objects: String =
        (1..20).map(|row| format!("{{\"id\":{row},\"email\":\"p{row}@a.com\"}}\n")).collect();
    let lines: String = (1..20).map(|row| format!("p{row}@held{row}.com\n")).collect();
    let master = "$ORIGIN com.\n$TTL 900\n@ IN SOA a b ( 1 2\n 3 4 5 ) ; x\na NS b\n  NS \"c\"\nd.com. 60 IN DS 1 8 2 AA\n";
    let decisions = "domain,action,until\nmissing.com,unverify,2030-12-31\nheld.net,review,2030-12-31\n";
    let options =
        "zones = [\"a\"]\nlead-days = 40\nas-of = \"2026-06-01\"\nmax-shrink = 5.5\ntrust-lists = true\n";
    let times = [
        "2020-05-01T10:00:00.123456Z",
        "2020-05-01",
        "2020-05-01 10:00:00 +0100",
        "1588327200",
        "2024-02-29 23:59:60 UTC",
    ];
    let names = [
        "bücher.example",
        "p@held.com",
        "\"a@b\"@Held-Example.COM.",
        "xn--bcher-kva.example",
        "a_b.-c.example.co.uk",
    ];
    let target = |name, seeds: &[&str], tokens, check| Target {
        name,
        seeds: seeds.iter().map(|seed| (*seed).to_owned()).collect(),
        tokens,
        check,
    };
    vec![
        target("zone", &[&zone("com", 1, &["a", "b", "c"]), master], grammar::ZONE_TOKENS, check_zone),
        target("csv", &[&rows(","), &rows(",").replace("p1", "\"p,\"\"1")], grammar::TABLE_TOKENS, check_csv),
        target("tsv", &[&rows("\t")], grammar::TABLE_TOKENS, check_tsv),
        target("ndjson", &[&objects], grammar::JSON_TOKENS, check_ndjson),
        target(
            "json",
            &[&objects, &format!("[{}]", objects.replace('\n', ","))],
            grammar::JSON_TOKENS,
            check_json,
        ),
        target("text", &[&lines], grammar::TABLE_TOKENS, check_text),
        target("rdap", &[&found("a.com", "active"), &not_found("b.com")], grammar::JSON_TOKENS, check_rdap),
        target("time", &times, grammar::TIME_TOKENS, check_time),
        target("name", &names, grammar::NAME_TOKENS, check_name),
        target(
            "suffixes",
            &["// ===BEGIN ICANN DOMAINS===\ncom\n*.ck\n!www.ck\n// ===END ICANN DOMAINS===\n\
               // ===BEGIN PRIVATE DOMAINS===\nhosted.com\n// ===END PRIVATE DOMAINS===\n"],
            grammar::LIST_TOKENS,
            check_suffixes,
        ),
        target(
            "bootstrap",
            &[r#"{"version":"1.0","services":[[["com"],["https://rdap.example/"]]]}"#],
            grammar::JSON_TOKENS,
            check_bootstrap,
        ),
        target("overrides", &[decisions], grammar::TABLE_TOKENS, check_overrides),
        target("config", &[options], grammar::TOML_TOKENS, check_config),
    ]
}

/// What a scanner tells.
#[derive(Debug, Default, PartialEq)]
struct Told(Vec<String>);

impl RecordSink for Told {
    fn record(&mut self, record: ZoneRecord<'_>) {
        self.0.push(format!("{record:?}"));
    }

    fn fault(&mut self, fault: Fault) {
        self.0.push(format!("{fault:?}"));
    }
}

fn check_zone(text: &[u8], case: &mut Case) -> Verdict {
    let mut whole = Told::default();
    Scanner::new(Some(b"com")).scan(text, 1, true, &mut whole);
    let (mut pieces, mut scanner) = (Told::default(), Scanner::new(Some(b"com")));
    let (mut start, mut line) = (0, 1);
    for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        if case.random.below(3) == 0 {
            let piece = &text[start..=at];
            scanner.scan(piece, line, false, &mut pieces);
            (start, line) = (at + 1, line + piece.iter().filter(|byte| **byte == b'\n').count() as u64);
        }
    }
    scanner.scan(&text[start..], line, true, &mut pieces);
    if whole != pieces {
        return Err("it is told otherwise in pieces".to_owned());
    }
    let mut plain = Told::default();
    let passed = scan_plain(text, 1, &mut plain);
    if !whole.0.starts_with(&plain.0) || plain.0.len() as u64 != passed.lines {
        return Err("the fast way reads something else".to_owned());
    }
    Ok(())
}

/// The rows of a text, without their numbers.
#[derive(Debug, Default)]
struct Rows(Vec<String>);

impl AccountSink for Rows {
    fn account(&mut self, account: &Account<'_>) {
        self.0.push(format!(
            "{:?} {:?} {:?} {:?}",
            account.subject, account.id, account.verified_at, account.weight
        ));
    }

    fn malformed(&mut self, _row: u64, id: Option<&str>) {
        self.0.push(format!("malformed {id:?}"));
    }
}

fn check_csv(text: &[u8], case: &mut Case) -> Verdict {
    check_accounts(AccountFormat::Csv, "id,email,verified_at\n", text, case)
}

fn check_tsv(text: &[u8], case: &mut Case) -> Verdict {
    check_accounts(AccountFormat::Tsv, "id\temail\tverified_at\n", text, case)
}

fn check_ndjson(text: &[u8], case: &mut Case) -> Verdict {
    check_accounts(AccountFormat::Ndjson, "{\"id\":0,\"email\":\"a@b.com\"}\n", text, case)
}

fn check_json(text: &[u8], case: &mut Case) -> Verdict {
    check_accounts(AccountFormat::Json, "[{\"id\":0,\"email\":\"a@b.com\"},\n", text, case)
}

fn check_text(text: &[u8], case: &mut Case) -> Verdict {
    check_accounts(AccountFormat::Text, "a@b.com\n", text, case)
}

/// Rows behind a sound first line: the same wherever the text is cut, each counted once.
fn check_accounts(format: AccountFormat, first: &str, rest: &[u8], case: &mut Case) -> Verdict {
    let text = [first.as_bytes(), rest].concat();
    let options = FormOptions { format: Some(format), ..FormOptions::default() };
    let head = Head::whole(&text);
    let form = AccountForm::tell(&head, Path::new("input"), &options);
    let Ok(AccountForm::Text(layout, data)) = form else { return Ok(()) };
    let mut whole = Rows::default();
    if layout.parse(&text[data..], &mut whole).rows != whole.0.len() as u64 {
        return Err("records are not told one by one".to_owned());
    }
    let (mut pieces, mut cutter, mut start) = (Rows::default(), layout.cutter(data), 0);
    while start < text.len() {
        let mut wanted = first.len() + case.random.below(400);
        let length = loop {
            let end = text.len().min(start + wanted);
            match cutter.cut(&text[start..end], end == text.len()) {
                0 if end == text.len() => break end - start,
                0 => wanted *= 2,
                length => break length,
            }
        };
        let from = if start == 0 { data } else { start };
        layout.parse(&text[from..start + length], &mut pieces);
        start += length;
    }
    if whole.0 == pieces.0 { Ok(()) } else { Err(format!("{:?} became {:?} in pieces", whole.0, pieces.0)) }
}

fn check_rdap(text: &[u8], _case: &mut Case) -> Verdict {
    let read = |name| read_answer(text, &Context { file_name_domain: name, file_time: Moment(0) });
    let _ = read(Some("a.com.json"));
    let Ok(answer) = read(None) else { return Ok(()) };
    let normal = MailDomain::normalize(&answer.name).map(|domain| domain.name);
    match normal {
        Ok(name) if *name != *answer.name => Err(format!("`{}` is not normal", answer.name)),
        _ => Ok(()),
    }
}

fn check_time(text: &[u8], _case: &mut Case) -> Verdict {
    let text = String::from_utf8_lossy(text);
    for bare in [BareDate::Start, BareDate::End] {
        let Some(moment) = Moment::parse(&text, bare) else { continue };
        let said = moment.to_string();
        let _ = (moment.day().to_string(), moment.day().year_earlier(), Day(moment.day().0).plus(i32::MAX));
        if Moment::parse(&said, bare).is_none_or(|again| again.0 / 1_000_000 != moment.0 / 1_000_000) {
            return Err(format!("`{text}` is told as `{said}`, which is read otherwise"));
        }
    }
    Ok(())
}

fn check_name(text: &[u8], _case: &mut Case) -> Verdict {
    let text = String::from_utf8_lossy(text);
    if let Ok(mailbox) = Mailbox::split(&text) {
        let _ = (mailbox.has_valid_local_part(), MailDomain::normalize(mailbox.domain()));
    }
    let Ok(domain) = MailDomain::normalize(&text) else { return Ok(()) };
    if MailDomain::normalize(&domain.name).as_ref() != Ok(&domain) {
        return Err(format!("`{}` is not normal", domain.name));
    }
    if domain.name.len() > 253 || domain.name.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err(format!("`{}` is no domain name", domain.name));
    }
    Ok(())
}

fn check_suffixes(text: &[u8], _case: &mut Case) -> Verdict {
    let Ok(text) = std::str::from_utf8(text) else { return Ok(()) };
    let Ok(list) = SuffixList::parse(text, None) else { return Ok(()) };
    for name in ["a.b.com", "com", "x.www.ck", "ck", "a.ck", "xn--a.b"] {
        if let Ok(cut) = list.cut(name)
            && !cut.registrable.is_none_or(|part| name.ends_with(part))
        {
            return Err(format!("{name} was cut to {cut:?}"));
        }
        let _ = (list.private_cut(name), list.knows_tld(name));
    }
    Ok(())
}

fn check_bootstrap(text: &[u8], _case: &mut Case) -> Verdict {
    if let Ok(bootstrap) = Bootstrap::parse(text) {
        let _ = (bootstrap.is_registry("a.b.com", "rdap.example"), bootstrap.len());
    }
    Ok(())
}

fn check_overrides(_text: &[u8], case: &mut Case) -> Verdict {
    drop(Overrides::read(&case.path("input"), Day(20_000)));
    Ok(())
}

fn check_config(_text: &[u8], case: &mut Case) -> Verdict {
    drop(EvidenceConfig::of(EvidenceArgs { config: Some(case.path("input")), ..EvidenceArgs::default() }));
    Ok(())
}
