//! What tells one tokenizer from another.

use sha2::{Digest, Sha256};

use super::weights::{Linear, Model};
use crate::base::hash::hex;

impl Model {
    /// SHA-256 of all that decides which codes a vector gets: shapes, encoder, router and codebooks. The same for weights that
    /// are stored in 16 or 32 bits, if the values are; the decoder, names and measurements do not count.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let shapes = (&self.config.model, &self.config.cooccurrence);
        hash.update(serde_json::to_vec(&shapes).expect("a configuration is plain"));
        for Linear { weight, bias, .. } in self.encoder.iter().chain(&self.router) {
            hash.update(bytemuck::cast_slice(weight));
            hash.update(bytemuck::cast_slice(bias));
        }
        hash.update(bytemuck::cast_slice(&self.codebooks));
        hex(&hash.finalize())
    }
}
