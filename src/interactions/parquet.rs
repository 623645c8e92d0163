//! Rows of a Parquet table: those columns that may be a user, an item, a list of items or a time.

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTemporalType, Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use serde_json::Value;

use super::SequencesError;
use super::cell::Cell;
use super::rows::{Rows, Step};
use crate::catalog::At;
use crate::tables::{Batches, ParquetTable, is_plain, value};

/// A table as rows.
pub(super) struct ParquetRows {
    batches: Batches,
    names: Vec<String>,
    batch: Option<RecordBatch>,
    /// The row of the batch, and the row of the file that the batch begins with.
    row: usize,
    first: u64,
}

impl ParquetRows {
    /// Opens a table.
    ///
    /// # Errors
    /// It is no Parquet file, or has no rows.
    pub(super) fn open(path: &Path) -> Result<Self, SequencesError> {
        let table = ParquetTable::open(path)?;
        let fields = table.schema().fields();
        let columns: Vec<usize> =
            (0..fields.len()).filter(|&i| is_plain(fields[i].data_type()) || fields[i].data_type().is_temporal()).collect();
        let names = columns.iter().map(|&column| fields[column].name().clone()).collect();
        Ok(Self { batches: table.batches(&columns)?, names, batch: None, row: 0, first: 0 })
    }
}

impl Rows for ParquetRows {
    fn name(&self) -> &str {
        self.batches.name()
    }

    fn form(&self) -> &'static str {
        "rows of a table"
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn next(&mut self) -> Result<Step, SequencesError> {
        self.row += 1;
        while self.batch.as_ref().is_none_or(|batch| self.row >= batch.num_rows()) {
            let Some((first, batch)) = self.batches.next_batch()? else { return Ok(Step::End) };
            (self.first, self.batch, self.row) = (first, Some(batch), 0);
        }
        Ok(Step::Row)
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        let Some(column) = self.batch.as_ref().map(|batch| batch.column(column)) else { return Cell::Missing };
        match column.data_type() {
            DataType::Utf8 if !column.is_null(self.row) => Cell::text(column.as_string::<i32>().value(self.row)),
            kind if kind.is_temporal() => seconds(column, self.row).map_or(Cell::Missing, |time| Cell::text(time.to_string())),
            _ => cell(value(column, self.row)),
        }
    }

    fn at(&self) -> At {
        At::Row { row: self.first + self.row as u64 }
    }
}

fn cell(value: Value) -> Cell<'static> {
    match value {
        Value::Null => Cell::Missing,
        Value::Array(list) => {
            let list: Option<_> = list.into_iter().map(|value| scalar(value).map(Into::into)).collect();
            list.map_or(Cell::Other, Cell::List)
        }
        value => scalar(value).map_or(Cell::Other, Cell::text),
    }
}

fn scalar(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A date or a time in seconds since 1970.
fn seconds(column: &ArrayRef, row: usize) -> Option<f64> {
    match column.data_type() {
        _ if column.is_null(row) => None,
        DataType::Date32 => Some(number::<Date32Type>(column, row)? * 86_400.0),
        DataType::Date64 => Some(number::<Date64Type>(column, row)? * 1e-3),
        DataType::Timestamp(TimeUnit::Second, _) => number::<TimestampSecondType>(column, row),
        DataType::Timestamp(TimeUnit::Millisecond, _) => Some(number::<TimestampMillisecondType>(column, row)? * 1e-3),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Some(number::<TimestampMicrosecondType>(column, row)? * 1e-6),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Some(number::<TimestampNanosecondType>(column, row)? * 1e-9),
        _ => None,
    }
}

fn number<T: ArrowTemporalType>(column: &ArrayRef, row: usize) -> Option<f64>
where
    T::Native: Into<i64>,
{
    Some(column.as_primitive_opt::<T>()?.value(row).into() as f64)
}
