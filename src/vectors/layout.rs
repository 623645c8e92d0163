//! What the header of an embedding file says.

use super::array::Array;
use super::python::Place;
use super::stored_ids::IdKind;
use super::{Contents, Element, EmbeddingError};
use crate::model::TextConfig;

/// The vectors of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Items.
    pub rows: usize,
    /// Values an item.
    pub width: usize,
    /// Number format.
    pub element: Element,
}

/// The header of a file of bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub layout: Layout,
    /// First byte of the first value.
    pub start: u64,
    /// Where the ids are.
    pub ids: Option<StoredIds>,
    /// Encoder and template that made the vectors.
    pub text: Option<TextConfig>,
    /// What is read as what.
    pub contents: Contents,
}

/// Ids among the bytes of a file.
#[derive(Debug, PartialEq)]
pub(super) enum StoredIds {
    /// As text in the header.
    Text(String),
    /// First byte, length and kind.
    Bytes(u64, usize, IdKind),
}

impl Layout {
    /// The number format's name.
    pub fn element_name(&self) -> &'static str {
        match self.element {
            Element::F16 => "f16",
            Element::Bf16 => "bf16",
            Element::F32 => "f32",
            Element::F64 => "f64",
        }
    }

    /// Bytes of all values; `None` if no number holds as many.
    pub(super) fn bytes(&self) -> Option<u64> {
        let row = (self.width as u64).checked_mul(self.element.size() as u64)?;
        row.checked_mul(self.rows as u64)
    }

    /// Refuses vectors of another width than `expected`, if one is. Columns of vectors that could be rows are named.
    pub(super) fn check_width(&self, expected: Option<usize>, name: &str, place: Option<Place>) -> Result<(), EmbeddingError> {
        let Some(expected) = expected.filter(|&expected| expected != self.width) else { return Ok(()) };
        let transposed = place.filter(|_| self.rows == expected).map(|place| {
            let array = Array { descr: "<f4".into(), fortran: false, shape: vec![self.rows, self.width], start: 0 };
            format!("There are {expected} rows: rows and columns may be exchanged. {}", array.remedy(&place, Some(expected)))
        });
        let remedy = transposed.unwrap_or_else(|| "Use the text encoder that the model was trained with".into());
        Err(EmbeddingError::Width { name: name.into(), found: self.width, expected, remedy })
    }
}
