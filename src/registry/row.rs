//! A row of a list: what it says of one name.

use super::kind::ListSays;
use crate::time::Moment;

/// What a list says of a name, without the name and the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowFacts {
    /// What it says.
    pub(crate) says: ListSays,
    /// First day of the registration.
    pub(crate) registered_at: Option<Moment>,
    /// Day up to which it is paid.
    pub(crate) expires_at: Option<Moment>,
    /// When the registration ended.
    pub(crate) ended_at: Option<Moment>,
    /// When the name is released.
    pub(crate) release_at: Option<Moment>,
    /// When the release ends.
    pub(crate) release_until: Option<Moment>,
    /// Whether the zone delegates it, as the list says.
    pub(crate) delegated: Option<bool>,
}

impl RowFacts {
    /// This, and nothing more.
    pub(crate) const fn only(says: ListSays) -> Self {
        Self {
            says,
            registered_at: None,
            expires_at: None,
            ended_at: None,
            release_at: None,
            release_until: None,
            delegated: None,
        }
    }
}

/// What a list says of a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListRow {
    /// A-labels, lower case, no final dot.
    pub(crate) name: Box<str>,
    /// The number of the list.
    pub(crate) list: u32,
    /// What it says.
    pub(crate) facts: RowFacts,
}

impl ListRow {
    /// Bytes of memory it takes, about.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.name.len() + 16
    }

    /// Appends it in the form of a run: see [`Self::take`].
    pub(super) fn put(&self, bytes: &mut Vec<u8>) {
        let moments = self.moments();
        let mut flags = 0_u8;
        for (bit, moment) in moments.iter().enumerate() {
            flags |= u8::from(moment.is_some()) << bit;
        }
        let delegated = match self.facts.delegated {
            None => 0,
            Some(false) => 1,
            Some(true) => 2,
        };
        // a name has at most 253 characters
        bytes.push(self.name.len() as u8);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(&self.list.to_le_bytes());
        bytes.extend_from_slice(&[self.facts.says.number(), delegated, flags]);
        for moment in moments.into_iter().flatten() {
            bytes.extend_from_slice(&moment.0.to_le_bytes());
        }
    }

    fn moments(&self) -> [Option<Moment>; 5] {
        let facts = &self.facts;
        [facts.registered_at, facts.expires_at, facts.ended_at, facts.release_at, facts.release_until]
    }

    /// Reads a row of a run; `Ok(None)` at its end.
    pub(super) fn take(run: &mut impl std::io::BufRead) -> std::io::Result<Option<Self>> {
        let damaged =
            || std::io::Error::new(std::io::ErrorKind::InvalidData, "a run of rows does not read back");
        if run.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut length = [0];
        run.read_exact(&mut length)?;
        let mut name = vec![0; usize::from(length[0])];
        run.read_exact(&mut name)?;
        let (mut list, mut rest) = ([0; 4], [0; 3]);
        run.read_exact(&mut list)?;
        run.read_exact(&mut rest)?;
        let mut moments = [None; 5];
        for (bit, moment) in moments.iter_mut().enumerate() {
            if rest[2] >> bit & 1 == 1 {
                let mut bytes = [0; 8];
                run.read_exact(&mut bytes)?;
                *moment = Some(Moment(i64::from_le_bytes(bytes)));
            }
        }
        let [registered_at, expires_at, ended_at, release_at, release_until] = moments;
        Ok(Some(Self {
            name: String::from_utf8(name).map_err(|_| damaged())?.into(),
            list: u32::from_le_bytes(list),
            facts: RowFacts {
                says: ListSays::from_number(rest[0]).ok_or_else(damaged)?,
                registered_at,
                expires_at,
                ended_at,
                release_at,
                release_until,
                delegated: [None, Some(false), Some(true)]
                    .get(usize::from(rest[1]))
                    .copied()
                    .ok_or_else(damaged)?,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_read_back() {
        let row = |name: &str, says, days: [Option<i64>; 5], delegated| ListRow {
            name: name.into(),
            list: 70_000,
            facts: RowFacts {
                says,
                registered_at: days[0].map(Moment),
                expires_at: days[1].map(Moment),
                ended_at: days[2].map(Moment),
                release_at: days[3].map(Moment),
                release_until: days[4].map(Moment),
                delegated,
            },
        };
        let rows = [
            row("a.example", ListSays::Registered, [Some(1), None, Some(-3), None, Some(5)], Some(false)),
            row("b.example", ListSays::NotListed, [None; 5], None),
            row(&"c".repeat(253), ListSays::WillDrop, [Some(i64::MAX); 5], Some(true)),
        ];
        let mut bytes = Vec::new();
        rows.iter().for_each(|row| row.put(&mut bytes));
        let mut run = &bytes[..];
        for row in &rows {
            assert_eq!(ListRow::take(&mut run).expect("it reads back").as_ref(), Some(row));
        }
        assert_eq!(ListRow::take(&mut run).expect("the end"), None);
        assert!(ListRow::take(&mut &bytes[..5]).is_err(), "cut");
    }
}
