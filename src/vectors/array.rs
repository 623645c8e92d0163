//! An array as NumPy describes it, and what is wrong with it for vectors.

use super::Element;

/// An array as its header describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Array {
    /// NumPy's name of the type, as `<f4`; of a record, its fields.
    pub descr: String,
    /// Column-major.
    pub fortran: bool,
    /// Length of each axis.
    pub shape: Vec<usize>,
    /// First byte of the first value.
    pub start: u64,
}

impl Array {
    /// The number format, if it is one that is read.
    pub(super) fn element(&self) -> Option<Element> {
        match self.descr.as_str() {
            "<f2" => Some(Element::F16),
            "<f4" => Some(Element::F32),
            "<f8" => Some(Element::F64),
            _ => None,
        }
    }

    /// Whether it has rows of a width, and none of them.
    pub(super) fn is_empty(&self) -> bool {
        self.element().is_some() && matches!(self.shape[..], [0, (1..)])
    }

    /// What is wrong with it for vectors, in a few words each.
    pub(super) fn faults(&self) -> String {
        let mut faults = Vec::new();
        if self.element().is_none() {
            faults.push(format!("values of type '{}'", self.descr));
        }
        if self.fortran {
            faults.push("Fortran order".into());
        }
        if self.shape.len() != 2 || self.shape.contains(&0) {
            faults.push(format!("shape {:?}", self.shape));
        }
        faults.join(", ")
    }
}
