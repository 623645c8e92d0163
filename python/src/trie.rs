//! The codewords of an index as a trie.

use std::sync::Arc;

use numpy::PyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use unitok::tokens::Columns;
use unitok::tokens::handover::{TrieArrays, Vocabulary};

use crate::errors::OrRaise;
use crate::index::Index;
use crate::lookup::Lookup;
use crate::threads;

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

    /// The trie as NumPy arrays in compressed sparse rows.
    ///
    /// Returns:
    ///     A dict. vocabulary: [tokens] every token, sorted. indptr: [nodes + 1]; the edges of node n, of which 0 is the root,
    ///     are indptr[n]:indptr[n + 1]. tokens: [edges] number of each edge's token in vocabulary; edge e leads to node e + 1.
    ///     item_indptr: [nodes + 1] and items: [items] rows of the items whose codeword ends at node n, in the same way.
    fn to_arrays<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let make = || {
            let index = Columns::from(self.0.index());
            let vocabulary = Vocabulary::new(&index, &vec![0; index.width()], None);
            TrieArrays::new(index, &vocabulary).map(|arrays| (vocabulary, arrays))
        };
        let (vocabulary, arrays) = threads::run(py, make)?.or_raise()?;
        let dict = PyDict::new(py);
        dict.set_item("vocabulary", vocabulary.tokens())?;
        let TrieArrays { indptr, tokens, item_indptr, items } = arrays;
        for (name, values) in [("indptr", indptr), ("tokens", tokens), ("item_indptr", item_indptr), ("items", items)] {
            dict.set_item(name, PyArray1::from_vec(py, values))?;
        }
        Ok(dict)
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
