//! What the options of `stream` mean.

use std::path::PathBuf;

use super::file::complete_stream;
use super::mistakes::Mistakes;
use super::{EvidenceConfig, form, missing, store_in_force};
use crate::cli::{StreamArgs, StreamFormat};
use crate::error::{Error, Result};
use crate::escape::sample;
use crate::input::accounts::FormOptions;

/// Rows that are judged together.
const BATCH_ROWS: usize = 1 << 15;
/// The most rows that can be asked for: more only take memory.
const MOST_BATCH_ROWS: usize = 1 << 24;

/// How rows are read, judged and written.
#[derive(Debug, Clone)]
pub(crate) struct StreamConfig {
    /// Evidence.
    pub(crate) evidence: EvidenceConfig,
    /// How rows come in and go out; none: by the first byte.
    pub(crate) format: Option<StreamFormat>,
    /// Which column holds what.
    pub(crate) form: FormOptions,
    /// People's decisions.
    pub(crate) overrides: Option<PathBuf>,
    /// What stands before the names of the columns that are added.
    pub(crate) prefix: String,
    /// Whether the domains of servers are told.
    pub(crate) with_servers: bool,
    /// Rows that are judged together.
    pub(crate) batch_rows: usize,
}

impl StreamConfig {
    /// Checks the options that were typed, completed from the configuration file if one is named. Without `--zones`
    /// the store in force has the zones.
    pub(crate) fn of(args: StreamArgs) -> Result<Self> {
        let mut mistakes = Mistakes::default();
        let mut args = complete_stream(args)?;
        if args.evidence.zones.is_empty() {
            args.evidence.zones.extend(store_in_force(args.evidence.store.as_deref()));
        }
        mistakes.extend(missing::evidence(&args.evidence));
        mistakes.extend(missing::overrides(args.overrides.as_deref()));
        let evidence = EvidenceConfig::check(&args.evidence, &mut mistakes);
        mistakes.extend(form::needless_columns(&args.columns, evidence.subject));
        let mut form = form::columns_of(&args.columns, evidence.subject, &[], &mut mistakes);
        form.is_part = true;
        mistakes.note(check_delimiter(args.format, form.delimiter, args.servers));
        let prefix = args.prefix.unwrap_or_default();
        mistakes.note(check_prefix(&prefix));
        let batch_rows = mistakes.note(check_batch_rows(args.batch_rows)).unwrap_or(BATCH_ROWS);
        mistakes.check()?;
        let (overrides, with_servers) = (args.overrides, args.servers);
        Ok(Self { evidence, format: args.format, form, overrides, prefix, with_servers, batch_rows })
    }
}

/// Fields of `tsv` are never quoted, so nothing that is added may hold its delimiter. Lists are written with blanks, and
/// servers as JSON.
fn check_delimiter(format: Option<StreamFormat>, delimiter: Option<u8>, with_servers: bool) -> Result<()> {
    let is_held =
        |delimiter: u8| b" -.:_\\".contains(&delimiter) || (with_servers && b",{}[]".contains(&delimiter));
    match (format, delimiter) {
        (Some(StreamFormat::Tsv), Some(delimiter)) if is_held(delimiter) => {
            let delimiter = char::from(delimiter);
            let what =
                format!("`--delimiter '{delimiter}'`: new columns hold it, and fields of tsv have no quotes");
            Err(Error::usage(what).hint("take another one, such as `--delimiter tab`, or `--format csv`"))
        }
        _ => Ok(()),
    }
}

fn check_prefix(prefix: &str) -> Result<()> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if prefix.chars().all(is_part) {
        return Ok(());
    }
    let what = format!("`--prefix`: expected letters, digits and `_`, found `{}`", sample(prefix));
    Err(Error::usage(what).hint("such as `--prefix zl_`"))
}

fn check_batch_rows(rows: Option<usize>) -> Result<usize> {
    match rows {
        Some(rows) if !(1..=MOST_BATCH_ROWS).contains(&rows) => {
            let what = format!("`--batch-rows`: expected 1 to {MOST_BATCH_ROWS}, found {rows}");
            Err(Error::usage(what).hint("leave it out, or take a power of two from 1024 on"))
        }
        rows => Ok(rows.unwrap_or(BATCH_ROWS)),
    }
}
