//! The sample: every planted case put into zones, answers and accounts, and written down.
//!
//! The whole is small, so it is gathered in memory and written at the end, a file at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::accounts::{Account, REJECTED, Rejected, Row, address, field, record, verified_text};
use crate::answers::Answers;
use crate::cases::{Answer, Body, Case, Content, Form, Holding, Naming, Shape, Source, Verified};
use crate::lists;
use crate::mail;
use crate::planted::{BROKEN_CASES, CASES};
use crate::random::Random;
use crate::subjects;
use crate::words::{FIRST, SECOND};
use crate::zones::Zones;

/// What `world sample` was told.
pub struct Options {
    pub directory: PathBuf,
    pub seed: u64,
    /// The small world with a broken zone instead of the sample.
    pub broken: bool,
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
    let mut world = World::new(options);
    for (domain, answer) in SERVERS {
        world.answers.plant(domain, answer, &[String::new(), String::new()], &mut world.random);
    }
    for _ in 0..options.times {
        let cases = if options.broken { BROKEN_CASES } else { CASES };
        for case in cases.iter().copied().flatten() {
            world.plant(case);
        }
    }
    world.fill(options);
    if options.times == 1 {
        world.check()?;
    }
    let said = format!(
        "{}: {} accounts of {} classes, {} rejected rows",
        options.directory.display(),
        world.accounts.len(),
        world.classes().len(),
        rejected(options).len()
    );
    world.write(options).map_err(|error| format!("{}: {error}", options.directory.display()))?;
    Ok(said)
}

/// The rows that must be rejected.
fn rejected(options: &Options) -> &'static [Rejected] {
    if options.broken { &[] } else { REJECTED }
}

/// What has been made up so far.
struct World {
    random: Random,
    names: BTreeSet<String>,
    zones: Zones,
    answers: Answers,
    accounts: Vec<Account>,
    /// Class → its domains.
    domains: BTreeMap<&'static str, Vec<String>>,
    /// TLD → domains with an account to be unverified.
    flagged: BTreeMap<String, BTreeSet<String>>,
}

