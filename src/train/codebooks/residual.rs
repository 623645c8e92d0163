//! The codebooks of one quantizer, fitted level by level to what the levels before leave over.

use super::kmeans::{random_start, subtract_nearest, use_every_code};
use super::{even, kmeans};
use crate::learn::seed::generator;
use crate::model::Model;

/// How the codebook of a level is fitted.
#[derive(Debug, Clone, Copy)]
pub enum Fit {
    /// For least distortion.
    KMeans,
    /// So that codes are used alike.
    EqualShares,
}

/// Fits the levels of quantizer `q` one after another in so many rounds, from random rows, to `rows [items][latent]` and to their
/// residuals. In the end rows use every code.
pub fn fit_residually(model: &mut Model, q: usize, rows: &[f32], how: Fit, iterations: usize, seed: u64) {
    let a = model.config.model.clone();
    let mut rows = rows.to_vec();
    for level in 0..a.levels {
        let mut rng = generator(seed, &format!("codes of {q}"), level as u64);
        let mut codebook = random_start(&rows, a.latent, a.codes, &mut rng);
        match how {
            Fit::KMeans => kmeans::fit(&rows, a.latent, &mut codebook, iterations),
            Fit::EqualShares => even::fit(&rows, a.latent, &mut codebook, iterations),
        }
        use_every_code(&rows, a.latent, &mut codebook);
        subtract_nearest(&mut rows, a.latent, &codebook);
        let at = (q * a.levels + level) * codebook.len();
        model.codebooks[at..at + codebook.len()].copy_from_slice(&codebook);
    }
}
