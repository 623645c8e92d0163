//! Telling a Parquet file from others.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::packed::PARQUET;

/// Whether a path names a Parquet file, by its extension.
pub fn is_named_parquet(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["parquet", "pq"].iter().any(|name| extension.eq_ignore_ascii_case(name))
}

/// Whether a file begins as Parquet does.
pub(super) fn starts_as_parquet(path: &Path) -> bool {
    let mut head = [0; PARQUET.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *PARQUET
}
