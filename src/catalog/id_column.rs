//! The column of ids in a Parquet file, whatever else the file holds.

use std::borrow::Cow;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde_json::Value;

use super::names::id_rank;
use crate::tables::{ParquetTable, TableError, is_plain, value};

/// The column of ids in the files that we write; one of the usual names.
pub(crate) const ID_COLUMN: &str = "item_id";

/// The column of ids by the names that catalogues use.
pub(crate) fn id_column(table: &ParquetTable) -> Option<usize> {
    let columns = table.schema().fields().iter().enumerate();
    columns.filter_map(|(column, field)| Some((id_rank(field.name())?, column))).min().map(|(_, column)| column)
}

/// Checks that a column is of a type that ids have; `remedy` is for the message.
///
/// # Errors
/// It is of another type.
pub(crate) fn check_id_type(table: &ParquetTable, column: usize, remedy: &str) -> Result<(), TableError> {
    let kind = table.schema().field(column).data_type();
    if is_plain(kind) && !matches!(kind, DataType::List(_)) {
        return Ok(());
    }
    Err(table.type_error(column, "strings or whole numbers", remedy.into()))
}

/// The id in a row, if there is one.
pub(crate) fn id(column: &ArrayRef, row: usize) -> Option<Cow<'_, str>> {
    match column.as_string_opt::<i32>() {
        Some(texts) => Some(texts.value(row)).filter(|id| texts.is_valid(row) && !id.trim_start().is_empty()).map(Cow::from),
        None => match value(column, row) {
            Value::Number(number) => Some(number.to_string().into()),
            // Of decimal numbers, which may have more digits than JSON's.
            Value::String(number) => Some(number.into()),
            _ => None,
        },
    }
}
