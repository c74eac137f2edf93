//! `man` and `completions`: the command line's grammar in other forms.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::{Error, Result};

/// A completion script.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "zonelapse", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual: a page for the program and one for each command, those within commands too.
pub(super) fn manual() -> Result<String> {
    let mut pages = Vec::new();
    add_pages(Cli::command(), &mut pages).map_err(Error::internal)?;
    Ok(String::from_utf8_lossy(&pages).into_owned())
}

fn add_pages(command: clap::Command, pages: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(pages)?;
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let name = format!("{}-{}", command.get_name(), inner.get_name());
        add_pages(inner.clone().name(name), pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_command_has_a_page() {
        let pages = super::manual().expect("a manual");
        for part in
            [".TH zonelapse 1", ".TH zonelapse-audit 1", ".TH zonelapse-snapshot-prune 1", "max\\-rejected"]
        {
            assert!(pages.contains(part), "no `{part}`");
        }
    }
}
