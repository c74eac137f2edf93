//! `index.html`: the report as one page for a person, in a file that needs nothing else.
//!
//! The page is made from the finished tables and the manifest, by one function, whether `audit` writes it into a new
//! report or `report` into an old one; so both write the same bytes. It has no address and no account, because it reads
//! domains only, in one pass with bounded lists ([`domains`]). Tables show the first [`top::MOST_ROWS`] rows and say how
//! many more there are and where.
//!
//! The template is in `html/`; its engine escapes every text, and [`words::shown`] makes visible what could hide in one.
//! Style and script are in the page and named by their hashes in its Content-Security-Policy, which allows nothing else:
//! neither a request nor a script of strangers. Without the script all is there; the script adds sorting and filters.

mod calendar;
mod cards;
mod changes;
mod domains;
mod hands;
mod inputs;
mod manifest;
mod queries;
mod security;
mod servers;
mod template;
mod top;
mod unjudged;
mod words;

use askama::Template;

use super::finished::Report;
use super::recorded_servers::RecordedServersReader;
use crate::error::{Error, Result};

use domains::{DomainsTold, ShownAs};
use manifest::PageManifest;
use template::PageTemplate;

/// The name of the file.
pub(crate) const PAGE_FILE: &str = "index.html";

/// How the page begins.
pub(crate) const FIRST_LINE: &str = "<!doctype html>\n";

/// The page of a report whose tables are finished and that has this manifest.
pub(crate) fn page(report: &Report, manifest: &[u8]) -> Result<String> {
    let manifest: PageManifest = serde_json::from_slice(manifest)
        .map_err(|error| Error::placeless(format!("`manifest.json` is not as expected: {error}")))?;
    let today = manifest.as_of.day();
    let servers = RecordedServersReader::open(report)?;
    let by_servers = if servers.is_some() { ShownAs::Servers } else { ShownAs::Domains };
    let mut told = DomainsTold::read(report.table("domains")?, by_servers, today)?;
    let servers = servers.map(|table| servers::read(table, today, |server| told.add_server(server)));
    let servers = servers.transpose()?;
    let (lists, calendar, places) = told.finish();
    let unjudged = unjudged::read(report.table("tlds")?, places)?;
    // without an earlier report there is no such table
    let changes = manifest.changes.as_ref().map(|_| changes::read(report.table("changes")?)).transpose()?;
    let template = PageTemplate::new(&manifest, lists, (calendar.chart(), servers), (unjudged, changes));
    template.render().map_err(Error::internal)
}
