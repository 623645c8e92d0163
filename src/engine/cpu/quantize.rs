//! Residual quantization and routing on the CPU (SPEC, section 1.2 and 1.3).

use super::simd::{CODE_BLOCK, score_block};
use crate::order::ordered;
use crate::weights::Model;

/// One quantizer's codebooks, laid out for [`score_block`].
#[derive(Debug, Clone)]
pub struct Quantizer {
    levels: Vec<Level>,
}

/// One codebook, laid out for [`score_block`].
#[derive(Debug, Clone)]
pub struct Level {
    /// `[block][latent][CODE_BLOCK]`.
    blocks: Vec<f32>,
    /// `½‖c‖²`, infinite for the padding.
    half_norms: Vec<f32>,
    /// `[codes][latent]`.
    codes: Vec<f32>,
}

/// What one quantizer says of one item at one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// Nearest code, the lowest index on a tie.
    pub code: u32,
    /// Squared distance of the runner-up minus that of the choice.
    pub margin: f32,
    /// Norm of what is left.
    pub residual_norm: f32,
}

impl Quantizer {
    /// Quantizer `q` of a model.
    pub fn new(model: &Model, q: usize) -> Self {
        let latent = model.config.model.latent;
        let levels = (0..model.config.model.levels).map(|l| Level::new(model.codebook(q, l), latent));
        Self { levels: levels.collect() }
    }

    /// Greedy residual chain from `z`: one [`Choice`] a level; adds the chosen codes, times `gate`, to `sum`.
    pub fn quantize(&self, z: &[f32], gate: f32, sum: &mut [f32], mut record: impl FnMut(Choice)) {
        let mut residual = z.to_vec();
        for level in &self.levels {
            let (code, margin) = level.nearest(&residual);
            let chosen = &level.codes[code as usize * z.len()..][..z.len()];
            for ((r, s), c) in residual.iter_mut().zip(sum.iter_mut()).zip(chosen) {
                *r -= c;
                *s += gate * c;
            }
            let residual_norm = residual.iter().map(|r| r * r).sum::<f32>().sqrt();
            record(Choice { code, margin, residual_norm });
        }
    }
}

impl Level {
    /// Lays out `codebook [codes][latent]`.
    pub fn new(codebook: &[f32], latent: usize) -> Self {
        Self::penalized(codebook, latent, &[])
    }

    /// The same with `penalty [codes]` added to squared distances (for training); empty adds nothing.
    pub fn penalized(codebook: &[f32], latent: usize, penalty: &[f32]) -> Self {
        let codes = codebook.len() / latent;
        let padded = codes.next_multiple_of(CODE_BLOCK);
        let mut blocks = vec![0.0; padded * latent];
        let mut half_norms = vec![f32::INFINITY; padded];
        for (t, code) in codebook.chunks_exact(latent).enumerate() {
            let norm = code.iter().map(|c| c * c).sum::<f32>();
            half_norms[t] = 0.5 * (norm + penalty.get(t).copied().unwrap_or(0.0));
            let block = &mut blocks[(t / CODE_BLOCK) * CODE_BLOCK * latent..];
            for (d, &c) in code.iter().enumerate() {
                block[d * CODE_BLOCK + t % CODE_BLOCK] = c;
            }
        }
        Self { blocks, half_norms, codes: codebook.to_vec() }
    }

    /// Nearest code by `½‖c‖² − ⟨r, c⟩`, and its margin in squared distance.
    pub fn nearest(&self, residual: &[f32]) -> (u32, f32) {
        let (mut best, mut second, mut code) = (f32::INFINITY, f32::INFINITY, 0);
        let blocks = self.blocks.chunks_exact(CODE_BLOCK * residual.len());
        for (b, (block, half_norms)) in blocks.zip(self.half_norms.as_chunks::<CODE_BLOCK>().0).enumerate() {
            let mut scores = *half_norms;
            score_block(residual, block, &mut scores);
            for (t, &score) in scores.iter().enumerate() {
                if score < best {
                    (second, best, code) = (best, score, b * CODE_BLOCK + t);
                } else if score < second {
                    second = score;
                }
            }
        }
        (code as u32, 2.0 * (second - best))
    }
}

/// Softmax of router logits and the `n` most probable experts, the lowest index first on a tie.
pub fn route(logits: &[f32], n: usize) -> Vec<(u32, f32)> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = logits.iter().map(|s| (s - max).exp()).collect();
    let total: f32 = exps.iter().sum();
    let order = ordered(logits.len(), &|a, b| logits[b].total_cmp(&logits[a]));
    order.into_iter().take(n).map(|k| (k, exps[k as usize] / total)).collect()
}
