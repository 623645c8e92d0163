//! Items from the rows of a Parquet file: known columns only, each value as JSON would have it.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use serde_json::Value;

use super::fields::{Fields, Raw};
use super::records::{Position, Read, Records};
use super::{At, CatalogError, Fault, Part, ReadOptions};
use crate::tables::{Batches, ParquetTable, is_plain, value};

/// Rows of a file or of a folder of parts, as a stream.
pub(super) struct ParquetRecords {
    batches: Batches,
    fields: Fields,
    /// The columns that are read.
    known: Vec<usize>,
    batch: Option<RecordBatch>,
    /// Next row of the batch.
    next: usize,
    /// Row of the table that the batch begins with.
    first: u64,
}

impl ParquetRecords {
    /// Opens a file or folder and finds the parts of an item among its columns.
    ///
    /// # Errors
    /// It is no Parquet file, has no rows or no ids, or a known column is of a type that cannot be text.
    pub(super) fn open(path: &Path, options: &ReadOptions) -> Result<Self, CatalogError> {
        let table = ParquetTable::open(path)?;
        let names = table.schema().fields().iter().map(|field| field.name().clone()).collect();
        let fields = Fields::of_table(names, table.name(), options)?;
        let known: Vec<usize> = fields.known().collect();
        if let Some(&column) = known.iter().find(|&&column| !is_plain(table.schema().field(column).data_type())) {
            let part = fields.uses()[column].part.map_or("", Part::name);
            let remedy = format!("Cast it, name another column (--field {part}=NAME), or pass it over (--field {part}=)");
            return Err(table.type_error(column, "strings, numbers, or lists of them", remedy).into());
        }
        let batches = table.batches(&known)?;
        Ok(Self { batches, fields, known, batch: None, next: 0, first: 0 })
    }

    /// The next row, counted from the beginning of the file that is being read.
    fn row(&self) -> At {
        At::Row { row: self.first + self.next as u64 - self.batches.rows_before() }
    }

    /// A row as a JSON object, for messages.
    fn excerpt(&self, values: Vec<Value>) -> String {
        let fields = self.known.iter().map(|&column| self.fields.uses()[column].name.clone()).zip(values);
        Value::Object(fields.collect()).to_string()
    }
}

impl Records for ParquetRecords {
    fn next(&mut self, _: &ReadOptions) -> Result<Read, CatalogError> {
        while self.batch.as_ref().is_none_or(|batch| self.next == batch.num_rows()) {
            let Some((first, batch)) = self.batches.next_batch()? else { return Ok(Read::End) };
            (self.first, self.batch, self.next) = (first, Some(batch), 0);
        }
        let row = self.row();
        let columns: &[ArrayRef] = self.batch.as_ref().map_or(&[], |batch| batch.columns());
        let values: Vec<Value> = columns.iter().map(|column| value(column, self.next)).collect();
        self.next += 1;
        let raw = self.known.iter().zip(&values).map(|(&column, value)| (column, Raw::Value(value)));
        Ok(match self.fields.item(raw) {
            Ok(item) => Read::Item(item, row),
            Err(kind) => Read::Fault(Fault::new(row, kind, self.excerpt(values).as_bytes())),
        })
    }

    fn position(&self) -> Position<'_> {
        Position { name: self.batches.name(), at: self.row(), bytes: self.batches.bytes_read() }
    }

    fn fields(&self) -> &Fields {
        &self.fields
    }

    fn nothing(&self) -> &'static str {
        "columns and no rows"
    }
}
