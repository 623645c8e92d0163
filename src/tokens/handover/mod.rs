//! An index as the files that decoders read: the tokenizer of a language model, tries for constrained decoding.
//!
//! FORMATS.md, Hand-over, says what each file holds.

mod error;
mod export;
mod flashrec;
mod hugging_face;
mod npz;
mod rows;
mod static_form;
mod trie_arrays;
mod vocabulary;

pub use error::HandoverError;
pub use export::{Exported, Target, export};
pub use rows::Rows;
pub use trie_arrays::TrieArrays;
pub use vocabulary::Vocabulary;
