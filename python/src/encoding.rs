//! What an encoding returns: codewords as tokens, as numbers and as an Arrow table.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::RecordBatch;
use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyList, PyString};
use unitok::base::words::counted;
use unitok::engine::Tokenized;
use unitok::model::Model;
use unitok::tokens::lock::{Fingerprints, Lock, Locked, Making, sum};
use unitok::tokens::{self, Codewords, CollisionReport, Schema, Store, letters};

use crate::errors::OrRaise;
use crate::index::Index;
use crate::{arrow, json, threads};

/// Codewords of items, in the order in which the items were given.
///
/// It is also an Arrow table with the columns `tokens` (list of string) and `codes` (list of int32), for any library that
/// reads Arrow's C interface: pyarrow.record_batch(encoding), polars.DataFrame(encoding).
#[pyclass(frozen, module = "unitok")]
pub struct Encoding {
    codewords: Codewords,
    made: Made,
    tokens: PyOnceLock<Py<PyList>>,
    /// [items][width] numbers in the tokens, int32.
    #[pyo3(get)]
    codes: Py<PyArray2<i32>>,
    /// [items][top_n] experts that the router chose, int32, the most probable first.
    #[pyo3(get)]
    experts: Py<PyArray2<i32>>,
    /// [items][top_n] their probabilities, float32.
    #[pyo3(get)]
    gates: Py<PyArray2<f32>>,
    /// How many items share a codeword, and what the collision policy changed.
    #[pyo3(get)]
    collisions: Py<PyDict>,
}

/// What goes into the lockfile of an index of the items.
pub struct Made {
    /// What the tokens were made of.
    pub making: Making,
    /// `[items]` of vectors or texts.
    pub fingerprints: Vec<u32>,
    /// What each position of a codeword holds.
    pub schema: Schema,
    /// The tokenizer.
    pub model: Arc<Model>,
}

impl Encoding {
    /// An encoding of these codewords, which were made of `batch`.
    pub fn new(py: Python<'_>, batch: Tokenized, codewords: Codewords, report: &CollisionReport, made: Made) -> PyResult<Self> {
        let numbers = |values: &[u32]| values.iter().map(|&value| value as i32).collect();
        let (items, top_n) = (batch.items, batch.top_n);
        Ok(Self {
            codes: matrix(py, numbers(&codewords.values), [items, codewords.width()])?,
            experts: matrix(py, numbers(&batch.experts), [items, top_n])?,
            gates: matrix(py, batch.gates, [items, top_n])?,
            collisions: json::to_python(py, report)?.extract()?,
            tokens: PyOnceLock::new(),
            codewords,
            made,
        })
    }

    fn table(&self, py: Python<'_>) -> PyResult<RecordBatch> {
        py.detach(|| arrow::table(&self.codewords))
    }
}

fn matrix<T: numpy::Element>(py: Python<'_>, values: Vec<T>, shape: [usize; 2]) -> PyResult<Py<PyArray2<T>>> {
    Ok(PyArray1::from_vec(py, values).reshape(shape)?.unbind())
}

#[pymethods]
impl Encoding {
    /// [items][width] tokens, lists of str such as ["<a_12>", "<b_3>"].
    #[getter]
    fn tokens(&self, py: Python<'_>) -> PyResult<Py<PyList>> {
        let made = self.tokens.get_or_try_init(py, || {
            let texts = Texts::new(py, &self.codewords);
            let rows = self.codewords.values.chunks_exact(self.codewords.width().max(1));
            let lists: PyResult<Vec<_>> = rows.map(|row| PyList::new(py, texts.of(row))).collect();
            PyList::new(py, lists?).map(Bound::unbind)
        })?;
        Ok(made.clone_ref(py))
    }

    /// An Index of the items, which knows what it was made of: Index.save writes that into its lockfile.
    ///
    /// Args:
    ///     ids: [items] ids, which all differ and are not empty.
    fn to_index(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<Index> {
        let (given, items) = (ids.len(), self.codewords.items());
        if given != items {
            return Err(PyValueError::new_err(format!(
                "{} for {}: an index has one id for each item",
                counted(given, "id"),
                counted(items, "item")
            )));
        }
        if let Some(item) = ids.iter().position(|id| id.trim().is_empty()) {
            return Err(PyValueError::new_err(format!("id {item} is empty: give each item one")));
        }
        let make = || {
            let rows = ids.into_iter().enumerate().map(|(item, id)| (id, self.codewords.tokens(item)));
            let index = tokens::Index::from_rows(rows)?;
            let Made { making, fingerprints, schema, .. } = &self.made;
            let fingerprints = Fingerprints(fingerprints.clone());
            let lock = Lock::new(sum(index.rows()), schema, making.clone(), index.ids(), fingerprints);
            Ok(Locked { name: "the index".into(), index, lock: Some(lock) })
        };
        let made: Result<_, tokens::IndexError> = threads::run(py, make)?;
        Ok(Index::made_by(made.or_raise()?, self.made.model.clone()))
    }

    // Arrow lets the wish for another schema go unheard.
    #[pyo3(signature = (_requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        _requested_schema: Option<Py<PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        arrow::array_capsules(py, self.table(py)?)
    }

    #[pyo3(signature = (_requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, _requested_schema: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyCapsule>> {
        arrow::stream_capsule(py, self.table(py)?)
    }

    fn __len__(&self) -> usize {
        self.codewords.items()
    }

    fn __repr__(&self) -> String {
        format!("Encoding(items={}, width={})", self.codewords.items(), self.codewords.width())
    }
}

/// The texts of tokens, each made when it is first met.
struct Texts<'py> {
    py: Python<'py>,
    /// By position and number.
    texts: Vec<RefCell<HashMap<u32, Bound<'py, PyString>>>>,
}

impl<'py> Texts<'py> {
    fn new(py: Python<'py>, codewords: &Codewords) -> Self {
        Self { py, texts: codewords.sizes.iter().map(|_| Default::default()).collect() }
    }

    /// The tokens of a codeword.
    fn of(&self, row: &[u32]) -> Vec<Bound<'py, PyString>> {
        let text = |(position, &number): (usize, &u32)| {
            let mut texts = self.texts[position].borrow_mut();
            let make = || PyString::new(self.py, &format!("<{}_{number}>", letters(position)));
            texts.entry(number).or_insert_with(make).clone()
        };
        row.iter().enumerate().map(text).collect()
    }
}
