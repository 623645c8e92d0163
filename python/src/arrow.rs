//! Vectors in by Arrow's C interface, codewords out.

use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{Float16Type, Float64Type};
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, Float32Array, GenericListArray, OffsetSizeTrait, RecordBatch, RecordBatchIterator,
    StructArray, make_array,
};
use arrow_data::ArrayData;
use arrow_pyarrow::FromPyArrow;
use arrow_schema::{ArrowError, DataType, Fields};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use unitok::tokens::Codewords;

/// Names by which the vectors of a table are known, where it has several columns of lists.
const NAMES: [&str; 4] = ["embedding", "embeddings", "vector", "vectors"];

/// Lists of one width, chunk by chunk.
pub struct Rows {
    /// Values of the chunks.
    pub parts: Vec<Float32Array>,
    /// Values of a list; nothing where there is no list.
    pub width: Option<usize>,
}

/// Reads an object that has Arrow's C interface: lists of floats, or a table with a column of them. None for another object.
///
/// # Errors
/// It holds no lists of floats, or lists of different lengths, or nulls.
pub fn read(object: &Bound<'_, PyAny>) -> PyResult<Option<Rows>> {
    if !object.hasattr("__arrow_c_stream__")? && !object.hasattr("__arrow_c_array__")? {
        return Ok(None);
    }
    let mut rows = Rows { parts: Vec::new(), width: None };
    for array in chunks(object)? {
        rows.push(&array)?;
    }
    Ok(Some(rows))
}

/// The chunks of a column, or of the column of vectors in a table.
fn chunks(object: &Bound<'_, PyAny>) -> PyResult<Vec<ArrayRef>> {
    // A stream of lists that are no table: pyarrow's chunked arrays say their chunks, polars' series become tables.
    if let Ok(chunks) = object.getattr("chunks") {
        return chunks.try_iter()?.map(|chunk| array(&chunk?)).collect();
    }
    let table = if object.hasattr("to_frame")? { &object.call_method0("to_frame")? } else { object };
    if !table.hasattr("__arrow_c_stream__")? {
        return Ok(vec![column(array(table)?)?]);
    }
    let stream = readable(object.py(), RecordBatchStreamReader::from_pyarrow_bound(table))?;
    let batch = |batch: Result<_, ArrowError>| column(Arc::new(StructArray::from(batch.map_err(value_error)?)));
    stream.map(batch).collect()
}

fn array(object: &Bound<'_, PyAny>) -> PyResult<ArrayRef> {
    Ok(make_array(readable(object.py(), ArrayData::from_pyarrow_bound(object))?))
}

/// The errors of `arrow_pyarrow` are of a class of pyarrow's, without which they cannot even be looked at.
fn readable<T>(py: Python<'_>, read: PyResult<T>) -> PyResult<T> {
    read.map_err(|error| match py.import("pyarrow") {
        Ok(_) => PyValueError::new_err(format!("the Arrow data cannot be read: {}", error.value(py))),
        Err(_) => PyValueError::new_err("the Arrow data cannot be read: pass a table, or a column of lists of floats"),
    })
}

