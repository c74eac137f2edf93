//! `snapshot accept`: a person vouches for a zone that shrank or has no closing SOA record, or takes that back.

use std::path::Path;

use serde_json::json;

use super::{zone_and_date, zone_label};
use crate::command::Output;
use crate::error::Result;
use crate::escape;
use crate::snapshot::Store;
use crate::snapshot::chain::{accept, take_back};

pub(super) fn change(snapshot: &str, store: &Path, undo: bool) -> Result<Output> {
    let store = Store::open(store)?;
    let (origin, day) = zone_and_date(snapshot, &store)?;
    let notice = if undo { take_back(&store, &origin, day)? } else { accept(&store, &origin, day)? };
    let is_vouched = store.get(&origin, day)?.facts.is_vouched();
    let done = match (undo, is_vouched) {
        (true, _) => "is judged by its file and its size again, and so are later ones",
        (false, true) => {
            "counts as complete from now on, and so do later ones without a closing SOA, until one shrinks"
        }
        (false, false) => "counts as complete from now on, and so do later ones of its size",
    };
    let mut output = Output::summary(format!("{} {done}\n", escape::line(snapshot)));
    output.fields = Some(json!({
        "message": if undo { "acceptance taken back" } else { "snapshot accepted" },
        "zone": zone_label(&origin),
        "date": day.to_string(),
        "without_closing_soa": is_vouched,
    }));
    output.note(notice);
    Ok(output)
}
