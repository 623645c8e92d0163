//! An index: items and their tokens, and items by their tokens.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyIterator, PyList, PyString};
use unitok::model::Model;
use unitok::tokens::lock::{Lock, Locked, read_locked};
use unitok::tokens::{self, Columns};

use crate::errors::OrRaise;
use crate::lookup::Lookup;
use crate::save::save;
use crate::{json, threads};

/// Items and their tokens: an index file in memory, of any tokenizer. It is a mapping of ids to lists of tokens.
#[pyclass(frozen, module = "unitok")]
pub struct Index {
    index: Arc<tokens::Index>,
    /// How messages name it.
    name: String,
    /// What it was made of, where that is known.
    lock: Option<Arc<Lock>>,
    /// The tokenizer that made it, of an index that was just made.
    model: Option<Arc<Model>>,
    /// Number of each item by its id.
    items: OnceLock<HashMap<String, usize>>,
    lookup: OnceLock<Arc<Lookup>>,
}

impl From<tokens::Index> for Index {
    fn from(index: tokens::Index) -> Self {
        Self::new(Locked { name: "the index".into(), index, lock: None })
    }
}

impl Index {
    /// An index, and what it was made of.
    pub fn new(locked: Locked) -> Self {
        let Locked { name, index, lock } = locked;
        let (index, lock) = (Arc::new(index), lock.map(Arc::new));
        Self { index, name, lock, model: None, items: OnceLock::new(), lookup: OnceLock::new() }
    }

    /// The same, which `model` has just made.
    pub fn made_by(locked: Locked, model: Arc<Model>) -> Self {
        Self { model: Some(model), ..Self::new(locked) }
    }

    /// The index that a function was given, or the path of.
    ///
    /// # Errors
    /// It is neither, or the file is no index, or not that of its lockfile.
    pub fn of(given: &Bound<'_, PyAny>) -> PyResult<Arc<tokens::Index>> {
        match given.cast::<Self>() {
            Ok(index) => Ok(index.get().index.clone()),
            Err(_) => Ok(Self::from_file(given.py(), given.extract()?, false)?.index),
        }
    }

    /// The same by columns, with its lockfile, if `heed` says that a file's counts.
    ///
    /// # Errors
    /// As [`Index::of`].
    pub fn columns_of(given: &Bound<'_, PyAny>, heed: bool) -> PyResult<Locked<Columns>> {
        let py = given.py();
        let Ok(index) = given.cast::<Self>() else {
            let path: PathBuf = given.extract()?;
            return threads::run(py, || read_locked(&path, heed))?.or_raise();
        };
        let Self { index, name, lock, .. } = index.get();
        let lock = lock.as_deref().filter(|_| heed).cloned();
        Ok(Locked { name: name.clone(), index: py.detach(|| Columns::from(&**index)), lock })
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
    /// Args:
    ///     path: Its file. The lockfile beside it (path.lock), if there is one, says what it was made of.
    ///     ignore_lock: Whether to go on with a lockfile that does not belong to the index.
    ///
    /// Raises:
    ///     OSError: The file cannot be read.
    ///     ValueError: It is no index, or not that of its lockfile, and why.
    #[staticmethod]
    #[pyo3(signature = (path, *, ignore_lock=false))]
    fn from_file(py: Python<'_>, path: PathBuf, ignore_lock: bool) -> PyResult<Self> {
        Ok(Self::new(threads::run(py, || read_locked(&path, !ignore_lock))?.or_raise()?))
    }

    /// The index {"item id": ["<a_12>", ...], ...}.
    #[staticmethod]
    fn from_dict(items: &Bound<'_, PyDict>) -> PyResult<Self> {
        let rows: PyResult<Vec<(String, Vec<String>)>> =
            items.iter().map(|(id, tokens)| Ok((id.extract()?, tokens.extract()?))).collect();
        Ok(tokens::Index::from_rows(rows?).or_raise()?.into())
    }

    /// Writes the index as JSON, or as Parquet if the name ends so, whole or not at all; beside it its lockfile (path.lock), if it
    /// is known what it was made of: of an index that Encoding.to_index made, or that was read with one. Of an index that is there,
    /// retired codewords that nobody gets stay retired, and pinned items that keep their tokens pinned; its text model and template
    /// are those of the new one too, where that does not know them and its tokens mean the same.
    ///
    /// Args:
    ///     path: Its file.
    ///     replace: Whether to write over an index whose items would then have other tokens, or be gone. A UserWarning says how
    ///         many items that are.
    ///
    /// Raises:
    ///     OSError: The file cannot be written.
    ///     ValueError: Another process is writing it; a lockfile is there that cannot be read, or that keeps pinned items or retired
    ///         codewords of an index that is not there; or with replace=False, how many items would move, or why nobody knows it.
    #[pyo3(signature = (path, *, replace=true))]
    fn save(&self, py: Python<'_>, path: PathBuf, replace: bool) -> PyResult<()> {
        save(py, &path, &self.index, (self.lock.as_deref(), self.model.as_deref()), replace)
    }

    /// What the index was made of, as its lockfile has it: tokenizer, text model, layout and more. None where it is not known.
    #[getter]
    fn made_of<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.lock.as_ref().map(|lock| json::to_python(py, &lock.making)).transpose()
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

    fn __contains__(&self, id: &Bound<'_, PyAny>) -> bool {
        id.extract::<String>().is_ok_and(|text| self.item(id.py(), &text).is_some())
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
