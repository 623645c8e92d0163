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
mod export;
mod index;
mod layout;
mod parse;
mod trie;

pub use collisions::{CollisionReport, Policy, Watch, add_suffix, resolve, resolve_watched};
#[cfg(feature = "parquet")]
pub use columns::{read_index, write_index};
pub use export::{CsvWriter, IndexWriter, added_tokens};
pub use index::{Index, IndexError};
pub use layout::{CodeVocabulary, Codewords, Layout, Position, Schema, letters};
pub use trie::Trie;

/// A layout or policy that a model or a batch cannot serve.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TokensError {
    /// `with-shared` on a model without a shared expert.
    #[error("layout with-shared needs a model with a shared expert, and this one has none: use expert-last or expert-first")]
    NoSharedExpert,
    /// A policy that weighs distortion, on a batch without `z`.
    #[error("collision policy {0} needs the latents of the items: run the engine with `Want {{ latents: true, .. }}`")]
    NoLatents(Policy),
    /// A batch made by another model.
    #[error("the batch has {found} slots × levels, the model has {expected}: tokenize and resolve with the same model")]
    Shape {
        /// Slots and levels of the batch.
        found: String,
        /// Slots and levels of the model.
        expected: String,
    },
    /// Whoever watches a long policy said so.
    #[error("stopped before the collision policy was through")]
    Stopped,
    /// A name that is not one of the choices.
    #[error("«{name}» is not a {what}: use one of {choices}")]
    Name {
        /// What was named.
        what: &'static str,
        /// The name.
        name: String,
        /// The possible names.
        choices: &'static str,
    },
}
