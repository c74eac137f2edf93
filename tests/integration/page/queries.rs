//! DuckDB runs the queries of the page in the directory of the report, as they stand there.

use std::process::Command;

use super::{full_sample, page, section};
use crate::readers::python;
use crate::support::{Bench, run_with_input};

/// Runs a query and prints how many rows it finds.
const QUERY: &str = "import duckdb, sys; print(len(duckdb.sql(sys.stdin.read()).fetchall()))";

#[test]
fn each_query_finds_something() {
    let bench = Bench::new();
    let report = full_sample(&bench);
    let page = page(&report);
    let queries: Vec<String> = section(&page, "queries")
        .split("<code>")
        .filter_map(|rest| rest.split_once("</code></pre>").map(|(query, _)| query))
        .map(|query| {
            query.replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&")
        })
        .collect();
    assert_eq!(queries.len(), 5);
    assert!(queries.iter().all(|query| query.starts_with("SELECT") && query.ends_with(';')), "{queries:?}");
    let Some(python) = python() else { return };
    for query in queries {
        let mut command = Command::new(&python);
        let told = run_with_input(command.args(["-c", QUERY]).current_dir(&report), query.as_bytes());
        assert_ne!(told.expect(0).stdout.trim(), "0", "{query}");
    }
}
