//! Telling a Parquet file from others.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The bytes that a Parquet file begins and ends with.
pub(super) const MAGIC: &[u8; 4] = b"PAR1";

/// Whether a path names a Parquet file, by its extension.
pub fn is_named_parquet(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["parquet", "pq"].iter().any(|name| extension.eq_ignore_ascii_case(name))
}

/// Whether a file is a Parquet file, by its extension or its first bytes. A pipe never is: its bytes can be read only
/// once, and Parquet is read from its end.
pub fn is_parquet(path: &Path) -> bool {
    let starts_with_magic = || {
        let mut head = [0; MAGIC.len()];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
        read.is_ok() && head == *MAGIC
    };
    path.is_file() && (is_named_parquet(path) || starts_with_magic())
}
