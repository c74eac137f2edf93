//! Arrow IPC streams: rows in, and the same rows out with more columns.
//!
//! Messages go through as they came, byte for byte, whatever types their columns have: dictionaries, unions and nested
//! columns too. Only the columns with a role are taken out of a record batch ([`fields`]) and decoded. Columns are added by
//! changing the metadata of a message ([`extend`]): the new fields come after the old ones in the schema, and so do the
//! new buffers in each record batch.
//!
//! Refused are bodies that are packed and big-endian streams, and what is broken, with the number of its message. A text
//! that is not UTF-8 is a row like any other: texts are decoded as bytes. A column that only goes through is not looked
//! into: what is wrong in it, its reader will find.

mod extend;
mod fields;
mod message;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read};
use std::path::Path;

use polars::prelude::{Column, Series};
use polars_arrow::array::{Array, BinaryViewArray, MutableBinaryViewArray, PrimitiveArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::io::ipc::IpcSchema;
use polars_arrow::io::ipc::format::ipc;
use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::read::common::{read_dictionary, read_record_batch};
use polars_arrow::io::ipc::read::{Dictionaries, deserialize_schema};

pub(crate) use extend::AddedColumns;
pub(crate) use message::{ArrowBatch, ArrowMessage, write_end};

use super::accounts::{ColumnNames, Columns, looks_like_a_name};
use crate::error::{Error, Result};
use crate::table::guard::guarded;
use crate::table::slice::Slice;
use fields::{Footprint, Measure, part_of};
use message::read_message;

/// What helps with a stream that cannot be read.
const REMEDY: &str = "write the stream again, and end it: in pyarrow, `with pa.ipc.new_stream(...)`";
const PACKED_REMEDY: &str = "write it without compression, which is the default: in pyarrow, \
    `pa.ipc.IpcWriteOptions(compression=None)`, in Polars, `write_ipc_stream(..., compression='uncompressed')`";
const TYPE_REMEDY: &str = "cast that column to a plain type, or leave it out";
const ROLE_REMEDY: &str = "cast it to text, to whole numbers, or to timestamps, whichever it stands for";
const ROWS_REMEDY: &str = "write at most 1,000,000 rows in a record batch";
/// Rows that a record batch or a dictionary may have although its body has not so many bytes. Columns without values take
/// no bytes, so a few bytes can claim any number of rows.
const ROWS_WITHOUT_BYTES: usize = 1 << 20;

/// An Arrow IPC stream that is being read.
pub(crate) struct ArrowRows<'r> {
    path: &'static Path,
    from: &'r mut dyn Read,
    /// Messages that were read.
    messages: u64,
    /// What each column takes of a record batch.
    footprints: Vec<Footprint>,
    /// The columns with a role, as they are decoded.
    schema: ArrowSchema,
    /// The same for record batches: of a dictionary they have the numbers.
    numbered: ArrowSchema,
    ipc_schema: IpcSchema,
    version: ipc::MetadataVersion,
    /// The names of all columns, and which of them serve for what.
    pub(crate) header: Vec<String>,
    pub(crate) columns: Columns,
    /// The places of the columns that are decoded.
    wanted: Vec<usize>,
    /// The dictionaries of all columns.
    known_dictionaries: Vec<i64>,
    dictionaries: Dictionaries,
}

/// What comes next in a stream.
pub(crate) enum ArrowPart {
    /// Rows.
    Rows(ArrowBatch, Slice),
    /// Anything else, which goes through.
    Other(ArrowMessage),
}

