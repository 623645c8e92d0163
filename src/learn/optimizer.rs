//! AdamW (Loshchilov & Hutter, arXiv 1711.05101) over parameters by name.
//!
//! Its state is plain vectors that a checkpoint keeps as they are, and the result is the same bits on every run,
//! whatever the number of threads.

use std::collections::BTreeMap;
use std::ops::Range;

use super::parameters::{Gradients, Group, Parameters};
use crate::base::parallel::map_items;

/// Values that one thread updates at a time.
const CHUNK: usize = 1 << 14;

/// AdamW's constants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWOptions {
    /// Decay of the first moments.
    pub beta_1: f32,
    /// Decay of the second moments.
    pub beta_2: f32,
    /// Added to the root of the second moment.
    pub epsilon: f32,
    /// Share of a weight that a step at learning rate 1 takes away, where the group decays.
    pub weight_decay: f32,
}

impl Default for AdamWOptions {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 0.0 }
    }
}

/// Moments of one tensor, laid out as its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    /// Mean gradient.
    pub first: Vec<f32>,
    /// Mean squared gradient.
    pub second: Vec<f32>,
}

/// The state of the optimiser of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamW {
    options: AdamWOptions,
    /// Updates so far.
    pub updates: u64,
    /// By the names of the tensors.
    pub moments: BTreeMap<String, Moments>,
}

/// What an update is at one step: the same for every value of a tensor.
#[derive(Clone, Copy)]
struct Rule {
    options: AdamWOptions,
    rate: f32,
    /// What weight decay leaves of a value.
    keep: f32,
    /// `1 − βᵗ`, by which the moments are divided: they began at zero.
    correct_1: f32,
    correct_2: f32,
}

impl AdamW {
    /// Zero moments for the tensors of `model`.
    pub fn new(model: &impl Parameters, options: AdamWOptions) -> Self {
        let zeros = |n: usize| Moments { first: vec![0.0; n], second: vec![0.0; n] };
        let moments = model.parameters().into_iter().map(|p| (p.name, zeros(p.values.len()))).collect();
        Self { options, updates: 0, moments }
    }

    /// One update at learning rate `rate`; tensors without a gradient stay as they are.
    ///
    /// # Panics
    /// If `model` or a gradient has other names or shapes than the model that this optimiser was made for.
    pub fn update(&mut self, model: &mut impl Parameters, gradients: &Gradients, rate: f32) {
        for (name, _) in gradients.iter() {
            assert!(self.moments.contains_key(name), "there is a gradient of {name}, which the model does not have");
        }
        self.updates += 1;
        let AdamWOptions { beta_1, beta_2, weight_decay, .. } = self.options;
        let (correct_1, correct_2) = (1.0 - beta_1.powi(self.updates as i32), 1.0 - beta_2.powi(self.updates as i32));
        for parameter in model.parameters_mut() {
            let Some(gradient) = gradients.get(&parameter.name) else { continue };
            let moments = self.moments.get_mut(&parameter.name).expect("the optimiser was made for this model");
            let size = parameter.values.len();
            assert!(gradient.len() == size && moments.first.len() == size, "{} and its gradient differ in size", parameter.name);
            let keep = if parameter.group == Group::Decay { 1.0 - rate * weight_decay } else { 1.0 };
            let rule = Rule { options: self.options, rate, keep, correct_1, correct_2 };
            rule.apply(parameter.values, gradient, moments);
        }
    }

    /// Forgets the moments of a part of a tensor, for values that were replaced.
    ///
    /// # Panics
    /// If there is no such tensor, or it is smaller.
    pub fn forget(&mut self, name: &str, values: Range<usize>) {
        let moments = self.moments.get_mut(name).expect("the optimiser was made for this model");
        moments.first[values.clone()].fill(0.0);
        moments.second[values].fill(0.0);
    }
}

impl Rule {
    /// Updates a tensor, on all threads.
    fn apply(self, values: &mut [f32], gradient: &[f32], moments: &mut Moments) {
        let moments = moments.first.chunks_mut(CHUNK).zip(moments.second.chunks_mut(CHUNK));
        let chunks = values.chunks_mut(CHUNK).zip(gradient.chunks(CHUNK)).zip(moments);
        map_items(chunks.collect(), |((values, gradient), (first, second))| self.apply_to_chunk(values, gradient, first, second));
    }

    fn apply_to_chunk(self, values: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32]) {
        let AdamWOptions { beta_1, beta_2, epsilon, .. } = self.options;
        for ((value, g), (m, v)) in values.iter_mut().zip(gradient).zip(first.iter_mut().zip(second)) {
            *m = beta_1 * *m + (1.0 - beta_1) * g;
            *v = beta_2 * *v + (1.0 - beta_2) * g * g;
            *value = *value * self.keep - self.rate * (*m / self.correct_1) / ((*v / self.correct_2).sqrt() + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parameters::{Parameter, ParameterSet};
    use super::*;

    fn wave(n: usize, pace: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * pace).sin()).collect()
    }

    #[test]
    fn updates_match_float64_in_every_chunk_and_decay_spares_the_other_group() {
        let tensor = |name: &str, n: usize, group| Parameter::new(name, &[n], wave(n, 0.11), group);
        let before: ParameterSet = vec![
            tensor("weight", CHUNK + 70, Group::Decay),
            tensor("frozen", 9, Group::Decay),
            tensor("codes", 300, Group::NoDecay),
        ];
        let mut gradients = Gradients::default();
        for name in ["weight", "codes"] {
            let size = before.iter().find(|p| p.name == name).unwrap().values.len();
            gradients.insert(name, wave(size, 0.37));
        }
        let (rate, options) = (0.01, AdamWOptions { weight_decay: 0.1, ..AdamWOptions::default() });
        let mut model = before.clone();
        let mut adam = AdamW::new(&model, options);
        (0..2).for_each(|_| adam.update(&mut model, &gradients, rate));
        for (before, after) in before.iter().zip(&model) {
            // With one gradient twice, the corrected moments are g and g².
            let keep = if before.group == Group::Decay { 1.0 - f64::from(rate) * 0.1 } else { 1.0 };
            let move_by = |g: f64| f64::from(rate) * g / (g.abs() + 1e-8);
            for (i, (start, after)) in before.values.iter().zip(&after.values).enumerate() {
                let start = f64::from(*start);
                let exact = gradients.get(&before.name).map_or(start, |g| {
                    let by = move_by(f64::from(g[i]));
                    (start * keep - by) * keep - by
                });
                assert!((f64::from(*after) - exact).abs() < 2e-6, "{} at {i}: {after} for {exact}", before.name);
            }
        }
        adam.forget("codes", 10..20);
        let codes = &adam.moments["codes"];
        assert!(codes.first[10..20].iter().chain(&codes.second[10..20]).all(|m| *m == 0.0) && codes.first[20] != 0.0);
    }
}
