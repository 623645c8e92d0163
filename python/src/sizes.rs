//! Vocabulary sizes, as Python's callers give them.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use unitok::audit::Codes;

/// Sizes: none, one for all positions, or one for each.
///
/// # Errors
/// They are no numbers, or not between 1 and the largest.
pub fn given(codes: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
    let Some(codes) = codes else { return Ok(Vec::new()) };
    let sizes = match codes.extract::<u32>() {
        Ok(size) => vec![size],
        Err(_) => codes.extract::<Vec<u32>>()?,
    };
    // Beyond that a number is the name of an item, not a code.
    if sizes.is_empty() || sizes.iter().any(|size| !(1..=1 << 24).contains(size)) {
        return Err(PyValueError::new_err(
            "codes are vocabulary sizes from 1 on: one for all positions, or a list of one for each",
        ));
    }
    Ok(sizes.into_iter().map(|size| size as usize).collect())
}

/// The same for an audit.
///
/// # Errors
/// As [`given`].
pub fn for_audit(codes: Option<&Bound<'_, PyAny>>) -> PyResult<Codes> {
    Ok(match given(codes)?.as_slice() {
        [] => Codes::Inferred,
        [size] => Codes::All(*size),
        sizes => Codes::Each(sizes.to_vec()),
    })
}