impl<'r> ArrowRows<'r> {
    /// Reads the schema, which comes back with these columns behind its own.
    pub(crate) fn open(
        from: &'r mut dyn Read,
        path: &'static Path,
        names: &ColumnNames,
        added: &AddedColumns,
    ) -> Result<(Self, ArrowMessage)> {
        let failed = |what: &str, remedy: &str| Error::failure(path, what).hint(remedy);
        let first = read_message(from).map_err(|what| failed(&what, REMEDY))?;
        let first = first.ok_or_else(|| failed("an Arrow IPC stream without a schema", REMEDY))?;
        let senseless = || failed("the schema makes no sense", REMEDY);
        let parsed = ipc::MessageRef::read_as_root(&first.metadata).map_err(|_| senseless())?;
        let Ok(Some(ipc::MessageHeaderRef::Schema(schema))) = parsed.header() else {
            return Err(failed("no schema comes first", REMEDY));
        };
        let version = parsed.version().map_err(|_| senseless())?;
        let mut measure = Measure::of(first.metadata.len());
        let texts = [parsed.custom_metadata(), schema.custom_metadata()];
        texts.into_iter().try_for_each(|texts| measure.texts(texts.ok()?)).ok_or_else(senseless)?;
        let (mut header, mut footprints) = (Vec::new(), Vec::new());
        for field in schema.fields().ok().flatten().into_iter().flatten() {
            let field = field.map_err(|_| senseless())?;
            header.push(field.name().map_err(|_| senseless())?.unwrap_or_default().to_owned());
            footprints.push(measure.field(field, version).ok_or_else(|| unread(path, header.last()))?);
        }
        let whole = first.read().ok_or_else(senseless)?;
        let Some(ipc::MessageHeader::Schema(schema)) = &whole.header else { return Err(senseless()) };
        if schema.endianness != ipc::Endianness::Little {
            return Err(failed("a big-endian stream, expected little-endian", "write it on another machine"));
        }
        let texts: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&texts, names, path)?;
        let wanted = columns.places();
        let fields: Vec<ipc::Field> =
            wanted.iter().filter_map(|place| schema.fields.as_ref()?.get(*place).cloned()).collect();
        let (schema, ipc_schema) = read_fields(fields, path)?;
        let extended = added.extend_schema(whole).ok_or_else(senseless)?;
        let schema: ArrowSchema = schema.iter_values().map(as_decoded).collect();
        let rows = Self {
            path,
            from,
            messages: 1,
            footprints,
            numbered: schema.iter_values().map(as_numbers).collect(),
            schema,
            ipc_schema,
            version,
            header,
            columns,
            wanted,
            known_dictionaries: measure.dictionaries,
            dictionaries: Dictionaries::default(),
        };
        Ok((rows, extended))
    }

    /// What comes next; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<ArrowPart>> {
        self.messages += 1;
        let Some(message) = read_message(self.from).map_err(|what| self.failed(what))? else {
            return Ok(None);
        };
        let senseless = || self.failed("it makes no sense");
        let parsed = ipc::MessageRef::read_as_root(&message.metadata).map_err(|_| senseless())?;
        match parsed.header().ok().flatten() {
            Some(ipc::MessageHeaderRef::RecordBatch(_)) => {
                let texts = parsed.custom_metadata().ok();
                texts
                    .and_then(|texts| Measure::of(message.metadata.len()).texts(texts))
                    .ok_or_else(senseless)?;
                let batch = ArrowBatch::of(message).ok_or_else(senseless)?;
                let slice = self.take_rows(&batch)?;
                Ok(Some(ArrowPart::Rows(batch, slice)))
            }
            Some(ipc::MessageHeaderRef::DictionaryBatch(batch)) => {
                self.take_dictionary(batch, &message.body)?;
                Ok(Some(ArrowPart::Other(message)))
            }
            Some(ipc::MessageHeaderRef::Schema(_)) => Err(self.failed("a second schema")),
            _ => Err(senseless()),
        }
    }

    /// The columns with a role.
    fn take_rows(&self, batch: &ArrowBatch) -> Result<Slice> {
        let rows = usize::try_from(batch.rows.length);
        let rows = rows.map_err(|_| self.failed("a record batch of less than no rows"))?;
        if rows > most_rows(&batch.body) {
            let bytes = batch.body.len();
            let what = format!("a record batch of {rows} rows in {bytes} bytes, expected fewer rows");
            return Err(self.failed(what).hint(ROWS_REMEDY));
        }
        if batch.rows.compression.is_some() {
            return Err(self.failed("a record batch is packed, expected plain buffers").hint(PACKED_REMEDY));
        }
        let buffers = batch.rows.buffers.as_deref().unwrap_or_default();
        if !buffers.iter().all(|buffer| is_inside(buffer.offset, buffer.length, &batch.body)) {
            return Err(self.failed("the buffers of a record batch are outside its body"));
        }
        let part = part_of(&batch.rows, &self.footprints, &self.wanted);
        let part =
            part.ok_or_else(|| self.failed("a record batch does not have the columns of the schema"))?;
        let metadata = batch.metadata_of(part);
        let decode = || {
            let parsed = ipc::MessageRef::read_as_root(&metadata).ok()?;
            let Some(ipc::MessageHeaderRef::RecordBatch(part)) = parsed.header().ok()? else { return None };
            self.decode(part, &batch.body, rows)
        };
        let decoded = guarded(decode).flatten();
        decoded.ok_or_else(|| self.failed("the values of a record batch make no sense"))
    }

    fn wants_dictionary(&self, id: i64) -> bool {
        self.ipc_schema.fields.iter().any(|field| field.dictionary_id == Some(id))
    }

    fn take_dictionary(&mut self, batch: ipc::DictionaryBatchRef<'_>, body: &[u8]) -> Result<()> {
        let id = batch.id().ok().filter(|id| self.known_dictionaries.contains(id));
        let id = id.ok_or_else(|| self.failed("a dictionary that no column of the schema has"))?;
        let data = batch.data().ok().flatten().ok_or_else(|| self.failed("it makes no sense"))?;
        if !matches!(data.compression(), Ok(None)) {
            return Err(self.failed("a dictionary is packed, expected plain buffers").hint(PACKED_REMEDY));
        }
        let buffers = data.buffers().ok().flatten();
        let is_inside = |buffer: ipc::BufferRef<'_>| is_inside(buffer.offset(), buffer.length(), body);
        if !buffers.is_some_and(|buffers| buffers.iter().all(is_inside)) {
            return Err(self.failed("the buffers of a dictionary are outside its body"));
        }
        if !self.wants_dictionary(id) {
            return Ok(());
        }
        if !usize::try_from(data.length().unwrap_or(-1)).is_ok_and(|length| length <= most_rows(body)) {
            return Err(self.failed("the length of a dictionary makes no sense"));
        }
        if batch.is_delta().unwrap_or(true) {
            let what = "a dictionary that grows, expected one that is replaced";
            return Err(self.failed(what).hint(TYPE_REMEDY));
        }
        let Self { schema, ipc_schema, dictionaries, .. } = self;
        let (mut from, mut scratch) = (Cursor::new(body), Vec::new());
        let checked = Default::default();
        let read = guarded(|| {
            read_dictionary(batch, schema, ipc_schema, dictionaries, &mut from, 0, &mut scratch, checked)
        });
        match read {
            Some(Ok(())) => Ok(()),
            _ => Err(self.failed("the values of a dictionary make no sense")),
        }
    }

    /// Decodes the columns with a role.
    fn decode(&self, batch: ipc::RecordBatchRef<'_>, body: &[u8], rows: usize) -> Option<Slice> {
        let mut scratch = Vec::new();
        let decoded = read_record_batch(
            batch,
            &self.numbered,
            &self.ipc_schema,
            None,
            None,
            &self.dictionaries,
            self.version,
            &mut Cursor::new(body),
            0,
            &mut scratch,
            Default::default(),
        );
        let arrays = decoded.ok()?.into_arrays();
        let column = |(place, array): (usize, Box<dyn Array>)| {
            let (name, field) = self.schema.get_at_index(place)?;
            let array = match self.ipc_schema.fields[place].dictionary_id {
                Some(id) => unpacked(&*array, &**self.dictionaries.get(&id)?)?,
                None => array,
            };
            let field = Field::new(name.clone(), array.dtype().clone(), field.is_nullable);
            (array.len() == rows).then(|| Series::try_from((&field, array)).ok().map(Column::from))?
        };
        let columns: Option<Vec<Column>> = arrays.into_iter().enumerate().map(column).collect();
        Slice::of(self.path, TYPE_REMEDY, columns?)
    }

    /// An error at the message that is being read.
    fn failed(&self, what: impl std::fmt::Display) -> Error {
        Error::failure(self.path, format!("message {}: {what}", self.messages)).hint(REMEDY)
    }
}

