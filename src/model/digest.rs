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

    /// Whether this is the model with the digest `sha256` and experts added to it, which leave the codes of the others as they
    /// are.
    pub fn extends(&self, sha256: &str) -> bool {
        (1..self.config.model.experts).any(|experts| self.with_first_experts(experts).digest() == sha256)
    }

    /// The model without its last experts.
    fn with_first_experts(&self, experts: usize) -> Self {
        let mut model = self.clone();
        let a = &mut model.config.model;
        let quantizer = a.levels * a.codes * a.latent;
        model.codebooks.drain(experts * quantizer..a.experts * quantizer);
        a.experts = experts;
        if let Some(router) = &mut model.router {
            router.weight.truncate(experts * router.inputs);
            router.bias.truncate(experts);
            router.outputs = experts;
        }
        model
    }
}
