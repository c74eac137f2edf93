//! Outputs that would destroy inputs: a report replaces its whole directory.
//!
//! Paths are compared after links are followed, as far as the paths exist. Directories are also compared by identity,
//! because one directory can be mounted in two places.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::EvidenceConfig;
use crate::cli::AuditArgs;
use crate::error::{Error, Result};
use crate::files::{FileId, directory_of};
use crate::report::finished::Report;
use crate::snapshot::Store;

/// Links followed before a path counts as a circle.
const LINKS: usize = 40;

/// Refuses a report directory that holds an input or a store, or is in a store.
pub(super) fn check_output(
    output: &Path,
    evidence: &EvidenceConfig,
    inputs: &[(&str, &Path)],
    previous: Option<&Path>,
) -> Result<()> {
    let report = ResolvedPath::of(output);
    let refused = |what: String| Err(Error::usage(format!("`-o {}`: {what}", output.display())));
    let elsewhere = "write the report to a directory of its own";
    if let Some(store) = &evidence.store {
        let hint = "a report replaces its directory: keep the store outside of it";
        if ResolvedPath::of(store).is_in(&report) {
            return refused(format!("the store `{}` is in it", store.display()))
                .map_err(|error| error.hint(hint));
        }
        if report.is_in(&ResolvedPath::of(store)) {
            return refused(format!("it is in the store `{}`", store.display()))
                .map_err(|error| error.hint(elsewhere));
        }
    }
    if let Some(store) = report.resolved.ancestors().find(|ancestor| Store::is_at(ancestor)) {
        return refused(format!("it is in the store `{}`", store.display()))
            .map_err(|error| error.hint(elsewhere));
    }
    if let Some(previous) = previous.filter(|previous| ResolvedPath::of(previous).is_in(&report)) {
        let what = format!("`--previous {}` is the report that is to be written", previous.display());
        return Err(Error::usage(what).hint("write the new report to another directory, such as one a day"));
    }
    for (option, input) in inputs {
        if ResolvedPath::of(input).is_in(&report) {
            return refused(format!("it holds an input, `{}` ({option})", input.display()))
                .map_err(|error| error.hint(elsewhere));
        }
    }
    Ok(())
}

/// Refuses a file that would become part of a store of snapshots or of a report.
pub(crate) fn check_file(output: &Path) -> Result<()> {
    let Ok(directory) = fs::canonicalize(directory_of(output)) else { return Ok(()) };
    let whole = if directory.ancestors().any(Store::is_at) {
        "a store of snapshots"
    } else if Report::open(&directory).is_ok() {
        "a report"
    } else {
        return Ok(());
    };
    Err(Error::usage(format!("`{}` is in {whole}", output.display()))
        .hint("name a file in a directory of its own"))
}

/// Endings that promise something else than Parquet.
const OTHER_FORMS: [&str; 8] = ["csv", "tsv", "txt", "json", "ndjson", "jsonl", "gz", "zst"];

/// The same for a file that will be Parquet: it also refuses a name that promises something else.
pub(crate) fn check_table(output: &Path) -> Result<()> {
    check_file(output)?;
    let ending = output.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    if ending.is_some_and(|ending| OTHER_FORMS.contains(&&*ending)) {
        let what =
            format!("`{}` is no Parquet file by its name, and Parquet is what is written", output.display());
        let better = output.with_extension("parquet");
        return Err(Error::usage(what).hint(format!("name it `{}`", better.display())));
    }
    Ok(())
}

/// Every file and directory that is read, with the option that names it.
pub(super) fn named_inputs(args: &AuditArgs) -> Vec<(&'static str, &Path)> {
    let AuditArgs { accounts, evidence, report } = args;
    let lists = accounts.iter().map(|path| ("accounts", path));
    let lists = lists.chain(evidence.zones.iter().map(|path| ("--zones", path)));
    let single = [
        ("--psl", &evidence.psl),
        ("--bootstrap", &evidence.bootstrap),
        ("--mail-classes", &evidence.mail_classes),
        ("--config", &evidence.config),
        ("--overrides", &report.overrides),
        ("--hash-email", &report.hash_email),
    ];
    let single = single.into_iter().filter_map(|(option, path)| path.as_ref().map(|path| (option, path)));
    let rdap = evidence.rdap.iter().map(|path| ("--rdap", path));
    let registry = evidence.registry.iter().map(|path| ("--registry", path));
    let mail = evidence.mx.iter().map(|path| ("--mx", path));
    let named = lists.chain(rdap).chain(registry).chain(mail).chain(single);
    // a file that standard input comes from is an input as well
    let redirected = Path::new("/dev/stdin");
    named.map(|(option, path)| (option, if path.as_os_str() == "-" { redirected } else { path })).collect()
}

