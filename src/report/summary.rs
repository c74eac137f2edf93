//! What a person reads at the end of a run: the answer in one line, the domains to look at first, then what limits the
//! answer.
//!
//! A run with little to complain about fits a terminal of 24 lines and 80 columns. Names and paths are never cut, and no
//! line is broken, so that every line can be searched for and copied. Everything shown is in the report as well.

use std::fmt::{self, Display};
use std::path::PathBuf;
use std::time::Duration;

use super::changes::{Change, ChangeCounts};
use super::completeness::Shortfall;
use super::counts::Counts;
use super::cures::Cure;
use super::examples::{Example, ExampleServed, Examples};
use super::overrides::OverrideReport;
use crate::assess::Action;
use crate::assess::breaker::OpenBreaker;
use crate::assess::servers::ServerKind;
use crate::escape;
use crate::wording::{agree, and_more, count, grouped, human_duration};

/// Notices shown; the manifest has the rest.
const NOTICES: usize = 8;
/// Reasons shown for rejected rows; the manifest has the rest.
const REJECTIONS: usize = 3;
/// Top-level domains shown with accounts that could not be judged; `tlds.parquet` has all.
const CURES: usize = 3;
/// The longest domain that the column of domains is made wide for.
const DOMAIN_COLUMNS: usize = 32;

/// The closing summary.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The report directory.
    pub(crate) directory: PathBuf,
    /// The moment of judgement.
    pub(crate) as_of: String,
    /// The counts.
    pub(crate) counts: Counts,
    /// The domains to look at first.
    pub(crate) examples: Vec<Examples>,
    /// For standard error: zones that prove less than they could, and files with faults.
    pub(crate) notices: Vec<String>,
    /// Which columns serve for what, and what they lack.
    pub(crate) columns: Vec<String>,
    /// For standard error: RDAP files that are not whole, decisions about names that nobody has.
    pub(crate) warnings: Vec<Shortfall>,
    /// What became of the overrides.
    pub(crate) overrides: OverrideReport,
    /// Circuit breakers that a person released.
    pub(crate) released: Vec<OpenBreaker>,
    /// Whether the previous report judged later than this one, so that nothing is compared.
    pub(crate) is_previous_later: bool,
    /// Changes since the previous report.
    pub(crate) changes: Option<ChangeCounts>,
    /// What would let more accounts be judged, where most are first.
    pub(crate) cures: Vec<Cure>,
    /// Why the run is not complete.
    pub(crate) incomplete: Vec<Shortfall>,
    /// Seconds of the whole run.
    pub(crate) seconds: f64,
}

impl Summary {
    /// The summary as the fields of a JSON object. Notices are messages of their own.
    pub(crate) fn fields(&self) -> serde_json::Value {
        serde_json::json!({
            "message": "audit finished",
            "report": self.directory,
            "as_of": self.as_of,
            "columns": self.columns,
            "counts": self.counts,
            "overrides": self.overrides,
            "released_breakers": self.released,
            "changes": self.changes,
            "cures": self.cures.iter().take(NOTICES).collect::<Vec<_>>(),
            "incomplete": self.incomplete,
            "seconds": self.seconds,
        })
    }

    /// The notices for a person: the first, and how many more there are.
    pub(crate) fn first_notices(&self) -> impl Iterator<Item = String> {
        let more = self.notices.len().saturating_sub(NOTICES) as u64;
        let more = and_more(more, "note").map(|more| format!("{more}: see `inputs` in manifest.json"));
        self.notices.iter().take(NOTICES).cloned().chain(more)
    }
}

impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_answer(f)?;
        self.write_examples_of(Action::ALL, f)?;
        self.write_changes(f)?;
        self.write_decisions(f)?;
        self.write_cures(f)?;
        let (path, time) =
            (escape::path(&self.directory), human_duration(Duration::from_secs_f64(self.seconds)));
        writeln!(f, "report in {path} ({time}): accounts.parquet, domains.parquet and more")?;
        if !self.incomplete.is_empty() {
            self.write_incomplete(f)?;
        }
        Ok(())
    }
}

/// How many accounts there are for each action, the strongest first.
pub(crate) fn answer_line(accounts: impl Fn(Action) -> u64) -> String {
    let answers = [
        (Action::Unverify, "to unverify"),
        (Action::Review, "to review"),
        (Action::Notify, "to notify"),
        (Action::Lookup, "to look up"),
        (Action::None, "fine"),
    ];
    answers.map(|(action, words)| format!("{} {words}", grouped(accounts(action)))).join(" · ")
}

