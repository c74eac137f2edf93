//! `snapshot accept`: a person vouches for a zone that shrank, or takes that back.

use std::path::Path;

use super::zone_and_date;
use crate::command::Output;
use crate::error::Result;
use crate::escape;
use crate::snapshot::Store;
use crate::snapshot::chain::{accept, take_back};

pub(super) fn change(snapshot: &str, store: &Path, undo: bool) -> Result<Output> {
    let store = Store::open(store)?;
    let (origin, day) = zone_and_date(snapshot, &store)?;
    let (notice, done) = if undo {
        (take_back(&store, &origin, day)?, "is judged by its size again, and so are later ones")
    } else {
        (accept(&store, &origin, day)?, "counts as complete from now on, and so do later ones of its size")
    };
    let mut output = Output::summary(format!("{} {done}\n", escape::line(snapshot)));
    output.note(notice);
    Ok(output)
}
