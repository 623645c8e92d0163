//! The default model, built into programs so that they work without a model folder.

use super::{Model, WeightsError};

const CONFIG: &str = include_str!("../../www/models/default/config.json");
const WEIGHTS: &[u8] = include_bytes!("../../www/models/default/model.safetensors");

/// Its `metrics.json`: what was measured after training.
pub const METRICS: &str = include_str!("../../www/models/default/metrics.json");

/// The model.
///
/// # Errors
/// The program was built from damaged files.
pub fn model() -> Result<Model, WeightsError> {
    Model::from_bytes(CONFIG, WEIGHTS)
}
