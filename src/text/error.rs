//! What can be wrong with a text model.

use std::path::PathBuf;

use crate::compute::DeviceError;

/// A text model that cannot be used. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The folder lacks files.
    #[error(
        "{folder} is not a text model: {} missing. Run `cargo xtask text-model`, or pass a folder in the hub's layout \
         (config.json, tokenizer.json, model.safetensors)", .missing.join(", ")
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Files that it lacks.
        missing: Vec<&'static str>,
    },
    /// Nobody said where the text model is, and there is no cache to search.
    #[error("cannot look for the text model, because there is no home folder: name its folder, or set {0}")]
    NoHome(&'static str),
    /// A file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// The error of the system.
        source: std::io::Error,
    },
    /// Not JSON, or not of the expected form.
    #[error("{file} is not readable: {source}. The file is damaged or not from a text model: fetch it again")]
    Json {
        /// `config.json`, `tokenizer.json` or `1_Pooling/config.json`.
        file: &'static str,
        /// The error of the parser, with line and column.
        source: serde_json::Error,
    },
    /// An architecture that this program cannot compute.
    #[error("{file}: {field} is {found}, this program needs {expected}. Use all-MiniLM-L6-v2 or another model of its kind")]
    Unsupported {
        /// `config.json`, `tokenizer.json` or `1_Pooling/config.json`.
        file: &'static str,
        /// Dotted name of the field.
        field: &'static str,
        /// Its value.
        found: String,
        /// The values that are allowed.
        expected: String,
    },
    /// Not a safetensors file, or a damaged one.
    #[error(
        "model.safetensors is not readable: {0}. The file is damaged, cut short, or not safetensors (an HTML error page?): \
         run `cargo xtask text-model` again"
    )]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// Tensors do not fit `config.json`; every fault is listed.
    #[error("model.safetensors does not fit config.json:\n{}", .0.join("\n"))]
    Tensors(Vec<String>),
    /// A weight is NaN or infinite.
    #[error("model.safetensors: tensor {tensor} holds a value that is not finite at index {index}: fetch the file again")]
    NotFinite {
        /// Which tensor.
        tensor: String,
        /// Flat index.
        index: usize,
    },
    /// The GPU cannot run the model, or stopped while it did.
    #[error(transparent)]
    Device(#[from] DeviceError),
}
