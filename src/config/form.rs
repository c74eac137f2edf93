//! How accounts are written: the options about columns, fields and times, checked.

use super::mistakes::Mistakes;
use crate::cli::{ColumnArgs, ReportArgs};
use crate::error::{Error, Result};
use crate::escape::sample;
use crate::input::accounts::{ColumnNames, FormOptions, Times};
use crate::name::Subject;
use crate::report::accounts;
use crate::report::urgent::cells::WHY;
use crate::time::TimeFormat;

/// What the options of an audit say about the form of accounts.
pub(super) fn form_of(report: &ReportArgs, kind: Subject, mistakes: &mut Mistakes) -> FormOptions {
    mistakes.extend(needless(report, kind));
    mistakes.note(check_carried(&report.carry));
    let mut form = columns_of(&report.columns, kind, &report.carry, mistakes);
    form.format = report.format;
    form
}

/// What the options about columns say. `carry` are columns that are copied.
pub(super) fn columns_of(
    args: &ColumnArgs,
    kind: Subject,
    carry: &[String],
    mistakes: &mut Mistakes,
) -> FormOptions {
    mistakes.note(check_numbers(args, carry));
    let format = mistakes.note(args.time_format.as_deref().map(time_format).transpose());
    let delimiter = mistakes.note(args.delimiter.as_deref().map(delimiter).transpose());
    FormOptions {
        format: None,
        delimiter: delimiter.flatten(),
        no_header: args.no_header,
        is_part: false,
        columns: ColumnNames {
            kind,
            subject: subject_column(args).map(str::to_owned),
            id: args.id_column.clone(),
            verified_at: args.verified_at_column.clone(),
            first_verified_at: args.first_verified_at_column.clone(),
            weight: args.weight_column.clone(),
            accounts: args.accounts_column.clone(),
            carry: carry.to_vec(),
            times: Times { format: format.flatten() },
            taken: Vec::new(),
        },
    }
}

fn time_format(pattern: &str) -> Result<TimeFormat> {
    TimeFormat::new(pattern).map_err(|why| {
        Error::usage(format!("`--time-format`: `{}` cannot be used: {why}", sample(pattern))).hint(
            "write the form as strftime does, with day, month and year: `%d/%m/%Y`, `%m/%d/%Y %H:%M:%S` or \
             `%d/%m/%y %I:%M %p`",
        )
    })
}

/// The byte between fields, as it may be typed.
fn delimiter(text: &str) -> Result<u8> {
    Ok(match text {
        "comma" => b',',
        "semicolon" => b';',
        "tab" | "\\t" => b'\t',
        "bar" | "pipe" => b'|',
        // what Spark and Hive write between fields
        "\\x01" | "\\u0001" | "^A" => 1,
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => *byte,
            _ => {
                let what = format!("`--delimiter`: expected one character, found `{}`", sample(text));
                return Err(
                    Error::usage(what).hint("write it as `;`, or as a word: comma, semicolon, tab or bar")
                );
            }
        },
    })
}

/// Checks that columns are named by numbers where there are no names.
fn check_numbers(args: &ColumnArgs, carry: &[String]) -> Result<()> {
    let single = [
        ("--email-column", &args.email_column),
        ("--subject-column", &args.subject_column),
        ("--id-column", &args.id_column),
        ("--verified-at-column", &args.verified_at_column),
        ("--first-verified-at-column", &args.first_verified_at_column),
        ("--weight-column", &args.weight_column),
        ("--accounts-column", &args.accounts_column),
    ];
    let single = single.into_iter().filter_map(|(option, name)| name.as_ref().map(|name| (option, name)));
    let mut named = single.chain(carry.iter().map(|name| ("--carry", name)));
    let is_number =
        |name: &str| name.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == name);
    match named.find(|(_, name)| args.no_header && !is_number(name)) {
        None => Ok(()),
        Some((option, _)) => Err(Error::usage(format!("`{option}`: expected the number of a column"))
            .hint("without a header columns are named by their numbers, the first is 1")),
    }
}

/// Options about addresses where rows have none, and two names for one column.
fn needless(report: &ReportArgs, kind: Subject) -> Vec<Error> {
    let mut mistakes = needless_columns(&report.columns, kind);
    let column = subject_column(&report.columns).map(sample);
    let keep = column.unwrap_or_else(|| "COLUMN".into());
    let options = [
        ("--split-addresses", report.split_addresses, "leave it out".to_owned()),
        ("--keep-email", report.keep_email, format!("`--carry {keep}` copies a column into the report")),
        ("--hash-email", report.hash_email.is_some(), "leave it out".to_owned()),
    ];
    let needless = options.into_iter().filter(|(_, is_set, _)| *is_set && kind != Subject::Address);
    mistakes.extend(needless.map(|(option, _, hint)| about_addresses(option, kind).hint(hint)));
    mistakes
}

/// The same among the options about columns.
pub(super) fn needless_columns(columns: &ColumnArgs, kind: Subject) -> Vec<Error> {
    let is_twice = columns.email_column.is_some() && columns.subject_column.is_some();
    let mistake = match kind {
        Subject::Address => is_twice.then(|| {
            let twice = "`--email-column` and `--subject-column` both name the column of the address";
            Error::usage(twice).hint("leave one of them out")
        }),
        _ => columns
            .email_column
            .is_some()
            .then(|| about_addresses("--email-column", kind).hint("name the column with `--subject-column`")),
    };
    mistake.into_iter().collect()
}

fn about_addresses(option: &str, kind: Subject) -> Error {
    Error::usage(format!("`{option}` is about addresses, and rows name {}", kind.words().plural))
}

/// The name of the column of what rows name, if it was typed.
fn subject_column(columns: &ColumnArgs) -> Option<&str> {
    columns.subject_column.as_deref().or(columns.email_column.as_deref())
}

fn check_carried(carry: &[String]) -> Result<()> {
    let mut taken = accounts::table().names();
    // lists have a column more than the table
    taken.push(WHY.to_owned());
    for name in carry {
        if taken.contains(name) {
            return Err(Error::usage(format!("`--carry {name}`: `accounts` has a column of that name"))
                .hint("rename the column in the input"));
        }
        taken.push(name.clone());
    }
    Ok(())
}
