//! Remedies in words, with the options of the command that ran.
//!
//! An option is named only if the command has it. Otherwise the general terms of [`Hint`] are used.

use crate::cli::KnownOptions;
use crate::error::{Hint, SubjectWords};

/// A remedy as the user of a command should read it.
pub(super) fn words(hint: &Hint, options: &KnownOptions) -> String {
    let with_option = |(long, text): &(String, &str)| Some(text.replace("{}", &options.flag(long)?));
    match hint {
        Hint::BuildStore => "`zonelapse snapshot build ZONE… --store DIR` makes one".to_owned(),
        Hint::GiveDate => "build it again with `--date`".to_owned(),
        Hint::ListSnapshots => "`zonelapse snapshot list --store DIR` shows what is there".to_owned(),
        Hint::ListAccepted => "`zonelapse snapshot list --store DIR --json` shows which were (`accepted`)".to_owned(),
        Hint::NoHeader(column, SubjectWords { column: option, .. }) => options.flag("no-header").map_or_else(
            || hint.to_string(),
            |flag| {
                let add = "add a first line with the names of the columns, or say";
                match column {
                    Some(column) => format!(
                        "{add} `{flag} --{option}-column {column}` and name other columns by their numbers, too"
                    ),
                    None => format!(
                        "{add} `{flag}` and name the columns by their numbers, such as `--{option}-column 2`"
                    ),
                }
            },
        ),
        Hint::TellSubject(SubjectWords { name, plural, .. }) => options
            .flag("subject")
            .map_or_else(|| hint.to_string(), |flag| format!("these look like {plural}: `{flag} {name}`")),
        Hint::ReleaseBreaker(zone) if options.flag("release-breaker").is_some() => {
            let option = release_breaker(zone);
            format!("look at these domains; if the change is real, `{option}` lets them be unverified")
        }
        Hint::TellPrefix(prefix) => options.flag("prefix").map_or_else(
            || hint.to_string(),
            |flag| format!("put a prefix before the names of the new columns, such as `{flag} {prefix}`"),
        ),
        Hint::TellFormat => match (options.flag("format"), options.values("format")) {
            (Some(flag), [first @ .., last]) => {
                format!("say how they are written with `{flag}`: {} or {last}", first.join(", "))
            }
            _ => hint.to_string(),
        },
        hint => options_for(hint).iter().find_map(with_option).unwrap_or_else(|| hint.to_string()),
    }
}

/// The option that releases a circuit breaker.
pub(super) fn release_breaker(zone: &str) -> String {
    format!("--release-breaker {zone}")
}

/// The long names of options that help, the best first, and the sentence around each.
fn options_for(hint: &Hint) -> Vec<(String, &'static str)> {
    let of = |long: &str, text| vec![(long.to_owned(), text)];
    match hint {
        Hint::FreeSpace => vec![
            ("output".to_owned(), "free some space, or write to another disk with `{}`"),
            ("store".to_owned(), "free some space, or keep the store on another disk with `{}`"),
        ],
        Hint::NameAnotherOutput => of("output", "name another file with `{}`"),
        Hint::NameRegularOutput => {
            of("output", "name a regular file, or one that does not exist yet, with `{}`")
        }
        Hint::NameOutputInDirectory => of("output", "name a file in it with `{}`"),
        Hint::NameUnusedOutput => of("output", "wait for it, or name another file with `{}`"),
        Hint::NameNewOutput => {
            of("output", "name a new file, such as `{} answers.ndjson`; `rdap import` joins it with others")
        }
        Hint::NameWritableReport => of("output", "choose a directory that can be written with `{}`"),
        Hint::NameNewReport => {
            of("output", "name a directory that does not exist yet, or an earlier report, with `{}`")
        }
        Hint::NameReportBelow => of("output", "name a directory below it, such as `{} report`"),
        Hint::NamePreviousReport => {
            of("previous", "name the directory of a finished report with `{}`, or leave it out")
        }
        Hint::NameNewStore => {
            of("store", "name an empty directory, or one that does not exist yet, with `{}`")
        }
        Hint::NameOrigin => of("origin", "name the file after the zone, such as `se.list`, or use `{}`"),
        Hint::NameFile => of("zones", "name a file here; directories are taken by `{}` and `--rdap`"),
        Hint::NameColumn(role) => vec![(format!("{role}-column"), "name the column with `{}`")],
        Hint::NameCarriedColumn => of("carry", "name one of these columns with `{}`"),
        Hint::SwapInputs => {
            of("zones", "accounts come first, zones after `{}`: `zonelapse audit ACCOUNTS --zones ZONES`")
        }
        Hint::TellQuoted => of("delimiter", "read it as CSV: `--format csv {} tab`"),
        Hint::TellTimeFormat => of(
            "time-format",
            "if they can be read two ways, `{} '%d/%m/%Y'` says which; the reason `account.verified_at_unreadable` marks \
             the rows",
        ),
        Hint::ReleaseBreaker(_)
        | Hint::NoHeader(..)
        | Hint::TellSubject(_)
        | Hint::TellFormat
        | Hint::TellPrefix(_)
        | Hint::NameJudgedDomains
        | Hint::Plain(_)
        | Hint::ConvertToUtf8
        | Hint::UnpackAndConvert
        | Hint::BuildStore
        | Hint::ListSnapshots
        | Hint::ListAccepted
        | Hint::GiveDate => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::cli::Cli;
    use crate::name::Subject;

    #[track_caller]
    fn says(line: &str, hint: Hint, text: &str) {
        let line = format!("zonelapse {line}");
        let (_, options) = Cli::read(line.split(' ').map(Into::into)).expect("a command line");
        assert_eq!(words(&hint, &options), text);
    }

    #[test]
    fn options_are_those_of_the_command() {
        let (audit, build) = ("audit a.csv -o report --zones z", "snapshot build com.zone --store s");
        says(audit, Hint::FreeSpace, "free some space, or write to another disk with `-o`");
        says(build, Hint::FreeSpace, "free some space, or keep the store on another disk with `--store`");
        says("explain example.com --zones z", Hint::NameAnotherOutput, "name another file");
        says("rules", Hint::FreeSpace, "free some space");
        says(
            audit,
            Hint::NameColumn("first-verified-at"),
            "name the column with `--first-verified-at-column`",
        );
        says(audit, Hint::NameFile, "name a file here; directories are taken by `--zones` and `--rdap`");
        says(build, Hint::NameFile, "name a file here");
        says(build, "as it is".into(), "as it is");
        let (url, address) = (Subject::Url.words(), Subject::Address.words());
        says(audit, Hint::TellSubject(url), "these look like URLs: `--subject url`");
        says("rules", Hint::TellSubject(url), "these look like URLs: say so");
        let numbers = "add a first line with the names of the columns, or say `--no-header`";
        let by_number = " and name the columns by their numbers, such as `--subject-column 2`";
        says(audit, Hint::NoHeader(None, url), &format!("{numbers}{by_number}"));
        let third = "add a first line with the names of the columns, or say `--no-header --email-column 3` and name \
                     other columns by their numbers, too";
        says(audit, Hint::NoHeader(NonZeroUsize::new(3), address), third);
    }
}
