//! The audit of an index, as the program's.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Serialize;
use unitok::audit::quality::{Quality, quality};
use unitok::audit::{Report, audit as report};
use unitok::base::floats::first_not_finite;
use unitok::base::words::counted;
use unitok::interactions::{self, Options, SequencesError};
use unitok::recommend::{Popularity, popularity};
use unitok::tokens;

use crate::errors::OrRaise;
use crate::index::Index;
use crate::vectors::Vectors;
use crate::{json, sizes, threads};

/// What `unitok audit --json` prints of an index and of what is given beside it.
#[derive(Serialize)]
struct Audited {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    popularity: Option<Popularity>,
    quality: Quality,
}

/// Measures an index, as `unitok audit --json` does.
///
/// Args:
///     index: An Index, or the path of one.
///     codes: Vocabulary size that utilisation is measured against, one for all positions or a list of one for each. By
///         default the largest number in a position's tokens plus one, rounded up.
///     sequences: Path of what users did with the items, in any form that `unitok audit --sequences` reads. Adds popularity
///         baselines, and how well the tokens tell what users do next.
///     embeddings: [items][width] embeddings in the order of index.ids. Adds whether near items share their first tokens.
///
/// Returns:
///     A dict with collision_rate, levels, verdict, findings and more.
#[pyfunction]
#[pyo3(signature = (index, *, codes=None, sequences=None, embeddings=None))]
pub fn audit<'py>(
    index: &Bound<'py, PyAny>,
    codes: Option<&Bound<'py, PyAny>>,
    sequences: Option<PathBuf>,
    embeddings: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = index.py();
    let (index, codes) = (Index::of(index)?, sizes::for_audit(codes)?);
    let vectors = embeddings.map(Vectors::read).transpose()?;
    let rows = vectors.as_ref().map(|vectors| rows(vectors, index.items())).transpose()?;
    let report = threads::run(py, || report(&index, &codes))?.or_raise()?;
    let audited = threads::run(py, || measure(&index, report, sequences, rows.as_deref()))?.or_raise()?;
    json::to_python(py, &audited)
}

fn measure(
    index: &tokens::Index,
    report: Report,
    sequences: Option<PathBuf>,
    rows: Option<&[Option<&[f32]>]>,
) -> Result<Audited, SequencesError> {
    let Some(path) = sequences else {
        return Ok(Audited { quality: quality(index, &report, None, rows), popularity: None, report });
    };
    let (sequences, _) = interactions::open(&path, &index.ids, &Options::default())?;
    let popularity = Some(popularity(index, &sequences)?);
    let quality = quality(index, &report, Some(&sequences.leave_one_out()?), rows);
    Ok(Audited { report, popularity, quality })
}

/// `[items]` rows of vectors, which are in the order of the index.
fn rows<'v>(vectors: &'v Vectors<'_>, items: usize) -> PyResult<Vec<Option<&'v [f32]>>> {
    let width = vectors.width().unwrap_or(1).max(1);
    let rows: Vec<_> = vectors.parts()?.into_iter().flat_map(|part| part.chunks_exact(width)).map(Some).collect();
    if rows.len() != items {
        let message = format!(
            "{} for an index of {}: pass one for each, in the order of index.ids",
            counted(rows.len(), "vector"),
            counted(items, "item")
        );
        return Err(PyValueError::new_err(message));
    }
    if let Some(row) = rows.iter().position(|row| row.is_some_and(|row| first_not_finite(row).is_some())) {
        return Err(PyValueError::new_err(format!("vector {row} has a value that is not a finite number")));
    }
    Ok(rows)
}
