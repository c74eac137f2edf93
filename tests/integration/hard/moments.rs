//! Moments, dates and ages at the ends of calendars and at the very second.

use std::process::Command;

use super::boundaries::{accounts_with, audit};
use super::judge::Outcome;
use super::process::run;
use super::world::World;
use super::{Case, Verdict};
use crate::support::found;

const DATES: [&str; 16] = [
    "0001-01-01",
    "0000-01-01",
    "-9999-01-01",
    "9999-12-31T23:59:59Z",
    "9999-12-31",
    "9999-12-31T23:59:59.999999-23:59",
    "10000-01-01",
    "1969-12-31T23:59:59Z",
    "1970-01-01",
    "2024-02-29",
    "1900-02-29",
    "2023-02-29",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "2016-12-31T23:59:60Z",
];

/// Dates at the ends of calendars, in accounts and in answers.
pub(super) fn dates(world: &World, case: &mut Case) -> Verdict {
    let drawn: Vec<&str> = (0..4).map(|_| *case.random.pick(&DATES)).collect();
    let text: String =
        drawn.iter().map(|date| format!("1,p@freed.com,{date}\n2,p@again.com,{date}\n")).collect();
    let mut inputs = accounts_with(world, case, &format!("id,email,verified_at\n{text}"));
    let answers: Vec<String> = drawn
        .iter()
        .zip(["freed.com", "again.com", "fine.com", "held.com"])
        .map(|(date, name)| {
            let answer = found(name, "redemption period").replace("2015-01-01T00:00:00Z", date);
            let kind =
                *case.random.pick(&["registration", "expiration", "deletion", "last changed", "transfer"]);
            let fetched = *case.random.pick(&["2026-05-31T00:00:00Z", date]);
            answer.replace("registration", kind).replace("2026-05-31T00:00:00Z", fetched)
        })
        .collect();
    inputs.answers = case.write("answers.ndjson", (answers.join("\n") + "\n").as_bytes());
    let (ended, found) = audit(&inputs, case, &[])?;
    match found {
        Some(found) if found.rows == 8 => Ok(()),
        _ => Err(ended.fault(&format!("dates {drawn:?}: 8 rows are not 8"))),
    }
}

/// Moments of judgement at the ends of calendars: sound, and evidence of later is none.
pub(super) fn moments(world: &World, case: &mut Case) -> Verdict {
    let inputs = world.inputs("accounts.csv", "answers.ndjson");
    let date = *case.random.pick(&DATES);
    let output = case.path("ends");
    let mut command = inputs.audit(&output);
    let ended = run(replace(&mut command, "--as-of", date).args(["--date", *case.random.pick(&DATES)]));
    Outcome::of(&ended, &output)?;
    // answers of the world are of midnight
    for (second, is_used) in [("2026-05-30T23:59:59Z", false), ("2026-05-31T00:00:00Z", true)] {
        let output = case.path(if is_used { "at" } else { "before" });
        let ended = run(replace(&mut inputs.audit(&output), "--as-of", second));
        let Some(found) = Outcome::of(&ended, &output)? else { return Err(ended.fault("no report")) };
        let state = found.verdicts.get("freed.com").map(|verdict| verdict.0.as_str());
        if (state == Some("available")) != is_used {
            return Err(ended.fault(&format!("as of {second}: freed.com is {state:?}")));
        }
    }
    Ok(())
}

/// The command again with another value of an option.
fn replace<'c>(command: &'c mut Command, option: &str, value: &str) -> &'c mut Command {
    let arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let directory = command.get_current_dir().map(ToOwned::to_owned);
    let mut changed = Command::new(command.get_program());
    let mut is_value = false;
    for argument in arguments {
        if is_value {
            changed.arg(value)
        } else {
            changed.arg(&argument)
        };
        is_value = argument == option;
    }
    if let Some(directory) = directory {
        changed.current_dir(directory);
    }
    *command = changed;
    command
}

/// Numbers of days from none to all.
pub(super) fn days(world: &World, case: &mut Case) -> Verdict {
    let option = *case.random.pick(&["--lead-days", "--max-zone-age-days", "--max-rdap-age-days"]);
    let value = *case.random.pick(&[
        "0",
        "1",
        "36500",
        "36501",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "-1",
    ]);
    let inputs = world.inputs("accounts.csv", "answers.ndjson");
    let (ended, found) = audit(&inputs, case, &[&format!("{option}={value}")])?;
    let is_number = value.parse::<u32>().is_ok();
    if found.is_some() == is_number { Ok(()) } else { Err(ended.fault(&format!("{option} {value}"))) }
}

/// A zone and answers grow old: once they no longer count, they never count again.
pub(super) fn ages(world: &World, case: &mut Case) -> Verdict {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.previous = case.path("none");
    let mut counted = [true, true];
    let times = ["00:00:00Z", "00:00:01Z", "23:59:59Z"];
    let days =
        ["2026-05-31", "2026-06-01", "2026-06-03", "2026-06-04", "2026-06-29", "2026-06-30", "2026-07-01"];
    let steps = days.iter().flat_map(|day| times.map(|time| format!("{day}T{time}")));
    for (number, moment) in steps.enumerate().skip(case.random.below(3)).step_by(2) {
        let output = case.path(&format!("report-{number}"));
        let mut command = inputs.audit(&output);
        let ended = run(replace(&mut command, "--as-of", &moment).args(["--max-rdap-age-days", "30"]));
        let Some(found) = Outcome::of(&ended, &output)? else { return Err(ended.fault("no report")) };
        let state = |name: &str| found.verdicts.get(name).map_or("none", |verdict| &*verdict.0);
        let now = [state("missing.com") == "absent", state("ending.com") == "pending_delete"];
        if now.iter().zip(counted).any(|(now, before)| *now && !before) {
            return Err(ended.fault(&format!("as of {moment}, what was too old counts again")));
        }
        counted = now;
    }
    match counted {
        [false, false] => Ok(()),
        _ => Err(format!("evidence of May still counts in July: {counted:?}")),
    }
}
