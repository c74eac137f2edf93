//! Texts of strangers as cells of a CSV file that no program obeys.
//!
//! A spreadsheet runs a cell as a formula if it begins with `=`, `+`, `-` or `@`, or with a tab or carriage return before
//! these, and some also if it begins with the wide forms of these characters. So such a cell gets a `'` in front, which
//! spreadsheets take as the mark of a text. A spreadsheet that was told of another separator cuts the line elsewhere, and
//! then a cell may begin after a separator or quote within ours: there, too, a `'` is put before such a character.
//! Characters that a terminal obeys, line ends among them, are escaped as in [`crate::escape`], so a record is always one
//! line. What a program needs to the letter is in `accounts.parquet`.

use crate::escape;

/// Appends a text as a cell.
pub(super) fn write_cell(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'/' | b':');
    // a minus sign within a name is the only other character of most cells
    let is_plain_inside = |byte: &u8| is_plain(byte) || *byte == b'-';
    if text.as_bytes().first().is_none_or(is_plain) && text.as_bytes().iter().all(is_plain_inside) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    let text = escape::line(text);
    let is_quoted = text.contains([',', ';', '"', ' ', '\'']);
    if is_quoted {
        out.push(b'"');
    }
    // whether a cell might begin here
    let mut may_begin = true;
    for character in text.chars() {
        if may_begin && is_formula(character) {
            out.push(b'\'');
        }
        may_begin = matches!(character, ',' | ';' | '|' | '"') || may_begin && character.is_whitespace();
        if character == '"' {
            out.push(b'"');
        }
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    if is_quoted {
        out.push(b'"');
    }
}

/// Whether a spreadsheet runs a cell that begins with it.
fn is_formula(character: char) -> bool {
    matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn becomes(text: &str, cell: &str) {
        let mut out = Vec::new();
        write_cell(text, &mut out);
        assert_eq!(String::from_utf8_lossy(&out), cell);
    }

    #[test]
    fn harmless_cells_stay() {
        becomes("", "");
        becomes("user-17_a", "user-17_a");
        becomes("xn--bcher-kva.example", "xn--bcher-kva.example");
        becomes("Bücher", "Bücher");
        becomes("a, b", "\"a, b\"");
        becomes("say \"hi\"", "\"say \"\"hi\"\"\"");
    }

    #[test]
    fn formulas_become_texts() {
        becomes("=1+1", "'=1+1");
        becomes("+49123", "'+49123");
        becomes("-1", "'-1");
        becomes("@SUM(A1)", "'@SUM(A1)");
        becomes("＝1", "'＝1");
        becomes("  =1", "\"  '=1\"");
        becomes("\t=1", "\\u0009=1");
        becomes("\r=1", "\\u000d=1");
        // cut at a semicolon, a tab or a quote it would be a cell of its own
        becomes("x;=1", "\"x;'=1\"");
        becomes("x\",\"=1", "\"x\"\",\"\"'=1\"");
        becomes("x, -1", "\"x, '-1\"");
        becomes("a-b", "a-b");
        becomes("a=b", "a=b");
    }

    #[test]
    fn terminals_obey_nothing() {
        becomes("a\u{1b}[31m\nb\u{202e}", "a\\u001b[31m\\u000ab\\u202e");
    }
}
