//! Values at, just below and just above every limit: names, numbers, percentages, threads, serials; with sizes and
//! moments beside it.
//!
//! What is expected of each is what a person who knows the limit expects; where there is more than one answer, the run
//! must only be sound, its report whole, and its rows complete.

use zonelapse::name::{MailDomain, Rejection};

use super::judge::Outcome;
use super::process::{Ended, run, shell};
use super::world::{Inputs, World};
use super::{Case, Harness, Verdict, moments, sizes};
use crate::support::{found, zone};

#[test]
fn boundaries() {
    let harness = Harness::new("hard::boundaries");
    let world = World::new();
    let checks: [fn(&World, &mut Case) -> Verdict; 17] = [
        sizes::accounts,
        sizes::zones,
        sizes::entries,
        sizes::records,
        sizes::tiny,
        sizes::header,
        names,
        weights,
        moments::dates,
        moments::moments,
        percentages,
        rejected_shares,
        moments::days,
        threads,
        serials,
        moments::ages,
        chains,
    ];
    harness.run(102, |case| checks[case.number as usize % checks.len()](&world, case));
    harness.finish();
}

/// Audits with further options; the report, if there is one.
pub(super) fn audit(
    inputs: &Inputs,
    case: &Case,
    options: &[&str],
) -> Result<(Ended, Option<Outcome>), String> {
    let output = case.path("report");
    let ended = run(inputs.audit(&output).args(options));
    let outcome = Outcome::of(&ended, &output)?;
    Ok((ended, outcome))
}

pub(super) fn accounts_with(world: &World, case: &Case, text: &str) -> Inputs {
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.accounts = case.write("a.csv", text.as_bytes());
    inputs
}

/// Labels of 63 octets, names of 253 characters, and one more; in accounts, answers and zones alike.
fn names(world: &World, case: &mut Case) -> Verdict {
    let label = |length: usize| "a".repeat(length);
    let name =
        |length: usize| format!("{}.com", [label(63), label(63), label(63), label(length - 196)].join("."));
    let at_limit = [(format!("{}.com", label(63)), Ok(())), (name(253), Ok(()))];
    let above = [
        (format!("{}.com", label(64)), Err(Rejection::LabelTooLong)),
        (name(254), Err(Rejection::NameTooLong)),
        (name(255), Err(Rejection::NameTooLong)),
    ];
    for (name, expected) in at_limit.iter().chain(&above) {
        let read = MailDomain::normalize(name).map(drop);
        if read != *expected {
            return Err(format!("{} characters: {read:?}, expected {expected:?}", name.len()));
        }
    }
    let all: Vec<&str> = at_limit.iter().chain(&above).map(|(name, _)| name.as_str()).collect();
    let rows: String = all.iter().map(|name| format!("1,p@{name}\n")).collect();
    let mut inputs = accounts_with(world, case, &format!("id,email\n{rows}"));
    let owners: Vec<&str> = all.iter().filter_map(|name| name.strip_suffix(".com")).chain(["held"]).collect();
    inputs.zones[0] = case.write("com.zone", zone("com", 2_026_053_101, &owners).as_bytes());
    let answers: Vec<String> = all.iter().map(|name| found(name, "active")).collect();
    inputs.answers = case.write("answers.ndjson", (answers.join("\n") + "\n").as_bytes());
    let (ended, found) = audit(&inputs, case, &["--max-rejected", "100"])?;
    match found {
        Some(found) if (found.rows, found.rejected) == (2, 3) => Ok(()),
        found => Err(ended.fault(&format!("expected 2 rows and 3 rejected, found {found:?}"))),
    }
}

/// Weights at the ends of their type, in one domain, so that they are added up.
fn weights(world: &World, case: &mut Case) -> Verdict {
    const WEIGHTS: [&str; 12] = [
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "-1",
        "0",
        "-0",
        "",
        "1e18",
        "1e19",
        "9223372036854775807.0",
        "NaN",
    ];
    let rows: Vec<&str> = (0..4).map(|_| *case.random.pick(&WEIGHTS)).collect();
    let text: String = rows.iter().map(|weight| format!("1,p@freed.com,{weight}\n")).collect();
    let inputs = accounts_with(world, case, &format!("id,email,weight\n{text}"));
    let (ended, found) = audit(&inputs, case, &["--max-rejected", "100"])?;
    match found {
        Some(found) if found.rows == 4 => Ok(()),
        _ => Err(ended.fault(&format!("weights {rows:?}: 4 rows are not 4"))),
    }
}

