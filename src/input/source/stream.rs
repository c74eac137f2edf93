//! Streams that can be read only once: pipes, devices, standard input.
//!
//! Looking at the start of a stream uses it up. So the start is kept, and the real reading begins with it.

use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of a stream that a look may take.
const HEAD_BYTES: u64 = 8 << 20;

/// The bytes of an input.
pub(super) type Bytes = Box<dyn Read + Send>;

/// The start of a stream that was looked at, until the stream is read.
#[derive(Clone, Default)]
pub(super) struct Once(Arc<Mutex<Option<Begun>>>);

struct Begun {
    head: Arc<[u8]>,
    rest: Bytes,
}

impl Once {
    /// The start of the stream. The first call opens it with `open`.
    pub(super) fn look(&self, open: impl FnOnce() -> std::io::Result<Bytes>) -> std::io::Result<Bytes> {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let head = match &*begun {
            Some(begun) => Arc::clone(&begun.head),
            None => {
                let (mut rest, mut head) = (open()?, Vec::new());
                rest.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
                let head: Arc<[u8]> = head.into();
                *begun = Some(Begun { head: Arc::clone(&head), rest });
                head
            }
        };
        Ok(Box::new(Cursor::new(head)))
    }

    /// The whole stream, if its start was looked at.
    pub(super) fn take(&self) -> Option<Bytes> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Box::new(Cursor::new(begun.head).chain(begun.rest)))
    }
}

impl std::fmt::Debug for Once {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Once")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_read_again() {
        let long = vec![7; HEAD_BYTES as usize + 5];
        for text in [&b""[..], b"short", &long] {
            let once = Once::default();
            let open = || -> std::io::Result<Bytes> { Ok(Box::new(Cursor::new(text.to_vec()))) };
            for _ in 0..2 {
                let mut head = Vec::new();
                once.look(open).and_then(|mut head_of| head_of.read_to_end(&mut head)).expect("memory");
                assert!(text.starts_with(&head) && head.len() >= text.len().min(HEAD_BYTES as usize));
            }
            let mut whole = Vec::new();
            once.take().expect("it was looked at").read_to_end(&mut whole).expect("memory");
            assert!(whole == text);
            assert!(once.take().is_none(), "a stream is read once");
        }
    }
}
