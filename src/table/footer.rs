//! The footer of a Parquet file: we read it, check it, and write a new one for Polars.
//!
//! Sizes, offsets and counts are compared with the file. Polars gets only what our readers need: no statistics, no sort
//! orders, no key-value pairs. So the types of columns are those of Parquet itself and not those of
//! `ARROW:schema`: categories are texts, and times with a zone are in UTC.

use std::fs::File;
use std::io::{self, Cursor};

use polars_parquet::parquet::PARQUET_MAGIC;
use polars_parquet::parquet::metadata::FileMetadata;
use polars_parquet::parquet::read::read_metadata;
use polars_parquet_format::thrift::protocol::{TCompactInputProtocol, TCompactOutputProtocol};
use polars_parquet_format::{
    ColumnChunk, ColumnMetaData, CompressionCodec, FileMetaData, RowGroup, SchemaElement, Type,
};

use super::bounds::TextBounds;
use super::guard::guarded;
use super::seal;
use super::shape;

/// What is wrong with a file, in words.
pub(super) type Checked<T> = std::result::Result<T, String>;

/// Length and magic after the footer.
const TAIL_BYTES: usize = 8;
/// Bytes of the longest footer that is read.
const MOST_BYTES: usize = 128 << 20;
/// Elements of a schema, at most.
const MOST_ELEMENTS: usize = 100_000;
/// Groups within groups of a schema, at most.
const MOST_DEPTH: usize = 32;
/// Rows of a file, at most.
const MOST_ROWS: i64 = 1 << 32;

/// A footer that was checked.
pub(super) struct Footer {
    /// Where it begins.
    pub(super) start: u64,
    /// Its bytes, with length and magic.
    pub(super) bytes: Vec<u8>,
    /// Its content for Polars, without row groups that have no rows.
    pub(super) metadata: FileMetadata,
    /// Bounds of the texts in its row groups.
    pub(super) bounds: TextBounds,
    /// Whether the name of one of our keys occurs anywhere in it, even where it is not a key.
    pub(super) is_ours: bool,
    /// The checksum that it carries.
    pub(super) checksum: Option<String>,
}

impl Footer {
    pub(super) fn read(file: &File) -> Checked<Self> {
        let size = file.metadata().map_err(|error| error.to_string())?.len();
        let (start, bytes) = fetch(file, size)?;
        let body = &bytes[..bytes.len() - TAIL_BYTES];
        shape::measure(body, shape::FILE).map_err(|_| "the footer is damaged")?;
        // the parser may count each byte as an item of a list, and each item eight times
        let mut input = TCompactInputProtocol::new(body, 16 * body.len() + 1024);
        let mut facts = FileMetaData::read_from_in_protocol(&mut input)
            .map_err(|error| format!("the footer is damaged: {error}"))?;
        let pairs = facts.key_value_metadata.take().unwrap_or_default();
        let is_ours = seal::OUR_KEYS.iter().any(|key| memchr::memmem::find(body, key.as_bytes()).is_some());
        let checksum = pairs.into_iter().find(|pair| pair.key == seal::KEY).and_then(|pair| pair.value);
        facts.row_groups.retain(|group| group.num_rows != 0);
        check(&facts, start)?;
        let bounds = TextBounds::of(&facts);
        let metadata = for_polars(facts)?;
        Ok(Self { start, bytes, metadata, bounds, is_ours, checksum })
    }
}

fn fetch(file: &File, size: u64) -> Checked<(u64, Vec<u8>)> {
    let failed = |error: io::Error| error.to_string();
    let smallest = (PARQUET_MAGIC.len() + TAIL_BYTES) as u64;
    let (mut head, mut tail) = ([0; 4], [0; TAIL_BYTES]);
    if size >= smallest {
        read_at(file, &mut head, 0).map_err(failed)?;
        read_at(file, &mut tail, size - TAIL_BYTES as u64).map_err(failed)?;
    }
    if tail[4..] == *b"PARE" {
        return Err("it is encrypted".into());
    }
    if head != PARQUET_MAGIC || tail[4..] != PARQUET_MAGIC {
        return Err("it does not begin and end with `PAR1`: it is not Parquet, or it is cut off".into());
    }
    let length = tail[..4].iter().rev().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length as u64 > size - smallest || length > MOST_BYTES {
        return Err(format!("its footer claims {length} bytes, of {size}"));
    }
    let start = size - (length + TAIL_BYTES) as u64;
    let mut bytes = vec![0; length + TAIL_BYTES];
    read_at(file, &mut bytes, start).map_err(failed)?;
    Ok((start, bytes))
}

/// Fills `bytes` from this place of a file; many threads may do so at once.
#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Fills `bytes` from this place of a file; many threads may do so at once.
#[cfg(windows)]
pub(super) fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        (bytes, at) = (&mut bytes[read..], at + read as u64);
    }
    Ok(())
}

