//! What can be wrong with an embedding file. `name` is always its file name.

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
    /// A Parquet file that cannot be read, or has no vectors.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] crate::tables::TableError),
    /// A format that is not supported.
    #[error(
        "{name}: neither .npy nor safetensors, nor Parquet; it starts with \"{start}\". Fetch it again, or pass a catalogue with --items"
    )]
    Foreign {
        /// File.
        name: String,
        /// First bytes, escaped.
        start: String,
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
    /// A number type that is not supported.
    #[error("{name}: values of type {found}; expected little-endian f2, f4 or f8 (F16, BF16, F32, F64): array.astype('<f4')")]
    Element {
        /// File.
        name: String,
        /// As in the header.
        found: String,
    },
    /// Column-major.
    #[error("{name}: the array is in Fortran order; save it in C order: numpy.save(file, numpy.ascontiguousarray(array))")]
    Fortran {
        /// File.
        name: String,
    },
    /// Not a matrix, or an empty one.
    #[error("{name}: the array has shape {found:?}; expected [items, width], neither zero")]
    Shape {
        /// File.
        name: String,
        /// As in the header.
        found: Vec<usize>,
    },
    /// No tensor of embeddings, or several that could be.
    #[error("{name}: expected a tensor named embeddings or a single 2-D float tensor; found {found}")]
    NoTensor {
        /// File.
        name: String,
        /// Names, types and shapes.
        found: String,
    },
    /// Another width than the model's.
    #[error("{name}: vectors of width {found}, the model reads {expected}. Use the text encoder that the model was trained with")]
    Width {
        /// File.
        name: String,
        /// In the file.
        found: usize,
        /// Of the model.
        expected: usize,
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
    #[error("{name}: all {rows} rows were dropped; the first: {fault}")]
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
