//! Vectors as Parquet: `item_id`, and `embedding` as lists of one size.

use std::io::{Result, Write};
use std::sync::Arc;

use arrow_array::{ArrayRef, FixedSizeListArray, Float16Array, Float32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use half::f16;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;

use crate::base::ids::IdList;
use crate::catalog::ID_COLUMN;
use crate::model::TextConfig;
use crate::tables::{BATCH, properties};

/// The column of vectors.
const COLUMN: &str = "embedding";
/// Key of the text encoder and its template in the footer.
pub const TEXT: &str = "text";

/// Writes vectors as they come.
pub struct VectorsWriter<W: Write + Send> {
    out: ArrowWriter<W>,
    width: usize,
    half: bool,
    ids: IdList,
    values: Vec<f32>,
}

impl<W: Write + Send> VectorsWriter<W> {
    /// Begins a file of vectors of `width`, as 16-bit floats if `half`.
    pub fn new(out: W, width: usize, half: bool, text: Option<&TextConfig>) -> Result<Self> {
        let schema = schema(width, half);
        // Hardly two floats of a vector are equal: a dictionary of them would only cost.
        let properties = properties().set_column_dictionary_enabled(format!("{COLUMN}.list.element").into(), false).build();
        let mut out = ArrowWriter::try_new(out, schema, Some(properties))?;
        if let Some(text) = text {
            out.append_key_value_metadata(KeyValue::new(TEXT.into(), serde_json::to_string(text)?));
        }
        Ok(Self { out, width, half, ids: IdList::default(), values: Vec::new() })
    }

    /// Appends one vector.
    pub fn push(&mut self, id: &str, values: &[f32]) -> Result<()> {
        assert_eq!(values.len(), self.width, "a vector of another width");
        self.ids.push(id);
        self.values.extend_from_slice(values);
        if self.ids.len() == BATCH { self.flush() } else { Ok(()) }
    }

    /// Completes the file.
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        Ok(self.out.into_inner()?)
    }

    fn flush(&mut self) -> Result<()> {
        let values = std::mem::take(&mut self.values);
        let values: ArrayRef = if self.half {
            Arc::new(Float16Array::from_iter_values(values.into_iter().map(f16::from_f32)))
        } else {
            Arc::new(Float32Array::from(values))
        };
        let lists = FixedSizeListArray::new(element(self.half), self.width as i32, values, None);
        let ids = StringArray::from_iter_values(std::mem::take(&mut self.ids).iter());
        let batch = RecordBatch::try_new(schema(self.width, self.half), vec![Arc::new(ids), Arc::new(lists)]);
        Ok(self.out.write(&batch.map_err(std::io::Error::other)?)?)
    }
}

fn element(half: bool) -> Arc<Field> {
    Arc::new(Field::new("element", if half { DataType::Float16 } else { DataType::Float32 }, false))
}

fn schema(width: usize, half: bool) -> SchemaRef {
    let vectors = DataType::FixedSizeList(element(half), width as i32);
    Arc::new(Schema::new(vec![Field::new(ID_COLUMN, DataType::Utf8, false), Field::new(COLUMN, vectors, false)]))
}
