//! The page of a report, `index.html`: what it says, what it keeps to itself, and how a browser shows it.
//!
//! * `content`: written by `audit` and again by `report` with the same bytes; what each section says
//! * `servers`: domains that are at risk through their servers, and reports without a table of servers
//! * `safety`: texts of strangers, addresses and identifiers, what a browser would load
//! * `queries`: DuckDB runs the five queries
//! * `browser`: Chromium shows it, and axe-core checks it

mod browser;
mod content;
mod queries;
mod safety;
mod servers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{AS_OF, Bench, not_found, registry, run, zone, zonelapse};

/// The page of a report.
#[track_caller]
fn page(report: &Path) -> String {
    fs::read_to_string(report.join("index.html")).expect("a report has a page")
}

/// `audit` of the sample.
fn audit_sample(as_of: &str, output: &Path) -> Command {
    let mut command = zonelapse();
    command.args(["audit", "data/sample/accounts.csv", "--zones", "data/sample/zones"]);
    command.args(["--rdap", "data/sample/rdap", "--as-of", as_of, "-o"]).arg(output);
    command
}

/// The sample with all that a page can tell: changes, overrides of every outcome, an open circuit breaker.
fn full_sample(bench: &Bench) -> PathBuf {
    let (before, report) = (bench.path("before"), bench.path("full"));
    run(&mut audit_sample("2026-05-25", &before)).expect(0);
    let decisions = "domain,action,until\n\
        indigo-thrush-example.net,review,2026-12-31\n\
        kindly-hedgehog-example.org,none,2026-01-01\n\
        nobody-has-this-example.com,none,2026-12-31\n";
    let decisions = bench.write("decisions.csv", decisions.as_bytes());
    // many domains of one zone are gone over night
    let gone: String = (0..40).map(|number| format!("g{number},a@gone{number}-example.biz\n")).collect();
    let gone = bench.write("gone.csv", ("id,email\n".to_owned() + &gone).as_bytes());
    let answer = |number| not_found(&format!("gone{number}-example.biz"));
    let answers: String = (0..40).map(|number| answer(number) + "\n").collect();
    let answers = answers.replace(registry("some.biz"), "https://rdap.nic.biz/");
    let answers = bench.write("gone.ndjson", answers.as_bytes());
    bench.write("biz.zone", zone("biz", 2026053101, &["held-example"]).as_bytes());
    let mut audit = audit_sample(AS_OF, &report);
    audit.arg(gone).arg("--rdap").arg(answers).arg("--zones").arg(bench.path("biz.zone"));
    audit.arg("--previous").arg(&before).arg("--overrides").arg(decisions);
    run(&mut audit).expect(1);
    report
}

/// The text of an element's first section with this identifier: from its heading to the next section.
#[track_caller]
fn section<'p>(page: &'p str, id: &str) -> &'p str {
    let start = page.find(&format!("<section aria-labelledby=\"{id}\">")).expect("the page has this section");
    let end = page[start..].find("</section>").expect("a section ends");
    &page[start..start + end]
}
