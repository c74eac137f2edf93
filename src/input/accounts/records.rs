//! Where the records of a CSV text end, and what their fields are.
//!
//! One state machine serves the cutter and the parser, so that they cannot disagree. It sees records as
//! the `csv` crate does by default: a quote is special only at the beginning of a field, `""` inside
//! quotes is a quote, whatever follows a closing quote is taken literally, and LF, CR or CRLF end a
//! record. Tests hold it to that crate, which itself cannot tell where in the text a record was.
//!
//! **Faulty records.** A quote that is opened and not closed would swallow the rest of the file. So a
//! record that is longer than a bound, or still inside quotes at the end of the text, is faulty: its
//! first line is taken for all of it, and reading goes on with the next line. A record is cut off only
//! at a line end inside quotes, hence a parser that sees no more than a piece of the text which ends
//! where *some* record ends comes to the same records: one that was faulty for its length in the whole
//! text is faulty in the piece for its length or because the piece ends inside quotes.
//!
//! **Cost.** Reading on at the next line means scanning the same bytes again, at worst for every line
//! (``x","y`` repeated opens a quote in each). But a scan that is inside quotes at a line end does from
//! there on what every other such scan does; so what the scan of the last faulty record found is kept,
//! and the next ones continue where it stopped. Each byte is looked at a fixed number of times, so the
//! worst file takes time in proportion to its size (that one, a fault every six bytes: 70 MB/s).

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

/// The longest record in bytes: no account takes a megabyte, an unclosed quote takes everything.
pub const MAX_RECORD: usize = 1 << 20;

const QUOTE: u8 = b'"';
const CR: u8 = b'\r';
const LF: u8 = b'\n';

/// A record, as ranges of the text without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A sound one; a blank line is an empty one.
    Sound {
        /// The whole of it.
        content: Range<usize>,
        /// Whether there is a quote in it.
        quotes: bool,
    },
    /// A faulty one, taken to be this line.
    Faulty(Range<usize>),
}

/// The records of a text that begins where a record begins.
#[derive(Debug)]
pub struct Records<'t> {
    text: &'t [u8],
    delimiter: u8,
    max_record: usize,
    last: bool,
    at: usize,
    /// Where the scan of the last faulty record stopped, and whether inside quotes. Between that
    /// record's beginning and there, it was inside quotes at every line end.
    stopped: Option<(usize, bool)>,
}

impl<'t> Records<'t> {
    /// With `last`, nothing follows the text; otherwise records that what follows could change are left.
    pub fn new(text: &'t [u8], delimiter: u8, max_record: usize, last: bool) -> Self {
        Self { text, delimiter, max_record, last, at: 0, stopped: None }
    }

    /// Goes to a place where a record begins.
    pub fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Where the next record begins.
    pub fn at(&self) -> usize {
        self.at
    }

    fn sound(&mut self, end: usize, quotes: bool) -> Option<Record> {
        let content = self.at..end;
        self.at = self.after_line_end(end)?;
        Some(Record::Sound { content, quotes })
    }

    fn faulty(&mut self, scan: &Scan) -> Option<Record> {
        self.stopped = Some((scan.at, scan.quoted));
        let line = self.at..self.line_end()?;
        self.at = self.after_line_end(line.end)?;
        Some(Record::Faulty(line))
    }

    /// The end of the line that begins here; `None` if it is not known yet.
    fn line_end(&self) -> Option<usize> {
        match memchr2(CR, LF, &self.text[self.at..]) {
            Some(length) => Some(self.at + length),
            None => self.last.then_some(self.text.len()),
        }
    }

    /// What follows a line end; `None` if it is a CR that may be half a CRLF.
    fn after_line_end(&self, end: usize) -> Option<usize> {
        match (self.text.get(end), self.text.get(end + 1)) {
            (None, _) => Some(end),
            (Some(&CR), Some(&LF)) => Some(end + 2),
            (Some(&CR), None) if !self.last => None,
            _ => Some(end + 1),
        }
    }

