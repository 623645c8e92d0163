//! A model in two files: what tokens need, and the decoder, which only reconstruction needs. A page loads the first at once.

use safetensors::tensor::SafeTensors;

use super::weights::{DECODER, check_tensors, decoder_layers, expected_shapes};
use super::{Config, Model, Precision, WeightsError};

impl Model {
    /// The contents of the two files: all tensors but the decoder's, and the decoder's.
    pub fn split(&self, precision: Precision) -> [Vec<u8>; 2] {
        [false, true].map(|decoder| self.to_safetensors_where(precision, |name| name.starts_with(DECODER) == decoder))
    }

    /// Reads the first of the two files. The model gives tokens and cannot reconstruct.
    ///
    /// # Errors
    /// As [`Model::with_config`].
    pub fn without_decoder(config: Config, safetensors: &[u8]) -> Result<Self, WeightsError> {
        Self::read(config, safetensors, false)
    }

    /// The same model with the decoder of the second file.
    ///
    /// # Errors
    /// As [`Model::with_config`].
    pub fn with_decoder(&self, safetensors: &[u8]) -> Result<Self, WeightsError> {
        let tensors = SafeTensors::deserialize(safetensors)?;
        let mut expected = expected_shapes(&self.config);
        expected.retain(|name, _| name.starts_with(DECODER));
        check_tensors(&expected, &tensors)?;
        Ok(Self { decoder: decoder_layers(&tensors, &self.config)?, ..self.clone() })
    }
}
