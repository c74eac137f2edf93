//! Lists of registries beside what was seen since: zones, answers, and days that have passed.

use super::verdicts::{AS_OF, RU, UK, audited, judges_with};
use super::{import, table};
use crate::support::{Bench, gzip, rows, run, zonelapse};

#[test]
fn signs_of_life() {
    let zone = |serial: u32| crate::support::zone("uk", serial, &["near-made-up"]);
    let list = "pending_delete critical pending_delete.list";
    judges_with(&[UK], &[("uk.zone", &zone(2026112500))], "near-made-up.uk", list);
    // newer by more than a day, with a list that is older
    let early = ("bardate_domains.json", r#"{"data":[{"name":"a-exempel.se","release_at":"2026-12-03"}]}"#);
    let (found, said) = audited(&[early], &[], "a-exempel.se");
    assert!(found.starts_with("redemption high redemption.list"), "{found} {}", said.stderr);
    let answer = |day: &str, status: &str, expires: &str| {
        format!(
            r#"{{"domain":"near-made-up.uk","fetched_at":"{day}T10:00:00Z","source":"https://rdap.nominet.uk/uk/","http_status":200,"body":{{"objectClassName":"domain","ldhName":"near-made-up.uk","status":["{status}"],"events":[{{"eventAction":"registration","eventDate":"2015-01-01T00:00:00Z"}},{{"eventAction":"expiration","eventDate":"{expires}T00:00:00Z"}}]}}}}"#
        )
    };
    // paid after the list was made; unpaid after it; paid before it
    let paid = answer("2026-11-25", "active", "2027-08-27");
    judges_with(&[UK], &[("a.ndjson", &paid)], "near-made-up.uk", "active none active.found");
    let unpaid = answer("2026-11-25", "pending delete", "2026-08-27");
    judges_with(&[UK], &[("a.ndjson", &unpaid)], "near-made-up.uk", list);
    let before = answer("2026-11-24", "active", "2027-08-27");
    judges_with(&[UK], &[("a.ndjson", &before)], "near-made-up.uk", list);
}

/// A list of names that are gone, against answers and zones that are newer or older.
#[test]
fn names_that_are_gone_and_seen() {
    let list = |day: u32| format!("2026-11-{day} 08:17:48 CET\n\na-wymyslone.pl\n");
    let gone = "available critical available.dropped 2026-11-24 list queue";
    let judged = |day: u32, more: &[(&str, &str)], expected: &str| {
        judges_with(&[("deleted_domains.txt", &list(day))], more, "a-wymyslone.pl", expected);
    };
    // a zone that is older, newer by hours, newer by more than a day
    let zone = crate::support::zone("pl", 2026112400, &["a-wymyslone"]);
    judged(24, &[("pl.zone", &zone)], gone);
    let zone = crate::support::zone("pl", 2026112500, &["a-wymyslone"]);
    judged(24, &[("pl.zone", &zone)], "available high available.list_but_present 2026-11-24 list queue");
    judged(23, &[("pl.zone", &zone)], "active none active.present");
    // a newer answer: not found, reserved, without a sign of a registration, with one
    let answer = |day: u32, status: u32, body: &str| {
        format!(
            r#"{{"domain":"a-wymyslone.pl","fetched_at":"2026-11-{day}T10:00:00Z","source":"https://rdap.dns.pl/","http_status":{status},"body":{body}}}"#
        )
    };
    let not_found = answer(25, 404, r#"{"errorCode":404}"#);
    judged(24, &[("a.ndjson", &not_found)], gone);
    let reserved = r#"{"errorCode":404,"description":["Reserved by the registry"]}"#;
    judged(24, &[("a.ndjson", &answer(25, 404, reserved))], gone);
    let found = |more: &str| format!(r#"{{"objectClassName":"domain","ldhName":"a-wymyslone.pl"{more}}}"#);
    judged(24, &[("a.ndjson", &answer(25, 200, &found("")))], gone);
    let registered =
        found(r#","events":[{"eventAction":"registration","eventDate":"2015-01-01T00:00:00Z"}]"#);
    judged(24, &[("a.ndjson", &answer(25, 200, &registered))], "active none active.found");
    judged(24, &[("a.ndjson", &answer(23, 200, &registered))], gone);
    judged(
        24,
        &[("a.ndjson", &answer(25, 200, &found(r#","status":["active"]"#)))],
        "active none active.found",
    );
}

/// A release that is past, told when the holder could still renew, and what was seen between the list and the release.
#[test]
fn renewed_before_a_release_that_is_past() {
    let uk = ("uk.csv.gz", "roid,domain,drop_time\nUK-1-UK,a-made-up.co.uk,2026-11-24T07:14:09Z\n");
    let answer = |day: &str, status: u32, body: &str| {
        format!(
            r#"{{"domain":"a-made-up.co.uk","fetched_at":"2026-11-{day}T10:00:00Z","source":"https://rdap.nominet.uk/uk/","http_status":{status},"body":{body}}}"#
        )
    };
    let found = |status: &str, expires: &str| {
        format!(
            r#"{{"objectClassName":"domain","ldhName":"a-made-up.co.uk","status":["{status}"],"events":[{{"eventAction":"registration","eventDate":"2015-01-01T00:00:00Z"}},{{"eventAction":"expiration","eventDate":"{expires}T00:00:00Z"}}]}}"#
        )
    };
    let with_zone = |list_day: &str, more: &str, zone: &str, expected: &str| {
        let bench = Bench::new();
        bench.write("accounts.csv", b"id,email,verified_at\n1,a@a-made-up.co.uk,2023-08-01\n");
        bench.write(uk.0, &gzip(uk.1.as_bytes()));
        run(&mut import(&bench, &[uk.0], &["--date", list_day])).expect(0);
        let answers = bench.write("a.ndjson", more.as_bytes());
        let mut command = zonelapse();
        command.arg("audit").arg(bench.path("accounts.csv")).args(["--as-of", AS_OF]);
        command.arg("--registry").arg(table(&bench)).arg("--rdap").arg(answers);
        if !zone.is_empty() {
            command.arg("--zones").arg(bench.write("co.uk.zone", zone.as_bytes()));
        }
        run(command.arg("-o").arg(bench.path("report")));
        let report = bench.report();
        let reasons = report.accounts.column("reasons").expect("reasons").list().expect("a list").clone();
        let is_told = format!("{:?}", reasons.get_as_series(0)).contains("evidence.conflict");
        let found = format!(
            "{}{}",
            rows(&report.accounts, &["state", "action", "rule"])[0],
            if is_told { ", in conflict" } else { "" }
        );
        assert_eq!(found, expected, "{list_day} {more}");
    };
    let judged = |list_day: &str, more: &str, expected: &str| with_zone(list_day, more, "", expected);
    let renewed = answer("20", 200, &found("active", "2027-08-27"));
    let unpaid = answer("20", 200, &found("pending delete", "2026-08-27"));
    judged("2026-11-10", &renewed, "active none active.found");
    judged("2026-11-10", &unpaid, "available unverify available.dropped");
    // made when nobody could renew any more: only what was seen after the release counts, and the registration ended
    judged("2026-11-19", &renewed, "available unverify available.dropped");
    let again = answer("25", 200, &found("active", "2027-11-24"));
    judged("2026-11-19", &again, "reregistered unverify reregistered.list");
    // the day of the answer has passed since, so it was not paid when it was asked for; a newer zone outweighs the list
    let passed = answer("11", 200, &found("active", "2026-11-14"));
    judged("2026-11-10", &passed, "available unverify available.dropped");
    let zone = crate::support::zone("co.uk", 2026112500, &["a-made-up"]);
    with_zone("2026-11-10", &passed, &zone, "grace notify grace.expired, in conflict");
    // it was reserved when nobody had it, before the list
    let reserved = answer("05", 404, r#"{"errorCode":404,"description":["Reserved by the registry"]}"#);
    judged("2026-11-10", &reserved, "available unverify available.dropped");
}

/// An answer of this server on a day of November, with these statuses and events.
fn found(domain: &str, server: &str, day: &str, status: &str, events: &[(&str, &str)]) -> String {
    let events: Vec<String> = events
        .iter()
        .map(|(action, day)| format!(r#"{{"eventAction":"{action}","eventDate":"{day}T00:00:00Z"}}"#))
        .collect();
    format!(
        r#"{{"domain":"{domain}","fetched_at":"2026-11-{day}T10:00:00Z","source":"https://{server}/","http_status":200,"body":{{"objectClassName":"domain","ldhName":"{domain}","status":["{status}"],"events":[{}]}}}}"#,
        events.join(",")
    )
}

/// A list of names without a holder, whose release begins later, and a newer answer that shows a registration.
#[test]
fn registered_since_a_list_of_names_in_release() {
    let br = (
        "lista-processo-liberacao.txt",
        "# Processo de x de 2026-11-27T15:00:00-03:00 a 2026-12-04T15:00:00-03:00\n# Arquivo gerado em 2026-11-23T10:00:08-03:00\na-inventado.com.br\n# Fim do arquivo\n",
    );
    let judged = |day: &str, status: &str, expected: &str| {
        let answer = found(
            "a-inventado.com.br",
            "rdap.registro.br",
            day,
            status,
            &[("registration", "2015-01-01"), ("expiration", "2027-02-01")],
        );
        judges_with(&[br], &[("a.ndjson", &answer)], "a-inventado.com.br", expected);
    };
    judged("23", "pending delete", "available critical available.in_release");
    judged("24", "pending delete", "pending_delete critical pending_delete.final");
    judged("24", "client hold", "hold medium hold.client_or_server");
}

/// An answer newer than a list of names to be released, by which the name was not renewed.
#[test]
fn unpaid_since_a_list_of_names_to_be_released() {
    let nz = (
        "nz-tbr-session.json",
        r#"{"releaseDate":"2026-11-26T02:00:00Z","numberOfDomainNames":1,"domainNames":["a-madeup.nz"]}"#,
    );
    let judged = |events: &[(&str, &str)], expected: &str| {
        let answer = found("a-madeup.nz", "rdap.irs.net.nz", "25", "active", events);
        judges_with(&[nz], &[("a.ndjson", &answer)], "a-madeup.nz", expected);
    };
    let list = "pending_delete critical pending_delete.list 2026-11-26";
    judged(&[("expiration", "2027-09-01")], "active none active.found");
    judged(&[("expiration", "2026-10-01")], list);
    judged(&[("expiration", "2027-09-01"), ("registrar expiration", "2026-10-01")], list);
}

/// The registry's own list decides between answers of servers that no table knows.
#[test]
fn a_register_beside_answers_that_contradict_each_other() {
    let held = found("paid-primer.ru", "rdap.one.example", "23", "client hold", &[]);
    let free = r#"{"domain":"paid-primer.ru","fetched_at":"2026-11-23T11:00:00Z","source":"https://rdap.two.example/","http_status":404,"body":{"errorCode":404}}"#;
    let active = found("paid-primer.ru", "rdap.two.example", "23", "active", &[]);
    for other in [free, &active] {
        let answers = format!("{held}\n{other}\n");
        judges_with(&[RU], &[("a.ndjson", &answers)], "paid-primer.ru", "active none active.found");
        judges_with(
            &[UK],
            &[("a.ndjson", &answers)],
            "paid-primer.ru",
            "unknown unknown unknown.sources_disagree",
        );
    }
}

/// Of the day on which a name was registered, an answer tells the time, and a list the day alone.
#[test]
fn verified_on_the_day_of_a_registration() {
    let list = "Nom de domaine;Date de création;Date de retrait du WHOIS\na-invente.fr;01-08-2023;\n";
    let answer = found("a-invente.fr", "rdap.nic.fr", "20", "active", &[("registration", "2023-08-01T09")]);
    let answer = answer.replace("T09T00:00:00Z", "T09:00:00Z").replace("2026-11-20", "2026-09-20");
    for (verified_at, expected) in
        [("2023-08-01T08:00:00Z", "reregistered"), ("2023-08-01T10:00:00Z", "active")]
    {
        let bench = Bench::new();
        let accounts = format!("id,email,verified_at\n1,a@a-invente.fr,{verified_at}\n");
        bench.write("202610_opendata_a.csv", list.as_bytes());
        run(&mut import(&bench, &["202610_opendata_a.csv"], &["--date", "2026-11-25"])).expect(0);
        let mut command = zonelapse();
        command.arg("audit").arg(bench.write("accounts.csv", accounts.as_bytes())).args(["--as-of", AS_OF]);
        command.arg("--registry").arg(table(&bench));
        command.arg("--rdap").arg(bench.write("a.ndjson", answer.as_bytes()));
        run(command.arg("-o").arg(bench.path("report")));
        assert_eq!(rows(&bench.report().accounts, &["state"]), [expected], "{verified_at}");
    }
}