/// Percentages: from 0 to 100, and nothing else.
fn percentages(world: &World, case: &mut Case) -> Verdict {
    let option = *case.random.pick(&["--max-rejected", "--max-flagged-share", "--max-shrink"]);
    let inputs = world.inputs("accounts.csv", "answers.ndjson");
    for (number, (value, is_percent)) in [
        ("0", true),
        ("100", true),
        ("5e-324", true),
        ("1e2", true),
        ("100.00000000000001", false),
        ("-1e-300", false),
        ("NaN", false),
        ("inf", false),
        ("1e400", false),
        ("", false),
        ("5%", false),
    ]
    .into_iter()
    .enumerate()
    {
        let output = case.path(&format!("report-{number}"));
        let ended = run(inputs.audit(&output).arg(format!("{option}={value}")));
        Outcome::of(&ended, &output)?;
        if (ended.status != Some(2)) != is_percent {
            return Err(ended.fault(&format!("{option} {value}: a percentage is {is_percent}")));
        }
    }
    Ok(())
}

/// One row of twenty is five percent, and not more.
fn rejected_shares(world: &World, case: &mut Case) -> Verdict {
    for (rows, faulty, status) in
        [(20, 1, 0), (19, 1, 1), (21, 1, 0), (39, 2, 1), (40, 2, 0), (1, 1, 1), (0, 0, 0)]
    {
        let line =
            |row| if row < faulty { format!("{row},nobody\n") } else { format!("{row},p{row}@held.com\n") };
        let text: String = (0..rows).map(line).collect();
        let inputs = accounts_with(world, case, &format!("id,email\n{text}"));
        let output = case.path(&format!("report-{rows}-{faulty}"));
        let ended = run(&mut inputs.audit(&output));
        let found = Outcome::of(&ended, &output)?;
        let is_empty = rows == 0;
        if found.is_some_and(|found| found.status != status && !is_empty) {
            return Err(ended.fault(&format!("{faulty} of {rows} rows rejected: expected status {status}")));
        }
    }
    Ok(())
}

/// One thread, one processor, and zones from none to three: the same verdicts, and an end.
fn threads(world: &World, case: &mut Case) -> Verdict {
    let names: Vec<String> = (0..80_000).map(|name| format!("other{name:05}")).collect();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.push("held");
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.zones[0] = case.write("com.zone", zone("com", 2_026_053_101, &names).as_bytes());
    inputs.zones.truncate(1 + case.random.below(4));
    let threads = *case.random.pick(&["0", "1", "1", "2", "3", "1024", "1025"]);
    let is_number = !matches!(threads, "0" | "1025");
    let output = case.path("report");
    let mut command = inputs.audit(&output);
    command.args(["--threads", threads]);
    if case.random.below(2) == 0 {
        // where there is no such command, it runs as it is
        let pin = "if command -v taskset >/dev/null; then exec taskset -c 0 \"$@\"; else exec \"$@\"; fi";
        command = shell(pin, &command);
    }
    let ended = run(&mut command);
    let found = Outcome::of(&ended, &output)?;
    let state = found.as_ref().and_then(|found| found.verdicts.get("missing.com"));
    match state {
        Some((state, ..)) if is_number && state == "absent" => Ok(()),
        None if !is_number => Ok(()),
        state => Err(ended.fault(&format!("{threads} threads: missing.com is {state:?}"))),
    }
}

/// Serials at the ends of their range.
fn serials(world: &World, case: &mut Case) -> Verdict {
    let serial = *case.random.pick(&[
        0,
        1,
        1 << 31,
        (1 << 31) - 1,
        u32::MAX,
        2_026_060_100,
        2_026_060_299,
        1_780_272_000,
    ]);
    let mut inputs = world.inputs("accounts.csv", "answers.ndjson");
    inputs.zones[0] = case.write("com.zone", zone("com", serial, &["held", "fine"]).as_bytes());
    let (ended, found) = audit(&inputs, case, &[])?;
    if found.is_none() {
        return Err(ended.fault(&format!("serial {serial} makes the run fail")));
    }
    Ok(())
}

/// A long chain of domains whose name servers are in the next one.
fn chains(world: &World, case: &mut Case) -> Verdict {
    let links = 30_000 + case.random.below(20_000);
    let soa = "com.\t900\tin\tsoa\ta.nic.example. b.nic.example. 2026053101 1 1 1 1\n";
    let line = |link: usize| format!("n{link}.com.\t900\tin\tns\tns.n{}.com.\n", link + 1);
    let text: String = (0..links).map(line).collect();
    let mut inputs = accounts_with(world, case, "id,email\n1,a@n0.com\n2,b@n7.com\n");
    inputs.zones[0] = case.write("com.zone", format!("{soa}{text}{soa}").as_bytes());
    audit(&inputs, case, &[]).map(drop)
}