fn check(facts: &FileMetaData, end: u64) -> Checked<()> {
    if facts.encryption_algorithm.is_some() {
        return Err("it is encrypted".into());
    }
    let leaves = check_schema(&facts.schema)?;
    let mut rows = 0_i64;
    for (number, group) in facts.row_groups.iter().enumerate() {
        check_group(group, leaves, end).map_err(|what| format!("row group {number}: {what}"))?;
        rows = rows.saturating_add(group.num_rows);
    }
    if rows != facts.num_rows || rows > MOST_ROWS {
        return Err(format!("its row groups have {rows} rows, its footer claims {}", facts.num_rows));
    }
    Ok(())
}

/// Walks the tree of the schema, whose root comes first, and counts its leaves.
fn check_schema(elements: &[SchemaElement]) -> Checked<usize> {
    if elements.len() > MOST_ELEMENTS {
        return Err(format!("its schema has {} elements, more than {MOST_ELEMENTS}", elements.len()));
    }
    // for each open group, how many children are still to come
    let mut open: Vec<usize> = Vec::new();
    let mut leaves = 0;
    for (number, element) in elements.iter().enumerate() {
        while open.last() == Some(&0) {
            open.pop();
        }
        match open.last_mut() {
            Some(children) => *children -= 1,
            None if number == 0 => {}
            None => return Err("its schema has two roots".into()),
        }
        let children = usize::try_from(element.num_children.unwrap_or(0)).ok();
        let children = children.filter(|children| *children <= elements.len());
        let children = children.ok_or("its schema is damaged: a number of children")?;
        if children > 0 || number == 0 {
            open.push(children);
        } else {
            leaves += 1;
            let length = element.type_length.unwrap_or(0);
            if length < 0 || (element.type_ == Some(Type::FIXED_LEN_BYTE_ARRAY) && length == 0) {
                return Err("its schema is damaged: the length of a type".into());
            }
        }
        if open.len() > MOST_DEPTH {
            return Err(format!("its schema is nested more than {MOST_DEPTH} deep"));
        }
    }
    if open.iter().any(|children| *children > 0) || elements.is_empty() {
        return Err("its schema ends too early".into());
    }
    Ok(leaves)
}

fn check_group(group: &RowGroup, leaves: usize, end: u64) -> Checked<()> {
    if group.num_rows < 0 || group.total_byte_size < 0 || group.columns.len() != leaves {
        return Err(format!("{} rows, {} columns of {leaves}", group.num_rows, group.columns.len()));
    }
    for (number, column) in group.columns.iter().enumerate() {
        check_chunk(column, end).map_err(|what| format!("column {number}: {what}"))?;
    }
    Ok(())
}

fn check_chunk(column: &ColumnChunk, end: u64) -> Checked<()> {
    let facts = column.meta_data.as_ref().ok_or("it is encrypted")?;
    if column.file_path.is_some() {
        return Err("it is in another file".into());
    }
    if facts.codec.0 < CompressionCodec::UNCOMPRESSED.0 || facts.codec.0 > CompressionCodec::LZ4_RAW.0 {
        return Err(format!("unknown compression {}", facts.codec.0));
    }
    let start = dictionary(facts).unwrap_or(facts.data_page_offset);
    let stop = start.checked_add(facts.total_compressed_size);
    let is_inside = start >= PARQUET_MAGIC.len() as i64
        && facts.total_compressed_size >= 0
        && stop.and_then(|stop| u64::try_from(stop).ok()).is_some_and(|stop| stop <= end);
    if !is_inside || facts.num_values < 0 || facts.total_uncompressed_size < 0 {
        return Err("sizes or places are outside the file".into());
    }
    Ok(())
}

/// The place of a dictionary. Some writers write 0 if there is none.
fn dictionary(facts: &ColumnMetaData) -> Option<i64> {
    facts.dictionary_page_offset.filter(|offset| *offset > 0 && *offset < facts.data_page_offset)
}