impl World {
    fn new(options: &Options) -> Self {
        Self {
            random: Random::new(options.seed),
            names: BTreeSet::new(),
            zones: Zones::new(options.broken),
            answers: Answers::default(),
            accounts: Vec::new(),
            domains: BTreeMap::new(),
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
        self.domains.entry(case.class).or_default().push(domain.to_owned());
        let servers = self.zones.plant(domain, case.holding, &mut self.random);
        for answer in case.answers {
            self.answers.plant(domain, answer, &servers, &mut self.random);
        }
        let usual = (case.class, case.verified, case.expected);
        for (index, planted) in std::iter::once(&usual).chain(case.also).enumerate() {
            let some = if index == 0 { 1 + self.random.below(3) } else { 1 };
            let accounts = case.accounts.filter(|_| index == 0).unwrap_or(some);
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
    fn fill(&mut self, options: &Options) {
        let sample: &[&str] = &["com", "net", "org", "dev", "info", "mobi", "se", "xyz", "name", "ch"];
        for tld in if options.broken { &["com", "net", "biz"] } else { sample } {
            for number in 0..UNUSED * options.times {
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
        while (self.accounts.len() as u64) < options.accounts {
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
        if !options.broken {
            mail::plant(&mut self.zones);
            mail::write(directory)?;
        }
        self.zones.write(&directory.join("zones"), random)?;
        if !options.broken {
            lists::write(directory, &mut self.answers, random)?;
            subjects::write(directory, &self.domains)?;
        }
        self.answers.write(&directory.join("rdap"), random)?;

        let mut rows: Vec<Row> = self.accounts.into_iter().map(Row::Accepted).collect();
        rows.extend(self::rejected(options).iter().map(Row::Rejected));
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
        let (folder, status) = match options.broken {
            true => ("tests/fixtures/broken", "The exit status is then 1: the zone `biz` is not whole."),
            false => ("data/sample", "The exit status is then 0."),
        };
        let mut made = format!("cargo run --release --example world -- sample {folder}");
        if options.broken {
            made += " --broken";
        }
        if options.seed != 1 {
            made += &format!(" --seed {}", options.seed);
        }
        let (lists, command) = if options.broken { ("", "") } else { (LISTS, LISTS_COMMAND) };
        let (title, files) = if options.broken { (BROKEN_TITLE, BROKEN_ZONES) } else { (TITLE, ZONES) };
        let text = README.replace("TITLE", title).replace("ZONES", files);
        let text = text.replace("MADE", &made).replace("FOLDER", folder);
        let mut text = text.replace("STATUS", status).replace("LISTS\n", lists) + "\n" + command + TABLE;
        for (class, (expected, accounts)) in self.classes() {
            text += &format!("| `{class}` | {} | {accounts} |\n", expected.replace(',', " | "));
        }
        text
    }
}

const TITLE: &str = "\
# The sample

A made-up internet, small enough to read: accounts, zone files and RDAP answers in which every state of a domain occurs,
with the verdict that every account must get.";

const BROKEN_TITLE: &str = "\
# A world with a broken zone

A made-up internet like `data/sample`, but smaller, and one of its zone files broke off while it was downloaded. Tests
check what such a zone still proves.";

const ZONES: &str = "`com`, `net`, `org`, `dev`, `name`, `ch` and the root: complete, `net` on four days and \
`ch` on six; `xyz`: complete, dated by its signatures, for its serial is of 2012; `info`: 22 days old; `mobi`: \
too old even for presence (92 days); `se.list`: a list of names, dated by its file";

const BROKEN_ZONES: &str = "`com` and `net`: complete; `biz`: broken off; the root";

const README: &str = "\
TITLE All names and registrars are made up (the few that exist are public
suffixes, their registries and owners, two parking companies' name servers, and mail domains in the lists of `data/`);
no mailbox is real. Do not edit these files: a generator makes them, always the same bytes:

    MADE

Judge them as of 2026-06-01:

    zonelapse audit FOLDER/accounts.csv --zones FOLDER/zones --rdap FOLDER/rdap \\
        --as-of 2026-06-01 -o report

STATUS

| file | holds |
|---|---|
| `accounts.csv` | the accounts; some rows are faulty on purpose |
| `zones/` | ZONES |
| `rdap/answers.ndjson` | answers in envelopes, one a line; in the sample one line is torn |
| `rdap/single/` | answers in files of their own: in the sample an undated object, and an envelope over many lines |
| `expected.csv` | row, id, address, planted class and verdict of every account, written by hand from the contract |
| `rejected.csv` | the rows that must be rejected, and why |
LISTS
";

const LISTS: &str = "\
| `registry/` | lists that registries publish: `it` (drops on 2026-06-02), `pl` and `mx` (deleted), `br` (in release) |
| `registry-accounts.csv`, `registry-expected.csv` | accounts at names in these lists, and their verdicts |
| `mx.csv` | mail servers, as they were seen: domain, host, preference, day |
| `mx-accounts.csv`, `mx-expected.csv` | accounts at domains with these mail servers, and their verdicts |
| `domains.csv`, `urls.csv`, `packages.csv` | rows of domains, URLs and reverse-DNS names, with numbers of accounts |
| `subjects-expected.csv` | the mail domain, number of accounts and verdict of each of these rows |
";

const LISTS_COMMAND: &str = "\
Judge the accounts at names in registries' lists with the lists:

    zonelapse audit data/sample/registry-accounts.csv --zones data/sample/zones --rdap data/sample/rdap \\
        --registry data/sample/registry --as-of 2026-06-01 -o report

Judge the accounts at domains with mail servers with these:

    zonelapse audit data/sample/mx-accounts.csv --zones data/sample/zones --rdap data/sample/rdap \\
        --mx data/sample/mx.csv --as-of 2026-06-01 -o report

Judge rows that name something else than an address:

    zonelapse audit data/sample/domains.csv --subject domain --zones data/sample/zones \\
        --rdap data/sample/rdap --as-of 2026-06-01 -o report

";

const TABLE: &str = "\
| class | state | risk | action | accounts |
|---|---|---|---|---|
";
