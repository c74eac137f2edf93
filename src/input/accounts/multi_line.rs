//! Records that span lines: real ones, and stray quotes that only look like one.
//!
//! Some exports never quote (most TSV, some CSV) and write a user name that begins with `"` as it is. RFC 4180 would
//! read that quote as the start of a field, which swallows all accounts up to the next quote. So a record that
//! continues after a line end inside quotes counts only if all of this is true:
//!
//! * Its quotes are closed, and a field that spans lines ends with its closing quote.
//! * It has as many fields as the header.
//! * Its identifier contains no line end. Its address contains one only if it consists of addresses, as the reader of
//!   addresses understands them: one per line, or with their names.
//! * It has at most [`super::grammar::MAX_LINES`] lines, and no field that spans lines is longer than
//!   [`super::grammar::MAX_MULTI_LINE_FIELD`]. People write long texts about themselves, but not books.
//! * No line of quoted text is a whole record by itself, with the right number of fields and an `@` in place of the
//!   address. Rows with odd addresses are accepted, too, so such a line might be an account. Prose that looks like
//!   one by chance costs its row, which is counted and shown. If the address itself spans lines, the lines inside its
//!   quotes are checked, too.
//!
//! Domains, URLs and reverse-DNS names in the place of addresses never span lines; a word without a blank might be one.

use memchr::{memchr_iter, memchr3};

use super::grammar::{CR, Grammar, LF, QUOTE, RecordShape};
use crate::name::{MailDomain, Mailbox};

/// What the text says about a record whose first line ends inside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordExtent {
    /// A sound record.
    Ends {
        /// Where its line end is.
        end: usize,
        /// How many lines it has.
        lines: usize,
    },
    /// Not a record: only its first line can be taken.
    Faulty,
    /// It takes more text to know.
    Unknown,
}

/// Follows the record that begins at `start`. With `last`, nothing follows the text.
pub(super) fn extent(text: &[u8], start: usize, grammar: &Grammar, last: bool) -> RecordExtent {
    let mut scan =
        Scan { text, grammar, last, start, at: start, line_start: start, lines: 1, field: 0, spanning: None };
    loop {
        match scan.field() {
            Ok(FieldEnd::Field) if grammar.shape.is_some_and(|shape| scan.field + 1 >= shape.width) => {
                return RecordExtent::Faulty;
            }
            Ok(FieldEnd::Field) => scan.field += 1,
            Ok(FieldEnd::CsvRecord(end)) if scan.is_sound(end) => {
                return RecordExtent::Ends { end, lines: scan.lines };
            }
            Ok(FieldEnd::CsvRecord(_)) | Err(Stop::Faulty) => return RecordExtent::Faulty,
            Err(Stop::TextEnds) if last || text.len() - start > grammar.limits.record => {
                return RecordExtent::Faulty;
            }
            Err(Stop::TextEnds) => return RecordExtent::Unknown,
        }
    }
}

/// What ended together with a field.
enum FieldEnd {
    /// Only the field.
    Field,
    /// The record as well, at this place.
    CsvRecord(usize),
}

/// Why a field could not be read to its end.
enum Stop {
    /// It breaks a rule.
    Faulty,
    /// The text ended first.
    TextEnds,
}

struct Scan<'t> {
    text: &'t [u8],
    grammar: &'t Grammar,
    last: bool,
    /// Where the record begins.
    start: usize,
    at: usize,
    line_start: usize,
    lines: usize,
    /// The number of the field that is being read.
    field: usize,
    /// The last field that spans lines.
    spanning: Option<usize>,
}

