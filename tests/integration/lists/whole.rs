//! Lists that are not whole, and files that are no lists: told, and only what is in them is used.

use super::{import, imported, table, tells};
use crate::support::{Bench, gzip, run};

const NAMES: [&str; 1] = ["domain"];

/// Imports a file; expects these names, and this about the list in the summary or on standard error.
#[track_caller]
fn is_told(name: &str, bytes: &[u8], status: i32, names: &[&str], says: &[&str]) {
    let bench = Bench::new();
    bench.write(name, bytes);
    tells(&run(&mut import(&bench, &[name], &["--date", "2026-11-25"])).expect(status), says);
    if status < 2 {
        assert_eq!(imported(&table(&bench), &NAMES), names, "{name}");
    }
}

#[test]
fn lists_that_are_cut() {
    let ru = "A-PRIMER.RU\tX\t04.03.2004\t05.03.2027\t05.04.2027\t1\nB-PRIMER.RU\tX\t04.03.2004\t05.03.2027\t05.04.2027\t1\n";
    let packed = gzip(ru.repeat(2000).as_bytes());
    let cut = ["it cannot be read to its end", "it proves only what is in it"];
    is_told("RU_Domains_ru-tld.ru.gz", &packed[..packed.len() - 9], 1, &["a-primer.ru", "b-primer.ru"], &cut);
    // a wrong checksum: nothing of it is used
    let mut damaged = packed.clone();
    let at = damaged.len() - 6;
    damaged[at] ^= 1;
    is_told("RU_Domains_ru-tld.ru.gz", &damaged, 2, &[], &["it is damaged"]);
    // a row with too few fields is kept as a name, and no more
    let short = "A-PRIMER.RU\tX\t04.03.2004\t05.03.2027\t05.04.2027\t1\nB-PRIMER.RU\tX\t04.03.2004\n";
    let says = ["50.0 % of its rows could not be read".replace("50.0", "33.3")];
    let says = [says[0].as_str(), "RU.gz:2: another number of fields"]
        .map(|text| text.replace("RU.gz", "ru-tld.ru.gz"));
    let says = [says[0].as_str(), says[1].as_str()];
    is_told("RU_Domains_ru-tld.ru.gz", &gzip(short.as_bytes()), 1, &["a-primer.ru", "b-primer.ru"], &says);
    let text = b"a-exempel.se\t2026-11-26\nb-exempel.se\t2026-11-2";
    let says =
        ["bardate_domains.txt:2: the last line has no line end", "2026-11-25T00:00:00Z (given), incomplete"];
    is_told("bardate_domains.txt", text, 1, &["a-exempel.se"], &says);
    let json = br#"{"data":[{"name":"a-exempel.se","release_at":"2026-11-26"},{"name":"b-exempel.se","rel"#;
    is_told("bardate_domains.json", json, 1, &["a-exempel.se"], &["it cannot be read to its end: EOF"]);
    let json = br#"{"releaseDate":"2026-11-26T02:00:00.000Z","numberOfDomainNames":4,"domainNames":["kea-madeup.nz"]}"#;
    is_told("nz-tbr-session.json", json, 1, &["kea-madeup.nz"], &["it promises 4 names, and 1 are there"]);
    let br = b"# Processo de x de 2026-11-11T15:00:00-03:00 a 2026-11-18T15:00:00-03:00\n# Arquivo gerado em 2026-11-09T10:00:08-03:00\na-inventado.br\n";
    is_told(
        "lista-processo-liberacao.txt",
        br,
        1,
        &["a-inventado.br"],
        &["closing line `# Fim do arquivo` is missing"],
    );
}

#[test]
fn files_that_are_no_lists() {
    let html = b"<!DOCTYPE html>\n<html></html>\n";
    for name in ["lista-competicao.txt", "bardate_domains.json", "uk.csv", "2026112609.txt", "domains.txt"] {
        is_told(name, html, 2, &[], &["it is a web page, not a list"]);
    }
    let error = b"Resource load error.";
    is_told("deleted_domains.txt", error, 2, &[], &["not a list `pl`", "`Resource load error.`"]);
    is_told("uk.csv", error, 2, &[], &["expected a header with `domain`, `drop_time`"]);
    is_told(
        "2026112609.txt",
        error,
        2,
        &[],
        &["no name in it could be read, first", "expected a name below it"],
    );
    is_told("ee-auctions.json", br#"{"error":"x"}"#, 2, &[], &["it is not a list `ee`"]);
    is_told("nz-tbr-session.json", br#"{"error":"x"}"#, 2, &[], &["expected an array at `domainNames`"]);
    is_told("uk.csv", b"", 2, &[], &["expected a header", "found its end"]);
    is_told(
        "202610_opendata_a.zip",
        b"PK\x03\x04 and no more",
        2,
        &[],
        &["a ZIP archive that cannot be read"],
    );
    // beside a list that is one, it is named and passed over
    let bench = Bench::new();
    bench.write("uk.csv", html);
    bench.write("2026112609.txt", b"a-inventato.it\n");
    let said = run(&mut import(&bench, &["uk.csv", "2026112609.txt"], &[])).expect(1);
    tells(&said, &["uk.csv: it is a web page, not a list; nothing of it is used"]);
    assert_eq!(imported(&table(&bench), &NAMES), ["a-inventato.it"]);
}

#[test]
fn a_hash_beside_the_list() {
    let bench = Bench::new();
    let text = gzip(b"roid,domain,drop_time\nUK-1-UK,a-made-up.uk,2026-11-25T07:14:09Z\n");
    bench.write("uk.csv.gz", &text);
    let hash = sha2_of(&text);
    bench.write("uk.csv.gz.sha256", format!("{hash}  uk.csv.gz\n").as_bytes());
    tells(&run(&mut import(&bench, &["uk.csv.gz"], &[])).expect(0), &["its SHA-256 is the one beside it"]);
    bench.write("uk.csv.gz.sha256", b"00  uk.csv.gz\n");
    tells(&run(&mut import(&bench, &["uk.csv.gz"], &[])).expect(1), &["its SHA-256 is not the one"]);
}

fn sha2_of(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_list_is_compared_with_the_one_before() {
    let bench = Bench::new();
    let sk = |day: u32, names: usize| {
        let rows: String = (0..names).map(|number| format!("n{number}-vymyslena.sk;R;H;OK;;;;\n")).collect();
        format!("-- Vygenerovane {day}.11.2026 03:00\ndomena;ID reg;ID drzitela;stav;ns1;ns2;ns3;ns4\n{rows}")
    };
    bench.write("domains-24.txt", sk(24, 1000).as_bytes());
    bench.write("domains-25.txt", sk(25, 995).as_bytes());
    let wholeness = ["list_path", "list_wholeness"];
    let told = |files: &[&str]| {
        let bench_path = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut rows = imported(&table(&bench), &wholeness);
        rows.sort();
        rows.dedup();
        assert_eq!(rows.len(), files.len());
        rows.iter().map(|row| bench_path(row)).collect::<Vec<_>>()
    };
    run(&mut import(&bench, &["domains-24.txt", "domains-25.txt"], &[])).expect(0);
    assert_eq!(told(&["a", "b"]), ["domains-24.txt unproved", "domains-25.txt whole"]);
    bench.write("domains-25.txt", sk(25, 980).as_bytes());
    tells(
        &run(&mut import(&bench, &["domains-24.txt", "domains-25.txt"], &[])).expect(1),
        &["it has 980 names, 2.0 % fewer than the list before (limit 1 %)"],
    );
}
