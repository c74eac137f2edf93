//! Bytes in: files as text ([`source`]), accounts in every form people keep them in ([`accounts`]), and small files
//! that are read whole ([`small`]).

pub mod accounts;
pub(crate) mod pattern;
pub(crate) mod small;
pub mod source;

/// The byte order mark that some editors write before UTF-8 text (RFC 3629, section 6).
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text without the byte order mark before it, which is no part of it.
pub(crate) fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}
