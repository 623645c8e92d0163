//! The ids beside an `.npy` file.

use std::path::{Path, PathBuf};

use crate::base::ids::IdList;

/// `FILE.npy` → `FILE.npy.ids.txt`.
pub fn ids_path(npy: &Path) -> PathBuf {
    let mut name = npy.as_os_str().to_owned();
    name.push(".ids.txt");
    name.into()
}

/// The ids that belong to `npy`. Where it is a link, those beside the file that it leads to come first: they were written
/// together.
pub(super) fn find(npy: &Path) -> Option<PathBuf> {
    let found = npy.is_symlink().then(|| npy.canonicalize().ok()).flatten();
    found.iter().map(PathBuf::as_path).chain([npy]).map(ids_path).find(|ids| ids.exists())
}

/// One id a line.
#[cfg(feature = "files")]
pub(super) fn write(ids: &IdList, out: &mut impl std::io::Write) -> std::io::Result<()> {
    for id in ids.iter() {
        let plain = !id.starts_with('"') && !id.contains(|c: char| c.is_control()) && id.trim() == id && !id.is_empty();
        if plain {
            writeln!(out, "{id}")?;
        } else {
            writeln!(out, "{}", serde_json::Value::from(id))?;
        }
    }
    Ok(())
}

/// Ids from lines; the error names the line. Empty lines at the end are none.
pub(super) fn parse(text: &str) -> Result<IdList, String> {
    let mut ids = IdList::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_end_matches(['\r', '\n']);
    for (i, line) in text.lines().enumerate() {
        let at = |what: String| format!("line {}: {what}", i + 1);
        if line.starts_with('"') {
            let id: String = serde_json::from_str(line).map_err(|e| at(format!("bad JSON string: {e}")))?;
            ids.push(&id);
        } else if line.trim().is_empty() {
            return Err(at("the id is empty. Write one id a line, for each row".into()));
        } else {
            ids.push(line);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn empty_lines_count_only_at_the_end() {
        for text in ["a\nb", "a\nb\n", "a\nb\n\n\n", "a\r\nb\r\n\r\n", "\u{feff}a\n\"b\"\n"] {
            assert_eq!(parse(text).unwrap().iter().collect::<Vec<_>>(), ["a", "b"], "{text:?}");
        }
        assert!(parse("a\n\nb\n").unwrap_err().starts_with("line 2: the id is empty"));
        assert!(parse("a\n \nb\n").unwrap_err().starts_with("line 2"));
        assert_eq!(parse("").unwrap().len(), 0);
    }
}
