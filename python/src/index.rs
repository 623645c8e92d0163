//! An index: items and their tokens, and items by their tokens.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyString};
use unitok::base::files::write_atomic;
use unitok::tables;
use unitok::tokens::{self, IndexWriter, read_index, token_number, write_index};

use crate::errors::OrRaise;
use crate::lookup::Lookup;
use crate::threads;

/// Items and their tokens: an index file in memory, of any tokenizer. It is a mapping of ids to lists of tokens.
#[pyclass(frozen, module = "unitok")]
pub struct Index {
    index: Arc<tokens::Index>,
    /// Number of each item by its id.
    items: OnceLock<HashMap<String, usize>>,
    lookup: OnceLock<Arc<Lookup>>,
}

impl From<tokens::Index> for Index {
    fn from(index: tokens::Index) -> Self {
        Self { index: Arc::new(index), items: OnceLock::new(), lookup: OnceLock::new() }
    }
}

impl Index {
    /// The index that a function was given, or the path of.
    ///
    /// # Errors
    /// It is neither, or the file is no index.
    pub fn of(given: &Bound<'_, PyAny>) -> PyResult<Arc<tokens::Index>> {
        match given.cast::<Self>() {
            Ok(index) => Ok(index.get().index.clone()),
            Err(_) => Ok(Self::from_file(given.py(), given.extract()?)?.index),
        }
    }

    /// Its items by their tokens, which are sorted when they are first asked for.
    pub fn lookup(&self, py: Python<'_>) -> Arc<Lookup> {
        py.detach(|| self.lookup.get_or_init(|| Arc::new(Lookup::new(self.index.clone()))).clone())
    }

    fn item(&self, py: Python<'_>, id: &str) -> Option<usize> {
        let number = |(item, id): (usize, &String)| (id.clone(), item);
        py.detach(|| self.items.get_or_init(|| self.index.ids.iter().enumerate().map(number).collect())).get(id).copied()
    }

    fn tokens_of(&self, item: usize) -> Vec<&str> {
        self.index.row(item).iter().map(|&token| self.index.vocabulary[token as usize].as_str()).collect()
    }
}

#[pymethods]
impl Index {
    /// Reads an index: JSON as {"item id": ["<a_12>", ...]}, or Parquet with the columns item_id and tokens.
    ///
    /// Raises:
    ///     OSError: The file cannot be read.
    ///     ValueError: It is no index, and why.
    #[staticmethod]
    fn from_file(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let read = || match tables::is_parquet(&path) {
            true => read_index(&path),
            false => tokens::Index::read(tables::open(&path)?.stream),
        };
        Ok(threads::run(py, read)?.or_raise()?.into())
    }

    /// The index {"item id": ["<a_12>", ...], ...}.
    #[staticmethod]
    fn from_dict(items: &Bound<'_, PyDict>) -> PyResult<Self> {
        let rows: PyResult<Vec<(String, Vec<String>)>> =
            items.iter().map(|(id, tokens)| Ok((id.extract()?, tokens.extract()?))).collect();
        Ok(tokens::Index::from_rows(rows?).or_raise()?.into())
    }

    /// Writes the index as JSON, or as Parquet if the name ends so, whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        let items = || (0..self.index.items()).map(|item| (self.index.ids[item].as_str(), self.tokens_of(item)));
        let json = |out: &mut dyn std::io::Write| {
            let mut writer = IndexWriter::new(out)?;
            items().try_for_each(|(id, tokens)| writer.push(id, &tokens))?;
            writer.finish().map(drop)
        };
        let table = |out: &mut (dyn std::io::Write + Send)| {
            let numbers: Vec<u32> = self.index.vocabulary.iter().map(|token| token_number(token).unwrap_or(0) as u32).collect();
            let codes: Vec<u32> = self.index.tokens.iter().map(|&token| numbers[token as usize]).collect();
            let rows = items().zip(codes.chunks_exact(self.index.width));
            write_index(out, rows.map(|((id, tokens), codes)| (id, tokens.iter().map(ToString::to_string).collect(), codes)))?;
            Ok(())
        };
        let write = || write_atomic(&path, |out| if tables::is_named_parquet(&path) { table(out) } else { json(out) });
        threads::run(py, write)?.or_raise()
    }

    /// Items by their tokens.
    ///
    /// Args:
    ///     tokens: [width] tokens of a codeword, or [codewords][width] tokens of several.
    ///
    /// Returns:
    ///     Ids of the items that have the codeword, or a list of them for each codeword; empty where no item has it.
    pub fn decode<'py>(&self, tokens: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let (py, lookup) = (tokens.py(), self.lookup(tokens.py()));
        if let Ok(codeword) = tokens.extract::<Vec<String>>() {
            return Ok(PyList::new(py, lookup.items(&codeword))?.into_any());
        }
        let codewords: Vec<Vec<String>> = tokens.extract().map_err(|_| {
            PyTypeError::new_err("tokens are a list of str, such as [\"<a_12>\", \"<b_3>\"], or a list of such lists")
        })?;
        let found: PyResult<Vec<_>> = codewords.iter().map(|codeword| PyList::new(py, lookup.items(codeword))).collect();
        Ok(PyList::new(py, found?)?.into_any())
    }

    /// [items] ids.
    #[getter]
    fn ids<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.index.ids)
    }

    /// Tokens in a codeword.
    #[getter]
    fn width(&self) -> usize {
        self.index.width
    }

    /// Every different token, in order of appearance.
    #[getter]
    fn vocabulary<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.index.vocabulary)
    }

    /// {"item id": ["<a_12>", ...], ...}
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let texts: Vec<Bound<'py, PyString>> = self.index.vocabulary.iter().map(|token| PyString::new(py, token)).collect();
        let dict = PyDict::new(py);
        for (item, id) in self.index.ids.iter().enumerate() {
            dict.set_item(id, PyList::new(py, self.index.row(item).iter().map(|&token| &texts[token as usize]))?)?;
        }
        Ok(dict)
    }

    fn __getitem__(&self, py: Python<'_>, id: &str) -> PyResult<Vec<&str>> {
        let item = self.item(py, id).ok_or_else(|| PyKeyError::new_err(id.to_owned()))?;
        Ok(self.tokens_of(item))
    }

    fn __contains__(&self, py: Python<'_>, id: &str) -> bool {
        self.item(py, id).is_some()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        self.ids(py)?.try_iter()
    }

    fn __len__(&self) -> usize {
        self.index.items()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.index == other.index
    }

    fn __repr__(&self) -> String {
        format!("Index(items={}, width={}, vocabulary={})", self.index.items(), self.index.width, self.index.vocabulary.len())
    }
}
