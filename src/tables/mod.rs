//! Files as tables, CSV and Parquet: nothing here knows an item, a vector or an index.
//!
//! Memory does not grow with a file's length. Text is read one record at a time, with the place of each; Parquet in
//! batches of rows, and of its columns only those that are asked for.

mod csv;
#[cfg(feature = "files")]
mod detect;
mod dialect;
mod error;
mod input;
#[cfg(feature = "files")]
mod open;
mod packed;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_file;
#[cfg(feature = "parquet")]
mod parquet_parts;
#[cfg(feature = "files")]
mod parts;
mod quotes;
mod record;
#[cfg(feature = "parquet")]
mod value;
#[cfg(feature = "parquet")]
mod write;

pub(crate) use csv::{CsvEnd, CsvReader, split};
#[cfg(feature = "files")]
pub use detect::is_named_parquet;
pub(crate) use dialect::{delimiter, is_table};
pub use error::TableError;
pub use input::{BytesRead, Stream};
pub(crate) use input::{End, Input, MAX_RECORD, Place};
#[cfg(feature = "files")]
pub use open::{Opened, is_read_once, is_stdin, open};
pub(crate) use packed::packing;
#[cfg(feature = "parquet")]
pub use parquet::{Batches, ParquetTable};
#[cfg(feature = "parquet")]
pub(crate) use parquet_file::type_name;
#[cfg(feature = "parquet")]
pub use parts::is_parquet;
#[cfg(feature = "files")]
pub use parts::{files, size};
#[cfg(feature = "parquet")]
pub(crate) use value::{is_plain, value};
#[cfg(feature = "parquet")]
pub(crate) use write::{BATCH, properties};
