//! RDAP answers, ours and real ones, read by hand, by us, by `rdap import` and by other libraries.
//!
//! We accept what a library accepts, and find the same name and statuses in it. What a person reads in an answer is in
//! the columns of an imported table.

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;
use zonelapse::rdap::{Answer, AnswerError, Context, RdapOutcome, read_answer};
use zonelapse::time::{BareDate, Moment};

use crate::support::{corpus, fixture, read_parquet, rows, run, zonelapse};

const ICANN: &str = "icann_icann-rdap_icann-rdap-client_src_test_files_";
const TOOL: &str = "icann_rdap-conformance-tool_validator_src_test_resources_";
const JARTHOD: &str = "jarthod_rdap_spec_fixtures_RDAP__domain_";

/// The files of one folder of the corpus, sorted, each with its bytes; none if there is no corpus.
fn folder(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    corpus(&format!("rdap/{folder}")).map(|directory| answers_in(&directory)).unwrap_or_default()
}

/// The files of a folder of `tests/fixtures/rdap`.
fn ours(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    answers_in(&fixture("rdap").join(folder))
}

fn answers_in(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(directory).expect("a folder of answers");
    let mut paths: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("readable"))).collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn read(path: &Path, bytes: &[u8]) -> Result<Answer, AnswerError> {
    let name = file_name(path);
    read_answer(bytes, &Context { file_name_domain: Some(&name), file_time: Moment(0) })
}

/// Name, statuses, registrar, number; then registered, expires, changed, transferred, database updated.
fn describe(answer: &Answer) -> String {
    let events = &answer.events;
    let dates =
        [events.registered, events.expires, events.changed, events.transferred, events.updated_database];
    let date = |date: Option<Moment>| date.map_or("-".into(), |date| date.to_string());
    let statuses: Vec<&str> = answer.statuses.names().collect();
    let number = answer.registrar_iana_id.map_or("-".into(), |id| id.to_string());
    let registrar = answer.registrar.as_deref().unwrap_or("-");
    format!(
        "{} | {} | {registrar} | {number} | {}",
        answer.name,
        statuses.join(", "),
        dates.map(date).join(" ")
    )
}

/// The same of the only row of an import.
fn describe_row(table: &DataFrame) -> String {
    let value = |column: &str| rows(table, &[column]).join("; ");
    let micros = |column: &str| {
        let micros = table.column(column).and_then(|column| column.cast(&polars::prelude::DataType::Int64));
        let moment = micros.expect("a time").i64().expect("a number").get(0).map(Moment);
        moment.map_or("-".into(), |moment| moment.to_string())
    };
    let statuses = table.column("rdap_status").expect("statuses").list().expect("a list").get_as_series(0);
    let statuses = statuses.expect("found");
    let statuses: Vec<&str> = statuses.str().expect("texts").iter().flatten().collect();
    let dates = ["registered_at", "expires_at", "changed_at", "transferred_at", "database_updated_at"];
    format!(
        "{} | {} | {} | {} | {}",
        value("domain"),
        statuses.join(", "),
        value("registrar"),
        value("registrar_iana_id"),
        dates.map(micros).join(" ")
    )
}

const CLIENT_3: &str = "client delete prohibited, client transfer prohibited, client update prohibited";
const SERVER_3: &str = "server delete prohibited, server transfer prohibited, server update prohibited";

#[test]
fn every_answer_of_ours_says_what_a_person_reads_in_it() {
    is_read_as(
        &ours("found"),
        &[
            ("cctld", "cedar-example.cz | server transfer prohibited | REG-EXAMPLE | - | 2001-10-30T00:00:00Z 2027-03-15T13:00:00Z - 2017-02-28T13:55:00Z -"),
            ("pending_delete", "birch-example.net | redemption period, pending delete | Plover Example Domains Ltd | 9996 | 2009-01-02T03:04:05Z 2026-01-02T03:04:05Z 2026-03-20T00:00:00.125Z - -"),
            ("registry", "alder-example.com | client delete prohibited, client transfer prohibited | Gosling Example Registrar, Inc. | 9995 | 2012-03-04T05:06:07Z 2027-03-04T05:06:07Z 2026-02-03T04:05:06Z - 2026-05-31T06:00:00Z"),
            ("unicode", "xn--bcher-example-wob.com | active | - | - | 2019-05-06T07:08:09Z 2027-05-06T07:08:09Z - - -"),
        ]
        .map(|(name, said)| (name.to_owned(), said.to_owned())),
    );
}

