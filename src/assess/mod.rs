//! From evidence to verdicts.
//!
//! [`survey`] finds every name that has to be judged, those of name and mail servers included; [`evidence`] joins what
//! zones and RDAP say of each into settled [`facts`], with what [`listing`] takes from lists of registries; [`rules`] is
//! the table of states that judges them; [`mod@drop`] bounds the day on which someone else can register; [`doors`] raises
//! what others can take over through a name or mail server, and [`servers`] adds up what depends on each; [`policy`] says what is done about it; [`account`] adds the
//! time of verification; [`judge`] does all of it for every mail domain of a run. What people decided ([`overrides`]) and
//! the circuit [`breaker`] come last. This room alone sees zones, RDAP answers, lists and MX data together.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod breaker;
mod doors;
pub(crate) mod drop;
pub(crate) mod evidence;
pub(crate) mod facts;
mod hands;
pub(crate) mod judge;
pub(crate) mod judged;
pub(crate) mod lifecycle;
pub(crate) mod listing;
pub(crate) mod mail_at;
mod mistyped;
mod moves;
pub mod overrides;
pub(crate) mod parking;
pub(crate) mod phase;
pub(crate) mod policy;
pub(crate) mod previous;
mod previous_servers;
mod private;
pub(crate) mod raises;
pub(crate) mod reason;
pub(crate) mod reason_set;
pub(crate) mod rules;
pub(crate) mod server_sets;
pub(crate) mod servers;
mod shares;
pub(crate) mod source_tally;
pub(crate) mod special;
pub(crate) mod survey;
pub(crate) mod tally;
pub(crate) mod token;
pub(crate) mod verdict;
mod weigh;

pub(crate) use evidence::Sources;
pub(crate) use facts::Facts;
pub(crate) use policy::Policy;
pub(crate) use reason::Reason;
pub(crate) use verdict::{Action, Risk, State};
