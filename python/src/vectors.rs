//! Vectors that Python holds, read where they lie: a NumPy array of float32 and Arrow's lists of float32 are not copied.

use numpy::{PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arrow::{self, Rows};

/// Rows of float32.
pub enum Vectors<'py> {
    /// An array `[rows][width]` in C order.
    Numpy(PyReadonlyArray2<'py, f32>, usize),
    /// Arrow's chunks.
    Arrow(Rows),
}

impl<'py> Vectors<'py> {
    /// Reads anything that is an array or has Arrow's C interface. Other numbers than float32 are converted.
    ///
    /// # Errors
    /// A type that has no rows of floats, or rows of different widths.
    pub fn read(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        if !object.is_instance_of::<PyUntypedArray>()
            && let Some(rows) = arrow::read(object)?
        {
            return Ok(Self::Arrow(rows));
        }
        Self::from_numpy(object)
    }

    fn from_numpy(object: &Bound<'py, PyAny>) -> PyResult<Self> {
        let numpy = object.py().import("numpy")?;
        let array = numpy.call_method1("asarray", (object,))?;
        let dtype = array.getattr("dtype")?;
        if dtype.getattr("kind")?.extract::<String>()? != "f" {
            return Err(PyTypeError::new_err(format!(
                "vectors are an array of floats, this is {} of dtype {dtype}: pass embeddings, as array.astype(\"float32\")",
                object.get_type().name()?
            )));
        }
        let options = PyDict::new(object.py());
        options.set_item("dtype", "float32")?;
        options.set_item("requirements", ["C", "A"])?;
        let array = numpy.call_method("require", (array,), Some(&options))?;
        let Ok(rows) = array.cast::<PyArray2<f32>>() else {
            let shape = array.getattr("shape")?;
            return Err(PyValueError::new_err(format!(
                "vectors have the shape [items][width], this array has {shape}: one vector is vector.reshape(1, -1)"
            )));
        };
        let width = rows.shape()[1];
        Ok(Self::Numpy(rows.try_readonly().map_err(|error| PyValueError::new_err(error.to_string()))?, width))
    }

    /// Values of a row; nothing where there are no rows and no array that says it.
    pub fn width(&self) -> Option<usize> {
        match self {
            Self::Numpy(_, width) => Some(*width),
            Self::Arrow(rows) => rows.width,
        }
    }

    /// Refuses rows of another width than a model's.
    ///
    /// # Errors
    /// They have another.
    pub fn check_width(&self, expected: usize) -> PyResult<()> {
        match self.width().filter(|&width| width != expected) {
            None => Ok(()),
            Some(width) => Err(PyValueError::new_err(format!(
                "the vectors have {width} values, the tokenizer reads {expected}: pass embeddings of the text model that it was trained with"
            ))),
        }
    }

    /// The rows, in pieces of whole rows.
    pub fn parts(&self) -> PyResult<Vec<&[f32]>> {
        match self {
            Self::Numpy(array, _) => Ok(vec![array.as_slice().map_err(|error| PyValueError::new_err(error.to_string()))?]),
            Self::Arrow(rows) => Ok(rows.parts.iter().map(|part| &part.values()[..]).collect()),
        }
    }
}
