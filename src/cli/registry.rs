//! Options of the commands about lists that registries publish.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::MessageArgs;

/// Commands about lists of registries.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Make one Parquet table of lists that registries publish: names to be released, deleted names, registers
    #[command(after_help = EXAMPLES)]
    Import(RegistryImportArgs),
}

const EXAMPLES: &str = "\
Examples:
  zonelapse registry import uk.csv.gz bardate_domains.json 2026112609.txt \\
      -o registry.parquet
  zonelapse registry import RU_Domains_ru-tld.ru.gz --date 2026-11-25 \\
      -o registry.parquet
  zonelapse registry import registry.parquet lists/ -o registry.parquet
  zonelapse registry import today.csv --map other-registry.toml \\
      -o registry.parquet

The name of a file tells which list it is; `--list` tells it for files with
other names. A list that is not whole proves only what is in it.

Exit status: 0 complete; 1 some files could not be read as a whole; 2 usage
mistake or failure, no table.";

/// `registry import`.
#[derive(Debug, Clone, Default, Args)]
pub struct RegistryImportArgs {
    /// Lists (plain, .gz, .zst, .zip), directories of them, patterns, earlier imports
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Parquet file to write; may be an input that is an earlier import
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Which known list the files are, such as `uk` [default: as their names tell]
    #[arg(long, value_name = "NAME", conflicts_with = "map")]
    pub list: Option<String>,
    /// A TOML file that describes the form of the files
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// When the lists were made, for those that do not tell [default: the time of the file, which proves no absence]
    #[arg(long, value_name = "DATE_OR_TIME")]
    pub date: Option<String>,
    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Messages.
    #[command(flatten)]
    pub messages: MessageArgs,
}
