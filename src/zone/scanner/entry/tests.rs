//! What the full way makes of entries, sound and faulty: a text, and what is expected of it.

use super::*;
use crate::zone::record::RecordData;

/// Records and faults as text, in order; includes are read from a text of one record.
#[derive(Default)]
struct Transcript(Vec<String>);

impl RecordSink for Transcript {
    fn record(&mut self, record: ZoneRecord<'_>) {
        let owner = String::from_utf8_lossy(record.owner);
        self.0.push(match record.data {
            RecordData::Ns(host) => format!("{owner} NS {}", String::from_utf8_lossy(host)),
            RecordData::Soa(_, data) => {
                format!("{owner} SOA {}", String::from_utf8_lossy(data).trim_end())
            }
            data => format!("{owner} {data:?}"),
        });
    }
    fn fault(&mut self, fault: Fault) {
        let refused = if fault.refused_directive { " (refused)" } else { "" };
        self.0.push(format!("{}:{} {:?}{refused}", fault.line, fault.column, fault.what));
    }
    fn include(&mut self, file: &[u8], origin: Option<&[u8]>, line: u64) -> Result<(), FaultKind> {
        if file == b"none" {
            return Err(FaultKind::RefusedInclude);
        }
        self.0.push(format!("{line}: include `{}`", String::from_utf8_lossy(file)));
        Scanner::new(origin).scan(b"in NS in\n", 1, true, self);
        Ok(())
    }
}

/// Records and faults of a text with the origin `o`, joined by `; `. They are the same if it comes line by line.
#[track_caller]
fn reads_as(text: impl AsRef<[u8]>, expected: &str) {
    let text = text.as_ref();
    let mut whole = Transcript::default();
    Scanner::new(Some(b"o")).scan(text, 1, true, &mut whole);
    let shown = text[..text.len().min(200)].escape_ascii();
    assert_eq!(whole.0.join("; "), expected, "{shown}");
    let (mut pieces, mut scanner) = (Transcript::default(), Scanner::new(Some(b"o")));
    for (piece, line) in text.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        scanner.scan(piece, line, false, &mut pieces);
    }
    scanner.scan(b"", 0, true, &mut pieces);
    assert_eq!(whole.0, pieces.0, "line by line: {shown}");
}

#[test]
fn owners_and_origins() {
    reads_as("a NS b\n NS c.\n\tNS @\r\n@ NS .\n", "a.o NS b.o; a.o NS c; a.o NS o; o NS ");
    reads_as("A\\.b\\065\\000 NS \\@\n", "a\\.ba\\000.o NS @.o");
    reads_as("\"a b\" NS \"c;d\"\n", "a\\032b.o NS c;d.o");
    reads_as(
        "$ORIGIN p.; comment\na NS b\n$origin\tq\na NS b\n$ORIGIN @\n@ NS @",
        "a.p NS b.p; a.q.p NS b.q.p; q.p NS q.p",
    );
    reads_as("\u{feff}a NS b\n", "a.o NS b.o");
    reads_as("\u{feff} NS b\n", "1:5 NoOwner");
    reads_as(" \n\t; nothing\n\n;\n()\n", "");
    reads_as("\\$ORIGIN NS b\n", "$origin.o NS b.o");
    // nothing is guessed after a fault
    reads_as("a NS b\nb..c NS d\n NS e\n", "a.o NS b.o; 2:1 Name; 3:2 NoOwner");
    reads_as("a NS b\nb\"c NS d\n NS e\n", "a.o NS b.o; 2:2 Quote; 3:2 NoOwner");
    reads_as(
        "a NS b\nc NS \"d\n NS e\n \"\n NS f",
        "a.o NS b.o; 2:6 Quote; c.o NS e.o; 4:2 Quote; c.o NS f.o",
    );
    reads_as(
        "$ORIGIN p. q\na NS b.\na. NS b\n$ORIGIN p.\na NS b",
        "1:12 Directive; 2:1 NoOrigin; 3:7 NoOrigin; a.p NS b.p",
    );
    reads_as("$ORIGIN\na NS b.\n", "1:1 Directive; 2:1 NoOrigin");
    reads_as(" $ORIGIN p.\na NS b.\n", "1:2 Directive; 2:1 NoOrigin");
    reads_as("$ORIGIN p\\\na NS b.\n", "1:9 Escape; 2:1 NoOrigin");
    reads_as("$ORIGIN \"p.\na NS b.\n", "1:9 Quote; 2:1 NoOrigin");
}