#[test]
fn every_real_answer_says_what_a_person_reads_in_it() {
    let google = |updated: &str| {
        let dates = format!("1997-09-15T04:00:00Z 2028-09-14T04:00:00Z - - {updated}");
        format!("google.com | {CLIENT_3}, {SERVER_3} | MarkMonitor Inc. | 292 | {dates}")
    };
    #[rustfmt::skip]
    let expected: Vec<(String, String)> = vec![
        ("JakubOnderka_rdap_client_rdap_client_test_data_domain_domain_fred".into(), "nic.cz | server transfer prohibited | REG-CZNIC | - | 1997-10-30T00:00:00Z 2027-03-15T13:00:00Z 2016-11-22T14:07:40Z 2007-02-28T13:55:00Z -".into()),
        ("JakubOnderka_rdap_client_rdap_client_test_data_domain_domain_ripe_reverse".into(), "6.0.193.in-addr.arpa |  | - | - | - - 2019-11-14T21:18:55Z - -".into()),
        (format!("{ICANN}home.moscow"), "home.moscow | client transfer prohibited | Limited Liability Company \"Registrar of domain names REG.RU\" | 1606 | 2021-10-19T19:28:12Z 2024-10-19T19:28:12Z 2023-11-20T18:36:22Z - 2024-06-18T19:01:39Z".into()),
        (format!("{ICANN}lemonde.fr"), "lemonde.fr | server delete prohibited, server transfer prohibited, server update prohibited, server recover prohibited | NAMESHIELD | 1251 | 2005-08-02T14:16:36Z 2025-06-09T22:08:09Z 2024-06-12T22:09:39.881923Z 2022-06-09T22:08:09Z -".into()),
        (format!("{ICANN}microsoft.click"), format!("microsoft.click | {CLIENT_3} | MarkMonitor Inc. | - | 2014-11-12T19:15:55.283Z 2024-11-12T19:15:55.283Z 2023-10-17T10:47:21.733Z - 2024-06-18T14:25:27.257Z")),
        ("icann_icann-rdap_icann-rdap-common_src_response_test_files_domain_afnic_fr".into(), "afnic.fr | active | Registry Operations | 9999 | 2001-12-10T23:00:00Z 2029-07-18T08:26:59Z 2022-09-28T11:21:02Z 2017-07-18T08:26:59Z -".into()),
        (format!("{TOOL}dataset_ipv6-test-data"), "nic.jprs |  | - | - | - - - - -".into()),
        (format!("{TOOL}validators_domain_private_ipv4_nameserver_bug"), "hhgames.com | client delete prohibited, client transfer prohibited | - | - | 2011-01-01T01:01:01Z 2024-01-01T01:01:01Z 2023-01-01T01:01:01Z - 2023-12-05T21:08:28Z".into()),
        (format!("{TOOL}validators_profile_rdap_response_domain_entities_hhgames_com_response"), format!("hhgames.com | {CLIENT_3} | Sea Wasp, LLC | 411 | 2002-07-04T19:15:32Z 2026-07-04T19:21:02Z 2025-04-16T04:27:20Z - 2025-08-05T15:37:05Z")),
        (format!("{TOOL}validators_profile_rdap_response_domain_entities_nomeo_multi_entity_response"), "nomeo.com | active | Nomeo BV | 4148 | 2003-10-10T01:55:12Z 2026-10-10T01:55:12Z 2025-12-18T16:30:08.57Z - 2026-07-15T17:35:27.129Z".into()),
        (format!("{JARTHOD}query_the_correct_bootstrap_URL_and_follow_redirections.yml_1_http200"), google("2021-12-17T11:35:32Z")),
        (format!("{JARTHOD}supports_giving_the_RDAP_server_directly.yml_0_http200"), google("2021-12-17T11:35:32Z")),
        (format!("{JARTHOD}supports_overriding_the_bootstrap_URL.yml_1_http200"), google("2021-12-17T11:35:32Z")),
        (format!("{JARTHOD}supports_rdap_nic_fr_which_does_not_accept_rdap_json_mimetype_as_of_2022-12-29_.yml_1_http200"), "airport.fr | inactive | PG | 84259 | 2016-01-27T00:33:10Z 2023-01-27T00:33:10Z 2022-01-27T00:35:28Z - -".into()),
        ("kozhan-aff_combine_machine_rdap_pending_delete".into(), "pharmaindustrie.com | pending delete, client hold | - | - | 1998-07-29T04:00:00Z 2026-07-28T04:00:00Z 2026-09-27T09:15:09Z - -".into()),
        ("meeb_whoisit_tests_data_rdap_response_domain1".into(), google("2021-06-09T09:34:01Z")),
        ("meeb_whoisit_tests_data_rdap_response_domain2".into(), "norway.no |  | Domeneshop AS | - | 2017-01-24T12:09:23Z - 2021-01-14T05:16:59Z - -".into()),
        ("meeb_whoisit_tests_data_rdap_response_domain3".into(), "themarquetry.com | client transfer prohibited | Hosting Concepts B.V. d/b/a Registrar.eu | 1647 | 2021-03-16T17:07:37Z 2022-03-16T17:07:37Z - - 2022-01-20T12:00:51Z".into()),
        ("phishingalert_cvut.cz_abridged".into(), "cvut.cz | active | REG-GRANSY | - | 1996-03-10T00:00:00Z 2024-10-09T22:00:00Z 2023-11-24T15:38:48Z 2020-03-24T10:46:05Z -".into()),
        ("pogzyb_whodap_tests_samples_abc.xyz".into(), format!("abc.xyz | {CLIENT_3} | MarkMonitor Inc. | 292 | 2014-03-20T12:59:17Z 2025-03-20T07:00:00Z 2019-11-07T17:16:24Z - 2021-05-07T02:50:55Z")),
        ("pogzyb_whodap_tests_samples_amazon.cyou".into(), "amazon.cyou | client delete prohibited, client update prohibited | NOM-IQ Ltd dba Com Laude | 470 | 2020-05-14T00:00:00Z 2021-05-14T00:00:00Z 2021-03-29T22:55:53Z - 2021-04-15T02:43:07.803Z".into()),
        ("pogzyb_whodap_tests_samples_amazon.ooo".into(), format!("amazon.ooo | {CLIENT_3} | NOM-IQ Ltd dba Com Laude | 470 | 2014-10-23T00:00:00Z 2021-10-23T00:00:00Z 2021-03-29T22:55:53Z - 2021-05-04T00:44:13.547Z")),
        ("pogzyb_whodap_tests_samples_bitcoin.org".into(), "bitcoin.org | client transfer prohibited | NAMECHEAP INC | - | 2008-08-18T13:19:55Z 2029-08-18T13:19:55Z 2019-11-24T13:58:35Z - 2021-05-07T02:36:33Z".into()),
        ("pogzyb_whodap_tests_samples_bitcoin.top".into(), "bitcoin.top | active | 成都西维数码科技有限公司 | 1556 | 2014-11-17T16:00:29Z 2021-11-17T16:00:29Z 2020-09-14T20:40:57Z - 2021-04-17T00:02:06Z".into()),
        ("pogzyb_whodap_tests_samples_deep.surf".into(), "deep.surf | client transfer prohibited | NAMECHEAP INC | - | 2020-07-01T14:05:58Z 2021-07-01T14:05:58Z - - 2021-04-17T00:18:31Z".into()),
        ("pogzyb_whodap_tests_samples_google.com".into(), format!("google.com | {CLIENT_3}, {SERVER_3} | MarkMonitor Inc. | 292 | 1997-09-15T07:00:00Z 2028-09-13T07:00:00Z 2019-09-09T15:39:04Z - 2021-04-14T02:30:22Z")),
        ("pogzyb_whodap_tests_samples_google.pw".into(), format!("google.pw | {CLIENT_3} | MarkMonitor Inc. | 292 | 2012-10-12T10:19:46Z 2022-02-10T08:00:00Z 2021-01-09T10:35:54Z - 2021-04-17T01:17:07Z")),
        ("pogzyb_whodap_tests_samples_you.tube".into(), format!("you.tube | {CLIENT_3} | MarkMonitor, Inc. | 292 | 2016-04-17T11:31:13Z 2022-04-16T23:59:59Z 2021-03-20T09:34:32Z - 2021-04-16T02:44:25Z")),
        ("pypi_rdap-1.7.0_20c.com.input".into(), "20c.com |  | CSL Computer Service Langenbach GmbH d/b/a joker.com | - | 2004-06-28T18:28:14Z 2025-06-28T18:28:14Z 2024-06-25T03:31:37Z - 2024-07-24T18:48:30Z".into()),
    ];
    let files = folder("real");
    if !files.is_empty() {
        is_read_as(&files, &expected);
    }
}

