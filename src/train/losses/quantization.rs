//! Residual quantization: assignments, `L_rq`, and its gradients.

use super::balance::balanced_codes;
use super::options::LossOptions;
use crate::base::parallel::map_chunks;
use crate::engine::cpu::quantize::{Quantizer, Search, Workspace, route};
use crate::model::{Architecture, Model};

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

/// Items that one thread quantizes at a time.
const CHUNK: usize = 64;

/// The codes that one quantizer chose for one item.
#[derive(Debug, Clone)]
struct Chain {
    quantizer: usize,
    /// Its weight in the loss.
    weight: f32,
    /// `[levels]`.
    codes: Vec<u32>,
}

/// Routes and quantizes `z [items][latent]` by `logits [items][experts]`.
pub fn quantize_batch(model: &Model, z: &[f32], logits: &[f32], options: &LossOptions) -> Quantized {
    let a = &model.config.model;
    let mut out = Quantized {
        slots: a.slots(),
        outputs: vec![Vec::with_capacity(z.len()); a.slots()],
        z_gradient: vec![0.0; z.len()],
        codebook_gradient: vec![0.0; model.codebooks.len()],
        ..Quantized::default()
    };
    let mut chains = search(model, z, logits);
    if options.uniform_last_level {
        balance_last_level(model, z, &mut chains);
    }
    // The search runs on all threads; the sums on one, so that their order never changes.
    for (position, chain) in chains.iter().enumerate() {
        out.add_chain(model, z, position / a.slots(), position % a.slots(), chain, options.commitment);
    }
    let mean = 1.0 / (z.len() / a.latent) as f32;
    out.loss *= f64::from(mean);
    out.z_gradient.iter_mut().chain(&mut out.codebook_gradient).for_each(|g| *g *= mean);
    out
}

/// `[items][slots]` chains.
fn search(model: &Model, z: &[f32], logits: &[f32]) -> Vec<Chain> {
    let a = &model.config.model;
    let slots =
        (0..z.len() / a.latent).flat_map(|i| slot_losses(a, logits.get(i * a.experts..(i + 1) * a.experts).unwrap_or(&[])));
    let mut chains: Vec<Chain> = slots.map(|(quantizer, weight)| Chain { quantizer, weight, codes: Vec::new() }).collect();
    for q in 0..a.quantizers() {
        let quantizer = Quantizer::new(model, q);
        let places: Vec<usize> = (0..chains.len()).filter(|&place| chains[place].quantizer == q).collect();
        let codes = map_chunks(&places, CHUNK, |places| {
            let latents: Vec<f32> =
                places.iter().flat_map(|place| &z[place / a.slots() * a.latent..][..a.latent]).copied().collect();
            let mut choices = Vec::new();
            quantizer.quantize_rows(&latents, false, &mut Workspace::default(), &mut choices);
            choices.iter().map(|choice| choice.code).collect::<Vec<u32>>()
        });
        for (place, codes) in places.into_iter().zip(codes.concat().chunks_exact(a.levels)) {
            chains[place].codes = codes.to_vec();
        }
    }
    chains
}

/// Assigns the last codes of each quantizer anew, in balance over what it receives of the batch.
fn balance_last_level(model: &Model, z: &[f32], chains: &mut [Chain]) {
    let a = &model.config.model;
    for q in 0..a.quantizers() {
        let places: Vec<usize> = (0..chains.len()).filter(|&place| chains[place].quantizer == q).collect();
        if places.is_empty() {
            continue;
        }
        let residual = |&place: &usize| {
            let mut residual = z[place / a.slots() * a.latent..][..a.latent].to_vec();
            for (level, &code) in chains[place].codes[..a.levels - 1].iter().enumerate() {
                let chosen = &model.codebook(q, level)[code as usize * a.latent..][..a.latent];
                residual.iter_mut().zip(chosen).for_each(|(r, c)| *r -= c);
            }
            residual
        };
        let residuals: Vec<f32> = places.iter().flat_map(residual).collect();
        let last = balanced_codes(&residuals, model.codebook(q, a.levels - 1), a.latent);
        places.into_iter().zip(last).for_each(|(place, code)| chains[place].codes[a.levels - 1] = code);
    }
}

/// Quantizer and loss weight of each slot: renormalised gates for the experts, 1 for the shared one.
fn slot_losses(a: &Architecture, logits: &[f32]) -> Vec<(usize, f32)> {
    let chosen = route(logits, a.top_n);
    let total: f32 = chosen.iter().map(|c| c.1).sum();
    let experts = chosen.into_iter().map(|(k, gate)| (k as usize, gate / total));
    experts.chain(a.shared.then_some((a.experts, 1.0))).collect()
}

impl Quantized {
    /// Adds one chain: its codes and output, its loss and gradients.
    fn add_chain(&mut self, model: &Model, z: &[f32], item: usize, slot: usize, chain: &Chain, commitment: f32) {
        let a = &model.config.model;
        let (weight, z) = (chain.weight, &z[item * a.latent..(item + 1) * a.latent]);
        let mut residual = z.to_vec();
        for (level, &code) in chain.codes.iter().enumerate() {
            let at = ((chain.quantizer * a.levels + level) * a.codes + code as usize) * a.latent;
            for (d, value) in residual.iter_mut().enumerate() {
                *value -= model.codebooks[at + d];
                let error = *value;
                self.loss += f64::from(weight * (1.0 + commitment) * error * error);
                self.codebook_gradient[at + d] -= 2.0 * weight * error;
                self.z_gradient[item * a.latent + d] += 2.0 * weight * commitment * error;
            }
        }
        self.outputs[slot].extend(z.iter().zip(&residual).map(|(z, r)| z - r));
        self.quantizers.push(chain.quantizer);
        self.codes.extend_from_slice(&chain.codes);
    }

    /// The experts that item `i` was routed to, of `top_n` a model has.
    pub fn experts_of(&self, i: usize, top_n: usize) -> &[usize] {
        &self.quantizers[i * self.slots..][..top_n]
    }

    /// `[slots][items][latent]` constants of the straight-through estimator, `E(z) − z`.
    pub fn straight_through(&self, z: &[f32]) -> Vec<Vec<f32>> {
        self.outputs.iter().map(|e| e.iter().zip(z).map(|(e, z)| e - z).collect()).collect()
    }
}
