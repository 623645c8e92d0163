//! The files of an input: itself, or the parts in a folder, as Spark, Dask, Hive and others write them.

use std::path::{Path, PathBuf};

use super::TableError;
use super::detect::{is_named_parquet, starts_as_parquet};
use super::open::is_read_once;

/// Names of files of records, before a `.gz`.
const TEXTS: [&str; 5] = ["jsonl", "ndjson", "json", "csv", "tsv"];
/// Folders inside folders that are looked through: a limit against links in circles.
const DEPTH: usize = 32;
/// Files that are not named like data, after which a folder is one of other things: less than a second of looking through.
const MOST_OTHERS: usize = 100_000;

/// The files of a folder, while it is looked through.
struct Found<'a> {
    name: &'a str,
    /// With their kinds.
    files: Vec<(String, PathBuf)>,
    /// The kind of those that have an extension.
    kind: Option<String>,
    /// Files that are not named like data, and how many there may be.
    others: usize,
    most_others: usize,
}

/// The files that an input consists of, in the order in which they are read: the path itself, or the parts in a folder and
/// those inside it.
///
/// Numbers in names count as numbers: `part-2` comes before `part-10`. Names that begin with `_` or `.` (`_SUCCESS`,
/// `_metadata`) and checksums (`.crc`) are left out, and so are files that are named like no data (`README.md`).
///
/// # Errors
/// A folder cannot be read, holds no data, several kinds of it, or very many other files.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, TableError> {
    files_among(path, MOST_OTHERS)
}

fn files_among(path: &Path, most_others: usize) -> Result<Vec<PathBuf>, TableError> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let name = path.display().to_string();
    let mut found = Found { name: &name, files: Vec::new(), kind: None, others: 0, most_others };
    found.walk(path, DEPTH)?;
    let Found { files: mut parts, kind, .. } = found;
    // Hive and Hadoop write names without an extension.
    parts.retain(|(found, _)| kind.is_none() || !found.is_empty());
    parts.sort_by_cached_key(|(_, part)| natural(part.strip_prefix(path).unwrap_or(part)));
    if parts.is_empty() {
        return Err(TableError::NoParts { name });
    }
    Ok(parts.into_iter().map(|(_, path)| path).collect())
}

/// Bytes on disk of all files of an input; none where they cannot be told before reading, as of a pipe.
///
/// # Errors
/// As [`files`]; there is no such file.
pub fn size(path: &Path) -> Result<Option<u64>, TableError> {
    if is_read_once(path) {
        return Ok(None);
    }
    let bytes = |file: PathBuf| {
        let found = file.metadata().map_err(|source| TableError::Io { name: file.display().to_string(), source })?;
        Ok(found.len())
    };
    files(path)?.into_iter().map(bytes).sum::<Result<u64, _>>().map(Some)
}

/// Whether an input is Parquet: a file, by its extension or its first bytes, or a folder of such parts. A pipe never is:
/// its bytes can be read only once, and Parquet is read from its end.
#[cfg(feature = "parquet")]
pub fn is_parquet(path: &Path) -> bool {
    let is_file = |path: &Path| path.is_file() && (is_named_parquet(path) || starts_as_parquet(path));
    if path.is_dir() { files(path).is_ok_and(|parts| parts.iter().all(|part| is_file(part))) } else { is_file(path) }
}

