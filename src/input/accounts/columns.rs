//! Which column holds what.
//!
//! A column is found by the name that the user gave, in this spelling or else in any. Without a given name it is found by
//! the names that such columns commonly have, in order of preference. Spellings differ in case, blanks, `_` and `-`, which
//! do not count: `emailVerifiedAt` is `email_verified_at`. The same ranking serves headers ([`Columns`], once per file)
//! and JSON objects. Their members are looked up record by record, because many writers leave out nulls. The columns of a
//! table without a header are named by their numbers.
//!
//! Only the address is required, or the domain, URL or reverse-DNS name that rows name in its place ([`Subject`]). But a name that the user gave must exist: without that column the run would answer a
//! different question.
//!
//! Messages show the names of a file only if all of them look like names. Where one does not, the header may be an
//! account: its other fields are cells as well.

use std::path::Path;

use super::shown::is_shown;
use super::values::Times;
use crate::error::{Error, Hint, Result};
use crate::escape::sample;
use crate::name::Subject;
use crate::wording::{count, first_of};

/// How many columns a message lists.
const LISTED: usize = 30;

/// The names that the user gave. `None` means: look for the common names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnNames {
    /// What rows name. The usual names of its column depend on it.
    pub kind: Subject,
    /// The address, or what rows name in its place.
    pub subject: Option<String>,
    /// The account's identifier.
    pub id: Option<String>,
    /// When the address was last verified.
    pub verified_at: Option<String>,
    /// When it was first verified.
    pub first_verified_at: Option<String>,
    /// How much the account counts.
    pub weight: Option<String>,
    /// For how many accounts the row stands.
    pub accounts: Option<String>,
    /// Columns that are passed through.
    pub carry: Vec<String>,
    /// How times are written.
    pub times: Times,
    /// Names that no column may have, because columns of these names are added.
    pub taken: Vec<String>,
}

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The address, or what rows name in its place.
    Subject,
    /// The account's identifier.
    Id,
    /// When the address was last verified.
    VerifiedAt,
    /// When it was first verified.
    FirstVerifiedAt,
    /// How much the account counts.
    Weight,
    /// For how many accounts the row stands.
    Accounts,
    /// The n-th of [`ColumnNames::carry`], passed through.
    Carry(usize),
}

/// The columns of one table, as indices into its header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// What rows name.
    pub(crate) kind: Subject,
    /// How many columns there are.
    pub(crate) width: usize,
    /// The address, or what rows name in its place.
    pub(crate) subject: usize,
    /// The account's identifier.
    pub(crate) id: Option<usize>,
    /// When the address was last verified.
    pub(crate) verified_at: Option<usize>,
    /// When it was first verified.
    pub(crate) first_verified_at: Option<usize>,
    /// How much the account counts.
    pub(crate) weight: Option<usize>,
    /// For how many accounts the row stands.
    pub(crate) accounts: Option<usize>,
    /// The columns that are passed through, in the order of [`ColumnNames::carry`].
    pub(crate) carry: Vec<usize>,
    /// How times are written.
    pub times: Times,
    /// The names of the columns with a single role, as the file spells them.
    pub(crate) names: Vec<(Role, String)>,
}

impl Columns {
    /// Finds the columns in a header. If two have the same name, the first counts.
    pub(crate) fn find(header: &[&str], names: &ColumnNames, path: &Path) -> Result<Self> {
        if let Some(name) = header.iter().find(|name| names.is_taken(name)) {
            return Err(taken(name.trim(), &free_prefix(header.iter().copied()), path));
        }
        let find = |role: Role| -> Result<Option<usize>> {
            let ranked = header.iter().enumerate().filter_map(|(at, column)| {
                let rank = names.rank(role, column)?;
                Some((rank, at))
            });
            match ranked.min() {
                Some((_, at)) => Ok(Some(at)),
                None if role == Role::Subject || names.given(role).is_some() => {
                    Err(names.missing(role, header, path))
                }
                None => Ok(None),
            }
        };
        let missing = |role| names.missing(role, header, path);
        let mut columns = Self {
            kind: names.kind,
            width: header.len(),
            subject: find(Role::Subject)?.ok_or_else(|| missing(Role::Subject))?,
            id: find(Role::Id)?,
            verified_at: find(Role::VerifiedAt)?,
            first_verified_at: find(Role::FirstVerifiedAt)?,
            weight: find(Role::Weight)?,
            accounts: find(Role::Accounts)?,
            carry: (0..names.carry.len())
                .map(|nth| find(Role::Carry(nth))?.ok_or_else(|| missing(Role::Carry(nth))))
                .collect::<Result<_>>()?,
            times: names.times.clone(),
            names: Vec::new(),
        };
        let name = |role| Some((role, header.get(columns.place(role)?)?.trim().to_owned()));
        columns.names = Role::SINGLE.into_iter().filter_map(name).collect();
        Ok(columns)
    }

