//! Tables of mail servers for the tests of `stream`.

use polars::prelude::{DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};

/// Domain, host, preference and date.
pub type Record = [String; 4];

/// The records of a table of text.
pub fn records(csv: &str) -> Vec<Record> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.flexible(true).from_reader(csv.as_bytes());
    let cells = |record: csv::StringRecord| {
        [0, 1, 2, 3].map(|place| record.get(place).unwrap_or_default().to_owned())
    };
    reader.records().map(|record| cells(record.expect("sound CSV"))).collect()
}

/// A table of text.
pub fn csv(records: &[Record]) -> String {
    let mut text = "domain,mx,preference,date\n".to_owned();
    for record in records {
        let cells: Vec<String> =
            record.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

/// Parquet with row groups of so many rows.
pub fn parquet(records: &[Record], group: usize) -> Vec<u8> {
    let column = |(place, name): (usize, &str)| {
        let cells: Vec<&str> = records.iter().map(|record| &*record[place]).collect();
        Series::new(name.into(), cells).into_column()
    };
    let columns = ["domain", "mx", "preference", "date"].into_iter().enumerate().map(column).collect();
    let mut frame = DataFrame::new(records.len(), columns).expect("columns of one length");
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_row_group_size(Some(group));
    writer.finish(&mut frame).expect("memory takes everything");
    bytes
}
