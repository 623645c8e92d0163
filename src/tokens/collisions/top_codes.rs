//! The codes of each item's top expert, which the policies `sinkhorn` and `assign` change, and the residuals behind them.

use super::policy::Policy;
use crate::base::sums::sum_in_lanes;
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::TokensError;

/// A batch with latents, and the model that made it. The codes meant here are those of slot 0: the routed expert with the
/// largest gate, or the shared expert in a model without routed ones.
pub struct TopCodes<'a> {
    pub model: &'a Model,
    pub batch: &'a mut Tokenized,
}

impl<'a> TopCodes<'a> {
    /// The codes of a batch of `model`, for `policy` to change.
    ///
    /// # Errors
    /// [`TokensError::NoLatents`], with the name of `policy`, where the batch has no `z` for every item.
    pub fn new(model: &'a Model, batch: &'a mut Tokenized, policy: Policy) -> Result<Self, TokensError> {
        let expected = batch.items * model.config.model.latent;
        match &batch.z {
            Some(z) if z.len() == expected => Ok(Self { model, batch }),
            _ => Err(TokensError::NoLatents(policy.to_string())),
        }
    }

    /// Levels (L).
    pub fn levels(&self) -> usize {
        self.model.config.model.levels
    }

    /// Codes a level (T).
    pub fn codes_per_level(&self) -> usize {
        self.model.config.model.codes
    }

    /// Latent of an item.
    pub fn z(&self, item: usize) -> &[f32] {
        let latent = self.model.config.model.latent;
        let z = self.batch.z.as_deref().expect("`new` checked that there are latents");
        &z[item * latent..(item + 1) * latent]
    }

    /// The quantizer that chose the item's codes, as a number among all of the model.
    pub fn quantizer(&self, item: usize) -> usize {
        self.batch.experts_of(item).first().map_or(self.model.config.model.experts, |&k| k as usize)
    }

    /// `[levels]` codes of an item.
    pub fn codes(&self, item: usize) -> &[u32] {
        self.batch.codes_of(item, 0)
    }

    /// The last code of an item.
    pub fn last_code(&self, item: usize) -> u32 {
        *self.codes(item).last().expect("a model has at least one level")
    }

    /// `[latent]` vector of a code.
    pub fn code_vector(&self, quantizer: usize, level: usize, code: u32) -> &[f32] {
        let latent = self.model.config.model.latent;
        &self.model.codebook(quantizer, level)[code as usize * latent..][..latent]
    }

    /// The residual of an item's latent after the first levels, had they chosen `codes`.
    pub fn residual(&self, item: usize, codes: &[u32]) -> Vec<f32> {
        let quantizer = self.quantizer(item);
        let mut residual = self.z(item).to_vec();
        for (level, &code) in codes.iter().enumerate() {
            subtract(&mut residual, self.code_vector(quantizer, level, code));
        }
        residual
    }

    /// `[codes]` squared distances of `residual` to all codes of a level.
    pub fn squared_errors(&self, residual: &[f32], quantizer: usize, level: usize) -> Vec<f64> {
        let codebook = self.model.codebook(quantizer, level);
        codebook.chunks_exact(residual.len()).map(|code| squared_distance(residual, code)).collect()
    }

    /// `‖z − E(z)‖²` with the item's present codes.
    pub fn distortion(&self, item: usize) -> f64 {
        squared_norm(&self.residual(item, self.codes(item)))
    }

    /// `[codes]` distortions that an item would have with each last code and its other codes as they are.
    pub fn last_level_errors(&self, item: usize) -> Vec<f64> {
        let last = self.levels() - 1;
        self.squared_errors(&self.residual(item, &self.codes(item)[..last]), self.quantizer(item), last)
    }

    /// Changes the last code of an item, with its residual norm and margin.
    pub fn set_last_code(&mut self, item: usize, code: u32) {
        let mut codes = self.codes(item).to_vec();
        let last = codes.last_mut().expect("a model has at least one level");
        if std::mem::replace(last, code) != code {
            self.set_codes(item, &codes);
        }
    }

    /// Changes the codes of an item, with their residual norms and margins. A margin below zero
    /// shows that a nearer code was given up.
    pub fn set_codes(&mut self, item: usize, codes: &[u32]) {
        let quantizer = self.quantizer(item);
        let start = item * self.batch.slots * self.batch.levels;
        let mut residual = self.z(item).to_vec();
        for (level, &code) in codes.iter().enumerate() {
            if !self.batch.margins.is_empty() {
                let errors = self.squared_errors(&residual, quantizer, level);
                let others = errors.iter().enumerate().filter(|(c, _)| *c != code as usize).map(|(_, e)| *e);
                let margin = others.fold(f64::INFINITY, f64::min) - errors[code as usize];
                self.batch.margins[start + level] = margin as f32;
            }
            let error = squared_distance(&residual, self.code_vector(quantizer, level, code));
            subtract(&mut residual, self.code_vector(quantizer, level, code));
            self.batch.codes[start + level] = code;
            if let Some(norm) = self.batch.residual_norms.get_mut(start + level) {
                *norm = error.sqrt() as f32;
            }
        }
    }

    /// `Σ ‖z − mean z‖²` over the batch; none where all latents are equal up to rounding.
    pub fn total_variance(&self) -> Option<f64> {
        let latent = self.model.config.model.latent;
        let mut mean = vec![0.0; latent];
        for item in 0..self.batch.items {
            mean.iter_mut().zip(self.z(item)).for_each(|(m, z)| *m += f64::from(*z) / self.batch.items as f64);
        }
        let deviation = |item| self.z(item).iter().zip(&mean).map(|(z, m)| (f64::from(*z) - m).powi(2)).sum::<f64>();
        let variance: f64 = (0..self.batch.items).map(deviation).sum();
        let energy: f64 = self.batch.z.iter().flatten().map(|z| f64::from(*z).powi(2)).sum();
        (variance > 1e-12 * energy).then_some(variance)
    }
}

/// `‖v‖²`.
pub fn squared_norm(vector: &[f32]) -> f64 {
    vector.iter().map(|v| f64::from(*v).powi(2)).sum()
}

fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let (lanes, rest): ([f64; 8], f64) = sum_in_lanes(a, b, |a, b| f64::from(a - b).powi(2));
    lanes.iter().sum::<f64>() + rest
}

fn subtract(residual: &mut [f32], code: &[f32]) {
    residual.iter_mut().zip(code).for_each(|(r, c)| *r -= c);
}
