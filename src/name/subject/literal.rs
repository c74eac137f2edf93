//! IP addresses in the place of a host: nobody registers them, so there is no domain to lapse.
//!
//! The forms of IPv4 are those that browsers read (WHATWG URL, section 3.5): one to four parts, each decimal, octal
//! (`0177`) or hexadecimal (`0x7f`), the last of which fills the rest. A name whose last label is a number is such an
//! address or nothing.

use std::net::Ipv6Addr;

use crate::name::Rejection;

/// Refuses a host in normal form that is an IP address, or ends in a number without being one.
pub(super) fn refuse(host: &str) -> Result<(), Rejection> {
    if host.starts_with('[') || host.parse::<Ipv6Addr>().is_ok() {
        return Err(Rejection::AddressLiteral);
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    let is_decimal = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    if !is_decimal && number(last).is_none() {
        return Ok(());
    }
    Err(if is_ipv4(host) { Rejection::AddressLiteral } else { Rejection::InvalidDomain })
}

fn is_ipv4(host: &str) -> bool {
    let parts: Option<Vec<u64>> = host.split('.').map(number).collect();
    let Some((last, others)) = parts.as_deref().and_then(<[u64]>::split_last) else { return false };
    others.len() < 4 && others.iter().all(|part| *part < 256) && *last < 1 << (8 * (4 - others.len()))
}

/// A part of an IPv4 address.
fn number(part: &str) -> Option<u64> {
    let (digits, radix) = match part.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&part[2..], 16),
        [b'0', _, ..] => (&part[1..], 8),
        _ => (part, 10),
    };
    match digits {
        // `0x` is a zero
        "" if radix == 16 => Some(0),
        _ if digits.starts_with('+') => None,
        _ => u64::from_str_radix(digits, radix).ok(),
    }
}