/// A path, and where it leads.
struct ResolvedPath {
    /// The path without links.
    resolved: PathBuf,
    /// The path with only its last link left: it is lost if that link's directory is replaced.
    named: PathBuf,
}

impl ResolvedPath {
    fn of(path: &Path) -> Self {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let named = match (absolute.parent(), absolute.file_name()) {
            (Some(parent), Some(name)) => resolve(parent, LINKS).join(name),
            _ => absolute.clone(),
        };
        Self { resolved: resolve(&absolute, LINKS), named }
    }

    /// Whether it is the other path, or below it.
    fn is_in(&self, other: &Self) -> bool {
        let outer = &other.resolved;
        if self.resolved.starts_with(outer) || self.named.starts_with(outer) {
            return true;
        }
        let Some(identity) = identity(outer) else { return false };
        let above = self.resolved.ancestors().chain(self.named.ancestors());
        above.filter_map(self::identity).any(|above| above == identity)
    }
}

/// A path without links and dots; what does not exist yet stays as it is written.
fn resolve(path: &Path, links: usize) -> PathBuf {
    if let Ok(resolved) = fs::canonicalize(path) {
        return resolved;
    }
    let (Some(parent), Some(last)) = (path.parent(), path.components().next_back()) else {
        return path.to_path_buf();
    };
    let parent = resolve(parent, links);
    match last {
        Component::Normal(name) => {
            let path = parent.join(name);
            // a link whose end does not exist yet
            match fs::read_link(&path) {
                Ok(link) if links > 0 => resolve(&parent.join(link), links - 1),
                _ => path,
            }
        }
        Component::ParentDir => parent.parent().unwrap_or(&parent).to_path_buf(),
        _ => parent,
    }
}

fn identity(path: &Path) -> Option<FileId> {
    fs::metadata(path).ok().filter(fs::Metadata::is_dir).map(|metadata| FileId::of(&metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_keep_out_of_stores_and_reports() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| directory.path().join(name);
        for name in ["store/zones", "report", "site"] {
            fs::create_dir_all(at(name)).expect("a directory");
        }
        let manifest = r#"{"program":"zonelapse","version":"0.1.0","schema":"1","status":"complete",
            "as_of":"2026-06-01T00:00:00Z","public_suffix_list":{},"inputs":{},"counts":{}}"#;
        let files =
            [("store/zonelapse.store", ""), ("report/manifest.json", manifest), ("site/manifest.json", "{}")];
        for (name, text) in files {
            fs::write(at(name), text).expect("a small file");
        }
        for (name, whole) in [
            ("store/new", Some("a store")),
            ("store/zones/new", Some("a store")),
            ("report/accounts.parquet", Some("a report")),
            ("site/new", None),
            ("missing/new", None),
        ] {
            let refused = check_file(&at(name)).err();
            assert_eq!(refused.is_some(), whole.is_some(), "{name}: {refused:?}");
            assert!(refused.is_none_or(|error| error.what.contains(whole.unwrap_or_default())), "{name}");
        }
    }

    #[test]
    fn places_are_compared_as_they_resolve() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| directory.path().join(name);
        fs::create_dir_all(at("report/inner")).expect("a directory");
        std::os::unix::fs::symlink("report", at("link")).expect("a link");
        std::os::unix::fs::symlink("report/new", at("dangling")).expect("a link");
        std::os::unix::fs::symlink("circle", at("circle")).expect("a link");
        std::os::unix::fs::symlink("../../other", at("report/inner/out")).expect("a link");
        for (inner, outer, is_in) in [
            ("report", "report", true),
            ("report/new/store", "report", true),
            ("link/inner/store", "report", true),
            ("report/inner", "link", true),
            ("dangling/store", "report", true),
            ("new/../report/store", "report", true),
            ("report/./inner/", "report", true),
            ("report/inner/out", "report", true),
            ("report2", "report", false),
            ("report", "report/inner", false),
            ("report/../other", "report", false),
            ("circle", "report", false),
            ("other", "missing", false),
            ("missing/store", "missing", true),
        ] {
            assert_eq!(
                ResolvedPath::of(&at(inner)).is_in(&ResolvedPath::of(&at(outer))),
                is_in,
                "{inner} in {outer}"
            );
        }
    }
}
