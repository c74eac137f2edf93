//! A `.com`-like zone and an account file of any size, written as a stream: nothing is kept in memory.
//!
//! The sizes follow measurements of `com.txt` (facts of the field): some 13 letters a name, two or three NS
//! records, and 57 bytes an account. Hosts and DNSSEC are as in zones that are harder to read than `com`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::calendar::{AS_OF, DAY, text};
use crate::names::{Names, push_number};
use crate::random::{Random, scaled};

/// What `world scale` was told.
pub struct Options {
    pub directory: PathBuf,
    pub seed: u64,
    /// Names in the zone.
    pub names: u64,
    /// Rows of `accounts.csv`.
    pub accounts: u64,
    /// Distinct mail domains, besides the providers; at most `names`.
    pub domains: u64,
    pub spread: Spread,
    pub zone_only: bool,
    /// Whether owners come in the order of their text.
    pub sorted: bool,
}

/// How accounts are spread over mail domains.
#[derive(Clone, Copy)]
pub enum Spread {
    /// 40 % at a few providers, some domains more popular than others.
    Mixed,
    /// Every domain as likely as any other, and no providers.
    Uniform,
    /// Like the accounts of a large service: half of them at 50 providers, the others in a long tail.
    Services,
    /// One domain after the other: as many accounts as domains make one account a domain.
    Each,
}

impl Spread {
    pub fn parse(kind: &str) -> Result<Self, String> {
        match kind {
            "mixed" => Ok(Self::Mixed),
            "uniform" => Ok(Self::Uniform),
            "services" => Ok(Self::Services),
            "each" => Ok(Self::Each),
            _ => Err(format!("`--spread` needs mixed, uniform, services or each, found `{kind}`")),
        }
    }

    /// Of a hundred accounts, how many are at how many providers.
    fn providers(self) -> (u64, u64) {
        match self {
            Self::Mixed => (40, PROVIDERS),
            Self::Services => (50, 50),
            Self::Uniform | Self::Each => (0, 1),
        }
    }

    /// The place in popularity of the domain of an account.
    fn rank(self, account: u64, domains: u64, random: &mut Random) -> u64 {
        let is_popular = match self {
            Self::Mixed => random.below(4) == 0,
            Self::Services => true,
            Self::Uniform => false,
            Self::Each => return account % domains,
        };
        if is_popular {
            return ((domains as f64).powf(random.fraction()) as u64 - 1).min(domains - 1);
        }
        random.below(domains)
    }
}

/// The first and last line. 1780200000 is 2026-05-31T04:00:00Z.
const SOA: &[u8] =
    b"com.\t900\tin\tsoa\ta.gtld-servers.net. nstld.verisign-grs.com. 1780200000 1800 900 604800 86400\n";

/// Mail providers, which have 40 % of the accounts between them.
const PROVIDERS: u64 = 6;

/// Writes the zone and, at the same time, the accounts; the answer says what was written.
pub fn write(options: &Options) -> Result<String, String> {
    if options.names < 1_000 || options.names > 1_000_000_000 {
        return Err("`--names` must lie between 1000 and 1000000000".to_owned());
    }
    if options.domains == 0 || options.domains > options.names {
        return Err("`--domains` must lie between 1 and `--names`".to_owned());
    }
    let names = Names::new(options.seed, options.names);
    let fault = |error: io::Error| format!("{}: {error}", options.directory.display());
    fs::create_dir_all(&options.directory).map_err(fault)?;
    let (zone, accounts) = std::thread::scope(|scope| {
        let accounts =
            scope.spawn(|| if options.zone_only { Ok(0) } else { write_accounts(options, &names) });
        let zone = write_zone(options, &names);
        (zone, accounts.join().expect("writing accounts does not panic"))
    });
    let (zone, accounts) = (zone.map_err(fault)?, accounts.map_err(fault)?);
    let mut said = format!(
        "{}: {} names, {zone} bytes of zone, {:.1} a name",
        options.directory.display(),
        options.names,
        zone as f64 / options.names as f64
    );
    if !options.zone_only {
        said += &format!(
            "; {} accounts, {accounts} bytes, {:.1} a row",
            options.accounts,
            accounts as f64 / options.accounts.max(1) as f64
        );
    }
    Ok(said)
}

