//! Rows of Arrow: from standard input to standard output, a record batch for each record batch.

use std::io::{self, BufReader, Cursor, Read, Write};
use std::path::Path;

use polars_arrow::array::{
    Array, BooleanArray, ListArray, MutableUtf8Array, PrimitiveArray, StructArray, TryExtend, Utf8Array,
};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::compute::concatenate::concatenate;
use polars_arrow::datatypes::{ArrowDataType, Field, TimeUnit};
use polars_arrow::offset::{Offsets, OffsetsBuffer};
use rayon::prelude::*;

use super::batch::{Fate, JudgedPart, RowJudge};
use super::columns::{self, Cell, CellKind, OF_DOMAIN, OF_SERVER, OF_VERDICT};
use super::foreign::{MARK_BYTES, refuse};
use super::{STANDARD_INPUT, carried};
use crate::census::CensusOptions;
use crate::cli::StreamFormat;
use crate::config::StreamConfig;
use crate::error::{Error, Result};
use crate::input::accounts::{FormOptions, hand_over};
use crate::input::arrow::{AddedColumns, ArrowPart, ArrowRows, write_end};
use crate::name::Rejection;
use crate::table::slice::Slice;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 20;
/// Rows whose cells are in memory together, for each worker.
const PART_ROWS: usize = 1 << 14;

/// A stream that is about to be read.
pub(super) struct ArrowStream {
    form: FormOptions,
    added: AddedColumns,
    batch_rows: usize,
}

impl ArrowStream {
    pub(super) fn new(config: StreamConfig) -> Self {
        let StreamConfig { mut form, prefix, batch_rows, with_servers, .. } = config;
        form.columns.taken = columns::names(&prefix, with_servers);
        let kinds = columns::all(with_servers).map(|(_, kind)| kind);
        let fields = form.columns.taken.iter().zip(kinds).map(|(name, kind)| field(name, kind));
        let added = AddedColumns::new(fields.collect());
        Self { form, added, batch_rows }
    }

    /// Judges all rows. The answer to a batch is written before the next one is read.
    pub(super) fn write(&self, judge: &mut RowJudge, to: &mut dyn Write) -> io::Result<()> {
        let path = Path::new(STANDARD_INPUT);
        let (mut input, mut start) = (io::stdin().lock(), Vec::new());
        let looked = input.by_ref().take(MARK_BYTES as u64).read_to_end(&mut start);
        looked.map_err(|error| carried(Error::io(path, "read", &error)))?;
        if let Some(error) = refuse(&start, false, Some(StreamFormat::Arrow), None) {
            return Err(carried(error));
        }
        let mut from = BufReader::with_capacity(READ_BYTES, Cursor::new(start).chain(input));
        let opened = ArrowRows::open(&mut from, path, &self.form.columns, &self.added);
        let (mut stream, schema) = opened.map_err(carried)?;
        schema.write(to)?;
        to.flush()?;
        let options = CensusOptions { form: self.form.clone(), ..CensusOptions::default() };
        while let Some(part) = stream.next().map_err(carried)? {
            let message = match part {
                ArrowPart::Other(message) => message,
                ArrowPart::Rows(batch, slice) => {
                    let arrays = self.judge(judge, &options, &stream, &slice).map_err(carried)?;
                    let extended = self.added.extend_rows(batch, arrays);
                    extended.ok_or_else(|| carried(Error::internal("a record batch cannot be written")))?
                }
            };
            message.write(to)?;
            to.flush()?;
        }
        write_end(to)?;
        to.flush()
    }