#[test]
fn heads() {
    reads_as(
        "a 1 IN NS b\na in 1h NS b\na In nS b\na 1W2d NS b\na CLASS1 TYPE2 b\n",
        "a.o NS b.o; ".repeat(5).trim_end_matches("; "),
    );
    reads_as(
        "a IN IN NS b\na 1 1 NS b\na FOO b\na TYPE65536 \\# 0\na \"NS\" b",
        "1:6 Type; 2:5 Type; 3:3 Type; 4:3 Type; 5:3 Type",
    );
    reads_as("a N\\083 b\na \\073N NS b\n", "1:3 Type; 2:3 Type");
    reads_as(
        "a 4294967296 NS b\na 1x NS b\na -1 NS b\n$TTL 1x\n$TTL\n$TTL 1 2\n$TTL 1h ; c\n",
        "1:3 Ttl; 2:3 Ttl; 3:3 Type; 4:6 Ttl; 5:1 Directive; 6:8 Directive",
    );
    reads_as("a ANY x\n", "1:3 Class");
    reads_as(
        "a AXFR x\na OPT x\na TYPE41 \\# 0\na TYPE255 \\# 0\n",
        "1:3 Type; 2:3 Type; 3:3 Type; 4:3 Type",
    );
    // a class holds on
    reads_as(
        "a CH NS b\na NS b\na CLASS3 NS b\na IN NS b\na NS b\n",
        "1:3 Class; 2:3 Class; 3:3 Class; a.o NS b.o; a.o NS b.o",
    );
    reads_as(
        "a\na 1\na IN 1\na NS\na TXT ; x\na APL\n",
        "1:1 NoData; 2:3 NoData; 3:6 NoData; 4:3 NoData; 5:3 NoData; a.o Other",
    );
}

#[test]
fn lines_parentheses_and_quotes() {
    reads_as(
        "a NS ( ; c\n\n  b ; )\n)\nb NS(c)\n( c NS d )\n ( NS\ne)\n",
        "a.o NS b.o; b.o NS c.o; c.o NS d.o; c.o NS e.o",
    );
    reads_as("a NS b)\nc NS d\n", "1:7 Parentheses; c.o NS d.o");
    reads_as("a NS ((b))\nc NS d\n", "1:6 Parentheses; c.o NS d.o");
    reads_as("a NS ( b\nc NS d\ne NS f", "1:6 Parentheses; c.o NS d.o; e.o NS f.o");
    reads_as("a NS ( b\nc NS d\ne NS ( f\n)", "1:6 Parentheses; c.o NS d.o; e.o NS f.o");
    reads_as(
        "a TXT \";\" \"\\\"(\" x\"y\"z\nb TXT \"c\nd TXT \"e\\\nf\" NS g\n",
        "a.o Other; 2:7 Quote; 3:7 Quote; 4:2 Quote",
    );
    reads_as("a TXT ( \"b )\n c )\nd NS e\n", "1:9 Quote; d.o NS e.o");
    reads_as("a TXT ( \"b )\n c\nd NS ( e )\n", "1:9 Quote; 2:2 Type; d.o NS e.o");
    reads_as("a NS b\\\nc NS d\n", "1:6 Escape; c.o NS d.o");
    reads_as("a NS b\\\r\nc NS d\u{b}\n", "1:6 Escape; 2:6 Name");
    reads_as("a NS b c\nd NS e\n", "1:8 Data; d.o NS e.o");
}

#[test]
fn directives() {
    reads_as(
        "$INCLUDE f\n NS g\n$include \"f \\034\\\"\" p\nb NS g",
        "1: include `f`; in.o NS in.o; 2:2 NoOwner; 3: include `f \"\"`; in.p.o NS in.p.o; b.o NS g.o",
    );
    reads_as("a NS b\n$INCLUDE f p. ;\n NS c", "a.o NS b.o; 2: include `f`; in.p NS in.p; a.o NS c.o");
    reads_as(
        "$INCLUDE none\n $INCLUDE f\n$INCLUDE\n$INCLUDE f p q\n$INCLUDE f ..\n$INCLUDE \"f\n",
        "1:1 RefusedInclude (refused); 2:2 Directive (refused); 3:1 Directive (refused); \
         4:14 Directive (refused); 5:12 Name (refused); 6:10 Quote (refused)",
    );
    reads_as(
        "$GENERATE 1-2 a$ A 192.0.2.$\n$generate (\n",
        "1:1 RefusedGenerate (refused); 2:11 Parentheses (refused)",
    );
    reads_as("$DATE 20260101000000\n$FOO\n$\n", "2:1 Directive; 3:1 Directive");
}

