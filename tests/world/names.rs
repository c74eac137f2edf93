//! Names of any number without keeping them, and the name servers behind them.
//!
//! Name number `i` is a pure function of the seed and `i`, and grows with `i`: its first letters count, in
//! syllables, the rest is drawn. So a zone comes out sorted, and accounts and name servers can name any domain
//! again. Operators are very unequal, as in `.com`: a handful has half of all names, and more hosts than others. One
//! name in thirteen has hosts of its own, so that hosts are many. One in twenty is signed, and denial of existence
//! (NSEC3) and signatures take a tenth of all lines.

use std::io::Write as _;

use crate::random::{Random, at, scaled};

/// Name server operators, at most.
const OPERATORS: u64 = 100_000;

/// Operators with many hosts.
const BIG: u64 = 50;

/// Their hosts, `ns1` to `ns66`; the others have three.
const BIG_HOSTS: u64 = 66;

/// One name in so many is served by two hosts below itself.
const SELF_SERVED: u64 = 13;

/// Names that have a DS record, in a thousand.
const SIGNED: u64 = 50;

/// NSEC3 records, for a thousand names.
const HASHES: u64 = 112;

/// Digits of base 32 in extended hex (RFC 4648, section 7), which sort like their values.
const BASE32: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The names of a zone, by number.
pub struct Names {
    seed: u64,
    pub count: u64,
    /// Syllables that count.
    syllables: u32,
    /// Numbers of syllables between one name and the next.
    step: u64,
    operators: u64,
    /// The largest operators, which have many hosts.
    big: Vec<u64>,
}

const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
const VOWELS: &[u8; 5] = b"aeiou";
const RADIX: u64 = 100;

/// Second halves of names.
const TAILS: &[&str] = &[
    "",
    "",
    "",
    "",
    "24",
    "365",
    "app",
    "art",
    "auto",
    "bar",
    "bau",
    "bet",
    "bio",
    "blog",
    "book",
    "box",
    "care",
    "cars",
    "city",
    "club",
    "co",
    "consulting",
    "data",
    "design",
    "direct",
    "eco",
    "fit",
    "food",
    "garden",
    "group",
    "home",
    "homes",
    "hotel",
    "house",
    "hub",
    "inc",
    "kids",
    "lab",
    "law",
    "life",
    "link",
    "live",
    "llc",
    "ltd",
    "mart",
    "media",
    "online",
    "photo",
    "plus",
    "pro",
    "shop",
    "sport",
    "star",
    "store",
    "studio",
    "systems",
    "team",
    "tech",
    "toys",
    "travel",
    "web",
    "world",
    "x",
    "yoga",
    "-eu",
    "-law",
    "-online",
    "-shop",
    "-usa",
    "-verlag",
];

impl Names {
    /// The names of a zone of `count` names.
    pub fn new(seed: u64, count: u64) -> Self {
        // At least four numbers a name, so that neighbours are not consecutive.
        let mut syllables = 3;
        while RADIX.pow(syllables) < count * 4 {
            syllables += 1;
        }
        let operators = OPERATORS.min(count / 50);
        Self {
            seed,
            count,
            syllables,
            step: RADIX.pow(syllables) / count,
            operators,
            big: (0..BIG).map(|rank| operator_of_rank(rank, operators)).collect(),
        }
    }

    /// Appends name `index` without its TLD. Names grow with their index and none begins another.
    pub fn push(&self, index: u64, line: &mut Vec<u8>) {
        let drawn = at(self.seed, index);
        let number = index * self.step + scaled(drawn, self.step);
        for place in (0..self.syllables).rev() {
            let digit = number / RADIX.pow(place) % RADIX;
            line.push(CONSONANTS[(digit / 5) as usize]);
            line.push(VOWELS[(digit % 5) as usize]);
        }
        let tail = at(drawn, 1);
        line.extend_from_slice(TAILS[scaled(tail, TAILS.len() as u64) as usize].as_bytes());
        if tail.is_multiple_of(3) {
            let letters = at(drawn, 2).to_le_bytes();
            line.extend(letters[..3].iter().map(|&bits| CONSONANTS[usize::from(bits) % CONSONANTS.len()]));
        }
    }

    /// The number of the domain of operator `operator`.
    fn of_operator(&self, operator: u64) -> u64 {
        operator * (self.count / self.operators)
    }

    /// Two in three operators have hosts in this zone, the others below `net`.
    fn in_bailiwick(&self, operator: u64) -> bool {
        !at(self.seed ^ 0x6e73, operator).is_multiple_of(3)
    }

    /// Appends `ns1.name.com.` for an operator.
    fn push_host(&self, operator: u64, host: u64, line: &mut Vec<u8>) {
        self.push_host_below(self.of_operator(operator), host, line);
        line.extend_from_slice(if self.in_bailiwick(operator) { b".com." } else { b".net." });
    }

    fn push_host_below(&self, index: u64, host: u64, line: &mut Vec<u8>) {
        line.extend_from_slice(b"ns");
        push_number(host, line);
        line.push(b'.');
        self.push(index, line);
    }

    /// Whether a name is served by hosts below itself.
    fn is_self_served(&self, index: u64) -> bool {
        at(self.seed ^ 0x7365_6c66, index).is_multiple_of(SELF_SERVED)
    }

    /// An operator and the first of its hosts, drawn so that a handful has half of all names.
    fn draw_operator(&self, random: &mut Random) -> (u64, u64) {
        let share = random.fraction() * random.fraction();
        let rank = ((self.operators as f64).powf(share) as u64 - 1).min(self.operators - 1);
        let first = if rank < BIG { 1 + 2 * random.below(BIG_HOSTS / 2 - 1) } else { 1 };
        (operator_of_rank(rank, self.operators), first)
    }

