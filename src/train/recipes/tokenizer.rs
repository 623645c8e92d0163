//! A tokenizer trained in memory, for comparisons that train many: no folder, no checkpoints.

use std::borrow::Cow;

use super::unitok::config::TrainConfig;
use super::unitok::evaluate::Health;
use super::unitok::options::RecipeName;
use super::unitok::run::{Run, StepReport};
use crate::learn::observer::Observer;
use crate::model::{Model, TextConfig};
use crate::tokens::Policy;
use crate::train::TrainError;
use crate::train::data::Training;
use crate::train::network::device::Device;

/// Trains a tokenizer by `config` on `training`; none where the observer asked to stop.
///
/// # Errors
/// Settings and data that do not go together, a loss that diverges.
pub fn train_tokenizer(
    config: &TrainConfig,
    training: Training<'_>,
    observer: &mut dyn Observer<StepReport, Health>,
) -> Result<Option<Model>, TrainError> {
    let mut run = Run::new(Cow::Borrowed(config), training, Device::Cpu)?;
    let mut state = run.start(TextConfig::default())?;
    while let Some(report) = run.advance(&mut state)? {
        observer.step(&report, run.total_steps());
        if observer.stop() {
            return Ok(None);
        }
    }
    run.check_weights(&state)?;
    Ok(Some(state.model))
}

/// The collision policy that a recipe's paper goes with.
pub fn policy(name: RecipeName) -> Policy {
    match name {
        RecipeName::UniTok | RecipeName::UniTokPaper => Policy::Assign,
        RecipeName::Tiger => Policy::Suffix,
        RecipeName::LcRec | RecipeName::Letter => Policy::Sinkhorn,
    }
}
