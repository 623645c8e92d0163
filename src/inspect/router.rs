//! The router's opinion of items.

use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::Tokenized;
use crate::engine::cpu::quantize::route;
use crate::model::Linear;

/// `z [items][latent]` → `[items][experts]` probability of every expert, by the kernels of the CPU engine.
pub fn probabilities(router: &Linear, z: &[f32]) -> Vec<f32> {
    let logits = PackedLinear::new(router).forward(z, Activation::Identity);
    let mut probabilities = vec![0.0; logits.len()];
    for (logits, probabilities) in logits.chunks_exact(router.outputs).zip(probabilities.chunks_exact_mut(router.outputs)) {
        route(logits, logits.len()).into_iter().for_each(|(expert, gate)| probabilities[expert as usize] = gate);
    }
    probabilities
}

/// The probabilities of one item. Those of the chosen experts are the gates that the engine reported, so that a GPU's
/// last digits stand here too.
pub(super) fn probabilities_of(router: &Linear, batch: &Tokenized, item: usize, z: &[f32]) -> Vec<f32> {
    let mut probabilities = probabilities(router, z);
    let gates = &batch.gates[item * batch.top_n..(item + 1) * batch.top_n];
    batch.experts_of(item).iter().zip(gates).for_each(|(&expert, &gate)| probabilities[expert as usize] = gate);
    probabilities
}