    /// Continues the scan of the last faulty record, if this one meets it. Gives the end if it finds it.
    fn follow(&self, scan: &mut Scan, limit: usize) -> Option<usize> {
        let (stopped, quoted) = self.stopped.filter(|(stopped, _)| self.at < *stopped)?;
        let line_end = self.line_end().filter(|end| *end < stopped.min(limit))?;
        let end = scan.run(self.text, self.delimiter, line_end + 1);
        if end.is_none() && scan.at <= stopped {
            (scan.at, scan.quoted) = (stopped, quoted);
        }
        end
    }
}

impl Iterator for Records<'_> {
    type Item = Record;

    /// The next record; `None` at the end of the text, or where it takes more of it to tell.
    fn next(&mut self) -> Option<Record> {
        if self.at >= self.text.len() {
            return None;
        }
        let bound = self.at.saturating_add(self.max_record).saturating_add(1);
        let limit = bound.min(self.text.len());
        let mut scan = Scan { start: self.at, at: self.at, quoted: false, quotes: false };
        let end = self.follow(&mut scan, limit).or_else(|| scan.run(self.text, self.delimiter, limit));
        match end {
            Some(end) => self.sound(end, scan.quotes),
            None if limit == bound => self.faulty(&scan),
            None if !self.last => None,
            None if scan.quoted => self.faulty(&scan),
            None => self.sound(limit, scan.quotes),
        }
    }
}

/// The state machine: outside quotes it looks for line ends, inside only for quotes.
struct Scan {
    /// Where the record begins.
    start: usize,
    at: usize,
    quoted: bool,
    quotes: bool,
}

impl Scan {
    /// Runs to the end of the record, and gives it, or to the limit.
    fn run(&mut self, text: &[u8], delimiter: u8, limit: usize) -> Option<usize> {
        while self.at < limit {
            let rest = &text[self.at..limit];
            let found = if self.quoted { memchr(QUOTE, rest) } else { memchr3(QUOTE, CR, LF, rest) };
            let Some(length) = found else {
                self.at = limit;
                return None;
            };
            let at = self.at + length;
            self.at = at + 1;
            if text[at] != QUOTE {
                return Some(at);
            }
            if !self.quoted {
                self.quotes = true;
                // outside quotes, a delimiter before it is a real one
                self.quoted = at == self.start || text[at - 1] == delimiter;
            } else if text.get(at + 1) == Some(&QUOTE) {
                self.at = at + 2;
            } else {
                self.quoted = false;
            }
        }
        None
    }
}

/// The fields of a record without quotes, as ranges of the text.
pub fn split_plain(text: &[u8], content: Range<usize>, delimiter: u8, fields: &mut Vec<Range<usize>>) {
    fields.clear();
    let mut start = content.start;
    for length in memchr::memchr_iter(delimiter, &text[content.clone()]) {
        fields.push(start..content.start + length);
        start = content.start + length + 1;
    }
    fields.push(start..content.end);
}

