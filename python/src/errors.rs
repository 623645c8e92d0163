//! UniTok's errors as Python's exceptions, and what it says as warnings, with their own messages.

use std::error::Error;
use std::ffi::CString;
use std::{io, iter};

use pyo3::create_exception;
use pyo3::exceptions::{PyFileNotFoundError, PyRuntimeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use unitok::base::files::LockError;
use unitok::compute::DeviceError;
use unitok::text::TextError;

create_exception!(
    unitok,
    TextModelNotFoundError,
    PyFileNotFoundError,
    "No sentence encoder is where one was looked for: pass text_model, or set UNITOK_TEXT_MODEL."
);

/// Results as Python functions return them.
pub trait OrRaise<T> {
    /// Turns the error into an exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T, E: Error + 'static> OrRaise<T> for Result<T, E> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(|error| exception(&error))
    }
}

/// What Python raises: of what the system refused a subclass of `OSError`, such as `FileNotFoundError`; otherwise, mostly,
/// a `ValueError`.
fn exception(error: &(dyn Error + 'static)) -> PyErr {
    let mut causes = iter::successors(Some(error), |&error| error.source());
    let text = causes.clone().fold(String::new(), |text, cause| match cause.to_string() {
        cause if text.is_empty() => cause,
        // Some have their cause in their own text.
        cause if text.contains(&cause) => text,
        cause => format!("{text}: {cause}"),
    });
    if let Some(TextError::Folder { .. } | TextError::NoHome(_)) = error.downcast_ref() {
        return TextModelNotFoundError::new_err(text);
    }
    if causes.clone().any(|cause| cause.is::<DeviceError>()) {
        return PyRuntimeError::new_err(text);
    }
    // Parsers wrap what they find in such errors too, which then have no number of the system's.
    let is_output = error.is::<io::Error>() || matches!(error.downcast_ref(), Some(LockError::Write(_)));
    let refused = |cause: &io::Error| cause.raw_os_error().is_some() || is_output;
    let system = causes.find_map(|cause| cause.downcast_ref::<io::Error>().filter(|cause| refused(cause)));
    match system {
        Some(refused) => io::Error::new(refused.kind(), text).into(),
        None => PyValueError::new_err(text),
    }
}

/// Python's warning, at the line that calls.
pub fn warn(py: Python<'_>, text: String) -> PyResult<()> {
    let text = CString::new(text).map_err(|_| PyValueError::new_err("a name with a null byte"))?;
    PyErr::warn(py, &py.get_type::<PyUserWarning>(), &text, 1)
}
