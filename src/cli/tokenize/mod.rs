//! `unitok tokenize`: reads items or their embeddings, and writes an index of tokens.
//!
//! ```text
//! items ─ texts ─ embeddings ┐
//! embeddings ────────────────┴ engine ─ codes (kept) ─ collision policy ─ index, CSV, details
//! ```
//!
//! With `--append` the index that there is comes in twice: items that it has are passed over, and its codewords are places
//! that the others do not get ([`append`], [`selection`]).
//!
//! Reading, embedding and encoding run side by side ([`stages`]). Only ids and codes are kept to the end, and latents if the
//! collision policy needs them: about a hundred bytes per item.

mod append;
mod args;
mod bare_ids;
mod batch;
mod counts;
mod gathered;
mod input;
mod input_args;
mod joined;
mod lock;
mod output;
mod own;
mod pins;
mod replaced;
mod run;
mod selection;
mod source;
pub mod stages;
mod summary;

pub use args::Args;
pub use batch::{Batch, Unembedded};
pub use gathered::Gathered;
pub use input::Input;
pub use input_args::InputArgs;
pub use run::run;
