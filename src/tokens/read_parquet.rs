//! Reading an index from Parquet: a column of ids, and one of lists of tokens (texts or whole numbers).

use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_schema::DataType;
use serde_json::Value;

use super::IndexError;
use super::builder::{Builder, Rows, Store};
use super::parse;
use crate::catalog::{check_id_type, id, id_column};
use crate::tables::{self, Batches, ParquetTable, TableError, value};

/// Names under which the column of tokens is looked for, in this order.
const NAMES: &[&str] = &["tokens", "token", "codes", "semantic_id", "semantic_ids", "sid", "sids"];

/// Reads an index from whatever a path leads to: Parquet, a file or a folder of parts, or JSON, gzip or not, from a file, a pipe
/// or standard input.
///
/// # Errors
/// [`IndexError`]; of Parquet it names the file.
pub fn read_index<S: Store>(path: &Path) -> Result<S, IndexError> {
    if !tables::is_parquet(path) {
        return parse::read(tables::open(path)?.stream);
    }
    let mut builder = Builder::default();
    read_rows(path, &mut builder)?;
    builder.finish()
}

/// # Errors
/// A column is missing or has another type; a row has no id, another number of tokens than the first row, or an id that an
/// earlier row has.
fn read_rows(path: &Path, rows: &mut dyn Rows) -> Result<(), IndexError> {
    let table = ParquetTable::open(path)?;
    let missing = |expected| TableError::NoColumn { name: table.name().into(), expected, columns: table.columns() };
    let ids = id_column(&table).ok_or_else(|| missing("of ids (item_id)"))?;
    let tokens = table.named(NAMES).ok_or_else(|| missing("tokens (lists of strings or whole numbers)"))?;
    let texts = match table.schema().field(tokens).data_type() {
        DataType::List(values) if values.data_type().is_integer() => None,
        DataType::List(values) if *values.data_type() == DataType::Utf8 => Some(tokens),
        _ => {
            return Err(table
                .type_error(tokens, "lists of strings or of whole numbers", "Write a codeword as a list".into())
                .into());
        }
    };
    check_id_type(&table, ids, "Cast it")?;
    // The reader returns columns in the order of the file.
    let swapped = ids > tokens;
    let mut batches = table.batches_with(&if swapped { [tokens, ids] } else { [ids, tokens] }, texts)?;
    let mut numbers = Numbers::default();
    while let Some((first, batch)) = batches.next_batch()? {
        let (ids, tokens) = (batch.column(usize::from(swapped)), batch.column(usize::from(!swapped)));
        let name = |at: bool| batch.schema_ref().field(usize::from(at)).name().clone();
        numbers.look_at(tokens);
        let texts = ids.as_string_opt::<i32>();
        for row in 0..batch.num_rows() {
            let bad = |column, what| bad_row(&batches, first + row as u64, column, what);
            // As in JSON, any text is an id.
            let id = texts.map_or_else(|| id(ids, row), |texts| texts.is_valid(row).then(|| texts.value(row).into()));
            let id = id.ok_or_else(|| bad(name(swapped), "no id"))?;
            numbers.push(tokens, row, rows).ok_or_else(|| bad(name(!swapped), "a token is missing"))?;
            rows.item(&id)?;
        }
    }
    Ok(())
}

fn bad_row(batches: &Batches, row: u64, column: String, what: &str) -> IndexError {
    let (name, row) = batches.locate(row);
    TableError::Value { name, row, column, what: what.into() }.into()
}

/// Numbers of the tokens in the dictionary that batches have in common.
#[derive(Default)]
struct Numbers {
    dictionary: Option<StringArray>,
    /// Those that have been met.
    numbers: Vec<Option<u32>>,
}

impl Numbers {
    /// Forgets the numbers if the batch has another dictionary than the one before.
    fn look_at(&mut self, lists: &ArrayRef) {
        let values = lists.as_list_opt::<i32>().map(|lists| lists.values().clone());
        let found = values.as_ref().and_then(|values| values.as_dictionary_opt::<Int32Type>());
        let found = found.and_then(|keys| keys.values().as_string_opt::<i32>()).cloned();
        let same = |(a, b): (&StringArray, &StringArray)| {
            a.offsets().ptr_eq(b.offsets()) && a.values().as_ptr() == b.values().as_ptr() && a.len() == b.len()
        };
        if !self.dictionary.as_ref().zip(found.as_ref()).is_some_and(same) {
            self.numbers = vec![None; found.as_ref().map_or(0, Array::len)];
            self.dictionary = found;
        }
    }

    /// Adds the tokens of a row; none where one is null.
    fn push(&mut self, lists: &ArrayRef, row: usize, rows: &mut dyn Rows) -> Option<()> {
        // A row without a list has no tokens, which is the reader's to say.
        let Some(lists) = lists.as_list_opt::<i32>().filter(|lists| lists.is_valid(row)) else { return Some(()) };
        let (start, end) = (lists.value_offsets()[row] as usize, lists.value_offsets()[row + 1] as usize);
        let keys = lists.values().as_dictionary_opt::<Int32Type>().map(|values| values.keys());
        for at in start..end {
            let number = match (keys, &self.dictionary) {
                (Some(keys), Some(dictionary)) if keys.is_valid(at) => {
                    let key = keys.value(at) as usize;
                    *self.numbers.get_mut(key)?.get_or_insert_with(|| rows.number(dictionary.value(key)))
                }
                (Some(_), _) => return None,
                (None, _) => match value(lists.values(), at) {
                    Value::Number(number) => rows.number(&number.to_string()),
                    _ => return None,
                },
            };
            rows.push(number);
        }
        Some(())
    }
}
