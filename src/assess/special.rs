//! Special-use names, which nobody can register: a table in `data/`.

/// The table: a name a line, `#` starts a comment.
const TABLE: &str = include_str!("../../data/special_use_names.txt");
/// Private suffixes at which others register: likewise.
const OPEN_SUFFIXES: &str = include_str!("../../data/private_registries.txt");

fn entries(table: &'static str) -> impl Iterator<Item = &'static str> {
    table
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|name| !name.is_empty())
}

/// The special-use name that `name` is or lies below.
pub fn special_use(name: &str) -> Option<&'static str> {
    entries(TABLE).find(|special| is_at_or_below(name, special))
}

/// Whether a private suffix is a registry open to others.
pub fn is_open_registry(suffix: &str) -> bool {
    entries(OPEN_SUFFIXES).any(|open| is_at_or_below(suffix, open))
}

fn is_at_or_below(name: &str, parent: &str) -> bool {
    name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(special_use("a.example"), Some("example"));
        assert_eq!(special_use("www.example.com"), Some("example.com"));
        assert_eq!(special_use("myexample.com"), None);
        assert_eq!(special_use("host.internal"), Some("internal"));
        assert_eq!(special_use("10.in-addr.arpa"), Some("10.in-addr.arpa"));
        assert!(
            is_open_registry("uk.com") && is_open_registry("de.eu.org") && !is_open_registry("github.io")
        );
    }
}
