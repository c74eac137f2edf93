//! What lists of registries do to verdicts: days of release, names that are gone, registers, renewals, and time.

use super::{import, table, tells};
use crate::support::{Bench, Run, gzip, rows, run, zonelapse};

pub(super) const AS_OF: &str = "2026-11-25T12:00:00Z";

/// Lists of a run: names of files, and their texts.
pub(super) type Lists<'a> = &'a [(&'a str, &'a str)];

/// Audits an account at a domain, verified in 2023, by lists that were imported with a date, and gives the columns.
#[track_caller]
pub(super) fn audited(lists: Lists<'_>, more: &[(&str, &str)], domain: &str) -> (String, Run) {
    audited_of(lists, more, domain, "2023-08-01")
}

/// Of an account verified then.
#[track_caller]
fn audited_of(lists: Lists<'_>, more: &[(&str, &str)], domain: &str, verified: &str) -> (String, Run) {
    let bench = Bench::new();
    bench.write("accounts.csv", format!("id,email,verified_at\n1,a@{domain},{verified}\n").as_bytes());
    let names: Vec<&str> = lists.iter().map(|(name, _)| *name).collect();
    for (name, text) in lists {
        let packed = if name.ends_with(".gz") { gzip(text.as_bytes()) } else { text.as_bytes().to_vec() };
        bench.write(name, &packed);
    }
    run(&mut import(&bench, &names, &["--date", "2026-11-25"]));
    let mut command = zonelapse();
    command.arg("audit").arg(bench.path("accounts.csv")).args(["--as-of", AS_OF]);
    command.arg("--registry").arg(table(&bench)).arg("-o").arg(bench.path("report"));
    for (name, text) in more {
        let option = if name.ends_with(".zone") { "--zones" } else { "--rdap" };
        command.arg(option).arg(bench.write(name, text.as_bytes()));
    }
    let said = run(&mut command);
    let report = bench.report();
    let domain =
        rows(&report.domains, &["state", "risk", "rule", "earliest_drop_on", "drop_source", "release_by"]);
    let account = rows(&report.accounts, &["state", "action", "rule"]);
    (format!("{}; {}", domain[0], account[0]), said)
}

#[track_caller]
fn judges(lists: Lists<'_>, domain: &str, expected: &str) {
    judges_with(lists, &[], domain, expected);
}

#[track_caller]
pub(super) fn judges_with(lists: Lists<'_>, more: &[(&str, &str)], domain: &str, expected: &str) {
    let (found, said) = audited(lists, more, domain);
    assert!(found.starts_with(expected), "{domain}: expected {expected}, found {found}\n{}", said.stderr);
}

pub(super) const UK: (&str, &str) = (
    "uk.csv.gz",
    "roid,domain,drop_time\nUK-1-UK,past-made-up.co.uk,2026-11-25T07:14:09Z\nUK-2-UK,near-made-up.uk,2026-11-30T16:02:44Z\n\
     UK-3-UK,far-made-up.uk,2026-12-01T03:40:00Z\n",
);

#[test]
fn days_of_release() {
    judges(&[UK], "past-made-up.co.uk", "available critical available.dropped 2026-11-25 list open");
    judges(&[UK], "near-made-up.uk", "pending_delete critical pending_delete.list 2026-11-30 list open");
    judges(&[UK], "far-made-up.uk", "redemption high redemption.list 2026-12-01 list open");
    judges(&[UK], "other-made-up.uk", "unknown unknown unknown.no_evidence");
    let it = ("2026112616.txt", "a-inventato.it\n");
    judges(&[it], "a-inventato.it", "pending_delete critical pending_delete.list 2026-11-26 list open");
    let au = ("au-expired.csv", "Date,Eligible purge time,Domain name\n25/11/2026,13:45:10,a-invented.au\n");
    judges(&[au], "a-invented.au", "redemption high redemption.list 2026-11-26 list open");
    let nz = (
        "nz-tbr-session.json",
        r#"{"releaseDate":"2026-11-26T02:00:00Z","numberOfDomainNames":1,"domainNames":["a-madeup.nz"]}"#,
    );
    judges(&[nz], "a-madeup.nz", "pending_delete critical pending_delete.list 2026-11-26 list session");
}

#[test]
fn names_that_are_gone() {
    let pl = ("deleted_domains.txt", "2026-11-25 08:17:48 CET\n\na-wymyslone.pl\n");
    judges(&[pl], "a-wymyslone.pl", "available critical available.dropped 2026-11-25 list queue");
    let mx = (
        "domain_deleted_list.csv",
        "25/11/26 03:00:16 GMT-6\nDominio,Disponible\na-inventado.mx,true\nb-inventado.mx,false\n",
    );
    judges(&[mx], "a-inventado.mx", "available critical available.dropped 2026-11-25 list open");
    judges(&[mx], "b-inventado.mx", "not_registrable low not_registrable.reserved");
    let br = (
        "lista-processo-liberacao.txt",
        "# Processo de x de 2026-11-22T15:00:00-03:00 a 2026-11-29T15:00:00-03:00\n# Arquivo gerado em 2026-11-20T10:00:08-03:00\na-inventado.com.br\n# Fim do arquivo\n",
    );
    judges(&[br], "a-inventado.com.br", "available critical available.in_release 2026-11-22 list round");
    // an old list tells nothing of today, but it tells that a registration ended after the verification
    let old = ("deleted_domains.txt", "2024-03-01 08:17:48 CET\n\na-wymyslone.pl\n");
    judges(
        &[old],
        "a-wymyslone.pl",
        "unknown unknown unknown.no_evidence - - -; reregistered unverify reregistered.list",
    );
}

