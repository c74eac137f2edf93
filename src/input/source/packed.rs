//! Packed text: all members of a gzip file (RFC 1952, section 2.2) or all frames of a Zstandard one (RFC 8878,
//! section 3) as one text.
//!
//! What a member holds is known to be right when its end was reached, for there stands its checksum. Text is
//! given before, as it comes; how much of it is proved is told beside.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

use super::pump::Text;

/// Unpacks one member, or frame.
pub(super) trait Member<R>: Read + Sized {
    /// What a file without any is called.
    const EMPTY: &'static str;
    /// Whether zeros may follow the last one.
    const IS_PADDED: bool;

    fn begin(packed: R) -> io::Result<Self>;
    fn into_packed(self) -> R;
}

impl<R: BufRead> Member<R> for GzDecoder<R> {
    const EMPTY: &'static str = "empty gzip file";
    const IS_PADDED: bool = true;

    fn begin(packed: R) -> io::Result<Self> {
        Ok(Self::new(packed))
    }

    fn into_packed(self) -> R {
        self.into_inner()
    }
}

type ZstdDecoder<R> = zstd::stream::read::Decoder<'static, R>;

impl<R: BufRead> Member<R> for ZstdDecoder<R> {
    const EMPTY: &'static str = "empty zstd file";
    const IS_PADDED: bool = false;

    fn begin(packed: R) -> io::Result<Self> {
        Ok(Self::with_buffer(packed)?.single_frame())
    }

    fn into_packed(self) -> R {
        self.finish()
    }
}

/// Reads one member after another as one text.
pub(super) struct Members<R, M> {
    state: Option<State<R, M>>,
    /// Bytes of text given so far, and up to the end of the last whole member.
    given: u64,
    proved: u64,
    /// Text just unpacked; see [`HOT_BYTES`].
    hot: Vec<u8>,
}

/// Bytes unpacked at once for [`Text`]. The buffers of chunks come back from other processors, whose caches hold them.
/// Unpacking writes and reads again in small steps, so it is twice as fast in memory that stays in this one's cache; one
/// copy from there costs little.
const HOT_BYTES: usize = 128 << 10;

enum State<R, M> {
    Before { packed: R, is_first: bool },
    Inside(Box<M>),
}

impl<R: BufRead> Members<R, GzDecoder<R>> {
    pub(super) fn gzip(packed: R) -> Self {
        Self::new(packed)
    }
}

impl<R: BufRead> Members<R, ZstdDecoder<R>> {
    pub(super) fn zstd(packed: R) -> Self {
        Self::new(packed)
    }
}

impl<R: BufRead, M: Member<R>> Members<R, M> {
    fn new(packed: R) -> Self {
        Self { state: Some(State::Before { packed, is_first: true }), given: 0, proved: 0, hot: Vec::new() }
    }
}

impl<R: BufRead, M: Member<R>> Read for Members<R, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state.take() {
                None => return Ok(0),
                Some(State::Before { mut packed, is_first }) => match packed.fill_buf()?.first() {
                    None if is_first => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, M::EMPTY)),
                    None => return Ok(0),
                    Some(0) if M::IS_PADDED && !is_first => return skip_padding(&mut packed),
                    Some(_) => self.state = Some(State::Inside(Box::new(M::begin(packed)?))),
                },
                Some(State::Inside(mut member)) => {
                    let read = match member.read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                            self.state = Some(State::Inside(member));
                            return Err(error);
                        }
                        other => other?,
                    };
                    if read > 0 || buffer.is_empty() {
                        self.given += read as u64;
                        self.state = Some(State::Inside(member));
                        return Ok(read);
                    }
                    self.proved = self.given;
                    self.state = Some(State::Before { packed: member.into_packed(), is_first: false });
                }
            }
        }
    }
}

impl<R: BufRead, M: Member<R>> Text for Members<R, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut hot = std::mem::take(&mut self.hot);
        hot.resize(HOT_BYTES, 0);
        let most = buffer.len().min(HOT_BYTES);
        let read = Read::read(self, &mut hot[..most]);
        if let Ok(read) = read {
            buffer[..read].copy_from_slice(&hot[..read]);
        }
        self.hot = hot;
        read
    }

    fn proved(&self) -> u64 {
        self.proved
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