impl Summary {
    /// How many accounts there are for each action, and of how many this is.
    pub(crate) fn write_answer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.counts;
        let of_action = |action: Action| counts.accounts_by_action.get(action.name()).copied().unwrap_or(0);
        writeln!(f, "{}", answer_line(of_action))?;
        let as_of = self.as_of.trim_end_matches("T00:00:00Z");
        writeln!(f, "{}, judged as of {as_of}", counts.extent())?;
        if counts.added_by_split > 0 {
            let rows = count(counts.added_by_split, "row");
            writeln!(f, "{rows} added by splitting fields with several addresses")?;
        }
        if counts.rejected > 0 {
            writeln!(f, "{}", rejections(counts))?;
        }
        for line in &self.columns {
            writeln!(f, "{}", escape::line(line))?;
        }
        writeln!(f)
    }

    /// What changed since the previous report; false if nothing was compared.
    pub(crate) fn write_changes(&self, f: &mut fmt::Formatter<'_>) -> Result<bool, fmt::Error> {
        if let Some(changes) = &self.changes {
            writeln!(f, "{}", changes_since(changes))?;
        } else if self.is_previous_later {
            writeln!(f, "the previous report judged later than this one, so nothing is compared with it")?;
        }
        Ok(self.changes.is_some() || self.is_previous_later)
    }

    /// That the run is not complete, and where the reasons are: on a terminal they follow right here.
    pub(crate) fn write_incomplete(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons = count(self.incomplete.len() as u64, "reason");
        writeln!(f, "incomplete (exit status 1): {reasons}, on standard error and in manifest.json")
    }

    /// What became of people's decisions.
    pub(crate) fn write_decisions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.overrides.decisions > 0 {
            writeln!(f, "{}", self.overrides.line())?;
        }
        for breaker in &self.released {
            let domains = count(breaker.flagged, "domain");
            writeln!(f, "circuit breaker `{}` released: {domains} newly unverified", breaker.name())?;
        }
        Ok(())
    }

    /// Where most accounts could not be judged, and the best that would help.
    fn write_cures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.cures.first() else { return Ok(()) };
        let accounts = count(self.cures.iter().map(|cure| cure.accounts).sum(), "account");
        writeln!(f, "{accounts} could not be judged; what would help most:")?;
        let width = grouped(first.accounts).len();
        for Cure { tld, accounts, ways } in self.cures.iter().take(CURES) {
            let way = ways.first().map_or("", String::as_str);
            writeln!(f, "  {:>width$} in {tld}: {way}", grouped(*accounts))?;
        }
        let more = self.cures.len().saturating_sub(CURES) as u64;
        if more > 0 {
            writeln!(f, "  and {}: see `cure` in tlds.parquet", count(more, "more top-level domain"))?;
        }
        Ok(())
    }

    /// A line for each domain with one of these actions, the action before its first.
    pub(crate) fn write_examples_of(&self, actions: &[Action], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = || self.examples.iter().filter(|group| actions.contains(&group.action));
        let shown = || groups().flat_map(|group| &group.domains).filter(|it| it.serves.is_empty());
        let names = shown().map(|it| it.domain.chars().count().min(DOMAIN_COLUMNS)).max().unwrap_or(0);
        let numbers = shown().map(|it| grouped(it.accounts).len()).max().unwrap_or(0);
        for group in groups() {
            let mut action = match group.action {
                Action::Lookup => "look up",
                action => action.name(),
            };
            for it in &group.domains {
                let Example { domain, accounts, serves, why } = it;
                if serves.is_empty() {
                    let accounts = grouped(*accounts);
                    writeln!(f, "{action:<8}  {accounts:>numbers$} at {domain:<names$}  {why}")?;
                } else {
                    let serves = serves.iter().map(served_in_words).collect::<Vec<_>>().join(" and ");
                    writeln!(f, "{action:<8}  {domain} ({why}) serves {serves}")?;
                }
                action = "";
            }
        }
        Ok(())
    }
}

/// What depends on the servers of a kind.
fn served_in_words(served: &ExampleServed) -> String {
    let what = match served.kind {
        ServerKind::Name => "",
        ServerKind::Mail => "the mail of ",
    };
    let (domains, accounts) = (count(served.domains, "domain"), count(served.accounts, "account"));
    format!("{what}{domains} with {accounts}")
}

