//! The mail servers of a few mail domains at a time, for `stream`: files are asked by name, and not read anew.
//!
//! Parquet that is sorted by its names is probed. Any other file is loaded whole, at the start, and so has to be small. Which of
//! both a Parquet file is, the statistics of its row groups tell: their bounds are names in normal spelling, in order.
//! One row group always is.
//!
//! What is found goes the same way as in a run that reads files from end to end: rows become records, and of each mail
//! domain the newest day counts over all files. A row about a wanted name that cannot be read is passed over, as there. A file
//! that is loaded and not whole is a failure: nobody would be told that a part is missing.
//!
//! What this misses: names in another spelling than the normal one, in row groups of a sorted table that are not read.
//! In those that are read, such a name is found, or it is a failure if it should be in another row group.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use compact_str::CompactString;
use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::batch::{MxBatch, MxReading, SpareBuffers};
use super::file::MxFile;
use super::files::FoundMx;
use super::form::{HEAD_BYTES, MxForm};
use super::gather::MxGatherer;
use super::kept::{KeptRecord, NumberedRecords};
use super::names::{MxNames, normal_already};
use super::parquet::MxHeader;
use super::read::read_file;
use super::servers::MailServers;
use crate::error::{Error, Result};
use crate::escape;
use crate::input::faults::Faults;
use crate::input::source::Source;
use crate::name::MailDomain;
use crate::progress::Progress;
use crate::table::probe::{ProbeRoom, SortedTable};
use crate::table::recent::Recent;
use crate::time::Moment;
use crate::wording::count;

/// Records of files that are loaded whole, at most: about 150 MiB.
const MOST_LOADED: usize = 1 << 21;
/// Names and records of a generation that are remembered, at most: about 8 MiB.
const MOST_KEPT: usize = 1 << 17;
/// Percentage of faulty rows up to which a file that is loaded counts as whole.
const MAX_FAULTY_PERCENT: f64 = 5.0;
/// How to make a file that can be probed.
const SORT: &str = "sort it by its names: \
    `duckdb -c \"COPY (FROM 'mx.csv' ORDER BY domain) TO 'mx.parquet'\"`, and name that file";

/// Files of MX data that are asked by name.
#[derive(Debug)]
pub(crate) struct MailProbe {
    tables: Vec<ProbedMx>,
    /// What was loaded.
    loaded: HashMap<CompactString, Box<[KeptRecord]>, FixedState>,
    /// How many rows of each loaded file could not be read, and which was the first.
    loaded_faults: Vec<(PathBuf, Faults)>,
    /// What was probed lately, also of names without records.
    known: Recent<CompactString, Box<[KeptRecord]>>,
    has_files: bool,
    as_of: Moment,
}

/// A sorted table.
#[derive(Debug)]
struct ProbedMx {
    path: PathBuf,
    /// The date in its name.
    date: Option<Moment>,
    header: MxHeader,
    table: SortedTable,
    /// Whether its names end with dots.
    has_dots: bool,
    /// Rows that were met and could not be read.
    faults: u64,
}

impl MailProbe {
    /// Opens these files, and loads those that cannot be probed.
    pub(crate) fn open(found: &[FoundMx], as_of: Moment, room: &ProbeRoom) -> Result<Self> {
        let (mut tables, mut others) = (Vec::new(), Vec::new());
        for file in found {
            match ProbedMx::open(file, room)? {
                Some(table) => tables.push(table),
                None => others.push(file),
            }
        }
        let (names, spare) = (MxNames::all(), SpareBuffers::default());
        let mut records = NumberedRecords::default();
        let mut loaded_faults = Vec::new();
        for FoundMx { source, date } in &others {
            let path = &source.path;
            let reading = MxReading { path, wanted: &names, as_of, file_date: *date, spare: &spare };
            loaded_faults.push((path.clone(), load(source, reading, &mut records)?));
        }
        let names = names.into_met().into_iter().enumerate();
        let loaded = names.map(|(number, name)| (name, records.take(number))).collect();
        let (known, has_files) = (Recent::new(MOST_KEPT), !found.is_empty());
        Ok(Self { tables, loaded, loaded_faults, known, has_files, as_of })
    }

    /// How many rows could not be read, of each file with such rows. Of a sorted table only the rows about mail domains
    /// that were asked for are met, each time they are asked for.
    pub(crate) fn notices(&self) -> Vec<String> {
        let told = |path: &Path, faults: u64, of_which: &str| {
            let rows = count(faults, "row");
            (faults > 0).then(|| format!("{}: {rows} {of_which}could not be read", escape::path(path)))
        };
        let loaded = self.loaded_faults.iter().filter_map(|(path, faults)| {
            Some(told(path, faults.count, "of mail servers ")? + &faults.first_in_words())
        });
        let probed = self
            .tables
            .iter()
            .filter_map(|table| told(&table.path, table.faults, "about mail domains of the input "));
        loaded.chain(probed).collect()
    }

