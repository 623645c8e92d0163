//! Texts in: the sentence encoder, and what it is given.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use unitok::base::parallel;
use unitok::model::Config;
use unitok::text::{self, TextFiles, model_folder};
use unitok::tokens::lock::Artefact;

use crate::errors::OrRaise;
use crate::threads;

/// Texts for each thread between two looks at Ctrl-C: about a second of work.
const TEXTS: usize = 128;

/// A sentence encoder, which turns texts into the embeddings that a tokenizer reads (MiniLM-class, on the CPU).
#[pyclass(frozen, module = "unitok")]
pub struct TextEncoder(Arc<text::TextEncoder>);

#[pymethods]
impl TextEncoder {
    /// Loads a text model.
    ///
    /// Args:
    ///     path: Folder with config.json, tokenizer.json and model.safetensors. By default the one in $UNITOK_TEXT_MODEL, or
    ///         that which `cargo xtask text-model` has fetched.
    ///
    /// Raises:
    ///     TextModelNotFoundError: The folder lacks files.
    ///     ValueError: They are damaged, or of another architecture.
    #[staticmethod]
    #[pyo3(signature = (path=None))]
    fn from_pretrained(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Self> {
        Ok(Self(load(py, path)?))
    }

    /// [texts][width] embeddings of unit length, float32.
    fn encode(&self, texts: &Bound<'_, PyAny>) -> PyResult<Py<PyArray2<f32>>> {
        let (py, texts) = (texts.py(), list(texts)?);
        let mut values = Vec::with_capacity(texts.len() * self.0.width());
        embed(py, &self.0, &texts, |rows| {
            values.extend_from_slice(rows);
            Ok(())
        })?;
        Ok(PyArray1::from_vec(py, values).reshape([texts.len(), self.0.width()])?.unbind())
    }

    /// Values of an embedding.
    #[getter]
    fn width(&self) -> usize {
        self.0.width()
    }

    fn __repr__(&self) -> String {
        format!("TextEncoder(width={})", self.0.width())
    }
}

fn load(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Arc<text::TextEncoder>> {
    let folder = model_folder(path.as_deref()).or_raise()?;
    let loaded = threads::run(py, || TextFiles::read(&folder).and_then(|files| files.encoder()))?;
    Ok(Arc::new(loaded.or_raise()?))
}

/// The encoder that was used last, and the folder that was asked for.
#[derive(Default)]
pub struct Cached(Mutex<Option<(Option<PathBuf>, Arc<text::TextEncoder>)>>);

impl Cached {
    /// The encoder `given`, or that of a folder, or of the default one.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, py: Python<'_>, given: Option<&Bound<'_, PyAny>>) -> PyResult<Arc<text::TextEncoder>> {
        if let Some(encoder) = given.and_then(|given| given.cast::<TextEncoder>().ok()) {
            return Ok(encoder.get().0.clone());
        }
        let folder: Option<PathBuf> = given.map(|given| given.extract()).transpose()?;
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, encoder)) = lock().as_ref().filter(|(of, _)| *of == folder) {
            return Ok(encoder.clone());
        }
        let encoder = load(py, folder.clone())?;
        *lock() = Some((folder, encoder.clone()));
        Ok(encoder)
    }
}

/// Refuses an encoder of another width than a tokenizer reads, and warns of another than it was trained with.
pub fn check_made_for(py: Python<'_>, encoder: &text::TextEncoder, config: &Config) -> PyResult<()> {
    let (found, expected, trained) = (encoder.width(), config.model.input, &config.text);
    if found != expected {
        return Err(PyValueError::new_err(format!(
            "the text model gives vectors of width {found}, but the tokenizer reads width {expected}: pass the one that it was trained with ({})",
            trained.encoder
        )));
    }
    if !trained.encoder_sha256.is_empty() && trained.encoder_sha256 != encoder.digests().weights {
        let message = format!("the tokenizer was trained with another text model ({}): tokens may differ\0", trained.encoder);
        let message = std::ffi::CString::from_vec_with_nul(message.into_bytes()).unwrap_or_default();
        PyErr::warn(py, &py.get_type::<PyUserWarning>(), &message, 2)?;
    }
    Ok(())
}

/// An encoder as lockfiles name it: by the name that the tokenizer was trained with, if it is that one.
pub fn artefact(encoder: &text::TextEncoder, config: &Config) -> Artefact {
    let (trained, sha256) = (&config.text, encoder.digests().weights.clone());
    let is_trained = trained.encoder_sha256 == sha256;
    Artefact { name: if is_trained { trained.encoder.clone() } else { "another text model".into() }, sha256 }
}

/// The texts of a list, an array or another iterable.
///
/// # Errors
/// It is one text, or holds something else, or a text without a word.
pub fn list(texts: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    if texts.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("texts are a list of str: one text is [text]"));
    }
    let text = |(row, text): (usize, PyResult<Bound<'_, PyAny>>)| {
        let text = text?;
        let Ok(found) = text.extract::<String>() else {
            return Err(PyTypeError::new_err(format!("text {row} is {}, not str", text.get_type().name()?)));
        };
        if found.trim().is_empty() {
            return Err(PyValueError::new_err(format!("text {row} is empty: leave it out, its tokens would mean nothing")));
        }
        Ok(found)
    };
    texts.try_iter()?.enumerate().map(text).collect()
}

/// Embeds texts, and gives rows to `take` as they are done.
///
/// # Errors
/// Ctrl-C, or those of `take`.
pub fn embed(
    py: Python<'_>,
    encoder: &text::TextEncoder,
    texts: &[String],
    mut take: impl FnMut(&[f32]) -> PyResult<()>,
) -> PyResult<()> {
    let window = threads::run(py, || TEXTS * parallel::threads())?;
    for texts in texts.chunks(window) {
        take(&threads::run(py, || encoder.embed(texts))?)?;
        py.check_signals()?;
    }
    Ok(())
}
