//! Texts in `DELTA_BYTE_ARRAY`: of each how much it shares with the one before, and the rest.
//!
//! Names are stored like this. Whoever looks for a few of them has to pass over all that come before, so it has to be
//! quick: the decoder of Polars allocates several times for each text, this one not at all. All lengths are checked
//! before the first text is made.
//!
//! <https://github.com/apache/parquet-format/blob/master/Encodings.md>

use super::delta::lengths;
use super::footer::Checked;

/// The texts of a page.
#[derive(Debug)]
pub(super) struct FrontCoded<'a> {
    /// Bytes of each that are those of the text before.
    shared: Vec<u32>,
    /// Bytes of each that come after them.
    fresh: Vec<u32>,
    bytes: &'a [u8],
}

impl<'a> FrontCoded<'a> {
    /// The values of a page with at most so many texts, which may take up to `limit` bytes in all.
    pub(super) fn of(mut values: &'a [u8], most: usize, limit: usize) -> Checked<Self> {
        let (shared, fresh) = (lengths(&mut values, most)?, lengths(&mut values, most)?);
        let sum = |lengths: &[u32]| lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
        let (all_shared, all_fresh) = (sum(&shared), sum(&fresh));
        if all_fresh > values.len() as u64 || shared.len() != fresh.len() {
            return Err("texts of a page reach past its end".into());
        }
        if all_shared + all_fresh > limit as u64 {
            return Err("texts of a page are too long".into());
        }
        let mut before = 0;
        for (shared, fresh) in shared.iter().zip(&fresh) {
            if *shared > before {
                return Err("a text of a page repeats more of the one before than there is".into());
            }
            before = shared + fresh;
        }
        Ok(Self { shared, fresh, bytes: values })
    }

    /// How many texts.
    pub(super) fn len(&self) -> usize {
        self.shared.len()
    }

    /// Gives each of the first `count` texts to `take`, with its place.
    pub(super) fn visit(
        &self,
        count: usize,
        take: &mut dyn FnMut(usize, &[u8]) -> Checked<()>,
    ) -> Checked<()> {
        let (mut text, mut left): (Vec<u8>, _) = (Vec::new(), self.bytes);
        for (place, (shared, fresh)) in self.shared.iter().zip(&self.fresh).take(count).enumerate() {
            let (fresh, rest) = left.split_at(*fresh as usize);
            left = rest;
            text.truncate(*shared as usize);
            text.extend_from_slice(fresh);
            take(place, &text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::bits::deltas;
    use super::*;

    /// Lengths that are shared, those of the rest, and the bytes of the rest.
    fn page(shared: &[i64], fresh: &[i64], bytes: &str) -> Vec<u8> {
        let mut page = Vec::new();
        deltas(shared, &mut page);
        deltas(fresh, &mut page);
        page.extend_from_slice(bytes.as_bytes());
        page
    }

    #[track_caller]
    fn decodes(page: &[u8], most: usize, limit: usize, expected: Result<&[&str], &str>) {
        let found = FrontCoded::of(page, most, limit).and_then(|coded| {
            let mut texts = Vec::new();
            coded.visit(1, &mut |place, _| {
                (place == 0).then_some(()).ok_or_else(|| "past the first".to_owned())
            })?;
            coded.visit(usize::MAX, &mut |place, text| {
                assert_eq!(place, texts.len());
                texts.push(String::from_utf8_lossy(text).into_owned());
                Ok(())
            })?;
            assert_eq!(texts.len(), coded.len());
            Ok(texts)
        });
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            (found, expected) => panic!("{found:?}, expected {expected:?}"),
        }
    }

    #[test]
    fn texts() {
        let good = page(&[0, 2, 0, 5], &[4, 3, 0, 0], "a.bcx.d");
        decodes(&good, 4, 99, Err("repeats more"));
        let good = page(&[0, 2, 5, 0], &[4, 3, 0, 1], "a.bcx.dz");
        let texts = ["a.bc", "a.x.d", "a.x.d", "z"];
        decodes(&good, 4, 15, Ok(&texts));
        decodes(&good, 9, 99, Ok(&texts));
        decodes(&good, 4, 14, Err("too long"));
        decodes(&good, 3, 99, Err("damaged"));
        decodes(&good[..good.len() - 1], 4, 99, Err("past its end"));
        decodes(&page(&[0], &[4, 3], "abcdefg"), 4, 99, Err("past its end"));
        decodes(&page(&[0, -1], &[1, 1], "ab"), 4, 99, Err("damaged"));
        decodes(&page(&[0, 1], &[1, 1 << 32], "ab"), 4, 1 << 40, Err("damaged"));
        decodes(&page(&[], &[], ""), 4, 99, Ok(&[]));
        decodes(b"", 4, 99, Err("too early"));
    }
}
