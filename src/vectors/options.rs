//! How a file of embeddings is to be read.

/// What a bad row does: NaN, infinite, all zero, or with the id of an earlier one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BadRows {
    /// Ends the reading with an error.
    #[default]
    Stop,
    /// Is left out and counted.
    Drop,
}

/// Options of [`open`](super::open).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Width that the rows must have.
    pub width: Option<usize>,
    /// Rule for bad rows.
    pub bad_rows: BadRows,
    /// Name of the vectors among the columns, tensors or arrays of the file, instead of the usual ones.
    pub array: Option<String>,
    /// Name of the ids among them; empty to number the rows.
    pub ids: Option<String>,
}
