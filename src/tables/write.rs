//! How Parquet files are written.

use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

/// Rows that are encoded, or decoded, together.
pub(crate) const BATCH: usize = 1024;

/// Bytes of a row group, which is what a writer holds in memory.
const ROW_GROUP: usize = 32 << 20;

/// Snappy is the codec that every reader has.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_bytes(Some(ROW_GROUP))
}