/// Reads the fields of the columns with a role.
fn read_fields(fields: Vec<ipc::Field>, path: &Path) -> Result<(ArrowSchema, IpcSchema)> {
    let read = |fields: Vec<ipc::Field>| {
        let metadata = ArrowMessage::of_schema(fields).metadata;
        let (schema, ipc_schema, _) = guarded(|| deserialize_schema(&metadata))?.ok()?;
        Some((schema, ipc_schema))
    };
    for field in &fields {
        let (schema, _) = read(vec![field.clone()]).ok_or_else(|| unread(path, field.name.as_ref()))?;
        if let Some(other) = schema.iter_values().find(|field| !is_read(&field.dtype)) {
            let kind = format!("{:?}", other.dtype);
            let kind = kind.split('(').next().unwrap_or_default();
            let what = format!("{}: its type {kind} cannot be read here", column(field.name.as_ref()));
            return Err(Error::failure(path, what).hint(ROLE_REMEDY));
        }
    }
    let (schema, ipc_schema) = read(fields).ok_or_else(|| unread(path, None))?;
    Ok((schema, ipc_schema))
}

/// A type that nobody knows, or that is nested too deep.
fn unread(path: &Path, name: Option<&String>) -> Error {
    Error::failure(path, format!("{}: its type cannot be read here", column(name))).hint(TYPE_REMEDY)
}

