//! Codewords as tokens: layouts, collisions, index files, tries.
//!
//! ```text
//! Tokenized ─ Schema ─ Codewords ─ IndexWriter ─ {"item id": ["<a_12>", …]} ─ Index ─ Trie
//!                 └ resolve (collision policy)
//! ```
//!
//! Nothing here opens files: readers and writers take `impl Read` and `impl Write`.

mod collisions;
#[cfg(feature = "parquet")]
mod columns;
mod error;
mod export;
mod index;
mod layout;
mod numbers;
mod parse;
mod trie;

pub use collisions::{CollisionReport, Policy, Watch, add_suffix, resolve, resolve_watched};
#[cfg(feature = "parquet")]
pub use columns::{read_index, write_index};
pub use error::TokensError;
pub use export::{CsvWriter, IndexWriter, added_tokens};
pub use index::{Index, IndexError};
pub use layout::{CodeVocabulary, Codewords, Layout, Position, Schema, letters};
pub use numbers::number;
pub use trie::Trie;
