//! The log of edits, one JSON object a line.

use std::path::Path;

use anyhow::{Context, ensure};

use crate::tokens::edit::Edit;

/// Reads a log.
///
/// # Errors
/// It cannot be read, or a line is no edit.
pub fn read(path: &Path) -> anyhow::Result<Vec<Edit>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let edit = |(line, text): (usize, &str)| {
        serde_json::from_str(text).with_context(|| format!("{}, line {}: not an edit", path.display(), line + 1))
    };
    text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()).map(edit).collect()
}

/// The content of the log at `path`, if there is one, with `edits` added.
///
/// # Errors
/// There is something else.
pub fn continued(path: &Path, edits: &[Edit]) -> anyhow::Result<Vec<u8>> {
    let earlier = match std::fs::metadata(path) {
        Ok(found) => {
            ensure!(found.is_file(), "--log {}: not a file: give the log a file of its own", path.display());
            read(path).context("--log continues a log of edits: give it a file of its own")?
        }
        Err(_) => Vec::new(),
    };
    let mut lines = Vec::new();
    for edit in earlier.iter().chain(edits) {
        serde_json::to_writer(&mut lines, edit)?;
        lines.push(b'\n');
    }
    Ok(lines)
}