pub(super) const RU: (&str, &str) = (
    "RU_Domains_ru-tld.ru.gz",
    "PAID-PRIMER.RU\tX\t04.03.2004\t05.03.2027\t05.04.2027\t1\nDARK-PRIMER.RU\tX\t04.03.2004\t05.03.2027\t05.04.2027\t0\n\
     LATE-PRIMER.RU\tX\t11.11.2019\t11.11.2026\t12.12.2026\t1\nOUT-PRIMER.RU\tX\t11.11.2019\t11.11.2026\t12.12.2026\t0\n\
     NEW-PRIMER.RU\tX\t11.11.2024\t11.11.2027\t12.12.2027\t1\n",
);

#[test]
fn registers() {
    judges(&[RU], "paid-primer.ru", "active none active.found - - -; active none active.found");
    judges(&[RU], "dark-primer.ru", "undelegated medium undelegated.inactive");
    judges(&[RU], "late-primer.ru", "grace medium grace.expired 2026-12-12 list open");
    judges(&[RU], "out-primer.ru", "redemption high redemption.clock 2026-12-12 list open");
    judges(
        &[RU],
        "new-primer.ru",
        "active none active.found - - -; reregistered unverify reregistered.registration",
    );
    // not in it: as a not-found answer of the registry
    judges(&[RU], "missing-primer.ru", "available high available.not_found 2026-11-25 list open");
    judges(&[RU], "missing-primer.su", "unknown unknown unknown.no_evidence");
    let sk = (
        "domains.txt",
        "domena;ID reg;ID drzitela;stav;ns1;ns2;ns3;ns4\na-vymyslena.sk;R;H;OK;;;;\nb-vymyslena.sk;R;H;HELD;;;;\nc-vymyslena.sk;R;H;ODD;;;;\nd-vymyslena.sk;R;H;LNOT;;;;\ne-vymyslena.sk;R;H;DEL;;;;\n",
    );
    judges(&[sk], "a-vymyslena.sk", "active none active.found");
    judges(&[sk], "b-vymyslena.sk", "hold medium hold.client_or_server");
    judges(&[sk], "c-vymyslena.sk", "unknown unknown unknown.status");
    judges(&[sk], "d-vymyslena.sk", "expiring low expiring.lead_days");
    judges(&[sk], "e-vymyslena.sk", "redemption high redemption.words");
    let fi = (
        "fi-odata.json",
        r#"{"value":[{"Name":"a-keksitty","State":"Grace Period","LastValidityDate":"2026-11-15T12:00:00Z"},{"Name":"b-keksitty","State":"Validity Expired","LastValidityDate":"2026-11-15T12:00:00Z"},{"Name":"c-keksitty","State":"Registered"}]}"#,
    );
    // in its words, as in its RDAP answers, the grace period is the time to restore
    judges(&[fi], "a-keksitty.fi", "redemption high redemption.words");
    judges(&[fi], "b-keksitty.fi", "grace medium grace.expired");
    judges(&[fi], "c-keksitty.fi", "active none active.found");
    // private persons are not in it
    judges(&[fi], "missing-keksitty.fi", "unknown unknown unknown.no_evidence");
    // nothing proves that it is whole
    judges(&[sk], "missing-vymyslena.sk", "unknown unknown unknown.no_evidence");
}

#[test]
fn past_registrations() {
    let text = "Nom de domaine;Date de création;Date de retrait du WHOIS\na-invente.fr;30-06-2020;27-08-2024\na-invente.fr;14-11-2024;\nb-invente.fr;02-03-2015;01-04-2026\nc-invente.fr;02-03-2015;\nd-invente.fr;02-03-2015;soon\n";
    let fr = ("202610_opendata_a.csv", text);
    judges(
        &[fr],
        "a-invente.fr",
        "active none active.found - - -; reregistered unverify reregistered.registration",
    );
    judges(&[fr], "b-invente.fr", "unknown unknown");
    judges(&[fr], "c-invente.fr", "active none active.found - - -; active none");
    // whether it has ended cannot be read, so it is not green
    judges(&[fr], "d-invente.fr", "unknown unknown unknown.status");
    // the row of the registration that goes on has no day: that of an answer counts, not that of a past one
    let open = (
        "202610_opendata_a.csv",
        "Nom de domaine;Date de création;Date de retrait du WHOIS\na-invente.fr;30-06-2020;27-08-2022\na-invente.fr;;\n",
    );
    let answer = r#"{"domain":"a-invente.fr","fetched_at":"2026-09-25T10:00:00Z","source":"https://rdap.nic.fr/","http_status":200,"body":{"objectClassName":"domain","ldhName":"a-invente.fr","status":["active"],"events":[{"eventAction":"registration","eventDate":"2025-01-01T00:00:00Z"}]}}"#;
    judges_with(
        &[open],
        &[("a.ndjson", answer)],
        "a-invente.fr",
        "active none active.found - - -; reregistered unverify reregistered.registration",
    );
    // whole: packed
    let packed = ("202610_opendata_a.csv.gz", text);
    judges(&[packed], "b-invente.fr", "available high available.not_found 2026-10-31 list open");
    judges(&[packed], "missing-invente.fr", "available high available.not_found 2026-10-31 list open");
}