    /// The mail servers of these mail domains.
    pub(crate) fn load(&mut self, mail_domains: &[MailDomain]) -> Result<MailServers> {
        if !self.has_files {
            return Ok(MailServers::default());
        }
        let mut gatherer = MxGatherer::new(mail_domains.len());
        let mut asked = Vec::new();
        self.known.age();
        for (number, domain) in (0..).zip(mail_domains) {
            let loaded = self.loaded.get(&domain.name);
            let known = self.known.get(&domain.name, |records| 1 + records.len());
            if known.is_none() && !self.tables.is_empty() {
                asked.push((number, domain.clone()));
            }
            let records = loaded.into_iter().chain(known).flatten();
            records.for_each(|record| gatherer.add_kept((number, &domain.name), record));
        }
        asked.sort_unstable_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let (numbers, asked): (Vec<u32>, Vec<MailDomain>) = asked.into_iter().unzip();
        let mut found = self.probe(&asked)?;
        for (place, (number, domain)) in numbers.into_iter().zip(asked).enumerate() {
            let records = found.take(place);
            records.iter().for_each(|record| gatherer.add_kept((number, &domain.name), record));
            let size = 1 + records.len();
            self.known.put(domain.name, size, || records);
        }
        Ok(gatherer.finish())
    }

    /// Probes the tables for these names, which are sorted.
    fn probe(&mut self, asked: &[MailDomain]) -> Result<NumberedRecords> {
        let (wanted, spare) = (MxNames::of(asked), SpareBuffers::default());
        let mut records = NumberedRecords::default();
        for ProbedMx { path, date, header, table, has_dots, faults } in &mut self.tables {
            let reading =
                MxReading { path, wanted: &wanted, as_of: self.as_of, file_date: *date, spare: &spare };
            let dot = if *has_dots { "." } else { "" };
            let names: Vec<String> = asked.iter().map(|domain| format!("{}{dot}", domain.name)).collect();
            let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
            names.sort_unstable();
            table.find(&names, &mut |slice| {
                let mut batch = header.read(&slice, reading)?;
                *faults += batch.file.faults.count;
                records.add(&mut batch);
                batch.end();
                Ok(())
            })?;
        }
        Ok(records)
    }
}

impl ProbedMx {
    /// Opens a file; `None` if it is no sorted table.
    fn open(FoundMx { source, date }: &FoundMx, room: &ProbeRoom) -> Result<Option<Self>> {
        if source.is_stream() {
            let what = "mail servers from a stream, expected a file";
            return Err(Error::failure(&source.path, what).hint("save them to a file"));
        }
        let head = source.head(HEAD_BYTES)?;
        if !matches!(MxForm::tell(&head, &source.path), Ok(MxForm::Parquet)) {
            return Ok(None);
        }
        let header = MxHeader::of(source)?;
        let open = |normal| {
            let columns = (header.name(), &*header.wanted());
            SortedTable::open_foreign(&source.path, columns, normal, SORT, room)
        };
        let (table, has_dots) = match open(without_dot)? {
            Some(table) => (Some(table), false),
            None => (open(with_dot)?, true),
        };
        let probed =
            |table| Self { path: source.path.clone(), date: *date, header, table, has_dots, faults: 0 };
        Ok(table.map(probed))
    }
}

/// Names as most measurements spell them.
fn without_dot(written: &str) -> Option<Cow<'_, str>> {
    if let Some(name) = normal_already(written) {
        return Some(Cow::Borrowed(name));
    }
    MailDomain::normalize(written).ok().map(|domain| Cow::Owned(domain.name.into()))
}

/// Names as resolvers print them.
fn with_dot(written: &str) -> Option<Cow<'_, str>> {
    if written.ends_with('.') && normal_already(written).is_some() {
        return Some(Cow::Borrowed(written));
    }
    without_dot(written).map(|name| Cow::Owned(name.into_owned() + "."))
}

/// Loads all records of a file; the rows that could not be read.
fn load(source: &Source, reading: MxReading<'_>, records: &mut NumberedRecords) -> Result<Faults> {
    let mut file = MxFile::of(&source.path);
    let take = &mut |batch: &mut MxBatch<'_>| {
        records.add(batch);
        if records.records > MOST_LOADED { Err(too_large(&source.path)) } else { Ok(()) }
    };
    read_file(source, reading, &Progress::hidden(), &mut file, take)?;
    file.close();
    match file.incomplete(MAX_FAULTY_PERCENT) {
        None => Ok(file.faults),
        Some(what) => Err(Error { hint: file.hint, ..Error::placeless(what) }),
    }
}

fn too_large(path: &Path) -> Error {
    let what = format!("more than {MOST_LOADED} records, and not sorted by name, so they cannot be probed");
    Error::failure(path, what).hint(SORT)
}
