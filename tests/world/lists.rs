//! The lists that registries publish, and accounts at the names in them, with verdicts written down by hand.
//!
//! They have accounts of their own, so that the main command works without lists: `registry-accounts.csv`, and what is
//! to be said about them in `registry-expected.csv`. Each list has its date inside or in
//! its name, for the time of a file does not survive a copy.

use std::fs;
use std::io;
use std::path::Path;

use crate::answers::Answers;
use crate::cases::Body::Error;
use crate::cases::Content::{Found, NotFound};
use crate::cases::Shape::{NameOnly, Plain};
use crate::cases::{Answer, Content};
use crate::planted::{said, said_before};
use crate::random::Random;

/// A list: its file, what stands before and after the names, and the names without accounts in it.
struct List {
    file: &'static str,
    head: &'static str,
    row: fn(&str) -> String,
    foot: &'static str,
    suffix: &'static str,
}

fn bare(name: &str) -> String {
    format!("{name}\n")
}

const IT: usize = 0;
const PL: usize = 1;
const BR: usize = 2;
const MX: usize = 3;
const PL_MARCH: usize = 4;

static LISTS: &[List] = &[
    List { file: "2026060209.txt", head: "", row: bare, foot: "", suffix: "it" },
    List {
        file: "deleted_domains.txt",
        head: "2026-05-31 08:12:47 MEST\n\n",
        row: bare,
        foot: "",
        suffix: "pl",
    },
    List {
        file: "lista-processo-liberacao.txt",
        head: "# Processo de liberação no período de 2026-05-27T15:00:00-03:00 a 2026-06-03T15:00:00-03:00\n\
               # Mais informações em https://registry-example.br/\n# Arquivo gerado em 2026-05-25T10:00:08-03:00\n",
        row: bare,
        foot: "# Fim do arquivo\n",
        suffix: "com.br",
    },
    List {
        file: "domain_deleted_list.csv",
        head: "31/05/26 03:00:16 GMT-6\nDominio,Disponible\n",
        row: |name| format!("{name},true\n"),
        foot: "",
        suffix: "com.mx",
    },
    List {
        file: "deleted_domains.2026-03-10.txt",
        head: "2026-03-10 08:14:02 CET\n\n",
        row: bare,
        foot: "",
        suffix: "pl",
    },
];

/// A name in a list.
struct Listed {
    class: &'static str,
    list: usize,
    answers: &'static [Answer],
    verified: &'static str,
    expected: &'static str,
}

const fn listed(
    class: &'static str,
    list: usize,
    answers: &'static [Answer],
    expected: &'static str,
) -> Listed {
    Listed { class, list, answers, verified: "14.03.2024", expected }
}

const OK: Content = Found(&["client transfer prohibited"], &[], Plain);

#[rustfmt::skip]
static LISTED: &[Listed] = &[
    // dropped on a day that the list gives, and nobody can restore it any more
    listed("list_will_drop", IT, &[], "pending_delete,critical,unverify"),
    listed("list_will_drop_and_redemption", IT, &[said_before(20, Found(&["redemption period", "pending delete"], &[("expiration", -60)], Plain))], "pending_delete,critical,unverify"),
    listed("list_dropped", PL, &[], "available,critical,unverify"),
    listed("list_dropped_after_an_answer", PL, &[said_before(12, OK)], "available,critical,unverify"),
    listed("list_dropped_and_not_found", MX, &[said(NotFound(Error))], "available,critical,unverify"),
    listed("list_in_release", BR, &[], "available,critical,unverify"),
    listed("list_in_release_found_bare", BR, &[said(Found(&[], &[], NameOnly))], "available,critical,unverify"),
    // the registration that the address was verified under has ended; the registry has a holder again
    listed("list_dropped_in_march", PL_MARCH, &[said(Found(&["active"], &[("registration", -81)], Plain))], "reregistered,critical,unverify"),
    Listed { verified: "02.05.2026", ..listed("list_dropped_before_verification", PL_MARCH, &[said(Found(&["active"], &[("registration", -81)], Plain))], "active,none,none") },
];

/// Writes the lists below `registry/`, and their accounts and verdicts; the answers go with the others.
pub fn write(directory: &Path, answers: &mut Answers, random: &mut Random) -> io::Result<()> {
    let mut accounts = String::from("id,email,verified_at\n");
    let mut expected = String::from("row,id,email,class,state,risk,action\n");
    let mut names: Vec<Vec<String>> = LISTS.iter().map(|list| fillers(list.suffix)).collect();
    for (row, case) in (1..).zip(LISTED) {
        let domain = format!("{}-example.{}", case.class.replace('_', "-"), LISTS[case.list].suffix);
        for answer in case.answers {
            answers.plant(&domain, answer, &["ns1.example".to_owned(), "ns2.example".to_owned()], random);
        }
        accounts += &format!("K{row},post@{domain},{}\n", case.verified);
        expected += &format!("{row},K{row},post@{domain},{},{}\n", case.class, case.expected);
        names[case.list].push(domain);
    }
    fs::create_dir_all(directory.join("registry"))?;
    for (list, mut names) in LISTS.iter().zip(names) {
        names.sort();
        let rows: String = names.iter().map(|name| (list.row)(name)).collect();
        let text = format!("{}{rows}{}", list.head, list.foot);
        // `.br` writes ISO-8859-1, in which these letters are their numbers
        let bytes: Vec<u8> = match list.suffix {
            "com.br" => text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect(),
            _ => text.into_bytes(),
        };
        fs::write(directory.join("registry").join(list.file), bytes)?;
    }
    fs::write(directory.join("registry-accounts.csv"), accounts)?;
    fs::write(directory.join("registry-expected.csv"), expected)
}

/// Names of a list that no account is at.
fn fillers(suffix: &str) -> Vec<String> {
    (b'a'..=b'z').map(|letter| format!("{}-lapsed-example.{suffix}", char::from(letter))).collect()
}
