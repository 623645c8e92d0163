//! Items from the rows of a Parquet file: known columns only, each value as JSON would have it.

use std::path::Path;

use arrow_array::{ArrayRef, RecordBatch};
use serde_json::Value;

use super::csv::require_id;
use super::fields::{Raw, field_use, item};
use super::{At, CatalogError, FaultKind, FieldUse, Item, Part, ReadOptions};
use crate::tables::{Batches, Table, is_plain, value};

/// A row that was read: an item, or what is wrong with it and how it begins.
type Row = (At, Result<Item, (FaultKind, String)>);

/// Rows of a file, as a stream.
pub(super) struct Rows {
    batches: Batches,
    /// Name, part and rank of each column that is read.
    columns: Vec<(String, Part, usize)>,
    batch: Option<RecordBatch>,
    /// Next row of the batch.
    next: usize,
    /// Row of the file that the batch begins with.
    first: u64,
}

impl Rows {
    /// Opens a file and understands its columns.
    ///
    /// # Errors
    /// It is no Parquet file, has no rows or no ids, or a known column is of a type that cannot be text.
    pub(super) fn open(path: &Path, options: &ReadOptions) -> Result<(Self, Vec<FieldUse>), CatalogError> {
        let table = Table::open(path)?;
        let names: Vec<String> = table.schema().fields().iter().map(|field| field.name().clone()).collect();
        let uses: Vec<FieldUse> = names.iter().map(|name| field_use(name.clone(), &options.fields)).collect();
        require_id(uses.iter().filter_map(|field| field.part), &names, table.name(), options)?;
        let known: Vec<(usize, Part, usize)> =
            uses.iter().enumerate().filter_map(|(column, field)| Some((column, field.part?, field.rank))).collect();
        if let Some(&(column, part, _)) = known.iter().find(|known| !is_plain(table.schema().field(known.0).data_type())) {
            let part = part.name();
            let remedy = format!("Cast it, name another column (--field {part}=NAME), or pass it over (--field {part}=)");
            return Err(table.type_error(column, "strings, numbers, or lists of them", remedy).into());
        }
        let batches = table.batches(&known.iter().map(|known| known.0).collect::<Vec<_>>())?;
        let columns = known.into_iter().map(|(column, part, rank)| (names[column].clone(), part, rank)).collect();
        Ok((Self { batches, columns, batch: None, next: 0, first: 0 }, uses))
    }

    /// Bytes read so far, as far as rows can tell.
    pub(super) fn bytes_read(&self) -> u64 {
        self.batches.bytes_read()
    }

    /// The row to be read next.
    pub(super) fn at(&self) -> At {
        At::Row { row: self.first + self.next as u64 }
    }

    /// The next row; nothing at the end.
    ///
    /// # Errors
    /// The file is damaged.
    pub(super) fn next_item(&mut self, options: &ReadOptions) -> Result<Option<Row>, CatalogError> {
        while self.batch.as_ref().is_none_or(|batch| self.next == batch.num_rows()) {
            let Some((first, batch)) = self.batches.next_batch()? else { return Ok(None) };
            (self.first, self.batch, self.next) = (first, Some(batch), 0);
        }
        let at = self.at();
        let columns: &[ArrayRef] = self.batch.as_ref().map_or(&[], |batch| batch.columns());
        let values: Vec<Value> = columns.iter().map(|column| value(column, self.next)).collect();
        self.next += 1;
        let raw = self.columns.iter().zip(&values).map(|((_, part, rank), value)| (*part, *rank, Raw::Value(value)));
        let item = item(raw.collect()).and_then(|item| match item.id.is_empty() && !options.number {
            true => Err(FaultKind::NoId),
            false => Ok(item),
        });
        Ok(Some((at, item.map_err(|kind| (kind, self.excerpt(values))))))
    }

    /// A row as a JSON object, for messages.
    fn excerpt(&self, values: Vec<Value>) -> String {
        let fields = self.columns.iter().map(|column| column.0.clone()).zip(values);
        Value::Object(fields.collect()).to_string()
    }
}
