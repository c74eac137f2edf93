//! Which files are lists, and of which form: by the names of files, by the name of a list, or by a description.

use std::path::PathBuf;

use super::form::{ListForm, form_named, forms_of_file};
use crate::error::{Error, Result};
use crate::input::pattern::{expand, files_in};
use crate::input::source::Source;
use crate::wording::did_you_mean;

/// What a user says about the forms of files.
#[derive(Debug, Clone, Default)]
pub(crate) enum ListChoice {
    /// The names of the files tell.
    #[default]
    ByFile,
    /// All are this known list.
    Named(String),
    /// All are as this file describes.
    Described(PathBuf),
}

/// A file, and what it is.
#[derive(Debug, Clone)]
pub(crate) struct FoundList {
    /// The file.
    pub(crate) source: Source,
    /// What it is.
    pub(crate) what: ListFile,
}

/// What a file is.
#[derive(Debug, Clone)]
pub(crate) enum ListFile {
    /// A list of this form.
    List(Box<ListForm>),
    /// An earlier import.
    Import,
    /// Nobody can tell, and why.
    Unknown(String),
}

/// The lists of these paths: files as given, and those in directories whose names tell what they are, sorted.
pub(crate) fn find(paths: &[PathBuf], choice: &ListChoice) -> Result<Vec<FoundList>> {
    let chosen = match choice {
        ListChoice::ByFile => None,
        ListChoice::Named(name) => Some(form_named(name).cloned().ok_or_else(|| unknown_list(name))?),
        ListChoice::Described(path) => Some(ListForm::read(path)?),
    };
    let mut found = Vec::new();
    for path in paths.iter().flat_map(|path| expand(path)) {
        let path = path?;
        if !path.is_dir() {
            let source = Source::stat(&path)?;
            found.push(FoundList { what: what_is(&source, chosen.as_ref()), source });
            continue;
        }
        let before = found.len();
        for file in files_in(&path)? {
            let source = Source::stat(&file)?.only_if_regular();
            let what = what_is(&source, None);
            if !matches!(what, ListFile::Unknown(_)) {
                found.push(FoundList { what, source });
            }
        }
        if found.len() == before {
            return Err(Error::failure(&path, "no file in this directory has the name of a known list")
                .hint("name the file itself, and say which list it is"));
        }
    }
    Ok(found)
}

/// What a file is, by its ending and its name, unless the user chose.
fn what_is(source: &Source, chosen: Option<&ListForm>) -> ListFile {
    let stem = source.stem();
    if stem.to_ascii_lowercase().ends_with(".parquet") {
        return ListFile::Import;
    }
    if let Some(form) = chosen {
        return ListFile::List(Box::new(form.clone()));
    }
    match forms_of_file(&stem).as_slice() {
        [] => ListFile::Unknown("no known list has a file of this name; say which list it is".into()),
        [form] => ListFile::List(Box::new((*form).clone())),
        several => {
            let names: Vec<&str> = several.iter().map(|form| form.name.as_str()).collect();
            ListFile::Unknown(format!("its name fits several lists: {}; say which it is", names.join(", ")))
        }
    }
}

fn unknown_list(name: &str) -> Error {
    let names: Vec<&str> = super::form::built_in_forms().iter().map(|form| form.name.as_str()).collect();
    Error::usage(format!("unknown list `{name}`{}", did_you_mean(name, names.iter().copied())))
        .hint(format!("known lists: {}; any other can be described in a file", names.join(", ")))
}
