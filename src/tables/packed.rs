//! Telling how a file is packed, by its first bytes.

/// What a gzip file begins with.
pub(crate) const GZIP: &[u8] = b"\x1f\x8b";
/// What a Parquet file begins and ends with.
#[cfg(feature = "files")]
pub(super) const PARQUET: &[u8; 4] = b"PAR1";

/// First bytes of packed files, what they are, and what to do.
const PACKINGS: &[(&[u8], &str, &str)] = &[
    (GZIP, "a gzip file", "Unpack it first: gunzip FILE"),
    (b"PK\x03\x04", "a ZIP file (or a spreadsheet)", "Unpack it (unzip FILE), or export the spreadsheet as CSV, first"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it first: zstd -d FILE"),
    (b"BZh", "a bzip2 file", "Unpack it first: bunzip2 FILE"),
    (b"\xfd7zXZ\0", "an xz file", "Unpack it first: unxz FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file", "Unpack it first: 7z x FILE"),
];

/// A ZIP file whose first entry is an array; an entry's name stands 30 bytes after its beginning.
fn is_npz(head: &[u8]) -> bool {
    let [b'P', b'K', 3, 4, .., low, high, _, _] = head[..head.len().min(30)] else { return false };
    let name = head.get(30..30 + usize::from(u16::from_le_bytes([low, high])));
    name.is_some_and(|name| name.ends_with(b".npy"))
}

/// How a file that begins with `head` is packed, and what to do.
pub(crate) fn packing(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if is_npz(head) {
        return Some((
            "a NumPy archive (.npz)",
            "Give it as a file, not by a pipe, and to what reads vectors: unitok tokenize --embeddings",
        ));
    }
    PACKINGS.iter().find(|(magic, ..)| head.starts_with(magic)).map(|&(_, what, remedy)| (what, remedy))
}
