//! The ids beside an `.npy` file.

use std::path::{Path, PathBuf};

use crate::base::ids::IdList;

/// `FILE.npy` → `FILE.npy.ids.txt`.
pub fn ids_path(npy: &Path) -> PathBuf {
    let mut name = npy.as_os_str().to_owned();
    name.push(".ids.txt");
    name.into()
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

/// Ids from lines; the error names the line.
pub(super) fn parse(text: &str) -> Result<IdList, String> {
    let mut ids = IdList::default();
    for (i, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
        if line.starts_with('"') {
            let id: String = serde_json::from_str(line).map_err(|e| format!("line {}: bad JSON string: {e}", i + 1))?;
            ids.push(&id);
        } else {
            ids.push(line);
        }
    }
    Ok(ids)
}
