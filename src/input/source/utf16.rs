//! UTF-16 text, told by its first bytes and handed out as UTF-8.
//!
//! Spreadsheets and Windows tools write UTF-16 as "Unicode text", with a byte order mark or without one. Without a mark
//! it is taken for UTF-16 only where that is certain: the first characters are ASCII, so every other byte is zero, which no
//! other text has. Half a surrogate pair becomes U+FFFD, as the Unicode Standard recommends (section 3.9). Text that ends within
//! a character was cut off, which is an error. Refused is UTF-32, whose zeros stay in the text.

use std::io::{self, BufRead, Read};

use super::packed::UnpackedText;

/// Bytes of text that are looked at.
const LOOK_BYTES: usize = 64;
/// Bytes that must be like UTF-16 if there is no mark.
const SURE_BYTES: usize = 8;
/// Bytes that are decoded at once.
const DECODED_BYTES: usize = 64 << 10;

/// The byte order of UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Utf16 {
    Little,
    Big,
}

impl Utf16 {
    /// Tells UTF-16 by the first bytes of a text.
    pub(super) fn told_by(start: &[u8]) -> Option<Self> {
        match start {
            [0xff, 0xfe, ..] => return Some(Self::Little),
            [0xfe, 0xff, ..] => return Some(Self::Big),
            _ => {}
        }
        let (pairs, _) = start[..start.len().min(SURE_BYTES)].as_chunks::<2>();
        let is_ascii = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if pairs.len() * 2 < SURE_BYTES {
            None
        } else if pairs.iter().all(|[low, high]| is_ascii(*low) && *high == 0) {
            Some(Self::Little)
        } else if pairs.iter().all(|[high, low]| is_ascii(*low) && *high == 0) {
            Some(Self::Big)
        } else {
            None
        }
    }

    fn unit(self, pair: [u8; 2]) -> u16 {
        match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        }
    }
}

/// Unpacked text as UTF-8.
pub(super) struct DecodedText<R> {
    text: UnpackedText<R>,
    encoding: Encoding,
    /// Text that was read and not handed out yet, from `at` on.
    ready: Vec<u8>,
    at: usize,
    /// The error behind that text.
    error: Option<io::Error>,
}

enum Encoding {
    /// Nothing was read yet.
    Unknown,
    /// Text that is handed out as it is.
    Utf8,
    Utf16(Utf16Decoder),
}

impl<R: BufRead> DecodedText<R> {
    pub(super) fn new(text: UnpackedText<R>) -> Self {
        Self { text, encoding: Encoding::Unknown, ready: Vec::new(), at: 0, error: None }
    }

    /// Whether it is packed, once it was read.
    pub(super) fn is_packed(&self) -> bool {
        matches!(self.text, UnpackedText::Gzip(_) | UnpackedText::Zstd(_))
    }

    /// How many bytes of the text handed out so far are known to be right; see [`UnpackedText::proved`]. Of packed UTF-16
    /// nothing is, before its end.
    pub(super) fn proved(&self) -> u64 {
        match &self.encoding {
            Encoding::Utf16(decoder) if !decoder.is_ended && self.text.proved() != u64::MAX => 0,
            Encoding::Utf16(_) => u64::MAX,
            Encoding::Unknown | Encoding::Utf8 => self.text.proved(),
        }
    }

    /// Looks at the first bytes.
    fn look(&mut self) {
        let mut start = [0; LOOK_BYTES];
        let mut filled = 0;
        while filled < LOOK_BYTES && self.error.is_none() {
            match self.text.read(&mut start[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.error = Some(error),
            }
        }
        let start = &start[..filled];
        match Utf16::told_by(start) {
            Some(order) => {
                let mut decoder = Utf16Decoder { order, bytes: start.to_vec(), high: None, is_ended: false };
                decoder.decode(&mut self.ready);
                if self.ready.starts_with("\u{feff}".as_bytes()) {
                    self.at = "\u{feff}".len();
                }
                self.encoding = Encoding::Utf16(decoder);
            }
            None => {
                self.ready.extend_from_slice(start);
                self.encoding = Encoding::Utf8;
            }
        }
    }
}

impl<R: BufRead> Read for DecodedText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.encoding, Encoding::Unknown) {
            self.look();
        }
        loop {
            let mut ready = &self.ready[self.at..];
            if !ready.is_empty() {
                let read = ready.read(buffer)?;
                self.at += read;
                return Ok(read);
            }
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            let Encoding::Utf16(decoder) = &mut self.encoding else { return self.text.read(buffer) };
            if decoder.is_ended {
                return Ok(0);
            }
            self.ready.clear();
            self.at = 0;
            decoder.fill(&mut self.text, &mut self.ready)?;
        }
    }
}

