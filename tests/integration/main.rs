//! One binary for all tests that use the program as its users do: the command line, its files, and the public functions
//! for which vectors exist.
//!
//! * `support`: runs the program, makes small inputs, reads reports
//! * `sample`: the sample in `data/sample`, account by account
//! * `inputs`: accounts in every form, the same verdicts
//! * `spellings`: times and addresses as other programs write them
//! * `exports`: accounts as other programs export them; `encodings`: accounts with bytes that are not UTF-8
//! * `bad_input`: everything that can be wrong, and the messages about it; `remedies`: commands that hints name
//! * `completeness`: what makes a run incomplete, and what does not; which columns serve for what
//! * `messages`: options and their mistakes, where messages go and in which form
//! * `rows`: stray quotes and torn ends; `small_files`: limits of files that are read whole; `controls`: hostile names
//! * `vectors`, `idna`, `addresses`: vectors, ours and those of others
//! * `parsers`: other parsers of master files, with their own test zones and with real ones
//! * `tables`: damaged Parquet files, ours and those of others
//! * `engines`: `stream`, rows judged for other engines
//! * `readers`: DuckDB, pandas, Polars and Spark read what we write; `wheel`: the program as a Python wheel
//! * `history`: what a store remembers, compared with a model; `store_model`: the same after any sequence of builds and
//!   prunings; `damage`: broken zones and snapshots, builds at once
//! * `snapshots`: a zone over some days, its store, audits that remember
//! * `verdicts`: over time, along chains of name servers, in real histories and in attacks
//! * `evidence`: whatever made a verdict is in the report
//! * `conflicts`: zones, answers and lists that contradict each other, and the worse of two names
//! * `decisions`: policies, overrides, circuit breakers, changes; `times` makes the worlds for both
//! * `shown`: `show`, the accounts of a report for people and scripts; `explain`: why a name has its verdict; `morning`:
//!   the other files of a report for people and monitoring
//! * `page`: the page of a report, also in a browser
//! * `answers`: RDAP answers, and what others read in them; `imports`: `rdap import` from every form
//! * `nightly`: the whole night in one command, night after night
//! * `lists`: lists that registries publish, and verdicts by them
//! * `broken_answers`: RDAP files that are not whole
//! * `forms`: every form of accounts and answers, damaged at every byte; `privacy`: no cell of accounts is ever told
//! * `fetches`: `rdap fetch` (only with that feature), against the servers of `loopback`
//! * `subjects`: rows of domains, URLs and reverse-DNS names
//! * `publishing`: the place of a report, kills at any moment, runs at once; `signals`: what a signal leaves behind
//! * `threads`: one thread, one processor, nothing hangs; `streams`: pipes, and files that change meanwhile; `torn`:
//!   zeros, endless lines, packed files with a wrong checksum
//! * `hard`: harnesses that try to hurt the program: memory, I/O errors, crashes, malformed files, fuzz, boundaries
//! * `house`: what the repository promises about itself; `readme`: every command of the README

mod addresses;
mod answers;
mod bad_input;
mod bad_zones;
mod broken_answers;
mod clocks;
mod completeness;
mod conflicts;
mod controls;
mod damage;
mod decisions;
mod doors;
mod encodings;
mod engines;
mod evidence;
mod explain;
mod exports;
#[cfg(feature = "fetch")]
mod fetches;
mod forms;
mod hard;
mod history;
mod house;
mod idna;
mod imports;
mod inputs;
mod lists;
#[cfg(feature = "fetch")]
mod loopback;
mod mail;
mod mail_classes;
mod messages;
mod morning;
mod nightly;
mod oracle;
mod other_doors;
mod page;
mod parsers;
mod privacy;
mod publishing;
pub mod readers;
mod readme;
mod remedies;
mod rows;
mod sample;
mod servers;
mod shown;
mod signals;
mod small_files;
mod snapshots;
mod spellings;
mod standing;
mod store_model;
mod streams;
mod subjects;
mod support;
mod tables;
mod threads;
mod times;
mod torn;
mod vectors;
mod verdicts;
mod wheel;
