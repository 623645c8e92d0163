//! What interactions are read from, whatever the format: rows with named columns.

use std::collections::HashMap;

use super::SequencesError;
use super::cell::Cell;
use super::part::Columns;
use crate::catalog::At;

/// Rows by which columns are told apart.
pub(super) const SAMPLE: usize = 1000;

/// A source of rows.
pub(super) trait Rows {
    /// The file's name.
    fn name(&self) -> &str;

    /// What the file is, in the plural, for messages.
    fn form(&self) -> &'static str;

    /// The columns' names, `column 1` where the file has none. JSON objects may add some while they are read.
    fn names(&self) -> &[String];

    /// Moves to the next row.
    ///
    /// # Errors
    /// The file cannot be read on.
    fn next(&mut self) -> Result<Step, SequencesError>;

    /// A value of the row.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// Where the row is.
    fn at(&self) -> At;

    /// Which column is which, where that is clear without names.
    fn columns(&self) -> Option<Columns> {
        None
    }

    /// Whether columns can be named at all.
    fn has_columns(&self) -> bool {
        true
    }

    /// Whether the header says that a column holds lists.
    fn is_typed_list(&self, _column: usize) -> bool {
        false
    }
}

/// What one step of reading gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Row,
    /// What is wrong with the row.
    Fault(String),
    End,
}

/// A row that was read ahead.
pub(super) struct Sample {
    pub at: At,
    cells: Vec<Cell<'static>>,
}

impl Sample {
    /// Reads [`SAMPLE`] rows ahead, or all there are; `on_fault` decides about those that are malformed.
    pub(super) fn take(
        rows: &mut dyn Rows,
        mut on_fault: impl FnMut(&dyn Rows, String) -> Result<(), SequencesError>,
    ) -> Result<Vec<Self>, SequencesError> {
        let mut sample = Vec::new();
        while sample.len() < SAMPLE {
            match rows.next()? {
                Step::End => break,
                Step::Fault(what) => on_fault(rows, what)?,
                Step::Row => {
                    let cells = (0..rows.names().len()).map(|column| rows.cell(column).into_owned()).collect();
                    sample.push(Self { at: rows.at(), cells });
                }
            }
        }
        Ok(sample)
    }

    pub(super) fn cell(&self, column: usize) -> &Cell<'static> {
        // A column that first appeared in a later row.
        self.cells.get(column).unwrap_or(&Cell::Missing)
    }
}

/// Ids that are known, each with its row.
pub(super) struct Known<'a> {
    rows: HashMap<&'a str, u32>,
    ids: &'a [String],
}

impl<'a> Known<'a> {
    pub(super) fn new(ids: &'a [String]) -> Self {
        let rows = ids.iter().zip(0..).map(|(id, row)| (id.as_str(), row)).collect();
        Self { rows, ids }
    }

    /// The first id.
    pub(super) fn example(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }

    /// The row of an id; blanks around it are no part of it, unless the known one has them too.
    pub(super) fn row(&self, id: &str) -> Option<u32> {
        let trimmed = || Some(id.trim()).filter(|trimmed| trimmed.len() < id.len());
        self.rows.get(id).or_else(|| self.rows.get(trimmed()?)).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }
}
