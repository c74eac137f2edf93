//! How files are packed, and the text in them.
//!
//! The first bytes tell how a file is packed, whatever its name: exports are renamed, and servers pack or unpack on the
//! way. The name decides only where the bytes do not, in a file that is empty, breaks off within its mark, or starts
//! like neither text nor a packed file: then it is read as the name says, and fails as such a file does.
//!
//! All members of a gzip file (RFC 1952, section 2.2), or all frames of a Zstandard file (RFC 8878, section 3), are one
//! text. A member ends with a checksum, so its text is known to be right only when that end is reached. The text is
//! handed out before, as it comes; [`UnpackedText::proved`] says how much of it is certain.

use std::io::{self, BufRead, Read};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::utf16::Utf16;

/// How the bytes of a file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression {
    /// Not at all.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

impl Compression {
    /// Tells the compression by the end of the name.
    pub(crate) fn of(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz" | "GZ" | "gzip") => Self::Gzip,
            Some("zst" | "zstd" | "ZST") => Self::Zstd,
            _ => Self::Plain,
        }
    }

    /// Tells the compression by the first bytes of a file.
    fn told_by(start: &[u8], named: Self) -> Self {
        match start {
            // the identification of gzip, and deflate, its only method (RFC 1952, section 2.3.1)
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            // a frame, or a frame to be skipped (RFC 8878, section 3.1)
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [_, _, _, _, ..] if is_plain(start) => Self::Plain,
            _ => named,
        }
    }
}

/// Whether a file that starts like this is not packed: UTF-16 or UTF-8 text, or Parquet.
fn is_plain(start: &[u8]) -> bool {
    let start = &start[..start.len().min(512)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // a character may be cut in two
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&start[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => "",
    };
    let is_text =
        !text.is_empty() && !text.contains(|byte: char| byte < ' ' && !"\t\n\r\u{c}\u{1b}".contains(byte));
    is_text || Utf16::told_by(start).is_some() || start.starts_with(b"PAR1")
}

/// The text of a file, unpacked as it is read.
pub(super) enum UnpackedText<R> {
    /// Nothing was read yet. The compression is the one that the name tells.
    Unopened(Option<R>, Compression),
    Plain(R),
    Gzip(Members<R, GzDecoder<R>>),
    Zstd(Members<R, ZstdDecoder<R>>),
}

impl<R: BufRead> UnpackedText<R> {
    /// The text of packed bytes. The first filling of `packed` holds at least [`super::MARK_BYTES`], unless the file
    /// is shorter.
    pub(super) fn new(named: Compression, packed: R) -> Self {
        Self::Unopened(Some(packed), named)
    }

    /// Looks at the first bytes.
    fn open(&mut self) -> io::Result<()> {
        let Self::Unopened(packed, named) = self else { return Ok(()) };
        let Some(reader) = packed else { return Ok(()) };
        let compression = Compression::told_by(reader.fill_buf()?, *named);
        let Some(packed) = packed.take() else { return Ok(()) };
        *self = match compression {
            Compression::Plain => Self::Plain(packed),
            Compression::Gzip => Self::Gzip(Members::new(packed)),
            Compression::Zstd => Self::Zstd(Members::new(packed)),
        };
        Ok(())
    }

    /// How many bytes of the text read so far are known to be right. Text that is not packed has no checksum to wait
    /// for.
    pub(super) fn proved(&self) -> u64 {
        match self {
            Self::Unopened(..) => 0,
            Self::Plain(_) => u64::MAX,
            Self::Gzip(members) => members.proved,
            Self::Zstd(members) => members.proved,
        }
    }
}

impl<R: BufRead> Read for UnpackedText<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unopened(..) => {
                self.open()?;
                self.read(buffer)
            }
            Self::Plain(text) => text.read(buffer),
            Self::Gzip(members) => members.read(buffer),
            Self::Zstd(members) => members.read(buffer),
        }
    }
}

