//! A bare domain, as databases, certificates and lists have them.
//!
//! Decisions:
//!
//! * A leading `*.` (certificates, zones) or `.` (cookies, `no_proxy`) is dropped: the domain below it is meant.
//! * Anything with an `@`, a slash or a port is another subject.
//! * Several names in one field are refused, as several addresses are.
//! * An IP address is an address literal here, too.

use super::{is_list, literal};
use crate::name::Rejection;
use crate::name::normal::to_a_labels;

/// The domain in a trimmed field.
pub(super) fn domain(field: &str) -> Result<&str, Rejection> {
    if field.contains(['@', '\u{ff20}']) {
        return Err(Rejection::WrongSubject);
    }
    if is_list(field) {
        return Err(Rejection::SeveralAddresses);
    }
    literal::refuse(&to_a_labels(field).unwrap_or_default())?;
    if field.contains(['/', '\\', ':']) {
        return Err(Rejection::WrongSubject);
    }
    Ok(field
        .strip_prefix('*')
        .unwrap_or(field)
        .strip_prefix('.')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(field))
}
