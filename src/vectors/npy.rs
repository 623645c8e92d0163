//! The header of an `.npy` file, versions 1 to 3 (NumPy Enhancement Proposal 1).
//!
//! The crate `npyz`, which reads whole arrays elsewhere, is not used for headers: version 0.9.1
//! - allocates as many bytes as a header claims to have, up to 4 GiB;
//! - multiplies the shape without a check (a panic in debug builds, a wrong product in others), and refuses `3L`, as
//!   Python 2 wrote numbers;
//! - parses a Python literal of any kind, which makes the page's module larger by 190 kB (a quarter of it; 61 kB
//!   compressed);
//! - writes a number of rows that is not known at the beginning for one-dimensional arrays only.

use super::array::Array;
use super::layout::Header;
use super::python::Place;
use super::{Element, EmbeddingError, Layout};

/// First bytes of every `.npy` file.
pub(super) const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Longest header: NumPy's own readers stop at 10,000 bytes.
const MAX_HEADER: usize = 1 << 16;
/// Length of the headers that we write, a multiple of 64.
const WRITTEN_HEADER: usize = 128;
/// Characters of a record's type in a message.
const MAX_DESCR: usize = 200;

/// Reads the header of vectors from the beginning of a stream of `size` bytes, if that is known; `width` is what they
/// should have, for advice.
pub(super) fn read_header(
    stream: &mut dyn std::io::Read,
    size: Option<u64>,
    width: Option<usize>,
    name: &str,
) -> Result<Header, EmbeddingError> {
    let array = read_array(stream, name)?;
    let layout = layout(&array, &Place::npy(name), width, name)?;
    check_size(&array, layout, size, name)?;
    Ok(Header { layout, start: array.start, ids: None, text: None, contents: Default::default() })
}

/// The vectors that an array holds.
pub(super) fn layout(array: &Array, place: &Place, width: Option<usize>, name: &str) -> Result<Layout, EmbeddingError> {
    match (array.element(), &array.shape[..]) {
        (Some(element), &[rows @ (1..), width @ (1..)]) if !array.fortran => Ok(Layout { rows, width, element }),
        _ => {
            let (what, remedy) = (array.faults(), array.remedy(place, width));
            Err(EmbeddingError::Array { name: name.into(), what, remedy, is_empty: array.is_empty() })
        }
    }
}

/// A file holds exactly what its header says, as far as its size is known; never more than a computer can address.
fn check_size(array: &Array, layout: Layout, size: Option<u64>, name: &str) -> Result<(), EmbeddingError> {
    let claimed = layout.bytes().and_then(|data| data.checked_add(array.start)).unwrap_or(u64::MAX);
    let found = size.unwrap_or(claimed.min(isize::MAX as u64));
    if claimed == found { Ok(()) } else { Err(EmbeddingError::Size { name: name.into(), claimed, found }) }
}

/// Reads the header of any array.
pub(super) fn read_array(stream: &mut dyn std::io::Read, name: &str) -> Result<Array, EmbeddingError> {
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
    let order = value(&text, "fortran_order").ok_or_else(|| missing("fortran_order"))?;
    let shape = value(&text, "shape").and_then(shape).ok_or_else(|| missing("shape"))?;
    let start = (8 + length_bytes + length) as u64;
    Ok(Array { descr: type_name(descr), fortran: !order.starts_with("False"), shape, start })
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

/// The type at the beginning of `text`: what a string holds, or the list of a record's fields.
fn type_name(text: &str) -> String {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
    if let Some(name) = quote.and_then(|quote| text[1..].split(quote).next()) {
        return name.chars().take(MAX_DESCR).collect();
    }
    let end = text.find("'fortran_order'").or_else(|| text.find('}')).unwrap_or(text.len());
    text[..end].trim_end_matches([',', ' ']).chars().take(MAX_DESCR).collect()
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
        let array = read_array(&mut &header[..], "a.npy").unwrap();
        assert_eq!((array.shape.as_slice(), array.start), ([usize::MAX, 384].as_slice(), 128));
        assert_eq!((array.element(), array.fortran), (Some(Element::F16), false));
    }

    #[test]
    fn types_of_records_are_kept() {
        assert_eq!(type_name("'<f4', 'fortran_order': False}"), "<f4");
        let record = "[('id', '<i8'), ('v', '<f4', (384,))], 'fortran_order': False, 'shape': (3,), }";
        assert_eq!(type_name(record), "[('id', '<i8'), ('v', '<f4', (384,))]");
    }
}
