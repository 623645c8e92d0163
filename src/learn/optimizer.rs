//! AdamW over a model's tensors on the host (Loshchilov & Hutter, arXiv 1711.05101).
//!
//! The parameters are few (about a million), so an update takes a millisecond anywhere; its state
//! is plain vectors that a checkpoint writes as they are, and the result is the same bits on every
//! run.

use rayon::prelude::*;

use crate::model::Model;

const BETA_1: f32 = 0.9;
const BETA_2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// Values that one thread updates at a time.
const CHUNK: usize = 1 << 14;

/// Which tensor of a model, in the fixed order of [`tensors_mut`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Encoder weights and biases.
    Encoder,
    /// Decoder weights and biases.
    Decoder,
    /// Router weight and bias.
    Router,
    /// All codebooks.
    Codebooks,
}

/// Every tensor of a model with its part, in a fixed order.
pub fn tensors_mut(model: &mut Model) -> Vec<(Part, &mut Vec<f32>)> {
    let mut all = Vec::new();
    for l in &mut model.encoder {
        all.extend([(Part::Encoder, &mut l.weight), (Part::Encoder, &mut l.bias)]);
    }
    for l in &mut model.decoder {
        all.extend([(Part::Decoder, &mut l.weight), (Part::Decoder, &mut l.bias)]);
    }
    if let Some(r) = &mut model.router {
        all.extend([(Part::Router, &mut r.weight), (Part::Router, &mut r.bias)]);
    }
    all.push((Part::Codebooks, &mut model.codebooks));
    all
}

/// First and second moments of every tensor, and the number of updates.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamW {
    /// Updates so far.
    pub updates: u64,
    /// First moments, in the order of [`tensors_mut`].
    pub first: Vec<Vec<f32>>,
    /// Second moments.
    pub second: Vec<Vec<f32>>,
}

impl AdamW {
    /// Zero moments for `model`.
    pub fn new(model: &mut Model) -> Self {
        let zeros: Vec<Vec<f32>> = tensors_mut(model).iter().map(|(_, t)| vec![0.0; t.len()]).collect();
        Self { updates: 0, first: zeros.clone(), second: zeros }
    }

    /// One update; tensors without a gradient stay as they are.
    pub fn update(&mut self, model: &mut Model, gradients: &[Option<Vec<f32>>], rate: f32, weight_decay: f32) {
        self.updates += 1;
        let correct_1 = 1.0 - BETA_1.powi(self.updates as i32);
        let correct_2 = 1.0 - BETA_2.powi(self.updates as i32);
        for (t, (part, values)) in tensors_mut(model).into_iter().enumerate() {
            let Some(gradient) = &gradients[t] else { continue };
            let shrink = if part == Part::Codebooks { 1.0 } else { 1.0 - rate * weight_decay };
            let moments = self.first[t].par_chunks_mut(CHUNK).zip(self.second[t].par_chunks_mut(CHUNK));
            let chunks = values.par_chunks_mut(CHUNK).zip(gradient.par_chunks(CHUNK)).zip(moments);
            chunks.for_each(|((values, gradient), (first, second))| {
                for ((value, g), (m, v)) in values.iter_mut().zip(gradient).zip(first.iter_mut().zip(second)) {
                    *m = BETA_1 * *m + (1.0 - BETA_1) * g;
                    *v = BETA_2 * *v + (1.0 - BETA_2) * g * g;
                    *value = *value * shrink - rate * (*m / correct_1) / ((*v / correct_2).sqrt() + EPSILON);
                }
            });
        }
    }

    /// Forgets the moments of one code, for a code that was re-seeded: `at` is its offset in the codebooks.
    pub fn forget_code(&mut self, at: usize, latent: usize) {
        for moments in [&mut self.first, &mut self.second] {
            let codebooks = moments.last_mut().expect("codebooks are the last tensor");
            codebooks[at..at + latent].fill(0.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Architecture, Config, FORMAT_VERSION, TextConfig};

    #[test]
    fn updates_match_float64_in_every_chunk_and_decay_spares_codebooks() {
        let architecture = Architecture { hidden: vec![70], ..Architecture::small(300, 2) };
        let config = Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text: TextConfig::default() };
        let mut model = crate::train::recipes::unitok::initialization::xavier(config, 1);
        model.codebooks.fill(0.5);
        let before: Vec<(Part, Vec<f32>)> = tensors_mut(&mut model).into_iter().map(|(part, t)| (part, t.clone())).collect();
        let mut gradients: Vec<Option<Vec<f32>>> =
            before.iter().map(|(_, t)| Some((0..t.len()).map(|i| (i as f32 * 0.37).sin()).collect())).collect();
        gradients[1] = None;
        let (rate, decay) = (0.01, 0.1);
        let mut adam = AdamW::new(&mut model);
        (0..2).for_each(|_| adam.update(&mut model, &gradients, rate, decay));
        for (t, (part, after)) in tensors_mut(&mut model).into_iter().enumerate() {
            assert!(t > 0 || after.len() > CHUNK, "a tensor of more than one chunk");
            for (i, after) in after.iter().enumerate() {
                // With one gradient twice, the corrected moments are g and g².
                let shrink = if part == Part::Codebooks { 1.0 } else { 1.0 - f64::from(rate) * f64::from(decay) };
                let move_by = |g: f64| f64::from(rate) * g / (g.abs() + f64::from(EPSILON));
                let start = f64::from(before[t].1[i]);
                let exact = gradients[t].as_ref().map_or(start, |g| {
                    let by = move_by(f64::from(g[i]));
                    (start * shrink - by) * shrink - by
                });
                assert!((f64::from(*after) - exact).abs() < 2e-6, "{part:?} {t} at {i}: {after} for {exact}");
            }
        }
    }
}
