//! Which files of MX data there are, and which date a name tells.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::input::pattern::{expand, files_in};
use crate::input::source::Source;
use crate::time::{BareDate, Moment};

/// A file of MX data.
#[derive(Debug, Clone)]
pub(crate) struct FoundMx {
    /// The file.
    pub(crate) source: Source,
    /// The date in its name.
    pub(super) date: Option<Moment>,
}

/// The files of these paths: files and patterns as given, and all files in directories, sorted.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<FoundMx>> {
    let mut found = Vec::new();
    for path in paths.iter().flat_map(|path| expand(path)) {
        let path = path?;
        if !path.is_dir() {
            found.push(FoundMx::of(Source::stat(&path)?));
            continue;
        }
        let files = files_in(&path)?;
        if files.is_empty() {
            return Err(Error::failure(&path, "no file in this directory")
                .hint("name a file of mail servers, or a directory with some"));
        }
        for file in files {
            found.push(FoundMx::of(Source::stat(&file)?.only_if_regular()));
        }
    }
    Ok(found)
}

impl FoundMx {
    fn of(source: Source) -> Self {
        Self { date: date_in(&source.stem()), source }
    }
}

/// The only date in the name of a file: `mx-2026-05-31.csv`, `20260531.parquet`.
fn date_in(name: &str) -> Option<Moment> {
    let mut dates = Vec::new();
    let digits = |byte: u8| byte.is_ascii_digit();
    let is_edge = |place: Option<usize>| {
        place.and_then(|place| name.as_bytes().get(place)).is_none_or(|byte| !digits(*byte))
    };
    for start in 0..name.len() {
        for length in [10, 8] {
            let Some(text) = name.get(start..start + length) else { continue };
            let is_date = match length {
                10 => text.bytes().enumerate().all(|(at, byte)| {
                    if matches!(at, 4 | 7) { byte == b'-' || byte == b'_' } else { digits(byte) }
                }),
                _ => text.bytes().all(digits),
            };
            if is_date && is_edge(start.checked_sub(1)) && is_edge(Some(start + length)) {
                dates.extend(Moment::parse(&text.replace('_', "-"), BareDate::Start));
            }
        }
    }
    dates.dedup();
    if let [date] = dates[..] { Some(date) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn dates(name: &str, expected: Option<&str>) {
        assert_eq!(date_in(name).map(|date| date.day().to_string()).as_deref(), expected, "{name}");
    }

    #[test]
    fn dates_in_names() {
        dates("mx-2026-05-31.csv", Some("2026-05-31"));
        dates("20260531.parquet", Some("2026-05-31"));
        dates("openintel_2026_05_31_part1.parquet", Some("2026-05-31"));
        dates("mx-20260531-1.csv", Some("2026-05-31"));
        dates("mx-2026-05-31-20260531.csv", Some("2026-05-31"));
        // two dates: nobody knows which
        dates("mx-2026-05-01-2026-05-31.csv", None);
        dates("mx-20261331.csv", None);
        dates("mx-120260531.csv", None);
        dates("mx.csv", None);
    }
}
