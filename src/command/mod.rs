//! The commands: one file each, each returning what is to be told.
//!
//! [`audit`] is the main job; [`evidence`] is the sequence that it shares with [`explain`].

pub mod audit;
pub mod describe;
pub mod evidence;
pub mod explain;
pub mod policy;
pub mod rdap;
pub mod snapshot;
