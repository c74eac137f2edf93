//! The addresses in a field that holds more than an address: names, comments, `mailto:`, lists.
//!
//! What RFC 5322 (section 3.4) allows around an address is taken off it; what people and programs write besides
//! is read as they mean it. Where the standard is silent or is not followed, we decide:
//!
//! * Addresses are separated at commas, semicolons, blanks, line ends and any other character that no domain holds.
//!   Between two `@` there must be a dot before it, for `user@home@example.com` is one address with a faulty local part.
//! * An address that is repeated counts once. An empty place in a list is nothing.
//! * In `a@example.co,uk` nobody can tell a typing mistake from a list: the domain is invalid, and we make no shorter one.
//! * In `Doe, Jo <a@b>` the comma belongs to the name. So a part of a list without an `@` never makes an address.
//! * `a@b <c@d>` holds two addresses: an `@` in a name must be quoted.
//! * `"a@b"` in quotes alone, or as the only thing in a comment, is an address after all. So is the text of a list in
//!   brackets, as databases write arrays.
//! * A quote, parenthesis or bracket that is not closed is an ordinary character.
//! * `＠` (U+FF20) and its small form are an `@`.

#[cfg(test)]
mod tests;
mod tokens;

use std::borrow::Cow;
use std::collections::HashSet;

use tokens::{Token, lex};

use super::undecoded::stands_in;

/// Fields within fields: a quoted one, what is in angle brackets, in a comment.
const MOST_DEEP: u8 = 4;
/// Prefixes of addresses: URIs (RFC 6068), and `proxyAddresses` of directories.
const SCHEMES: [&str; 2] = ["mailto:", "smtp:"];

/// An address found in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The address, without what was around it.
    pub(super) address: String,
    /// Where in it the last `@` outside quotes is.
    pub(super) at: usize,
    /// Whether nothing but a name, comments and empty places was around it.
    pub(super) is_clean: bool,
}

/// All addresses in a field, without repetitions.
pub(super) fn addresses(field: &str) -> Vec<Found> {
    let mut found = find(field, 0);
    if found.len() > 1 {
        let mut seen = HashSet::new();
        found.retain(|found| seen.insert(found.address.to_ascii_lowercase()));
    }
    found
}

fn find(field: &str, depth: u8) -> Vec<Found> {
    if depth > MOST_DEEP {
        return Vec::new();
    }
    let field = unwrapped(field);
    let tokens = lex(&field);
    let pieces = pieces(&tokens);
    let mut found = Vec::new();
    let mut is_rest_clean = !tokens.contains(&Token::StrayBracket);
    for piece in &pieces {
        let before = found.len();
        piece.find(depth, &mut found);
        is_rest_clean &= found.len() > before || piece.words.is_empty() || piece.is_name;
    }
    found.iter_mut().for_each(|found| found.is_clean &= is_rest_clean);
    if found.is_empty() {
        let comments = tokens.iter().filter_map(|token| match token {
            Token::Comment(inside) if inside.contains('@') => Some(*inside),
            _ => None,
        });
        found = comments.flat_map(|inside| find(inside, depth + 1)).collect();
        found.iter_mut().for_each(|found| found.is_clean = false);
    }
    found
}

/// A field without brackets around all of it, its `mailto:` URI resolved, its wide `@` made plain.
fn unwrapped(field: &str) -> Cow<'_, str> {
    let mut text = field.trim();
    for (open, close) in [('[', ']'), ('{', '}')] {
        let inside = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
        text = inside.filter(|inside| inside.contains('@')).unwrap_or(text).trim();
    }
    let text = if text.contains(['\u{ff20}', '\u{fe6b}']) {
        Cow::Owned(text.replace(['\u{ff20}', '\u{fe6b}'], "@"))
    } else {
        Cow::Borrowed(text)
    };
    match without_prefix(&text, SCHEMES[0]) {
        Some(uri) => Cow::Owned(mailto(uri)),
        None => text,
    }
}

