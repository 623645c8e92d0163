//! Embedding files: `.npy`, safetensors and Parquet, read in chunks and written as they come.
//!
//! | format | values | ids | text encoder and template |
//! |---|---|---|---|
//! | `.npy` | the array `[items][width]` | beside it, `FILE.npy.ids.txt`, one a line | – |
//! | safetensors | tensor `embeddings`, or the only 2-D float tensor | tensor `ids`: UTF-8 bytes of a JSON array | `__metadata__.text`, JSON |
//! | Parquet | lists of floats in `embedding`, or the only such column | column `item_id`, or another usual name | footer, key `text`, JSON |
//!
//! In an `ids.txt` a line that begins with `"` is a JSON string (an id may hold a line break), any other is the id itself.
//! Without ids the row number, from 0, is the id.
//!
//! Headers are checked against the file's size before anything is allocated, rows against NaN, infinities and zeros.

mod element;
mod error;
mod ids_file;
mod layout;
mod npy;
mod open;
mod pairing;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_writer;
mod reader;
#[cfg(feature = "files")]
mod save;
mod source;
mod tensors;
mod writer;

pub use element::Element;
pub use error::{EmbeddingError, RowFault};
pub use ids_file::ids_path;
pub use layout::Layout;
pub use open::{from_bytes, from_stream, open};
pub use pairing::{Paired, PairingError, pair_by_id, pair_by_position};
pub use reader::{BadRows, Chunk, ReadOptions, Reader};
#[cfg(feature = "files")]
pub use save::Saver;
pub use source::Stream;
pub use writer::{FileFormat, Writer};
