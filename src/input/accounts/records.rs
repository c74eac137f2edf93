//! Where the records of a CSV text end.
//!
//! The cutter and the parser share one state machine, so they cannot disagree. It reads records as the `csv` crate
//! does by default: a quote is special only at the beginning of a field; `""` inside quotes is a quote; text after a
//! closing quote is taken literally; LF, CR or CRLF ends a record. Tests compare it with that crate, which cannot
//! itself tell where in the text a record was.
//!
//! **Faulty records.** Exports that never quote write stray quotes. Such a quote would swallow the lines up to the
//! next one. So a record that spans lines must meet the rules of [`super::multi_line`]. If it does not, its first
//! line is a faulty record, and reading continues with the next line. The same is true of a line longer than
//! [`super::grammar::MAX_RECORD`].
//!
//! **Pieces.** Whether a record that spans lines is sound depends on its own bytes alone. So a parser that gets a
//! piece of the text, cut where *some* record ends, finds the same records. A record that is faulty in the whole text
//! is faulty in the piece for the same reason, or because the piece ends inside quotes.
//!
//! **Cost.** Continuing with the next line means reading the same bytes again. That happens at most once for each of
//! the [`super::grammar::MAX_LINES`] lines of a record, so the time is proportional to the text.

use std::ops::Range;

use memchr::memchr3;

use super::grammar::{CR, Grammar, LF, QUOTE};
use super::multi_line::{self, RecordExtent};

/// A record, as ranges of the text without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CsvRecord {
    /// A sound record. A blank line is an empty one.
    Sound {
        /// The whole of it.
        content: Range<usize>,
        /// Whether there is a quote in it.
        quotes: bool,
        /// How many lines it has.
        lines: usize,
    },
    /// A faulty record, which is this line.
    Faulty(Range<usize>),
}

/// The records of a text. The text must begin where a record begins.
#[derive(Debug)]
pub(crate) struct CsvRecords<'t> {
    text: &'t [u8],
    grammar: Grammar,
    last: bool,
    at: usize,
}

/// The first line of a record.
struct FirstLine {
    end: usize,
    quotes: bool,
    /// Whether the line ends inside quotes, so that the record continues.
    open: bool,
}

impl<'t> CsvRecords<'t> {
    /// With `last`, nothing follows the text. Otherwise records that later text could change are left out.
    pub(crate) fn new(text: &'t [u8], grammar: Grammar, last: bool) -> Self {
        Self { text, grammar, last, at: 0 }
    }

    /// Goes to a place where a record begins.
    pub(crate) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the next record begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    fn sound(&mut self, end: usize, quotes: bool, lines: usize) -> Option<CsvRecord> {
        let content = self.at..end;
        self.at = self.after_line_end(end)?;
        Some(CsvRecord::Sound { content, quotes, lines })
    }

    fn faulty(&mut self, end: usize) -> Option<CsvRecord> {
        let line = self.at..end;
        self.at = self.after_line_end(end)?;
        Some(CsvRecord::Faulty(line))
    }

    /// The place after a line end; `None` if it is a CR that may be half of a CRLF.
    fn after_line_end(&self, end: usize) -> Option<usize> {
        match (self.text.get(end), self.text.get(end + 1)) {
            (None, _) => Some(end),
            (Some(&CR), Some(&LF)) => Some(end + 2),
            (Some(&CR), None) if !self.last => None,
            _ => Some(end + 1),
        }
    }

    /// The first line of the record that begins here; `None` if its end is not known yet.
    fn first_line(&self) -> Option<FirstLine> {
        let (text, start) = (self.text, self.at);
        let (mut at, mut open, mut quotes) = (start, false, false);
        while let Some(length) = memchr3(QUOTE, CR, LF, &text[at..]) {
            let found = at + length;
            if text[found] != QUOTE {
                return Some(FirstLine { end: found, quotes, open });
            }
            at = found + 1;
            quotes = true;
            if !open {
                // outside quotes, a delimiter before the quote is a real one
                open = found == start || text[found - 1] == self.grammar.delimiter;
            } else if text.get(at) == Some(&QUOTE) {
                at += 1;
            } else {
                open = false;
            }
        }
        self.last.then_some(FirstLine { end: text.len(), quotes, open })
    }
}

