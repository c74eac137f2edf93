//! The commands `rdap import` and `rdap fetch`.

use crate::cli::RdapCommand;
use crate::command::Output;
#[cfg(not(feature = "fetch"))]
use crate::error::Error;
use crate::error::Result;

#[cfg(feature = "fetch")]
mod fetch;
mod import;

/// Runs a command.
pub(crate) fn run(command: &RdapCommand) -> Result<Output> {
    match command {
        RdapCommand::Import(args) => import::run(args),
        #[cfg(feature = "fetch")]
        RdapCommand::Fetch(args) => fetch::run(args),
        #[cfg(not(feature = "fetch"))]
        RdapCommand::Fetch { .. } => Err(Error::usage("this build has no network code and cannot fetch")
            .hint("build it with `cargo install --locked --path . --features fetch`")),
    }
}
