//! Reading an index that a command is given: JSON, gzip, Parquet, a folder of parts or standard input.

use std::path::Path;

use anyhow::Context;

use crate::tables;
use crate::tokens::{Index, IndexError, read_index};

/// The index at `path`.
///
/// # Errors
/// The file cannot be read or is no index; the message names it.
pub fn read(path: &Path) -> anyhow::Result<Index> {
    let index = if tables::is_parquet(path) { read_index(path) } else { Index::read(tables::open(path)?.stream) };
    match index {
        // This error names the file already.
        Err(error @ IndexError::Table(_)) => Err(error.into()),
        index => index.with_context(|| path.display().to_string()),
    }
}

/// How messages name the file.
pub fn name(path: &Path) -> String {
    if tables::is_stdin(path) {
        return "standard input".into();
    }
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
