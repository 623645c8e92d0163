//! Codewords as tokens: layouts, collision policies, index files and tries.
//!
//! ```text
//! Tokenized ─ Schema ─ Codewords ─ IndexWriter ─ {"item id": ["<a_12>", …]} ─ Index ─ Trie
//!                 └ resolve (collision policy)
//! ```
//!
//! Readers and writers take `impl Read` and `impl Write`; only a Parquet index is opened by its path.

mod builder;
mod collisions;
#[cfg(feature = "files")]
mod columns;
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
mod parse;
mod published;
#[cfg(feature = "parquet")]
mod read_parquet;
mod sizes;
mod trie;
#[cfg(feature = "parquet")]
mod write_parquet;

pub use builder::Store;
pub use collisions::{CollisionReport, Policy, Taken, Watch, add_suffix, resolve, resolve_beside, resolve_watched};
#[cfg(feature = "files")]
pub use columns::{Column, Columns};
pub use error::TokensError;
pub use export::{CsvWriter, IndexWriter, added_tokens, numbered_tokens};
pub use index::{Index, IndexError};
pub use layout::{CodeVocabulary, Codewords, Layout, Position, Schema, letters};
pub use numbers::token_number;
pub use published::{ForeignToken, published, retired_codewords};
#[cfg(feature = "parquet")]
pub use read_parquet::read_index;
pub use trie::Trie;
#[cfg(feature = "parquet")]
pub use write_parquet::write_index;
