//! Records that are kept for later: what was probed, and small files that are loaded whole.

use super::batch::MxBatch;
use super::host::HostText;
use super::servers::UNDATED;
use crate::time::Moment;

/// A record of a known name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeptRecord {
    /// The preference, if it is known.
    pub(super) preference: Option<u16>,
    /// The host.
    pub(super) host: HostText,
    /// When it was seen, if that is known.
    pub(super) seen: Option<Moment>,
}

/// Records of names that are numbered, before they get their names.
#[derive(Debug, Default)]
pub(super) struct NumberedRecords {
    lists: Vec<Vec<KeptRecord>>,
    /// How many records there are.
    pub(super) records: usize,
}

impl NumberedRecords {
    /// Takes the records of a batch.
    pub(super) fn add(&mut self, batch: &mut MxBatch<'_>) {
        batch.close();
        let (kept, wanted) = (&batch.kept, batch.reading.wanted);
        for found in &kept.found {
            let number = found.domain as usize;
            if self.lists.len() <= number {
                self.lists.resize_with(number + 1, Vec::new);
            }
            let seen = (found.seen != UNDATED).then_some(Moment(found.seen));
            let records = kept.lists.get(found.list).iter().map(|record| {
                let host = kept.host(record.host(), wanted.name(found.domain));
                KeptRecord { preference: record.preference(), host, seen }
            });
            let before = self.lists[number].len();
            self.lists[number].extend(records);
            self.records += self.lists[number].len() - before;
        }
    }

    /// Takes the records of a number out.
    pub(super) fn take(&mut self, number: usize) -> Box<[KeptRecord]> {
        self.lists.get_mut(number).map(std::mem::take).unwrap_or_default().into_boxed_slice()
    }
}