/// Expects of each file, by its name without the ending, what [`describe`] says.
#[track_caller]
fn is_read_as(files: &[(PathBuf, Vec<u8>)], expected: &[(String, String)]) {
    assert_eq!(files.len(), expected.len());
    let directory = tempfile::tempdir().expect("a temporary directory");
    let table = directory.path().join("answers.parquet");
    for (path, bytes) in files {
        let file = file_name(path);
        let answer = read(path, bytes).expect(&file);
        assert_eq!(
            (answer.outcome, answer.dated, &answer.source),
            (RdapOutcome::Found, false, &None),
            "{file}"
        );
        let row = expected.iter().find(|(name, _)| file.strip_suffix(".json") == Some(name));
        let expected = row.map(|(_, said)| said.as_str());
        assert_eq!(Some(describe(&answer).as_str()), expected, "{file}");
        run(zonelapse().args(["rdap", "import"]).arg(path).arg("-o").arg(&table)).expect(0);
        assert_eq!(Some(describe_row(&read_parquet(&table)).as_str()), expected, "{file} imported");
    }
}

#[test]
fn no_synthetic_domain_object_is_lost() {
    for (path, bytes) in folder("synthetic") {
        let file = file_name(&path);
        match read(&path, &bytes) {
            Ok(answer) => assert_eq!(answer.outcome, RdapOutcome::Found, "{file}"),
            // search results, and cut-outs of a domain object without its name
            Err(AnswerError::NotDomainObject(_)) => {
                assert!(file.contains("domain_search") || file.contains("domains_"), "{file}")
            }
            Err(error) => {
                assert_eq!(error, AnswerError::NoName, "{file}");
                assert!(file.contains("valid_cc") || file.contains("handle_icann_org"), "{file}");
            }
        }
    }
}

