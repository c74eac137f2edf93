//! Every known list, with its odd cases.

use std::fs;
use std::io::Write;

use zip::write::{SimpleFileOptions, ZipWriter};

use super::{import, imported, table, takes, tells};
use crate::support::{Bench, gzip, run};

const SAYS: [&str; 2] = ["domain", "registry_list_says"];
const RELEASE: [&str; 3] = ["domain", "registry_list_says", "release_at"];

#[test]
fn names_that_will_be_released() {
    let json = br#"{"data":[{"name":"xn--fgel-exempel-tcb.se","release_at":"2026-12-24"},{"name":"0-exempel.se","release_at":"2026-11-25"}]}"#;
    let expected = [
        "0-exempel.se will_drop 2026-11-25 04:00:00.000000+00:00",
        "xn--fgel-exempel-tcb.se will_drop 2026-12-24 04:00:00.000000+00:00",
    ];
    takes("bardate_domains.json", json, &[], &RELEASE, &expected).expect(0);
    let text = b"xn--fgel-exempel-tcb.se\t2026-12-24\n0-exempel.se\t2026-11-25\n";
    takes("bardate_domains.txt", text, &[], &RELEASE, &expected).expect(0);
    // the header of the registry's page is the same as that of the file
    for header in ["roid,domain,drop_time", "ROID,Domain,Drop time"] {
        let text = format!("{header}\nUK-1-UK,Acorn-made-up.co.uk,2026-11-25T07:14:09Z\n");
        let expected = ["acorn-made-up.co.uk will_drop 2026-11-25 07:14:09.000000+00:00"];
        takes("uk.csv.gz", &gzip(text.as_bytes()), &[], &RELEASE, &expected).expect(0);
    }
    // before, on and after the second of the purge
    let text = "Date,Eligible purge time,Domain name\r\n25/11/2026,15:04:50,a-invented.net.au\r\n\
                25/11/2026,02:59:59,b-invented.com.au\r\n25/11/2026,03:00:00,c-invented.org.au\r\n";
    let expected = [
        "a-invented.net.au will_drop 2026-11-26 03:00:00.000000+00:00",
        "b-invented.com.au will_drop 2026-11-25 03:00:00.000000+00:00",
        "c-invented.org.au will_drop 2026-11-26 03:00:00.000000+00:00",
    ];
    takes("au-deleted.csv", text.as_bytes(), &[], &RELEASE, &expected).expect(0);
    // the hour in the name of the file is that of Rome, in winter and in summer
    let text = b"acero-inventato.it\n\nxn--citt-inventata-jgb.it";
    let expected = [
        "acero-inventato.it will_drop 2026-11-26 08:00:00.000000+00:00",
        "xn--citt-inventata-jgb.it will_drop 2026-11-26 08:00:00.000000+00:00",
    ];
    takes("2026112609.txt", text, &[], &RELEASE, &expected).expect(0);
    let expected = ["acero-inventato.it will_drop 2026-07-26 14:00:00.000000+00:00"];
    takes("2026072616.txt", b"acero-inventato.it\n", &[], &RELEASE, &expected).expect(0);
    let text = br#"{"releaseDate":"2026-11-26T02:00:00.000Z","numberOfDomainNames":1,"domainNames":["kea-madeup.nz"]}"#;
    let expected = ["kea-madeup.nz will_drop 2026-11-26 02:00:00.000000+00:00"];
    takes("nz-tbr-session.json", text, &[], &RELEASE, &expected).expect(0);
}

#[test]
fn names_that_are_gone() {
    let columns = ["domain", "registry_list_says", "registry_list_date"];
    let pl = |stamp: &str| format!("{stamp}\n\n055-wymyslone.pl\n1-zmyslona.edu.pl\n");
    for (stamp, date) in [
        ("2026-11-25 08:17:48 CET", "2026-11-25 07:17:48.000000+00:00"),
        ("2026-07-05 08:18:02 MEST", "2026-07-05 06:18:02.000000+00:00"),
    ] {
        let rows = ["055-wymyslone.pl", "1-zmyslona.edu.pl"].map(|name| format!("{name} dropped {date}"));
        let expected: Vec<&str> = rows.iter().map(String::as_str).collect();
        takes("deleted_domains.txt", pl(stamp).as_bytes(), &[], &columns, &expected).expect(0);
    }
    let mx = b"25/11/26 03:00:16 GMT-6\nDominio,Disponible\nagave-inventado.com.mx,True\nduna-inventada.mx,false\n";
    let expected = [
        "agave-inventado.com.mx dropped 2026-11-25 09:00:16.000000+00:00",
        "duna-inventada.mx withheld 2026-11-25 09:00:16.000000+00:00",
    ];
    takes("domain_deleted_list.csv", mx, &[], &columns, &expected).expect(0);
    let cl = "Nombre de dominio\ncaña-inventada.cl\n";
    let expected = ["xn--caa-inventada-jkb.cl dropped"];
    takes("cl-eliminados-1d.txt", cl.as_bytes(), &[], &SAYS, &expected).expect(0);
}

