//! Messages of an Arrow IPC stream: read whole, and written as they came.
//!
//! A message is metadata, a FlatBuffer, and a body. The stream ends with a mark. A stream that ends without it may have
//! been cut off between two messages, and what follows the mark would be lost, so both are refused. (The format allows
//! a stream without a mark; whoever writes such streams would lose rows silently when its writer is killed.)
//!
//! Source: Arrow columnar format, "Serialization and Interprocess Communication (IPC)".

use std::io::{self, Read, Write};

use polars_arrow::io::ipc::format::ipc;
use polars_arrow::io::ipc::format::ipc::planus::{Builder, ReadAsRoot};

/// The mark before the length of a message.
const CONTINUATION: [u8; 4] = [0xff; 4];
/// Bytes of metadata, at most: thousands of columns take a megabyte.
const MOST_METADATA: usize = 256 << 20;
/// What lengths are multiples of.
const ALIGNMENT: usize = 8;

/// A message.
#[derive(Debug, Default)]
pub(crate) struct ArrowMessage {
    /// A FlatBuffer, padded.
    pub(super) metadata: Vec<u8>,
    /// The buffers.
    pub(super) body: Vec<u8>,
}

/// Reads the next message; `None` at the mark that ends the stream.
pub(super) fn read_message(from: &mut dyn Read) -> Result<Option<ArrowMessage>, String> {
    let mut word = [0; 4];
    fill(from, &mut word)?;
    // writers before version 0.15 have no mark there
    if word == CONTINUATION {
        fill(from, &mut word)?;
    }
    let length = usize::try_from(i32::from_le_bytes(word)).ok().filter(|length| *length <= MOST_METADATA);
    let length = length.ok_or("this is no Arrow IPC stream, or it is damaged")?;
    if length == 0 {
        return match from.read(&mut word).map_err(|error| error.to_string())? {
            0 => Ok(None),
            _ => Err("something follows the end of the stream".to_owned()),
        };
    }
    let metadata = take(from, length)?;
    let body = ipc::MessageRef::read_as_root(&metadata).and_then(|message| message.body_length());
    let body = body.ok().and_then(|length| usize::try_from(length).ok());
    let body = take(from, body.ok_or("this is no Arrow IPC stream, or it is damaged")?)?;
    Ok(Some(ArrowMessage { metadata, body }))
}

fn fill(from: &mut dyn Read, bytes: &mut [u8]) -> Result<(), String> {
    from.read_exact(bytes).map_err(|error| broken_off(&error))
}

/// Reads so many bytes. Memory grows with what is there, not with what is claimed.
fn take(from: &mut dyn Read, length: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(length.min(1 << 20));
    from.take(length as u64).read_to_end(&mut bytes).map_err(|error| broken_off(&error))?;
    if bytes.len() < length {
        return Err(broken_off(&io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(bytes)
}

fn broken_off(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the Arrow IPC stream breaks off before its end mark".to_owned(),
        _ => error.to_string(),
    }
}

impl ArrowMessage {
    /// A message of this metadata.
    pub(super) fn of(message: &ipc::Message, body: Vec<u8>) -> Self {
        let mut metadata = Builder::new().finish(message, None).to_vec();
        metadata.resize(metadata.len().next_multiple_of(ALIGNMENT), 0);
        Self { metadata, body }
    }

    /// A schema of these fields.
    pub(super) fn of_schema(fields: Vec<ipc::Field>) -> Self {
        let schema = ipc::Schema { fields: Some(fields), ..ipc::Schema::default() };
        let header = Some(ipc::MessageHeader::Schema(Box::new(schema)));
        let version = ipc::MetadataVersion::V5;
        Self::of(&ipc::Message { version, header, ..ipc::Message::default() }, Vec::new())
    }

    /// What it says, as a value that can be changed; `None` if that makes no sense.
    pub(super) fn read(&self) -> Option<ipc::Message> {
        ipc::Message::try_from(ipc::MessageRef::read_as_root(&self.metadata).ok()?).ok()
    }

    /// Writes it.
    pub(crate) fn write(&self, to: &mut dyn Write) -> io::Result<()> {
        to.write_all(&CONTINUATION)?;
        to.write_all(&(self.metadata.len() as u32).to_le_bytes())?;
        to.write_all(&self.metadata)?;
        to.write_all(&self.body)
    }
}

/// A message with rows.
#[derive(Debug)]
pub(crate) struct ArrowBatch {
    version: ipc::MetadataVersion,
    custom_metadata: Option<Vec<ipc::KeyValue>>,
    /// Where the buffers are in the body.
    pub(super) rows: ipc::RecordBatch,
    pub(super) body: Vec<u8>,
}

impl ArrowBatch {
    /// Reads it; `None` if it makes no sense.
    pub(super) fn of(message: ArrowMessage) -> Option<Self> {
        let ipc::Message { version, header, custom_metadata, .. } = message.read()?;
        let Some(ipc::MessageHeader::RecordBatch(rows)) = header else { return None };
        Some(Self { version, custom_metadata, rows: *rows, body: message.body })
    }

    /// The metadata of a message with these rows.
    pub(super) fn metadata_of(&self, rows: ipc::RecordBatch) -> Vec<u8> {
        let header = Some(ipc::MessageHeader::RecordBatch(Box::new(rows)));
        let body_length = self.body.len() as i64;
        let custom_metadata = self.custom_metadata.clone();
        let message = ipc::Message { version: self.version, header, body_length, custom_metadata };
        ArrowMessage::of(&message, Vec::new()).metadata
    }

    /// The message as it is written.
    pub(super) fn into_message(mut self) -> ArrowMessage {
        let rows = std::mem::take(&mut self.rows);
        ArrowMessage { metadata: self.metadata_of(rows), body: self.body }
    }
}

/// Writes the mark that ends a stream.
pub(crate) fn write_end(to: &mut dyn Write) -> io::Result<()> {
    to.write_all(&CONTINUATION)?;
    to.write_all(&[0; 4])
}
