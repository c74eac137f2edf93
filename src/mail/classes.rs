//! What kind of service gives the addresses at a mail domain, by lists in `data/` and by a user's own list.
//!
//! A class is a fact for those who read the tables, never a part of a verdict. Roles of local parts (`admin@`) are not
//! looked at.
//!
//! * A disposable domain stands for all names below it: such services give addresses at any of these.
//! * A free domain stands for itself alone: names below it are often a company's own (`corp.mail.ru`).
//! * The longest listed name decides. Names are looked up no further than the domain under which a mail domain is
//!   registered, at a private suffix too: `bob.dyndns.example` is not `dyndns.example`.
//! * A line of the user's list replaces what the built-in lists say of that name; the class `none` takes the name out,
//!   and with it the names below.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::built_in::{CsvTable, built_in_names};
use crate::error::Result;
use crate::input::small::{SMALL_FILE_BYTES, read_text};
use crate::name::MailDomain;

const FREE: &str = include_str!("../../data/free_mail.txt");
const DISPOSABLE: &str = include_str!("../../data/disposable_mail.txt");

named_enum! {
    /// A kind of service.
    pub(crate) enum MailClass {
        Free = "free": "anybody can have an address there at no cost",
        Disposable = "disposable": "gives anybody an address for minutes or days, often one that everybody can read",
    }
}

/// The class of a name that a user takes out of the lists.
const NO_CLASS: &str = "none";

/// The listed mail domains with their classes; none for those that were taken out.
#[derive(Debug)]
pub(crate) struct MailClasses {
    classes: HashMap<Cow<'static, str>, Option<MailClass>, FixedState>,
    /// The user's own list.
    pub(crate) own_list: Option<PathBuf>,
    /// How many names are in it.
    pub(crate) own: usize,
}

impl MailClasses {
    /// The built-in lists alone.
    pub(crate) fn built_in() -> Self {
        let of = |class, list| built_in_names(list).map(move |name| (name.into(), Some(class)));
        let classes = of(MailClass::Free, FREE).chain(of(MailClass::Disposable, DISPOSABLE)).collect();
        Self { classes, own_list: None, own: 0 }
    }

