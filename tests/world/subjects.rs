//! Rows that name something else than an address: domains with numbers of accounts, URLs, reverse-DNS names.
//!
//! They name domains that are planted for addresses, so that zones and answers stay as they are, in all the spellings
//! that such rows have. What is to be said about them is written down by hand in `subjects-expected.csv`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// A planted class, whose first domain is named: when it was first verified, and for how many accounts a row stands.
struct Named {
    class: &'static str,
    verified: &'static str,
    accounts: &'static str,
    /// `accounts,state,risk,action`.
    expected: &'static str,
}

const fn named(
    class: &'static str,
    verified: &'static str,
    accounts: &'static str,
    expected: &'static str,
) -> Named {
    Named { class, verified, accounts, expected }
}

#[rustfmt::skip]
static NAMED: &[Named] = &[
    named("active_present", "2021-04-01", "51200", "51200,active,none,none"),
    named("active_signed", "", "7", "7,active,none,none"),
    named("active_present_found", "2022-01-31", "1", "1,active,none,none"),
    // verified before and after it was registered again
    named("reregistered", "2023-02-03", "130", "130,reregistered,critical,unverify"),
    named("reregistered", "2026-02-03", "2", "2,active,none,none"),
    named("pending_delete", "", "19", "19,pending_delete,critical,unverify"),
    named("redemption", "2020-09-09", "310", "310,redemption,high,unverify"),
    named("available", "", "44", "44,available,critical,unverify"),
    named("available_conflict", "", "3", "3,available,high,review"),
    named("absent", "2024-05-05", "12", "12,absent,high,lookup"),
    // a number that is missing is one; nobody is an answer, too
    named("absent_rdap_failed", "", "", "1,absent,high,lookup"),
    named("undelegated_found_absent", "", "0", "0,undelegated,medium,notify"),
    named("hold_client_absent", "", "5", "5,hold,medium,notify"),
    named("grace_expired", "", "6", "6,grace,medium,notify"),
    named("expiring", "2019-12-31", "80", "80,expiring,low,notify"),
    named("ns_all_absent", "", "9", "9,active,critical,lookup"),
    named("ns_some_absent", "", "4", "4,active,high,lookup"),
    named("unknown_status", "", "8", "8,unknown,unknown,review"),
    named("unknown_answer_too_old", "", "10", "10,unknown,unknown,lookup"),
];

/// How rows of a file name a domain, in turn.
type Spelling = fn(&str) -> String;

/// A file of rows, with the column of the subject, and a row that must be rejected.
struct SubjectFile {
    file: &'static str,
    column: &'static str,
    spellings: &'static [Spelling],
    rejected: (&'static str, &'static str),
}

/// `com.copper-otter-example`.
fn reversed(domain: &str) -> String {
    domain.rsplit('.').collect::<Vec<_>>().join(".")
}

static FILES: &[SubjectFile] = &[
    SubjectFile {
        file: "domains.csv",
        column: "email_domain",
        spellings: &[
            |domain| domain.to_owned(),
            |domain| format!("*.{domain}"),
            |domain| format!("{}.", domain.to_uppercase()),
            |domain| format!(".{domain}"),
        ],
        rejected: ("192.0.2.1", "address_literal"),
    },
    SubjectFile {
        file: "urls.csv",
        column: "homepage",
        spellings: &[
            |domain| format!("https://{domain}/"),
            |domain| format!("http://user:word@{domain}:8080/a?b=c#d"),
            |domain| format!("git@{domain}:user/repo.git"),
            |domain| format!("git+ssh://git@{domain}:user/repo.git"),
            |domain| format!("//{}/path", domain.to_uppercase()),
            |domain| format!("{domain}/path"),
            |domain| format!("scm:git:https://{domain}/repo"),
        ],
        rejected: ("file:///usr/share/doc", "no_host"),
    },
    SubjectFile {
        file: "packages.csv",
        column: "group_id",
        spellings: &[
            reversed,
            |domain| format!("{}.lib", reversed(domain)),
            |domain| format!("{}/server", reversed(domain)),
            |domain| format!("{}:lib:1.0", reversed(domain)),
            |domain| format!("{}.App", reversed(domain).replace('-', "_")),
            |domain| format!("{}.UTIL", reversed(domain).to_uppercase()),
        ],
        rejected: ("commons-io", "not_reverse_dns"),
    },
];

/// Writes the files, and their verdicts; `domains` are the planted ones of each class.
pub fn write(directory: &Path, domains: &BTreeMap<&'static str, Vec<String>>) -> io::Result<()> {
    let mut expected = String::from("file,row,mail_domain,class,accounts,state,risk,action\n");
    for SubjectFile { file, column, spellings, rejected: (odd, reason) } in FILES {
        let mut rows = format!("{column},accounts,verified_at\n");
        for (place, named) in NAMED.iter().enumerate() {
            let domain = &domains[named.class][0];
            let spelled = spellings[place % spellings.len()](domain);
            rows += &format!("{spelled},{},{}\n", named.accounts, named.verified);
            expected += &format!("{file},{},{domain},{},{}\n", place + 1, named.class, named.expected);
        }
        rows += &format!("{odd},3,\n");
        expected += &format!("{file},{},,{reason},,rejected,,\n", NAMED.len() + 1);
        fs::write(directory.join(file), rows)?;
    }
    fs::write(directory.join("subjects-expected.csv"), expected)
}