impl Scan<'_> {
    /// Reads a field to its end.
    fn field(&mut self) -> Result<FieldEnd, Stop> {
        if self.text.get(self.at) == Some(&QUOTE) {
            let open = self.at;
            let spans = self.quoted()?;
            let is_junk = |byte: u8| byte != self.grammar.delimiter && !matches!(byte, CR | LF);
            let is_subject = self.grammar.shape.filter(|shape| shape.subject == self.field);
            let is_faulty = || {
                self.text.get(self.at).is_some_and(|byte| is_junk(*byte))
                    || is_subject.is_some_and(|shape| !shape.may_span(&self.text[open + 1..self.at - 1]))
            };
            if spans && is_faulty() {
                return Err(Stop::Faulty);
            }
        }
        let Some(length) = memchr3(self.grammar.delimiter, CR, LF, &self.text[self.at..]) else {
            return if self.last { Ok(FieldEnd::CsvRecord(self.text.len())) } else { Err(Stop::TextEnds) };
        };
        let found = self.at + length;
        self.at = found + 1;
        Ok(if self.text[found] == self.grammar.delimiter {
            FieldEnd::Field
        } else {
            FieldEnd::CsvRecord(found)
        })
    }

    /// Reads a quoted field up to after its closing quote. Returns whether it spans lines.
    fn quoted(&mut self) -> Result<bool, Stop> {
        let open = self.at;
        self.at += 1;
        let mut spans = false;
        loop {
            let found = memchr3(QUOTE, CR, LF, &self.text[self.at..]).map(|length| self.at + length);
            let is_line_end = found.is_some_and(|found| self.text[found] != QUOTE);
            let length = found.unwrap_or(self.text.len()) - open;
            if (spans || is_line_end) && length > self.grammar.limits.field {
                return Err(Stop::Faulty);
            }
            let found = found.ok_or(Stop::TextEnds)?;
            self.at = found + 1;
            if is_line_end {
                spans = true;
                self.line_end(open, found)?;
                continue;
            }
            match self.text.get(self.at) {
                Some(&QUOTE) => self.at += 1,
                None if !self.last => return Err(Stop::TextEnds),
                _ => return Ok(spans),
            }
        }
    }

    /// Passes a line end at `end`, inside quotes that open at `open`.
    fn line_end(&mut self, open: usize, end: usize) -> Result<(), Stop> {
        let limits = self.grammar.limits;
        self.lines += 1;
        let mut is_faulty = self.lines > limits.lines || end - self.start > limits.record;
        if let Some(shape) = self.grammar.shape {
            let is_whole = || is_whole(&self.text[self.line_start..end], self.grammar.delimiter, shape);
            // on the line where the quote opens, the text before it belongs to this record
            let is_subject = shape.subject == self.field;
            let is_inside = shape.subject > self.field || (is_subject && shape.subject + 1 < shape.width);
            let is_quoted = self.line_start > open || (self.spanning.is_none() && is_inside);
            is_faulty |= shape.id == Some(self.field) || (is_subject && shape.width == 1);
            is_faulty |= is_quoted && is_whole();
        }
        if is_faulty {
            return Err(Stop::Faulty);
        }
        if self.text[end] == CR && self.text.get(self.at) == Some(&LF) {
            self.at += 1;
        }
        self.spanning = Some(self.field);
        self.line_start = self.at;
        Ok(())
    }

    /// Whether the record is sound, now that its end is known.
    fn is_sound(&self, end: usize) -> bool {
        let is_short = end - self.start <= self.grammar.limits.record;
        let Some(shape) = self.grammar.shape else { return is_short };
        let line = &self.text[self.line_start..end];
        // on the line where the quote closes, the text after it belongs to this record
        let is_quoted = self
            .spanning
            .is_some_and(|field| shape.subject < field || (shape.subject == field && shape.subject > 0));
        let hides_record = is_quoted && is_whole(line, self.grammar.delimiter, shape);
        is_short && self.field + 1 == shape.width && !hides_record
    }
}

/// Whether a line is a record by itself if its quotes are taken literally.
fn is_whole(line: &[u8], delimiter: u8, shape: RecordShape) -> bool {
    let is_wide = memchr_iter(delimiter, line).count() + 1 == shape.width;
    is_wide
        && line
            .split(|byte| *byte == delimiter)
            .nth(shape.subject)
            .is_some_and(|field| shape.kind.may_be(field))
}