    /// The built-in lists and a user's own: CSV with the columns `domain` and `class`.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let hint = "write CSV with the columns `domain` and `class`: `free`, `disposable` or `none`";
        let text = read_text(path, SMALL_FILE_BYTES)?;
        let mut own = HashMap::<Cow<'static, str>, _, FixedState>::default();
        let mut read = || -> Result<()> {
            let table = CsvTable::parse(path, &text)?;
            ["domain", "class"].into_iter().try_for_each(|column| table.column(column).map(drop))?;
            for row in table.rows() {
                let domain = row.read("domain", "a mail domain", |text| MailDomain::normalize(text).ok())?;
                let class = row.read("class", "`free`, `disposable` or `none`", |text| match text {
                    NO_CLASS => Some(None),
                    _ => MailClass::from_name(text).map(Some),
                })?;
                if own.insert(domain.name.to_string().into(), class).is_some() {
                    return Err(row.fault(format!("a second line about `{}`", domain.name)));
                }
            }
            Ok(())
        };
        read().map_err(|error| error.hint(hint))?;
        let mut all = Self { own_list: Some(path.to_owned()), own: own.len(), ..Self::built_in() };
        all.classes.extend(own);
        Ok(all)
    }

    /// The class of a mail domain. `registered` is the end of its name under which it is registered.
    pub(crate) fn of(&self, mail_domain: &str, registered: &str) -> Option<MailClass> {
        let (listed, class) = self.longest(mail_domain, registered)?;
        class.filter(|class| *class == MailClass::Disposable || listed.len() == mail_domain.len())
    }

    /// Whether a mail domain or a name above it is listed, with whatever class.
    pub(crate) fn knows(&self, mail_domain: &str, registered: &str) -> bool {
        self.longest(mail_domain, registered).is_some()
    }

    /// The longest listed name among a mail domain and the names above it.
    fn longest<'n>(&self, mail_domain: &'n str, registered: &str) -> Option<(&'n str, Option<MailClass>)> {
        let mut name = mail_domain;
        loop {
            if let Some(class) = self.classes.get(name) {
                return Some((name, *class));
            }
            name = name
                .split_once('.')
                .map(|(_, above)| above)
                .filter(|above| above.len() >= registered.len())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::SuffixList;

    #[track_caller]
    fn is(classes: &MailClasses, mail_domain: &str, registered: &str, expected: Option<MailClass>) {
        assert_eq!(classes.of(mail_domain, registered), expected, "{mail_domain}");
    }

    #[test]
    fn names_and_those_below() {
        let classes = MailClasses::built_in();
        let (free, disposable) = (Some(MailClass::Free), Some(MailClass::Disposable));
        is(&classes, "gmail.com", "gmail.com", free);
        is(&classes, "vip.qq.com", "qq.com", free);
        is(&classes, "corp.mail.ru", "mail.ru", None);
        is(&classes, "mailinator.com", "mailinator.com", disposable);
        is(&classes, "a.b.mailinator.com", "mailinator.com", disposable);
        is(&classes, "a.b.mailinator.com", "b.mailinator.com", None);
        is(&classes, "a-mailinator.com", "a-mailinator.com", None);
        is(&classes, "com", "com", None);
        assert!(classes.knows("corp.mail.ru", "mail.ru") && !classes.knows("example.com", "example.com"));
    }

    #[test]
    fn the_lists() {
        let suffixes = SuffixList::built_in().expect("the built-in list");
        for (list, at_least) in [(FREE, 300), (DISPOSABLE, 5000)] {
            let names: Vec<&str> = built_in_names(list).collect();
            assert!(names.is_sorted() && names.len() >= at_least, "{}", names.len());
            for pair in names.windows(2) {
                assert_ne!(pair[0], pair[1]);
            }
            for name in names {
                let domain = MailDomain::normalize(name).map(|domain| domain.name.to_string());
                assert_eq!(domain, Ok(name.to_owned()));
                let registrable = suffixes.cut(name).map(|cut| cut.registrable);
                assert!(list == FREE || registrable == Ok(Some(name)), "{name}: {registrable:?}");
            }
        }
        let both: Vec<_> =
            built_in_names(FREE).filter(|name| built_in_names(DISPOSABLE).any(|it| it == *name)).collect();
        assert!(both.is_empty(), "{both:?}");
    }

    #[track_caller]
    fn reads(text: &str, expected: std::result::Result<Option<MailClass>, &str>) {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("a small file can be written");
        match (MailClasses::read(file.path()), expected) {
            (Ok(classes), Ok(expected)) => {
                let mail_domain = "in.xn--bcher-kva.example";
                is(&classes, mail_domain, "xn--bcher-kva.example", expected);
                is(&classes, "gmail.com", "gmail.com", Some(MailClass::Free));
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, _) => panic!("{found:?}"),
        }
    }

    #[test]
    fn a_list_of_ones_own() {
        reads("domain,class\nBücher.example.,disposable\n", Ok(Some(MailClass::Disposable)));
        reads("Class,note,Domain\nfree,ours,bücher.example\n", Ok(None));
        reads("domain,class\nbücher.example,disposable\nin.bücher.example,none\n", Ok(None));
        reads("domain\na.example\n", Err("no column `class`"));
        reads("a.example\n", Err("no column `domain`"));
        reads("", Err("no column `domain`"));
        reads("domain,class\n", Ok(None));
        reads(
            "domain,class\n# a comment\na.example,paid\n",
            Err(":3: column `class`: expected `free`, `disposable` or `none`, found `paid`"),
        );
        reads(
            "domain,class\nlocalhost,free\n",
            Err(":2: column `domain`: expected a mail domain, found `localhost`"),
        );
        reads("domain,class\na.example,free\nA.example,none\n", Err(":3: a second line about `a.example`"));
    }

    #[test]
    fn a_line_replaces_what_is_built_in() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "domain,class\nmailinator.com,none\ngmail.com,disposable\n")
            .expect("a small file");
        let classes = MailClasses::read(file.path()).expect("a good file");
        is(&classes, "a.mailinator.com", "mailinator.com", None);
        is(&classes, "gmail.com", "gmail.com", Some(MailClass::Disposable));
    }
}
