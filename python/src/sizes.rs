//! Vocabulary sizes, as Python's callers give them.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use unitok::audit::Codes;
use unitok::tokens::Index;

/// One number for all positions, or a list of one for each.
///
/// # Errors
/// It is neither.
pub fn given(codes: Option<&Bound<'_, PyAny>>) -> PyResult<Codes> {
    let Some(codes) = codes else { return Ok(Codes::Inferred) };
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
    Ok(match sizes.as_slice() {
        [size] => Codes::All(*size as usize),
        sizes => Codes::Each(sizes.iter().map(|&size| size as usize).collect()),
    })
}

/// `[width]` sizes of an index's positions.
///
/// # Errors
/// There are as many as positions.
pub fn of_positions(index: &Index, codes: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<usize>> {
    match given(codes)? {
        Codes::Inferred => Ok(index.inferred_sizes()),
        Codes::All(size) => Ok(vec![size; index.width]),
        Codes::Each(sizes) if sizes.len() == index.width => Ok(sizes),
        Codes::Each(sizes) => {
            let message = format!("{} vocabulary sizes for codewords of {} tokens", sizes.len(), index.width);
            Err(PyValueError::new_err(message))
        }
    }
}
