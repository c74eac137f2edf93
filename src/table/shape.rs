//! Checks the shape of Thrift structures byte by byte, before a parser sees them.
//!
//! Parsers of the compact protocol allocate memory by the counts they read, and identify a field by its number, whatever
//! its type. So every count is compared with the bytes that follow, a field with a known number must have
//! the known type, and nesting is bounded. Unknown fields are skipped.
//!
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>,
//! <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>

/// What a value must look like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// True or false.
    Flag,
    /// One byte.
    Byte,
    /// A number of this many bits: 16, 32, 64.
    Number(u32),
    /// Bytes or text.
    Bytes,
    /// A list, and the least number of bytes of an item.
    List(&'static Shape, usize),
    /// A structure, or one of several alternatives.
    Struct(Fields),
}

/// The fields of a structure by their numbers.
pub(super) type Fields = &'static [(i64, Shape)];

/// Why bytes do not have a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misshape {
    /// They end too early.
    Cut,
    /// They are something else.
    Wrong,
}

use Shape::{Byte, Bytes, Flag, List, Number, Struct};

const I16: Shape = Number(16);
const I32: Shape = Number(32);
const I64: Shape = Number(64);
const EMPTY: Shape = Struct(&[]);
const TEXTS: Shape = List(&Bytes, 1);
const NUMBERS: Shape = List(&I64, 1);

const UNIT: Shape = Struct(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]);
const TIME: Shape = Struct(&[(1, Flag), (2, UNIT)]);
const DECIMAL: Shape = Struct(&[(1, I32), (2, I32)]);
const INTEGER: Shape = Struct(&[(1, Byte), (2, Flag)]);
const LOGICAL_TYPE: Shape = Struct(&[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, DECIMAL),
    (6, EMPTY),
    (7, TIME),
    (8, TIME),
    (10, INTEGER),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
]);
const SCHEMA_ELEMENT: Shape = Struct(&[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, Bytes),
    (5, I32),
    (6, I32),
    (7, I32),
    (8, I32),
    (9, I32),
    (10, LOGICAL_TYPE),
]);
const STATISTICS: Shape =
    Struct(&[(1, Bytes), (2, Bytes), (3, I64), (4, I64), (5, Bytes), (6, Bytes), (7, Flag), (8, Flag)]);
const KEY_VALUE: Shape = Struct(&[(1, Bytes), (2, Bytes)]);
const PAIRS: Shape = List(&KEY_VALUE, 3);
const ENCODING_STATISTICS: Shape = Struct(&[(1, I32), (2, I32), (3, I32)]);
const SIZE_STATISTICS: Shape = Struct(&[(1, I64), (2, NUMBERS), (3, NUMBERS)]);
const COLUMN_METADATA: Shape = Struct(&[
    (1, I32),
    (2, List(&I32, 1)),
    (3, TEXTS),
    (4, I32),
    (5, I64),
    (6, I64),
    (7, I64),
    (8, PAIRS),
    (9, I64),
    (10, I64),
    (11, I64),
    (12, STATISTICS),
    (13, List(&ENCODING_STATISTICS, 7)),
    (14, I64),
    (15, I32),
    (16, SIZE_STATISTICS),
]);
const COLUMN_CHUNK: Shape = Struct(&[
    (1, Bytes),
    (2, I64),
    (3, COLUMN_METADATA),
    (4, I64),
    (5, I32),
    (6, I64),
    (7, I32),
    // encrypted columns, which we refuse
    (8, Struct(&[(1, EMPTY), (2, Struct(&[(1, TEXTS), (2, Bytes)]))])),
    (9, Bytes),
]);
const SORTING_COLUMN: Shape = Struct(&[(1, I32), (2, Flag), (3, Flag)]);
const ROW_GROUP: Shape = Struct(&[
    (1, List(&COLUMN_CHUNK, 20)),
    (2, I64),
    (3, I64),
    (4, List(&SORTING_COLUMN, 5)),
    (5, I64),
    (6, I64),
    (7, I16),
]);
const ENCRYPTION: Shape = Struct(&[(1, Bytes), (2, Bytes), (3, Flag)]);

/// `FileMetaData`, the footer.
pub(super) const FILE: Fields = &[
    (1, I32),
    (2, List(&SCHEMA_ELEMENT, 4)),
    (3, I64),
    (4, List(&ROW_GROUP, 7)),
    (5, PAIRS),
    (6, Bytes),
    (7, List(&Struct(&[(1, EMPTY)]), 1)),
    (8, Struct(&[(1, ENCRYPTION), (2, ENCRYPTION)])),
    (9, Bytes),
];

/// `PageHeader`.
pub(super) const PAGE: Fields = &[
    (1, I32),
    (2, I32),
    (3, I32),
    (4, I32),
    (5, Struct(&[(1, I32), (2, I32), (3, I32), (4, I32), (5, STATISTICS)])),
    (6, EMPTY),
    (7, Struct(&[(1, I32), (2, I32), (3, Flag)])),
    (8, Struct(&[(1, I32), (2, I32), (3, I32), (4, I32), (5, I32), (6, I32), (7, Flag), (8, STATISTICS)])),
];

/// The deepest nesting of structures that is accepted.
const MOST_DEPTH: usize = 24;

/// Checks that `bytes` begin with a structure of these fields; how many bytes it takes.
pub(super) fn measure(bytes: &[u8], fields: Fields) -> Result<usize, Misshape> {
    let mut walk = Walk { bytes, at: 0 };
    walk.fields(fields, MOST_DEPTH)?;
    Ok(walk.at)
}

