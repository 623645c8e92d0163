//! What keeps a training run from starting or going on.

use crate::learn::checkpoint::CheckpointError;
#[cfg(feature = "files")]
use crate::learn::folder::FolderError;
use crate::train::network::device::DeviceError;
use crate::train::recipes::unitok::config::TrainConfigError;

/// A training run that cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The training configuration.
    #[error(transparent)]
    Config(#[from] TrainConfigError),
    /// The shapes it asks for.
    #[error(transparent)]
    Shape(#[from] crate::model::ConfigError),
    /// The run's folder, or a file in it.
    #[cfg(feature = "files")]
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The data do not make a training set.
    #[error("domain {domain}: {what}")]
    Data {
        /// Which domain.
        domain: String,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The recipe and the collaborative vectors do not go together.
    #[error("{0}")]
    Collaborative(String),
    /// The device is not there, or failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A loss or weight is no longer finite.
    #[error(
        "step {step}: {what} is not finite any more. Start again with a lower rate (--force --set recipe.learning_rate={:.1e}), or look for extreme values in the data",
        learning_rate / 3.0
    )]
    Diverged {
        /// Global step.
        step: usize,
        /// The loss, or a tensor.
        what: String,
        /// The rate that was too high.
        learning_rate: f32,
    },
    /// The watcher asked to stop a run that keeps no checkpoints.
    #[error("stopped; nothing was written")]
    Stopped,
    /// A weight that the number format of the model cannot hold.
    #[error("{tensor} has values beyond the range of 16-bit floats. Finish the run with --resume --precision f32")]
    Precision {
        /// Which tensor.
        tensor: String,
    },
    /// The checkpoint is damaged or another model's.
    #[error("the checkpoint cannot be used: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The run to resume was started differently.
    #[error("this run was started with other settings or data:\n{0}\nRestore them, or start again with --force")]
    OtherRun(String),
    /// The trained weights cannot be written or read back.
    #[error(transparent)]
    Weights(#[from] crate::model::WeightsError),
    /// The trained model cannot be run.
    #[error(transparent)]
    Engine(#[from] crate::engine::EngineError),
}
