//! Rows that name something else than they are said to: noticed, told with the remedy, and never shown.

use crate::support::{Bench, rows, run};

/// Rows of each subject, and what they look like.
const ROWS: [(&str, &str, &str); 4] = [
    ("address", "addresses", "a@held-example.com\nb@freed-example.com\nAna <c@missing-example.com>\n"),
    ("domain", "domains", "held-example.com\nwww.freed-example.com\nmissing-example.com\n"),
    (
        "url",
        "URLs",
        "https://held-example.com/x\nhttps://user@freed-example.com\ngit+ssh://git@missing-example.com/y\n",
    ),
    ("reverse-dns", "reverse-DNS names", "com.held-example.lib\nio.github.someone.Thing\norg.gnome.Thing\n"),
];

/// All pairs: what rows are said to name, and what they name.
#[test]
fn a_wrong_subject_is_noticed() {
    let bench = Bench::new();
    for (said, _, _) in ROWS {
        for (is, plural, text) in ROWS {
            let file = bench.write("rows.txt", text.as_bytes());
            let ran = run(bench.audit([file]).args(["--subject", said, "--log-format", "text"]));
            let hint = format!("hint: these look like {plural}: `--subject {is}`");
            // a domain is what a report is about
            for cell in text.lines().filter(|_| is != "domain" || !matches!(said, "domain" | "url")) {
                assert!(!ran.printed().contains(cell), "{cell} in:\n{}", ran.printed());
            }
            // a domain alone is a URL without a scheme, and its host is the same
            let is_right = said == is || (said, is) == ("url", "domain");
            assert_eq!(ran.status, i32::from(!is_right), "{is} as {said}:\n{}", ran.printed());
            assert_eq!(ran.stderr.contains(&hint), !is_right, "{is} as {said}:\n{}", ran.stderr);
            let report = bench.report();
            let known = rows(&report.accounts, &["mail_domain", "state"]);
            // a URL with a user is an odd address at the same host
            let odd = usize::from((said, is) == ("address", "url"));
            let expected = if is_right { 3 } else { odd };
            assert_eq!(
                (known.len(), report.rejected.height()),
                (expected, 3 - expected),
                "{is} as {said}: {known:?}"
            );
        }
    }
}

/// A table of another subject is known by the name of its column, and a first line that is data is never shown.
#[test]
fn columns_of_other_subjects() {
    let bench = Bench::new();
    for (said, is, plural, header) in [
        ("address", "domain", "domains", "fqdn,count"),
        ("address", "url", "URLs", "id,homepage"),
        ("address", "reverse-dns", "reverse-DNS names", "groupId,version"),
        ("domain", "address", "addresses", "id,email"),
        ("url", "domain", "domains", "email_domain,count"),
        ("reverse-dns", "url", "URLs", "url,x"),
    ] {
        let path = bench.write("a.csv", format!("{header}\n1,2\n").as_bytes());
        let ran = run(bench.audit([path]).args(["--subject", said])).expect(2);
        ran.says(&["column (one of", &format!("hint: these look like {plural}: `--subject {is}`")]);
        bench.has_no_report();
    }
    for (subject, row) in [
        ("address", "held-example.com,12"),
        ("domain", "held-example.com,12"),
        ("url", "https://held-example.com/,x"),
        ("reverse-dns", "com.held-example.lib,12"),
    ] {
        let path = bench.write("a.csv", format!("{row}\n{row}\n").as_bytes());
        let ran = run(bench.audit([path]).args(["--subject", subject])).expect(2);
        assert!(!ran.printed().contains("held-example"), "{}", ran.printed());
        ran.says(&["the first line has 2 fields and may be data", "--no-header"]);
    }
}