    /// The places of all columns that serve for something, ascending.
    pub(crate) fn places(&self) -> Vec<usize> {
        let single = Role::SINGLE.into_iter().filter_map(|role| self.place(role));
        let mut places: Vec<usize> = single.chain(self.carry.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Where the subject is in this header, if it has such a column.
    pub(crate) fn subject_of(header: &[String], names: &ColumnNames) -> Option<usize> {
        let ranked = header.iter().enumerate();
        ranked
            .filter_map(|(at, column)| Some((names.rank(Role::Subject, column)?, at)))
            .min()
            .map(|(_, at)| at)
    }

    /// Where the column with this role is.
    fn place(&self, role: Role) -> Option<usize> {
        match role {
            Role::Subject => Some(self.subject),
            Role::Id => self.id,
            Role::VerifiedAt => self.verified_at,
            Role::FirstVerifiedAt => self.first_verified_at,
            Role::Weight => self.weight,
            Role::Accounts => self.accounts,
            Role::Carry(nth) => self.carry.get(nth).copied(),
        }
    }

    /// The columns with a single role: its 0-based place and its name.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = (Role, usize, &str)> {
        self.names.iter().filter_map(|(role, name)| Some((*role, self.place(*role)?, name.as_str())))
    }
}

impl ColumnNames {
    /// All roles, the subject first.
    pub(crate) fn roles(&self) -> impl Iterator<Item = Role> {
        Role::SINGLE.into_iter().chain((0..self.carry.len()).map(Role::Carry))
    }

    /// Whether no column may have this name. Engines of SQL do not tell case apart.
    pub(crate) fn is_taken(&self, column: &str) -> bool {
        self.taken.iter().any(|name| name.eq_ignore_ascii_case(column.trim()))
    }

    /// How well the name of a column fits a role: the lower the better, `None` if it does not fit.
    pub(crate) fn rank(&self, role: Role, column: &str) -> Option<usize> {
        let column = column.trim();
        match self.given(role).map(str::trim) {
            Some(name) if column == name => Some(0),
            Some(name) if column.eq_ignore_ascii_case(name) => Some(1),
            Some(name) => (plain(column) == plain(name)).then_some(2),
            None => {
                let spelled = plain(column);
                let usual = self.usual(role);
                let place = usual.iter().position(|name| spelled == plain(name))?;
                // the usual spelling comes first
                let is_usual = column.eq_ignore_ascii_case(usual[place]);
                Some(2 * place + usize::from(!is_usual))
            }
        }
    }

    /// The name that the user gave for a role.
    pub(crate) fn given(&self, role: Role) -> Option<&str> {
        match role {
            Role::Subject => self.subject.as_deref(),
            Role::Id => self.id.as_deref(),
            Role::VerifiedAt => self.verified_at.as_deref(),
            Role::FirstVerifiedAt => self.first_verified_at.as_deref(),
            Role::Weight => self.weight.as_deref(),
            Role::Accounts => self.accounts.as_deref(),
            Role::Carry(nth) => self.carry.get(nth).map(String::as_str),
        }
    }

    /// The error that a required column is not among those found.
    pub(crate) fn missing(&self, role: Role, found: &[&str], path: &Path) -> Error {
        let human = if role == Role::Subject { self.kind.words().noun } else { role.human() };
        let expected = match self.given(role) {
            Some(name) if is_shown(name) => format!("no column `{}`", sample(name)),
            // what was typed may be a cell that an earlier message led to
            Some(_) => format!("no column of the name given for the {human}"),
            None => {
                let kind = if self.kind == Subject::Address { "e-mail" } else { human };
                format!("no {kind} column (one of {})", quote(self.usual(role)))
            }
        };
        // a domain looks like a name, too
        let is_name = |name: &&str| is_shown(name) && !name.contains(['.', '/', ':']);
        if !found.iter().all(|name| name.is_empty() || is_name(name)) {
            let fields = count(found.len() as u64, "field");
            let what = format!("{expected}; the first line has {fields} and may be data, not a header");
            return Error::failure(path, what).hint(self.no_header(found));
        }
        let hint = self.other_kind(role, found).unwrap_or_else(|| self.hint(role));
        Error::failure(path, format!("{expected}, found {}", quote(found))).hint(hint)
    }
}

/// A prefix with which no column begins.
pub(super) fn free_prefix<'n>(columns: impl Iterator<Item = &'n str> + Clone) -> String {
    let begins = |column: &str, prefix: &str| {
        column.trim().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let numbered = (2..).map(|number: u32| format!("zl{number}_"));
    let mut prefixes = std::iter::once("zl_".to_owned()).chain(numbered);
    let is_free = |prefix: &String| !columns.clone().any(|column| begins(column, prefix));
    prefixes.find(is_free).unwrap_or_default()
}

/// The error that a column has a name that is taken, with a prefix that would help.
pub(crate) fn taken(name: &str, prefix: &str, path: &Path) -> Error {
    let what = format!("the input has a column `{}`, and so would the output", sample(name));
    Error::failure(path, what).hint(Hint::TellPrefix(prefix.into()))
}

/// A name in the one spelling in which names are compared.
pub(crate) fn plain(name: &str) -> String {
    let letters =
        name.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '_' | '-' | '\u{feff}'));
    letters.flat_map(char::to_lowercase).collect()
}

