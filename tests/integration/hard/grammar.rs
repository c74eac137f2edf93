//! Texts that are nearly right: seeds, pieces that mean something to a parser, and how they are mixed.

use super::{Case, Random, Verdict};

/// A parser, texts to begin with, and pieces that mean something to it.
pub(super) struct Target {
    pub name: &'static str,
    pub seeds: Vec<String>,
    pub tokens: &'static [&'static str],
    pub check: fn(&[u8], &mut Case) -> Verdict,
}

pub(super) const ZONE_TOKENS: &[&str] = &[
    "\n",
    "\t",
    " ",
    "(",
    ")",
    "\"",
    ";",
    "\\",
    "\\.",
    "\\032",
    "\\999",
    "@",
    ".",
    "..",
    "*",
    "$ORIGIN ",
    "$TTL ",
    "$INCLUDE x\n",
    "$GENERATE 1-9 a$ ns b\n",
    "in",
    "IN",
    "CH",
    "ns",
    "NS",
    "soa",
    "ds",
    "txt",
    "a",
    "TYPE65535",
    "\\# 2 abcd",
    "4294967296",
    "900",
    "1w2d",
    "xn--",
    "\r\n",
    "\0",
    "\u{fffd}",
];
pub(super) const TABLE_TOKENS: &[&str] = &[
    "\"", "\"\"", ",", "\t", "\n", "\r", "\r\n", "\"\n", ",\"", "\",", "@", "a@b.com", "\u{feff}", "\0", " ",
    "\u{e9}",
];
pub(super) const JSON_TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "0",
    "-1",
    "1e999",
    "1e-9",
    "\n",
    "{\"email\":",
    "\"domain\":",
    "\"status\":",
    "\"events\":",
    "\"http_status\":",
    "404",
    "18446744073709551616",
    " ",
];
pub(super) const TIME_TOKENS: &[&str] = &[
    "-",
    ":",
    "T",
    "Z",
    " ",
    "+",
    "+25:00",
    "+00:00",
    "0000",
    "9999",
    "10000",
    "-0001",
    "60",
    "24",
    ".",
    ".999999999",
    "29",
    "31",
    "13",
    "UTC",
    "[UTC]",
    "W01",
    "e9",
    "\u{660}",
];
pub(super) const NAME_TOKENS: &[&str] = &[
    ".", "@", "\"", "\\", "-", "_", "xn--", "xn--a", "\u{df}", "\u{3002}", "\u{200d}", "\u{130}", " ", "[",
    "]", "<", ">", "1", "\0",
];
pub(super) const LIST_TOKENS: &[&str] =
    &["\n", "!", "*", ".", "*.", "// ===BEGIN ICANN DOMAINS===", "// ===END ICANN DOMAINS===", " ", "xn--"];
pub(super) const TOML_TOKENS: &[&str] = &[
    "=",
    "[",
    "]",
    "[[",
    "\"",
    "'''",
    "\n",
    "1",
    "-1",
    "1e400",
    "nan",
    "true",
    "2026-06-01",
    ".",
    ",",
    "{",
    "}",
    "#",
    "\\",
];

impl Target {
    /// A text of the target, changed in a few places.
    pub(super) fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let mut text = random.pick(&self.seeds).clone().into_bytes();
        for _ in 0..random.below(6) {
            let at = random.below(text.len() + 1);
            let end = (at + 1 + random.below(20)).min(text.len());
            match random.below(9) {
                0 if at < text.len() => text[at] ^= 1 << random.below(8),
                1 => drop(text.drain(at..end)),
                2 => drop(text.splice(at..at, random.bytes(3))),
                3 => {
                    let piece = text[at..end].to_vec();
                    let times = 1 + random.below(30);
                    drop(text.splice(at..at, piece.repeat(times)));
                }
                4 => {
                    let token = random.pick(self.tokens).repeat(1 + random.below(300));
                    drop(text.splice(at..at, token.into_bytes()));
                }
                5 => text.truncate(at),
                6 => {
                    let other = random.pick(&self.seeds).as_bytes();
                    let from = random.below(other.len());
                    drop(text.splice(at..end, other[from..].iter().copied()));
                }
                _ => drop(text.splice(at..at, random.pick(self.tokens).bytes())),
            }
        }
        text
    }
}