#[test]
fn data() {
    reads_as("@ SOA @ a.b. ( 2026053101 1h\n 1m ; x\n 4 5 )\n", "o SOA o a.b 2026053101 3600 60 4 5");
    reads_as("@ TYPE6 \\# 24 016100 00 00000001 00000002 00000003 00000004 00000005\n", "o SOA a  1 2 3 4 5");
    reads_as("@ SOA \\# 23 016100 00 00000001 00000002 00000003 00000004 000005\n", "1:7 Data");
    reads_as(
        "@ SOA a b 1h 1 1 1 1\n@ SOA a b +1 1 1 1 1\n@ SOA a b 1 1 1 1\n@ SOA a b 1 1 1 1 1 1\n@ SOA a",
        "1:11 Data; 2:11 Data; 3:17 Data; 4:21 Data; 5:7 Data",
    );
    reads_as(
        "a A 192.0.2.1\na A 2001:db8::1\na A 192.0.2.1 x\na A 192.0.2\n",
        "a.o Address; 2:5 Data; 3:15 Data; 4:5 Data",
    );
    reads_as("a AAAA 192.0.2.1\na AAAA 2001:db8::1\n", "1:8 Data; a.o Address");
    reads_as(
        "a TYPE1 \\# 4 c0000201\na A \\# 3 c00002\na AAAA \\# 16 20010db8000000000000000000000001\n",
        "a.o Address; 2:5 Data; a.o Address",
    );
    reads_as(
        "a NS \\# 5 03 4E5300 00\na NS \\# 4 03 4E53\na NS \\# 4 034E5300 00\n",
        "a.o NS ns\\000; 2:6 Generic; 3:6 Generic",
    );
    reads_as("a NS \\# 5 024E530000\na NS \\# 1 00\na NS \\# 2 c00c\n", "1:6 Data; a.o NS ; 3:6 Data");
    reads_as(
        "a DS 1 8 2 AA bb\na DS 1 RSASHA256 2 ( aab\nb )\na TYPE43 \\# 5 0001080200\n",
        "a.o Ds; a.o Ds; a.o Ds",
    );
    reads_as("a DS 65536 8 2 aa\na DS 1 256 2 aa\na DS 1 8 256 aa\n", "1:6 Data; 2:8 Data; 3:10 Data");
    reads_as(
        "a DS 1 8 2 aaa\na DS 1 8 2 xx\na DS 1 8 2\na DS \\# 4 00010802\n",
        "1:12 Data; 2:12 Data; 3:10 Data; 4:6 Data",
    );
    reads_as(
        "a TYPE65534 \\# 5 0847ab0000\na TYPE65535 \\# 0\na TXT \"\\#\" x\n",
        "a.o Other; a.o Other; a.o Other",
    );
    reads_as(
        "a TYPE731 x\na TXT \\# 2 00\na TXT \\#\na TXT \\# 1 0g\n",
        "1:11 Generic; 2:7 Generic; 3:7 Generic; 4:7 Generic",
    );
    reads_as(
        "a RRSIG x\na NSEC b ( A\n NS )\na TYPE50 x\n",
        "a.o Signature([120]); a.o Signature([]); a.o Signature([])",
    );
}

/// Two real zones have such a SOA record and no `$ORIGIN`.
#[test]
fn names_in_a_soa_are_relative_to_its_owner() {
    let reads = |text: &str, expected: &str| {
        let mut found = Transcript::default();
        Scanner::new(None).scan(text.as_bytes(), 1, true, &mut found);
        assert_eq!(found.0.join("; "), expected, "{text}");
    };
    reads("ex. 60 IN SOA ns1 host.ex. 1 2 3 4 5\n", "ex SOA ns1.ex host.ex 1 2 3 4 5");
    reads("ex. 60 IN SOA @ a.b 1 2 3 4 5\n", "ex SOA ex a.b.ex 1 2 3 4 5");
    reads(". 60 IN SOA ns1 host 1 2 3 4 5\n", " SOA ns1 host 1 2 3 4 5");
    reads("$ORIGIN o.\na SOA ns1 b. 1 2 3 4 5\n", "a.o SOA ns1.a.o b 1 2 3 4 5");
    // other data is relative to `$ORIGIN`
    reads("ex. 60 IN NS ns1\n", "1:14 NoOrigin");
}

#[test]
fn garbage() {
    reads_as(b"a NS b\n\0\0\0\nc\0 NS d\ne NS f\n", "a.o NS b.o; 2:1 Nul; 3:2 Nul; e.o NS f.o");
    // a character-string may hold any octet, but not hundreds of them
    reads_as(b"a TXT \"b\0\" ; c\nd NS e\n", "a.o Other; d.o NS e.o");
    reads_as([&b"a TXT \"b"[..], &[0; 4096], b"\" c\nd NS e\n"].concat(), "1:9 Nul; d.o NS e.o");
    reads_as(b"a TXT b ; c\0\nd NS e\n", "1:12 Nul; d.o NS e.o");
    reads_as("<!doctype html>\n<html>\n\n", "1:11 Type; 2:1 NoData");
    let long = [vec![b'x'; super::super::ENTRY_BYTES], b"\na NS b\n".to_vec()].concat();
    reads_as(&long, "1:1 TooLong; a.o NS b.o");
    let words = format!("a TXT{}\na NS b\n NS c\n", " x".repeat(1 << 17));
    reads_as(words, "1:262147 TooLong; a.o NS b.o; a.o NS c.o");
}