#[test]
fn error_bodies_need_a_file_that_names_the_domain() {
    for (path, bytes) in folder("errors").into_iter().chain(ours("errors")) {
        assert_eq!(read(&path, &bytes), Err(AnswerError::NoName), "{}", path.display());
        let outcome = read(Path::new("a.example.json"), &bytes).expect("an error body").outcome;
        let is_404 = path.to_string_lossy().contains("404");
        let expected = if is_404 { RdapOutcome::NotFound } else { RdapOutcome::Error };
        assert_eq!(outcome, expected, "{}", path.display());
    }
}

/// Every event of an answer as another library has it, and the statuses, in its own words.
#[test]
fn what_icann_rdap_common_takes_we_take_alike() {
    use icann_rdap_common::response::Domain;
    let mut compared = 0;
    for (path, bytes) in folder("real").into_iter().chain(folder("synthetic")).chain(ours("found")) {
        let Ok(theirs) = serde_json::from_slice::<Domain>(&bytes) else { continue };
        let Some(name) = &theirs.ldh_name else { continue };
        let ours = read(&path, &bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        assert_eq!((ours.outcome, &*ours.name), (RdapOutcome::Found, name.as_str()), "{}", path.display());
        let statuses = theirs.object_common.status.iter().flat_map(|statuses| statuses.vec());
        let statuses: zonelapse::rdap::StatusSet = statuses.collect();
        assert_eq!(ours.statuses, statuses, "{}", path.display());
        let events = theirs.object_common.events.iter().flatten();
        let events = events.map(|event| {
            let date = event.event_date.as_deref();
            (event.event_action.clone(), date.and_then(|date| Moment::parse(date, BareDate::Start)))
        });
        same_events(&ours, events, &path);
        compared += 1;
    }
    assert!(compared == 4 || compared > 40, "{compared} compared");
}

/// What the crate that `rdap fetch` stands on takes, the importer takes, too.
#[cfg(feature = "fetch")]
#[test]
fn what_rdap_client_takes_we_take_alike() {
    let mut compared = 0;
    for (path, bytes) in folder("real").into_iter().chain(folder("synthetic")).chain(ours("found")) {
        let Ok(theirs) = serde_json::from_slice::<rdap_client::parser::Domain>(&bytes) else { continue };
        if !theirs.object_class_name.eq_ignore_ascii_case("domain") {
            continue;
        }
        let ours = match read(&path, &bytes) {
            // it has no field for the name, and so does not miss it
            Err(AnswerError::NoName) => continue,
            ours => ours.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        };
        let statuses: zonelapse::rdap::StatusSet = theirs.status.iter().flatten().collect();
        assert_eq!((ours.outcome, &ours.statuses), (RdapOutcome::Found, &statuses), "{}", path.display());
        let events = theirs.events.into_iter().map(|event| {
            let action = serde_json::to_value(event.event_action).expect("a word");
            (action.as_str().map(str::to_owned), Some(Moment(event.event_date.timestamp_micros())))
        });
        same_events(&ours, events, &path);
        compared += 1;
    }
    assert!(compared >= 1, "{compared} compared");
}

/// Of expirations the earliest, of other events the latest: worked out here once more.
fn same_events(ours: &Answer, theirs: impl Iterator<Item = (Option<String>, Option<Moment>)>, path: &Path) {
    let (mut registered, mut expires) = (None, None);
    for (action, date) in theirs {
        let Some(date) = date else { continue };
        match action.as_deref() {
            Some("registration") => registered = registered.max(Some(date)),
            Some("expiration") => expires = Some(expires.map_or(date, |known: Moment| known.min(date))),
            _ => {}
        }
    }
    assert_eq!((ours.events.registered, ours.events.expires), (registered, expires), "{}", path.display());
}
