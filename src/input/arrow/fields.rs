//! Which nodes and buffers of a record batch belong to which column.
//!
//! A record batch lists the nodes and the buffers of all columns one after the other, children after their parents. How
//! many of each a column has, its type tells. So the columns with a role are taken out of a batch and decoded alone, and
//! nobody has to understand a column that only goes through.
//!
//! A small schema can describe a huge one: its parts may refer to the same bytes again and again. So schemas are
//! measured before they are copied, and those are refused that are much larger than their message, or too deep.
//!
//! Source: Arrow columnar format, "RecordBatch message" and "Variadic buffers".

use polars_arrow::io::ipc::format::ipc::planus::Vector;
use polars_arrow::io::ipc::format::ipc::{
    Buffer, FieldNode, FieldRef, KeyValueRef, MetadataVersion, RecordBatch, TypeRef, UnionMode, planus,
};

/// How deep columns may be nested.
const MOST_LEVELS: usize = 64;
/// How much larger than its bytes a message may be.
const MOST_GROWTH: usize = 16;
/// What a field counts beside its texts.
const FIELD_BYTES: usize = 64;

/// What a column takes of each record batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Footprint {
    nodes: usize,
    /// Buffers, without those whose number each batch tells.
    buffers: usize,
    /// How many such numbers it takes.
    views: usize,
}

/// Measures the parts of a message.
pub(super) struct Measure {
    /// Bytes that may still come.
    left: usize,
    /// The dictionaries of the fields that were measured.
    pub(super) dictionaries: Vec<i64>,
}

impl Measure {
    /// For a message of so many bytes.
    pub(super) fn of(bytes: usize) -> Self {
        Self { left: bytes.saturating_mul(MOST_GROWTH), dictionaries: Vec::new() }
    }

    /// Measures texts; `None` if they cannot be read or are too many.
    pub(super) fn texts(&mut self, texts: Option<Vector<'_, planus::Result<KeyValueRef<'_>>>>) -> Option<()> {
        for text in texts.into_iter().flatten() {
            let text = text.ok()?;
            let length = |text: planus::Result<Option<&str>>| Some(text.ok()?.map_or(0, str::len));
            self.take(FIELD_BYTES + length(text.key())? + length(text.value())?)?;
        }
        Some(())
    }

    /// Measures a field with those in it; `None` if it cannot be read or is too large.
    pub(super) fn field(&mut self, field: FieldRef<'_>, version: MetadataVersion) -> Option<Footprint> {
        self.field_at(field, version, MOST_LEVELS)
    }

    fn field_at(
        &mut self,
        field: FieldRef<'_>,
        version: MetadataVersion,
        levels: usize,
    ) -> Option<Footprint> {
        let levels = levels.checked_sub(1)?;
        self.take(FIELD_BYTES + field.name().ok()?.map_or(0, str::len))?;
        self.texts(field.custom_metadata().ok()?)?;
        let mut sum = self.kind(field.type_().ok()??, version)?;
        let dictionary = field.dictionary().ok()?;
        let is_dictionary = dictionary.is_some();
        if let Some(dictionary) = dictionary {
            self.dictionaries.push(dictionary.id().ok()?);
        }
        for child in field.children().ok()?.into_iter().flatten() {
            let child = self.field_at(child.ok()?, version, levels)?;
            // the values of a dictionary are in a message of their own
            if !is_dictionary {
                sum.nodes += child.nodes;
                sum.buffers += child.buffers;
                sum.views += child.views;
            }
        }
        Some(if is_dictionary { Footprint { nodes: 1, buffers: 2, views: 0 } } else { sum })
    }

    /// What a type takes itself.
    fn kind(&mut self, kind: TypeRef<'_>, version: MetadataVersion) -> Option<Footprint> {
        let mut views = 0;
        let buffers = match kind {
            TypeRef::Null(_) => 0,
            // as of a union
            TypeRef::RunEndEncoded(_) => usize::from(version <= MetadataVersion::V4),
            TypeRef::Struct(_) | TypeRef::FixedSizeList(_) => 1,
            TypeRef::Binary(_) | TypeRef::Utf8(_) | TypeRef::LargeBinary(_) | TypeRef::LargeUtf8(_) => 3,
            TypeRef::ListView(_) | TypeRef::LargeListView(_) => 3,
            TypeRef::BinaryView(_) | TypeRef::Utf8View(_) => {
                views = 1;
                2
            }
            TypeRef::Union(union) => {
                self.take(union.type_ids().ok()?.map_or(0, |ids| 4 * ids.len()))?;
                // up to version 4 a union has a validity bitmap
                let validity = usize::from(version <= MetadataVersion::V4);
                validity + if union.mode().ok()? == UnionMode::Dense { 2 } else { 1 }
            }
            TypeRef::Timestamp(times) => {
                self.take(times.timezone().ok()?.map_or(0, str::len))?;
                2
            }
            TypeRef::Int(_)
            | TypeRef::FloatingPoint(_)
            | TypeRef::Bool(_)
            | TypeRef::Decimal(_)
            | TypeRef::Date(_)
            | TypeRef::Time(_)
            | TypeRef::Interval(_)
            | TypeRef::Duration(_)
            | TypeRef::FixedSizeBinary(_)
            | TypeRef::List(_)
            | TypeRef::LargeList(_)
            | TypeRef::Map(_) => 2,
        };
        Some(Footprint { nodes: 1, buffers, views })
    }

    fn take(&mut self, bytes: usize) -> Option<()> {
        self.left = self.left.checked_sub(bytes)?;
        Some(())
    }
}

/// The part of a batch that belongs to the columns at these places, which are ascending. `None` if the batch does not
/// have the nodes and buffers of its columns, each column with as many rows as the batch.
pub(super) fn part_of(batch: &RecordBatch, columns: &[Footprint], wanted: &[usize]) -> Option<RecordBatch> {
    let mut nodes: &[FieldNode] = batch.nodes.as_deref().unwrap_or_default();
    let mut buffers: &[Buffer] = batch.buffers.as_deref().unwrap_or_default();
    let mut views: &[i64] = batch.variadic_buffer_counts.as_deref().unwrap_or_default();
    let mut part = RecordBatch { length: batch.length, ..RecordBatch::default() };
    let (mut nodes_of, mut buffers_of, mut views_of) = (Vec::new(), Vec::new(), Vec::new());
    for (place, column) in columns.iter().enumerate() {
        let own_views = views.split_off(..column.views)?;
        let variadic =
            own_views.iter().try_fold(0_usize, |sum, count| sum.checked_add(usize::try_from(*count).ok()?));
        let own_nodes = nodes.split_off(..column.nodes)?;
        let own_buffers = buffers.split_off(..column.buffers.checked_add(variadic?)?)?;
        if own_nodes.first().is_none_or(|node| node.length != batch.length) {
            return None;
        }
        if wanted.contains(&place) {
            nodes_of.extend_from_slice(own_nodes);
            buffers_of.extend_from_slice(own_buffers);
            views_of.extend_from_slice(own_views);
        }
    }
    if !(nodes.is_empty() && buffers.is_empty() && views.is_empty()) {
        return None;
    }
    part.nodes = Some(nodes_of);
    part.buffers = Some(buffers_of);
    part.variadic_buffer_counts = (!views_of.is_empty()).then_some(views_of);
    Some(part)
}
