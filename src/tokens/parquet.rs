//! An index as Parquet: columns `item_id`, `tokens` (a list of texts) and `codes` (a list of the tokens' numbers).

use std::io::{Result, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{Int32Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;

use super::{Index, IndexError};
use crate::catalog::{ID_COLUMN, check_id_type, id, id_column};
use crate::tables::{BATCH, Batches, ParquetTable, TableError, properties, value};

/// Names under which the column of tokens is looked for, in this order.
const NAMES: &[&str] = &["tokens", "token", "codes", "semantic_id", "semantic_ids", "sid", "sids"];

/// Writes items, each with its tokens and their numbers, and returns `out`.
///
/// # Errors
/// `out` cannot be written.
pub fn write_index<'a, W: Write + Send>(out: W, items: impl Iterator<Item = (&'a str, Vec<String>, &'a [u32])>) -> Result<W> {
    let mut writer = ArrowWriter::try_new(out, schema(), Some(properties().build()))?;
    let mut columns = Columns::default();
    for (id, tokens, codes) in items {
        columns.push(id, tokens, codes);
        if columns.rows == BATCH {
            writer.write(&columns.take()?)?;
        }
    }
    writer.write(&columns.take()?)?;
    Ok(writer.into_inner()?)
}

/// A batch of rows while it is filled.
#[derive(Default)]
struct Columns {
    rows: usize,
    ids: StringBuilder,
    tokens: Option<ListBuilder<StringBuilder>>,
    codes: Option<ListBuilder<Int32Builder>>,
}

impl Columns {
    fn push(&mut self, id: &str, tokens: Vec<String>, codes: &[u32]) {
        self.rows += 1;
        self.ids.append_value(id);
        let lists = self.tokens.get_or_insert_with(|| ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8)));
        lists.append_value(tokens.into_iter().map(Some));
        let lists = self.codes.get_or_insert_with(|| ListBuilder::new(Int32Builder::new()).with_field(element(DataType::Int32)));
        lists.append_value(codes.iter().map(|&code| Some(code as i32)));
    }

    fn take(&mut self) -> Result<RecordBatch> {
        if std::mem::take(&mut self.rows) == 0 {
            return Ok(RecordBatch::new_empty(schema()));
        }
        let lists: [Option<ArrayRef>; 2] = [
            self.tokens.as_mut().map(|lists| Arc::new(lists.finish()) as _),
            self.codes.as_mut().map(|lists| Arc::new(lists.finish()) as _),
        ];
        let columns = std::iter::once(Arc::new(self.ids.finish()) as ArrayRef).chain(lists.into_iter().flatten()).collect();
        RecordBatch::try_new(schema(), columns).map_err(std::io::Error::other)
    }
}

/// The values of a list.
fn element(kind: DataType) -> Field {
    Field::new("element", kind, false)
}

fn schema() -> SchemaRef {
    let list = |name, kind| Field::new(name, DataType::List(Arc::new(element(kind))), false);
    let ids = Field::new(ID_COLUMN, DataType::Utf8, false);
    Arc::new(Schema::new(vec![ids, list("tokens", DataType::Utf8), list("codes", DataType::Int32)]))
}

/// Reads an index: a column of ids, and one of lists of tokens (texts or whole numbers).
///
/// # Errors
/// A column is missing or has another type; a row has no id, another number of tokens than the first row, or an id that an
/// earlier row has.
pub fn read_index(path: &Path) -> std::result::Result<Index, IndexError> {
    let table = ParquetTable::open(path)?;
    let missing = |expected| TableError::NoColumn { name: table.name().into(), expected, columns: table.columns() };
    let ids = id_column(&table).ok_or_else(|| missing("of ids (item_id)"))?;
    let tokens = table.named(NAMES).ok_or_else(|| missing("tokens (lists of strings or whole numbers)"))?;
    let is_tokens = |kind: &DataType| *kind == DataType::Utf8 || kind.is_integer();
    match table.schema().field(tokens).data_type() {
        DataType::List(values) if is_tokens(values.data_type()) => {}
        _ => {
            return Err(table
                .type_error(tokens, "lists of strings or of whole numbers", "Write a codeword as a list".into())
                .into());
        }
    }
    check_id_type(&table, ids, "Cast it")?;
    let names = [ids, tokens].map(|column| table.schema().field(column).name().clone());
    // The reader returns columns in the order of the file.
    let swapped = ids > tokens;
    let batches = table.batches(&if swapped { [tokens, ids] } else { [ids, tokens] })?;
    let mut rows = Rows { batches, names, swapped, failed: None };
    let read = Index::from_rows(std::iter::from_fn(|| rows.next_batch()).flatten());
    rows.failed.map_or(read, |error| Err(error.into()))
}

/// Rows of an index, up to the first that is invalid.
struct Rows {
    batches: Batches,
    /// Names of the columns of ids and of tokens.
    names: [String; 2],
    /// Whether the tokens come before the ids.
    swapped: bool,
    /// What ended the rows.
    failed: Option<TableError>,
}

impl Rows {
    fn next_batch(&mut self) -> Option<Vec<(String, Vec<String>)>> {
        if self.failed.is_some() {
            return None;
        }
        let read = self.batches.next_batch();
        let (first, batch) = read.unwrap_or_else(|error| {
            self.failed = Some(error);
            None
        })?;
        let (ids, tokens) = (batch.column(usize::from(self.swapped)), batch.column(usize::from(!self.swapped)));
        let mut rows = Vec::with_capacity(batch.num_rows());
        for row in 0..batch.num_rows() {
            let found =
                id(ids, row).ok_or((0, "no id")).and_then(|id| Ok((id, texts(tokens, row).ok_or((1, "a token is missing"))?)));
            match found {
                Ok(found) => rows.push(found),
                Err((column, what)) => {
                    let (name, row) = self.batches.locate(first + row as u64);
                    let column = self.names[column].clone();
                    self.failed = Some(TableError::Value { name, row, column, what: what.into() });
                    break;
                }
            }
        }
        Some(rows)
    }
}

/// Tokens of a row as texts; none where a token is null.
fn texts(column: &ArrayRef, row: usize) -> Option<Vec<String>> {
    let serde_json::Value::Array(tokens) = value(column, row) else { return Some(Vec::new()) };
    let text = |token| match token {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    tokens.into_iter().map(text).collect()
}
