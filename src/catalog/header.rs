//! The columns of a table, and which part of an item each is.

use super::fields::{field_use, id_names};
use super::{CatalogError, FieldUse, Part, ReadOptions};

/// The columns of a table.
pub(super) struct Header {
    /// Every column.
    pub columns: Vec<FieldUse>,
    /// Number, part and rank of each that is a part of an item.
    pub known: Vec<(usize, Part, usize)>,
}

impl Header {
    /// Finds the parts of an item among the column names of `file`.
    ///
    /// # Errors
    /// No column is the id, and rows are not to be numbered.
    pub(super) fn new(names: Vec<String>, file: &str, options: &ReadOptions) -> Result<Self, CatalogError> {
        let columns: Vec<FieldUse> = names.into_iter().map(|name| field_use(name, &options.fields)).collect();
        let known = columns.iter().enumerate().filter_map(|(i, column)| Some((i, column.part?, column.rank)));
        let known: Vec<_> = known.collect();
        if !options.number && known.iter().all(|column| column.1 != Part::Id) {
            let given = options.fields.iter().find(|named| named.part == Part::Id);
            let expected = given.map_or_else(id_names, |named| named.field.clone());
            let columns = columns.into_iter().map(|column| column.name).collect();
            return Err(CatalogError::NoIdColumn { name: file.into(), columns, expected });
        }
        Ok(Self { columns, known })
    }
}
