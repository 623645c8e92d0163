//! What can be wrong with a Parquet file. `name` is always its file name; rows count from 0.

/// A Parquet file that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The system refused.
    #[error("{name}: {source}")]
    Io {
        /// File.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// No Parquet file, or not all of one.
    #[error("{name}: not a whole Parquet file: {what}. Write or fetch it again, or name it by what it is")]
    Foreign {
        /// File.
        name: String,
        /// What shows it.
        what: String,
    },
    /// Its content makes no sense, or needs something that we lack (a codec, a key).
    #[error("{name}: {place}: {what}. The file is damaged or of an unknown kind: write it again (with snappy or zstd)")]
    Damaged {
        /// File.
        name: String,
        /// Footer, or after which row.
        place: String,
        /// What the reader said.
        what: String,
    },
    /// No rows.
    #[error("{name}: the file has columns ({columns}) and no rows")]
    Empty {
        /// File.
        name: String,
        /// Names and types.
        columns: String,
    },
    /// A column that is needed and not there.
    #[error("{name}: no column {expected} among: {columns}. Rename one, or write it")]
    NoColumn {
        /// File.
        name: String,
        /// What was looked for.
        expected: &'static str,
        /// Names and types.
        columns: String,
    },
    /// A column of the wrong type.
    #[error("{name}: column {column} is of type {found}, expected {expected}. {remedy}")]
    Type {
        /// File.
        name: String,
        /// Column.
        column: String,
        /// Its type.
        found: String,
        /// What would do.
        expected: &'static str,
        /// What to do.
        remedy: String,
    },
    /// A value that cannot be what it stands for.
    #[error("{name}: row {row}, column {column}: {what}")]
    Value {
        /// File.
        name: String,
        /// Row.
        row: u64,
        /// Column.
        column: String,
        /// What is wrong, and what to do.
        what: String,
    },
}
