//! Codewords as tokens: layouts, collision policies, index files and tries.
//!
//! ```text
//! Tokenized ─ Schema ─ Codewords ─ IndexWriter ─ {"item id": ["<a_12>", …]} ─ Index ─ Trie
//!                 └ resolve (collision policy)
//! ```
//!
//! Readers and writers take `impl Read` and `impl Write`; only a Parquet index is opened by its path.

mod collisions;
#[cfg(feature = "parquet")]
mod columns;
mod error;
mod export;
mod index;
mod layout;
mod names;
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
pub use numbers::token_number;
pub use trie::Trie;
