//! `at_risk.csv`: the accounts to act on, from the same rows as the tables.

use std::fs;

use crate::support::{Bench, run, zonelapse};

/// Accounts of every kind, so many that they fill more than one frame of the spool.
fn many() -> String {
    let mut accounts = "id,email,verified_at,weight,plan\n".to_owned();
    let domains = ["held", "freed", "missing", "lapsing", "freed"];
    for number in 0..150_000_u32 {
        let domain = domains[(number.wrapping_mul(2_654_435_761) >> 8) as usize % domains.len()];
        let weight = number % 7;
        accounts += &format!("=u{number},a{number}@{domain}-example.com,2020-01-01,{weight},p{weight}\n");
    }
    accounts
}

#[track_caller]
fn list(bench: &Bench) -> String {
    fs::read_to_string(bench.path("report/at_risk.csv")).expect("a list of text")
}

#[test]
fn it_is_what_show_shows_with_any_number_of_threads() {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", many().as_bytes());
    let mut lists = Vec::new();
    for threads in ["1", "4"] {
        run(bench.audit([&accounts]).args(["--carry", "plan", "--threads", threads])).expect(0);
        lists.push(list(&bench));
    }
    assert!(lists[0] == lists[1], "one thread and four write other bytes");
    let mut show = zonelapse();
    show.arg("show").arg(bench.path("report"));
    show.args(["--action", "unverify,review,notify", "--format", "csv"]);
    assert!(run(&mut show).expect(0).stdout == lists[0], "show and the list have other lines");
    // only accounts to act on, none of them lost, and no address
    let manifest = fs::read(bench.path("report/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).expect("the manifest is JSON");
    let unverify = &manifest["counts"]["accounts_by_action"]["unverify"];
    assert_eq!(Some(lists[0].lines().count() as u64 - 1), unverify.as_u64());
    assert!(lists[0].lines().skip(1).all(|line| line.starts_with("unverify,")));
    assert!(!lists[0].contains('@') && lists[0].contains(",'=u1"), "{}", &lists[0][..1000]);
    let weights: Vec<&str> = lists[0].lines().skip(1).filter_map(|line| line.split(',').nth(9)).collect();
    assert_eq!((weights[0], weights[weights.len() - 1]), ("6", "0"));
}

#[test]
fn an_address_or_its_hash_only_if_asked_for() {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", b"id,email\na1,somebody@freed-example.com\n");
    let key = bench.write("key", b"0123456789abcdef");
    let key = key.to_str().expect("a path of letters");
    let audit = |extra: &[&str]| {
        run(bench.audit([&accounts]).args(extra)).expect(0);
        list(&bench)
    };
    assert!(!audit(&[]).contains("somebody"));
    let hashed = audit(&["--hash-email", key]);
    assert!(hashed.lines().next().is_some_and(|header| header.ends_with(",as_of,email_hash")), "{hashed}");
    assert!(!hashed.contains("somebody"), "{hashed}");
    let both = audit(&["--hash-email", key, "--keep-email"]);
    assert!(both.lines().next().is_some_and(|header| header.ends_with(",as_of,email,email_hash")), "{both}");
    assert!(both.contains(",somebody@freed-example.com,"), "{both}");
    // a list without accounts has its header
    let fine = bench.write("fine.csv", b"id,email\na1,somebody@held-example.com\n");
    run(&mut bench.audit([&fine])).expect(0);
    assert_eq!(list(&bench).lines().count(), 1);
}

#[test]
fn a_column_of_its_own_cannot_be_carried() {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", b"id,email,why\na1,somebody@freed-example.com,x\n");
    run(bench.audit([&accounts]).args(["--carry", "why"])).expect(2).says(&["`--carry why`"]);
}
