//! Items from the rows of a Parquet file: known columns only, each value as JSON would have it.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use serde_json::Value;

use super::fields::{Raw, item};
use super::header::Header;
use super::records::{Position, Read, Records};
use super::{At, CatalogError, Fault, FieldUse, Part, ReadOptions};
use crate::tables::{Batches, ParquetTable, is_plain, value};

/// Rows of a file or of a folder of parts, as a stream.
pub(super) struct ParquetRecords {
    batches: Batches,
    columns: Vec<FieldUse>,
    /// Name, part and rank of each column that is read.
    known: Vec<(String, Part, usize)>,
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
        let Header { columns, known } = Header::new(names, table.name(), options)?;
        if let Some(&(column, part, _)) = known.iter().find(|known| !is_plain(table.schema().field(known.0).data_type())) {
            let part = part.name();
            let remedy = format!("Cast it, name another column (--field {part}=NAME), or pass it over (--field {part}=)");
            return Err(table.type_error(column, "strings, numbers, or lists of them", remedy).into());
        }
        let batches = table.batches(&known.iter().map(|known| known.0).collect::<Vec<_>>())?;
        let known = known.into_iter().map(|(column, part, rank)| (columns[column].name.clone(), part, rank)).collect();
        Ok(Self { batches, columns, known, batch: None, next: 0, first: 0 })
    }

    /// The next row, counted from the beginning of the file that is being read.
    fn row(&self) -> At {
        At::Row { row: self.first + self.next as u64 - self.batches.rows_before() }
    }

    /// A row as a JSON object, for messages.
    fn excerpt(&self, values: Vec<Value>) -> String {
        let fields = self.known.iter().map(|column| column.0.clone()).zip(values);
        Value::Object(fields.collect()).to_string()
    }
}

impl Records for ParquetRecords {
    fn next(&mut self, options: &ReadOptions) -> Result<Read, CatalogError> {
        while self.batch.as_ref().is_none_or(|batch| self.next == batch.num_rows()) {
            let Some((first, batch)) = self.batches.next_batch()? else { return Ok(Read::End) };
            (self.first, self.batch, self.next) = (first, Some(batch), 0);
        }
        let row = self.row();
        let columns: &[ArrayRef] = self.batch.as_ref().map_or(&[], |batch| batch.columns());
        let values: Vec<Value> = columns.iter().map(|column| value(column, self.next)).collect();
        self.next += 1;
        let raw = self.known.iter().zip(&values).map(|((_, part, rank), value)| (*part, *rank, Raw::Value(value)));
        Ok(match item(raw.collect(), options) {
            Ok(item) => Read::Item(item, row),
            Err(kind) => Read::Fault(Fault::new(row, kind, self.excerpt(values).as_bytes())),
        })
    }

    fn position(&self) -> Position<'_> {
        Position { name: self.batches.name(), at: self.row(), bytes: self.batches.bytes_read() }
    }

    fn fields(&self) -> &[FieldUse] {
        &self.columns
    }

    fn nothing(&self) -> &'static str {
        "columns and no rows"
    }
}