impl Iterator for CsvRecords<'_> {
    type Item = CsvRecord;

    /// The next record; `None` at the end of the text, or if it takes more of the text to know.
    fn next(&mut self) -> Option<CsvRecord> {
        if self.at >= self.text.len() {
            return None;
        }
        let line = self.first_line()?;
        if line.end - self.at > self.grammar.limits.record {
            return self.faulty(line.end);
        }
        if !line.open {
            return self.sound(line.end, line.quotes, 1);
        }
        match multi_line::extent(self.text, self.at, &self.grammar, self.last) {
            RecordExtent::Ends { end, lines } => self.sound(end, true, lines),
            RecordExtent::Faulty => self.faulty(line.end),
            RecordExtent::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fields::{split_plain, split_quoted};
    use super::super::grammar::{MAX_LINES, MAX_MULTI_LINE_FIELD, MAX_RECORD, RecordLimits, RecordShape};
    use super::*;
    use crate::name::Subject;

    fn grammar(record: usize, lines: usize, field: usize) -> Grammar {
        Grammar { delimiter: b',', shape: None, limits: RecordLimits { record, lines, field } }
    }

    /// All records as fields; a faulty record as its line between marks.
    fn split(text: &[u8], grammar: Grammar) -> Vec<Vec<String>> {
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        let show = |text: &[u8], fields: &[Range<usize>]| {
            fields.iter().map(|field| String::from_utf8_lossy(&text[field.clone()]).into_owned()).collect()
        };
        let mut all = Vec::new();
        for record in CsvRecords::new(text, grammar, true) {
            all.push(match record {
                CsvRecord::Sound { content, quotes: false, .. } => {
                    split_plain(text, content, b',', &mut fields);
                    show(text, &fields)
                }
                CsvRecord::Sound { content, quotes: true, .. } => {
                    split_quoted(&text[content], b',', &mut unquoted, &mut fields);
                    show(&unquoted, &fields)
                }
                CsvRecord::Faulty(line) => vec![format!("<{}>", String::from_utf8_lossy(&text[line]))],
            });
        }
        all
    }

    #[track_caller]
    fn splits(text: &str, expected: &str) {
        let records: Vec<String> =
            split(text.as_bytes(), grammar(20, 9, 20)).iter().map(|fields| fields.join("|")).collect();
        assert_eq!(records.join("; ").replace('\n', "LF"), expected);
    }

    #[test]
    fn records_and_fields() {
        splits("a,b\nc,d\r\ne,f\rg,h", "a|b; c|d; e|f; g|h");
        splits("a,\n,b\n,\n", "a|; |b; |");
        splits("\n\r\n\r\r\na", "; ; ; ; a");
        splits("\"a,\nb\",c\n", "a,LFb|c");
        splits("\"a \"\"b\"\"\",\"\"\nc", "a \"b\"|; c");
        splits("a\"b,c\"\nd", "a\"b|c\"; d");
        splits("\"a\"b\",c\n", "ab\"|c");
        splits("a, \"b,c\"\n", "a| \"b|c\"");
    }

    #[test]
    fn a_faulty_record_costs_one_line() {
        splits("a,b\nc,\"d\ne,f\ng,h\n", "a|b; <c,\"d>; e|f; g|h");
        splits("c,\"d", "<c,\"d>");
        splits("\"a\nb\r\nc\n", "<\"a>; b; c");
        splits("0123456789012345678901234,x\na\n", "<0123456789012345678901234,x>; a");
        splits("\"a\n456789012345678901234\"\nb,c\n", "<\"a>; <456789012345678901234\">; b|c");
        splits(
            "01234567890123456789\n\"2345678901234567\n9\"\na",
            "01234567890123456789; 2345678901234567LF9; a",
        );
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum CsvState {
        StartField,
        Field,
        Quoted,
        QuoteInQuoted,
    }

    /// The rules written without regard to speed: byte by byte, with the states of the `csv` crate, judged at the
    /// end.
    fn end_by_definition(text: &[u8], start: usize, grammar: &Grammar) -> Option<usize> {
        let (mut state, mut fields, mut open) = (CsvState::StartField, 1, start);
        let (mut line_starts, mut spanning, mut junk) = (vec![start], Vec::new(), false);
        let (mut end, mut long, mut hidden, mut prose) = (text.len(), false, false, false);
        let Grammar { delimiter, shape, limits } = *grammar;
        let is_whole = |line: &[u8]| {
            shape.is_some_and(|shape| {
                let fields: Vec<&[u8]> = line.split(|byte| *byte == delimiter).collect();
                fields.len() == shape.width && shape.kind.may_be(fields[shape.subject])
            })
        };
        for (at, byte) in text.iter().enumerate().skip(start) {
            let spans = spanning.last() == Some(&(fields - 1));
            if matches!(byte, b'\r' | b'\n') && state != CsvState::Quoted {
                end = at;
                break;
            }
            let is_line_end = *byte == b'\n' || (*byte == b'\r' && text.get(at + 1) != Some(&b'\n'));
            if state == CsvState::Quoted && is_line_end {
                let line_start = *line_starts.last()?;
                let line_end = if at > 0 && *byte == b'\n' && text[at - 1] == b'\r' { at - 1 } else { at };
                let email_is_quoted = shape.is_some_and(|shape| {
                    shape.subject >= fields || (shape.subject == fields - 1 && fields < shape.width)
                });
                let is_quoted = line_start > open || (spanning.is_empty() && email_is_quoted);
                hidden |= is_quoted && is_whole(&text[line_start..line_end]);
                spanning.push(fields - 1);
                line_starts.push(at + 1);
            }
            let next = match (state, *byte) {
                (CsvState::Quoted, b'"') => CsvState::QuoteInQuoted,
                (CsvState::StartField, b'"') => {
                    open = at;
                    CsvState::Quoted
                }
                (CsvState::Quoted, _) | (CsvState::QuoteInQuoted, b'"') => CsvState::Quoted,
                (_, byte) if byte == delimiter => {
                    fields += 1;
                    CsvState::StartField
                }
                _ => CsvState::Field,
            };
            junk |= spans && state == CsvState::QuoteInQuoted && next == CsvState::Field;
            let closes = state == CsvState::QuoteInQuoted && next != CsvState::Quoted;
            let is_subject = shape.is_some_and(|shape| spanning.last() == Some(&shape.subject));
            prose |= spans && closes && is_subject && !multi_line::holds_addresses(&text[open + 1..at - 1]);
            let spans = spanning.last() == Some(&(fields - 1));
            long |= spans && state == CsvState::Quoted && at - open > limits.field;
            state = next;
        }
        if line_starts.len() == 1 {
            return (state != CsvState::Quoted && end - start <= limits.record).then_some(end);
        }
        let ends_with_email = shape.is_some_and(|shape| shape.subject == fields - 1);
        if state == CsvState::QuoteInQuoted && ends_with_email && spanning.last() == Some(&(fields - 1)) {
            prose |= !multi_line::holds_addresses(&text[open + 1..end - 1]);
        }
        let last_line = &text[*line_starts.last()?..end];
        let is_email_before = shape.is_some_and(|shape| {
            let last = spanning.last().copied();
            last.is_some_and(|last| shape.subject < last || (shape.subject == last && last > 0))
        });
        hidden |= is_email_before && is_whole(last_line);
        let is_misfit = shape.is_some_and(|shape| {
            let must_not_span =
                |field: usize| shape.id == Some(field) || (shape.subject == field && shape.width == 1);
            fields != shape.width || spanning.iter().any(|field| must_not_span(*field))
        });
        let is_large = long || line_starts.len() > limits.lines || end - start > limits.record;
        let is_faulty = state == CsvState::Quoted || junk || hidden || prose || is_misfit || is_large;
        (!is_faulty).then_some(end)
    }

    fn records_by_definition(text: &[u8], grammar: &Grammar) -> Vec<(bool, Range<usize>)> {
        let (mut records, mut start) = (Vec::new(), 0);
        while start < text.len() {
            let sound = end_by_definition(text, start, grammar);
            let line = || text[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let end = sound.unwrap_or_else(|| line().map_or(text.len(), |length| start + length));
            records.push((sound.is_some(), start..end));
            start = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        }
        records
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6000))]

        #[test]
        fn records_are_those_of_the_definition(
            text in "[a@@,,\"\"\r\n\n]{0,80}",
            (record, lines, field) in (0usize..60, 1usize..6, 0usize..30),
            shape in proptest::option::of((1usize..4, 0usize..4, proptest::option::of(0usize..4))),
        ) {
            let shape = shape.map(|(width, email, id)| RecordShape { width, subject: email % width, id, kind: Subject::Address });
            let grammar = Grammar { shape, ..grammar(record, lines, field) };
            let ours = CsvRecords::new(text.as_bytes(), grammar, true).map(|record| match record {
                CsvRecord::Sound { content, .. } => (true, content),
                CsvRecord::Faulty(line) => (false, line),
            });
            prop_assert_eq!(ours.collect::<Vec<_>>(), records_by_definition(text.as_bytes(), &grammar));
        }

        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\"\r\n\n]{0,60}") {
            let mut ours = Vec::new();
            let mut faulty = false;
            let grammar = grammar(MAX_RECORD, MAX_LINES, MAX_MULTI_LINE_FIELD);
            let records = CsvRecords::new(text.as_bytes(), grammar, true);
            for (record, fields) in records.zip(split(text.as_bytes(), grammar)) {
                match record {
                    CsvRecord::Sound { content, .. } if content.is_empty() => {}
                    CsvRecord::Sound { .. } => ours.push(fields),
                    // here the two differ on purpose
                    CsvRecord::Faulty(_) => {
                        faulty = true;
                        break;
                    }
                }
            }
            let mut reader = ::csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).flexible(true).from_reader(text.as_bytes());
            let mut peer = Vec::new();
            for record in reader.byte_records() {
                let record = record.expect("in memory");
                let fields = record.iter().map(|field| String::from_utf8_lossy(field).into_owned());
                peer.push(fields.collect::<Vec<_>>());
            }
            if faulty {
                prop_assert!(peer.len() > ours.len());
                peer.truncate(ours.len());
            }
            prop_assert_eq!(ours, peer);
        }
    }
}