    /// The columns that are added to a record batch, which may be of any size: as many rows as in other formats are
    /// judged together.
    fn judge(
        &self,
        judge: &mut RowJudge,
        options: &CensusOptions,
        stream: &ArrowRows<'_>,
        slice: &Slice,
    ) -> Result<Vec<Box<dyn Array>>> {
        let starts = (0..slice.rows().max(1)).step_by(self.batch_rows);
        let batch = |start| Self::judge_batch(judge, options, stream, &slice.part(start, self.batch_rows));
        let mut parts: Vec<_> =
            starts.map(batch).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
        if parts.len() == 1 {
            return Ok(parts.remove(0));
        }
        let columns = 0..parts[0].len();
        let whole = |column: usize| {
            concatenate(&parts.iter().map(|arrays| &*arrays[column]).collect::<Vec<_>>())
                .map_err(|_| too_long())
        };
        columns.map(whole).collect()
    }

    /// The columns of rows that are judged together, part by part.
    fn judge_batch(
        judge: &mut RowJudge,
        options: &CensusOptions,
        stream: &ArrowRows<'_>,
        batch: &Slice,
    ) -> Result<Vec<Vec<Box<dyn Array>>>> {
        let (header, columns) = (&stream.header, &stream.columns);
        let starts = (0..batch.rows().max(1)).step_by(PART_ROWS);
        let parts: Vec<Slice> = starts.map(|start| batch.part(start, PART_ROWS)).collect();
        let arrays = judge.judge(
            &parts,
            options,
            |slice, sink| hand_over(slice, header, columns, sink),
            |_, _, judged| added(judged),
        );
        arrays?.into_iter().collect()
    }
}

fn field(name: &str, kind: CellKind) -> Field {
    Field::new(name.into(), stored(kind), true)
}

/// The type of a column.
fn stored(kind: CellKind) -> ArrowDataType {
    match kind {
        CellKind::Text => ArrowDataType::Utf8,
        CellKind::Integer => ArrowDataType::Int64,
        CellKind::Date => ArrowDataType::Date32,
        CellKind::Timestamp => ArrowDataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        CellKind::Flag => ArrowDataType::Boolean,
        CellKind::Texts => list_of(ArrowDataType::Utf8),
        CellKind::Servers => list_of(server()),
    }
}

/// The type of a domain of servers.
fn server() -> ArrowDataType {
    ArrowDataType::Struct(OF_SERVER.iter().map(|(name, kind)| field(name, *kind)).collect())
}

fn list_of(items: ArrowDataType) -> ArrowDataType {
    ArrowDataType::List(Box::new(Field::new("item".into(), items, true)))
}

/// The columns that are added to these rows.
fn added(judged: &JudgedPart<'_>) -> Result<Vec<Box<dyn Array>>> {
    let domains: Vec<(Vec<Cell<'_>>, Vec<Cell<'_>>)> =
        judged.mail().iter().map(|mail| judged.domain_cells(mail)).collect();
    let verdicts: Vec<_> =
        judged.verdicts().map(|verdict| columns::of_verdict(verdict, judged.as_of())).collect();
    let rejected: Vec<_> = Rejection::ALL.iter().map(|reason| columns::of_rejected(*reason)).collect();
    let no_end = judged.no_end();
    let fates: Vec<Fate> = judged.fates().collect();
    let cell = |place: usize, fate: &Fate| -> &Cell<'_> {
        let at_end = place.checked_sub(OF_DOMAIN.len() + OF_VERDICT.len());
        match (at_end, fate) {
            (Some(place), Fate::Judged { mail, .. }) => &domains[*mail].1[place],
            (Some(place), Fate::Rejected(_)) => &no_end[place],
            (None, Fate::Judged { mail, .. }) if place < OF_DOMAIN.len() => &domains[*mail].0[place],
            (None, Fate::Judged { verdict, .. }) => &verdicts[*verdict][place - OF_DOMAIN.len()],
            (None, Fate::Rejected(_)) if place < OF_DOMAIN.len() => &Cell::Null,
            (None, Fate::Rejected(reason)) => &rejected[*reason as usize][place - OF_DOMAIN.len()],
        }
    };
    let kinds: Vec<CellKind> = columns::all(judged.with_servers()).map(|(_, kind)| kind).collect();
    let column =
        |(place, kind): (usize, &CellKind)| array(*kind, &mut fates.iter().map(|fate| cell(place, fate)));
    let arrays: Vec<Option<_>> = kinds.par_iter().enumerate().map(column).collect();
    arrays.into_iter().collect::<Option<_>>().ok_or_else(too_long)
}

