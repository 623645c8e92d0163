//! The tokenizer: vectors or texts in, codewords out.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use unitok::engine::cpu::CpuEngine;
use unitok::engine::{EngineError, Tokenized, Want};
use unitok::model::{Model, built_in};
use unitok::tokens::lock::{Artefact, Making, Reads, name, of_text, of_vectors};
use unitok::tokens::{CodeVocabulary, Layout, Policy, Schema, resolve};

use crate::encoding::{Encoding, Made};
use crate::errors::OrRaise;
use crate::index::Index;
use crate::text::Cached;
use crate::vectors::Vectors;
use crate::{json, text, threads};

/// Rows between two looks at Ctrl-C: a fraction of a second.
const ROWS: usize = 1 << 15;

/// A trained tokenizer: embeddings of items in, their tokens out, as `unitok tokenize` writes them.
///
/// It works on all threads (the environment variable RAYON_NUM_THREADS says how many) with the GIL released, can be used
/// from several threads at once, and can be pickled.
#[pyclass(frozen, module = "unitok")]
pub struct Tokenizer {
    model: Arc<Model>,
    /// What people call it.
    name: String,
    digest: OnceLock<String>,
    engine: CpuEngine,
    text_encoder: Cached,
}

/// How codes become codewords, by the names of the program's options.
struct Choices {
    collisions: Policy,
    layout: Layout,
    vocabulary: CodeVocabulary,
    chains: u16,
    schema: Schema,
    /// Another engine than the greedy one.
    beam: Option<CpuEngine>,
}

/// What was read of the items.
struct Read {
    reads: Reads,
    text_model: Option<Artefact>,
    fingerprints: Vec<u32>,
}

impl Tokenizer {
    fn new(model: Model, name: String) -> Self {
        Self {
            engine: CpuEngine::new(&model),
            model: Arc::new(model),
            name,
            digest: OnceLock::new(),
            text_encoder: Cached::default(),
        }
    }

    /// The model itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    fn width(&self) -> usize {
        self.model.config.model.input
    }

    fn choices(&self, collisions: &str, layout: &str, vocabulary: &str, beam: u16) -> PyResult<Choices> {
        let (layout, vocabulary): (Layout, CodeVocabulary) = (layout.parse().or_raise()?, vocabulary.parse().or_raise()?);
        let schema = Schema::new(&self.model.config.model, layout, vocabulary).or_raise()?;
        let chains = beam;
        let beam = match beam {
            1 => None,
            2..=64 => Some(CpuEngine::with_beam(&self.model, beam.into()).or_raise()?),
            _ => return Err(PyValueError::new_err(format!("beam={beam}: the number of chains is from 1 to 64"))),
        };
        Ok(Choices { collisions: collisions.parse().or_raise()?, layout, vocabulary, chains, schema, beam })
    }

    /// Appends the codes of whole rows to those of the rows before them.
    fn append(&self, py: Python<'_>, rows: &[f32], choices: &Choices, batch: &mut Tokenized) -> PyResult<()> {
        let want = Want { latents: choices.collisions.needs_latents(), ..Want::default() };
        let engine = choices.beam.as_ref().unwrap_or(&self.engine);
        for rows in rows.chunks(ROWS * self.width()) {
            let before = batch.items;
            batch.append(threads::run(py, || engine.run(rows, want))?.map_err(|error| at(error, before)).or_raise()?);
            py.check_signals()?;
        }
        Ok(())
    }

    fn finish(&self, py: Python<'_>, mut batch: Tokenized, choices: &Choices, read: Read) -> PyResult<Encoding> {
        let resolved = threads::run(py, || resolve(&self.model, &mut batch, &choices.schema, choices.collisions))?;
        let (codewords, report) = resolved.or_raise()?;
        let making = Making {
            tokenizer: Artefact { name: self.name.clone(), sha256: self.digest.get_or_init(|| self.model.digest()).clone() },
            text_model: read.text_model,
            // Texts came without their fields, and vectors without their texts.
            template: None,
            layout: choices.layout,
            code_vocabulary: choices.vocabulary,
            policy: choices.collisions,
            beam: choices.chains,
            interactions: None,
            reads: read.reads,
        };
        let made = Made { making, fingerprints: read.fingerprints, schema: choices.schema.clone(), model: self.model.clone() };
        Encoding::new(py, batch, codewords, &report, made)
    }

    fn empty(&self, choices: &Choices) -> Tokenized {
        let want = Want { latents: choices.collisions.needs_latents(), ..Want::default() };
        Tokenized { z_hat: None, ..Tokenized::empty(&self.model.config.model, want) }
    }
}

/// The error with the number that its row has in the whole input.
fn at(error: EngineError, before: usize) -> EngineError {
    match error {
        EngineError::Value { row, column, what } => EngineError::Value { row: before + row, column, what },
        other => other,
    }
}

#[pymethods]
impl Tokenizer {
    /// Loads a tokenizer.
    ///
    /// Args:
    ///     path: Folder with config.json and model.safetensors, or "default" for the model that comes with the package.
    ///
    /// Raises:
    ///     FileNotFoundError: The folder has no model.
    ///     ValueError: The files are damaged, or do not belong together.
    #[staticmethod]
    #[pyo3(signature = (path="default".into()), text_signature = "(path='default')")]
    fn from_pretrained(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let is_default = path.as_os_str() == "default";
        let load = || if is_default { built_in::model() } else { Model::load(&path) };
        let name = || if is_default { "the built-in model".into() } else { name(&path.canonicalize().unwrap_or(path.clone())) };
        Ok(Self::new(threads::run(py, load)?.or_raise()?, name()))
    }

