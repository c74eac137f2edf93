//! A name that begins with a domain in reverse: group identifiers of Maven, MCP servers, identifiers of Flathub.
//!
//! The labels are reversed, and the registrable domain is what is meant; what is below it names a package and never a
//! host. Under a suffix of the PRIVATE section it is the private registrable domain: `io.github.user.App` is
//! `user.github.io`, so that both candidates are judged as they are for an address there. Decisions:
//!
//! * What follows the first `/` or `:` is no part of it: `io.github.user/server`, `com.example:lib:1.0`. `pkg:maven/`
//!   before it is taken off.
//! * Case does not count. Flathub, D-Bus and Java write `_` for a hyphen, `_7` for a label that begins with a digit, and
//!   Java `int_` for a label that is a keyword; no registrable domain has an underscore, so this can be undone.
//! * The first label must be a top-level domain that the Public Suffix List knows. `junit`, `commons-io` and `javax.servlet`
//!   name no domain. A name that is read the wrong way round would lie under no top-level domain, and look safe.
//! * If the registered unit lies deeper than the list says (`name.first.last`), the domain is `unknown`, because its
//!   deeper labels are not kept.

use crate::name::normal::to_a_labels;
use crate::name::{Rejection, SuffixList};

use super::is_list;
use crate::name::field::without_prefix;
use crate::name::suffix::tld;

/// The domain in a trimmed field.
pub(super) fn domain(field: &str, suffixes: &SuffixList) -> Result<String, Rejection> {
    let field = without_prefix(field, "pkg:maven/").unwrap_or(field);
    let name = field.split(['/', ':']).next().unwrap_or_default();
    if field.contains("://") || name.contains(['@', '\u{ff20}']) {
        return Err(Rejection::WrongSubject);
    }
    if is_list(field) {
        return Err(Rejection::SeveralAddresses);
    }
    let labels: Vec<&str> = name.split('.').rev().map(label).collect();
    let reversed = labels.join(".").replace('_', "-");
    let reversed = to_a_labels(&reversed).ok_or(Rejection::InvalidDomain)?;
    let (end, front) = (tld(&reversed), reversed.split('.').next().unwrap_or_default());
    if labels.len() == 1 || !suffixes.knows_tld(end) {
        let is_forward = labels.len() > 1 && suffixes.knows_tld(front);
        return Err(if is_forward { Rejection::WrongSubject } else { Rejection::NotReverseDns });
    }
    let private = suffixes.private_cut(&reversed).and_then(|cut| cut.registrable);
    let registrable = suffixes.cut(&reversed)?.registrable;
    Ok(private.or(registrable).unwrap_or(&reversed).to_owned())
}

/// A label without the underscores that stand for nothing.
fn label(label: &str) -> &str {
    let without =
        label.strip_prefix('_').filter(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    let label = without.unwrap_or(label);
    label.strip_suffix('_').filter(|rest| !rest.is_empty()).unwrap_or(label)
}