impl Found<'_> {
    /// Adds every file in a folder and those inside it, but for what engines keep for themselves. A folder of all sorts is known
    /// before it was looked through.
    fn walk(&mut self, folder: &Path, depth: usize) -> Result<(), TableError> {
        let io = |source| TableError::Io { name: self.name.into(), source };
        for entry in std::fs::read_dir(folder).map_err(io)? {
            let entry = entry.map_err(io)?;
            let (name, path) = (entry.file_name(), entry.path());
            if name.to_string_lossy().starts_with(['_', '.']) || path.extension().is_some_and(|e| e == "crc") {
                continue;
            }
            if !path.is_dir() {
                self.add(path)?;
            } else if depth > 0 && !entry.file_type().map_err(io)?.is_symlink() {
                self.walk(&path, depth - 1)?;
            }
        }
        Ok(())
    }

    fn add(&mut self, path: PathBuf) -> Result<(), TableError> {
        let name = || self.name.to_owned();
        let kind = kind(&path);
        self.others += usize::from(kind.as_ref().is_none_or(String::is_empty));
        if self.others > self.most_others {
            return Err(TableError::OtherFiles { name: name(), others: self.others });
        }
        let Some(kind) = kind else { return Ok(()) };
        if !kind.is_empty() {
            let first = self.kind.get_or_insert_with(|| kind.clone());
            if *first != kind {
                return Err(TableError::MixedParts { name: name(), kinds: [first.clone(), kind] });
            }
        }
        self.files.push((kind, path));
        Ok(())
    }
}

/// What a file holds, by its name; an empty text for a file of records without an extension.
fn kind(path: &Path) -> Option<String> {
    if is_named_parquet(path) {
        return Some("parquet".into());
    }
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    match name.strip_suffix(".gz").unwrap_or(&name).rsplit_once('.') {
        Some((_, extension)) => TEXTS.contains(&extension).then(|| extension.into()),
        None if starts_as_parquet(path) => Some("parquet".into()),
        None => Some(String::new()),
    }
}

/// A key by which numbers in names are sorted as numbers.
fn natural(path: &Path) -> Vec<(String, String)> {
    let key = |name: &str| {
        let mut key = String::new();
        for run in name.split_inclusive(|c: char| !c.is_ascii_digit()) {
            let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
            key += &format!("{digits:0>width$}{}", &run[digits.len()..], width = if digits.is_empty() { 0 } else { 20 });
        }
        key
    };
    path.iter().map(|name| name.to_string_lossy()).map(|name| (key(&name), name.into_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(names: &[&str]) -> Result<Vec<String>, TableError> {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let found = files(folder.path())?;
        assert_eq!(size(folder.path()).unwrap(), Some(found.len() as u64));
        let relative = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().display().to_string();
        Ok(found.iter().map(relative).collect())
    }

    #[test]
    fn parts_come_in_the_order_of_their_numbers_without_what_engines_keep_for_themselves() {
        let mixed = ["_SUCCESS", ".part-1.parquet.crc", "part-10.parquet", "part-2.parquet", "_tmp/a.parquet", "README.md"];
        assert_eq!(parts(&mixed).unwrap(), ["part-2.parquet", "part-10.parquet"]);
        let nested = ["k=10/b.pq", "k=9/c.pq", "k=9/a.pq", "a.parquet"];
        assert_eq!(parts(&nested).unwrap(), ["a.parquet", "k=9/a.pq", "k=9/c.pq", "k=10/b.pq"]);
        assert_eq!(parts(&["part-1.json.gz", "part-0.json"]).unwrap(), ["part-0.json", "part-1.json.gz"]);
        assert_eq!(parts(&["000001_0", "000000_0"]).unwrap(), ["000000_0", "000001_0"]);
    }

    #[test]
    fn a_folder_of_nothing_or_of_all_sorts_is_refused() {
        assert!(matches!(parts(&["_SUCCESS", "notes.txt"]), Err(TableError::NoParts { .. })));
        assert!(matches!(parts(&["a.csv", "a.parquet"]), Err(TableError::MixedParts { .. })));
    }

    #[test]
    fn a_folder_of_very_many_other_files_is_not_looked_through_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        ["a.csv", "1.jpg", "2.jpg", "3"].iter().for_each(|name| std::fs::write(folder.path().join(name), "x").unwrap());
        assert_eq!(files_among(folder.path(), 3).unwrap(), [folder.path().join("a.csv")]);
        assert!(matches!(files_among(folder.path(), 2), Err(TableError::OtherFiles { others: 3, .. })));
    }
}
