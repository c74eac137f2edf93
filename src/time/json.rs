//! Times in JSON, and JSON around times: what databases write for a column that knows its type.
//!
//! * MongoDB Extended JSON: `{"$date": …}` with text, a number or `{"$numberLong": "…"}` of milliseconds;
//!   `{"$numberLong": "…"}` and its likes; `{"$timestamp": {"t": seconds, "i": …}}`
//! * DynamoDB JSON: `{"N": "…"}`, `{"S": "…"}`
//! * Firestore and protocol buffers: `{"_seconds": …, "_nanoseconds": …}`, `{"seconds": …, "nanos": …}`
//!
//! In `$date` a number is milliseconds by definition, so that times before 2001 are read, too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{BareDate, Moment, number};

/// Objects within objects; the deepest form has two.
const MOST_DEEP: u8 = 3;

/// What a number counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    ByMagnitude,
    Milliseconds,
}

/// Reads a JSON value as written.
pub(super) fn read(raw: &str, bare: BareDate) -> Option<Moment> {
    value(raw, bare, Unit::ByMagnitude, 0)
}

fn value(raw: &str, bare: BareDate, unit: Unit, depth: u8) -> Option<Moment> {
    if depth > MOST_DEEP {
        return None;
    }
    match raw.as_bytes().first()? {
        b'{' => object(raw, bare, unit, depth + 1),
        b'"' => {
            let text: String = serde_json::from_str(raw).ok()?;
            match text.trim_start().as_bytes().first()? {
                b'{' | b'"' => value(text.trim(), bare, unit, depth + 1),
                _ if unit == Unit::Milliseconds => {
                    number::read_milliseconds(text.trim()).or_else(|| Moment::read(&text, bare))
                }
                _ => Moment::read(&text, bare),
            }
        }
        b'0'..=b'9' if unit == Unit::Milliseconds => number::read_milliseconds(raw),
        b'0'..=b'9' => number::read(raw, bare),
        _ => None,
    }
}

fn object(raw: &str, bare: BareDate, unit: Unit, depth: u8) -> Option<Moment> {
    let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw).ok()?;
    let get = |name: &str| members.get(name).map(|raw| raw.get());
    let either = |names: [&str; 3]| names.into_iter().find_map(get);
    if let Some(seconds) = either(["_seconds", "seconds", "Seconds"]) {
        let nanos = either(["_nanoseconds", "nanoseconds", "nanos"]);
        let known = 1 + usize::from(nanos.is_some());
        return number::read_seconds(unquoted(seconds), unquoted(nanos.unwrap_or("0")))
            .filter(|_| members.len() == known);
    }
    let [(name, raw)] = members.iter().collect::<Vec<_>>()[..] else { return None };
    let raw = raw.get();
    match name.as_ref() {
        "$date" => value(raw, bare, Unit::Milliseconds, depth),
        "$numberLong" | "$numberInt" | "$numberDouble" | "$numberDecimal" | "N" | "S" => {
            value(raw, bare, unit, depth)
        }
        "$timestamp" => {
            let inside: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(raw).ok()?;
            number::read_seconds(inside.get("t")?.get(), "0")
        }
        _ => None,
    }
}

/// A number that may stand in quotes, as 64-bit numbers do in JSON of protocol buffers.
fn unquoted(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).unwrap_or(raw)
}
