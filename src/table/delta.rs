//! Checks numbers in `DELTA_BINARY_PACKED` by decoding them first, because the decoder of Polars trusts the sizes it
//! reads.
//!
//! <https://github.com/apache/parquet-format/blob/master/Encodings.md>

use polars_parquet_format::Encoding;

use super::footer::Checked;

/// Values of a block, at most; writers make 128 to 2048.
const MOST_BLOCK: u64 = 1 << 16;
/// Values of a page in these encodings, at most.
const MOST_VALUES: usize = 1 << 22;

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
    let first = numbers(&mut values, count)?;
    let texts = |lengths: &[i64]| -> Checked<usize> {
        let sum = lengths.iter().try_fold(0_usize, |sum, length| sum.checked_add((*length).try_into().ok()?));
        sum.filter(|sum| *sum <= limit).ok_or_else(|| "texts of a page are too long".to_owned())
    };
    if encoding == Encoding::DELTA_LENGTH_BYTE_ARRAY && texts(&first)? > values.len() {
        return Err("texts of a page reach past its end".into());
    }
    if encoding == Encoding::DELTA_BYTE_ARRAY {
        let second = numbers(&mut values, count)?;
        if texts(&second)? > values.len() || first.len() != second.len() {
            return Err("texts of a page reach past its end".into());
        }
        let mut before = 0;
        for (prefix, suffix) in first.iter().zip(&second) {
            if *prefix > before {
                return Err("a text of a page repeats more of the one before than there is".into());
            }
            before = prefix + suffix;
        }
        if texts(&first)? + texts(&second)? > limit {
            return Err("texts of a page are too long".into());
        }
    }
    Ok(())
}

/// Takes the numbers at the beginning of `bytes`.
pub(super) fn numbers(bytes: &mut &[u8], most: usize) -> Checked<Vec<i64>> {
    let (block, miniblocks) = (number(bytes)?, number(bytes)?);
    let total = number(bytes)?;
    let is_sound = (1..=MOST_BLOCK).contains(&block)
        && block.is_multiple_of(128)
        && miniblocks > 0
        && block.is_multiple_of(miniblocks)
        && (block / miniblocks).is_multiple_of(32);
    if !is_sound || total > most as u64 {
        return Err("a page of deltas is damaged".into());
    }
    let in_miniblock = (block / miniblocks) as usize;
    let total = total as usize;
    let mut last = zigzag(number(bytes)?);
    let mut numbers = Vec::with_capacity(total);
    if total > 0 {
        numbers.push(last);
    }
    while numbers.len() < total {
        let smallest = zigzag(number(bytes)?);
        for width in take(bytes, miniblocks as usize)? {
            if numbers.len() == total {
                break;
            }
            let width = usize::from(*width);
            let packed = take(bytes, (width * in_miniblock).div_ceil(8))?;
            for place in 0..in_miniblock.min(total - numbers.len()) {
                last = last
                    .wrapping_add(smallest)
                    .wrapping_add(bits(packed, place * width, width)?.cast_signed());
                numbers.push(last);
            }
        }
    }
    Ok(numbers)
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
    Err("a page of deltas is damaged".into())
}

fn zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

/// The next `width` bits from this place on, lowest first.
fn bits(packed: &[u8], start: usize, width: usize) -> Checked<u64> {
    if width > 64 {
        return Err("a page of deltas is damaged".into());
    }
    // nine bytes hold any 64 bits, wherever they begin
    let mut window = [0; 16];
    let bytes = &packed[start / 8..packed.len().min(start / 8 + 9)];
    window[..bytes.len()].copy_from_slice(bytes);
    let bits = u128::from_le_bytes(window) >> (start % 8);
    Ok((bits & ((1 << width) - 1)) as u64)
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[track_caller]
    fn decodes(bytes: &[u8], most: usize, expected: Option<&[i64]>) {
        let mut rest = bytes;
        assert_eq!(numbers(&mut rest, most).ok().as_deref(), expected);
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