/// Writes a new footer with what was checked and is needed, and lets Polars read that.
fn for_polars(mut facts: FileMetaData) -> Checked<FileMetadata> {
    facts.column_orders = None;
    facts.footer_signing_key_metadata = None;
    for group in &mut facts.row_groups {
        group.sorting_columns = None;
        for column in &mut group.columns {
            if let Some(facts) = &mut column.meta_data {
                facts.dictionary_page_offset = dictionary(facts);
                facts.statistics = None;
                facts.key_value_metadata = None;
                facts.encoding_stats = None;
                facts.size_statistics = None;
            }
        }
    }
    let mut bytes = PARQUET_MAGIC.to_vec();
    let mut output = TCompactOutputProtocol::new(&mut bytes);
    facts.write_to_out_protocol(&mut output).map_err(|error| error.to_string())?;
    drop(facts);
    let length = u32::try_from(bytes.len() - PARQUET_MAGIC.len()).map_err(|error| error.to_string())?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&PARQUET_MAGIC);
    guarded(|| read_metadata(&mut Cursor::new(bytes)))
        .ok_or("its footer makes no sense")?
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use polars_parquet_format::{Encoding, FieldRepetitionType};

    use super::*;

    fn element(name: &str, children: Option<i32>) -> SchemaElement {
        SchemaElement {
            type_: children.is_none().then_some(Type::INT64),
            type_length: None,
            repetition_type: Some(FieldRepetitionType::REQUIRED),
            name: name.to_owned(),
            num_children: children,
            converted_type: None,
            scale: None,
            precision: None,
            field_id: None,
            logical_type: None,
        }
    }

    /// A file of one column with seven rows; nothing here reads its page.
    fn sound() -> FileMetaData {
        let column = ColumnMetaData {
            type_: Type::INT64,
            encodings: vec![Encoding::PLAIN],
            path_in_schema: vec!["a".to_owned()],
            codec: CompressionCodec::UNCOMPRESSED,
            num_values: 7,
            total_uncompressed_size: 50,
            total_compressed_size: 50,
            key_value_metadata: None,
            data_page_offset: 4,
            index_page_offset: None,
            dictionary_page_offset: Some(0),
            statistics: None,
            encoding_stats: None,
            bloom_filter_offset: None,
            bloom_filter_length: None,
            size_statistics: None,
        };
        let chunk = ColumnChunk {
            file_path: None,
            file_offset: 0,
            meta_data: Some(column),
            offset_index_offset: None,
            offset_index_length: None,
            column_index_offset: None,
            column_index_length: None,
            crypto_metadata: None,
            encrypted_column_metadata: None,
        };
        let group = RowGroup::new(vec![chunk], 50, 7, None, None, None, None);
        let schema = vec![element("root", Some(1)), element("a", None)];
        FileMetaData::new(1, schema, 7, vec![group], None, None, None, None, None)
    }

    fn read(body: &[u8], length: u32) -> Checked<Footer> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let bytes = [b"PAR1", &[0; 50][..], body, &length.to_le_bytes(), b"PAR1"].concat();
        file.write_all(&bytes).expect("a small file");
        Footer::read(&file)
    }

    #[track_caller]
    fn refused(part: &str, change: impl FnOnce(&mut FileMetaData)) {
        let mut facts = sound();
        change(&mut facts);
        let mut body = Vec::new();
        facts.write_to_out_protocol(&mut TCompactOutputProtocol::new(&mut body)).expect("memory takes it");
        match read(&body, body.len() as u32) {
            Ok(_) => assert!(part.is_empty(), "expected `{part}`"),
            Err(what) => {
                assert!(!part.is_empty() && what.contains(part), "expected `{part}`, found `{what}`")
            }
        }
    }

    fn column(facts: &mut FileMetaData) -> &mut ColumnMetaData {
        facts.row_groups[0].columns[0].meta_data.as_mut().expect("a column")
    }

    #[test]
    fn footers() {
        refused("", |_| {});
        refused("places are outside", |facts| column(facts).total_compressed_size = 51);
        refused("places are outside", |facts| column(facts).total_compressed_size = i64::MAX);
        refused("places are outside", |facts| column(facts).data_page_offset = 3);
        refused("places are outside", |facts| column(facts).data_page_offset = -4);
        refused("places are outside", |facts| column(facts).num_values = -1);
        refused("compression 8", |facts| column(facts).codec = CompressionCodec(8));
        refused("another file", |facts| facts.row_groups[0].columns[0].file_path = Some("b".into()));
        refused("claims 8", |facts| facts.num_rows = 8);
        refused("rows", |facts| facts.row_groups[0].num_rows = -7);
        refused("rows", |facts| (facts.num_rows, facts.row_groups[0].num_rows) = (1 << 40, 1 << 40));
        refused("0 columns of 1", |facts| facts.row_groups[0].columns.clear());
        refused("ends too early", |facts| facts.schema[0].num_children = Some(2));
        refused("a number of children", |facts| facts.schema[0].num_children = Some(-1));
        refused("a number of children", |facts| facts.schema[0].num_children = Some(i32::MAX));
        refused("two roots", |facts| facts.schema.push(element("b", None)));
        refused("ends too early", |facts| facts.schema.clear());
        refused("nested", |facts| {
            facts.schema = (0..100).map(|_| element("a", Some(1))).collect();
            facts.schema.push(element("a", None));
        });
        refused("length of a type", |facts| facts.schema[1].type_ = Some(Type::FIXED_LEN_BYTE_ARRAY));
    }

    #[test]
    fn lengths_and_counts() {
        assert!(read(b"", 0).is_err());
        assert!(read(b"\0", 1).is_err());
        for length in [51, 1000, u32::MAX] {
            assert!(read(b"", length).is_err_and(|what| what.contains("bytes, of")));
        }
        // millions of row groups, or of columns, in seven bytes
        for body in [&b"\x49\xfc\xff\xff\xff\x07\0"[..], b"\x29\xfc\xff\xff\xff\x07\0"] {
            assert!(read(body, body.len() as u32).is_err_and(|what| what.contains("damaged")));
        }
    }
}
