//! Embedding files: `.npy`, `.npz`, safetensors and Parquet, read in chunks and written as they come.
//!
//! | format | values | ids | text encoder and template |
//! |---|---|---|---|
//! | `.npy` | the array `[items][width]` | beside it, `FILE.npy.ids.txt`, one a line | – |
//! | `.npz` (feature `files`) | array `embeddings`, or the only 2-D float array | array `ids`, or another usual name; or beside it | – |
//! | safetensors | tensor `embeddings`, or the only 2-D float tensor | tensor `ids`: UTF-8 bytes of a JSON array, or whole numbers; a JSON array in the metadata | `__metadata__.text`, JSON |
//! | Parquet | lists of floats in `embedding`, or the only such column | column `item_id`, or another usual name | footer, key `text`, JSON |
//!
//! In an `ids.txt` a line that begins with `"` is a JSON string (an id may hold a line break), any other is the id itself.
//! Without ids the row number, from 0, is the id. [`Contents`] says what was read as what.
//!
//! Headers are checked against the file's size before anything is allocated, rows against NaN, infinities and zeros. Other
//! formats are named, with what turns them into one of these.

mod array;
mod contents;
pub mod cooccurrence;
mod element;
mod error;
#[cfg(feature = "files")]
mod foreign;
#[cfg(feature = "files")]
mod foreign_text;
mod ids_file;
mod layout;
mod npy;
#[cfg(feature = "files")]
mod npz;
mod open;
mod options;
mod pairing;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_writer;
#[cfg(feature = "files")]
mod python;
#[cfg(not(feature = "files"))]
mod python_in_page;
mod reader;
#[cfg(feature = "files")]
mod save;
mod source;
mod stored_ids;
mod tensors;
mod writer;

#[cfg(not(feature = "files"))]
use python_in_page as python;

pub use contents::Contents;
pub use element::Element;
pub use error::{EmbeddingError, RowFault};
pub use ids_file::ids_path;
pub use layout::Layout;
pub use open::{from_bytes, from_stream, is_named_so, open};
pub use options::{BadRows, ReadOptions};
pub use pairing::{Paired, PairingError, pair_by_id, pair_by_position};
pub use reader::{Chunk, Reader};
#[cfg(feature = "files")]
pub use save::Saver;
pub use source::Stream;
pub use writer::{FileFormat, Writer};
