//! Arrow IPC streams for the tests of `stream`.

use polars::prelude::{Column, DataFrame, Series};
use polars_arrow::array::{Array, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::io::ipc::read::{StreamReader, StreamState, read_stream_metadata};
use polars_arrow::io::ipc::write::{StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;

/// The records of a table of text as texts, so many in a record batch.
pub fn written(text: &[u8], delimiter: u8, rows: usize) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.delimiter(delimiter).quoting(delimiter == b',').from_reader(text);
    let header = reader.headers().expect("a header").clone();
    let records: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("sound")).collect();
    let field = |name: &str| Field::new(name.into(), ArrowDataType::Utf8, true);
    let batches = records.chunks(rows.min(records.len()).max(1)).map(|records| {
        let column = |place: usize| -> Box<dyn Array> {
            let cells = records.iter().map(|record| Some(&record[place]));
            Box::new(cells.collect::<Utf8Array<i32>>())
        };
        (records.len(), (0..header.len()).map(column).collect())
    });
    stream(header.iter().map(field).collect(), batches.collect())
}

/// A stream of these columns.
pub fn stream(fields: Vec<Field>, batches: Vec<(usize, Vec<Box<dyn Array>>)>) -> Vec<u8> {
    let schema: ArrowSchema = fields.into_iter().collect();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::new(&mut bytes, WriteOptions { compression: None });
    writer.start(&schema, None).expect("memory takes everything");
    for (rows, arrays) in batches {
        let batch = RecordBatchT::new(rows, schema.clone().into(), arrays);
        writer.write(&batch, None).expect("memory takes everything");
    }
    writer.finish().expect("memory takes everything");
    bytes
}

/// The record batches of a stream that ends as it should.
pub fn read(bytes: &[u8]) -> Vec<DataFrame> {
    let mut from = std::io::Cursor::new(bytes);
    let metadata = read_stream_metadata(&mut from).expect("a schema");
    let schema = metadata.schema.clone();
    let frame = |batch: RecordBatchT<Box<dyn Array>>| {
        let rows = batch.len();
        let arrays = batch.into_arrays().into_iter();
        let column = |(field, array)| Column::from(Series::try_from((field, array)).expect("a column"));
        DataFrame::new(rows, schema.iter_values().zip(arrays).map(column).collect()).expect("columns")
    };
    let some = |state: StreamState| match state {
        StreamState::Some(batch) => frame(batch),
        StreamState::Waiting => panic!("the stream breaks off"),
    };
    StreamReader::new(&mut from, metadata, None).map(|state| some(state.expect("a batch"))).collect()
}
