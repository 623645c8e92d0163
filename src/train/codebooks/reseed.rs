//! Codes that nobody uses are re-seeded from current residuals.

use rand::seq::SliceRandom;

use crate::learn::optimizer::AdamW;
use crate::learn::seed::generator;
use crate::model::Model;
use crate::train::losses::quantization::Quantized;
use crate::train::network::parameters::CODEBOOKS;

/// Counts uses between re-seedings.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeUse {
    shape: [usize; 3],
    /// `[quantizers][levels][codes]` uses since the last re-seeding.
    pub counts: Vec<u32>,
}

impl CodeUse {
    /// No uses.
    pub fn new(model: &Model) -> Self {
        let a = &model.config.model;
        let shape = [a.quantizers(), a.levels, a.codes];
        Self { shape, counts: vec![0; shape.iter().product()] }
    }

    /// Quantizers, levels and codes.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Adds a batch.
    pub fn add(&mut self, model: &Model, batch: &Quantized) {
        let a = &model.config.model;
        for (slot, codes) in batch.codes.chunks_exact(a.levels).enumerate() {
            for (level, &code) in codes.iter().enumerate() {
                self.counts[(batch.quantizers[slot] * a.levels + level) * a.codes + code as usize] += 1;
            }
        }
    }

    /// Codes used at least once, of all.
    pub fn used(&self) -> (usize, usize) {
        (self.counts.iter().filter(|&&c| c > 0).count(), self.counts.len())
    }

    /// Moves codes used below `threshold` of their fair share to residuals of this batch, zeroes
    /// their moments and all counts, and returns how many moved.
    pub fn reseed(
        &mut self,
        model: &mut Model,
        adam: &mut AdamW,
        batch: &Quantized,
        z: &[f32],
        threshold: f32,
        seed: u64,
    ) -> usize {
        let a = model.config.model.clone();
        let mut moved = 0;
        for q in 0..a.quantizers() {
            let mut members: Vec<usize> = (0..batch.quantizers.len()).filter(|&s| batch.quantizers[s] == q).collect();
            members.shuffle(&mut generator(seed, "reseed", q as u64));
            for level in 0..a.levels {
                let first = (q * a.levels + level) * a.codes;
                let counts = &self.counts[first..first + a.codes];
                let fair = counts.iter().sum::<u32>() as f32 / a.codes as f32;
                let dead: Vec<usize> = (0..a.codes).filter(|&t| (counts[t] as f32) < threshold * fair).collect();
                let residuals: Vec<Vec<f32>> =
                    members.iter().take(dead.len()).map(|&s| residual(model, batch, z, s, level)).collect();
                for (t, residual) in dead.into_iter().zip(residuals) {
                    let at = (first + t) * a.latent;
                    model.codebooks[at..at + a.latent].copy_from_slice(&residual);
                    adam.forget(CODEBOOKS, at..at + a.latent);
                    moved += 1;
                }
            }
        }
        self.counts.fill(0);
        moved
    }
}

/// The residual of an item's slot before `level`.
fn residual(model: &Model, batch: &Quantized, z: &[f32], slot: usize, level: usize) -> Vec<f32> {
    let a = &model.config.model;
    let item = slot / batch.slots;
    let mut residual = z[item * a.latent..(item + 1) * a.latent].to_vec();
    for l in 0..level {
        let code = batch.codes[slot * a.levels + l] as usize;
        let chosen = &model.codebook(batch.quantizers[slot], l)[code * a.latent..][..a.latent];
        residual.iter_mut().zip(chosen).for_each(|(r, c)| *r -= c);
    }
    residual
}
