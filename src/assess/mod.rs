//! From evidence to verdicts.
//!
//! [`evidence`] joins what zones and RDAP say of a name into settled [`facts`]; [`rules`] is the table of
//! states that judges them; [`mod@drop`] bounds the day on which someone else can register; [`account`] adds
//! the time of verification; [`judge`] does all of it for every mail domain of a run. This room alone
//! sees zones and RDAP together.

pub mod account;
pub mod drop;
pub mod evidence;
pub mod facts;
pub mod judge;
pub mod lifecycle;
pub mod reason;
pub mod rules;
pub mod special;
pub mod token;
pub mod verdict;

pub use evidence::{Evidence, Sources};
pub use facts::Facts;
pub use reason::Reason;
pub use verdict::{Action, DropWindow, Risk, State, Verdict};
