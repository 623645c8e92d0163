//! TokenMoE ("Model" in `METHOD.md`): `ẑ` from the experts' outputs, and its gradient.
//!
//! The straight-through estimator is applied per expert, before mixing: an output counts as
//! `z + constant`, so `z` learns through every slot and the router through the gates.

use crate::engine::cpu::slot_weights;
use crate::model::{Architecture, Mix};
use crate::train::losses::quantization::Quantized;

/// `ẑ` of a batch, and what its gradient needs.
#[derive(Debug)]
pub struct Mixture<'a> {
    architecture: &'a Architecture,
    quantized: &'a Quantized,
    /// `[items][experts]` softmax of the router.
    gates: Vec<f32>,
    /// `[items][slots]` weight of each slot in `ẑ`.
    weights: Vec<f32>,
}

/// Gradients of one batch through its mixture.
#[derive(Debug)]
pub struct MixtureGradient {
    /// `[items][latent]`, through the straight-through outputs alone.
    pub z: Vec<f32>,
    /// `[items][experts]`, in the router's logits.
    pub logits: Vec<f32>,
}

impl<'a> Mixture<'a> {
    /// Gates by `logits [items][experts]` over what `quantized` chose.
    pub fn new(architecture: &'a Architecture, logits: &[f32], quantized: &'a Quantized) -> Self {
        let a = architecture;
        let items = quantized.quantizers.len() / a.slots();
        let mut mixture =
            Self { architecture, quantized, gates: logits.to_vec(), weights: Vec::with_capacity(items * a.slots()) };
        for i in 0..items {
            let gates = &mut mixture.gates[i * a.experts..(i + 1) * a.experts];
            softmax(gates);
            let chosen: Vec<(u32, f32)> = quantized.experts_of(i, a.top_n).iter().map(|&k| (k as u32, gates[k])).collect();
            let slots = slot_weights(&chosen, a);
            mixture.weights.extend(slots.iter().map(|slot| slot.1));
        }
        mixture
    }

    /// `ẑ [items][latent]`.
    pub fn z_hat(&self) -> Vec<f32> {
        let (latent, slots) = (self.architecture.latent, self.quantized.slots);
        let mut z_hat = vec![0.0; self.weights.len() / slots * latent];
        for (i, z_hat) in z_hat.chunks_exact_mut(latent).enumerate() {
            for (slot, weight) in self.weights_of(i).iter().enumerate() {
                z_hat.iter_mut().zip(self.output(slot, i)).for_each(|(z, e)| *z += weight * e);
            }
        }
        z_hat
    }

    /// Gradients from those in `ẑ`.
    pub fn backward(&self, z_hat_gradient: &[f32]) -> MixtureGradient {
        let a = self.architecture;
        let mut out = MixtureGradient { z: Vec::with_capacity(z_hat_gradient.len()), logits: vec![0.0; self.gates.len()] };
        for (i, gradient) in z_hat_gradient.chunks_exact(a.latent).enumerate() {
            let total: f32 = self.weights_of(i).iter().sum();
            out.z.extend(gradient.iter().map(|g| total * g));
            self.through_gates(i, gradient, &mut out.logits[i * a.experts..(i + 1) * a.experts]);
        }
        out
    }

    /// Adds to `gradient`, laid out as the codebooks, that of the chosen codes, as if assignments were constants. The
    /// straight-through estimator gives it to `z` instead.
    pub fn add_to_codes(&self, z_hat_gradient: &[f32], gradient: &mut [f32]) {
        let Quantized { slots, quantizers, codes, .. } = self.quantized;
        let a = self.architecture;
        for (i, of_item) in z_hat_gradient.chunks_exact(a.latent).enumerate() {
            for (slot, weight) in self.weights_of(i).iter().enumerate() {
                let chain = i * slots + slot;
                for (level, &code) in codes[chain * a.levels..][..a.levels].iter().enumerate() {
                    let at = ((quantizers[chain] * a.levels + level) * a.codes + code as usize) * a.latent;
                    gradient[at..at + a.latent].iter_mut().zip(of_item).for_each(|(sum, g)| *sum += weight * g);
                }
            }
        }
    }

    /// Sets the gradient with respect to the logits of item `i`, through its gates and their softmax.
    fn through_gates(&self, i: usize, gradient: &[f32], logits: &mut [f32]) {
        let a = self.architecture;
        let gates = &self.gates[i * a.experts..(i + 1) * a.experts];
        let experts = self.quantized.experts_of(i, a.top_n);
        let weights = self.weights_of(i);
        let gains: Vec<f32> = (0..experts.len()).map(|slot| dot(gradient, self.output(slot, i))).collect();
        // Renormalised gates have a constant sum, so what counts of a gate is its gain over their average.
        let (share, average) = match a.mix {
            Mix::Sum => (1.0, 0.0),
            Mix::Convex { .. } => {
                let share: f32 = weights[..experts.len()].iter().sum();
                let chosen: f32 = experts.iter().map(|&k| gates[k]).sum();
                (share / chosen, dot(&gains, weights) / share.max(f32::MIN_POSITIVE))
            }
        };
        let in_gate = |slot: usize| share * (gains[slot] - average);
        let mean: f32 = experts.iter().enumerate().map(|(slot, &k)| gates[k] * in_gate(slot)).sum();
        logits.iter_mut().zip(gates).for_each(|(l, gate)| *l = -gate * mean);
        experts.iter().enumerate().for_each(|(slot, &k)| logits[k] += gates[k] * in_gate(slot));
    }

    fn weights_of(&self, i: usize) -> &[f32] {
        &self.weights[i * self.quantized.slots..][..self.quantized.slots]
    }

    fn output(&self, slot: usize, i: usize) -> &[f32] {
        &self.quantized.outputs[slot][i * self.architecture.latent..][..self.architecture.latent]
    }
}

fn softmax(values: &mut [f32]) {
    let max = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    values.iter_mut().for_each(|v| *v = (*v - max).exp());
    let total: f32 = values.iter().sum();
    values.iter_mut().for_each(|v| *v /= total);
}

/// Over the shorter of the two.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
