//! The order of names in a table: by octets, each name followed by its final dot, as in a sorted zone file.

use std::cmp::Ordering;

/// Compares two names relative to one origin, in normal form.
pub(crate) fn order(a: &[u8], b: &[u8]) -> Ordering {
    let common = a.len().min(b.len());
    match a[..common].cmp(&b[..common]) {
        Ordering::Equal => {
            let next = |name: &[u8]| name.get(common).copied().unwrap_or(b'.');
            next(a).cmp(&next(b)).then(a.len().cmp(&b.len()))
        }
        different => different,
    }
}

/// The first eight octets as a number that sorts like the name; ties need [`order`].
pub(crate) fn sort_key(name: &[u8]) -> u64 {
    let mut octets = [0; 8];
    let length = name.len().min(8);
    octets[..length].copy_from_slice(&name[..length]);
    if length < 8 {
        octets[length] = b'.';
    }
    u64::from_be_bytes(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_that_of_dotted_names(a in "[ab.-]{0,10}", b in "[ab.-]{0,10}") {
            let expected = format!("{a}.").cmp(&format!("{b}."));
            if expected != Ordering::Equal {
                prop_assert_eq!(order(a.as_bytes(), b.as_bytes()), expected);
            }
            let keys = sort_key(a.as_bytes()).cmp(&sort_key(b.as_bytes()));
            prop_assert!(keys == Ordering::Equal || keys == order(a.as_bytes(), b.as_bytes()));
        }
    }
}
