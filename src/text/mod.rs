//! Item text → embedding, by a MiniLM-class sentence encoder (BERT, mean-pooled, unit length).
//!
//! | file | what it does |
//! |---|---|
//! | `normalize`, `wordpiece` | text → token ids, equal to Hugging Face's `tokenizers` |
//! | `batch` | what every encoder shares: batches by length, mean pooling, results in order |
//! | `architecture`, `tensors` | `config.json` and `model.safetensors`, checked |
//! | `transformer`, `dense`, `attention` | the CPU encoder, native and WebAssembly |
//! | `int8` | a quarter of the bytes, for download |
//! | `gpu` | the same encoder on plain wgpu |
//! | `select` | which of the two runs |
//! | `reference` | the same in float64, which the others are held to |
//!
//! The seam is [`SentenceEncoder`]: another device brings another transformer, nothing else.

mod architecture;
mod attention;
mod batch;
mod dense;
mod encoder;
mod error;
#[cfg(feature = "gpu")]
pub mod gpu;
mod int8;
mod normalize;
#[cfg(feature = "cli")]
mod reference;
mod select;
mod tensors;
mod transformer;
mod wordpiece;

pub use architecture::Architecture;
pub use batch::{SentenceEncoder, TokenBatch};
pub use encoder::{Digests, TextEncoder, TextFiles};
pub use error::TextError;
pub use int8::quantize_int8;
#[cfg(feature = "cli")]
pub use reference::Reference;
pub use select::{AnyTextEncoder, AnyTransformer};
pub use transformer::CpuTransformer;
pub use wordpiece::WordPiece;
