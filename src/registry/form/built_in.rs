//! The forms of known lists, and which of them a file is, by its name.

use std::sync::OnceLock;

use super::{ListForm, capture, parse};

/// The descriptions, one file for lists of one form.
const TEXTS: &[(&str, &str)] = &[
    ("au", include_str!("../../../data/registry_lists/au.toml")),
    ("br", include_str!("../../../data/registry_lists/br.toml")),
    ("cl", include_str!("../../../data/registry_lists/cl.toml")),
    ("cl-new", include_str!("../../../data/registry_lists/cl-new.toml")),
    ("ee", include_str!("../../../data/registry_lists/ee.toml")),
    ("fi", include_str!("../../../data/registry_lists/fi.toml")),
    ("fr", include_str!("../../../data/registry_lists/fr.toml")),
    ("gov", include_str!("../../../data/registry_lists/gov.toml")),
    ("it", include_str!("../../../data/registry_lists/it.toml")),
    ("mx", include_str!("../../../data/registry_lists/mx.toml")),
    ("nz", include_str!("../../../data/registry_lists/nz.toml")),
    ("nz-results", include_str!("../../../data/registry_lists/nz-results.toml")),
    ("pl", include_str!("../../../data/registry_lists/pl.toml")),
    ("ru", include_str!("../../../data/registry_lists/ru.toml")),
    ("se", include_str!("../../../data/registry_lists/se.toml")),
    ("se-txt", include_str!("../../../data/registry_lists/se-txt.toml")),
    ("sk", include_str!("../../../data/registry_lists/sk.toml")),
    ("uk", include_str!("../../../data/registry_lists/uk.toml")),
];

/// All known forms.
pub(crate) fn built_in_forms() -> &'static [ListForm] {
    static FORMS: OnceLock<Vec<ListForm>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let forms = TEXTS.iter().map(|(_, text)| parse(text));
        let forms: Result<Vec<_>, _> = forms.collect();
        forms.expect("the tables are part of the source, and a test reads all of them").concat()
    })
}

/// The form of this name.
pub(crate) fn form_named(name: &str) -> Option<&'static ListForm> {
    built_in_forms().iter().find(|form| form.name == name)
}

/// The forms whose files have such a name, which is without the ending of its compression.
pub(crate) fn forms_of_file(stem: &str) -> Vec<&'static ListForm> {
    let is_of = |form: &&ListForm| {
        form.files.iter().any(|pattern| {
            // a moment in a name must be one: `{release}.txt` is not any text file
            capture(pattern, stem).is_some_and(|found| {
                found.iter().all(|(name, text)| name == "month" || form.stamp.read(text).is_some())
            })
        })
    };
    built_in_forms().iter().filter(is_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn is(file: &str, expected: &str) {
        let names: Vec<&str> = forms_of_file(file).iter().map(|form| form.name.as_str()).collect();
        assert_eq!(names.join(" "), expected, "{file}");
    }

    #[test]
    fn every_description_can_be_read() {
        for (name, text) in TEXTS {
            assert!(parse(text).is_ok(), "{name}: {:?}", parse(text).err());
        }
        assert!(form_named("ru").is_some() && form_named("ruu").is_none());
    }

    #[test]
    fn files_tell_their_lists() {
        is("RU_Domains_ru-tld.ru", "ru");
        is("RU_Domains_ru-tld.ru.cut", "ru");
        is("RF_Domains_ru-tld.ru", "rf");
        is("PP-RU_Domains_ru-tld.ru", "pp-ru");
        is("ru_domains", "ru");
        is("3d_domains_ru-tld.ru", "ru-third-level");
        is("bardate_domains.json", "se");
        is("bardate_domains_nu.json", "nu");
        is("bardate_domains.txt", "se-txt");
        is("bardate_domains_nu.txt", "nu-txt");
        is("uk.csv", "uk");
        is("lista-processo-liberacao.txt", "br");
        is("lista-processo-competitivo.txt", "br-competitive");
        is("lista-competicao.txt", "br-auction");
        is("2026112609.txt", "it");
        is("2026139909.txt", "");
        is("notes.txt", "");
        is("deleted_domains.txt", "pl");
        is("domains.txt", "sk");
        is("202610_OPENDATA_A-NomsDeDomaineEnPointFr.zip", "fr");
        is("domain_deleted_list.csv", "mx");
        is("cl-eliminados-1d.txt", "cl");
        is("nz-tbr-session.json", "nz");
        is("nz-tbr-lastsessionresults.json", "nz-results");
        is("ee-auctions.json", "ee");
        is("auctions.json", "ee");
        is("dotgov-current-full.csv", "gov");
        is("au-deleted.csv", "au-deleted");
        is("au-expired.csv", "au-expired");
        is("fi-page-1.json", "fi");
        is("fi-count.txt", "");
    }
}
