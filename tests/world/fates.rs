//! Accounts at domains whose fate is known by construction, to measure how many of those that others can take over
//! are found, and how many of the found are none.
//!
//! Each domain lives through its registry's clock: paid, paid late, given up by not paying, deleted on request, caught
//! by somebody else at once, later or never. Zones and answers show what the registry would have shown on their day.
//! Nothing here asks what the program makes of it; `tests/world/score.py` does.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::calendar::{AS_OF, DAY, date, text};
use crate::clocks::{Clock, Printed, REGISTRIES, Registry};
use crate::random::Random;

/// What `world fates` was told.
pub struct Options {
    pub directory: PathBuf,
    pub seed: u64,
    pub accounts: u64,
    /// Distinct mail domains.
    pub domains: u64,
}

/// Zones were fetched once a week, the last time on the as-of date.
const DELIVERIES: i64 = 40;

/// Days from the as-of date on which a zone was fetched.
fn fetched_on(delivery: usize) -> i64 {
    7 * (delivery as i64 + 1 - DELIVERIES)
}

/// The life of a domain, in days from the as-of date.
struct Life {
    registered: i64,
    /// The last paid day.
    paid: i64,
    /// Out of the zone, unless by its holder's wish.
    out: i64,
    /// Nobody can have it back any more.
    lost: i64,
    free: i64,
    /// Somebody else's; far ahead if nobody's.
    taken: i64,
    /// Its holder keeps it out of the zone, or a dispute does.
    is_parked: bool,
    on_hold: bool,
    /// Paid by a holder who always pays.
    is_kept: bool,
}

const NEVER: i64 = 1_000_000;

/// Writes `accounts.csv`, `truth.csv`, `rdap.ndjson` and `zones/`; the answer says what was written.
pub fn write(options: &Options) -> Result<String, String> {
    if options.domains == 0 || options.accounts < options.domains {
        return Err("`--domains` must lie between 1 and `--accounts`".to_owned());
    }
    let fault = |error: io::Error| format!("{}: {error}", options.directory.display());
    let endangered = write_world(options).map_err(fault)?;
    Ok(format!(
        "{}: {} accounts at {} domains, {endangered} accounts that others can or could take over",
        options.directory.display(),
        options.accounts,
        options.domains
    ))
}

fn write_world(options: &Options) -> io::Result<u64> {
    let directory = &options.directory;
    fs::create_dir_all(directory.join("zones"))?;
    let mut random = Random::new(options.seed);
    let create = |name: &str| File::create(directory.join(name)).map(BufWriter::new);
    let (mut accounts, mut truth, mut answers) =
        (create("accounts.csv")?, create("truth.csv")?, create("rdap.ndjson")?);
    accounts.write_all(b"id,email,verified_at\n")?;
    truth.write_all(b"id,suffix,fate,free_in_days\n")?;
    let (mut row, mut endangered) = (0, 0);
    let count = |registry: &Registry| (options.domains * registry.share).div_ceil(1_000);
    let mut domains_left: u64 = REGISTRIES.iter().map(count).sum();
    for registry in REGISTRIES {
        let count = count(registry);
        let mut held: Vec<Vec<u64>> = vec![Vec::new(); DELIVERIES as usize];
        for number in 0..count {
            let domain = format!("n{number}-example.{}", registry.suffix);
            let life = live(registry, &mut random);
            for (delivery, names) in held.iter_mut().enumerate() {
                if registry.zone && life.is_served(fetched_on(delivery)) {
                    names.push(number);
                }
            }
            if let Some(line) = answer(registry, &life, &domain, &mut random) {
                answers.write_all(line.as_bytes())?;
            }
            // some domains have more accounts than others
            let mean = (options.accounts - row) / domains_left;
            let many = if domains_left == 1 {
                options.accounts - row
            } else {
                1 + random.below(2 * mean.max(1) - 1)
            };
            domains_left -= 1;
            for _ in 0..many {
                row += 1;
                let verified = -1 - random.below(2_190) as i64;
                let fate = life.fate(verified);
                endangered += u64::from(fate != "safe");
                let at = text(AS_OF + verified * DAY + random.below(DAY as u64) as i64);
                writeln!(accounts, "{row},u{row}@{domain},{at}")?;
                let free = if life.free == NEVER { String::new() } else { life.free.to_string() };
                writeln!(truth, "{row},{},{fate},{free}", registry.suffix)?;
            }
        }
        if registry.zone {
            write_zones(&directory.join("zones"), registry.suffix, &held)?;
        }
    }
    accounts.flush()?;
    truth.flush()?;
    answers.flush()?;
    Ok(endangered)
}

/// What becomes of one domain.
fn live(registry: &Registry, random: &mut Random) -> Life {
    let registered = -2_200 - random.below(4_000) as i64; // before all verifications
    let mut life = Life {
        registered,
        paid: 1 + random.below(700) as i64,
        out: NEVER,
        lost: NEVER,
        free: NEVER,
        taken: NEVER,
        is_parked: false,
        on_hold: false,
        is_kept: false,
    };
    match random.below(1_000) {
        // not paid at some day of the last months
        0..120 => life.paid = -(random.below(260) as i64),
        // deleted on request while paid
        120..140 => life.delete(registry, -(random.below(120) as i64)),
        140..160 => life.is_parked = true,
        160..170 => life.on_hold = true,
        // the last paid day was some days ago; where the registry renews by itself, the holder pays in time
        170..190 => {
            life.paid = -(random.below(15) as i64);
            life.is_kept = matches!(registry.clock, Clock::Deleted { .. });
        }
        _ => life.is_kept = true,
    }
    if life.paid <= 0 && !life.is_kept && life.free == NEVER {
        match registry.clock {
            Clock::Deleted { within, .. } => life.delete(registry, life.paid + random.below(within) as i64),
            Clock::Runs { out, restorable, free, spread } => {
                (life.out, life.lost) = (life.paid + out, life.paid + restorable);
                life.free = life.paid + free + random.below(spread) as i64;
            }
        }
    }
    if life.free < 0 {
        life.taken = match random.below(10) {
            0..4 => life.free,
            4..7 => life.free + random.below(60) as i64,
            _ => NEVER,
        };
    }
    life
}

