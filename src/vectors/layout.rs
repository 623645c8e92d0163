//! What the header of an embedding file says.

use super::{Element, EmbeddingError};
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
    /// First byte and length of the ids.
    pub ids: Option<(u64, usize)>,
    /// Encoder and template that made the vectors.
    pub text: Option<TextConfig>,
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

    /// Refuses vectors of another width than `expected`, if one is.
    pub(super) fn check_width(&self, expected: Option<usize>, name: &str) -> Result<(), EmbeddingError> {
        match expected {
            Some(expected) if expected != self.width => {
                Err(EmbeddingError::Width { name: name.into(), found: self.width, expected })
            }
            _ => Ok(()),
        }
    }
}
