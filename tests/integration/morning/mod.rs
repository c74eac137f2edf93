//! The morning after a night: the files of a report that people and monitoring read.

mod alerts;
mod at_risk;
mod cures;
mod metrics;