/// Whether a quoted field consists of sound addresses and nothing else.
pub(super) fn holds_addresses(field: &[u8]) -> bool {
    let Ok(field) = std::str::from_utf8(field) else { return false };
    let found = Mailbox::split_all(&field.replace("\"\"", "\""));
    let is_sound =
        |found: &Mailbox<'_>| found.has_valid_local_part() && MailDomain::normalize(found.domain()).is_ok();
    !found.is_empty() && found.iter().all(|found| found.as_ref().is_ok_and(is_sound))
}

#[cfg(test)]
mod tests {
    use super::super::grammar::RecordLimits;
    use super::super::records::{CsvRecord, CsvRecords};
    use super::*;
    use crate::name::Subject;

    const LIMITS: RecordLimits = RecordLimits { record: 120, lines: 6, field: 60 };

    /// The records of `id,name,email,note`, with `/` for line ends; a faulty record between marks.
    #[track_caller]
    fn reads(text: &str, expected: &[&str]) {
        let shape = RecordShape { width: 4, subject: 2, id: Some(0), kind: Subject::Address };
        let grammar = Grammar { delimiter: b',', shape: Some(shape), limits: LIMITS };
        let shown = |content: std::ops::Range<usize>| text[content].replace('\n', "/");
        let records = CsvRecords::new(text.as_bytes(), grammar, true).map(|record| match record {
            CsvRecord::Sound { content, lines, .. } => {
                let shown = shown(content);
                assert_eq!(lines, shown.matches('/').count() + 1, "{shown}");
                shown
            }
            CsvRecord::Faulty(line) => format!("<{}>", shown(line)),
        });
        assert_eq!(records.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn real_records() {
        reads("1,\"A\nB\",a@x.example,n\n2,", &["1,\"A/B\",a@x.example,n", "2,"]);
        reads("1,A,a@x.example,\"\nB\n\nC\"\n", &["1,A,a@x.example,\"/B//C\""]);
        reads("1,\"A\nB\",a@x.example,\"C\nD\"", &["1,\"A/B\",a@x.example,\"C/D\""]);
        reads("1,\"say \"\"A\"\"\nB\",a@x.example,", &["1,\"say \"\"A\"\"/B\",a@x.example,"]);
        // prose with an address in it, and the record's own address on the line that closes the quote
        reads(
            "1,\"A\nsee, or write to b@x.example, thanks\nC,D\",a@x.example,",
            &["1,\"A/see, or write to b@x.example, thanks/C,D\",a@x.example,"],
        );
    }

    #[test]
    fn stray_quotes() {
        // a line that is a row by itself, however odd its address
        reads(
            "1,\"A,john doe@x.example,\n2,B,＠y.example,\n3,C\",c@z.example,",
            &["<1,\"A,john doe@x.example,>", "2,B,＠y.example,", "3,C\",c@z.example,"],
        );
        // followed by text, or never closed
        reads(
            "1,\"A,a@x.example,\n2,B,b@x.example,\n3,\"C,c@x.example,\n4,D,d@x.example,",
            &["<1,\"A,a@x.example,>", "2,B,b@x.example,", "<3,\"C,c@x.example,>", "4,D,d@x.example,"],
        );
        // accounts whose addresses have names, or fields with several addresses
        for address in ["\u{c4}nne B <b@x.example>", "mailto:b@x.example", "b@x.example c@x.example"] {
            reads(
                &format!("1,\"A,a@x.example,\n2,B,{address},\n3,C\",c@x.example,"),
                &["<1,\"A,a@x.example,>", &format!("2,B,{address},"), "3,C\",c@x.example,"],
            );
        }
        // closed as if it were real, and with the right number of fields, but the lines between are accounts
        reads(
            "1,\"A,a@x.example,\n2,B,b@x.example,\n3,C\",c@x.example,",
            &["<1,\"A,a@x.example,>", "2,B,b@x.example,", "3,C\",c@x.example,"],
        );
        reads("1,\"A,a@x.example,\n3,C\",c@x.example,", &["<1,\"A,a@x.example,>", "3,C\",c@x.example,"]);
        reads("1,A,a@x.example,\"\n3,C,c@x.example,\"", &["<1,A,a@x.example,\">", "<3,C,c@x.example,\">"]);
    }

    #[test]
    fn fields_that_must_not_span_lines() {
        reads("\"1\n2\",A,a@x.example,", &["<\"1>", "2\",A,a@x.example,"]);
        reads("1,A,\"a\n@x.example\",", &["<1,A,\"a>", "@x.example\","]);
        reads("1,A,\"a@x.example\nsee b\",", &["<1,A,\"a@x.example>", "see b\","]);
        reads("1,A,\"\n\",", &["<1,A,\">", "<\",>"]);
    }

    #[test]
    fn addresses_of_several_lines() {
        reads("1,A,\"a@x.example\n\",\n2,", &["1,A,\"a@x.example/\",", "2,"]);
        reads("1,A,\"a@x.example\nb@x.example;\n\",", &["1,A,\"a@x.example/b@x.example;/\","]);
        reads(
            "1,A,\"\"\"C, A\"\" <a@x.example>\nB <b@x.example>\",",
            &["1,A,\"\"\"C, A\"\" <a@x.example>/B <b@x.example>\","],
        );
        // a quote before one address and one after another: two accounts
        reads("1,A,\"a@x.example,\n2,B,b@x.example\",", &["<1,A,\"a@x.example,>", "2,B,b@x.example\","]);
        reads(
            "1,A,\"a@x.example\n2,B,b@x.example,\n3,C,c@x.example\",",
            &["<1,A,\"a@x.example>", "2,B,b@x.example,", "3,C,c@x.example\","],
        );
        let ends = |text: &str, width: usize, subject: usize| {
            let grammar = Grammar {
                delimiter: b',',
                shape: Some(RecordShape { width, subject, id: None, kind: Subject::Address }),
                limits: LIMITS,
            };
            matches!(extent(text.as_bytes(), 0, &grammar, true), RecordExtent::Ends { .. })
        };
        assert!(ends("\"a@x.example\nb@x.example\",1", 2, 0) && ends("1,\"a@x.example\nb@x.example\"", 2, 1));
        assert!(!ends("\"a@x.example,1\nb@x.example\",2", 2, 0));
        assert!(!ends("1,\"a@x.example\n2,b@x.example\"", 2, 1));
        assert!(!ends("\"a@x.example\nb@x.example\"", 1, 0));
    }

    #[test]
    fn widths_and_sizes() {
        reads("1,\"A\nB\",a@x.example", &["<1,\"A>", "B\",a@x.example"]);
        reads("1,\"A\nB\",a@x.example,,", &["<1,\"A>", "B\",a@x.example,,"]);
        reads("1,\"\n\n\n\n\n\",a,", &["1,\"/////\",a,"]);
        reads("1,\"\n\n\n\n\n\n\",a,", &["<1,\">", "", "", "", "", "", "<\",a,>"]);
        let long = "x".repeat(57);
        reads(&format!("1,\"\n{long}\",a,"), &[&format!("1,\"/{long}\",a,")]);
        reads(&format!("1,\"\n{long}xx\",a,"), &["<1,\">", &format!("{long}xx\",a,")]);
        reads(&format!("1,\"{long}xx\n\",a,"), &[&format!("<1,\"{long}xx>"), "<\",a,>"]);
        let longer = "x".repeat(110);
        reads(&format!("1,\"\n\",a,{longer}"), &[&format!("1,\"/\",a,{longer}")]);
        reads(&format!("1,\"\n\",a,{longer}xxx"), &["<1,\">", &format!("<\",a,{longer}xxx>")]);
    }

    #[test]
    fn a_quote_on_every_line_takes_linear_time() {
        let shape = RecordShape { width: 3, subject: 1, id: None, kind: Subject::Address };
        for line in ["x\",\"y\n", "\"\n", "\"", "a,b,\"\n", "\"x\n"] {
            let text = line.repeat(10_000_000 / line.len());
            let grammar = Grammar { delimiter: b',', shape: Some(shape), limits: RecordLimits::ACCOUNTS };
            let lines: usize = CsvRecords::new(text.as_bytes(), grammar, true)
                .map(|record| if let CsvRecord::Sound { lines, .. } = record { lines } else { 1 })
                .sum();
            assert_eq!(lines, text.matches('\n').count().max(1), "{line}");
        }
    }
}
