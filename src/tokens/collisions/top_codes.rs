//! The residual chain of each item's top expert: what re-assignment reads and rewrites.

use super::policy::Policy;
use crate::base::sums::in_lanes;
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::TokensError;

/// A batch with its model and latents. Slot 0 is the top routed expert, or the shared expert of
/// a model without routed ones; its codes are the ones that policies change.
pub struct Chains<'a> {
    pub model: &'a Model,
    pub batch: &'a mut Tokenized,
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let (lanes, rest): ([f64; 8], f64) = in_lanes(a, b, |a, b| f64::from(a - b).powi(2));
    lanes.iter().sum::<f64>() + rest
}

impl<'a> Chains<'a> {
    pub fn new(model: &'a Model, batch: &'a mut Tokenized, policy: Policy) -> Result<Self, TokensError> {
        let expected = batch.items * model.config.model.latent;
        match &batch.z {
            Some(z) if z.len() == expected => Ok(Self { model, batch }),
            _ => Err(TokensError::NoLatents(policy.to_string())),
        }
    }

    pub fn levels(&self) -> usize {
        self.model.config.model.levels
    }

    /// Codes a level (T).
    pub fn codes(&self) -> usize {
        self.model.config.model.codes
    }

    pub fn z(&self, item: usize) -> &[f32] {
        let latent = self.model.config.model.latent;
        let z = self.batch.z.as_deref().expect("checked when made");
        &z[item * latent..(item + 1) * latent]
    }

    /// The quantizer of slot 0.
    pub fn quantizer(&self, item: usize) -> usize {
        self.batch.experts_of(item).first().map_or(self.model.config.model.experts, |&k| k as usize)
    }

    pub fn chain(&self, item: usize) -> &[u32] {
        self.batch.codes_of(item, 0)
    }

    pub fn code(&self, quantizer: usize, level: usize, code: u32) -> &[f32] {
        let latent = self.model.config.model.latent;
        &self.model.codebook(quantizer, level)[code as usize * latent..][..latent]
    }

    /// What is left of `z` after the given codes.
    pub fn residual(&self, item: usize, codes: &[u32]) -> Vec<f32> {
        let quantizer = self.quantizer(item);
        let mut residual = self.z(item).to_vec();
        for (level, &code) in codes.iter().enumerate() {
            subtract(&mut residual, self.code(quantizer, level, code));
        }
        residual
    }

    /// Squared distance of `residual` to every code of a level: `[codes]`.
    pub fn errors(&self, residual: &[f32], quantizer: usize, level: usize) -> Vec<f64> {
        let codebook = self.model.codebook(quantizer, level);
        codebook.chunks_exact(residual.len()).map(|code| squared_distance(residual, code)).collect()
    }

    /// `‖z − E(z)‖²` with the item's present codes.
    pub fn error(&self, item: usize) -> f64 {
        squared_length(&self.residual(item, self.chain(item)))
    }

    /// Errors of an item at the last level, its other codes as they are: `[codes]`.
    pub fn last_errors(&self, item: usize) -> Vec<f64> {
        let last = self.levels() - 1;
        self.errors(&self.residual(item, &self.chain(item)[..last]), self.quantizer(item), last)
    }

    pub fn set_last(&mut self, item: usize, code: u32) {
        let mut codes = self.chain(item).to_vec();
        let last = codes.last_mut().expect("a model has at least one level");
        if std::mem::replace(last, code) != code {
            self.set_chain(item, &codes);
        }
    }

    /// Rewrites the codes of slot 0, with their residual norms and margins. A margin below zero
    /// says that a nearer code was given up.
    pub fn set_chain(&mut self, item: usize, codes: &[u32]) {
        let quantizer = self.quantizer(item);
        let start = item * self.batch.slots * self.batch.levels;
        let mut residual = self.z(item).to_vec();
        for (level, &code) in codes.iter().enumerate() {
            if !self.batch.margins.is_empty() {
                let errors = self.errors(&residual, quantizer, level);
                let others = errors.iter().enumerate().filter(|(c, _)| *c != code as usize).map(|(_, e)| *e);
                let margin = others.fold(f64::INFINITY, f64::min) - errors[code as usize];
                self.batch.margins[start + level] = margin as f32;
            }
            let error = squared_distance(&residual, self.code(quantizer, level, code));
            subtract(&mut residual, self.code(quantizer, level, code));
            self.batch.codes[start + level] = code;
            self.batch.residual_norms[start + level] = error.sqrt() as f32;
        }
    }

    /// `Σ ‖z − mean z‖²` over the batch; none where the items are all alike up to rounding.
    pub fn variance(&self) -> Option<f64> {
        let latent = self.model.config.model.latent;
        let mut mean = vec![0.0; latent];
        for item in 0..self.batch.items {
            mean.iter_mut().zip(self.z(item)).for_each(|(m, z)| *m += f64::from(*z) / self.batch.items as f64);
        }
        let spread = |item| self.z(item).iter().zip(&mean).map(|(z, m)| (f64::from(*z) - m).powi(2)).sum::<f64>();
        let variance: f64 = (0..self.batch.items).map(spread).sum();
        let energy: f64 = self.batch.z.iter().flatten().map(|z| f64::from(*z).powi(2)).sum();
        (variance > 1e-12 * energy).then_some(variance)
    }
}

/// Sum of squares.
pub fn squared_length(residual: &[f32]) -> f64 {
    residual.iter().map(|r| f64::from(*r).powi(2)).sum()
}

fn subtract(residual: &mut [f32], code: &[f32]) {
    residual.iter_mut().zip(code).for_each(|(r, c)| *r -= c);
}
