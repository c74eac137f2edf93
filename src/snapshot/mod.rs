//! The names of zones at their dates, as compact files that are mapped and probed without being unpacked, with
//! memory of the past.
//!
//! * [`order`], [`mod@format`], [`history`]: what a snapshot's bytes mean
//! * [`table`]: a snapshot mapped: look up, sweep, walk
//! * [`sets`], [`part`], [`runs`], [`writer`], [`build`]: from a zone's records to its snapshot
//! * [`facts`], [`lineage`]: from which file it was made, how far it can be trusted, on which others it rests
//! * [`store`], [`intake`], [`chain`]: snapshots in a directory, how zone files get there, and how the later ones follow
//! * [`diff`]: what changed between two of them
//! * [`catalog`]: the snapshots of a run, and what they say of a name ([`zone_evidence`])
//! * [`zones`]: all zones of a run, whether files, snapshots or stores

pub mod build;
pub mod catalog;
pub mod chain;
pub mod diff;
pub mod export;
pub mod facts;
pub mod format;
pub mod history;
pub mod intake;
pub mod lineage;
pub mod order;
pub mod part;
pub mod runs;
pub mod sets;
pub mod store;
pub mod stored;
pub mod table;
pub mod writer;
pub mod zone_evidence;
pub mod zones;

pub use catalog::{Catalog, Probe, Snapshot};
pub use facts::{Coverage, SnapshotFacts, TrustLimits};
pub use store::Store;
pub use stored::Stored;
pub use table::{SnapshotEntry, SnapshotTable};
pub use zone_evidence::ZoneEvidence;
