//! What can be wrong with a file of records or a Parquet file. `name` is always its file name; rows count from 0.

use crate::base::words::counted;

/// A file that cannot be read as a table.
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
    /// Packed in a way that is not read.
    #[error("{name}: this is {what}. {}", .remedy.replace("FILE", .name))]
    Packed {
        /// File.
        name: String,
        /// How it is packed.
        what: &'static str,
        /// What to do with FILE.
        remedy: &'static str,
    },
    /// Parquet that comes from a pipe.
    #[error("{name}: Parquet is read from its end, so it cannot come from a pipe. Write it to a file and give that")]
    PipedParquet {
        /// Pipe.
        name: String,
    },
    /// A folder where one file is expected.
    #[error("{name}: this is a folder, expected a file")]
    Folder {
        /// Folder.
        name: String,
    },
    /// A folder without data.
    #[error("{name}: the folder holds no data. Expected parts named .parquet, .jsonl, .json, .csv or .tsv (also .gz), or a file")]
    NoParts {
        /// Folder.
        name: String,
    },
    /// A folder with files of several kinds.
    #[error("{name}: the folder holds files of different kinds (.{} and .{}): give the files instead", .kinds[0], .kinds[1])]
    MixedParts {
        /// Folder.
        name: String,
        /// Extensions of two.
        kinds: [String; 2],
    },
    /// A folder of other things.
    #[error("{name}: the folder holds over {} not named like data: give the files instead, or a folder of their own", counted(.others - 1, "file"))]
    OtherFiles {
        /// Folder.
        name: String,
        /// Files that are not named like data, as far as they were counted.
        others: usize,
    },
    /// Not a Parquet file, or only a part of one.
    #[error("{name}: not a whole Parquet file: {what}. Write or fetch it again, or name it by what it is")]
    Foreign {
        /// File.
        name: String,
        /// What shows it.
        what: String,
    },
    /// A Parquet file that the reader cannot decode: damaged, or in a codec or encryption that is not supported.
    #[error("{name}: {place}: {what}. The file is damaged or of an unknown kind: write it again (with snappy or zstd)")]
    Damaged {
        /// File.
        name: String,
        /// The footer, the columns, or the row after which reading failed.
        place: String,
        /// What the reader said.
        what: String,
    },
    /// A part of a table that is unlike another.
    #[error("{name}: column {column} {what}, unlike in {of}. Write all parts with the same columns")]
    Parts {
        /// File.
        name: String,
        /// Column.
        column: String,
        /// How it differs.
        what: String,
        /// The other file.
        of: String,
    },
    /// A Parquet table without rows.
    #[error("{name}: the file has columns ({columns}) and no rows")]
    Empty {
        /// File.
        name: String,
        /// Names and types of the columns.
        columns: String,
    },
    /// A column that is needed and not there.
    #[error("{name}: no column {expected} among: {columns}. Rename one, or write it")]
    NoColumn {
        /// File.
        name: String,
        /// The names that were looked for.
        expected: &'static str,
        /// Names and types of the columns.
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
        /// The types that can be read.
        expected: &'static str,
        /// What to do.
        remedy: String,
    },
    /// A missing or unusable value.
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
