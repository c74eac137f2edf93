//! Rows on their way from the input to the report: one vector for each column.

use crate::name::Rejection;

/// A missing number in a column of numbers.
pub(crate) const MISSING: i64 = i64::MIN;
/// Mark of a row: the local part of its address is faulty.
pub(crate) const LOCAL_PART_INVALID: u8 = 1;
/// Mark of a row: its time of verification could not be read.
pub(crate) const VERIFIED_AT_UNREADABLE: u8 = 2;
/// Mark of a row: its weight could not be read.
pub(crate) const WEIGHT_UNREADABLE: u8 = 4;
/// Mark of a row: for how many accounts it stands could not be read, so it stands for one.
pub(crate) const ACCOUNTS_UNREADABLE: u8 = 8;

/// Texts, some of which are missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Texts {
    text: String,
    /// Octets of each; [`u32::MAX`] where missing.
    lengths: Vec<u32>,
}

impl Texts {
    /// Appends a text.
    pub(crate) fn push(&mut self, text: Option<&str>) {
        self.lengths.push(text.map_or(u32::MAX, |text| text.len() as u32));
        self.text.push_str(text.unwrap_or_default());
    }

    /// Each text in turn.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        let mut at = 0;
        self.lengths.iter().map(move |length| {
            (*length != u32::MAX).then(|| {
                let start = at;
                at += *length as usize;
                &self.text[start..at]
            })
        })
    }

    /// Octets of all.
    pub(crate) fn octets(&self) -> usize {
        self.text.len()
    }

    /// Octets of one.
    pub(crate) fn octets_of(&self, number: usize) -> usize {
        self.lengths.get(number).filter(|length| **length != u32::MAX).map_or(0, |length| *length as usize)
    }

    /// Octets of the first ones.
    fn front(&self, count: usize) -> usize {
        let lengths = self.lengths[..count].iter().filter(|length| **length != u32::MAX);
        lengths.map(|length| *length as usize).sum()
    }
}

/// A column that can be written to the spool and read back. Its memory is used again: what is taken out leaves
/// room for what comes.
pub(crate) trait SpoolColumn: Sized {
    /// Appends the bytes of the column's first values.
    fn write_front(&self, count: usize, out: &mut Vec<u8>);
    /// Takes a column from the front of `bytes`.
    fn read(bytes: &mut &[u8]) -> Option<Self>;
    /// Appends all values of `other`, which is empty afterwards.
    fn append(&mut self, other: &mut Self);
    /// Removes the first values.
    fn remove_front(&mut self, count: usize);
    /// Keeps the values marked `true`.
    fn retain(&mut self, keep: &[bool]);
}

/// Mark of a column whose numbers are listed one by one. Any other mark is the step from each number to the next.
const LISTED: u8 = 0xff;

/// 0 if all numbers are equal, 1 if each is one more than the one before. Most columns of most runs are like that.
fn step<T: Copy + PartialEq + From<bool>>(numbers: &[T], difference: impl Fn(T, T) -> T) -> Option<u8> {
    let (first, second) = (numbers.first()?, numbers.get(1)?);
    let step = difference(*first, *second);
    let known = [T::from(false), T::from(true)].iter().position(|known| *known == step)?;
    numbers.windows(2).all(|pair| difference(pair[0], pair[1]) == step).then_some(known as u8)
}

