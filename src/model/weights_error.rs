//! What can be wrong with a model's files.

use std::path::PathBuf;

use super::ConfigError;

/// A model that cannot be loaded or saved.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The configuration does not describe a model.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not a safetensors file, or a damaged one.
    #[error(
        "model.safetensors is not readable: {0}. The file is damaged, cut short, or not safetensors (an HTML error page?): fetch it again"
    )]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// Tensors do not fit the configuration; every fault is listed.
    #[error("model.safetensors does not fit config.json:\n{}", .0.join("\n"))]
    Mismatch(Vec<String>),
    /// A weight is NaN or infinite.
    #[error(
        "model.safetensors: tensor {tensor} holds a value that is not finite at index {index}. The training run that wrote it failed"
    )]
    NotFinite {
        /// Which tensor.
        tensor: String,
        /// Flat index.
        index: usize,
    },
}
