//! Numbers in `DELTA_BINARY_PACKED`, checked block by block before Polars decodes them, because its decoder trusts the
//! sizes it reads.
//!
//! <https://github.com/apache/parquet-format/blob/master/Encodings.md>

use polars_parquet_format::Encoding;

use super::footer::Checked;
use super::front_coded::FrontCoded;

/// Values of a block, at most; writers make 128 to 2048.
const MOST_BLOCK: u64 = 1 << 16;
/// Values of a page in these encodings, at most.
pub(super) const MOST_VALUES: usize = 1 << 22;
/// What is wrong with numbers that make no sense.
const DAMAGED: &str = "a page of deltas is damaged";

/// Checks the values of a page in this encoding; its texts may take up to `limit` bytes.
pub(super) fn check(encoding: Encoding, mut values: &[u8], count: usize, limit: usize) -> Checked<()> {
    if !matches!(
        encoding,
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY | Encoding::DELTA_BYTE_ARRAY
    ) || values.is_empty()
    {
        return Ok(());
    }
    let count = count.min(MOST_VALUES);
    match encoding {
        Encoding::DELTA_BYTE_ARRAY => FrontCoded::of(values, count, limit).map(drop),
        Encoding::DELTA_LENGTH_BYTE_ARRAY => {
            let lengths = lengths(&mut values, count)?;
            let sum: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
            match sum {
                sum if sum > limit as u64 => Err("texts of a page are too long".into()),
                sum if sum > values.len() as u64 => Err("texts of a page reach past its end".into()),
                _ => Ok(()),
            }
        }
        _ => {
            let mut deltas = Deltas::open(values, count)?;
            while deltas.next()?.is_some() {}
            Ok(())
        }
    }
}

/// Takes the lengths at the beginning of `bytes`.
pub(super) fn lengths(bytes: &mut &[u8], most: usize) -> Checked<Vec<u32>> {
    let mut lengths = Vec::new();
    let mut is_sound = true;
    numbers(bytes, most, &mut lengths, |number| {
        u32::try_from(number).unwrap_or_else(|_| {
            is_sound = false;
            0
        })
    })?;
    if is_sound { Ok(lengths) } else { Err(DAMAGED.into()) }
}

/// Takes the numbers at the beginning of `bytes`.
fn numbers<T>(
    bytes: &mut &[u8],
    most: usize,
    numbers: &mut Vec<T>,
    mut convert: impl FnMut(i64) -> T,
) -> Checked<()> {
    let mut deltas = Deltas::open(bytes, most)?;
    numbers.reserve_exact(deltas.left);
    let mut last = deltas.first;
    if deltas.left > 0 {
        numbers.push(convert(last));
    }
    while let Some(miniblock) = deltas.next()? {
        miniblock.visit(|delta| {
            last = last.wrapping_add(delta);
            numbers.push(convert(last));
        });
    }
    *bytes = deltas.bytes;
    Ok(())
}

/// The blocks of some numbers.
struct Deltas<'a> {
    bytes: &'a [u8],
    miniblocks: usize,
    in_miniblock: usize,
    first: i64,
    /// Numbers still to come; at the beginning the first one is among them.
    left: usize,
    /// What is added to each number of the block, and the widths of its miniblocks that are still to come.
    block: (i64, &'a [u8]),
}

/// A few numbers, each stored as so many bits of the difference to the one before.
struct Miniblock<'a> {
    smallest: i64,
    width: usize,
    packed: &'a [u8],
    count: usize,
}

impl<'a> Deltas<'a> {
    fn open(mut bytes: &'a [u8], most: usize) -> Checked<Self> {
        let (block, miniblocks) = (number(&mut bytes)?, number(&mut bytes)?);
        let left = number(&mut bytes)?;
        let is_sound = (1..=MOST_BLOCK).contains(&block)
            && block.is_multiple_of(128)
            && miniblocks > 0
            && block.is_multiple_of(miniblocks)
            && (block / miniblocks).is_multiple_of(32);
        if !is_sound || left > most as u64 {
            return Err(DAMAGED.into());
        }
        let first = zigzag(number(&mut bytes)?);
        let (miniblocks, in_miniblock) = (miniblocks as usize, (block / miniblocks) as usize);
        Ok(Self { bytes, miniblocks, in_miniblock, first, left: left as usize, block: (0, &[]) })
    }

    fn next(&mut self) -> Checked<Option<Miniblock<'a>>> {
        if self.left <= 1 {
            return Ok(None);
        }
        if self.block.1.is_empty() {
            self.block = (zigzag(number(&mut self.bytes)?), take(&mut self.bytes, self.miniblocks)?);
        }
        let (smallest, [width, widths @ ..]) = self.block else { return Ok(None) };
        self.block.1 = widths;
        let (width, count) = (usize::from(*width), self.in_miniblock.min(self.left - 1));
        if width > 64 {
            return Err(DAMAGED.into());
        }
        let packed = take(&mut self.bytes, width * self.in_miniblock / 8)?;
        self.left -= count;
        Ok(Some(Miniblock { smallest, width, packed, count }))
    }
}

impl Miniblock<'_> {
    /// Gives each difference to `take`.
    fn visit(&self, mut take: impl FnMut(i64)) {
        let mask = (1_u128 << self.width) - 1;
        // a miniblock is a multiple of four bytes, because it has a multiple of 32 numbers
        let mut words = self.packed.chunks_exact(4);
        let (mut window, mut bits) = (0_u128, 0);
        for _ in 0..self.count {
            while bits < self.width {
                let word = words.next().and_then(|word| word.try_into().ok()).map_or(0, u32::from_le_bytes);
                window |= u128::from(word) << bits;
                bits += 32;
            }
            take(self.smallest.wrapping_add(((window & mask) as u64).cast_signed()));
            window >>= self.width;
            bits -= self.width;
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Checked<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or("a page of deltas ends too early")?;
    *bytes = rest;
    Ok(taken)
}

fn number(bytes: &mut &[u8]) -> Checked<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(DAMAGED.into())
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// All numbers of a page.
    pub(in super::super) fn decode(mut bytes: &[u8], most: usize) -> Checked<Vec<i64>> {
        let mut found = Vec::new();
        numbers(&mut bytes, most, &mut found, |number| number)?;
        Ok(found)
    }

    #[track_caller]
    fn decodes(bytes: &[u8], most: usize, expected: Option<&[i64]>) {
        assert_eq!(decode(bytes, most).ok().as_deref(), expected);
        assert_eq!(check(Encoding::DELTA_BINARY_PACKED, bytes, most, 0).is_ok(), expected.is_some());
    }

    #[test]
    fn known_numbers() {
        // the two examples of Encodings.md, with blocks of 128 values in 4 miniblocks
        decodes(b"\x80\x01\x04\x05\x02\x02\0\0\0\0", 9, Some(&[1, 2, 3, 4, 5]));
        let packed = b"\x80\x01\x04\x08\x0e\x03\x02\0\0\0\xc0\x3f\0\0\0\0\0\0";
        decodes(packed, 9, Some(&[7, 5, 3, 1, 2, 3, 4, 5]));
        decodes(packed, 7, None);
        decodes(&packed[..12], 9, None);
        decodes(b"\x80\x80\x80\x80\x10\x04\x05\x02\x02\0\0\0\0", 9, None);
        decodes(b"\x80\x01\0\x05\x02\x02\0\0\0\0", 9, None);
    }
}