struct Utf16Decoder {
    order: Utf16,
    /// Bytes that are not decoded yet.
    bytes: Vec<u8>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    /// Whether the text ended as it should.
    is_ended: bool,
}

impl Utf16Decoder {
    /// Decodes the next bytes of a text.
    fn fill(&mut self, text: &mut impl Read, out: &mut Vec<u8>) -> io::Result<()> {
        let start = self.bytes.len();
        self.bytes.resize(start + DECODED_BYTES, 0);
        let read = text.read(&mut self.bytes[start..]);
        self.bytes.truncate(start + read.as_ref().map_or(0, |read| *read));
        if read? > 0 {
            self.decode(out);
            return Ok(());
        }
        if !self.bytes.is_empty() {
            let what = "UTF-16 text that ends within a character";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
        }
        if self.high.take().is_some() {
            push(char::REPLACEMENT_CHARACTER, out);
        }
        self.is_ended = true;
        Ok(())
    }

    /// Decodes whole characters, and keeps the rest.
    fn decode(&mut self, out: &mut Vec<u8>) {
        let (pairs, rest) = self.bytes.as_chunks::<2>();
        let rest = rest.to_vec();
        let units = pairs.iter().map(|pair| self.order.unit(*pair));
        let mut units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
        self.high = units.pop_if(|last| (0xd800..0xdc00).contains(last));
        let decoded = char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER));
        decoded.for_each(|character| push(character, out));
        self.bytes = rest;
    }
}

fn push(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::packed::Compression;
    use super::*;

    fn encoded(text: &str, order: Utf16) -> Vec<u8> {
        let bytes = |unit: u16| match order {
            Utf16::Little => unit.to_le_bytes(),
            Utf16::Big => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    /// Gives a few bytes at a time.
    struct Slowly<'t>(&'t [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    #[track_caller]
    fn reads(bytes: &[u8], expected: &str) {
        let mut text = DecodedText::new(UnpackedText::new(Compression::Plain, bytes));
        let mut read = String::new();
        let outcome = text.read_to_string(&mut read).map(|_| read).unwrap_or_else(|error| error.to_string());
        assert_eq!(outcome, expected, "{bytes:x?}");
    }

    #[test]
    fn utf16_is_read_as_utf8() {
        let text = "\u{feff}id\temail\n1\tjürgen@bücher.example\n2\t𝒜@example.com\n";
        for order in [Utf16::Little, Utf16::Big] {
            reads(&encoded(text, order), text.trim_start_matches('\u{feff}'));
            reads(&encoded(&text[3..], order), &text[3..]);
            let all = encoded(&text.repeat(500), order);
            for step in [333, 4096] {
                let mut decoder = Utf16Decoder { order, bytes: Vec::new(), high: None, is_ended: false };
                let (mut slow, mut out) = (Slowly(&all, step), Vec::new());
                while !decoder.is_ended {
                    decoder.fill(&mut slow, &mut out).expect("whole characters");
                }
                assert!(out == text.repeat(500).as_bytes(), "{order:?}, {step} bytes at a time");
            }
            let cut = encoded(text, order);
            reads(&cut[..cut.len() - 1], "UTF-16 text that ends within a character");
            reads(&[encoded("\u{feff}a", order), encoded("𝒜", order)[..2].to_vec()].concat(), "a\u{fffd}");
        }
        reads(b"", "");
        reads(b"a", "a");
        reads(b"id,email\n", "id,email\n");
        reads(b"a\0b\0", "a\0b\0");
    }
}