    /// Appends all records of name `index`.
    pub fn push_records(&self, index: u64, random: &mut Random, lines: &mut Vec<u8>) {
        let start = lines.len();
        self.push(index, lines);
        lines.extend_from_slice(b".com.");
        let owner = start..lines.len();
        let (operator, first) = self.draw_operator(random);
        if random.below(1_000) < SIGNED {
            lines.extend_from_slice(b"\t86400\tin\tds\t");
            push_number(random.below(65_536), lines);
            lines.extend_from_slice(b" 13 2 ");
            for _ in 0..4 {
                write!(lines, "{:016x}", random.bits()).expect("a vector takes all bytes");
            }
            lines.push(b'\n');
            lines.extend_from_within(owner.clone());
            push_signature("ds 13 2 86400", random, lines);
            lines.extend_from_within(owner.clone());
        }
        let is_self_served = self.is_self_served(index);
        let (first, hosts) = match is_self_served {
            true => (1, 2),
            false => (first, if random.below(6) == 0 { 3 } else { 2 }),
        };
        for host in first..first + hosts {
            if host > first {
                lines.extend_from_within(owner.clone());
            }
            lines.extend_from_slice(b"\t172800\tin\tns\t");
            if is_self_served {
                self.push_host_below(index, host, lines);
                lines.extend_from_slice(b".com.");
            } else {
                self.push_host(operator, host, lines);
            }
            lines.push(b'\n');
        }
    }

    /// Appends the addresses of all hosts in this zone, in the order of their text.
    pub fn push_glue(&self, lines: &mut Vec<u8>) {
        let mut hosts: Vec<u64> = (1..=BIG_HOSTS).collect();
        hosts.sort_by_key(|host| format!("{host}."));
        let every = self.count / self.operators;
        for host in hosts {
            for index in 0..self.count {
                let operator = index / every;
                let is_operator = index % every == 0
                    && operator < self.operators
                    && (host <= 3 || self.big.contains(&operator))
                    && self.in_bailiwick(operator);
                if is_operator || (host <= 2 && self.is_self_served(index)) {
                    self.push_addresses(index, host, lines);
                }
            }
        }
    }

    fn push_addresses(&self, index: u64, host: u64, lines: &mut Vec<u8>) {
        let bits = at(self.seed ^ 0x676c, index * (BIG_HOSTS + 1) + host);
        self.push_host_below(index, host, lines);
        writeln!(lines, ".com.\t172800\tin\ta\t198.18.{}.{}", bits & 255, bits >> 8 & 255)
            .expect("a vector takes all bytes");
        if bits.is_multiple_of(4) {
            self.push_host_below(index, host, lines);
            writeln!(lines, ".com.\t172800\tin\taaaa\t2001:db8:{:x}::{host}", bits >> 16 & 0xffff)
                .expect("a vector takes all bytes");
        }
    }

    /// How many NSEC3 records the zone has.
    pub fn hashes(&self) -> u64 {
        self.count * HASHES / 1_000
    }

    /// The hashed owner of NSEC3 record `index`, without its TLD; hashes grow with their index.
    pub fn hash(&self, index: u64) -> [u8; 32] {
        let step = u64::MAX / self.hashes().max(1);
        let drawn = at(self.seed ^ 0x6e73_6563, index);
        let (high, low) = (index * step + scaled(drawn, step), at(drawn, 1));
        let bits = u128::from(high) << 64 | u128::from(low);
        let mut digits = [b'0'; 32];
        for (place, digit) in digits.iter_mut().take(25).enumerate() {
            *digit = BASE32[(bits >> (123 - 5 * place)) as usize & 31];
        }
        for (place, digit) in digits[25..].iter_mut().enumerate() {
            *digit = BASE32[(at(drawn, 2) >> (5 * place)) as usize & 31];
        }
        digits
    }

    /// Appends NSEC3 record `index` and its signature.
    pub fn push_denial(&self, index: u64, random: &mut Random, lines: &mut Vec<u8>) {
        let owner = self.hash(index);
        lines.extend_from_slice(&owner);
        lines.extend_from_slice(b".com.\t900\tin\tnsec3\t1 1 0 - ");
        lines.extend_from_slice(&self.hash((index + 1) % self.hashes()));
        lines.extend_from_slice(b" ns ds rrsig\n");
        lines.extend_from_slice(&owner);
        lines.extend_from_slice(b".com.");
        push_signature("nsec3 13 2 900", random, lines);
    }
}

/// Appends a signature (RFC 4034, section 3.2) behind its owner.
fn push_signature(covered: &str, random: &mut Random, lines: &mut Vec<u8>) {
    write!(lines, "\t900\tin\trrsig\t{covered} 20260607040000 20260530030000 {} com. ", random.below(65_536))
        .expect("a vector takes all bytes");
    for _ in 0..86 {
        lines.push(*random.pick(BASE64));
    }
    lines.extend_from_slice(b"==\n");
}

/// Spreads the big ones over the alphabet; 48271 is prime, so that all are reached.
fn operator_of_rank(rank: u64, operators: u64) -> u64 {
    rank * 48_271 % operators
}

/// Appends `number` in decimal.
pub fn push_number(number: u64, line: &mut Vec<u8>) {
    write!(line, "{number}").expect("a vector takes all bytes");
}
