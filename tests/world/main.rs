//! Makes a made-up internet: zone files, RDAP answers and accounts, from a seed, always the same bytes.
//!
//! `world sample DIR` writes the few hundred accounts of `data/sample` together with what is to be said
//! about each; `world fates DIR` writes accounts at domains whose fate is known; `world doors DIR` writes mail domains
//! behind servers that others can register; `world scale DIR` writes a `.com`-like zone and an account file of any size, for measuring.
//! It does not use the library it tests: what it expects is written down by hand in `planted.rs`, from the
//! contract's table of states, so that a mistake in the rules cannot hide in the expectations. Every name
//! is made up, no mailbox is real.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

mod accounts;
mod answers;
mod calendar;
mod cases;
mod clocks;
mod doors;
mod fates;
mod lists;
mod mail;
mod names;
mod planted;
mod random;
mod registries;
mod sample;
mod scale;
mod subjects;
mod words;
mod zones;

use std::path::PathBuf;
use std::process::ExitCode;

use scale::Spread;

const HELP: &str = "\
Makes a made-up internet for zonelapse, from a seed, always the same bytes.

usage: world sample DIR [--seed N] [--accounts N] [--times N] [--broken]
       world scale DIR [--names N] [--accounts N] [--domains N] [--seed N] [--spread KIND] [--zone-only]
                       [--unsorted]
       world fates DIR [--accounts N] [--domains N] [--seed N]
       world doors DIR [--domains N] [--one-in N] [--seed N]

sample  accounts.csv, zones/, rdap/, expected.csv, rejected.csv and README.md, to be audited
        with `--as-of 2026-06-01`
    --accounts N   accounts in all, if more than the planted cases need (default 480)
    --times N      plant every case so many times; to be audited with `--max-flagged-share 100`
    --broken       a small world in which one zone is not whole, instead of the sample
scale   com.txt, com.txt.gz and accounts.csv
    --names N      names in the zone (default 5000000)
    --accounts N   rows of accounts.csv (default 10000000)
    --domains N    distinct mail domains, besides the big providers (default 700000 or all names)
    --spread KIND  how accounts are spread over domains: mixed (40 % at 6 providers; default),
                   uniform, services (half at 50 providers, a long tail), each (in turn)
    --zone-only    no accounts.csv
    --unsorted     names in no order, as some registries write them

fates   accounts.csv, truth.csv, rdap.ndjson and zones/, to be audited with `--as-of 2026-06-01`
        `--max-flagged-share 100` and scored by `tests/world/score.py`
    --accounts N   rows of accounts.csv (default 1000000)
    --domains N    distinct mail domains (default 150000)

doors   accounts.csv, mx.csv, truth.csv, rdap.ndjson and zones/, to be audited with `--as-of 2026-06-01`
        `--max-flagged-share 100` and scored by `tests/world/doors.py`
    --domains N    mail domains, behind a tenth as many domains of servers (default 200000)
    --one-in N     one domain of servers in so many is free, and one is free soon (default 1000)

    --seed N       another world of the same kind (default 1)
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.is_empty() || words.iter().any(|word| word == "--help" || word == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let command = match Command::parse(&words) {
        Ok(command) => command,
        Err(mistake) => {
            eprintln!("world: {mistake}\nhint: `world --help` lists the options");
            return ExitCode::from(2);
        }
    };
    let outcome = match command {
        Command::Sample(options) => sample::write(&options),
        Command::Scale(options) => scale::write(&options),
        Command::Fates(options) => fates::write(&options),
        Command::Doors(options) => doors::write(&options),
    };
    match outcome {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("world: {error}");
            ExitCode::from(2)
        }
    }
}

/// What was asked for.
enum Command {
    Sample(sample::Options),
    Scale(scale::Options),
    Fates(fates::Options),
    Doors(doors::Options),
}

impl Command {
    fn parse(words: &[String]) -> Result<Self, String> {
        let (name, rest) = words.split_first().ok_or("a command is missing")?;
        let mut given = Given::parse(rest)?;
        let directory = given.directory.take().ok_or("the directory to write to is missing")?;
        let seed = given.number("--seed")?.unwrap_or(1);
        let command = match name.as_str() {
            "sample" => {
                let broken = given.flag("--broken");
                Self::Sample(sample::Options {
                    directory,
                    seed,
                    broken,
                    accounts: given.number("--accounts")?.unwrap_or(if broken { 0 } else { 480 }),
                    times: given.number("--times")?.unwrap_or(1),
                })
            }
            "scale" => {
                let names = given.number("--names")?.unwrap_or(5_000_000);
                Self::Scale(scale::Options {
                    directory,
                    seed,
                    names,
                    accounts: given.number("--accounts")?.unwrap_or(10_000_000),
                    domains: given.number("--domains")?.unwrap_or(700_000.min(names)),
                    spread: given.text("--spread").map_or(Ok(Spread::Mixed), |kind| Spread::parse(&kind))?,
                    zone_only: given.flag("--zone-only"),
                    sorted: !given.flag("--unsorted"),
                })
            }
            "fates" => Self::Fates(fates::Options {
                directory,
                seed,
                accounts: given.number("--accounts")?.unwrap_or(1_000_000),
                domains: given.number("--domains")?.unwrap_or(150_000),
            }),
            "doors" => Self::Doors(doors::Options {
                directory,
                seed,
                domains: given.number("--domains")?.unwrap_or(200_000),
                one_in: given.number("--one-in")?.unwrap_or(1_000),
            }),
            other => {
                let known = "`sample`, `scale`, `fates` or `doors`";
                return Err(format!("unknown command `{other}`, expected {known}"));
            }
        };
        given.finish(name)?;
        Ok(command)
    }
}

/// The words after the command; options are taken out as they are understood.
struct Given {
    directory: Option<PathBuf>,
    options: Vec<(String, Option<String>)>,
}

impl Given {
    /// Splits words into one directory and options; `--name value` and `--name=value` mean the same.
    fn parse(words: &[String]) -> Result<Self, String> {
        let mut given = Self { directory: None, options: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
                given.options.push((name.to_owned(), Some(value.to_owned())));
            } else if matches!(word.as_str(), "--zone-only" | "--unsorted" | "--broken") {
                given.options.push((word.clone(), None));
            } else if word.starts_with("--") {
                given.options.push((word.clone(), words.next().cloned()));
            } else if given.directory.replace(PathBuf::from(word)).is_some() {
                return Err(format!("only one directory can be written, `{word}` is a second one"));
            }
        }
        Ok(given)
    }

    fn number(&mut self, name: &str) -> Result<Option<u64>, String> {
        let Some(index) = self.options.iter().position(|(given, _)| given == name) else { return Ok(None) };
        let (_, value) = self.options.remove(index);
        let value = value.ok_or_else(|| format!("`{name}` needs a number"))?;
        value.parse().map(Some).map_err(|_| format!("`{name}` needs a number, found `{value}`"))
    }

    fn text(&mut self, name: &str) -> Option<String> {
        let index = self.options.iter().position(|(given, _)| given == name)?;
        Some(self.options.remove(index).1.unwrap_or_default())
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.options.len();
        self.options.retain(|(given, _)| given != name);
        self.options.len() != before
    }

    fn finish(&self, command: &str) -> Result<(), String> {
        match self.options.first() {
            Some((name, _)) => Err(format!("`{command}` has no option `{name}`, or it was given twice")),
            None => Ok(()),
        }
    }
}
