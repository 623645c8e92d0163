//! What stands for `python` in the page: whoever drops a file there gets a sentence, and the page loads less.

use super::array::Array;

/// Where Python finds an array.
pub(super) struct Place;

impl Place {
    pub(super) fn npy(_file: &str) -> Self {
        Self
    }

    pub(super) fn safetensors(_file: &str, _tensor: &str) -> Self {
        Self
    }
}

impl Array {
    /// How to mend it: the program says it in a line of Python.
    pub(super) fn remedy(&self, _place: &Place, _width: Option<usize>) -> String {
        "Save it by numpy.save as 32-bit floats of that shape; the program unitok says how, in a line of Python".into()
    }
}
