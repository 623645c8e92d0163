//! Files as tables, CSV and Parquet: nothing here knows an item, a vector or an index.
//!
//! Memory does not grow with a file's length. Text is read one record at a time, with the place of each; Parquet in
//! batches of rows, and of its columns only those that are asked for.

mod csv;
#[cfg(feature = "parquet")]
mod detect;
mod error;
mod input;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod value;
#[cfg(feature = "parquet")]
mod write;

pub(crate) use csv::{CsvEnd, CsvReader, Record, guess_delimiter, split};
#[cfg(feature = "parquet")]
pub use detect::{is_named_parquet, is_parquet};
pub use error::TableError;
pub use input::Stream;
pub(crate) use input::{End, Input, MAX_RECORD, Place};
#[cfg(feature = "parquet")]
pub use parquet::{Batches, ParquetTable};
#[cfg(feature = "parquet")]
pub(crate) use value::{is_plain, value};
#[cfg(feature = "parquet")]
pub(crate) use write::{BATCH, properties};
