//! A tokenizer as it is stored: its description, its weights, and how an item's text is made for it.

#[cfg(feature = "files")]
pub mod built_in;
mod config;
mod decoder;
mod digest;
#[doc = include_str!("../METHOD.md")]
pub mod method {}
mod parameters;
#[cfg(feature = "files")]
mod save;
mod template;
mod texts;
mod weights;
mod weights_error;

pub use config::{Architecture, Config, ConfigError, Cooccurrence, FORMAT_VERSION, Mix, MixWeights, TextConfig};
pub use parameters::Parameters;
pub use template::{Field, Template};
pub use texts::{NoText, PLACEHOLDER, Texts};
pub use weights::{Linear, Model, Precision};
pub use weights_error::WeightsError;
