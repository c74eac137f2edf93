//! The answer as six numbers, and the chart of risks.

use super::manifest::PageManifest;
use super::words;
use crate::assess::{Action, Risk};
use crate::wording::{agree, count, grouped};

/// A number with what it means.
#[derive(Debug)]
pub(super) struct PageCard {
    /// What the style knows it by.
    pub(super) class: &'static str,
    /// The section that tells more.
    pub(super) section: &'static str,
    pub(super) label: &'static str,
    pub(super) accounts: String,
    pub(super) share: String,
    /// What to do with them.
    pub(super) meaning: &'static str,
    pub(super) weight: Option<String>,
    pub(super) change: Option<CardChange>,
}

/// What became of a number since the report before.
#[derive(Debug)]
pub(super) struct CardChange {
    pub(super) text: String,
    /// Whether it is better to have fewer, and there are more; or the other way round.
    pub(super) is_worse: bool,
}

/// A part of the chart of risks.
#[derive(Debug)]
pub(super) struct RiskPart {
    pub(super) risk: &'static str,
    pub(super) accounts: String,
    pub(super) share: String,
    /// Its place in a chart that is 1000 wide.
    pub(super) x: String,
    pub(super) width: String,
}

/// The cards in the order of urgency.
pub(super) fn cards(manifest: &PageManifest) -> Vec<PageCard> {
    let of = |action, class, section, label, meaning| {
        let accounts = manifest.counts.of_action(action);
        let before = manifest.before.as_ref().map(|before| before.of_action(action));
        let weight = manifest.counts.weight_by_action.as_ref();
        let weight = weight.and_then(|weights| weights.get(action.name()).copied());
        card(manifest, (class, section, label, meaning), (accounts, before, weight))
    };
    let unjudged = (
        manifest.counts.not_judged(),
        manifest.before.as_ref().map(|before| before.accounts_unknown),
        manifest.counts.weight_unknown,
    );
    vec![
        of(Action::Unverify, "unverify", "act", "unverify", "others can receive the mail, now or soon"),
        of(Action::Review, "review", "act", "review", "a person should look first"),
        of(Action::Lookup, "lookup", "later", "look up", "an RDAP answer would settle them"),
        of(Action::Notify, "notify", "later", "notify", "tell the holders: a lapse may follow"),
        of(Action::None, "fine", "inputs", "fine", "judged, and nothing speaks against them"),
        card(
            manifest,
            ("unjudged", "unjudged", "not judged", "counted under look up or review as well"),
            unjudged,
        ),
    ]
}

fn card(
    manifest: &PageManifest,
    (class, section, label, meaning): (&'static str, &'static str, &'static str, &'static str),
    (accounts, before, weight): (u64, Option<u64>, Option<i64>),
) -> PageCard {
    let day = manifest.before.as_ref().map(|before| before.as_of.day().to_string()).unwrap_or_default();
    let change = before.map(|before| {
        let difference = i128::from(accounts) - i128::from(before);
        let number = grouped(u64::try_from(difference.unsigned_abs()).unwrap_or(u64::MAX));
        let text = match difference {
            0 => format!("as on {day}"),
            1.. => format!("{number} more than on {day}"),
            _ => format!("{number} fewer than on {day}"),
        };
        let is_good = class == "fine";
        CardChange { text, is_worse: if is_good { difference < 0 } else { difference > 0 } }
    });
    PageCard {
        class,
        section,
        label,
        accounts: grouped(accounts),
        share: words::percent(accounts, manifest.counts.accounts()),
        meaning,
        weight: weight.map(words::number),
        change,
    }
}

/// The accounts by risk, the worst first; risks that no account has are left out.
pub(super) fn risks(manifest: &PageManifest) -> Vec<RiskPart> {
    const WIDTH: f64 = 1000.0;
    let all = manifest.counts.accounts();
    let mut x = 0.0;
    let mut parts = Vec::new();
    for risk in Risk::ALL.iter().rev() {
        let accounts = manifest.counts.accounts_by_risk.get(risk.name()).copied().unwrap_or_default();
        if accounts == 0 {
            continue;
        }
        let width = accounts as f64 * WIDTH / all.max(1) as f64;
        parts.push(RiskPart {
            risk: risk.name(),
            accounts: grouped(accounts),
            share: words::percent(accounts, all),
            x: format!("{x:.2}"),
            width: format!("{width:.2}"),
        });
        x += width;
    }
    parts
}

/// How many accounts at how many domains.
pub(super) fn extent(manifest: &PageManifest) -> String {
    let counts = &manifest.counts;
    let (accounts, domains) = (count(counts.accounts(), "account"), count(counts.domains, "domain"));
    let rejected = match counts.rejected {
        0 => String::new(),
        rejected => {
            format!("; {} {} rejected", count(rejected, "row"), agree(rejected, "was", "were"))
        }
    };
    format!("{accounts} at {domains}{rejected}")
}
