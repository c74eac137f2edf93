//! A small internet over some days: zones at their dates, RDAP answers, accounts; then audits of it.

use std::fs;
use std::path::PathBuf;

use crate::support::{Bench, Report, Run, registry, rows, run, zonelapse};

/// Names in each zone beside those of the test.
const OTHERS: usize = 60;

/// Zones, answers and accounts as they come to be.
pub struct Times {
    pub bench: Bench,
    answers: Vec<String>,
    accounts: Vec<String>,
}

impl Times {
    pub fn new() -> Self {
        Self { bench: Bench::new(), answers: Vec::new(), accounts: vec!["id,email,verified_at".to_owned()] }
    }

    pub fn store(&self) -> PathBuf {
        self.bench.path("store")
    }

    /// A whole zone of a date (`20260501`) goes into the store: names with their servers, `name>host,host`, or on a
    /// server that nobody can judge.
    pub fn zone(&self, origin: &str, date: &str, names: &[&str]) -> Run {
        let soa = format!("{origin}.\t900\tin\tsoa\ta.test. b.test. {date}00 1 2 3 4\n");
        let mut text = soa.clone();
        // so many that nothing a test takes away counts as a shrinkage
        let others: Vec<String> = (0..OTHERS).map(|number| format!("other{number}")).collect();
        for name in others.iter().map(String::as_str).chain(names.iter().copied()) {
            let (name, hosts) = name.split_once('>').unwrap_or((name, "ns.fine.example"));
            for host in hosts.split(',') {
                let host = host.trim_end_matches('.');
                text += &format!("{name}.{origin}.\t172800\tin\tns\t{host}.\n");
            }
        }
        let path = self.bench.write(&format!("{origin}-{date}.txt"), (text + &soa).as_bytes());
        run(zonelapse().args(["snapshot", "build"]).arg(path).arg("--store").arg(self.store()))
    }

    /// The registry's answer of a date: not found.
    pub fn not_found(&mut self, domain: &str, date: &str) {
        self.answer(domain, date, 404, r#"{"errorCode":404,"title":"Not Found"}"#);
    }

    /// The registry's answer of a date: statuses, and events as `registration 2001-01-01`.
    pub fn found(&mut self, domain: &str, date: &str, statuses: &[&str], events: &[&str]) {
        let event = |event: &&str| {
            let (action, date) = event.rsplit_once(' ').expect("an event has a date");
            serde_json::json!({ "eventAction": action, "eventDate": format!("{date}T00:00:00Z") })
        };
        let events: Vec<_> = events.iter().map(event).collect();
        let body = serde_json::json!({
            "objectClassName": "domain", "ldhName": domain, "status": statuses, "events": events
        });
        self.answer(domain, date, 200, &body.to_string());
    }

    /// An answer as it stands.
    pub fn answer(&mut self, domain: &str, date: &str, status: u16, body: &str) {
        self.answer_of(registry(domain), domain, date, status, body);
    }

    pub fn answer_of(&mut self, source: &str, domain: &str, date: &str, status: u16, body: &str) {
        let time = format!("{date}T00:00:00Z");
        self.answers.push(format!(
            r#"{{"domain":"{domain}","fetched_at":"{time}","source":"{source}","http_status":{status},"body":{body}}}"#
        ));
    }

    /// An account `id` at this address, verified then (or never: an empty text).
    pub fn account(&mut self, id: &str, address: &str, verified: &str) {
        self.accounts.push(format!("{id},{address},{verified}"));
    }

    /// Forgets the accounts.
    pub fn no_accounts(&mut self) {
        self.accounts.truncate(1);
    }

    /// Audits all accounts by all there is; the report goes to `name`.
    #[track_caller]
    pub fn audit(&self, name: &str, as_of: &str, extra: &[&str], status: i32) -> Report {
        self.try_audit(name, as_of, extra).expect(status);
        Report::read(&self.bench.path(name))
    }

    pub fn try_audit(&self, name: &str, as_of: &str, extra: &[&str]) -> Run {
        let accounts = self.bench.write("accounts.csv", (self.accounts.join("\n") + "\n").as_bytes());
        let answers = self.bench.write("answers.ndjson", (self.answers.join("\n") + "\n").as_bytes());
        let mut command = zonelapse();
        command.arg("audit").arg(accounts).args(["--as-of", as_of, "-o"]).arg(self.bench.path(name));
        if fs::exists(self.store()).expect("the folder can be read") {
            command.arg("--zones").arg(self.store());
        }
        if !self.answers.is_empty() {
            command.arg("--rdap").arg(answers);
        }
        run(command.args(extra))
    }

    /// What `explain` tells of these names.
    #[track_caller]
    pub fn explains(&self, as_of: &str, names: &[&str]) -> String {
        let answers = self.bench.write("answers.ndjson", (self.answers.join("\n") + "\n").as_bytes());
        let mut command = zonelapse();
        command.arg("explain").args(names).args(["--as-of", as_of, "--zones"]).arg(self.store());
        run(command.arg("--rdap").arg(answers)).expect(0).stdout
    }

    /// Audits, and expects these verdicts, `mail_domain state risk action` account by account.
    #[track_caller]
    pub fn judges(&self, as_of: &str, expected: &[&str]) -> Report {
        let report = self.audit("report", as_of, &[], 0);
        assert_eq!(report.verdicts(), expected);
        report
    }
}

/// The reasons of each account, joined by `+`.
pub fn reasons(report: &Report) -> Vec<String> {
    lists(report, "accounts", "reasons")
}

/// A column of lists of text, each joined by `+`.
pub fn lists(report: &Report, table: &str, column: &str) -> Vec<String> {
    let frame = if table == "accounts" { &report.accounts } else { &report.domains };
    let lists = frame.column(column).expect("the table has this column").list().expect("a column of lists");
    let joined = |row: usize| {
        let list = lists.get_as_series(row).expect("no list is missing");
        list.str().expect("lists of text").iter().flatten().collect::<Vec<_>>().join("+")
    };
    (0..lists.len()).map(joined).collect()
}

/// `judged_domain` and these columns of each domain.
pub fn domains(report: &Report, columns: &[&str]) -> Vec<String> {
    let all: Vec<&str> = ["judged_domain"].iter().chain(columns).copied().collect();
    rows(&report.domains, &all)
}