macro_rules! number_column {
    ($($number:ty),+) => {$(
        impl SpoolColumn for Vec<$number> {
            fn write_front(&self, count: usize, out: &mut Vec<u8>) {
                let numbers = &self[..count];
                out.extend_from_slice(&(count as u64).to_le_bytes());
                if let Some(step) = step(numbers, |a, b| b.wrapping_sub(a)) {
                    out.push(step);
                    out.extend_from_slice(&numbers[0].to_le_bytes());
                    return;
                }
                out.push(LISTED);
                let start = out.len();
                out.resize(start + count * size_of::<$number>(), 0);
                let (slots, _) = out[start..].as_chunks_mut();
                slots.iter_mut().zip(numbers).for_each(|(slot, number)| *slot = number.to_le_bytes());
            }

            fn append(&mut self, other: &mut Self) {
                Vec::append(self, other);
            }

            fn remove_front(&mut self, count: usize) {
                self.drain(..count);
            }

            fn retain(&mut self, keep: &[bool]) {
                let mut keep = keep.iter();
                Vec::retain(self, |_| keep.next() != Some(&false));
            }

            fn read(bytes: &mut &[u8]) -> Option<Self> {
                let count = take_length(bytes)?;
                let (step, rest) = bytes.split_first()?;
                *bytes = rest;
                let listed = if *step == LISTED { count } else { 1 };
                let (head, tail) = bytes.split_at_checked(listed.checked_mul(size_of::<$number>())?)?;
                *bytes = tail;
                if *step != LISTED {
                    let first = <$number>::from_le_bytes(head.try_into().ok()?);
                    return Some((0..count).map(|place| first.wrapping_add(place as $number * <$number>::from(*step != 0))).collect());
                }
                let (items, _) = head.as_chunks::<{ size_of::<$number>() }>();
                Some(items.iter().map(|item| <$number>::from_le_bytes(*item)).collect())
            }
        }
    )+};
}

number_column!(u8, u32, u64, i64);

fn take_length(bytes: &mut &[u8]) -> Option<usize> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    *bytes = rest;
    usize::try_from(u64::from_le_bytes(*length)).ok()
}

impl SpoolColumn for Texts {
    fn write_front(&self, count: usize, out: &mut Vec<u8>) {
        self.lengths.write_front(count, out);
        let octets = self.front(count);
        out.extend_from_slice(&(octets as u64).to_le_bytes());
        out.extend_from_slice(&self.text.as_bytes()[..octets]);
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let lengths = Vec::<u32>::read(bytes)?;
        let octets = take_length(bytes)?;
        let (head, tail) = bytes.split_at_checked(octets)?;
        *bytes = tail;
        Some(Self { text: String::from_utf8(head.to_vec()).ok()?, lengths })
    }

    fn append(&mut self, other: &mut Self) {
        self.text.push_str(&other.text);
        other.text.clear();
        self.lengths.append(&mut other.lengths);
    }

    fn remove_front(&mut self, count: usize) {
        self.text.drain(..self.front(count));
        self.lengths.drain(..count);
    }

    fn retain(&mut self, keep: &[bool]) {
        let mut kept = Self::default();
        let texts = self.iter().zip(keep).filter(|(_, keep)| **keep);
        texts.for_each(|(text, _)| kept.push(text));
        *self = kept;
    }
}

impl SpoolColumn for Vec<Texts> {
    fn write_front(&self, count: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&(self.len() as u64).to_le_bytes());
        self.iter().for_each(|texts| texts.write_front(count, out));
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        (0..take_length(bytes)?).map(|_| Texts::read(bytes)).collect()
    }

    fn append(&mut self, other: &mut Self) {
        self.resize(self.len().max(other.len()), Texts::default());
        self.iter_mut().zip(other).for_each(|(to, from)| to.append(from));
    }

    fn remove_front(&mut self, count: usize) {
        self.iter_mut().for_each(|texts| texts.remove_front(count));
    }

    fn retain(&mut self, keep: &[bool]) {
        self.iter_mut().for_each(|texts| texts.retain(keep));
    }
}

/// A column that all rows of a run have, or none.
impl SpoolColumn for Option<Vec<i64>> {
    fn write_front(&self, count: usize, out: &mut Vec<u8>) {
        out.push(u8::from(self.is_some()));
        self.iter().for_each(|numbers| numbers.write_front(count, out));
    }

    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let (is_there, rest) = bytes.split_first()?;
        *bytes = rest;
        if *is_there == 0 { Some(None) } else { SpoolColumn::read(bytes).map(Some) }
    }

    fn append(&mut self, other: &mut Self) {
        if let Some(other) = other {
            SpoolColumn::append(self.get_or_insert_default(), other);
        }
    }

    fn remove_front(&mut self, count: usize) {
        self.iter_mut().for_each(|numbers| SpoolColumn::remove_front(numbers, count));
    }

    fn retain(&mut self, keep: &[bool]) {
        self.iter_mut().for_each(|numbers| SpoolColumn::retain(numbers, keep));
    }
}

