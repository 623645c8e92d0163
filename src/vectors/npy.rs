//! The header of an `.npy` file, versions 1 to 3 (NumPy Enhancement Proposal 1).
//!
//! The crate `npyz`, which reads whole arrays elsewhere, is not used for headers: version 0.9.1
//! - allocates as many bytes as a header claims to have, up to 4 GiB;
//! - multiplies the shape without a check (a panic in debug builds, a wrong product in others), and refuses `3L`, as
//!   Python 2 wrote numbers;
//! - parses a Python literal of any kind, which makes the page's module larger by 190 kB (a quarter of it; 61 kB
//!   compressed);
//! - writes a number of rows that is not known at the beginning for one-dimensional arrays only.

use super::layout::Header;
use super::{Element, EmbeddingError, Layout};

/// First bytes of every `.npy` file.
pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Longest header: NumPy's own readers stop at 10,000 bytes.
const MAX_HEADER: usize = 1 << 16;
/// Length of the headers that we write, a multiple of 64.
const WRITTEN_HEADER: usize = 128;

/// Reads the header from the beginning of a stream; the caller checks the size of the data.
pub(super) fn read_header(stream: &mut dyn std::io::Read, name: &str) -> Result<Header, EmbeddingError> {
    let bad = |byte, what: String| EmbeddingError::Header { name: name.into(), byte, what };
    let mut take = |count: usize, byte: u64| -> Result<Vec<u8>, EmbeddingError> {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).map_err(|_| bad(byte, "the file ends inside it".into()))?;
        Ok(bytes)
    };
    let version = take(8, 0)?[6];
    let length_bytes = match version {
        1 => 2,
        2 | 3 => 4,
        _ => return Err(bad(6, format!("format version {version}, expected 1, 2 or 3"))),
    };
    let length = take(length_bytes, 8)?.iter().rev().fold(0usize, |n, &b| n << 8 | usize::from(b));
    if length > MAX_HEADER {
        return Err(bad(8, format!("it claims {length} bytes, at most {MAX_HEADER} are read")));
    }
    let text = String::from_utf8(take(length, 8 + length_bytes as u64)?).map_err(|e| bad(10, e.to_string()))?;
    let missing = |key: &str| bad(10, format!("no usable {key} in {:?}", text.trim_end()));
    let descr = value(&text, "descr").ok_or_else(|| missing("descr"))?;
    let element = element(descr).ok_or_else(|| EmbeddingError::Element { name: name.into(), found: head(descr).into() })?;
    let order = value(&text, "fortran_order").ok_or_else(|| missing("fortran_order"))?;
    let shape = value(&text, "shape").and_then(shape).ok_or_else(|| missing("shape"))?;
    let &[rows @ (1..), width @ (1..)] = &shape[..] else {
        return Err(EmbeddingError::Shape { name: name.into(), found: shape });
    };
    if !order.starts_with("False") {
        return Err(EmbeddingError::Fortran { name: name.into() });
    }
    let start = (8 + length_bytes + length) as u64;
    Ok(Header { layout: Layout { rows, width, element }, start, ids: None, text: None })
}

/// The header of `rows` vectors: always [`WRITTEN_HEADER`] bytes, so that it can be written again when the rows are known.
pub(super) fn header(rows: usize, width: usize, element: Element) -> Vec<u8> {
    let descr = match element {
        // NumPy has no bfloat16: the writer refuses it before.
        Element::F16 | Element::Bf16 => "<f2",
        Element::F32 => "<f4",
        Element::F64 => "<f8",
    };
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({rows}, {width}), }}");
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend((WRITTEN_HEADER as u16 - 10).to_le_bytes());
    bytes.extend(format!("{text:<width$}\n", width = WRITTEN_HEADER - 11).into_bytes());
    bytes
}

/// What follows `'key':` in a Python dictionary.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let at = ["'", "\""].iter().find_map(|quote| {
        let quoted = format!("{quote}{key}{quote}");
        Some(text.find(&quoted)? + quoted.len())
    })?;
    Some(text[at..].trim_start().strip_prefix(':')?.trim_start())
}

fn element(descr: &str) -> Option<Element> {
    let quoted = |name: &str| ["'", "\""].iter().any(|q| descr.starts_with(&format!("{q}{name}{q}")));
    [("<f2", Element::F16), ("<f4", Element::F32), ("<f8", Element::F64)].into_iter().find(|(n, _)| quoted(n)).map(|(_, e)| e)
}

fn head(descr: &str) -> &str {
    descr.split([',', '}']).next().unwrap_or(descr)
}

/// `(3, 4)` → `[3, 4]`.
fn shape(text: &str) -> Option<Vec<usize>> {
    let inside = text.strip_prefix('(')?.split_once(')')?.0;
    let numbers = inside.split(',').map(str::trim).filter(|n| !n.is_empty());
    numbers.map(|n| n.trim_end_matches('L').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_headers_read_back() {
        let header = header(usize::MAX, 384, Element::F16);
        assert_eq!(header.len(), WRITTEN_HEADER);
        let Header { layout, start, .. } = read_header(&mut &header[..], "a.npy").unwrap();
        assert_eq!((layout, start), (Layout { rows: usize::MAX, width: 384, element: Element::F16 }, 128));
    }
}