/// How many rows were rejected, and why most of them.
fn rejections(counts: &Counts) -> String {
    let mut reasons: Vec<(&str, u64)> =
        counts.rejected_by_reason.iter().map(|(reason, number)| (*reason, *number)).collect();
    reasons.sort_by_key(|(reason, number)| (std::cmp::Reverse(*number), *reason));
    let more = if reasons.len() > REJECTIONS { ", …" } else { "" };
    let named: Vec<String> = reasons
        .iter()
        .take(REJECTIONS)
        .map(|(reason, number)| format!("{} {reason}", grouped(*number)))
        .collect();
    let rows = counts.accepted + counts.rejected;
    format!(
        "{} of {} {} rejected: {}{more}",
        grouped(counts.rejected),
        count(rows, "row"),
        agree(counts.rejected, "was", "were"),
        named.join(", ")
    )
}

/// What is new and what is worse.
fn changes_since(changes: &ChangeCounts) -> String {
    let of = |change: Change| changes.get(change.name()).copied().unwrap_or_default();
    let [new, new_accounts] = of(Change::NewlyAtRisk);
    let [worse, worse_accounts] = of(Change::Worse);
    let [lost, lost_accounts] = of(Change::NoLongerJudged);
    let lost = match [lost, lost_accounts] {
        [0, 0] => String::new(),
        _ => format!(", {} no longer judged ({})", grouped(lost), count(lost_accounts, "account")),
    };
    if [new, new_accounts, worse, worse_accounts] == [0; 4] {
        return format!("since the previous report: nothing is newly at risk or worse{lost}");
    }
    format!(
        "since the previous report: {} newly at risk ({}), {} worse ({}){lost}",
        count(new, "domain"),
        count(new_accounts, "account"),
        grouped(worse),
        count(worse_accounts, "account"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_comes_first_and_what_is_missing_last() {
        let example = Example {
            domain: "lapsed.example".to_owned(),
            accounts: 1,
            serves: Vec::new(),
            why: "free now".to_owned(),
        };
        let server = |domain: &str, serves| Example {
            domain: domain.to_owned(),
            accounts: 2050,
            serves,
            why: "absent from its zone".to_owned(),
        };
        let by_name = ExampleServed { kind: ServerKind::Name, domains: 2037, accounts: 2050 };
        let by_mail = ExampleServed { kind: ServerKind::Mail, domains: 1, accounts: 1200 };
        let servers = vec![
            server("dns.example", vec![by_name]),
            server("both.example", vec![by_name, by_mail]),
            server("mx.example", vec![by_mail]),
        ];
        let counts = Counts {
            accepted: 1,
            accounts: 1,
            rejected: 1,
            domains: 1,
            rejected_by_reason: [("empty", 1)].into(),
            accounts_by_action: [("unverify", 1)].into(),
            ..Counts::default()
        };
        let summary = Summary {
            directory: "report".into(),
            as_of: "2026-06-01T00:00:00Z".to_owned(),
            counts,
            examples: vec![
                Examples { action: Action::Unverify, domains: vec![example] },
                Examples { action: Action::Lookup, domains: servers },
            ],
            notices: vec!["zone com is old".to_owned()],
            columns: vec!["address from `mail`".to_owned()],
            warnings: Vec::new(),
            overrides: OverrideReport { decisions: 3, applied: 3, ..OverrideReport::default() },
            released: Vec::new(),
            is_previous_later: false,
            changes: Some([("newly_at_risk", [1, 1200]), ("no_longer_judged", [2, 3])].into()),
            cures: vec![Cure { tld: "at".to_owned(), accounts: 7, ways: vec!["nothing known".to_owned()] }],
            incomplete: vec!["1 zone file is not whole".to_owned().into()],
            seconds: 61.0,
        };
        let expected = "\
1 to unverify · 0 to review · 0 to notify · 0 to look up · 0 fine
1 account at 1 domain, judged as of 2026-06-01
1 of 2 rows was rejected: 1 empty
address from `mail`

unverify  1 at lapsed.example  free now
look up   dns.example (absent from its zone) serves 2,037 domains with 2,050 accounts
          both.example (absent from its zone) serves 2,037 domains with 2,050 accounts and the mail of 1 domain with 1,200 accounts
          mx.example (absent from its zone) serves the mail of 1 domain with 1,200 accounts
since the previous report: 1 domain newly at risk (1,200 accounts), 0 worse (0 accounts), 2 no longer judged (3 accounts)
3 overrides: 3 applied, 0 expired, 0 unused
7 accounts could not be judged; what would help most:
  7 in at: nothing known
report in report (1 min 01 s): accounts.parquet, domains.parquet and more
incomplete (exit status 1): 1 reason, on standard error and in manifest.json
";
        assert_eq!(summary.to_string(), expected);
    }
}