/// A whole register gives a registration by its day, of answers that are older than it. `answers`: when each was fetched,
/// and the registration it tells.
#[track_caller]
fn tells_the_time(answers: &[(&str, &str)], verified: &str, expected: &str) {
    let register =
        ("RU_Domains_ru-tld.ru.gz", "A-PRIMER.RU\tREGRU-RU\t20.07.2023\t20.07.2027\t20.08.2027\t1\n");
    let answer = |server: usize, (fetched, registered): &(&str, &str)| {
        format!(
            r#"{{"domain":"a-primer.ru","fetched_at":"{fetched}","source":"https://rdap{server}.example/","http_status":200,"body":{{"objectClassName":"domain","ldhName":"a-primer.ru","events":[{{"eventAction":"registration","eventDate":"{registered}"}}]}}}}"#
        )
    };
    let answers: Vec<String> = answers.iter().enumerate().map(|(server, one)| answer(server, one)).collect();
    let (found, said) =
        audited_of(&[register], &[("a.ndjson", &answers.join("\n"))], "a-primer.ru", verified);
    assert!(found.ends_with(expected), "{verified}: expected {expected}, found {found}\n{}", said.stderr);
}

#[test]
fn a_registration_told_by_its_day() {
    let (registered, active) =
        ("reregistered unverify reregistered.registration", "active none active.found");
    let (noon, older) = (("2026-10-01", "2023-07-20T12:00:00Z"), ("2026-11-05", "2023-06-17T12:00:00Z"));
    let morning = "2023-07-20T06:00:00Z";
    // by the day alone, it began with the day
    tells_the_time(&[], morning, active);
    tells_the_time(&[], "2023-07-19T23:00:00Z", registered);
    // any answer of that day tells the time, a later one of another day takes nothing away
    tells_the_time(&[noon], morning, registered);
    tells_the_time(&[noon, older], morning, registered);
    tells_the_time(&[noon, older], "2023-07-20T18:00:00Z", active);
    tells_the_time(&[older], morning, active);
}

#[test]
fn renewed_names_leave_the_list() {
    let se = |names: &[&str]| {
        let rows: Vec<String> = names
            .iter()
            .map(|name| format!(r#"{{"name":"{name}-exempel.se","release_at":"2026-12-20"}}"#))
            .collect();
        format!(r#"{{"data":[{}]}}"#, rows.join(","))
    };
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let bench = Bench::new();
    bench.write("bardate_domains-1.json", se(&names).as_bytes());
    bench.write("bardate_domains-2.json", se(&names[1..]).as_bytes());
    run(&mut import(&bench, &["bardate_domains-1.json"], &["--date", "2026-11-24"])).expect(0);
    run(&mut import(&bench, &["registry.parquet", "bardate_domains-2.json"], &["--date", "2026-11-25"]))
        .expect(0);
    let explain = |name: &str| {
        let mut command = zonelapse();
        command.args(["explain", name, "--as-of", AS_OF, "--registry"]).arg(table(&bench));
        run(&mut command).expect(0)
    };
    tells(
        &explain("a-exempel.se"),
        &["active, risk none", "left the list of names to be released", "[list.renewed]"],
    );
    tells(
        &explain("b-exempel.se"),
        &["redemption, risk high", "2026-12-20T04:00:00Z, by open", "[list.will_drop]"],
    );
    tells(&explain("z-exempel.se"), &["unknown, risk unknown"]);
}

#[test]
fn a_list_without_a_date_proves_no_absence() {
    let bench = Bench::new();
    bench.write("RU_Domains_ru-tld.ru.gz", &gzip(RU.1.as_bytes()));
    let lists = bench.path("RU_Domains_ru-tld.ru.gz");
    let mut command = zonelapse();
    command.args(["explain", "missing-primer.ru", "paid-primer.ru", "--registry"]).arg(lists);
    tells(&run(&mut command).expect(0), &["unknown, risk unknown", "it is registered"]);
}

#[test]
fn lists_in_the_report() {
    let (_, said) =
        audited(&[("RU_Domains_ru-tld.ru.gz", &format!("{}\nbroken\n", RU.1))], &[], "paid-primer.ru");
    tells(&said.expect(1), &["1 registry list could not be read as a whole"]);
}