pub(super) fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The recipients of a `mailto:` URI, after its scheme (RFC 6068, section 2): its path, and the fields `to`.
fn mailto(uri: &str) -> String {
    let (path, fields) = uri.split_once('?').unwrap_or((uri, ""));
    let mut recipients = percent_decoded(path);
    for to in fields.split('&').filter_map(|field| without_prefix(field, "to=")) {
        recipients.push(',');
        recipients.push_str(&percent_decoded(to));
    }
    recipients
}

/// The text with percent-encoding resolved; unchanged if the result is not UTF-8.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.first_chunk::<2>().and_then(|digits| {
            let [high, low] = digits.map(|digit| char::from(digit).to_digit(16));
            Some((high? * 16 + low?) as u8)
        });
        let (byte, length) = match code {
            Some(code) if *first == b'%' => (code, 3),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// What is between two separators.
#[derive(Debug, Default)]
struct Piece<'t> {
    words: Vec<Word>,
    angles: Vec<&'t str>,
    /// Whether a word of it has an `@` outside quotes.
    has_mark: bool,
    /// Whether an address in angle brackets follows in the next piece, or one after it without an `@`.
    is_name: bool,
}

/// What is between two blanks, comments left out.
#[derive(Debug, Default, Clone)]
struct Word {
    text: String,
    /// Where each `@` outside quotes is.
    marks: Vec<usize>,
    /// Whether it is one quoted string and nothing else.
    is_quoted: bool,
}

fn pieces<'t>(tokens: &[Token<'t>]) -> Vec<Piece<'t>> {
    let last_semicolon = tokens.iter().rposition(|token| *token == Token::Separator(';')).unwrap_or(0);
    let has_address = address_follows(tokens);
    let mut pieces = vec![Piece::default()];
    let mut word = Word::default();
    for (place, token) in tokens.iter().enumerate() {
        let Some(piece) = pieces.last_mut() else { break };
        match token {
            Token::Text(text) => word.push(text),
            Token::Quoted(text) => {
                word.is_quoted = word.text.is_empty();
                word.text.push_str(text);
            }
            Token::Comment(_) => {}
            // the name of a group (RFC 5322, section 3.4), which a semicolon ends
            Token::Colon if place < last_semicolon && piece.is_without_address(&word) => {
                *piece = Piece::default();
                word = Word::default();
            }
            Token::Colon => word.push(":"),
            Token::Blank | Token::StrayBracket => piece.end(&mut word),
            Token::Angle(inside) => {
                piece.end(&mut word);
                piece.angles.push(inside);
            }
            // `a@example.co,uk` is a slip of the pen, and no list
            Token::Separator(separator)
                if !word.marks.is_empty()
                    && matches!(tokens.get(place + 1), Some(Token::Text(_)))
                    && !has_address[place + 1] =>
            {
                word.push(separator.encode_utf8(&mut [0; 4]));
            }
            Token::Separator(_) => {
                piece.end(&mut word);
                pieces.push(Piece::default());
            }
        }
    }
    if let Some(piece) = pieces.last_mut() {
        piece.end(&mut word);
    }
    let mut is_name = false;
    for piece in pieces.iter_mut().rev() {
        piece.is_name = is_name;
        is_name = !piece.angles.is_empty() || is_name && !piece.has_mark;
    }
    pieces
}

