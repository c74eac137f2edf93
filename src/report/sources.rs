//! Where the knowledge of registries comes from and how old it is, and what the sources of RDAP answers were worth.
//!
//! The built-in copies of public lists age with the program. Ages are measured from as-of, like all others; a run in the
//! past finds nothing old.

use serde::Serialize;

use crate::assess::source_tally::SourceTally;
use crate::name::SuffixList;
use crate::rdap::RegistryServers;
use crate::time::{BareDate, Day, Moment};
use crate::wording::{agree, count, grouped};

/// Days after which a built-in copy is told to be old.
const OLD_DAYS: i64 = 400;
/// Hosts named in the notice; the manifest has them all.
const HOSTS: usize = 4;

/// Knowledge of registries, and the sources of answers.
#[derive(Debug, Default, Serialize)]
pub(crate) struct RdapSources {
    /// The lists in use that tell their age.
    pub(super) lists: Vec<ListAge>,
    /// Hosts that count as registries' by the user's word.
    trusted: Vec<String>,
    /// Answers from which nothing was taken, by host.
    unused_answers: Vec<HostAnswers>,
    /// Names that were judged by an answer taken as given.
    names_taken_as_given: u64,
}

/// The age of a list.
#[derive(Debug, Serialize)]
pub(super) struct ListAge {
    pub(super) list: &'static str,
    built_in: bool,
    pub(super) date: String,
    days_old: i64,
}

/// How many answers of a host were not used.
#[derive(Debug, Serialize)]
struct HostAnswers {
    host: String,
    answers: u64,
}

/// The lists that a run knows registries by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ListsInUse<'a> {
    /// The Public Suffix List.
    pub(crate) suffixes: &'a SuffixList,
    /// The servers of registries.
    pub(crate) registries: &'a RegistryServers,
    /// Whether the bootstrap file is the built-in copy.
    pub(crate) has_built_in_bootstrap: bool,
    /// The hosts that the user trusts.
    pub(crate) trusted: &'a [Box<str>],
}

impl RdapSources {
    /// The sources of a run.
    pub(crate) fn of(lists: ListsInUse<'_>, tally: &SourceTally, today: Day) -> Self {
        let version = lists.suffixes.version.as_deref().and_then(|version| version.get(..10));
        let suffixes = version.and_then(|date| Moment::parse(date, BareDate::Start)).map(Moment::day);
        let registries = lists.registries;
        let ages = [
            ("public_suffix_list", lists.suffixes.path.is_none(), suffixes),
            ("rdap_bootstrap", lists.has_built_in_bootstrap, registries.published()),
            ("rdap_servers", true, registries.table_seen),
        ];
        let age = |(list, built_in, date): (&'static str, bool, Option<Day>)| {
            let date = date?;
            Some(ListAge {
                list,
                built_in,
                date: date.to_string(),
                days_old: i64::from(today.since(date).max(0)),
            })
        };
        let hosts = tally.hosts().into_iter();
        Self {
            lists: ages.into_iter().filter_map(age).collect(),
            trusted: lists.trusted.iter().map(|host| host.to_string()).collect(),
            unused_answers: hosts
                .map(|(host, answers)| HostAnswers { host: host.to_owned(), answers })
                .collect(),
            names_taken_as_given: tally.unverified,
        }
    }

    /// What a person should know of it.
    pub(crate) fn notices(&self) -> impl Iterator<Item = String> {
        self.unused().into_iter().chain(self.taken_as_given()).chain(self.old_lists())
    }

    fn unused(&self) -> Option<String> {
        let hosts = &self.unused_answers;
        let all = hosts.iter().map(|host| host.answers).sum();
        let first = hosts.iter().take(HOSTS);
        let named: Vec<String> =
            first.map(|host| format!("{} ({})", host.host, grouped(host.answers))).collect();
        let more = hosts.len().saturating_sub(HOSTS) as u64;
        let more = if more > 0 { format!(" and {}", count(more, "more host")) } else { String::new() };
        let (answers, were) = (count(all, "RDAP answer"), agree(all, "was", "were"));
        let hosts = agree(hosts.len() as u64, "this host is not", "these hosts are not");
        (all > 0).then(|| {
            let named = named.join(", ");
            format!(
                "{answers} {were} not used, because {hosts} the registry's: {named}{more}; see `--trust-source`"
            )
        })
    }

    fn taken_as_given(&self) -> Option<String> {
        let names = self.names_taken_as_given;
        let (named, were) = (count(names, "name"), agree(names, "was", "were"));
        (names > 0)
            .then(|| format!("{named} {were} judged by answers of unknown servers [rdap.unverified_source]"))
    }

    fn old_lists(&self) -> impl Iterator<Item = String> {
        let old = self.lists.iter().filter(|list| list.built_in && list.days_old > OLD_DAYS);
        old.map(|list| {
            let (what, remedy) = match list.list {
                "public_suffix_list" => ("Public Suffix List", "; name a newer one with `--psl`"),
                "rdap_bootstrap" => ("RDAP bootstrap file", "; name a newer one with `--bootstrap`"),
                _ => ("table of RDAP servers", "; a newer version of the program has a newer one"),
            };
            format!("the built-in {what} is {} old{remedy}", count(list.days_old as u64, "day"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(host: &str, answers: u64) -> HostAnswers {
        HostAnswers { host: host.to_owned(), answers }
    }

    #[track_caller]
    fn tells(sources: RdapSources, expected: &[&str]) {
        assert_eq!(sources.notices().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_notice() {
        tells(RdapSources::default(), &[]);
        let one = RdapSources { unused_answers: vec![host("rdap.org", 1)], ..RdapSources::default() };
        let told = "1 RDAP answer was not used, because this host is not the registry's: rdap.org (1); see `--trust-source`";
        tells(one, &[told]);
        let hosts = [("a", 1200), ("b", 4), ("c", 3), ("d", 2), ("e", 1), ("f", 1)];
        let many = RdapSources {
            unused_answers: hosts.map(|(name, answers)| host(name, answers)).into(),
            names_taken_as_given: 1,
            lists: [
                ("public_suffix_list", true, 401),
                ("rdap_bootstrap", false, 999),
                ("rdap_servers", true, 400),
            ]
            .map(|(list, built_in, days_old)| ListAge { list, built_in, date: String::new(), days_old })
            .into(),
            ..RdapSources::default()
        };
        tells(
            many,
            &[
                "1,211 RDAP answers were not used, because these hosts are not the registry's: a (1,200), b (4), c (3), \
                 d (2) and 2 more hosts; see `--trust-source`",
                "1 name was judged by answers of unknown servers [rdap.unverified_source]",
                "the built-in Public Suffix List is 401 days old; name a newer one with `--psl`",
            ],
        );
    }
}
