//! A field cut into names, quoted strings, comments, brackets and separators (RFC 5322, section 3.2).
//!
//! A quote or bracket that is opened and not closed is ordinary text. No character is looked at more often than a fixed
//! number of times.

/// A part of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// Ordinary characters.
    Text(&'t str),
    /// A quoted string with its quotes.
    Quoted(&'t str),
    /// What is in a comment.
    Comment(&'t str),
    /// What is in angle brackets.
    Angle(&'t str),
    /// A comma or semicolon.
    Separator(char),
    Colon,
    Blank,
    /// A closing bracket that closes nothing.
    StrayBracket,
}

/// Cuts a field into its tokens, in time in proportion to its length.
pub(super) fn lex(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut at, mut start) = (0, 0);
    let mut comments_close = true;
    while let Some(character) = text[at..].chars().next() {
        let is_fresh = start == at || text[..at].ends_with('.');
        let (token, length) = match character {
            '"' if is_fresh => match quoted(&text[at..]) {
                Some(length) => (Some(Token::Quoted(&text[at..at + length])), length),
                None => (None, 1),
            },
            '(' if comments_close => match comment(&text[at..]) {
                Some(length) => (Some(Token::Comment(&text[at + 1..at + length - 1])), length),
                None => {
                    comments_close = false;
                    (None, 1)
                }
            },
            '<' => {
                let (inside, length) = angle(&text[at + 1..]);
                (Some(Token::Angle(inside)), length + 1)
            }
            '>' => (Some(Token::StrayBracket), 1),
            ',' | ';' => (Some(Token::Separator(character)), 1),
            ':' => (Some(Token::Colon), 1),
            _ if character.is_whitespace() => (Some(Token::Blank), character.len_utf8()),
            _ => (None, character.len_utf8()),
        };
        if let Some(token) = token {
            if start < at {
                tokens.push(Token::Text(&text[start..at]));
            }
            tokens.push(token);
            start = at + length;
        }
        at += length;
    }
    if start < at {
        tokens.push(Token::Text(&text[start..at]));
    }
    tokens
}

/// The length of the quoted string that begins here; `None` if it does not end before something that may follow one.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find_map(|(at, character)| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends.then_some(at)
    })?;
    let follows = text[end + 1..].chars().next();
    follows.is_none_or(|next| next.is_whitespace() || "@.,;:<>()".contains(next)).then_some(end + 1)
}

/// The length of the comment that begins here, others within it.
fn comment(text: &str) -> Option<usize> {
    let (mut depth, mut escaped) = (0usize, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What is in angle brackets, and where it ends; brackets that are not closed end where a list goes on.
fn angle(text: &str) -> (&str, usize) {
    match text.find(['<', '>']) {
        Some(end) if text[end..].starts_with('>') => (&text[..end], end + 1),
        end => {
            let text = &text[..end.unwrap_or(text.len())];
            let end = text.find([',', ';', '\n', '\r']).unwrap_or(text.len());
            (&text[..end], end)
        }
    }
}
