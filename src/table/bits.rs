//! Numbers in few bits: the integer encodings of Parquet, as we write them.
//!
//! Both work on slices, not on iterators, for these loops run for every cell of a table.
//!
//! <https://github.com/apache/parquet-format/blob/master/Encodings.md>

/// Equal numbers in a row from which on they are written as a run.
const LEAST_RUN: usize = 16;
/// Numbers of a block of deltas, and its parts.
const BLOCK: usize = 128;
const MINIBLOCKS: usize = 4;

/// The bits that a number takes.
pub(super) const fn width(most: u64) -> usize {
    (u64::BITS - most.leading_zeros()) as usize
}

/// Appends numbers of at most `width` bits in the hybrid of runs and bit-packed groups of eight.
pub(super) fn hybrid<T: Copy + PartialEq + Into<u64>>(numbers: &[T], width: usize, out: &mut Vec<u8>) {
    let (mut packed, mut at) = (0, 0);
    while at < numbers.len() {
        let length = run_length(&numbers[at..]);
        if length >= LEAST_RUN || at + length == numbers.len() {
            groups(&numbers[packed..at], width, out);
            run(length, numbers[at].into(), width, out);
            at += length;
            packed = at;
        } else {
            at = numbers.len().min(at + 8);
        }
    }
    groups(&numbers[packed..], width, out);
}

/// Appends a run of one number.
pub(super) fn run(count: usize, value: u64, width: usize, out: &mut Vec<u8>) {
    number((count as u64) << 1, out);
    out.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8)]);
}

/// How often the first number comes before another does.
fn run_length<T: Copy + PartialEq>(numbers: &[T]) -> usize {
    let Some(first) = numbers.first() else { return 0 };
    let differs = |number: &T| *number != *first;
    if numbers.get(1).is_some_and(differs) {
        return 1;
    }
    // whole blocks are compared at once
    let same = numbers.chunks_exact(64).take_while(|block| block.iter().all(|number| *number == *first));
    let start = 64 * same.count();
    numbers[start..].iter().position(differs).map_or(numbers.len(), |place| start + place)
}

/// Appends bit-packed groups of eight, the last one filled up with zeros.
fn groups<T: Copy + Into<u64>>(numbers: &[T], width: usize, out: &mut Vec<u8>) {
    if !numbers.is_empty() {
        let groups = numbers.len().div_ceil(8);
        number((groups as u64) << 1 | 1, out);
        pack(numbers.iter().map(|number| (*number).into()), width, groups * width, out);
    }
}

/// Appends `bytes` bytes with these numbers, `width` bits each, lowest first, then zeros.
fn pack(numbers: impl Iterator<Item = u64>, width: usize, bytes: usize, out: &mut Vec<u8>) {
    let end = out.len() + bytes;
    out.reserve(bytes + 8);
    let (mut bits, mut filled) = (0_u64, 0);
    for number in numbers {
        bits |= number << filled;
        filled += width;
        if filled >= 64 {
            out.extend_from_slice(&bits.to_le_bytes());
            filled -= 64;
            bits = if filled == 0 { 0 } else { number >> (width - filled) };
        }
    }
    out.extend_from_slice(&bits.to_le_bytes());
    out.resize(end, 0);
}

/// Appends numbers as `DELTA_BINARY_PACKED`.
pub(super) fn deltas(numbers: &[i64], out: &mut Vec<u8>) {
    let mut before = numbers.first().copied().unwrap_or_default();
    number(BLOCK as u64, out);
    number(MINIBLOCKS as u64, out);
    number(numbers.len() as u64, out);
    zigzag(before, out);
    let mut steps = [0_i64; BLOCK];
    for block in numbers.get(1..).unwrap_or_default().chunks(BLOCK) {
        for (step, number) in steps.iter_mut().zip(block) {
            *step = number.wrapping_sub(before);
            before = *number;
        }
        let steps = &steps[..block.len()];
        let least = steps.iter().copied().min().unwrap_or_default();
        let above = |step: &i64| step.wrapping_sub(least).cast_unsigned();
        zigzag(least, out);
        let mut widths = [0; MINIBLOCKS];
        for (bits, part) in widths.iter_mut().zip(steps.chunks(BLOCK / MINIBLOCKS)) {
            *bits = width(part.iter().map(above).fold(0, |all, step| all | step));
        }
        out.extend(widths.map(|width| width as u8));
        for (width, part) in widths.into_iter().zip(steps.chunks(BLOCK / MINIBLOCKS)) {
            pack(part.iter().map(above), width, width * BLOCK / MINIBLOCKS / 8, out);
        }
    }
}

/// Appends a number in as few bytes of seven bits as it needs.
fn number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn zigzag(signed: i64, out: &mut Vec<u8>) {
    number((signed << 1 ^ signed >> 63).cast_unsigned(), out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::delta;
    use polars_parquet_format::Encoding;

    #[track_caller]
    fn writes(numbers: &[u32], width: usize, expected: &[u8]) {
        let mut out = Vec::new();
        hybrid(numbers, width, &mut out);
        assert_eq!(out, expected, "{numbers:?}");
    }

    #[test]
    fn runs_and_groups() {
        writes(&[], 3, b"");
        writes(&[5; 20], 3, &[40, 5]);
        writes(&[0; 20], 0, &[40]);
        writes(&[1], 1, &[2, 1]);
        // the example of Encodings.md; the last number is a run of its own
        writes(&[0, 1, 2, 3, 4, 5, 6, 7, 7], 3, &[3, 0x88, 0xc6, 0xfa, 2, 7]);
        let long: Vec<u32> = (0..8).chain([300; 100]).collect();
        writes(&long, 9, &[3, 0, 2, 8, 24, 64, 160, 128, 129, 3, 200, 1, 44, 1]);
    }

    #[test]
    fn deltas_come_back() {
        let far = [i64::MIN, i64::MAX, 0, -1, 1, i64::MIN];
        let lists = [vec![], vec![7], (1..1000).collect(), far.repeat(40), vec![3; 129]];
        for list in lists {
            let mut out = Vec::new();
            deltas(&list, &mut out);
            assert_eq!(delta::tests::decode(&out, 1 << 20).as_deref(), Ok(&*list));
            assert!(delta::check(Encoding::DELTA_BINARY_PACKED, &out, list.len(), 0).is_ok());
        }
    }
}
