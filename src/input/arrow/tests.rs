//! Streams that break off, or whose bytes were changed: no panic, and no row is lost without a word.

use polars_arrow::array::{PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field};
use polars_arrow::io::ipc::write::{StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;

use super::*;

/// Three batches of two rows.
fn sound() -> Vec<u8> {
    let fields = [("n", ArrowDataType::Int64), ("email", ArrowDataType::Utf8)];
    let field = |(name, kind): (&str, ArrowDataType)| Field::new(name.into(), kind, true);
    let schema: ArrowSchema = fields.into_iter().map(field).collect();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::new(&mut bytes, WriteOptions { compression: None });
    writer.start(&schema, None).expect("memory takes everything");
    for number in 0..3 {
        let mail: Utf8Array<i32> = [Some("a@example.com"), None].into_iter().collect();
        let arrays = vec![PrimitiveArray::<i64>::from([Some(number), None]).boxed(), mail.boxed()];
        let batch = RecordBatchT::new(2, schema.clone().into(), arrays);
        writer.write(&batch, None).expect("memory takes everything");
    }
    writer.finish().expect("memory takes everything");
    bytes
}

/// The rows of a stream, and of what is written with a column added.
fn rows(bytes: &[u8]) -> Result<usize> {
    let added = AddedColumns::new(vec![Field::new("risk_rank".into(), ArrowDataType::Int64, true)]);
    let mut from = bytes;
    let (mut stream, _) = ArrowRows::open(&mut from, Path::new("-"), &ColumnNames::default(), &added)?;
    let mut sum = 0;
    while let Some(part) = stream.next()? {
        if let ArrowPart::Rows(batch, slice) = part {
            let rows = slice.rows();
            let array = PrimitiveArray::<i64>::new_null(ArrowDataType::Int64, rows).boxed();
            added.extend_rows(batch, vec![array]).ok_or_else(|| Error::internal("not written"))?;
            sum += rows;
        }
    }
    Ok(sum)
}

#[test]
fn cut_anywhere() {
    let sound = sound();
    assert_eq!(rows(&sound).expect("a sound stream"), 6);
    for cut in 0..sound.len() {
        let error = rows(&sound[..cut]).expect_err("it was cut");
        assert!(error.to_string().contains("breaks off"), "cut after {cut} bytes: {error}");
    }
    let error = rows(&[&sound[..], b"\0"].concat()).expect_err("something follows");
    assert!(error.to_string().contains("follows the end"), "{error}");
}

#[test]
fn changed_anywhere() {
    let sound = sound();
    for place in 0..sound.len() {
        for change in [0x01, 0x02, 0x10, 0x80, 0xff] {
            let mut bytes = sound.clone();
            bytes[place] ^= change;
            if let Ok(rows) = rows(&bytes) {
                assert_eq!(rows, 6, "byte {place} was changed by {change:#x}");
            }
        }
    }
}
