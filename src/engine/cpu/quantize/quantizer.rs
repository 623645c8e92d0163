//! The greedy search: the nearest code of every level, one level after another (METHOD.md, 1.3).

use super::choice::Choice;
use crate::compute::cpu::linear_int8::Rounded;
use crate::engine::cpu::screen::{BeamScratch, CHUNK, Level, Nearest, Scratch};
use crate::model::Model;

/// One quantizer's codebooks, level by level.
#[derive(Debug, Clone)]
pub struct Quantizer {
    pub(super) levels: Vec<Level>,
    pub(super) latent: usize,
}

/// Buffers of a search, reused from batch to batch.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    pub(super) residuals: Vec<[f32; CHUNK]>,
    pub(super) nearest: Vec<Nearest>,
    pub(super) scratch: Scratch,
    pub(super) scores: Vec<f32>,
    pub(super) rounded: Rounded,
    pub(super) beam: BeamScratch,
}

/// A search for the chains of codes of one quantizer.
pub trait Search: Send + Sync {
    /// Writes the chain of each of `latents [rows][latent]` to `choices [rows][levels]`, with margins if asked for.
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>);

    /// Adds the codes chosen for one row, times `weight`, to `sum [latent]`.
    fn add_codes(&self, choices: &[Choice], weight: f32, sum: &mut [f32]);
}

impl std::fmt::Debug for dyn Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

/// Greedy: the nearest code of every level.
impl Search for Quantizer {
    fn quantize_rows(&self, latents: &[f32], margins: bool, work: &mut Workspace, choices: &mut Vec<Choice>) {
        let rows = latents.len() / self.latent;
        choices.clear();
        choices.resize(rows * self.levels.len(), Choice::default());
        let Some(first) = self.levels.first() else { return };
        first.pad(latents, &mut work.residuals);
        for (l, level) in self.levels.iter().enumerate() {
            level.nearest(&mut work.residuals, margins, &mut work.scratch, &mut work.nearest);
            for (choice, nearest) in choices.iter_mut().skip(l).step_by(self.levels.len()).zip(&work.nearest) {
                let margin = if margins { 2.0 * (nearest.second_score - nearest.score) } else { 0.0 };
                *choice = Choice { code: nearest.code, margin, residual_norm: nearest.squared_distance.sqrt() };
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

    /// A quantizer with these codebooks `[codes][latent]`, one for each level.
    pub fn from_codebooks<'a>(codebooks: impl Iterator<Item = &'a [f32]>, latent: usize) -> Self {
        Self { levels: codebooks.map(|codebook| Level::new(codebook, latent)).collect(), latent }
    }

    /// The codebooks.
    pub fn levels(&self) -> &[Level] {
        &self.levels
    }

    /// Sets the margins of chains whose codes are given in `choices [rows][levels]`.
    pub(super) fn margins(&self, latents: &[f32], work: &mut Workspace, choices: &mut [Choice]) {
        let Some(first) = self.levels.first() else { return };
        let mut residuals = first.padded(latents);
        for (l, level) in self.levels.iter().enumerate() {
            level.nearest(&mut residuals.clone(), true, &mut work.scratch, &mut work.nearest);
            let codes: Vec<u32> = choices.iter().skip(l).step_by(self.levels.len()).map(|choice| choice.code).collect();
            let squared_distances = level.subtract(&mut residuals, &codes);
            let choices = choices.iter_mut().skip(l).step_by(self.levels.len());
            for ((choice, nearest), squared_distance) in choices.zip(&work.nearest).zip(squared_distances) {
                choice.margin = if nearest.code == choice.code {
                    2.0 * (nearest.second_score - nearest.score)
                } else {
                    nearest.squared_distance - squared_distance
                };
            }
        }
    }
}
