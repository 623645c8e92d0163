//! What tells the content of a file, or of a folder, from another.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Context;
use sha2::{Digest, Sha256};

use crate::base::hash::hex;

/// Number of bytes of a file, or of the files of a folder, and the SHA-256 of them.
///
/// # Errors
/// It cannot be read.
pub fn sha256(path: &Path) -> anyhow::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let bytes = hash_all(path, &mut hash).with_context(|| format!("cannot read {}", path.display()))?;
    Ok((bytes, hex(&hash.finalize())))
}

/// Adds a file, or the names and files of a folder, to `hash`; returns the number of bytes of the files.
fn hash_all(path: &Path, hash: &mut Sha256) -> io::Result<u64> {
    if path.is_dir() {
        let mut entries = path.read_dir()?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_fold(0, |bytes, entry| {
            hash.update(entry.as_os_str().as_encoded_bytes());
            Ok(bytes + hash_all(entry, hash)?)
        });
    }
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(bytes),
            n => {
                hash.update(&buffer[..n]);
                bytes += n as u64;
            }
        }
    }
}
