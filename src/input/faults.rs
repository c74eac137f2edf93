//! Records of a file that could not be read: they are counted, and the first few are kept, each with its place.
//!
//! Such records are told and passed over. A file with more of them than a run allows is not what it was taken for, and makes
//! the run incomplete.

use std::path::Path;

use crate::escape;

/// How many are kept of a file.
const SAMPLES: usize = 5;

/// The faults of a file, or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults {
    /// How many there are.
    pub count: u64,
    /// The first of them, each with its place.
    pub(crate) samples: Vec<String>,
}

impl Faults {
    /// Counts a record.
    pub(crate) fn note(&mut self, sample: impl FnOnce() -> String) {
        self.count += 1;
        self.keep(sample);
    }

    /// Keeps a sample of something else that is wrong, if there is room.
    pub(crate) fn keep(&mut self, sample: impl FnOnce() -> String) {
        if self.samples.len() < SAMPLES {
            self.samples.push(sample());
        }
    }

    /// Adds those of the part that follows.
    pub(crate) fn add(&mut self, next: Self) {
        self.count += next.count;
        let room = SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(next.samples.into_iter().take(room));
    }

    /// The first of them behind a comma; nothing if there is none.
    pub(crate) fn first_in_words(&self) -> String {
        self.samples.first().map(|sample| format!(", first {sample}")).unwrap_or_default()
    }

    /// How many percent they are of all records, of which so many are sound.
    pub(crate) fn percent(&self, sound: u64) -> f64 {
        self.count as f64 * 100.0 / (sound + self.count).max(1) as f64
    }

    /// That they are more than `limit` percent of the records of a file; `are` says what is wrong with them.
    pub(crate) fn too_many(&self, (path, sound): (&Path, u64), are: &str, limit: f64) -> Option<String> {
        let percent = self.percent(sound);
        (percent > limit).then(|| {
            let (path, first) = (escape::path(path), self.first_in_words());
            format!("{path}: {percent:.1} % of its {are} (limit {limit} %){first}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn says(sound: u64, faults: u64, expected: Option<&str>) {
        let (mut all, mut next) = (Faults::default(), Faults::default());
        for number in 0..faults {
            let part = if number < 3 { &mut all } else { &mut next };
            part.note(|| format!("a:{number}"));
        }
        all.add(next);
        assert_eq!((all.count, all.samples.len()), (faults, faults.min(5) as usize));
        let told = all.too_many((Path::new("a"), sound), "rows are none", 5.0);
        assert_eq!(told.as_deref(), expected, "{faults} of {sound}");
    }

    #[test]
    fn more_than_the_limit() {
        says(0, 0, None);
        says(19, 1, None);
        says(18, 1, Some("a: 5.3 % of its rows are none (limit 5 %), first a:0"));
        says(0, 9, Some("a: 100.0 % of its rows are none (limit 5 %), first a:0"));
    }
}
