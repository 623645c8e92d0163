//! The greedy search: the nearest code of every level, one level after another (paper, section "Residual quantization").

use super::choice::Choice;
use crate::compute::cpu::linear_int8::Rounded;
use crate::engine::cpu::screen::{Beams, CHUNK, Found, Level, Scratch};
use crate::model::Model;

/// One quantizer's codebooks, level by level.
#[derive(Debug, Clone)]
pub struct Quantizer {
    pub(super) levels: Vec<Level>,
    pub(super) latent: usize,
}

/// Buffers of a quantizer, used again from batch to batch.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    pub(super) residuals: Vec<[f32; CHUNK]>,
    pub(super) found: Vec<Found>,
    pub(super) scratch: Scratch,
    pub(super) scores: Vec<f32>,
    pub(super) rounded: Rounded,
    pub(super) beams: Beams,
}

/// A way to find the chains of one quantizer's codes.
pub trait Search: Send + Sync {
    /// Chains of `latents [rows][latent]`: `choices [rows][levels]`, with margins if asked for.
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>);

    /// Adds the chosen codes of one row, times `weight`, to `sum [latent]`.
    fn add_codes(&self, choices: &[Choice], weight: f32, sum: &mut [f32]);
}

impl std::fmt::Debug for dyn Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

/// Greedy: the nearest code of every level (SPEC 1.3).
impl Search for Quantizer {
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>) {
        let rows = latents.len() / self.latent;
        choices.clear();
        choices.resize(rows * self.levels.len(), Choice::default());
        let Some(first) = self.levels.first() else { return };
        first.pad(latents, &mut work.residuals);
        for (l, level) in self.levels.iter().enumerate() {
            level.nearest(&mut work.residuals, margins, &mut work.scratch, &mut work.found);
            for (choice, found) in choices.iter_mut().skip(l).step_by(self.levels.len()).zip(&work.found) {
                let margin = if margins { 2.0 * (found.second - found.score) } else { 0.0 };
                *choice = Choice { code: found.code, margin, residual_norm: found.left.sqrt() };
            }
        }
    }

    fn add_codes(&self, choices: &[Choice], weight: f32, sum: &mut [f32]) {
        for (level, choice) in self.levels.iter().zip(choices) {
            sum.iter_mut().zip(level.code(choice.code as usize).as_flattened()).for_each(|(s, c)| *s += weight * c);
        }
    }
}

impl Quantizer {
    /// Quantizer `q` of a model.
    pub fn new(model: &Model, q: usize) -> Self {
        let a = &model.config.model;
        Self::from_codebooks((0..a.levels).map(|l| model.codebook(q, l)), a.latent)
    }

    /// Of codebooks `[codes][latent]`, one a level.
    pub fn from_codebooks<'a>(codebooks: impl Iterator<Item = &'a [f32]>, latent: usize) -> Self {
        Self { levels: codebooks.map(|codebook| Level::new(codebook, latent)).collect(), latent }
    }

    /// The codebooks.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Margins along chains whose codes are given in `choices [rows][levels]`.
    pub(super) fn margins(&self, latents: &[f32], work: &mut Workspace, choices: &mut [Choice]) {
        let Some(first) = self.levels.first() else { return };
        let mut residuals = first.padded(latents);
        for (l, level) in self.levels.iter().enumerate() {
            level.nearest(&mut residuals.clone(), true, &mut work.scratch, &mut work.found);
            let codes: Vec<u32> = choices.iter().skip(l).step_by(self.levels.len()).map(|choice| choice.code).collect();
            let left = level.subtract(&mut residuals, &codes);
            let choices = choices.iter_mut().skip(l).step_by(self.levels.len());
            for ((choice, found), left) in choices.zip(&work.found).zip(left) {
                let nearest = found.code == choice.code;
                choice.margin = if nearest { 2.0 * (found.second - found.score) } else { found.left - left };
            }
        }
    }
}