#[test]
fn names_that_somebody_can_apply_for() {
    let columns = ["domain", "release_at", "release_until", "release_by"];
    // ISO-8859-1
    let mut br = b"# Processo de libera\xe7\xe3o no per\xedodo de 2026-11-11T15:00:00-03:00 a 2026-11-18T15:00:00-03:00\n".to_vec();
    br.extend(
        b"# Arquivo gerado em 2026-11-09T10:00:08-03:00\nnuvem.da-silva.nom.br\nlona-inventada.manaus.br\n",
    );
    br.extend(b"# Fim do arquivo\n");
    let round = "2026-11-11 18:00:00.000000+00:00 2026-11-18 18:00:00.000000+00:00";
    let rows =
        [format!("lona-inventada.manaus.br {round} round"), format!("nuvem.da-silva.nom.br {round} round")];
    let expected: Vec<&str> = rows.iter().map(String::as_str).collect();
    takes("lista-processo-liberacao.txt", &br, &[], &columns, &expected).expect(0);
    let ee = r#"[{"domain_name":"õun-valjamoeldud.ee","starts_at":"2026-11-25T00:00:00.000Z","ends_at":"2026-11-26T13:05:00.000Z","auction_type":null,"id":"1"}]"#;
    let expected = [
        "xn--un-valjamoeldud-rsb.ee 2026-11-25 00:00:00.000000+00:00 2026-11-26 13:05:00.000000+00:00 auction",
    ];
    takes("ee-auctions.json", ee.as_bytes(), &[], &columns, &expected).expect(0);
}

#[test]
fn registers() {
    let columns = ["domain", "registry_list_says", "expires_at", "release_at", "delegated"];
    // upper case, CR, an empty day, an empty registrar
    let ru = "AKKORD-PRIMER1.RU\tRU-CENTER-RU\t04.03.2004\t05.03.2027\t05.04.2027\t1\r\n\
              LUG-PRIMER12.RU\t\t22.10.2011\t22.10.2026\t\t0\r\n";
    let expected = [
        "akkord-primer1.ru registered 2027-03-05 00:00:00.000000+00:00 2027-04-05 00:00:00.000000+00:00 true",
        "lug-primer12.ru registered 2026-10-22 00:00:00.000000+00:00 - false",
    ];
    takes("RU_Domains_ru-tld.ru.gz", &gzip(ru.as_bytes()), &["--date", "2026-11-25"], &columns, &expected)
        .expect(0);
    // two layouts, told apart by the header alone; ISO-8859-2
    let new = b"-- Zoznam dom\xe9n\n\ndomena;ID reg;ID drzitela;stav;ns1;ns2;ns3;ns4\n\
                agat-vymyslena.sk;R;KUP\xc8;OK;;;;\ndub-vymysleny.sk;R;H;HELD;;;;\njama-vymyslena.sk;R;H;ODD;;;;\n";
    let expected =
        ["agat-vymyslena.sk registered", "dub-vymysleny.sk on_hold", "jama-vymyslena.sk unknown_state"];
    takes("domains.txt", new, &[], &SAYS, &expected).expect(0);
    let old = b"domena;ID reg;ID drzitela;NEW/OLD;stav;ns1;ns2;ns3;ns4;ICO\nagat-vymyslena.sk;R;H;OLD;DOM_EXP;;;;;1\n";
    takes("domains.txt", old, &[], &SAYS, &["agat-vymyslena.sk expired"]).expect(0);
    let fi = br#"{"value":[{"Name":"suo-keksitty","State":"Registered","LastValidityDate":null},{"Name":"niemi-keksitty","State":"Validity Expired","LastValidityDate":"2026-11-20T00:00:00+02:00"}]}"#;
    let columns = ["domain", "registry_list_says", "expires_at"];
    let expected =
        ["niemi-keksitty.fi expired 2026-11-19 22:00:00.000000+00:00", "suo-keksitty.fi registered -"];
    takes("fi-page-2.json", fi, &[], &columns, &expected).expect(0);
    let gov = b"Domain name,Domain type,Organization name\ninvented.gov,County,\"County, Office\"\n";
    takes("dotgov-current-full.csv", gov, &[], &SAYS, &["invented.gov registered"]).expect(0);
}

/// A ZIP archive with one file.
fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default()).expect("memory takes everything");
    archive.write_all(bytes).expect("memory takes everything");
    archive.finish().expect("memory takes everything").into_inner()
}

