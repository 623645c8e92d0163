//! Item text → embedding, by a MiniLM-class sentence encoder (BERT, mean-pooled, unit length).
//!
//! | file | what it does |
//! |---|---|
//! | `normalize`, `wordpiece` | text → token ids, equal to Hugging Face's `tokenizers` |
//! | `batch` | batches by length, mean pooling, results in order |
//! | `architecture`, `tensors` | reading and checking `config.json` and `model.safetensors` |
//! | `transformer`, `dense`, `attention` | the CPU encoder, native and WebAssembly |
//! | `int8` | weights in a quarter of the bytes, for download |
//! | `gpu` | the GPU encoder, on plain wgpu |
//! | `folder` | where a text model lies on this machine |
//! | `select` | which of the two runs |
//! | `reference` | the encoder in float64, which the others are compared with |
//!
//! Word pieces, batches by length, and scaling to unit length are shared by both encoders and run on the host. A device only
//! brings its own [`SentenceEncoder`].

mod architecture;
mod attention;
mod batch;
mod dense;
mod encoder;
mod error;
mod folder;
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
pub use folder::{DEFAULT_MODEL, model_folder};
pub use int8::quantize_int8;
#[cfg(feature = "cli")]
pub use reference::Reference;
pub use select::{AnyTextEncoder, AnyTransformer};
pub use transformer::CpuTransformer;
pub use wordpiece::WordPiece;
