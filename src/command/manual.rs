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

/// The manual page of a command, such as `snapshot build`; without one, the pages of the program and of each command,
/// those within commands too.
pub(super) fn manual(command: &[String]) -> Result<String> {
    let mut grammar = Cli::command();
    // options that every command has become known to each of them
    grammar.build();
    let mut page = &grammar;
    let mut name = grammar.get_name().to_owned();
    // the page may be named as `man` names it
    for part in command.iter().flat_map(|part| part.split('-')).filter(|part| *part != "zonelapse") {
        let found = page.find_subcommand(part).filter(|found| !found.is_hide_set());
        page = found.ok_or_else(|| {
            let known: Vec<_> = pages_of(page).map(clap::Command::get_name).collect();
            let hint = match known.is_empty() {
                true => format!("`zonelapse man {}` is a page", name.replacen("zonelapse-", "", 1)),
                false => format!("the commands are {}", known.join(", ")),
            };
            Error::usage(format!("no command `{}`", crate::escape::sample(part))).hint(hint)
        })?;
        name = format!("{name}-{part}");
    }
    let mut pages = Vec::new();
    let page = page.clone().name(name);
    let written = match command.is_empty() {
        true => add_pages(page, &mut pages),
        false => clap_mangen::Man::new(page).render(&mut pages),
    };
    written.map_err(Error::internal)?;
    Ok(String::from_utf8_lossy(&pages).into_owned())
}

fn pages_of(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
}

fn add_pages(command: clap::Command, pages: &mut Vec<u8>) -> std::io::Result<()> {
    clap_mangen::Man::new(command.clone()).render(pages)?;
    for inner in pages_of(&command) {
        let name = format!("{}-{}", command.get_name(), inner.get_name());
        add_pages(inner.clone().name(name), pages)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page() {
        let pages = manual(&[]).expect("a manual");
        for part in
            [".TH zonelapse 1", ".TH zonelapse-audit 1", ".TH zonelapse-snapshot-prune 1", "max\\-rejected"]
        {
            assert!(pages.contains(part), "no `{part}`");
        }
        let one = |command: &[&str]| {
            manual(&command.iter().map(ToString::to_string).collect::<Vec<_>>())
                .map_err(|error| error.to_string())
        };
        let page = one(&["snapshot", "build"]).expect("a page");
        assert!(page.contains(".TH zonelapse-snapshot-build 1") && !page.contains(".TH zonelapse-audit"));
        assert!(page.contains("zonelapse snapshot build") && page.contains("log\\-format"), "{page}");
        assert_eq!(one(&["zonelapse-snapshot-build"]).expect("the same page"), page);
        assert!(one(&["snapshot", "bulid"]).expect_err("no page").contains("the commands are build, list"));
        assert!(one(&["audit", "x"]).expect_err("no page").contains("`zonelapse man audit`"));
    }
}
