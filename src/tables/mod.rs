//! Parquet files: items, vectors and indexes by columns.
//!
//! | file | columns | read by | written by |
//! |---|---|---|---|
//! | catalogue | those of any table | [`crate::catalog::open`] | – |
//! | vectors | `item_id`, `embedding` | [`crate::vectors::open`] | [`crate::vectors::Saver`] |
//! | index | `item_id`, `tokens`, `codes` | [`crate::tokens::read_index`] | [`crate::tokens::write_index`] |
//!
//! A file is read in batches of [`BATCH`] rows, so that memory is that of a page of each column, whatever
//! the file's length. Only the columns that are asked for are read.

mod error;
mod table;
mod value;

use std::path::Path;

use parquet::basic::Compression;
use parquet::file::properties::{WriterProperties, WriterPropertiesBuilder};

pub use error::ColumnarError;
pub use table::{Batches, Table};
pub(crate) use value::{id, is_plain, value};

/// Rows decoded together.
pub(crate) const BATCH: usize = 1024;
/// The bytes that a Parquet file begins and ends with.
const MAGIC: &[u8; 4] = b"PAR1";
/// The column of ids in the files that we write; a usual name of the catalogue's readers.
pub(crate) const ID: &str = "item_id";

/// Bytes of a row group, which is what a writer holds in memory.
const ROW_GROUP: usize = 32 << 20;

/// How we write: in the codec that every reader has.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder().set_compression(Compression::SNAPPY).set_max_row_group_bytes(Some(ROW_GROUP))
}

/// Whether a path names a Parquet file, by its extension.
pub fn is_named_so(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["parquet", "pq"].iter().any(|name| extension.eq_ignore_ascii_case(name))
}

/// Whether a file is a Parquet file, by its extension or its first bytes. Pipes, which can be read but once, are not.
pub fn is_parquet(path: &Path) -> bool {
    let starts_so = || {
        let mut head = [0; MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
        read.is_ok() && head == *MAGIC
    };
    path.is_file() && (is_named_so(path) || starts_so())
}
