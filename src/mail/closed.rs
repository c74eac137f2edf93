//! Providers that closed their mail service while they kept the domain, from a dated list in `data/`.
//!
//! Nobody reads mail there any more, and an address cannot have been verified since. The name is registered and may be
//! served, so no state tells that.

use std::sync::LazyLock;

use hashbrown::HashMap;

use crate::built_in::CsvTable;
use crate::time::{BareDate, Day, Moment};

/// The list; its comments say what the columns mean.
const LIST: &str = include_str!("../../data/closed_mail.csv");

static CLOSED: LazyLock<HashMap<Box<str>, Day>> = LazyLock::new(|| {
    let rows = CsvTable::built_in("data/closed_mail.csv", LIST, |row| {
        let day = |text: &str| Some(Moment::parse(text, BareDate::Start)?.day());
        row.read("seen", "a date", day)?;
        Ok((row.text("domain")?.into(), row.read("closed_on", "a date", day)?))
    });
    rows.into_iter().collect()
});

/// The first day on which a registrable domain took no mail any more.
pub(crate) fn closed_on(domain: &str) -> Option<Day> {
    CLOSED.get(domain).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::SuffixList;

    #[test]
    fn the_list() {
        let suffixes = SuffixList::built_in().expect("the built-in list");
        let closed = closed_on("voila.fr").map(|day| day.to_string());
        assert_eq!(closed.as_deref(), Some("2016-07-12"));
        assert_eq!(closed_on("gmail.com"), None);
        for domain in CLOSED.keys() {
            let cut = suffixes.cut(domain).map(|cut| cut.registrable);
            assert_eq!(cut, Ok(Some(&**domain)));
        }
        let sources =
            CsvTable::built_in("data/closed_mail.csv", LIST, |row| row.text("source").map(str::to_owned));
        assert!(CLOSED.len() >= 10 && sources.len() == CLOSED.len(), "a domain is listed twice");
        assert!(sources.iter().all(|source| source.starts_with("http")));
    }
}
