//! Arrow IPC streams: rows in, and the same rows out with more columns.
//!
//! Messages go through as they came, byte for byte, whatever types their columns have: dictionaries, views and nested
//! columns too. Only the columns with a role are decoded. Columns are added by changing the metadata of a message
//! ([`extend`]): the new fields come after the old ones in the schema, and so do the new buffers in each record batch.
//!
//! Refused are bodies that are packed, big-endian streams, and types that Polars does not know (run-end encoding, list
//! views). A text that is not UTF-8 is a row like any other: texts are decoded as bytes.

mod extend;
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
pub(crate) use message::{ArrowMessage, write_end};

use super::accounts::{ColumnNames, Columns};
use crate::error::{Error, Result};
use crate::table::guard::guarded;
use crate::table::slice::Slice;
use message::read_message;

/// What helps with a stream that cannot be read.
const REMEDY: &str = "write the stream again, and end it: in pyarrow, `with pa.ipc.new_stream(...)`";
const PACKED_REMEDY: &str =
    "write it without compression: in pyarrow, `pa.ipc.IpcWriteOptions(compression=None)`, the default";
const TYPE_REMEDY: &str = "cast that column to a plain type, or leave it out";
const ROLE_REMEDY: &str = "cast it to text, to whole numbers, or to timestamps, whichever it stands for";

/// An Arrow IPC stream that is being read.
pub(crate) struct ArrowRows<'r> {
    path: &'static Path,
    from: &'r mut dyn Read,
    /// The schema as it is decoded.
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
    dictionaries: Dictionaries,
}

/// What comes next in a stream.
pub(crate) enum ArrowPart {
    /// Rows: the message, the columns with a role, and how many rows they are.
    Rows(ArrowMessage, Slice, usize),
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
        let whole = first.read().ok_or_else(|| failed("the schema makes no sense", REMEDY))?;
        let read = guarded(|| deserialize_schema(&first.metadata)).and_then(std::result::Result::ok);
        let (schema, ipc_schema, _) =
            read.ok_or_else(|| failed("a column has a type that cannot be read here", TYPE_REMEDY))?;
        if schema.len() != ipc_schema.fields.len() {
            return Err(failed("two columns have one name", "rename one of them"));
        }
        if !ipc_schema.is_little_endian {
            return Err(failed("a big-endian stream, expected little-endian", "write it on another machine"));
        }
        let header: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let texts: Vec<&str> = header.iter().map(String::as_str).collect();
        let columns = Columns::find(&texts, names, path)?;
        let extended =
            added.extend_schema(whole.clone()).ok_or_else(|| failed("no schema comes first", REMEDY))?;
        let wanted = columns.places();
        let mut with_role = wanted.iter().filter_map(|place| schema.get_at_index(*place));
        if let Some((name, field)) = with_role.find(|(_, field)| !is_read(&field.dtype)) {
            let kind = format!("{:?}", field.dtype);
            let kind = kind.split('(').next().unwrap_or_default();
            return Err(failed(
                &format!("column `{name}`: its type {kind} cannot be read here"),
                ROLE_REMEDY,
            ));
        }
        let schema: ArrowSchema = schema.iter_values().map(as_decoded).collect();
        let rows = Self {
            path,
            from,
            numbered: schema.iter_values().map(as_numbers).collect(),
            schema,
            ipc_schema,
            version: whole.version,
            header,
            columns,
            wanted,
            dictionaries: Dictionaries::default(),
        };
        Ok((rows, extended))
    }

    /// What comes next; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<ArrowPart>> {
        let Some(message) = read_message(self.from).map_err(|what| self.failed(what))? else {
            return Ok(None);
        };
        let senseless = || self.failed("a message makes no sense");
        let parsed = ipc::MessageRef::read_as_root(&message.metadata).map_err(|_| senseless())?;
        match parsed.header().ok().flatten() {
            Some(ipc::MessageHeaderRef::RecordBatch(batch)) => {
                let rows = usize::try_from(batch.length().unwrap_or(-1)).map_err(|_| senseless())?;
                self.check(batch, message.body.len())?;
                let decoded = guarded(|| self.decode(batch, &message.body, rows)).flatten();
                let slice =
                    decoded.ok_or_else(|| self.failed("the values of a record batch make no sense"))?;
                Ok(Some(ArrowPart::Rows(message, slice, rows)))
            }
            Some(ipc::MessageHeaderRef::DictionaryBatch(batch)) => {
                let data = batch.data().ok().flatten().ok_or_else(senseless)?;
                self.check(data, message.body.len())?;
                if batch.id().is_ok_and(|id| self.wants_dictionary(id)) {
                    if batch.is_delta().unwrap_or(true) {
                        let what = "a dictionary that grows, expected one that is replaced";
                        return Err(Error::failure(self.path, what).hint(TYPE_REMEDY));
                    }
                    self.take_dictionary(batch, &message.body)?;
                }
                Ok(Some(ArrowPart::Other(message)))
            }
            Some(ipc::MessageHeaderRef::Schema(_)) => Err(self.failed("a second schema")),
            _ => Err(senseless()),
        }
    }

    /// Checks that a batch is not packed, and that its buffers are where the body is.
    fn check(&self, batch: ipc::RecordBatchRef<'_>, length: usize) -> Result<()> {
        if !matches!(batch.compression(), Ok(None)) {
            let what = "a record batch is packed, expected plain buffers";
            return Err(Error::failure(self.path, what).hint(PACKED_REMEDY));
        }
        let buffers = batch.buffers().ok().flatten();
        let is_inside = |buffer: ipc::BufferRef<'_>| {
            let end = buffer.offset().checked_add(buffer.length());
            buffer.offset() >= 0 && buffer.length() >= 0 && end.is_some_and(|end| end <= length as i64)
        };
        if buffers.is_some_and(|buffers| buffers.iter().all(is_inside)) {
            Ok(())
        } else {
            Err(self.failed("the buffers of a record batch are outside its body"))
        }
    }

    fn wants_dictionary(&self, id: i64) -> bool {
        self.wanted.iter().any(|place| self.ipc_schema.fields[*place].dictionary_id == Some(id))
    }

    fn take_dictionary(&mut self, batch: ipc::DictionaryBatchRef<'_>, body: &[u8]) -> Result<()> {
        let Self { schema, ipc_schema, dictionaries, .. } = self;
        let (mut body, mut scratch) = (Cursor::new(body), Vec::new());
        let checked = Default::default();
        let read = guarded(|| {
            read_dictionary(batch, schema, ipc_schema, dictionaries, &mut body, 0, &mut scratch, checked)
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
            Some(&self.wanted),
            None,
            &self.dictionaries,
            self.version,
            &mut Cursor::new(body),
            0,
            &mut scratch,
            Default::default(),
        );
        let arrays = decoded.ok()?.into_arrays();
        let column = |(place, array): (&usize, Box<dyn Array>)| {
            let (name, field) = self.schema.get_at_index(*place)?;
            let array = match self.ipc_schema.fields[*place].dictionary_id {
                Some(id) => unpacked(&*array, &**self.dictionaries.get(&id)?)?,
                None => array,
            };
            let field = Field::new(name.clone(), array.dtype().clone(), field.is_nullable);
            (array.len() == rows).then(|| Series::try_from((&field, array)).ok().map(Column::from))?
        };
        let columns: Option<Vec<Column>> = self.wanted.iter().zip(arrays).map(column).collect();
        Slice::of(self.path, TYPE_REMEDY, columns?)
    }

    fn failed(&self, what: impl std::fmt::Display) -> Error {
        Error::failure(self.path, what).hint(REMEDY)
    }
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