fn value_error(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The column of vectors of a table; other arrays as they are.
fn column(array: ArrayRef) -> PyResult<ArrayRef> {
    let Some(table) = array.as_struct_opt() else { return Ok(array) };
    let lists = |fields: &Fields| -> Vec<usize> { (0..fields.len()).filter(|&i| is_vectors(fields[i].data_type())).collect() };
    let found = lists(table.fields());
    let name = |&i: &usize| NAMES.contains(&table.fields()[i].name().as_str());
    let (one, several) = (found.first(), found.len() > 1);
    let named = if several { found.iter().find(|i| name(i)) } else { one };
    let names = || table.column_names().join(", ");
    named.map(|&i| table.column(i).clone()).ok_or_else(|| {
        PyTypeError::new_err(match several {
            true => format!("several columns hold lists of floats ({}): pass one, as table[\"name\"]", names()),
            false => format!("no column holds lists of floats; columns: {}. Floats in columns are table.to_numpy()", names()),
        })
    })
}

fn is_vectors(kind: &DataType) -> bool {
    let (DataType::FixedSizeList(value, _) | DataType::List(value) | DataType::LargeList(value)) = kind else { return false };
    matches!(value.data_type(), DataType::Float16 | DataType::Float32 | DataType::Float64)
}

impl Rows {
    /// Appends a chunk of lists.
    fn push(&mut self, lists: &ArrayRef) -> PyResult<()> {
        if !is_vectors(lists.data_type()) {
            return Err(PyTypeError::new_err(format!("vectors are lists of floats, this is Arrow's {}", lists.data_type())));
        }
        if let Some(row) = (0..lists.len()).find(|&row| lists.is_null(row)) {
            return Err(PyValueError::new_err(format!("row {row} is null: leave it out")));
        }
        let values = match lists.data_type() {
            DataType::FixedSizeList(..) => {
                let lists: &FixedSizeListArray = lists.as_fixed_size_list();
                self.check(std::iter::repeat_n(lists.value_length() as usize, lists.len()))?;
                lists.values().slice(0, lists.len() * lists.value_length() as usize)
            }
            DataType::List(_) => self.values(lists.as_list::<i32>())?,
            _ => self.values(lists.as_list::<i64>())?,
        };
        if let Some(value) = (0..values.len()).find(|&value| values.is_null(value)) {
            let width = self.width.unwrap_or(1).max(1);
            return Err(PyValueError::new_err(format!("row {}, column {}: the value is null", value / width, value % width)));
        }
        self.parts.push(floats(&values));
        Ok(())
    }

    fn values<O: OffsetSizeTrait>(&mut self, lists: &GenericListArray<O>) -> PyResult<ArrayRef> {
        let offsets = lists.value_offsets();
        self.check(offsets.windows(2).map(|ends| (ends[1] - ends[0]).as_usize()))?;
        let (start, end) = (offsets[0].as_usize(), offsets[lists.len()].as_usize());
        Ok(lists.values().slice(start, end - start))
    }

    /// Checks that lists have one width.
    fn check(&mut self, widths: impl Iterator<Item = usize>) -> PyResult<()> {
        for (row, width) in widths.enumerate() {
            let expected = *self.width.get_or_insert(width);
            if width != expected {
                let message = format!("row {row} of its chunk has {width} values, the rows before it have {expected}");
                return Err(PyValueError::new_err(message));
            }
        }
        Ok(())
    }
}

/// The values as float32, without a copy where they are.
fn floats(values: &ArrayRef) -> Float32Array {
    match values.data_type() {
        DataType::Float16 => values.as_primitive::<Float16Type>().values().iter().map(|value| value.to_f32()).collect(),
        DataType::Float64 => values.as_primitive::<Float64Type>().values().iter().map(|&value| value as f32).collect(),
        _ => values.as_primitive().clone(),
    }
}

/// Codewords as a table of `tokens` (list of string) and `codes` (list of int32).
///
/// # Errors
/// None that codewords could have.
pub fn table(codewords: &Codewords) -> PyResult<RecordBatch> {
    let mut tokens = ListBuilder::new(StringBuilder::new());
    let mut codes = ListBuilder::new(Int32Builder::new());
    for item in 0..codewords.items() {
        tokens.append_value(codewords.tokens(item).into_iter().map(Some));
        codes.append_value(codewords.row(item).iter().map(|&code| Some(code as i32)));
    }
    let columns: [(&str, ArrayRef); 2] = [("tokens", Arc::new(tokens.finish())), ("codes", Arc::new(codes.finish()))];
    RecordBatch::try_from_iter(columns).map_err(value_error)
}

/// A table as the two capsules of `__arrow_c_array__`.
///
/// # Errors
/// Python's, out of memory.
pub fn array_capsules(py: Python<'_>, table: RecordBatch) -> PyResult<(Bound<'_, PyCapsule>, Bound<'_, PyCapsule>)> {
    let schema = FFI_ArrowSchema::try_from(table.schema_ref().as_ref()).map_err(value_error)?;
    let array = FFI_ArrowArray::new(&StructArray::from(table).into());
    Ok((PyCapsule::new_with_value(py, schema, c"arrow_schema")?, PyCapsule::new_with_value(py, array, c"arrow_array")?))
}

/// A table as the capsule of `__arrow_c_stream__`.
///
/// # Errors
/// Python's, out of memory.
pub fn stream_capsule(py: Python<'_>, table: RecordBatch) -> PyResult<Bound<'_, PyCapsule>> {
    let schema = table.schema();
    let stream = FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new([Ok(table)], schema)));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
