//! Bytes in: files as text ([`source`]), accounts in every form people keep them in ([`accounts`]), streams of
//! Arrow ([`mod@arrow`]), and small files that are read whole ([`small`]). Records that cannot be read are counted ([`faults`]). What was read of a packed file may have to wait for its checksum ([`unproved`]).

pub mod accounts;
pub(crate) mod arrow;
pub mod faults;
pub(crate) mod pattern;
pub(crate) mod small;
pub mod source;
pub(crate) mod unproved;

/// The byte order mark that some editors write before UTF-8 text (RFC 3629, section 6).
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text without the byte order mark before it, which is no part of it.
pub(crate) fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// What some servers write before JSON so that a browser does not run it as a script.
const SCRIPT_GUARD: &[u8] = b")]}'";

/// A text without the marks that may stand before JSON: blanks, byte order marks, the guard against scripts.
pub(crate) fn without_marks(text: &[u8]) -> &[u8] {
    let mut text = text;
    loop {
        let rest = without_byte_order_mark(text.trim_ascii_start());
        let rest =
            rest.strip_prefix(SCRIPT_GUARD).map_or(rest, |rest| rest.strip_prefix(b",").unwrap_or(rest));
        if rest.len() == text.len() {
            return text;
        }
        text = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_before_json() {
        for marks in ["", " \r\n", "\u{feff}", ")]}'\n", ")]}',", " \u{feff}\u{feff} )]}'\n\u{feff}"] {
            assert_eq!(without_marks(format!("{marks}{{}} ").as_bytes()), b"{} ", "{marks:?}");
        }
        assert_eq!(without_marks(b")]}"), b")]}");
    }
}
