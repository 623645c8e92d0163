//! Codewords as tokens: layouts, collision policies, index files and tries.
//!
//! ```text
//! Tokenized ─ Schema ─ Codewords ─ IndexWriter ─ {"item id": ["<a_12>", …]} ─ Index ─ Trie
//!                 └ resolve (collision policy)
//! ```
//!
//! Readers and writers take `impl Read` and `impl Write`; only a Parquet index is opened by its path.

mod collisions;
pub mod edit;
mod error;
mod export;
#[cfg(feature = "files")]
pub mod handover;
mod index;
mod layout;
pub mod lock;
mod names;
mod numbers;
#[cfg(feature = "parquet")]
mod parquet;
mod parse;
mod published;
mod sizes;
mod trie;

#[cfg(feature = "parquet")]
pub use self::parquet::{read_index, write_index};
pub use collisions::{CollisionReport, Policy, Watch, add_suffix, resolve, resolve_beside, resolve_watched};
pub use error::TokensError;
pub use export::{CsvWriter, IndexWriter, added_tokens};
pub use index::{Index, IndexError};
pub use layout::{CodeVocabulary, Codewords, Layout, Position, Schema, letters};
pub use numbers::token_number;
pub use published::{ForeignToken, published};
pub use trie::Trie;
