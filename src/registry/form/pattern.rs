//! Patterns for names of files and first lines: plain text, `*` for anything, `{name}` for something to keep.
//!
//! A piece of plain text is searched for from the left, so a captured text ends at the first place where the pattern
//! can go on. That is enough for marks that a program wrote. Capital letters count as small ones.

/// What a pattern found: names of captures, and their texts.
pub(crate) type Captures<'t> = Vec<(String, &'t str)>;

/// Matches a whole text; what was captured if it fits.
pub(crate) fn capture<'t>(pattern: &str, text: &'t str) -> Option<Captures<'t>> {
    let mut found = Vec::new();
    let folded = text.to_ascii_lowercase();
    let (mut at, mut rest) = (0, pattern);
    let mut open: Option<String> = None;
    loop {
        let end = rest.find(['*', '{']).unwrap_or(rest.len());
        let plain = rest[..end].to_ascii_lowercase();
        // the last piece must be at the end of the text
        let place = match (&open, end == rest.len()) {
            (None, _) => folded[at..].starts_with(&plain).then_some(0),
            (Some(_), true) => folded
                .len()
                .checked_sub(plain.len())
                .filter(|start| *start >= at && folded.ends_with(&plain))
                .map(|start| start - at),
            (Some(_), false) => folded[at..].find(&plain),
        }?;
        if let Some(name) = open.take().filter(|name| !name.is_empty()) {
            found.push((name, text[at..at + place].trim()));
        }
        at += place + plain.len();
        rest = &rest[end..];
        if rest.is_empty() {
            return (at == text.len()).then_some(found);
        }
        match rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((name, after)) => (open, rest) = (Some(name.to_owned()), after),
            None => (open, rest) = (Some(String::new()), &rest[1..]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::capture;

    #[track_caller]
    fn fits(pattern: &str, text: &str, expected: Option<&[(&str, &str)]>) {
        let found = capture(pattern, text);
        let found: Option<Vec<(&str, &str)>> =
            found.as_ref().map(|all| all.iter().map(|(name, text)| (name.as_str(), *text)).collect());
        assert_eq!(found.as_deref(), expected, "{pattern} on {text}");
    }

    #[test]
    fn patterns() {
        fits("uk.csv", "uk.csv", Some(&[]));
        fits("uk.csv", "UK.csv", Some(&[]));
        fits("uk.csv", "uk.csv2", None);
        fits("uk*.csv", "uk-of-today.csv", Some(&[]));
        fits("uk*.csv", "a-uk.csv", None);
        fits("*", "", Some(&[]));
        fits("{release}.txt", "2026112609.txt", Some(&[("release", "2026112609")]));
        fits("a{x}b", "a1b2b", Some(&[("x", "1b2")]));
        fits("# * de {from} a {to}", "# ção no de 1 a 2", Some(&[("from", "1"), ("to", "2")]));
        fits("# {date}", "nothing", None);
        fits("{date}", "2026-11-25 08:17:48 CET", Some(&[("date", "2026-11-25 08:17:48 CET")]));
    }
}
