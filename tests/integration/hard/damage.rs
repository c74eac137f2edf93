//! How files break: on disks, on the way, and in the hands of scripts.

use super::Random;

/// A page of a disk.
const PAGE: usize = 4096;

/// What was done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It ends early.
    Cut,
    /// One bit is another.
    Flipped,
    /// A page of it, or less, is zeros.
    Zeroed,
    /// Two pieces stand in each other's place.
    Swapped,
    /// A piece stands there twice.
    Doubled,
    /// A piece is missing from its middle.
    Lost,
    /// Bytes of any value stand in it.
    Garbage,
    /// Zeros stand in it.
    Nuls,
    /// A quote stands in it.
    Quote,
    /// Line ends are gone.
    LineEnds,
    /// It is a page of HTML.
    Html,
    /// It is another file.
    Other,
    /// It is empty.
    Empty,
}

const KINDS: [Kind; 13] = [
    Kind::Cut,
    Kind::Flipped,
    Kind::Zeroed,
    Kind::Swapped,
    Kind::Doubled,
    Kind::Lost,
    Kind::Garbage,
    Kind::Nuls,
    Kind::Quote,
    Kind::LineEnds,
    Kind::Html,
    Kind::Other,
    Kind::Empty,
];

/// What a proxy or a portal sends in the place of a file.
const HTML: &[u8] = b"<!DOCTYPE html>\n<html><head><title>503 Service Unavailable</title></head>\n<body>\n\
<h1>Service Unavailable</h1>\n<p>Try again later.</p>\n</body></html>\n";

/// A damaged file.
pub(super) struct Damaged {
    pub bytes: Vec<u8>,
    pub kind: Kind,
    /// What was done, in words.
    pub what: String,
}

impl Damaged {
    /// Damages a file in some way; `other` is a file that may stand in its place.
    pub(super) fn draw(whole: &[u8], other: &[u8], random: &mut Random) -> Self {
        let kind = *random.pick(&KINDS);
        Self::of(kind, whole, other, random)
    }

    fn of(kind: Kind, whole: &[u8], other: &[u8], random: &mut Random) -> Self {
        let mut bytes = whole.to_vec();
        let at = random.below(whole.len());
        let mut what = format!("{kind:?} at {at} of {}", whole.len());
        // a small file is often hit less than a page at a time
        let length = match random.below(3) {
            0 => PAGE,
            1 => 1 + random.below(PAGE),
            _ => 1 + random.below(64),
        };
        let end = (at + length).min(whole.len());
        match kind {
            Kind::Cut => bytes.truncate(at),
            Kind::Flipped => {
                let bit = random.below(8);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << bit;
                }
                what += &format!(", bit {bit}");
            }
            Kind::Zeroed => bytes[at..end].fill(0),
            Kind::Swapped => {
                let half = (end - at) / 2;
                let (front, back) = bytes[at..end].split_at_mut(half);
                let count = front.len().min(back.len());
                front[..count].swap_with_slice(&mut back[..count]);
            }
            Kind::Doubled => drop(bytes.splice(end..end, whole[at..end].iter().copied())),
            Kind::Lost => drop(bytes.drain(at..end)),
            Kind::Garbage => drop(bytes.splice(at..at, random.bytes(1 + length / 16))),
            Kind::Nuls => drop(bytes.splice(at..at, std::iter::repeat_n(0, length))),
            Kind::Quote => bytes.insert(at, b'"'),
            Kind::LineEnds => {
                let all = random.below(3) == 0;
                let ends: Vec<usize> = memchr::memchr_iter(b'\n', whole).collect();
                let one = if ends.is_empty() { 0 } else { *random.pick(&ends) };
                let mut place = 0..;
                bytes.retain(|byte| {
                    let place = place.next().unwrap_or_default();
                    *byte != b'\n' || (!all && place != one)
                });
                what = if all { "all line ends lost".to_owned() } else { format!("line end at {one} lost") };
            }
            Kind::Html => bytes = HTML.to_vec(),
            Kind::Other => bytes = other.to_vec(),
            Kind::Empty => bytes.clear(),
        }
        what += &format!(", piece of {}", end - at);
        Self { bytes, kind, what }
    }

    /// Whether the file ends where a line of the whole one ends: nobody can see then that it was cut.
    pub(super) fn ends_with_a_line(&self) -> bool {
        self.bytes.is_empty() || self.bytes.ends_with(b"\n")
    }
}
