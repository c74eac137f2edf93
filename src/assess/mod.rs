//! From evidence to verdicts.
//!
//! [`survey`] finds every name that has to be judged, those of name servers included; [`evidence`] joins what zones and
//! RDAP say of each into settled [`facts`]; [`rules`] is the table of states that judges them; [`mod@drop`] bounds the
//! day on which someone else can register; [`name_servers`] raises what others can take over through a server;
//! [`policy`] says what is done about it; [`account`] adds the time of verification; [`judge`] does all of it for
//! every mail domain of a run. What people decided ([`overrides`]) and the circuit [`breaker`] come last. This room
//! alone sees zones and RDAP together.

pub mod account;
pub mod accounts;
pub mod breaker;
pub mod drop;
pub mod evidence;
mod exposure;
pub mod facts;
pub mod judge;
pub mod judged;
pub mod lifecycle;
mod moves;
pub mod name_servers;
pub mod overrides;
pub mod parking;
pub mod policy;
pub mod previous;
mod private;
pub mod raises;
pub mod reason;
pub mod reason_set;
pub mod rules;
pub mod server_sets;
pub mod special;
pub mod survey;
pub mod tally;
pub mod token;
pub mod verdict;

pub use evidence::{Evidence, Sources};
pub use facts::Facts;
pub use policy::Policy;
pub use reason::Reason;
pub use reason_set::ReasonSet;
pub use verdict::{Action, DropWindow, Risk, State, Verdict};
