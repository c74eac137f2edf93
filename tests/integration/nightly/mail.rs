//! Data about mail servers and classes of mail domains: the audit of a night reads them as they are, and keeps nothing.

use std::fs;

use super::{CONFIG, Nights};
use crate::support::{not_found, read_parquet, rows};
use crate::times::lists;

/// Nights with accounts at `held` and `mail.held`, with a directory of MX data and a list of classes.
fn nights() -> Nights {
    let nights = Nights::new();
    nights.write("night.toml", &(CONFIG.to_owned() + "mx = [\"mx\"]\nmail-classes = \"classes.csv\"\n"));
    nights.write(
        "accounts.csv",
        "id,email,verified_at\n1,a@held-example.com,2020-01-01\n2,a@mail.held-example.com,2020-01-01\n",
    );
    nights.write("classes.csv", "class,domain\ndisposable,held-example.com\n");
    fs::create_dir(nights.path("mx")).expect("a directory");
    nights.deliver("0601", &["held-example", "kept-example"]);
    nights
}

/// Delivers what was seen on a day: `mail.held` has its mail server in this domain.
fn deliver_mail(nights: &Nights, day: &str, domain: &str) {
    let text = format!(
        "domain,mx,preference\nmail.held-example.com,mx.{domain},10\nheld-example.com,mx.kept-example.com,10\n"
    );
    nights.write(&format!("mx/mx-{day}.csv"), &text);
}

#[test]
fn mail_servers_in_the_report_of_a_night() {
    let nights = nights();
    deliver_mail(&nights, "2026-05-31", "kept-example.com");
    let said = nights.run("2026-06-01T12:00:00Z").expect(0);
    said.says(&["note: mail servers: 2 domains of 1 file, dated 2026-05-31"]);
    let fine = ["held-example.com active none none", "mail.held-example.com active none none"];
    assert_eq!(nights.latest(), fine);
    let columns = ["kind", "domain", "state", "accounts", "accounts_exposed"];
    let servers = |nights: &Nights| {
        let table = read_parquet(&nights.path("state/latest/servers.parquet"));
        rows(&table, &columns).into_iter().filter(|row| row.starts_with("mx ")).collect::<Vec<_>>()
    };
    assert_eq!(servers(&nights), ["mx kept-example.com active 2 0"]);
    let classes = rows(&nights.report("2026-06-01").domains, &["judged_domain", "mail_class"]);
    assert_eq!(classes, ["held-example.com disposable"]);

    // the next day another server is seen, in a domain that is free: the newer file counts, the older stays where it is
    nights.write("answers/gone.ndjson", &(not_found("gone-example.com") + "\n"));
    nights.deliver("0602", &["held-example", "kept-example"]);
    deliver_mail(&nights, "2026-06-01", "gone-example.com");
    let said = nights.run("2026-06-02T12:00:00Z").expect(0);
    assert_eq!(nights.latest(), [fine[0], "mail.held-example.com active critical unverify"]);
    assert_eq!(servers(&nights), ["mx gone-example.com available 1 1", "mx kept-example.com active 1 0"]);
    let words = "gone-example.com (not registered, free now) serves the mail of 1 domain with 1 account";
    assert!(said.stdout.contains(words), "{}", said.stdout);
    let alerts = fs::read_to_string(nights.path("state/latest/alerts.jsonl")).expect("alerts");
    assert_eq!(alerts.lines().count(), 1, "{alerts}");
    assert!(alerts.contains("\"new\"") && alerts.contains("\"mail_server\""), "{alerts}");
}

/// What is not there, or cannot be read, is told every night; the other files count.
#[test]
fn mail_data_that_are_missing_or_cannot_be_read() {
    let nights = nights();
    // an empty directory is no mistake
    nights.run("2026-06-01T12:00:00Z").expect(0);
    deliver_mail(&nights, "2026-05-31", "gone-example.com");
    nights.write("mx/page.csv", "<html>404 Not Found</html>\n");
    let found = [nights.latest()[0].clone(), "mail.held-example.com active critical lookup".to_owned()];
    for as_of in ["2026-06-02T12:00:00Z", "2026-06-02T13:00:00Z"] {
        nights.run(as_of).expect(1).says(&[
            "incomplete: ",
            "1 MX file could not be read, or not to the end: ",
            "mx/page.csv",
        ]);
        assert_eq!(nights.latest(), found);
        assert_eq!(nights.report("2026-06-02").value("/status"), "incomplete");
    }
    fs::remove_dir_all(nights.path("mx")).expect("a directory");
    nights.run("2026-06-03T12:00:00Z").expect(1).says(&["incomplete: ", "/mx: "]);
    assert_eq!(nights.latest()[1], "mail.held-example.com active none none", "nothing of it is kept");
}

/// Old data raise nothing, and say so.
#[test]
fn mail_data_that_are_too_old() {
    let nights = nights();
    deliver_mail(&nights, "2026-04-20", "gone-example.com");
    nights.run("2026-06-01T12:00:00Z").expect(0).says(&["dated 2026-04-20"]);
    assert_eq!(nights.latest()[1], "mail.held-example.com active none none");
    let reasons = lists(&nights.report("2026-06-01"), "accounts", "reasons");
    assert!(reasons[1].contains("mx.hijackable+mx.stale"), "{reasons:?}");
    // the limit is an option of the file
    let config = fs::read_to_string(nights.path("night.toml")).expect("a file");
    nights.write("night.toml", &(config + "max-mx-age-days = 60\n"));
    nights.run("2026-06-01T13:00:00Z").expect(0);
    assert_eq!(nights.latest()[1], "mail.held-example.com active critical lookup");
}

/// A list of classes that is missing or cannot be read is a mistake, and no report is made of it.
#[test]
fn a_list_of_classes_that_cannot_be_read() {
    let nights = nights();
    nights.write("classes.csv", "held-example.com is disposable\n");
    nights.run("2026-06-01T12:00:00Z").expect(2).says(&["error: ", "classes.csv", "hint: "]);
    fs::remove_file(nights.path("classes.csv")).expect("a file");
    nights.run("2026-06-01T12:00:00Z").expect(2).says(&["error: ", "classes.csv"]);
    assert!(!nights.path("state/latest").exists());
}
