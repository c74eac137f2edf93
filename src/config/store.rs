//! Where snapshots are kept unless an option says it: `ZONELAPSE_STORE`.
//!
//! The variable counts least: an option comes before it, and so does a configuration file. An empty one counts as not
//! set.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The variable of the environment.
const VARIABLE: &str = "ZONELAPSE_STORE";

/// The store that was named, or else that of the environment.
pub(crate) fn store_in_force(named: Option<&Path>) -> Option<PathBuf> {
    let of_environment = || std::env::var_os(VARIABLE).filter(|store| !store.is_empty()).map(PathBuf::from);
    named.map(Path::to_path_buf).or_else(of_environment)
}

/// The same for a command that cannot do without one.
pub(crate) fn required_store(named: Option<&Path>) -> Result<PathBuf> {
    let hint = format!("name it with `--store DIR`, or in the environment as `{VARIABLE}`");
    store_in_force(named).ok_or_else(|| Error::usage("no store was named").hint(hint))
}
