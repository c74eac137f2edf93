//! Columns that are added behind those of a stream.
//!
//! The fields, nodes and buffers of the new columns are those that Polars writes for a stream of them alone; the offsets
//! of the buffers grow by the body that comes before them.

use polars_arrow::array::Array;
use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_arrow::io::ipc::format::ipc;
use polars_arrow::io::ipc::write::{
    EncodedData, WriteOptions, default_ipc_fields, encode_record_batch, schema_to_bytes,
};
use polars_arrow::record_batch::RecordBatchT;

use super::message::{ArrowBatch, ArrowMessage};

/// What bodies and buffers are aligned to.
const ALIGNMENT: usize = 64;

/// The columns that are added.
#[derive(Debug)]
pub(crate) struct AddedColumns {
    schema: ArrowSchema,
}

impl AddedColumns {
    /// Columns of these names and types. They hold no dictionaries.
    pub(crate) fn new(fields: Vec<Field>) -> Self {
        Self { schema: fields.into_iter().collect() }
    }

    /// A schema with their fields behind its own; `None` if the message is none.
    pub(super) fn extend_schema(&self, mut message: ipc::Message) -> Option<ArrowMessage> {
        let fields = default_ipc_fields(self.schema.iter_values());
        let metadata = schema_to_bytes(&self.schema, &fields, None);
        let own = ArrowMessage { metadata, body: Vec::new() }.read()?;
        let (Some(ipc::MessageHeader::Schema(schema)), Some(ipc::MessageHeader::Schema(own))) =
            (&mut message.header, own.header)
        else {
            return None;
        };
        schema.fields.get_or_insert_default().extend(own.fields?);
        Some(ArrowMessage::of(&message, Vec::new()))
    }

    /// A record batch with these arrays behind its own; `None` if there are not as many rows in each of them.
    pub(crate) fn extend_rows(
        &self,
        mut batch: ArrowBatch,
        arrays: Vec<Box<dyn Array>>,
    ) -> Option<ArrowMessage> {
        let rows = usize::try_from(batch.rows.length).ok()?;
        let own = RecordBatchT::try_new(rows, self.schema.clone().into(), arrays).ok()?;
        let mut encoded = EncodedData::default();
        encode_record_batch(&own, &WriteOptions { compression: None }, &mut encoded);
        let EncodedData { ipc_message: metadata, arrow_data: body } = encoded;
        let own = ArrowBatch::of(ArrowMessage { metadata, body })?;
        batch.body.resize(batch.body.len().next_multiple_of(ALIGNMENT), 0);
        let start = i64::try_from(batch.body.len()).ok()?;
        let moved = |mut buffer: ipc::Buffer| {
            buffer.offset += start;
            buffer
        };
        batch.rows.nodes.get_or_insert_default().extend(own.rows.nodes?);
        batch.rows.buffers.get_or_insert_default().extend(own.rows.buffers?.into_iter().map(moved));
        batch.body.extend_from_slice(&own.body);
        Some(batch.into_message())
    }
}
