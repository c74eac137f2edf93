//! The command `registry import`.

use crate::cli::RegistryCommand;
use crate::command::Output;
use crate::error::Result;

mod import;

/// Runs a command.
pub(crate) fn run(command: &RegistryCommand) -> Result<Output> {
    match command {
        RegistryCommand::Import(args) => import::run(args),
    }
}
