//! Names of any number without keeping them, and the name servers behind them.
//!
//! Name number `i` is a pure function of the seed and `i`, and grows with `i`: its first letters count, in
//! syllables, the rest is drawn. So a zone comes out sorted, and accounts and name servers can name any domain
//! again. Operators are very unequal, as in `.com`: a handful has half of all names, and more hosts than others.

use std::io::Write as _;

use crate::random::{Random, at, scaled};

/// Name server operators, at most.
const OPERATORS: u64 = 100_000;

/// Operators with many hosts.
const BIG: u64 = 50;

/// Their hosts, `ns1` to `ns66`; the others have three.
const BIG_HOSTS: u64 = 66;

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
        line.extend_from_slice(b"ns");
        push_number(host, line);
        line.push(b'.');
        self.push(self.of_operator(operator), line);
        line.extend_from_slice(if self.in_bailiwick(operator) { b".com." } else { b".net." });
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
        if random.below(1_000) < 35 {
            lines.extend_from_slice(b"\t86400\tin\tds\t");
            push_number(random.below(65_536), lines);
            lines.extend_from_slice(b" 13 2 ");
            for _ in 0..4 {
                write!(lines, "{:016x}", random.bits()).expect("a vector takes all bytes");
            }
            lines.push(b'\n');
            lines.extend_from_within(owner.clone());
        }
        let hosts = if random.below(6) == 0 { 3 } else { 2 };
        for host in first..first + hosts {
            if host > first {
                lines.extend_from_within(owner.clone());
            }
            lines.extend_from_slice(b"\t172800\tin\tns\t");
            self.push_host(operator, host, lines);
            lines.push(b'\n');
        }
    }

    /// Appends the addresses of all hosts in this zone, in the order of their text.
    pub fn push_glue(&self, lines: &mut Vec<u8>) {
        let mut hosts: Vec<u64> = (1..=BIG_HOSTS).collect();
        hosts.sort_by_key(|host| format!("{host}."));
        for host in hosts {
            let few = host <= 3;
            let operators = (0..self.operators).filter(|operator| few || self.big.contains(operator));
            for operator in operators.filter(|&operator| self.in_bailiwick(operator)) {
                self.push_host(operator, host, lines);
                let bits = at(self.seed ^ 0x676c, operator * (BIG_HOSTS + 1) + host);
                writeln!(lines, "\t172800\tin\ta\t198.18.{}.{}", bits & 255, bits >> 8 & 255)
                    .expect("a vector takes all bytes");
                if bits.is_multiple_of(4) {
                    self.push_host(operator, host, lines);
                    writeln!(lines, "\t172800\tin\taaaa\t2001:db8:{:x}::{host}", bits >> 16 & 0xffff)
                        .expect("a vector takes all bytes");
                }
            }
        }
    }
}

/// Spreads the big ones over the alphabet; 48271 is prime, so that all are reached.
fn operator_of_rank(rank: u64, operators: u64) -> u64 {
    rank * 48_271 % operators
}

/// Appends `number` in decimal.
pub fn push_number(number: u64, line: &mut Vec<u8>) {
    write!(line, "{number}").expect("a vector takes all bytes");
}