#[test]
fn registrations_with_their_history() {
    let mut text = b"\"Nom de domaine\";\"Nom BE\";\"Domaine IDN\";\"Date de cr\xe9ation\";\"Date de retrait du WHOIS\"\n".to_vec();
    text.extend(b"brume-inventee.fr;\"BUREAU; FICTIF\";0;30-06-2023;27-08-2024\nbrume-inventee.fr;B\xdcRO;0;14-11-2024;\n");
    text.extend(
        b"\xe9cluse-invent\xe9e.fr;B;1;03-05-2012;\ngalet-invente.fr;B;0;;\nifs-inventes.asso.fr;B;0;1999;\n",
    );
    let name = "202610_OPENDATA_A-NomsDeDomaineEnPointFr.zip";
    let columns = ["domain", "registry_list_says", "registered_at", "ended_at"];
    let expected = [
        "brume-inventee.fr registered 2024-11-14 00:00:00.000000+00:00 -",
        "brume-inventee.fr ended 2023-06-30 00:00:00.000000+00:00 2024-08-27 00:00:00.000000+00:00",
        "galet-invente.fr registered - -",
        "ifs-inventes.asso.fr registered - -",
        "xn--cluse-invente-9gbm.fr registered 2012-05-03 00:00:00.000000+00:00 -",
    ];
    let said = takes(name, &zip("a.csv", &text), &[], &columns, &expected).expect(0);
    tells(
        &said,
        &["2026-10-31T23:59:59Z (file_name), whole", "0 rows and 1 date could not be read", "`1999`"],
    );
    let nz = br#"{"releaseDate":"2026-11-25T02:00:00.000Z","numberOfDomainNames":1,"domains":[{"domainName":"moa-madeup.nz","registrarName":"G","timestamp":"2026-11-25T02:00:52.015Z"}]}"#;
    let expected = ["moa-madeup.nz registered 2026-11-25 02:00:52.015000+00:00 -"];
    takes("nz-tbr-lastsessionresults.json", nz, &[], &columns, &expected).expect(0);
}

#[test]
fn a_list_that_a_user_describes() {
    let bench = Bench::new();
    let map = "name = 'xy'\nkind = 'will_drop'\ntlds = ['xy']\nformat = 'table'\ndelimiter = '|'\nheader = false\n\
               skip-lines = 1\nencoding = 'iso-8859-2'\nclosing = 'END'\nrelease-by = 'queue'\nfinal-days = 2\n\
               columns = { name = 2, release-at = [1, 3] }\ndates = { form = '%d/%m/%Y %H:%M', zone = '-03:00' }\n";
    bench.write("xy.toml", map.as_bytes());
    bench.write(
        "today.txt",
        b"anything\n25/11/2026|a-example.xy|15:30\n26/11/2026|\xe8-example.xy|16:00\nEND\n",
    );
    let map = bench.path("xy.toml");
    let options = ["--map", map.to_str().expect("a path")];
    tells(&run(&mut import(&bench, &["today.txt"], &options)).expect(0), &["its closing line is there"]);
    let expected = [
        "a-example.xy will_drop 2026-11-25 18:30:00.000000+00:00",
        "xn---example-jbb.xy will_drop 2026-11-26 19:00:00.000000+00:00",
    ];
    assert_eq!(imported(&table(&bench), &RELEASE), expected);
    bench.write("xy.toml", b"name = 'xy'\nkind = 'will_drop'\nformat = 'table'\n");
    tells(
        &run(&mut import(&bench, &["today.txt"], &options)).expect(2),
        &["xy.toml: `columns.name` is missing", "hint: `data/registry_lists`"],
    );
}

#[test]
fn which_list_a_file_is() {
    let bench = Bench::new();
    bench.write("today.csv", b"roid,domain,drop_time\nUK-1-UK,a-made-up.uk,2026-11-25T07:14:09Z\n");
    tells(
        &run(&mut import(&bench, &["today.csv"], &[])).expect(2),
        &["no list could be read", "today.csv: no known list"],
    );
    run(&mut import(&bench, &["today.csv"], &["--list", "uk"])).expect(0);
    tells(&run(&mut import(&bench, &["today.csv"], &["--list", "ukk"])).expect(2), &["did you mean `uk`?"]);
    // a directory: what is no list in it is passed over
    bench.write("lists/uk.csv", b"roid,domain,drop_time\nUK-1-UK,a-made-up.uk,2026-11-25T07:14:09Z\n");
    bench.write("lists/notes.txt", b"nothing\n");
    tells(&run(&mut import(&bench, &["lists"], &[])).expect(0), &["1 row from 1 list, about 1 domain"]);
    // an earlier import goes in again, and a list that is in it already is not counted twice
    let mut again = import(&bench, &["registry.parquet", "lists"], &[]);
    tells(&run(&mut again).expect(0), &["1 row from 2 lists, about 1 domain"]);
}

#[test]
fn the_table_does_not_depend_on_threads() {
    let text: String = (0..5000)
        .map(|number| format!("n{}-exempel.se\t2026-12-{:02}\n", number * 7919 % 5000, number % 28 + 1))
        .collect();
    let bench = Bench::new();
    bench.write("bardate_domains.txt", text.as_bytes());
    let tables = ["1", "4"].map(|threads| {
        let options = ["--date", "2026-11-25", "--threads", threads];
        run(&mut import(&bench, &["bardate_domains.txt"], &options)).expect(0);
        fs::read(table(&bench)).expect("a table")
    });
    assert!(tables[0] == tables[1], "other bytes");
}
