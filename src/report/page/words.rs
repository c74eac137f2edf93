//! What the page says in words, and how it writes numbers and days.

use super::manifest::PageCounts;
use crate::assess::{Action, State};
use crate::escape;
use crate::time::Day;
use crate::wording::{agree, count, grouped};

/// A number with commas, negative ones too.
pub(super) fn number(number: i64) -> String {
    let sign = if number < 0 { "−" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

/// A number that may be missing.
pub(super) fn some_number(value: Option<i64>) -> String {
    value.map_or_else(|| "–".to_owned(), number)
}

/// A text of strangers, of which nothing can hide. HTML is escaped by the template.
pub(super) fn shown(text: &str) -> String {
    escape::line(text).into_owned()
}

/// A name of ours, such as `pending_delete`, as words.
pub(super) fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// What to do, in the infinitive.
pub(super) fn to_do(action: Action) -> &'static str {
    match action {
        Action::Lookup => "look up",
        other => other.name(),
    }
}

/// A part of a whole in percent; a part that is there is never 0 %, and a whole that is not all never 100 %.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    match share {
        _ if part == 0 => "0 %".to_owned(),
        _ if part == whole => "100 %".to_owned(),
        share if share < 0.1 => "< 0.1 %".to_owned(),
        share if share > 99.9 => "> 99.9 %".to_owned(),
        share => format!("{share:.1} %"),
    }
}

/// When others can register a domain.
pub(super) fn window(state: State, earliest: Option<Day>, latest: Option<Day>, today: Day) -> String {
    let Some(earliest) = earliest else { return "–".to_owned() };
    match latest {
        _ if state == State::Available && earliest <= today => "now".to_owned(),
        Some(latest) if earliest <= today && latest > today => format!("by {latest}"),
        Some(latest) if latest == earliest => earliest.to_string(),
        Some(latest) => format!("{earliest} to {latest}"),
        None if earliest <= today => "any day".to_owned(),
        None => format!("{earliest} or later"),
    }
}

/// A day in words that a person sees at once.
pub(super) fn weekday(day: Day) -> &'static str {
    // 1970-01-01 was a Thursday
    const NAMES: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    NAMES[day.0.rem_euclid(7) as usize]
}

/// A moment of judgement; midnight is left out.
pub(super) fn as_of(moment: &str) -> String {
    moment.trim_end_matches("T00:00:00Z").to_owned()
}

/// The answer in one sentence. It never calls fine what could not be judged.
pub(super) fn sentence(counts: &PageCounts) -> String {
    let unverify = counts.of_action(Action::Unverify);
    let judged = counts.accounts().saturating_sub(counts.not_judged());
    let whose = agree(unverify, "its", "their");
    match (unverify, judged) {
        _ if counts.accepted == 0 => "There is no account in this report.".to_owned(),
        (1.., _) => {
            format!("Unverify {}: others can receive {whose} mail, now or soon.", count(unverify, "account"))
        }
        (0, 0) => format!("None of {} could be judged.", count(counts.accounts(), "account")),
        (0, _) => {
            let of = if judged == counts.accounts() { "" } else { " that could be judged" };
            format!("Nothing to unverify among the {}{of}.", count(judged, "account"))
        }
    }
}

/// That a person has to look at some; nothing if there are none.
pub(super) fn look(counts: &PageCounts) -> String {
    match counts.of_action(Action::Review) {
        0 => String::new(),
        review => format!("{} {} a person’s look.", count(review, "account"), agree(review, "needs", "need")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_neither_rounded_to_nothing_nor_to_all() {
        for (part, whole, text) in [
            (0, 0, "0 %"),
            (0, 9, "0 %"),
            (1, 10_000, "< 0.1 %"),
            (1, 3, "33.3 %"),
            (9_999, 10_000, "> 99.9 %"),
            (9, 9, "100 %"),
        ] {
            assert_eq!(percent(part, whole), text);
        }
    }

    #[test]
    fn windows() {
        let today = Day(20_000);
        let day = |days: i32| Some(today.plus(days));
        for (state, earliest, latest, text) in [
            (State::Absent, None, None, "–"),
            (State::Available, day(-1), day(-1), "now"),
            (State::PendingDelete, day(-1), day(4), "by 2024-10-08"),
            (State::PendingDelete, day(2), day(4), "2024-10-06 to 2024-10-08"),
            (State::PendingDelete, day(2), day(2), "2024-10-06"),
            (State::Absent, day(-9), None, "any day"),
            (State::Hold, day(9), None, "2024-10-13 or later"),
            // contradictory ends are both shown
            (State::Grace, day(4), day(2), "2024-10-08 to 2024-10-06"),
        ] {
            assert_eq!(window(state, earliest, latest, today), text);
        }
        assert_eq!((weekday(today), weekday(Day(0)), weekday(Day(-1))), ("Fri", "Thu", "Wed"));
    }

    #[track_caller]
    fn answers(actions: &[(&str, u64)], unknown: u64, expected: &str, then: &str) {
        let accepted = actions.iter().map(|(_, accounts)| accounts).sum();
        let by_action = actions.iter().map(|(action, accounts)| ((*action).to_owned(), *accounts)).collect();
        let by_state = [("unknown".to_owned(), unknown)].into();
        let counts = PageCounts {
            accepted,
            accounts_by_action: by_action,
            accounts_by_state: by_state,
            ..PageCounts::default()
        };
        assert_eq!((&*sentence(&counts), &*look(&counts)), (expected, then));
    }

    #[test]
    fn the_answer() {
        answers(&[], 0, "There is no account in this report.", "");
        answers(&[("lookup", 7)], 7, "None of 7 accounts could be judged.", "");
        answers(&[("none", 7)], 0, "Nothing to unverify among the 7 accounts.", "");
        answers(
            &[("none", 7), ("lookup", 3)],
            3,
            "Nothing to unverify among the 7 accounts that could be judged.",
            "",
        );
        let look = "1 account needs a person’s look.";
        answers(&[("review", 1)], 0, "Nothing to unverify among the 1 account.", look);
        answers(&[("review", 1)], 1, "None of 1 account could be judged.", look);
        let one = "Unverify 1 account: others can receive its mail, now or soon.";
        answers(&[("unverify", 1)], 0, one, "");
        let many = "Unverify 1,200 accounts: others can receive their mail, now or soon.";
        answers(&[("unverify", 1200), ("lookup", 5)], 5, many, "");
    }
}
