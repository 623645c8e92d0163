//! The default model, built into the program so that `unitok` works without a model folder.

/// Its `config.json`.
pub const CONFIG: &str = include_str!("../../www/models/default/config.json");
/// Its `model.safetensors`.
pub const WEIGHTS: &[u8] = include_bytes!("../../www/models/default/model.safetensors");
/// Its `metrics.json`: what was measured after training.
pub const METRICS: &str = include_str!("../../www/models/default/metrics.json");