/// For each token whether an `@` outside quotes and comments is in it, or comes before the next separator.
fn address_follows(tokens: &[Token<'_>]) -> Vec<bool> {
    let mut follows = vec![false; tokens.len()];
    let mut is_ahead = false;
    for (token, follows) in tokens.iter().zip(&mut follows).rev() {
        is_ahead = match token {
            Token::Separator(_) => false,
            Token::Text(text) | Token::Angle(text) => is_ahead || text.contains('@'),
            _ => is_ahead,
        };
        *follows = is_ahead;
    }
    follows
}

impl Piece<'_> {
    fn end(&mut self, word: &mut Word) {
        self.has_mark |= !word.marks.is_empty();
        if !word.text.is_empty() {
            self.words.push(std::mem::take(word));
        }
    }

    fn is_without_address(&self, word: &Word) -> bool {
        self.angles.is_empty() && !self.has_mark && word.marks.is_empty()
    }

    /// Adds the addresses of this piece.
    fn find(&self, depth: u8, found: &mut Vec<Found>) {
        let angles = self.angles.iter().filter(|inside| inside.contains('@'));
        let angles: Vec<Found> = angles.flat_map(|inside| find(without_route(inside), depth + 1)).collect();
        let is_alone = angles.is_empty();
        let whole = |word: &&Word| word.is_whole() || (is_alone && word.is_quoted && word.text.contains('@'));
        let words: Vec<Word> = self.words.iter().filter(whole).flat_map(Word::split).collect();
        match &words[..] {
            [only] if only.is_quoted => {
                let inside = only.text.trim_matches('"').replace('\\', "");
                let unclean = |inside: Found| Found { is_clean: false, ..inside };
                found.extend(find(&inside, depth + 1).into_iter().map(unclean));
            }
            [] | [_] if is_alone => found.extend(self.joined()),
            words => found.extend(words.iter().map(Word::found)),
        }
        found.extend(angles);
    }

    /// The whole piece as one address, if there is an `@` in it.
    fn joined(&self) -> Option<Found> {
        let mut joined = Word::default();
        for word in &self.words {
            let gap = usize::from(!joined.text.is_empty());
            joined.text.push_str(&" "[..gap]);
            let start = joined.text.len();
            joined.text.push_str(&word.text);
            joined.marks.extend(word.marks.iter().map(|mark| start + mark));
        }
        (!joined.marks.is_empty()).then(|| joined.found())
    }
}

/// Without a source route, `<@a.example,@b.example:user@c.example>` (RFC 5321, appendix C).
fn without_route(inside: &str) -> &str {
    match inside.trim_start().starts_with('@') {
        true => inside.split_once(':').map_or(inside, |(_, address)| address),
        false => inside,
    }
}

impl Word {
    fn push(&mut self, text: &str) {
        let start = self.text.len();
        self.marks.extend(text.match_indices('@').map(|(at, _)| start + at));
        self.text.push_str(text);
        self.is_quoted = false;
    }

    /// Whether there is something before and after an `@`.
    fn is_whole(&self) -> bool {
        let behind = self.marks.last().is_some_and(|last| last + 1 < self.text.len());
        behind && self.marks.iter().any(|mark| *mark > 0)
    }

    /// The addresses in a word that has several `@`, separated at a character that no domain holds.
    fn split(&self) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut start = 0;
        for pair in self.marks.windows(2) {
            let between = &self.text[pair[0] + 1..pair[1]];
            // what could not be read may belong to a domain
            let is_host = |character: char| {
                character.is_alphanumeric() || "-._\u{fffd}".contains(character) || stands_in(character)
            };
            let Some((end, separator)) = between.char_indices().find(|(_, character)| !is_host(*character))
            else {
                continue;
            };
            if between[..end].contains('.') && end + separator.len_utf8() < between.len() {
                parts.push(start..pair[0] + 1 + end);
                start = pair[0] + 1 + end + separator.len_utf8();
            }
        }
        if parts.is_empty() {
            return vec![self.clone()];
        }
        parts.push(start..self.text.len());
        let part = |range: std::ops::Range<usize>| {
            let mut part = Self::default();
            part.push(&self.text[range]);
            part
        };
        parts.into_iter().map(part).collect()
    }

    /// The address that this is, without its scheme and stray quotes.
    fn found(&self) -> Found {
        let (mut address, mut at) = (self.text.as_str(), self.marks.last().copied().unwrap_or(0));
        let mut is_clean = true;
        if self.is_quoted {
            address = address.trim_matches('"');
            at = address.rfind('@').unwrap_or(0);
            is_clean = false;
        }
        if let Some(rest) = SCHEMES.iter().find_map(|scheme| without_prefix(address, scheme)) {
            at = at.saturating_sub(address.len() - rest.len());
            address = rest;
        }
        if let Some(rest) = address.strip_prefix('\'').filter(|rest| rest.ends_with('\'')) {
            (address, at) = (&rest[..rest.len() - 1], at.saturating_sub(1));
        }
        let whole = address.trim_end_matches(['"', '\'', ')', '}']);
        if whole.len() > at && whole.len() < address.len() {
            (address, is_clean) = (whole, false);
        }
        Found { address: address.to_owned(), at: at.min(address.len()), is_clean }
    }
}
