//! An index as the files that decoders read: the tokenizer of a language model, tries for constrained decoding.
//!
//! FORMATS.md, Hand-over, says what each file holds.

mod codes;
mod earlier;
mod error;
mod export;
mod flashrec;
mod folder;
mod hugging_face;
#[cfg(feature = "parquet")]
mod made_by;
mod npz;
mod numbers;
mod rows;
mod sid_gr;
mod sorted;
mod static_form;
mod target;
mod trie_arrays;
mod vocabulary;

pub use earlier::Earlier;
pub use error::HandoverError;
pub use export::{Exported, export};
#[cfg(feature = "parquet")]
pub use made_by::{MadeBy, Said};
pub use rows::Rows;
pub use target::{Kind, Target};
pub use trie_arrays::TrieArrays;
pub use vocabulary::Vocabulary;
