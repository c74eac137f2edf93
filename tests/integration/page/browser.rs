//! Chromium shows the page, and axe-core checks it: `tests/browser/check.mjs`.
//!
//! It needs Node.js, the packages puppeteer-core and axe-core in the directory `ZONELAPSE_NODE`, and Chromium. Where these
//! are missing the test says that it is skipped; `ZONELAPSE_REQUIRE_BROWSER=1` makes that a failure. `ZONELAPSE_SHOTS`
//! names a directory for the screenshots.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::full_sample;
use crate::support::{Bench, run, skip, zonelapse};

fn check() -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/check.mjs"));
    command
}

/// Why the page cannot be looked at here.
fn what_is_missing() -> Option<String> {
    let chromium = std::env::var("ZONELAPSE_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    if !Path::new(&chromium).is_file() {
        return Some(format!("no Chromium at `{chromium}`"));
    }
    match check().arg("--probe").output() {
        Ok(output) if output.status.success() => None,
        Ok(_) => Some("puppeteer-core or axe-core is not in `$ZONELAPSE_NODE`".to_owned()),
        Err(error) => Some(format!("`node`: {error}")),
    }
}

#[test]
fn it_is_accessible_in_light_and_dark_wide_and_narrow() {
    if let Some(why) = what_is_missing() {
        let required = std::env::var("ZONELAPSE_REQUIRE_BROWSER").is_ok_and(|value| value == "1");
        assert!(!required, "a browser is required, but {why}");
        return skip(&format!("nothing to look at pages with: {why}"));
    }
    let bench = Bench::new();
    let full = full_sample(&bench);
    let shots = std::env::var_os("ZONELAPSE_SHOTS").map_or_else(|| bench.path("shots"), PathBuf::from);
    run(check().arg(full.join("index.html")).arg(&shots)).expect(0);
    for shot in ["1280-light.png", "1280-dark.png", "400-light.png", "400-dark.png", "print.pdf"] {
        let bytes = std::fs::metadata(shots.join(shot)).expect("a picture").len();
        assert!(bytes > 50_000, "{shot} has {bytes} bytes");
    }
    // one with hardly anything in it
    let accounts = bench.write("fine.csv", b"id,email\n1,a@held-example.com\n");
    run(&mut bench.audit([accounts])).expect(0);
    run(zonelapse().arg("report").arg(bench.path("report"))).expect(0);
    run(check().arg(bench.path("report/index.html")).arg(bench.path("few"))).expect(0);
}
