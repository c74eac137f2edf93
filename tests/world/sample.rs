//! The sample: every planted case put into zones, answers and accounts, and written down.
//!
//! The whole is small, so it is gathered in memory and written at the end, a file at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::accounts::{Account, REJECTED, Row, address, field, record, verified_text};
use crate::answers::Answers;
use crate::cases::{Answer, Body, CASES, Case, Content, Form, Holding, Naming, Shape, Source, Verified};
use crate::random::Random;
use crate::words::{FIRST, SECOND};
use crate::zones::Zones;

/// What `world sample` was told.
pub struct Options {
    pub directory: PathBuf,
    pub seed: u64,
    /// Accounts in all, if the planted ones are fewer.
    pub accounts: u64,
    /// How often every case is planted.
    pub times: u64,
}

/// Flagged domains under one TLD, at most: above 20 the circuit breaker would change what is expected.
const FLAGGED: usize = 20;

/// What is known of domains of name servers that no zone holds.
const SERVERS: &[(&str, Answer)] = &[
    (
        "gone-dns-example.org",
        Answer { age: 1, from: Source::Registry, content: Content::NotFound(Body::Error) },
    ),
    (
        "dying-dns-example.net",
        Answer {
            age: 1,
            from: Source::Registry,
            content: Content::Found(&["redemption period"], &[("expiration", -48)], Shape::Plain),
        },
    ),
];

/// Names in each zone that no account uses, each time the cases are planted.
const UNUSED: u64 = 60;

/// Writes the sample; the answer says what was written.
pub fn write(options: &Options) -> Result<String, String> {
    let mut world = World::new(options.seed);
    for (domain, answer) in SERVERS {
        world.answers.plant(domain, answer, &[String::new(), String::new()], &mut world.random);
    }
    for _ in 0..options.times {
        for case in CASES.iter().copied().flatten() {
            world.plant(case);
        }
    }
    world.fill(options.accounts, options.times);
    if options.times == 1 {
        world.check()?;
    }
    let said = format!(
        "{}: {} accounts of {} classes, {} rejected rows",
        options.directory.display(),
        world.accounts.len(),
        world.classes().len(),
        REJECTED.len()
    );
    world.write(options).map_err(|error| format!("{}: {error}", options.directory.display()))?;
    Ok(said)
}