fn too_long() -> Error {
    let what = "a record batch has so many rows that its texts take more than 2 GiB";
    Error::failure(Path::new(STANDARD_INPUT), what).hint("write at most 1,000,000 rows in a record batch")
}

/// A column of these cells; `None` if its texts are too long.
fn array<'c>(kind: CellKind, cells: &mut dyn Iterator<Item = &'c Cell<'c>>) -> Option<Box<dyn Array>> {
    let dtype = stored(kind);
    match kind {
        CellKind::Text => {
            let text = |cell: &'c Cell<'c>| if let Cell::Text(text) = cell { Some(*text) } else { None };
            let mut texts = MutableUtf8Array::<i32>::with_capacity(cells.size_hint().0);
            texts.try_extend(cells.map(text)).ok()?;
            let texts: Utf8Array<i32> = texts.into();
            Some(Box::new(texts))
        }
        CellKind::Integer | CellKind::Timestamp => {
            let number = |cell: &Cell<'_>| match cell {
                Cell::Integer(number) => Some(*number),
                Cell::Moment(moment) => Some(moment.0),
                _ => None,
            };
            Some(Box::new(cells.map(number).collect::<PrimitiveArray<i64>>().to(dtype)))
        }
        CellKind::Date => {
            let day = |cell: &Cell<'_>| if let Cell::Day(day) = cell { Some(day.0) } else { None };
            Some(Box::new(cells.map(day).collect::<PrimitiveArray<i32>>().to(dtype)))
        }
        CellKind::Flag => {
            let flag = |cell: &Cell<'_>| if let Cell::Flag(flag) = cell { Some(*flag) } else { None };
            Some(Box::new(cells.map(flag).collect::<BooleanArray>()))
        }
        CellKind::Texts => {
            let mut lengths = Vec::new();
            let mut texts = MutableUtf8Array::<i32>::new();
            for cell in cells {
                let words = if let Cell::Texts(words) = cell { &words[..] } else { &[] };
                lengths.push(words.len());
                texts.try_extend(words.iter().map(|word| Some(&**word))).ok()?;
            }
            let texts: Utf8Array<i32> = texts.into();
            lists(dtype, &lengths, Box::new(texts), None)
        }
        CellKind::Servers => {
            let servers =
                |cell: &'c Cell<'c>| if let Cell::Servers(servers) = cell { Some(servers) } else { None };
            let all: Vec<_> = cells.map(servers).collect();
            let lengths: Vec<usize> = all.iter().map(|servers| servers.map_or(0, Vec::len)).collect();
            let members = |(place, (_, kind)): (usize, &(_, CellKind))| {
                let servers = all.iter().copied().flatten().flatten();
                array(*kind, &mut servers.map(move |server| &server[place]))
            };
            let members = OF_SERVER.iter().enumerate().map(members).collect::<Option<Vec<_>>>()?;
            let servers = StructArray::new(server(), lengths.iter().sum(), members, None);
            let validity = all.iter().map(Option::is_some).collect::<Bitmap>();
            lists(dtype, &lengths, Box::new(servers), Some(validity))
        }
    }
}

/// A column of lists of so many items; `None` if there are too many.
fn lists(
    dtype: ArrowDataType,
    lengths: &[usize],
    items: Box<dyn Array>,
    validity: Option<Bitmap>,
) -> Option<Box<dyn Array>> {
    let offsets = Offsets::<i32>::try_from_lengths(lengths.iter().copied()).ok()?;
    let lists = ListArray::<i32>::try_new(dtype, OffsetsBuffer::from(offsets), items, validity);
    Some(Box::new(lists.ok()?))
}