macro_rules! columns {
    ($(#[$meta:meta])* $kind:ident { $($(#[$doc:meta])* $field:ident: $column:ty,)+ } counted by $count:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub(crate) struct $kind { $($(#[$doc])* pub(crate) $field: $column,)+ }

        impl $kind {
            /// How many rows.
            pub(crate) fn len(&self) -> usize {
                self.$count.len()
            }

            /// Appends all rows of `other`, which is empty afterwards.
            pub(crate) fn append(&mut self, other: &mut Self) {
                $(SpoolColumn::append(&mut self.$field, &mut other.$field);)+
            }

            /// Removes the first rows.
            pub(crate) fn remove_front(&mut self, count: usize) {
                $(SpoolColumn::remove_front(&mut self.$field, count);)+
            }

            /// Keeps the rows marked `true`.
            #[allow(dead_code, reason = "not every table needs it")]
            pub(crate) fn retain(&mut self, keep: &[bool]) {
                $(SpoolColumn::retain(&mut self.$field, keep);)+
            }

            /// Removes all rows.
            #[allow(dead_code, reason = "not every table needs it")]
            pub(crate) fn clear(&mut self) {
                self.remove_front(self.len());
            }

            /// Appends the first rows as bytes.
            pub(crate) fn write_front(&self, count: usize, out: &mut Vec<u8>) {
                $(self.$field.write_front(count, out);)+
            }

            /// The rows from these bytes.
            pub(crate) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
                Some(Self { $($field: SpoolColumn::read(&mut bytes)?,)+ })
            }
        }
    };
}

columns! {
    /// Accepted rows.
    Rows {
        /// Which input file.
        source: Vec<u32>,
        /// 1-based data record of its file.
        row: Vec<u64>,
        /// The account's identifier.
        id: Texts,
        /// Number of the mail domain.
        mail: Vec<u32>,
        /// When the address was verified, in microseconds since 1970, or [`MISSING`].
        verified_at: Vec<i64>,
        /// When it was first verified, in the same form.
        first_verified_at: Vec<i64>,
        /// The weight, or [`MISSING`].
        weight: Vec<i64>,
        /// For how many accounts each row stands; none if each stands for one.
        accounts: Option<Vec<i64>>,
        /// [`LOCAL_PART_INVALID`] and the like.
        marks: Vec<u8>,
        /// The address and its keyed hash, if they are wanted.
        address: Vec<Texts>,
        /// The carried columns.
        carried: Vec<Texts>,
    } counted by row
}

columns! {
    /// Rejected rows.
    Rejected {
        /// Which input file.
        source: Vec<u32>,
        /// 1-based data record of its file.
        row: Vec<u64>,
        /// The account's identifier.
        id: Texts,
        /// Number of the [`Rejection`].
        reason: Vec<u8>,
    } counted by row
}

impl Rows {
    /// For how many accounts a row stands.
    pub(crate) fn stands_for(&self, row: usize) -> u64 {
        self.accounts.as_ref().map_or(1, |accounts| accounts[row].unsigned_abs())
    }

    /// The columns of texts.
    pub(crate) fn texts(&self) -> Vec<&Texts> {
        [&self.id].into_iter().chain(&self.address).chain(&self.carried).collect()
    }
}

impl Rejected {
    /// The columns of texts.
    pub(crate) fn texts(&self) -> Vec<&Texts> {
        vec![&self.id]
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, source: u32, row: u64, id: Option<&str>, reason: Rejection) {
        self.push_number(source, row, id, reason as u8);
    }

    /// Appends a row by the number of its reason.
    pub(super) fn push_number(&mut self, source: u32, row: u64, id: Option<&str>, reason: u8) {
        self.source.push(source);
        self.row.push(row);
        self.id.push(id);
        self.reason.push(reason);
    }
}
