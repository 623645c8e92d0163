//! What can be wrong with an embedding file. `name` is always its file name.

use crate::base::words::counted;

/// An embedding file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddingError {
    /// The system refused.
    #[error("{name}: {source}")]
    Io {
        /// File.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file that cannot be written; the error names it.
    #[error(transparent)]
    Write(std::io::Error),
    /// A Parquet file, pipe or packed file that cannot be read.
    #[cfg(feature = "files")]
    #[error(transparent)]
    Table(#[from] crate::tables::TableError),
    /// A format that is not supported.
    #[error("{name}: neither .npy nor safetensors{}, but {what}. {remedy}", if cfg!(feature = "files") { ", nor Parquet" } else { "" })]
    Foreign {
        /// File.
        name: String,
        /// What it is, as far as it can be told.
        what: String,
        /// How to make vectors of it that can be read.
        remedy: String,
    },
    /// A format that is read at several places, from a pipe or from gzip.
    #[error("{name}: {format} cannot be read from a pipe or from gzip, only .npy can. Give the file itself, unpacked")]
    Forward {
        /// File.
        name: String,
        /// The format.
        format: &'static str,
    },
    /// A header that makes no sense.
    #[error("{name}: bad header at byte {byte}: {what}. The file is damaged: write it again")]
    Header {
        /// File.
        name: String,
        /// Where.
        byte: u64,
        /// What is wrong.
        what: String,
    },
    /// More or fewer bytes than the header says.
    #[error(
        "{name}: the header describes {claimed} bytes in all, the file has {found}. It is cut short or damaged: write or fetch it again"
    )]
    Size {
        /// File.
        name: String,
        /// By the header; saturated.
        claimed: u64,
        /// By the system.
        found: u64,
    },
    /// An array of another type, order or shape.
    #[error("{name}: {what}; expected [items, width] of little-endian floats (f2, f4, f8) in C order. {remedy}")]
    Array {
        /// File, and the array in it.
        name: String,
        /// What is wrong, in a few words.
        what: String,
        /// The line of Python that mends it.
        remedy: String,
        /// Whether it is one of vectors, and has none.
        is_empty: bool,
    },
    /// No array of vectors, or several that could be.
    #[error(
        "{name}: expected an array named embeddings, embedding, vectors or vector, or a single one of [items, width] floats, among: {found}{advice}"
    )]
    NoArray {
        /// File.
        name: String,
        /// Names, types and shapes.
        found: String,
        /// How to choose one; empty, or a sentence with what goes before it.
        advice: String,
    },
    /// A name that was given, of which the file has nothing.
    #[error("{name}: there is no {wanted:?}, which {option} names. {found}")]
    NotThere {
        /// File.
        name: String,
        /// The name.
        wanted: String,
        /// The option that gives it.
        option: &'static str,
        /// What there is, in a sentence.
        found: String,
    },
    /// Another width than the model's.
    #[error("{name}: vectors of width {found}, the model reads {expected}. {remedy}")]
    Width {
        /// File.
        name: String,
        /// In the file.
        found: usize,
        /// Of the model.
        expected: usize,
        /// What to do.
        remedy: String,
    },
    /// Ids that do not fit the rows.
    #[error("{name}: {what}")]
    Ids {
        /// File.
        name: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// A row that cannot be tokenized, and the rule is to stop.
    #[error("{name}: {fault}. Correct the row, or drop such rows (--skip-bad)")]
    Row {
        /// File.
        name: String,
        /// Which and why.
        fault: RowFault,
    },
    /// Every row was dropped.
    #[error("{name}: {} dropped, and there are no others; the first: {fault}", counted(*.rows, "row"))]
    NoRows {
        /// File.
        name: String,
        /// Rows in the file.
        rows: usize,
        /// The first.
        fault: RowFault,
    },
}

/// A bad row.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RowFault {
    /// Row from 0.
    pub row: usize,
    /// Column from 0.
    pub column: usize,
    /// Id of the row.
    pub id: String,
    /// What is wrong.
    pub what: &'static str,
}

impl std::fmt::Display for RowFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}, column {} (id {:?}): {}", self.row, self.column, self.id, self.what)
    }
}