impl Life {
    /// Deleted on that day.
    fn delete(&mut self, registry: &Registry, day: i64) {
        let (restorable, last) = match registry.clock {
            Clock::Deleted { restorable, last, .. } => (restorable, last),
            Clock::Runs { out, restorable, free, .. } => (restorable - out, free - restorable),
        };
        (self.out, self.lost, self.free) = (day, day + restorable, day + restorable + last);
    }

    fn is_taken(&self, day: i64) -> bool {
        self.taken <= day
    }

    fn is_served(&self, day: i64) -> bool {
        if self.is_taken(day) {
            return true;
        }
        day < self.out && !self.is_parked && !self.on_hold
    }

    /// Whether somebody else can or could receive mail for an account verified on that day.
    fn fate(&self, verified: i64) -> &'static str {
        if self.is_taken(0) {
            return if verified < self.taken { "taken" } else { "safe" };
        }
        if self.free <= 0 {
            "free"
        } else if self.out <= 0 {
            "falling"
        } else {
            "safe"
        }
    }
}

/// What the registry answered on a day of the last ten; nothing where it has no server, and for half of the names that
/// its zone holds: `rdap fetch` asks about those that are missing, not about those in good order.
fn answer(registry: &Registry, life: &Life, domain: &str, random: &mut Random) -> Option<String> {
    let server = registry.server?;
    let day = -1 - random.below(9) as i64;
    let fetched = text(AS_OF + day * DAY + random.below(DAY as u64) as i64);
    if registry.zone && life.is_served(0) && random.below(2) == 0 {
        return None;
    }
    let (status, body) = if life.free <= day && !life.is_taken(day) {
        (404, r#"{"errorCode":404,"title":"Not Found"}"#.to_owned())
    } else {
        (200, object(registry, life, domain, day))
    };
    Some(format!(
        "{{\"domain\":\"{domain}\",\"fetched_at\":\"{fetched}\",\"source\":\"{server}\",\"http_status\":{status},\"body\":{body}}}\n"
    ))
}

/// The domain object of a registered name.
fn object(registry: &Registry, life: &Life, domain: &str, day: i64) -> String {
    let taken = life.is_taken(day);
    let mut statuses: &[&str] = &["client transfer prohibited"];
    let mut terse = false;
    if taken {
    } else if life.lost <= day {
        (statuses, terse) = (registry.last, registry.last_is_terse);
    } else if life.out <= day {
        statuses = registry.restorable;
    } else if life.on_hold {
        statuses = &["client hold", "client transfer prohibited"];
    } else if life.is_parked {
        statuses = &["inactive"];
    } else if life.paid <= day && registry.printed == Printed::Moves {
        statuses = &["auto renew period"];
    }
    let words = statuses.join("\",\"");
    if terse {
        return format!(
            "{{\"objectClassName\":\"domain\",\"ldhName\":\"{domain}\",\"status\":[\"{words}\"]}}"
        );
    }
    let registered = if taken { life.taken } else { life.registered };
    let paid = if taken { life.taken + 365 } else { life.paid };
    let late = if life.is_kept && paid <= 0 { paid + 365 } else { paid };
    let printed = match registry.printed {
        Printed::Never => None,
        Printed::Moves if paid <= day => Some(paid + 365),
        Printed::Late(days) if paid + days < day => Some(late),
        Printed::Moves | Printed::Late(_) => Some(paid),
        Printed::Paid => Some(late),
    };
    let mut events =
        format!("{{\"eventAction\":\"registration\",\"eventDate\":\"{}\"}}", text(AS_OF + registered * DAY));
    if let Some(printed) = printed {
        events +=
            &format!(",{{\"eventAction\":\"expiration\",\"eventDate\":\"{}\"}}", text(AS_OF + printed * DAY));
    }
    format!(
        "{{\"objectClassName\":\"domain\",\"ldhName\":\"{domain}\",\"status\":[\"{words}\"],\"events\":[{events}]}}"
    )
}

/// A file for each delivery, with the names it held.
fn write_zones(directory: &Path, origin: &str, held: &[Vec<u64>]) -> io::Result<()> {
    for (delivery, numbers) in held.iter().enumerate() {
        let (year, month, of_month) = date(AS_OF / DAY + fetched_on(delivery));
        let serial = format!("{year:04}{month:02}{of_month:02}01");
        let mut out = BufWriter::new(File::create(directory.join(format!("{origin}.{serial}.txt")))?);
        let soa = format!(
            "{origin}.\t900\tin\tsoa\tns1.registry-example.net. h.registry-example.net. {serial} 1 1 1 1\n"
        );
        out.write_all(soa.as_bytes())?;
        for number in numbers {
            writeln!(out, "n{number}-example.{origin}.\t3600\tin\tns\tns1.steady.example.")?;
        }
        out.write_all(soa.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}