// types of the compact protocol
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const NUMBER_16: u8 = 4;
const NUMBER_32: u8 = 5;
const NUMBER_64: u8 = 6;
const DOUBLE: u8 = 7;
const BYTES: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn byte(&mut self) -> Result<u8, Misshape> {
        let byte = self.bytes.get(self.at).copied().ok_or(Misshape::Cut)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, bytes: u64) -> Result<(), Misshape> {
        if bytes > (self.bytes.len() - self.at) as u64 {
            return Err(Misshape::Cut);
        }
        self.at += bytes as usize;
        Ok(())
    }

    /// A number of at most this many bits.
    fn number(&mut self, bits: u32) -> Result<u64, Misshape> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if shift > 63 || part << shift >> shift != part {
                return Err(Misshape::Wrong);
            }
            number |= part << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        if bits < 64 && number >> bits != 0 { Err(Misshape::Wrong) } else { Ok(number) }
    }

    fn fields(&mut self, known: &[(i64, Shape)], depth: usize) -> Result<(), Misshape> {
        let depth = depth.checked_sub(1).ok_or(Misshape::Wrong)?;
        let mut id = 0_i64;
        loop {
            let head = self.byte()?;
            let (step, kind) = (head >> 4, head & 0x0f);
            if kind == 0 {
                // a parser takes any step here as the end
                return if step == 0 { Ok(()) } else { Err(Misshape::Wrong) };
            }
            if step == 0 {
                let number = self.number(16)?;
                id = (number >> 1) as i64 ^ -((number & 1) as i64);
            } else {
                id += i64::from(step);
            }
            if id > i64::from(i16::MAX) {
                return Err(Misshape::Wrong);
            }
            let shape = known.iter().find(|(known, _)| *known == id).map(|(_, shape)| shape);
            if !matches!(kind, TRUE | FALSE) {
                self.value(kind, shape, depth)?;
            } else if !matches!(shape, None | Some(Flag)) {
                return Err(Misshape::Wrong);
            }
        }
    }

    /// A value that is not a flag of a structure.
    fn value(&mut self, kind: u8, shape: Option<&Shape>, depth: usize) -> Result<(), Misshape> {
        let expected = match shape {
            None => kind,
            Some(Flag) => TRUE,
            Some(Byte) => BYTE,
            Some(Number(16)) => NUMBER_16,
            Some(Number(32)) => NUMBER_32,
            Some(Number(_)) => NUMBER_64,
            Some(Bytes) => BYTES,
            Some(List(..)) => LIST,
            Some(Struct(_)) => STRUCT,
        };
        if kind != expected {
            return Err(Misshape::Wrong);
        }
        match kind {
            TRUE | FALSE | BYTE => self.skip(1),
            NUMBER_16 => self.number(16).map(drop),
            NUMBER_32 => self.number(32).map(drop),
            NUMBER_64 => self.number(64).map(drop),
            DOUBLE => self.skip(8),
            BYTES => {
                let length = self.number(31)?;
                self.skip(length)
            }
            LIST | SET => self.list(shape, depth),
            MAP => self.map(depth),
            STRUCT => {
                let fields = if let Some(Struct(fields)) = shape { *fields } else { &[] };
                self.fields(fields, depth)
            }
            _ => Err(Misshape::Wrong),
        }
    }

    fn list(&mut self, shape: Option<&Shape>, depth: usize) -> Result<(), Misshape> {
        let depth = depth.checked_sub(1).ok_or(Misshape::Wrong)?;
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.number(31)? } else { u64::from(head >> 4) };
        let (item, least) =
            if let Some(List(item, least)) = shape { (Some(*item), *least) } else { (None, 1) };
        if count.saturating_mul(least as u64) > (self.bytes.len() - self.at) as u64 {
            return Err(Misshape::Cut);
        }
        (0..count).try_for_each(|_| self.value(head & 0x0f, item, depth))
    }

    fn map(&mut self, depth: usize) -> Result<(), Misshape> {
        let depth = depth.checked_sub(1).ok_or(Misshape::Wrong)?;
        let count = self.number(31)?;
        if count == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        for _ in 0..count {
            self.value(kinds >> 4, None, depth)?;
            self.value(kinds & 0x0f, None, depth)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, Flag, I32, List, Misshape, Struct, measure};

    #[test]
    fn shapes() {
        let fields = &[(1, I32), (2, Bytes), (3, Flag), (4, List(&Struct(&[(1, I32)]), 2))];
        for (bytes, expected) in [
            (&b"\0rest"[..], Ok(1)),
            (b"\x15\x02\0", Ok(3)),
            (b"\x15\x02", Err(Misshape::Cut)),
            (b"\x15\xff\xff\xff\xff\x1f\0", Err(Misshape::Wrong)),
            // a number where bytes are expected, and the other way round
            (b"\x25\x02\0", Err(Misshape::Wrong)),
            (b"\x18\x01a\0", Err(Misshape::Wrong)),
            (b"\x28\x01a\0", Ok(4)),
            (b"\x28\x7fa\0", Err(Misshape::Cut)),
            (b"\x31\0", Ok(2)),
            (b"\x21\0", Err(Misshape::Wrong)),
            (b"\x49\x1c\x15\x02\0\0", Ok(6)),
            (b"\x49\xfc\xff\xff\xff\x07\x15\x02\0\0", Err(Misshape::Cut)),
            // an unknown field, by its full number
            (b"\x08\x14\x01a\0", Ok(5)),
        ] {
            assert_eq!(measure(bytes, fields), expected, "{bytes:?}");
        }
        assert_eq!(measure(&[0x1c; 100], &[]), Err(Misshape::Wrong), "deep");
    }
}
