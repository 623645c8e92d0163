//! The codebooks of one quantizer, fitted level by level to what the levels before leave over.

use super::kmeans::{Fit, fit, random_start, subtract_nearest, use_every_code};
use crate::learn::seed::generator;
use crate::model::Model;

/// Which codes the fit of a level starts from.
#[derive(Debug, Clone, Copy)]
pub enum Start {
    /// Random rows.
    RandomRows {
        /// The run's seed.
        seed: u64,
    },
    /// The codes that the model has.
    CurrentCodes,
}

/// Fits the levels of quantizer `q` one after another, as `how` says of each, to `rows` and `extra` rows,
/// `[items][latent]`, and to their residuals. In the end `rows` alone use every code.
pub fn fit_residually(model: &mut Model, q: usize, rows: &[f32], extra: &[f32], how: &dyn Fn(usize) -> Fit, start: Start) {
    let a = model.config.model.clone();
    let items = rows.len();
    let mut rows = [rows, extra].concat();
    for level in 0..a.levels {
        let mut codebook = match start {
            Start::RandomRows { seed } => {
                let mut rng = generator(seed, &format!("codes of {q}"), level as u64);
                random_start(&rows, a.latent, a.codes, &mut rng)
            }
            Start::CurrentCodes => model.codebook(q, level).to_vec(),
        };
        fit(&rows, a.latent, &mut codebook, how(level));
        use_every_code(&rows[..items], a.latent, &mut codebook);
        subtract_nearest(&mut rows, a.latent, &codebook);
        let at = (q * a.levels + level) * codebook.len();
        model.codebooks[at..at + codebook.len()].copy_from_slice(&codebook);
    }
}