    /// The tokenizer of the contents of config.json and model.safetensors.
    #[staticmethod]
    fn from_buffers(py: Python<'_>, config: &str, weights: &[u8]) -> PyResult<Self> {
        Ok(Self::new(threads::run(py, || Model::from_bytes(config, weights))?.or_raise()?, "a model in memory".into()))
    }

    /// Encodes embeddings.
    ///
    /// Args:
    ///     vectors: [items][width] embeddings by the text model that the tokenizer was trained with: an array of floats, or
    ///         anything with Arrow's C interface, which holds lists of floats: a column of pyarrow or polars, a table or
    ///         record batch with one column of them. Contiguous float32 is read where it lies; the rest is copied.
    ///     collisions: What to do with items that share a codeword: "keep", "suffix", "sinkhorn" or "assign". All but "keep"
    ///         look at all items of the call at once.
    ///     layout: Order of the tokens: "expert-last", "expert-first" or "with-shared".
    ///     code_vocabulary: "shared" if the experts' codes have the same tokens, or "per-expert".
    ///     beam: Number of code chains that the search follows; more find codes with less error.
    ///
    /// Returns:
    ///     An Encoding of [items] codewords, in order.
    ///
    /// Raises:
    ///     TypeError: No array of floats.
    ///     ValueError: Another width than the tokenizer's; a value that is not finite; a row of zeros or with nulls.
    #[pyo3(signature = (vectors, *, collisions="keep", layout="expert-last", code_vocabulary="shared", beam=1))]
    fn encode(
        &self,
        vectors: &Bound<'_, PyAny>,
        collisions: &str,
        layout: &str,
        code_vocabulary: &str,
        beam: u16,
    ) -> PyResult<Encoding> {
        let py = vectors.py();
        let choices = self.choices(collisions, layout, code_vocabulary, beam)?;
        let vectors = Vectors::read(vectors)?;
        vectors.check_width(self.width())?;
        let (mut batch, mut fingerprints) = (self.empty(&choices), Vec::new());
        for rows in vectors.parts()? {
            self.append(py, rows, &choices, &mut batch)?;
            fingerprints.extend(py.detach(|| of_vectors(rows, self.width())));
        }
        self.finish(py, batch, &choices, Read { reads: Reads::Vectors, text_model: None, fingerprints })
    }

    /// Embeds texts and encodes their embeddings.
    ///
    /// Args:
    ///     texts: [items] texts, made as the tokenizer's template makes them (see config["text"]["template"]).
    ///     text_model: A TextEncoder, or the folder of one. By default the one in $UNITOK_TEXT_MODEL, or that which
    ///         `cargo xtask text-model` has fetched. It stays loaded.
    ///     collisions, layout, code_vocabulary, beam: As of encode.
    ///
    /// Raises:
    ///     TextModelNotFoundError: There is no text model.
    ///     ValueError: It has another width than the tokenizer reads; a text is empty.
    #[pyo3(signature = (texts, *, text_model=None, collisions="keep", layout="expert-last", code_vocabulary="shared", beam=1))]
    fn encode_texts(
        &self,
        texts: &Bound<'_, PyAny>,
        text_model: Option<&Bound<'_, PyAny>>,
        collisions: &str,
        layout: &str,
        code_vocabulary: &str,
        beam: u16,
    ) -> PyResult<Encoding> {
        let py = texts.py();
        let choices = self.choices(collisions, layout, code_vocabulary, beam)?;
        let texts = text::list(texts)?;
        let encoder = self.text_encoder.get(py, text_model)?;
        text::check_made_for(py, &encoder, &self.model.config)?;
        let mut batch = self.empty(&choices);
        text::embed(py, &encoder, &texts, |rows| self.append(py, rows, &choices, &mut batch))?;
        let fingerprints = texts.iter().map(|text| of_text(text)).collect();
        let text_model = Some(text::artefact(&encoder, &self.model.config));
        self.finish(py, batch, &choices, Read { reads: Reads::Texts, text_model, fingerprints })
    }

    /// Items of an index by their tokens, as Index.decode does it.
    fn decode<'py>(&self, tokens: &Bound<'py, PyAny>, index: &Index) -> PyResult<Bound<'py, PyAny>> {
        index.decode(tokens)
    }

    /// Writes config.json and model.safetensors into a folder, which is made if it does not exist.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| self.model.save(&path)).or_raise()
    }

    /// The content of config.json: shapes, domains, text model and template.
    #[getter]
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::to_python(py, &self.model.config)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let weights = py.detach(|| self.model.to_safetensors(self.model.precision()));
        let parts =
            PyTuple::new(py, [self.model.config.to_json().into_pyobject(py)?.into_any(), PyBytes::new(py, &weights).into_any()])?;
        Ok((py.get_type::<Self>().getattr("from_buffers")?, parts))
    }

    fn __repr__(&self) -> String {
        let a = &self.model.config.model;
        format!("Tokenizer(input={}, levels={}, codes={}, experts={}, top_n={})", a.input, a.levels, a.codes, a.experts, a.top_n)
    }
}
