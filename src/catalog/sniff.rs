//! Telling what a file is from its name and its first bytes.

use super::{CatalogError, Format, ReadOptions};
use crate::tables::{Input, is_table, packing};

/// Bytes that are looked at.
const HEAD: usize = 1 << 10;

/// What to do with vectors.
const VECTORS: &str = "Vectors are read by another option: unitok tokenize --embeddings FILE --out index.json";

/// What to do with Parquet, which is read where its end can be.
const PARQUET: &str = if cfg!(feature = "parquet") {
    "Give unitok the file itself, or convert it to JSONL first"
} else {
    "The command line, unitok tokenize, reads it; for this, convert it to JSONL"
};

/// Files that people pass by mistake: magic bytes, what they are, what to do.
const FOREIGN: &[(&[u8], &str, &str)] = &[
    (b"PAR1", "a Parquet file", PARQUET),
    (b"\x93NUMPY", "a NumPy array", VECTORS),
    (b"<?xml", "XML (a product feed?)", "Export the feed as TSV, CSV or JSON: Google Merchant and shops offer these too"),
    (b"<rss", "XML (a product feed?)", "Export the feed as TSV, CSV or JSON: Google Merchant and shops offer these too"),
    (b"<feed", "XML (a product feed?)", "Export the feed as TSV, CSV or JSON: Google Merchant and shops offer these too"),
    (b"<", "HTML or XML (an error page saved in place of the data?)", "Fetch the file again"),
];

/// Skips a byte-order mark and finds the format; without a telling name, that of anything that begins as JSON does or is
/// even enough for a table.
pub(super) fn format(input: &mut Input<'_>, options: &ReadOptions) -> Result<Format, CatalogError> {
    let name = input.name.clone();
    let head = input.look(HEAD)?;
    if head.is_empty() {
        return Err(CatalogError::Empty { name });
    }
    if let Some((encoding, byte)) = utf16(head) {
        return Err(CatalogError::Utf16 { name, byte, encoding });
    }
    if head.starts_with(b"\xef\xbb\xbf") {
        input.advance(3, 0);
    }
    input.skip_while(|b| matches!(b, b'\r' | b'\n'))?;
    let Some(_) = input.peek()? else {
        let why = "only blank lines".into();
        return Err(CatalogError::NoItems { name, at: input.place.into(), why, skipped: 0 });
    };
    // Looked past, not skipped: a tab may be an empty first column.
    let head = input.look(HEAD)?.trim_ascii_start();
    let foreign = || FOREIGN.iter().find(|(magic, ..)| head.starts_with(magic)).map(|&(_, what, remedy)| (what, remedy));
    let tensors = || is_safetensors(head).then_some(("a safetensors file", VECTORS));
    if let Some((what, remedy)) = packing(head).or_else(foreign).or_else(tensors) {
        return Err(CatalogError::Foreign { name, what, remedy });
    }
    let first = head.first().copied();
    let table = options.delimiter.map(|_| Format::Csv);
    match (options.format.or(Format::from_extension(&name)).or(table), first) {
        (None | Some(Format::Jsonl | Format::Json), Some(b'[')) => Ok(Format::Json),
        // Many a `.json` is one object a line.
        (None | Some(Format::Jsonl | Format::Json), Some(b'{')) => Ok(Format::Jsonl),
        (Some(Format::Json), _) => Ok(Format::Jsonl),
        (Some(format), _) => Ok(format),
        (None, _) => match is_table(input)? {
            Some(b'\t') => Ok(Format::Tsv),
            Some(_) => Ok(Format::Csv),
            None => Err(CatalogError::UnknownFormat { name }),
        },
    }
}

/// The length of a header in JSON, then the header.
fn is_safetensors(head: &[u8]) -> bool {
    head.len() > 9 && head[4..8] == [0; 4] && &head[8..10] == b"{\""
}

/// UTF-16 by its mark, or by every other byte being zero.
fn utf16(head: &[u8]) -> Option<(&'static str, u64)> {
    match head {
        [0xff, 0xfe, ..] => Some(("UTF-16LE", 0)),
        [0xfe, 0xff, ..] => Some(("UTF-16BE", 0)),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(("UTF-16LE", 1)),
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(("UTF-16BE", 0)),
        _ => None,
    }
}
