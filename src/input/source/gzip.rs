//! Gzip: the text of all members (RFC 1952, section 2.2).

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// Reads one member after another as one text.
pub(super) struct Members<'a, R> {
    state: Option<Member<'a, R>>,
}

impl<'a, R: BufRead> Members<'a, R> {
    pub(super) fn new(packed: &'a mut R) -> Self {
        Self { state: Some(Member::Before { packed, first: true }) }
    }
}

enum Member<'a, R> {
    Before { packed: &'a mut R, first: bool },
    Inside(Box<GzDecoder<&'a mut R>>),
}

impl<R: BufRead> Read for Members<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state.take() {
                None => return Ok(0),
                Some(Member::Before { packed, first }) => match packed.fill_buf()?.first() {
                    None if first => {
                        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "empty gzip file"));
                    }
                    None => return Ok(0),
                    Some(0) if !first => return skip_padding(packed),
                    Some(_) => self.state = Some(Member::Inside(Box::new(GzDecoder::new(packed)))),
                },
                Some(Member::Inside(mut decoder)) => {
                    let read = decoder.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        self.state = Some(Member::Inside(decoder));
                        return Ok(read);
                    }
                    self.state = Some(Member::Before { packed: decoder.into_inner(), first: false });
                }
            }
        }
    }
}

/// Zeros up to the end of the file are padding, as GNU gzip has it; anything after them is not.
fn skip_padding(packed: &mut impl BufRead) -> io::Result<usize> {
    loop {
        let bytes = packed.fill_buf()?;
        if bytes.is_empty() {
            return Ok(0);
        }
        if bytes.iter().any(|byte| *byte != 0) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "garbage after the last gzip member"));
        }
        let length = bytes.len();
        packed.consume(length);
    }
}
