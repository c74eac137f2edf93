//! `registry import`: lists of registries → one Parquet table, and a summary.

use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cli::RegistryImportArgs;
use crate::command::Output;
use crate::config::{check_table, check_threads, moment, use_threads};
use crate::error::Result;
use crate::escape;
use crate::progress::Progress;
use crate::registry::import::{ListImport, import};
use crate::registry::{ListChoice, RegistryList, find};
use crate::wording::{count, grouped, human_duration};

/// Imports lists.
pub(super) fn run(args: &RegistryImportArgs) -> Result<Output> {
    use_threads(check_threads(args.threads)?)?;
    check_table(&args.output)?;
    let given = moment("--date", &args.date)?;
    let choice = match (&args.list, &args.map) {
        (Some(name), _) => ListChoice::Named(name.clone()),
        (None, Some(path)) => ListChoice::Described(path.clone()),
        (None, None) => ListChoice::ByFile,
    };
    let found = find(&args.paths, &choice)?;
    let progress = Progress::new(args.messages.progress_mode(), args.messages.json);
    let imported = import(found, &args.output, given, &progress)?;
    let mut output = Output::summary("");
    let incomplete = imported.incomplete();
    output.incomplete_if(!incomplete.is_empty());
    output.warn(incomplete);
    if !args.messages.quiet {
        output.text = summary(args, &imported);
        output.fields = Some(fields(args, &imported));
    }
    Ok(output)
}

/// The summary as the fields of a JSON object.
fn fields(args: &RegistryImportArgs, imported: &ListImport) -> Value {
    let list = |list: &RegistryList| {
        json!({
            "list": &*list.name,
            "kind": list.kind.name(),
            "date": list.date.to_string(),
            "date_source": list.date_source.name(),
            "rows": list.rows,
            "wholeness": list.wholeness.name(),
            "why": list.why,
            "faults": list.faults.count,
            "unread_dates": list.unread_dates,
            "samples": list.faults.samples,
        })
    };
    json!({
        "message": "lists imported",
        "output": args.output,
        "rows": imported.rows,
        "domains": imported.names,
        "lists": imported.lists.iter().map(list).collect::<Vec<_>>(),
        "seconds": imported.seconds,
    })
}

fn summary(args: &RegistryImportArgs, imported: &ListImport) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} from {}, about {}\n",
        count(imported.rows, "row"),
        count(imported.lists.len() as u64, "list"),
        count(imported.names, "domain")
    );
    for list in &imported.lists {
        describe(list, &mut text);
    }
    let took = human_duration(Duration::from_secs_f64(imported.seconds));
    let _ = writeln!(text, "\nwritten to {} in {took}", escape::path(&args.output));
    text
}

fn describe(list: &RegistryList, text: &mut String) {
    let date = format!("{} ({})", list.date, list.date_source.name());
    let _ = writeln!(
        text,
        "{:>12}  {:<14} {:<13} {date}, {}: {}",
        grouped(list.rows),
        list.name,
        list.kind.name(),
        list.wholeness.name(),
        escape::line(&list.why)
    );
    if list.faults.count + list.unread_dates > 0 {
        let _ = writeln!(
            text,
            "{:>14}{} and {} could not be read",
            "",
            count(list.faults.count, "row"),
            count(list.unread_dates, "date")
        );
        for sample in &list.faults.samples {
            let _ = writeln!(text, "{:>14}{}", "", escape::line(sample));
        }
    }
}