/// A decoder for one member, or one frame.
pub(super) trait Member<R>: Read + Sized {
    /// The error of a file without any.
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
    /// None once everything was read, or reading failed.
    place: Option<MemberPlace<R, M>>,
    /// Bytes of text handed out so far.
    given: u64,
    /// Bytes of text up to the end of the last whole member.
    proved: u64,
    /// Text just unpacked; see [`HOT_BYTES`].
    hot: Vec<u8>,
}

/// Bytes that are unpacked at once into large buffers. These come back from other processors, whose caches still hold
/// them. Unpacking writes and reads again in small steps, so it is twice as fast in memory that stays in this
/// processor's cache; the copy from there costs little.
const HOT_BYTES: usize = 128 << 10;

enum MemberPlace<R, M> {
    Before { packed: R, is_first: bool },
    Inside(Box<M>),
}

impl<R: BufRead, M: Member<R>> Members<R, M> {
    fn new(packed: R) -> Self {
        Self {
            place: Some(MemberPlace::Before { packed, is_first: true }),
            given: 0,
            proved: 0,
            hot: Vec::new(),
        }
    }
}

impl<R: BufRead, M: Member<R>> Read for Members<R, M> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(buffer) = buffer.get_mut(..HOT_BYTES) else { return self.unpack(buffer) };
        let mut hot = std::mem::take(&mut self.hot);
        hot.resize(HOT_BYTES, 0);
        let read = self.unpack(&mut hot);
        if let Ok(read) = read {
            buffer[..read].copy_from_slice(&hot[..read]);
        }
        self.hot = hot;
        read
    }
}

impl<R: BufRead, M: Member<R>> Members<R, M> {
    fn unpack(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.place.take() {
                None => return Ok(0),
                Some(MemberPlace::Before { mut packed, is_first }) => match packed.fill_buf()?.first() {
                    None if is_first => return Err(io::Error::new(io::ErrorKind::UnexpectedEof, M::EMPTY)),
                    None => return Ok(0),
                    Some(0) if M::IS_PADDED && !is_first => return skip_padding(&mut packed),
                    Some(_) => self.place = Some(MemberPlace::Inside(Box::new(M::begin(packed)?))),
                },
                Some(MemberPlace::Inside(mut member)) => {
                    let read = match member.read(buffer) {
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                            self.place = Some(MemberPlace::Inside(member));
                            return Err(error);
                        }
                        other => other?,
                    };
                    if read > 0 || buffer.is_empty() {
                        self.given += read as u64;
                        self.place = Some(MemberPlace::Inside(member));
                        return Ok(read);
                    }
                    self.proved = self.given;
                    self.place = Some(MemberPlace::Before { packed: member.into_packed(), is_first: false });
                }
            }
        }
    }
}

/// Zeros up to the end of the file are padding, as in GNU gzip. Anything after them is an error.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn tells(start: &[u8], named: Compression, expected: Compression) {
        assert_eq!(Compression::told_by(start, named), expected, "{start:x?} named {named:?}");
    }

    #[test]
    fn first_bytes_tell_the_compression() {
        use Compression::{Gzip, Plain, Zstd};
        for named in [Plain, Gzip, Zstd] {
            tells(b"\x1f\x8b\x08\0", named, Gzip);
            tells(b"\x28\xb5\x2f\xfd\x04", named, Zstd);
            tells(b"\x50\x2a\x4d\x18\x04", named, Zstd);
            tells(b"id,email\n", named, Plain);
            tells(b"\xef\xbb\xbfid;E-Mail\r\n", named, Plain);
            tells(b"PAR1\x15\x04", named, Plain);
            tells(b"\xff\xfei\0d\0", named, Plain);
            tells("jürgen@example.com".as_bytes(), named, Plain);
            // neither text nor a packed file
            tells(b"", named, named);
            tells(b"\x1f\x8b", named, named);
            tells(b"\x1e\x8b\x08\0\0\0", named, named);
            tells(b"a\0\0\0\0", named, named);
        }
    }
}
