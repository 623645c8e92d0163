//! The codewords of an index as a trie.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::index::Index;
use crate::lookup::Lookup;

/// The codewords of an index as a trie: which tokens may follow a prefix, so that a decoder only generates items that exist.
#[pyclass(frozen, module = "unitok")]
pub struct Trie(Arc<Lookup>);

#[pymethods]
impl Trie {
    #[new]
    fn new(py: Python<'_>, index: &Index) -> Self {
        Self(index.lookup(py))
    }

    /// Tokens that may follow a prefix; none after a whole codeword, or a prefix that no item has.
    #[pyo3(signature = (prefix=Vec::new()), text_signature = "($self, /, prefix=())")]
    fn allowed(&self, prefix: Vec<String>) -> Vec<&str> {
        self.0.allowed(&prefix)
    }

    /// Ids of the items that have exactly this codeword.
    fn items(&self, codeword: Vec<String>) -> Vec<&str> {
        self.0.items(&codeword)
    }

    fn __contains__(&self, codeword: Vec<String>) -> bool {
        !self.0.items(&codeword).is_empty()
    }

    /// Nodes, the root included.
    #[getter]
    fn nodes(&self) -> usize {
        self.0.trie().nodes()
    }

    fn __repr__(&self) -> String {
        format!("Trie(nodes={})", self.nodes())
    }
}
