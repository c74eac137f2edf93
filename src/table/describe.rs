//! What the footer says of the columns, for other programs: their types and, of each, one line for a person.
//!
//! Parquet itself has no place for such comments, so each family of readers looks at a key of its own. `ARROW:schema` is
//! for those of Arrow, such as pyarrow, where a field has `comment` in its metadata. The one that Polars would write names
//! the newest types of Arrow, which some readers refuse in filters; ours is made of the oldest, and without the
//! dictionaries we write from. The other key is Spark's, whose `describe` shows the comments. DuckDB and Polars have no
//! comments on the columns of a file.

use std::sync::Arc;

use polars_arrow::datatypes::{ArrowSchema, Field};
use polars_parquet::write::{KeyValue, schema_to_metadata_key};
use serde_json::{Value, json};

use super::schema::{ColumnHead, HOST_FIELDS, Type};

/// The name of the comment in the metadata of a column.
const COMMENT: &str = "comment";
/// Where Spark keeps the types and the metadata of columns.
const SPARK_KEY: &str = "org.apache.spark.sql.parquet.row.metadata";

/// The pairs of the footer that describe these columns.
pub(super) fn describe(columns: &[ColumnHead]) -> [KeyValue; 2] {
    let fields: Vec<Value> = columns
        .iter()
        .map(|column| spark_field(&column.name, column.kind.spark(), json!({ COMMENT: column.about })))
        .collect();
    let spark = json!({ "type": "struct", "fields": fields }).to_string();
    let arrow: ArrowSchema =
        columns.iter().map(arrow_field).map(|field| (field.name.clone(), field)).collect();
    [schema_to_metadata_key(&arrow), KeyValue { key: SPARK_KEY.to_owned(), value: Some(spark) }]
}

fn arrow_field(column: &ColumnHead) -> Field {
    let mut field = Field::new((*column.name).into(), column.kind.shown(), true);
    field.metadata = Some(Arc::new([(COMMENT.into(), column.about.into())].into()));
    field
}

fn spark_field(name: &str, kind: Value, metadata: Value) -> Value {
    json!({ "name": name, "type": kind, "nullable": true, "metadata": metadata })
}

impl Type {
    /// The type in Spark's JSON.
    fn spark(self) -> Value {
        let list = |item: Value| json!({ "type": "array", "elementType": item, "containsNull": true });
        match self {
            Self::Text | Self::Word => "string".into(),
            Self::WordList => list("string".into()),
            Self::Integer => "long".into(),
            Self::Boolean => "boolean".into(),
            Self::Date => "date".into(),
            Self::Timestamp => "timestamp".into(),
            Self::Hosts => {
                let field = |name: &str| spark_field(name, "string".into(), json!({}));
                list(json!({ "type": "struct", "fields": HOST_FIELDS.map(field) }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use polars_parquet::read::{infer_schema, read_metadata};

    use super::*;
    use crate::table::write::TableFile;

    const COLUMNS: [(&str, Type, &str, &str); 8] = [
        ("id", Type::Text, "an identifier", r#""string""#),
        ("state", Type::Word, "its state, see `zonelapse rules`", r#""string""#),
        (
            "reasons",
            Type::WordList,
            "0 none … 5 “critical”",
            r#"{"containsNull":true,"elementType":"string","#,
        ),
        ("row", Type::Integer, "its number", r#""long""#),
        ("is_new", Type::Boolean, "whether it is new", r#""boolean""#),
        ("day", Type::Date, "its day", r#""date""#),
        ("as_of", Type::Timestamp, "the moment of judgement", r#""timestamp""#),
        (
            "hosts",
            Type::Hosts,
            "its hosts",
            r#"{"containsNull":true,"elementType":{"fields":[{"metadata":{},"name":"host","#,
        ),
    ];

    #[test]
    fn comments_and_types_for_spark() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("table.parquet");
        let heads = COLUMNS.map(|(name, kind, about, _)| ColumnHead::new(name, kind, about));
        TableFile::create(&path, heads.to_vec()).and_then(TableFile::finish).expect("a table without rows");
        let footer = read_metadata(&mut std::fs::File::open(&path).expect("the table")).expect("a footer");
        let arrow = infer_schema(&footer).expect("a schema");
        let pairs = footer.key_value_metadata().as_ref().expect("pairs");
        let spark = pairs.iter().find(|pair| pair.key == SPARK_KEY).and_then(|pair| pair.value.as_deref());
        let spark: Value = serde_json::from_str(spark.expect("the key of Spark")).expect("JSON");
        assert_eq!(arrow.len(), COLUMNS.len());
        for ((name, _, about, in_spark), spark) in
            COLUMNS.into_iter().zip(spark["fields"].as_array().expect("fields"))
        {
            let field = arrow.get(name).expect(name);
            let comment = field.metadata.as_ref().and_then(|metadata| metadata.get(COMMENT)).expect(name);
            assert_eq!(comment.as_str(), about, "{name}");
            assert_eq!((&spark["name"], &spark["metadata"]), (&json!(name), &json!({ COMMENT: about })));
            assert!(spark["type"].to_string().starts_with(in_spark), "{name}: {}", spark["type"]);
        }
    }
}
