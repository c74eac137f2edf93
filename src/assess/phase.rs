//! The phase that a status names: the words of a registry, beyond what RFC 8056 says of statuses everywhere.
//!
//! Registries have their own words (`in quarantine`, `AtAuction`), and some give a registered status a meaning of its
//! own: `server hold` in `.au` stands for a suspended name. Both are looked up in the column `words` of
//! `data/lifecycle.csv`. A status that neither IANA's registry nor this column knows is *unknown*: it may say anything.

use crate::rdap::{Status, StatusSet};

named_enum! {
    /// What a word of a registry says.
    pub(crate) enum Phase {
        /// Registered, and nothing more.
        Registered = "registered",
        /// Registered, out of the zone.
        Out = "out",
        /// Not paid, still in service.
        Expired = "expired",
        /// Out of service; the old holder can have it back.
        Restorable = "restorable",
        /// Nobody can have it back; it will be free or sold.
        Final = "final",
        /// On offer to others.
        Available = "available",
    }
}

/// A word and its phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhaseWord {
    word: WordPattern,
    phase: Phase,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum WordPattern {
    /// A registered status.
    Status(Status),
    /// Another one, squeezed.
    Text(Box<str>),
    /// The beginning of others.
    Start(Box<str>),
}

impl PhaseWord {
    /// Reads `status=phase;…`.
    pub(super) fn read_all(text: &str) -> Option<Vec<Self>> {
        text.split(';').filter(|part| !part.is_empty()).map(Self::read).collect()
    }

    fn read(text: &str) -> Option<Self> {
        let (word, phase) = text.rsplit_once('=')?;
        let phase = Phase::from_name(phase.trim())?;
        let word = match (word.strip_suffix('*'), Status::read(word)) {
            (Some(start), _) => WordPattern::Start(squeeze(start)),
            (None, Some(status)) => WordPattern::Status(status),
            (None, None) => WordPattern::Text(squeeze(word)),
        };
        Some(Self { word, phase })
    }
}

/// A status in lower case, without blanks, `_` and `-`: servers differ in these.
fn squeeze(text: &str) -> Box<str> {
    let letters = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-'));
    letters.flat_map(char::to_lowercase).collect()
}

/// The phases that the statuses of an answer name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Phases {
    /// A bit for each.
    bits: u8,
    /// A status that is not registered names a phase of a deletion.
    deleted_in_words: bool,
    /// A status is not known at all.
    pub(crate) has_unknown: bool,
}

impl Phases {
    /// No phase.
    pub(crate) const NONE: Self = Self { bits: 0, deleted_in_words: false, has_unknown: false };

    /// Looks the statuses of an answer up.
    pub(super) fn read(words: &[PhaseWord], statuses: &StatusSet) -> Self {
        let mut phases = Self::NONE;
        for word in words {
            if let WordPattern::Status(status) = word.word
                && statuses.contains(status)
            {
                phases.bits |= 1 << word.phase as u8;
            }
        }
        for status in statuses.other() {
            let squeezed = squeeze(status);
            let names = |word: &&PhaseWord| match &word.word {
                WordPattern::Status(_) => false,
                WordPattern::Text(text) => *text == squeezed,
                WordPattern::Start(start) => squeezed.starts_with(&**start),
            };
            let Some(word) = words.iter().find(names) else {
                phases.has_unknown = true;
                continue;
            };
            phases.bits |= 1 << word.phase as u8;
            phases.deleted_in_words |= matches!(word.phase, Phase::Restorable | Phase::Final);
        }
        phases
    }

    /// These and another one.
    pub(crate) const fn with(self, phase: Phase) -> Self {
        Self { bits: self.bits | 1 << phase as u8, ..self }
    }

    /// These, and a deletion is under way.
    pub(crate) const fn with_deletion(self) -> Self {
        Self { deleted_in_words: true, ..self }
    }

    /// These, and something that is not known.
    pub(crate) const fn with_unknown(self) -> Self {
        Self { has_unknown: true, ..self }
    }

    /// Whether a status names this phase.
    pub(crate) const fn contains(self, phase: Phase) -> bool {
        self.bits & (1 << phase as u8) != 0
    }

    /// Whether a status of the registry's own proves that a deletion is under way. A mere hold does not.
    pub(crate) const fn is_deletion(self) -> bool {
        self.deleted_in_words
    }

    /// Whether they speak against a registration in service.
    pub(crate) const fn is_sign(self) -> bool {
        self.bits & !(1 << Phase::Registered as u8) != 0 || self.has_unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(words: &str, statuses: &[&str], expected: &[Phase], unknown: bool) {
        let words = PhaseWord::read_all(words).expect("words");
        let phases = Phases::read(&words, &statuses.iter().collect());
        let named: Vec<Phase> = Phase::ALL.iter().copied().filter(|phase| phases.contains(*phase)).collect();
        assert_eq!((named.as_slice(), phases.has_unknown), (expected, unknown), "{statuses:?}");
    }

    #[test]
    fn words_of_registries() {
        use Phase::{Available, Final, Out, Restorable};
        let words =
            "in quarantine=restorable;server hold=restorable;release process*=available;delete_blocked=final";
        names(words, &["In Quarantine"], &[Restorable], false);
        names(words, &["inQuarantine"], &[Restorable], false);
        names(words, &["serverHold"], &[Restorable], false);
        names(words, &["release process: waiting"], &[Available], false);
        names(words, &["DELETE-BLOCKED", "active"], &[Final], false);
        names(words, &["active"], &[], false);
        names(words, &["quarantine"], &[], true);
        names("", &["in quarantine", "active"], &[], true);
        names("held=out", &["held", "what"], &[Out], true);
    }

    #[test]
    fn faulty_words() {
        assert!(PhaseWord::read_all("a").is_none() && PhaseWord::read_all("a=gone").is_none());
        assert_eq!(PhaseWord::read_all(""), Some(Vec::new()));
    }
}