/// How a message names a column: what does not look like a name may be a cell.
fn column(name: Option<&String>) -> String {
    match name {
        Some(name) if looks_like_a_name(name) => format!("column `{name}`"),
        _ => "a column".to_owned(),
    }
}

fn most_rows(body: &[u8]) -> usize {
    body.len().max(ROWS_WITHOUT_BYTES)
}

fn is_inside(offset: i64, length: i64, body: &[u8]) -> bool {
    let end = offset.checked_add(length);
    offset >= 0 && length >= 0 && end.is_some_and(|end| end <= body.len() as i64)
}

/// A field as it is decoded. Its texts, also those of a dictionary, are bytes: their buffers are the same. Times with a
/// zone count from 1970 in UTC, whatever the zone is.
fn as_decoded(field: &Field) -> Field {
    let mut field = field.clone();
    match &mut field.dtype {
        ArrowDataType::Dictionary(_, values, _) => **values = as_bytes(values),
        ArrowDataType::Timestamp(_, Some(zone)) => *zone = "UTC".into(),
        other => *other = as_bytes(other),
    }
    field
}

/// Whether the values of a type can be read where a column has a role.
fn is_read(kind: &ArrowDataType) -> bool {
    use ArrowDataType::{
        Decimal, Decimal32, Decimal64, Decimal256, Dictionary, Duration, Float16, Interval, Map, Time32,
        Time64, Union,
    };
    let is_other =
        matches!(kind, Duration(_) | Float16 | Interval(_) | Map(..) | Time32(_) | Time64(_) | Union(_));
    let is_decimal = matches!(kind, Decimal(..) | Decimal32(..) | Decimal64(..) | Decimal256(..));
    matches!(kind, Dictionary(..)) || !(is_other || is_decimal || kind.is_nested())
}

fn as_bytes(kind: &ArrowDataType) -> ArrowDataType {
    match kind {
        ArrowDataType::Utf8 => ArrowDataType::Binary,
        ArrowDataType::LargeUtf8 => ArrowDataType::LargeBinary,
        ArrowDataType::Utf8View => ArrowDataType::BinaryView,
        other => other.clone(),
    }
}

/// A field of a dictionary as its numbers. Where there is no value, a number may be anything (pandas writes -1), so
/// they are checked here.
fn as_numbers(field: &Field) -> Field {
    let mut field = field.clone();
    if let ArrowDataType::Dictionary(key, ..) = field.dtype {
        field.dtype = key.into();
    }
    field
}

/// A column by its numbers in a dictionary; `None` if that has no texts, or not so many.
fn unpacked(numbers: &dyn Array, dictionary: &dyn Array) -> Option<Box<dyn Array>> {
    let values = texts_of(dictionary)?;
    macro_rules! by_key {
        ($($key:ty),+) => {
            $(if let Some(keys) = numbers.as_any().downcast_ref::<PrimitiveArray<$key>>() {
                let is_known = |key: &$key| usize::try_from(*key).is_ok_and(|key| key < values.len());
                if !keys.iter().flatten().all(is_known) {
                    return None;
                }
                let value = |key: Option<&$key>| values.get(usize::try_from(*key?).ok()?);
                return Some(Box::new(binary(keys.iter().map(value))));
            })+
        };
    }
    by_key!(i8, i16, i32, i64, u8, u16, u32, u64);
    None
}

/// Texts as bytes.
fn texts_of(array: &dyn Array) -> Option<BinaryViewArray> {
    let field = Field::new("".into(), array.dtype().clone(), true);
    let series = Series::try_from((&field, array.to_boxed())).ok()?;
    Some(binary(series.binary().ok()?.iter()))
}

fn binary<'b>(values: impl Iterator<Item = Option<&'b [u8]>>) -> BinaryViewArray {
    let mut array = MutableBinaryViewArray::<[u8]>::with_capacity(values.size_hint().0);
    values.for_each(|value| array.push(value));
    array.into()
}