/// The fields of a record with quotes, as ranges of `unquoted`, which is filled with what they say. A
/// field whose quote is not closed is left out.
pub fn split_quoted(record: &[u8], delimiter: u8, unquoted: &mut Vec<u8>, fields: &mut Vec<Range<usize>>) {
    fields.clear();
    unquoted.clear();
    let mut rest = record;
    loop {
        let start = unquoted.len();
        if let Some(mut inside) = rest.strip_prefix(&[QUOTE]) {
            loop {
                let Some(length) = memchr(QUOTE, inside) else { return };
                unquoted.extend_from_slice(&inside[..length]);
                inside = &inside[length + 1..];
                match inside.strip_prefix(&[QUOTE]) {
                    Some(after) => inside = after,
                    None => break,
                }
                unquoted.push(QUOTE);
            }
            rest = inside;
        }
        let length = memchr(delimiter, rest).unwrap_or(rest.len());
        unquoted.extend_from_slice(&rest[..length]);
        fields.push(start..unquoted.len());
        match rest.get(length + 1..) {
            Some(after) => rest = after,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All records in fields; a faulty one as its line between marks.
    fn split(text: &[u8], max_record: usize) -> Vec<Vec<String>> {
        let (mut fields, mut unquoted) = (Vec::new(), Vec::new());
        let show = |text: &[u8], fields: &[Range<usize>]| {
            fields.iter().map(|field| String::from_utf8_lossy(&text[field.clone()]).into_owned()).collect()
        };
        let mut all = Vec::new();
        for record in Records::new(text, b',', max_record, true) {
            all.push(match record {
                Record::Sound { content, quotes: false } => {
                    split_plain(text, content, b',', &mut fields);
                    show(text, &fields)
                }
                Record::Sound { content, quotes: true } => {
                    split_quoted(&text[content], b',', &mut unquoted, &mut fields);
                    show(&unquoted, &fields)
                }
                Record::Faulty(line) => vec![format!("<{}>", String::from_utf8_lossy(&text[line]))],
            });
        }
        all
    }

    #[track_caller]
    fn splits(text: &str, expected: &str) {
        let records: Vec<String> = split(text.as_bytes(), 20).iter().map(|fields| fields.join("|")).collect();
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

    #[test]
    fn a_quote_opened_on_every_line_takes_linear_time() {
        let text = "x\",\"y\n".repeat(400_000);
        let records = Records::new(text.as_bytes(), b',', MAX_RECORD, true);
        assert_eq!(records.filter(|record| matches!(record, Record::Faulty(_))).count(), 400_000);
    }

    /// The definition, with no memory of other records: byte by byte, by the csv crate's table of states.
    fn end_by_definition(text: &[u8], start: usize) -> Option<usize> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            StartField,
            Field,
            Quoted,
            QuoteInQuoted,
        }
        let mut state = State::StartField;
        for (at, byte) in text.iter().enumerate().skip(start) {
            state = match (state, *byte) {
                (State::Quoted, b'"') => State::QuoteInQuoted,
                (State::Quoted, _) | (State::StartField | State::QuoteInQuoted, b'"') => State::Quoted,
                (_, b'\r' | b'\n') => return Some(at),
                (_, b',') => State::StartField,
                _ => State::Field,
            };
        }
        (state != State::Quoted).then_some(text.len())
    }

    fn records_by_definition(text: &[u8], max_record: usize) -> Vec<(bool, Range<usize>)> {
        let (mut records, mut start) = (Vec::new(), 0);
        while start < text.len() {
            let sound = end_by_definition(text, start).filter(|end| end - start <= max_record);
            let line = || text[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let end = sound.unwrap_or_else(|| line().map_or(text.len(), |length| start + length));
            records.push((sound.is_some(), start..end));
            start = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        }
        records
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn memory_of_faulty_records_changes_nothing(text in "[ab,\"\"\r\n\n]{0,80}", max_record in 0usize..30) {
            let ours = Records::new(text.as_bytes(), b',', max_record, true).map(|record| match record {
                Record::Sound { content, .. } => (true, content),
                Record::Faulty(line) => (false, line),
            });
            prop_assert_eq!(ours.collect::<Vec<_>>(), records_by_definition(text.as_bytes(), max_record));
        }

        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\"\r\n\n]{0,60}") {
            let mut ours = Vec::new();
            let mut faulty = false;
            let records = Records::new(text.as_bytes(), b',', MAX_RECORD, true);
            for (record, fields) in records.zip(split(text.as_bytes(), MAX_RECORD)) {
                match record {
                    Record::Sound { content, .. } if content.is_empty() => {}
                    Record::Sound { .. } => ours.push(fields),
                    // here we differ on purpose
                    Record::Faulty(_) => {
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
