//! The names of zones at their dates, as compact files that are mapped and searched in place, with a memory of the
//! past.
//!
//! * [`order`], [`mod@format`], [`history`], [`absence`]: what the bytes of a snapshot mean
//! * [`table`]: a mapped snapshot: look up, sweep, walk
//! * [`sets`], [`part`], [`runs`], [`writer`], [`build`]: from the records of a zone to its snapshot
//! * [`lineage`], [`facts`], [`stored`]: which earlier snapshots and which file it was built from, and how far it can
//!   be trusted
//! * [`store`], [`intake`], [`chain`]: snapshots in a directory, how zone files get there, and how later ones are
//!   kept in line
//! * [`diff`]: what changed between two of them
//! * [`catalog`]: the snapshots of a run, and what they say about a name ([`zone_evidence`])
//! * [`zones`]: all zones of a run, whether files, snapshots or stores

mod absence;
pub(crate) mod build;
pub(crate) mod catalog;
pub mod chain;
pub(crate) mod diff;
pub(crate) mod export;
pub(crate) mod facts;
pub mod format;
pub mod history;
pub mod intake;
pub(crate) mod lineage;
pub(crate) mod order;
pub(crate) mod part;
pub(crate) mod runs;
pub(crate) mod sets;
pub(crate) mod store;
pub(crate) mod stored;
pub(crate) mod table;
pub(crate) mod writer;
pub mod zone_evidence;
pub(crate) mod zones;

pub use catalog::{Catalog, Probe, Snapshot};
pub use facts::{Coverage, SnapshotFacts, TrustLimits};
pub use store::Store;
pub use stored::Stored;
pub use table::{SnapshotEntry, SnapshotTable};
pub use zone_evidence::{Doubt, ZoneEvidence};
