//! One binary for all tests that go through the program's doors: the command line, its files, and the
//! public functions that vectors are written for.
//!
//! * `support`: runs the program, makes small inputs, reads reports
//! * `sample`: the sample in `data/sample`, account by account
//! * `inputs`: accounts in every form, the same verdicts
//! * `spellings`: times and addresses as other programs write them
//! * `bad_input`: everything that can be wrong, and what is said then
//! * `vectors`, `idna`, `addresses`: the vectors of others
//! * `parsers`: other parsers of master files, on their own test zones and on real ones
//! * `readers`: DuckDB, pandas and Polars read what we write
//! * `history`: what a store remembers, against a model; `damage`: broken zones and snapshots, builds at once
//! * `snapshots`: a zone over some days, its store, audits that remember
//! * `verdicts`: over time, along chains of name servers, in histories that happened and in attacks
//! * `decisions`: policies, people's decisions, circuit breakers, changes; `times` makes what both judge
//! * `answers`: real RDAP answers, and what others read in them; `imports`: `rdap import` from every form
//! * `fetches`: `rdap fetch` (only with that feature), against the servers of `loopback`
//! * `house`: what the repository promises of itself

mod addresses;
mod answers;
mod bad_input;
mod bad_zones;
mod damage;
mod decisions;
#[cfg(feature = "fetch")]
mod fetches;
mod history;
mod house;
mod idna;
mod imports;
mod inputs;
#[cfg(feature = "fetch")]
mod loopback;
mod oracle;
mod parsers;
pub mod readers;
mod sample;
mod snapshots;
mod spellings;
mod support;
mod times;
mod vectors;
mod verdicts;