/// What has been made up so far.
struct World {
    random: Random,
    names: BTreeSet<String>,
    zones: Zones,
    answers: Answers,
    accounts: Vec<Account>,
    /// TLD → domains with an account to be unverified.
    flagged: BTreeMap<String, BTreeSet<String>>,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            names: BTreeSet::new(),
            zones: Zones::new(),
            answers: Answers::default(),
            accounts: Vec::new(),
            flagged: BTreeMap::new(),
        }
    }

    /// A name nobody has had yet, such as `copper-otter-example`.
    fn name(&mut self) -> String {
        loop {
            let mut name = format!("{}-{}-example", self.random.pick(FIRST), self.random.pick(SECOND));
            if self.names.len() > FIRST.len() * SECOND.len() / 2 {
                name = format!("{name}-{}", self.names.len());
            }
            if self.names.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Puts all domains of a case into the world.
    fn plant(&mut self, case: &Case) {
        match case.naming {
            Naming::Under(suffixes) => {
                for suffix in suffixes {
                    let domain = format!("{}.{suffix}", self.name());
                    self.plant_domain(case, &domain, &domain);
                }
            }
            Naming::Exactly(domains) => {
                for domain in domains {
                    self.plant_domain(case, domain, domain);
                }
            }
            Naming::Unicode(domains) => {
                for (written, domain) in domains {
                    self.plant_domain(case, written, domain);
                }
            }
        }
    }

    /// Puts one domain, its answers and its accounts into the world; `written` is how addresses have it.
    fn plant_domain(&mut self, case: &Case, written: &str, domain: &str) {
        let servers = self.zones.plant(domain, case.holding, &mut self.random);
        for answer in case.answers {
            self.answers.plant(domain, answer, &servers, &mut self.random);
        }
        let usual = (case.class, case.verified, case.expected);
        for (index, planted) in std::iter::once(&usual).chain(case.also).enumerate() {
            let accounts = if index == 0 { 1 + self.random.below(3) } else { 1 };
            for _ in 0..accounts {
                self.add_account(case.form, written, planted);
            }
            if planted.2.ends_with("unverify") {
                let (_, tld) = domain.rsplit_once('.').unwrap_or_default();
                self.flagged.entry(tld.to_owned()).or_default().insert(domain.to_owned());
            }
        }
    }

    fn add_account(&mut self, form: Form, written: &str, planted: &(&'static str, Verified, &'static str)) {
        let (class, verified, expected) = *planted;
        let email = address(form, written, self.accounts.len() as u64 + 100);
        let verified_at = verified_text(verified, &mut self.random);
        self.accounts.push(Account { email, verified_at, class, expected });
    }

    /// Adds names without accounts to the zones, and popular domains in good order up to `accounts`.
    fn fill(&mut self, accounts: u64, times: u64) {
        for tld in ["com", "net", "org", "dev", "info", "biz", "mobi", "se"] {
            for number in 0..UNUSED * times {
                let domain = format!("{}.{tld}", self.name());
                let holding = if number % 12 == 0 { Holding::Signed } else { Holding::Delegated };
                self.zones.plant(&domain, holding, &mut self.random);
            }
        }
        let popular: Vec<String> =
            ["com", "com", "net", "org", "dev"].iter().map(|tld| format!("{}.{tld}", self.name())).collect();
        for domain in &popular {
            self.zones.plant(domain, Holding::Delegated, &mut self.random);
        }
        while (self.accounts.len() as u64) < accounts {
            let domain = self.random.pick(&popular).clone();
            self.add_account(Form::Plain, &domain, &("active_popular", Verified::Usual, "active,none,none"));
        }
    }

    /// Refuses a world in which something other than the planted case decides.
    fn check(&self) -> Result<(), String> {
        for (tld, domains) in &self.flagged {
            if domains.len() > FLAGGED {
                return Err(format!(
                    "{} domains under `{tld}` would trip the circuit breaker",
                    domains.len()
                ));
            }
        }
        Ok(())
    }

    /// Class → expectation and number of accounts.
    fn classes(&self) -> BTreeMap<&'static str, (&'static str, usize)> {
        let mut classes = BTreeMap::new();
        for account in &self.accounts {
            classes.entry(account.class).or_insert((account.expected, 0)).1 += 1;
        }
        classes
    }

    fn write(mut self, options: &Options) -> io::Result<()> {
        let directory = &options.directory;
        fs::create_dir_all(directory.join("zones"))?;
        fs::create_dir_all(directory.join("rdap/single"))?;
        fs::write(directory.join("README.md"), self.readme(options))?;

        let random = &mut self.random;
        self.zones.write(&directory.join("zones"), random)?;
        self.answers.write(&directory.join("rdap"), random)?;

        let mut rows: Vec<Row> = self.accounts.into_iter().map(Row::Accepted).collect();
        rows.extend(REJECTED.iter().map(Row::Rejected));
        random.shuffle(&mut rows);
        let mut accounts = String::from("id,email,verified_at,downloads\n");
        let mut expected = String::from("row,id,email,class,state,risk,action\n");
        let mut rejected = String::from("row,reason\n");
        for (row, content) in (1..).zip(&rows) {
            accounts += &record(row, content, random);
            match content {
                Row::Accepted(account) => {
                    let Account { class, expected: planted, .. } = account;
                    expected += &format!("{row},user-{row:06},{},{class},{planted}\n", field(&account.email));
                }
                Row::Rejected(odd) => rejected += &format!("{row},{}\n", odd.reason),
            }
        }
        fs::write(directory.join("accounts.csv"), accounts)?;
        fs::write(directory.join("expected.csv"), expected)?;
        fs::write(directory.join("rejected.csv"), rejected)
    }

    fn readme(&self, options: &Options) -> String {
        let mut made = String::from("cargo run --release --example world -- sample data/sample");
        if options.seed != 1 {
            made += &format!(" --seed {}", options.seed);
        }
        let mut text = README.replace("MADE", &made);
        for (class, (expected, accounts)) in self.classes() {
            text += &format!("| `{class}` | {} | {accounts} |\n", expected.replace(',', " | "));
        }
        text
    }
}

const README: &str = "\
# The sample

A made-up internet, small enough to read: accounts, zone files and RDAP answers in which every state of a
domain occurs, and what is to be said about each account. All names and registrars are made up (the few that
exist are public suffixes, their registries and two parking companies' name servers); no mailbox is real. Do not edit: it comes, always the same
bytes, from

    MADE

and is to be judged as of 2026-06-01:

    zonelapse audit data/sample/accounts.csv --zones data/sample/zones --rdap data/sample/rdap \\
        --as-of 2026-06-01 -o report

The exit status is then 1: the zone `biz` is unclosed.

| file | holds |
|---|---|
| `accounts.csv` | the accounts, some of them faulty |
| `zones/` | `com`, `net`, `org`, `dev` and the root: complete, `net` on four days; `info`: stale (22 days); `mobi`: too old even for presence (92 days); `biz`: broken off; `se.list`: a list of names, dated by its file |
| `rdap/answers.ndjson` | answers in envelopes, one a line; one line is torn |
| `rdap/single/` | one undated object, of a name which the zone judges as well, and one in an envelope over many lines |
| `expected.csv` | row, id, address, planted class and verdict of every account, written by hand from the contract |
| `rejected.csv` | the rows to be rejected, and why |

| class | state | risk | action | accounts |
|---|---|---|---|---|
";
