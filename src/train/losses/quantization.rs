//! Residual quantization: assignments, `L_rq`, and its gradients (SPEC, "Losses").

use crate::config::Architecture;
use crate::engine::cpu::quantize::{Quantizer, route};
use crate::weights::Model;

/// One batch through every quantizer that sees it.
#[derive(Debug, Clone, Default)]
pub struct Quantized {
    /// Slots an item: its top N experts, then the shared one.
    pub slots: usize,
    /// `[items][slots]` quantizer index of each slot.
    pub quantizers: Vec<usize>,
    /// `[items][slots][levels]` chosen codes.
    pub codes: Vec<u32>,
    /// `[slots][items][latent]` outputs `E(z)`.
    pub outputs: Vec<Vec<f32>>,
    /// `L_rq`, mean over items.
    pub loss: f64,
    /// `[items][latent]` gradient of `L_rq` in `z` (commitment).
    pub z_gradient: Vec<f32>,
    /// Gradient of `L_rq` in the codebooks, laid out as they are.
    pub codebook_gradient: Vec<f32>,
}

/// Routes and quantizes `z [items][latent]` by `logits [items][experts]`.
pub fn quantize_batch(model: &Model, z: &[f32], logits: &[f32], commitment: f32) -> Quantized {
    let a = &model.config.model;
    let quantizers: Vec<Quantizer> = (0..a.quantizers()).map(|q| Quantizer::new(model, q)).collect();
    let items = z.len() / a.latent;
    let mut out = Quantized {
        slots: a.slots(),
        outputs: vec![Vec::with_capacity(z.len()); a.slots()],
        z_gradient: vec![0.0; z.len()],
        codebook_gradient: vec![0.0; model.codebooks.len()],
        ..Quantized::default()
    };
    for (i, z) in z.chunks_exact(a.latent).enumerate() {
        let slots = slot_losses(a, logits.get(i * a.experts..(i + 1) * a.experts).unwrap_or(&[]));
        for (slot, (q, weight)) in slots.into_iter().enumerate() {
            let mut output = vec![0.0; a.latent];
            quantizers[q].quantize(z, 1.0, &mut output, |choice| out.codes.push(choice.code));
            out.outputs[slot].extend_from_slice(&output);
            out.quantizers.push(q);
            out.add_chain(model, q, i, z, weight, commitment);
        }
    }
    let mean = 1.0 / items as f32;
    out.loss *= f64::from(mean);
    out.z_gradient.iter_mut().chain(&mut out.codebook_gradient).for_each(|g| *g *= mean);
    out
}

/// Quantizer and loss weight of each slot: renormalised gates for the experts, 1 for the shared one.
fn slot_losses(a: &Architecture, logits: &[f32]) -> Vec<(usize, f32)> {
    let chosen = route(logits, a.top_n);
    let total: f32 = chosen.iter().map(|c| c.1).sum();
    let experts = chosen.into_iter().map(|(k, gate)| (k as usize, gate / total));
    experts.chain(a.shared.then_some((a.experts, 1.0))).collect()
}

impl Quantized {
    /// Adds the loss and gradients of the chain that was recorded last.
    fn add_chain(&mut self, model: &Model, q: usize, item: usize, z: &[f32], weight: f32, commitment: f32) {
        let a = &model.config.model;
        let mut residual = z.to_vec();
        let first = self.codes.len() - a.levels;
        for level in 0..a.levels {
            let code = self.codes[first + level] as usize;
            let at = ((q * a.levels + level) * a.codes + code) * a.latent;
            for d in 0..a.latent {
                residual[d] -= model.codebooks[at + d];
                let gap = residual[d];
                self.loss += f64::from(weight * (1.0 + commitment) * gap * gap);
                self.codebook_gradient[at + d] -= 2.0 * weight * gap;
                self.z_gradient[item * a.latent + d] += 2.0 * weight * commitment * gap;
            }
        }
    }

    /// `[slots][items][latent]` constants of the straight-through estimator, `E(z) − z`.
    pub fn straight_through(&self, z: &[f32]) -> Vec<Vec<f32>> {
        self.outputs.iter().map(|e| e.iter().zip(z).map(|(e, z)| e - z).collect()).collect()
    }
}
