//! What would let those be judged that could not be: in `tlds.parquet` and in the summary.

use crate::support::{Bench, read_parquet, rows, run, zone};

#[test]
fn each_top_level_domain_that_could_not_be_judged_has_a_cure() {
    let bench = Bench::new();
    bench.write("org.zone", zone("org", 2026042001, &["held-example"]).as_bytes());
    let mut accounts = "id,email\n0,a@held-example.com\n".to_owned();
    let places = [("se", 5), ("de", 4), ("at", 3), ("org", 2), ("shop", 1), ("nosuchtld", 1)];
    for (tld, count) in places {
        (0..count).for_each(|number| accounts += &format!("{tld}{number},a@gone{number}-example.{tld}\n"));
    }
    let accounts = bench.write("accounts.csv", accounts.as_bytes());
    let summary = run(&mut bench.audit_by([accounts], &["com.zone", "org.zone"])).expect(0).stdout;
    let expected = "\
16 accounts could not be judged; what would help most:
  5 in se: the zone by AXFR from zonedata.iis.se
  4 in de: RDAP answers from https://rdap.denic.de/
  3 in at: nothing known
  and 3 more top-level domains: see `cure` in tlds.parquet
";
    assert!(summary.contains(expected), "{summary}");
    assert!(expected.lines().all(|line| line.len() <= 80));
    let tlds = read_parquet(&bench.path("report/tlds.parquet"));
    assert_eq!(
        rows(&tlds, &["tld", "zone_coverage", "accounts_unknown", "cure"]),
        [
            "at none 3 nothing known",
            "com complete 0 -",
            "de none 4 RDAP answers from https://rdap.denic.de/",
            "nosuchtld none 1 the root zone, which says whether it exists",
            "org stale 2 a newer zone; RDAP answers from https://rdap.publicinterestregistry.org/rdap/",
            "se none 5 the zone by AXFR from zonedata.iis.se; RDAP answers, perhaps from https://rdap.iis.se/",
            "shop none 1 the zone from CZDS, https://czds.icann.org/; RDAP answers from https://rdap.gmoregistry.net/rdap/",
        ]
    );
}

#[test]
fn nothing_is_said_if_all_were_judged() {
    let bench = Bench::new();
    let accounts = bench.write("accounts.csv", b"id,email\n1,a@held-example.com\n");
    let summary = run(&mut bench.audit([accounts])).expect(0).stdout;
    assert!(!summary.contains("could not be judged"), "{summary}");
}
