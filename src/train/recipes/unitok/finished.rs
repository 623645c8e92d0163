//! A finished run as the files of its model folder.

use super::card::{self, Origin};
use super::config::TrainConfig;
use super::evaluate::{Evaluation, LeftOut, evaluate};
use super::state::State;
use crate::model::{Model, Precision, WeightsError};
use crate::train::TrainError;
use crate::train::data::Domain;

/// What a model is measured on, and how it is written.
#[derive(Debug, Clone, Copy)]
pub struct Finish<'a> {
    /// The run's settings.
    pub config: &'a TrainConfig,
    /// Domains that it was trained on.
    pub domains: &'a [Domain],
    /// Domains that it never saw.
    pub unseen: &'a [Domain],
    /// Rows that were left out.
    pub left_out: &'a [LeftOut],
    /// Number format of the weights.
    pub precision: Precision,
    /// The command line, for the card.
    pub command: &'a str,
}

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// What was measured of it.
    pub evaluation: Evaluation,
    /// Names and contents of its files. The weights are the last.
    pub files: [(&'static str, Vec<u8>); 4],
}

/// The file whose presence says that the folder is whole.
pub const WEIGHTS: &str = "model.safetensors";

impl Finish<'_> {
    /// The model as it will be read back, and its measurements.
    ///
    /// # Errors
    /// Weights that the number format cannot hold.
    pub fn of(&self, state: &State) -> Result<Finished, TrainError> {
        let weights = state.model.to_safetensors(self.precision);
        let config_json = state.model.config.to_json();
        // The weights are finite, as was checked: what is not any more was beyond the range of 16-bit floats.
        let model = Model::from_bytes(&config_json, &weights).map_err(|error| match error {
            WeightsError::NotFinite { tensor, .. } if self.precision == Precision::F16 => TrainError::Precision { tensor },
            error => error.into(),
        })?;
        let evaluation = Evaluation { left_out: self.left_out.to_vec(), ..evaluate(&model, self.domains, self.unseen)? };
        let origin = Origin { command: self.command, train: self.config, seconds: state.seconds, steps: state.step };
        let card = card::render(&model, &evaluation, &origin);
        let metrics = serde_json::to_vec_pretty(&evaluation).expect("an evaluation has only plain fields");
        let files = [
            ("README.md", card.into_bytes()),
            ("metrics.json", metrics),
            ("config.json", config_json.into_bytes()),
            (WEIGHTS, weights),
        ];
        Ok(Finished { evaluation, files })
    }
}
