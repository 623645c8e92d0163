//! The tokenizer of the paper (arXiv 2511.12922, section 3) in float64: slow and plain. Every engine is tested against it.

use super::TIE;
use crate::model::{Linear, MixWeights, Model};

/// The reference's result for one item.
#[derive(Debug, Clone)]
pub struct Item {
    /// Chosen experts, most probable first.
    pub experts: Vec<usize>,
    /// Softmax probability of each.
    pub gates: Vec<f64>,
    /// Whether the choice or the order of experts is a tie.
    pub router_tie: bool,
    /// `[slots][levels]`.
    pub slots: Vec<Vec<Choice>>,
    /// Encoder output.
    pub z: Vec<f64>,
    /// Mixed quantized latent.
    pub z_hat: Vec<f64>,
    /// `‖x − x̂‖²`.
    pub reconstruction: f64,
}

/// One level of a residual chain.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Nearest code, the lowest index on a tie.
    pub code: usize,
    /// Squared distance of the runner-up minus that of the choice.
    pub margin: f64,
    /// Squared norm of the residual before this level.
    pub squared_norm_before: f64,
    /// Norm of the residual after this level.
    pub residual_norm: f64,
}

impl Choice {
    /// Whether another code is as near, to within [`TIE`].
    pub fn is_tie(&self) -> bool {
        self.margin <= TIE * self.squared_norm_before
    }
}

/// Tokenizes one scaled row.
pub fn tokenize(model: &Model, x: &[f32]) -> Item {
    let a = &model.config.model;
    let z = encode(model, x);
    let logits = model.router.as_ref().map_or(Vec::new(), |router| affine(router, &z));
    let mut order: Vec<usize> = (0..a.experts).collect();
    order.sort_by(|&i, &j| logits[j].total_cmp(&logits[i]));
    let router_tie = order.windows(2).take(a.top_n).any(|pair| logits[pair[0]] - logits[pair[1]] <= TIE);
    let largest = order.first().map_or(0.0, |&k| logits[k]);
    let total: f64 = logits.iter().map(|s| (s - largest).exp()).sum();
    let experts = order[..a.top_n].to_vec();
    let gates: Vec<f64> = experts.iter().map(|&k| (logits[k] - largest).exp() / total).collect();
    let quantizers = experts.iter().copied().chain(model.shared_quantizer());
    let chains: Vec<(Vec<Choice>, Vec<f64>)> = quantizers.map(|q| chain(model, q, &z)).collect();
    let z_hat = mix(model, &gates, &chains);
    let x_hat = run_from(&model.decoder, z_hat.clone());
    let reconstruction = x.iter().zip(&x_hat).map(|(x, y)| (f64::from(*x) - y).powi(2)).sum();
    let slots = chains.into_iter().map(|chain| chain.0).collect();
    Item { experts, gates, router_tie, slots, z, z_hat, reconstruction }
}

/// `z` of one scaled row.
pub fn encode(model: &Model, x: &[f32]) -> Vec<f64> {
    run(&model.encoder, x)
}

/// Chooses the nearest code of `codebook` and subtracts it from `residual`.
pub fn quantize_level(residual: &mut [f64], codebook: &[f32]) -> Choice {
    let squared_norm_before = squared_norm(residual);
    let (mut best, mut second, mut code) = (f64::INFINITY, f64::INFINITY, 0);
    for (t, c) in codebook.chunks_exact(residual.len()).enumerate() {
        let distance: f64 = residual.iter().zip(c).map(|(r, c)| (r - f64::from(*c)).powi(2)).sum();
        if distance < best {
            (second, best, code) = (best, distance, t);
        } else if distance < second {
            second = distance;
        }
    }
    let chosen = &codebook[code * residual.len()..];
    residual.iter_mut().zip(chosen).for_each(|(r, c)| *r -= f64::from(*c));
    Choice { code, margin: second - best, squared_norm_before, residual_norm: squared_norm(residual).sqrt() }
}

/// The best chain that beam search of `width` finds over `codebooks` for `x`, and its squared error.
pub fn beam(x: &[f64], codebooks: &[&[f32]], width: usize) -> (Vec<usize>, f64) {
    let mut chains = vec![(Vec::new(), x.to_vec(), squared_norm(x))];
    for codebook in codebooks {
        let mut longer = Vec::new();
        for (codes, residual, _) in &chains {
            for (t, code) in codebook.chunks_exact(x.len()).enumerate() {
                let residual: Vec<f64> = residual.iter().zip(code).map(|(r, c)| r - f64::from(*c)).collect();
                let (mut codes, error) = (codes.clone(), squared_norm(&residual));
                codes.push(t);
                longer.push((codes, residual, error));
            }
        }
        longer.sort_by(|a, b| a.2.total_cmp(&b.2));
        longer.truncate(width);
        chains = longer;
    }
    let (codes, _, error) = chains.swap_remove(0);
    (codes, error)
}

/// All levels of one quantizer: choices, and the sum of the chosen codes.
fn chain(model: &Model, quantizer: usize, z: &[f64]) -> (Vec<Choice>, Vec<f64>) {
    let mut residual = z.to_vec();
    let levels = 0..model.config.model.levels;
    let choices = levels.map(|level| quantize_level(&mut residual, model.codebook(quantizer, level))).collect();
    (choices, z.iter().zip(&residual).map(|(z, r)| z - r).collect())
}

fn mix(model: &Model, gates: &[f64], chains: &[(Vec<Choice>, Vec<f64>)]) -> Vec<f64> {
    let a = &model.config.model;
    let total: f64 = gates.iter().sum();
    let MixWeights { renormalise, routed, shared } = a.mix_weights();
    let weight = |slot: usize| match gates.get(slot) {
        Some(gate) if renormalise => f64::from(routed) * gate / total,
        Some(gate) => f64::from(routed) * gate,
        None => f64::from(shared),
    };
    let mut z_hat = vec![0.0; a.latent];
    for (slot, (_, quantized)) in chains.iter().enumerate() {
        z_hat.iter_mut().zip(quantized).for_each(|(sum, e)| *sum += weight(slot) * e);
    }
    z_hat
}

/// Layers with ReLU between them and none after the last.
pub fn run(layers: &[Linear], x: &[f32]) -> Vec<f64> {
    run_from(layers, x.iter().map(|v| f64::from(*v)).collect())
}

fn run_from(layers: &[Linear], x: Vec<f64>) -> Vec<f64> {
    let last = layers.len() - 1;
    layers.iter().enumerate().fold(x, |x, (i, layer)| {
        let mut y = affine(layer, &x);
        if i < last {
            y.iter_mut().for_each(|v| *v = v.max(0.0));
        }
        y
    })
}

fn affine(layer: &Linear, x: &[f64]) -> Vec<f64> {
    let rows = layer.weight.chunks_exact(layer.inputs).zip(&layer.bias);
    rows.map(|(w, b)| f64::from(*b) + w.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>()).collect()
}

/// Squared norm.
pub fn squared_norm(v: &[f64]) -> f64 {
    v.iter().map(|x| x * x).sum()
}