fn write_zone(options: &Options, names: &Names) -> io::Result<u64> {
    let mut out = Twice::create(&options.directory)?;
    let mut random = Random::new(options.seed);
    let mut lines = Vec::new();
    out.write(SOA)?;
    for server in b'a'..=b'm' {
        writeln!(lines, "com.\t172800\tin\tns\t{}.gtld-servers.net.", char::from(server))?;
    }
    let stride = stride(names.count);
    let mut glue_due = true;
    let (hashes, mut hash) = (names.hashes(), 0);
    for place in 0..names.count {
        let index = if options.sorted { place } else { (place * stride + 7) % names.count };
        let start = lines.len();
        names.push_records(index, &mut random, &mut lines);
        if glue_due && (!options.sorted || lines[start..].starts_with(b"nu") || lines[start] > b'n') {
            // Hosts are called `ns` and a number, so all glue stands together, before the first name in `nu`.
            let records = lines.split_off(start);
            names.push_glue(&mut lines);
            lines.extend_from_slice(&records);
            glue_due = false;
        }
        let is_due = |hash: u64, records: &[u8]| match options.sorted {
            true => names.hash(hash).as_slice() < records,
            false => hash * names.count < place * hashes,
        };
        if hash < hashes && is_due(hash, &lines[start..]) {
            let records = lines.split_off(start);
            while hash < hashes && is_due(hash, &records) {
                names.push_denial(hash, &mut random, &mut lines);
                hash += 1;
            }
            lines.extend_from_slice(&records);
        }
        if lines.len() > 1 << 16 {
            out.write(&lines)?;
            lines.clear();
        }
    }
    out.write(&lines)?;
    out.write(SOA)?;
    out.finish()
}

/// A step that visits all of `0..count`: about 0.618 of it, and without a common divisor.
fn stride(count: u64) -> u64 {
    let mut stride = (count as f64 * 0.618) as u64 | 1;
    while greatest_common_divisor(stride, count) != 1 {
        stride += 2;
    }
    stride
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The zone as text and as one gzip member, written side by side.
struct Twice {
    plain: File,
    packed: GzEncoder<BufWriter<File>>,
    bytes: u64,
}

impl Twice {
    fn create(directory: &Path) -> io::Result<Self> {
        let packed = BufWriter::new(File::create(directory.join("com.txt.gz"))?);
        Ok(Self {
            plain: File::create(directory.join("com.txt"))?,
            packed: GzEncoder::new(packed, Compression::new(6)),
            bytes: 0,
        })
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.bytes += lines.len() as u64;
        self.plain.write_all(lines)?;
        self.packed.write_all(lines)
    }

    fn finish(self) -> io::Result<u64> {
        self.packed.finish()?.flush()?;
        Ok(self.bytes)
    }
}

fn write_accounts(options: &Options, names: &Names) -> io::Result<u64> {
    let mut out = File::create(options.directory.join("accounts.csv"))?;
    let mut random = Random::new(options.seed ^ 0x6163_6374);
    let spread = stride(options.domains);
    let mut lines = Vec::from(b"id,email,verified_at,downloads\n");
    let mut bytes = 0;
    for id in 1..=options.accounts {
        push_number(id, &mut lines);
        lines.extend_from_slice(b",u");
        push_base36(id, &mut lines);
        lines.push(b'@');
        push_mail_domain(options, id, spread, names, &mut random, &mut lines);
        lines.push(b',');
        // Verified in the six years before the as-of date.
        lines.extend_from_slice(text(AS_OF - random.below(2_190 * DAY as u64) as i64).as_bytes());
        lines.push(b',');
        push_number(10_f64.powf(random.fraction() * random.fraction() * 7.0) as u64, &mut lines);
        lines.push(b'\n');
        if lines.len() > 1 << 16 || id == options.accounts {
            out.write_all(&lines)?;
            bytes += lines.len() as u64;
            lines.clear();
        }
    }
    if !lines.is_empty() {
        out.write_all(&lines)?;
        bytes += lines.len() as u64;
    }
    Ok(bytes)
}

/// Appends the domain of a mailbox: a provider, or one of the `domains` distinct ones, some more popular than
/// others. `stride` puts the popular ones all over the alphabet.
fn push_mail_domain(
    options: &Options,
    account: u64,
    stride: u64,
    names: &Names,
    random: &mut Random,
    line: &mut Vec<u8>,
) {
    let (percent, providers) = options.spread.providers();
    if random.below(100) < percent {
        let provider = scaled(random.bits().min(random.bits()), providers);
        names.push((2 * provider + 1) * names.count / (2 * providers), line);
        line.extend_from_slice(b".com");
        return;
    }
    let domains = options.domains;
    let rank = options.spread.rank(account, domains, random);
    let place = rank * stride % domains;
    names.push(place * (names.count / domains), line);
    // One in fifty is not in the zone: no name begins another.
    line.extend_from_slice(if rank % 50 == 49 { b"zz.com" } else { b".com" });
}

fn push_base36(number: u64, line: &mut Vec<u8>) {
    let start = line.len();
    let mut rest = number;
    while rest > 0 {
        line.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize]);
        rest /= 36;
    }
    line[start..].reverse();
}