impl Role {
    /// The roles that one column of a file can have.
    pub(crate) const SINGLE: [Self; 6] =
        [Self::Subject, Self::Id, Self::VerifiedAt, Self::FirstVerifiedAt, Self::Weight, Self::Accounts];

    /// What it is, in words.
    fn human(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Id => "identifier",
            Self::VerifiedAt => "time of verification",
            Self::FirstVerifiedAt => "time of the first verification",
            Self::Weight => "weight",
            Self::Accounts => "number of accounts",
            Self::Carry(_) => "column to carry",
        }
    }
}

fn quote(names: &[&str]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    first_of(names.iter().map(|name| format!("`{}`", sample(name))), LISTED, "column").join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names are given as `role=name`. The result is `email id verified first weight carry…` as indices.
    #[track_caller]
    fn finds(header: &str, given: &[&str], expected: &str) {
        let header: Vec<&str> = header.split(',').collect();
        let mut names = ColumnNames::default();
        for (role, name) in given.iter().filter_map(|given| given.split_once('=')) {
            let name = name.to_owned();
            match role {
                "email" => names.subject = Some(name),
                "id" => names.id = Some(name),
                "weight" => names.weight = Some(name),
                _ => names.carry.push(name),
            }
        }
        let found = match Columns::find(&header, &names, Path::new("a.csv")) {
            Err(error) => error.to_string(),
            Ok(columns) => {
                let single = [columns.id, columns.verified_at, columns.first_verified_at, columns.weight];
                let all = std::iter::once(Some(columns.subject)).chain(single);
                let all = all.chain(columns.carry.iter().copied().map(Some));
                let all = all.map(|at| at.map_or("-".to_owned(), |at| at.to_string()));
                all.collect::<Vec<_>>().join(" ")
            }
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn common_names() {
        finds("id,email,verified_at,first_verified_at,weight", &[], "1 0 2 3 4");
        finds("mail", &[], "0 - - - -");
        finds("mail,email_address,Email", &[], "2 - - - -");
        finds("username,user_id,EMAIL_ADDRESS,downloads,email_verified_at", &[], "2 1 4 - 3");
        finds(" e,  email , id", &[], "1 2 - - -");
        finds("_id,E-Mail,emailVerifiedAt,First Verified-At,DOWNLOADS", &[], "1 0 2 3 4");
        finds("userId,Email Address,confirmed_at", &[], "1 0 2 - -");
        finds("_id,id,email", &[], "2 1 - - -");
        finds(",email", &[], "1 - - - -");
        finds("email,id,email,id", &[], "0 1 - - -");
        finds("downloads,weight,email", &[], "2 - - - 1");
    }

    #[test]
    fn given_names() {
        finds("email,contact", &["email=contact"], "1 - - - -");
        finds("SUBJECT,Contact,contact", &["email=contact"], "2 - - - -");
        finds("email,Contact,CONTACT", &["email=contact"], "1 - - - -");
        finds("email,Contact_Mail", &["email=contact mail"], "1 - - - -");
        finds("email,id,plan", &["carry=plan", "carry=email"], "0 1 - - - 2 0");
        finds("email", &["id=email"], "0 0 - - -");
    }

    #[test]
    fn missing_columns() {
        finds(
            "id,address",
            &[],
            "a.csv: no e-mail column (one of `email`, `email_address`, `mail`), found `id`, `address`\n\
             hint: name the column",
        );
        finds(
            "email",
            &["email=contact"],
            "a.csv: no column `contact`, found `email`\nhint: name the column",
        );
        finds(
            "email",
            &["carry=plan"],
            "a.csv: no column `plan`, found `email`\nhint: name one of these columns",
        );
        finds(
            "1,ana@example.com,x",
            &[],
            "a.csv: no e-mail column (one of `email`, `email_address`, `mail`); the first line has 3 fields and may \
             be data, not a header\nhint: add a first line with the names of the columns, or name the columns by their \
             numbers; the address is in column 2",
        );
        finds(
            "id,email",
            &["carry=ana@example.com"],
            "a.csv: no column of the name given for the column to carry, found `id`, `email`\nhint: name one of these columns",
        );
    }
}
