//! Streams that break off, or whose bytes were changed: no panic, and no row is lost without a word.

use polars_arrow::array::{PrimitiveArray, UnionArray, Utf8Array, Utf8ViewArray};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, UnionMode, UnionType};
use polars_arrow::io::ipc::write::{StreamWriter, WriteOptions};
use polars_arrow::record_batch::RecordBatchT;

use super::*;

/// Three batches of two rows.
fn sound() -> Vec<u8> {
    let inner = vec![Field::new("x".into(), ArrowDataType::Int64, true)];
    let union = UnionType { fields: inner, ids: None, mode: UnionMode::Sparse };
    let union = ArrowDataType::Union(Box::new(union));
    let fields = [
        ("n", ArrowDataType::Int64),
        ("either", union.clone()),
        ("plan", ArrowDataType::Utf8View),
        ("email", ArrowDataType::Utf8),
    ];
    let field = |(name, kind): (&str, ArrowDataType)| Field::new(name.into(), kind, true);
    let schema: ArrowSchema = fields.into_iter().map(field).collect();
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::new(&mut bytes, WriteOptions { compression: None });
    writer.start(&schema, None).expect("memory takes everything");
    for number in 0..3 {
        let mail: Utf8Array<i32> = [Some("a@example.com"), None].into_iter().collect();
        let numbers = PrimitiveArray::<i64>::from([Some(number), None]).boxed();
        let either = UnionArray::new(union.clone(), vec![0_i8, 0].into(), vec![numbers.clone()], None);
        let plans = Utf8ViewArray::from_slice([Some("a plan that is not inline"), None]);
        let arrays = vec![numbers, either.boxed(), plans.boxed(), mail.boxed()];
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

/// Whether a changed stream is read with all rows or told as broken, and not as a defect of ours.
#[track_caller]
fn is_told(bytes: &[u8], change: &str) {
    match rows(bytes) {
        Ok(rows) => assert_eq!(rows, 6, "{change}"),
        Err(error) => assert!(!error.to_string().contains("internal check"), "{change}: {error}"),
    }
}

#[test]
fn changed_anywhere() {
    let sound = sound();
    for place in 0..sound.len() {
        for change in [0x01, 0x02, 0x10, 0x80, 0xff] {
            let mut bytes = sound.clone();
            bytes[place] ^= change;
            is_told(&bytes, &format!("byte {place} was changed by {change:#x}"));
        }
    }
    for place in (0..sound.len() - 8).step_by(4) {
        for number in [0, 1, 8, 1 << 20, i64::from(u32::MAX), 1 << 40, i64::MAX, -1] {
            let mut bytes = sound.clone();
            bytes[place..place + 8].copy_from_slice(&i64::to_le_bytes(number));
            is_told(&bytes, &format!("byte {place} and the next seven became {number}"));
        }
    }
}
