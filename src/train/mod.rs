//! Training a tokenizer: the recipe of SPEC section 1.
//!
//! | file | what it does |
//! |---|---|
//! | `config` | what a run does: TOML, `--set` |
//! | `options` | what can be chosen of it, and the defaults |
//! | `data` | vectors by domain, balanced batches |
//! | `network` | losses and gradients of a step |
//! | `mlp`, `gemm`, `mixture` | forward and backward in closed form, on the CPU |
//! | `autodiff` | the same on burn, for GPUs |
//! | `losses` | quantization and mutual information: values and gradients |
//! | `optimizer` | AdamW |
//! | `lloyd`, `init`, `reseed`, `refit` | codebooks and router outside of gradient steps |
//! | `mixtures` | virtual items between domains, for domains never seen |
//! | `run`, `schedule` | the phases, resumable; when each ends, and its learning rate |
//! | `checkpoint`, `fingerprint`, `log` | what survives a kill, and whose it is |
//! | `evaluate`, `card` | how good the result is, and its README |
//! | `session` | all of it, in a folder |

pub mod codebooks;
pub mod data;
pub mod losses;
pub mod network;
pub mod recipes;

use std::path::{Path, PathBuf};

pub use network::step::Device;

/// A training run that cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The training configuration.
    #[error(transparent)]
    Config(#[from] recipes::unitok::config::TrainConfigError),
    /// The shapes it asks for.
    #[error(transparent)]
    Shape(#[from] crate::model::ConfigError),
    /// A file or folder.
    #[error("{path}: {source}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The data do not make a training set.
    #[error("domain {domain}: {what}")]
    Data {
        /// Which domain.
        domain: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// burn's device failed.
    #[error("the training device failed: {0}. Try --device cpu")]
    Device(String),
    /// A loss or weight is no longer finite.
    #[error("step {step}: the {what} is not finite any more. Lower recipe.learning_rate, or look for extreme values in the data")]
    Diverged {
        /// Global step.
        step: usize,
        /// What went wrong.
        what: &'static str,
    },
    /// No checkpoint could be read.
    #[error("no checkpoint can be read, start again with --force:\n{}", .0.join("\n"))]
    Checkpoints(Vec<String>),
    /// The run to resume was started differently.
    #[error("this run was started with other settings or data:\n{0}\nRestore them, or start again with --force")]
    OtherRun(String),
    /// The folder holds something that would be lost.
    #[error("{path} holds {what}: {remedy}")]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        what: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// The trained weights cannot be written or read back.
    #[error(transparent)]
    Weights(#[from] crate::model::WeightsError),
    /// The trained model cannot be run.
    #[error(transparent)]
    Engine(#[from] crate::engine::EngineError),
}

impl TrainError {
    pub(crate) fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
