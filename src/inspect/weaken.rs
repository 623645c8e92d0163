//! Models and vectors made worse on purpose, to see what an audit says of them.

use crate::base::random::Random;
use crate::model::Model;

/// A router's bias that leaves no doubt.
const CERTAIN: f32 = 1e3;

/// `model` with only the first `codes` codes of each codebook and, where `only` names an expert, with a router that
/// sends every item to it.
pub fn weakened(model: &Model, codes: usize, only: Option<usize>) -> Model {
    let mut weak = model.clone();
    let a = &model.config.model;
    let kept = codes.clamp(1, a.codes);
    weak.config.model.codes = kept;
    weak.codebooks =
        model.codebooks.chunks_exact(a.codes * a.latent).flat_map(|book| &book[..kept * a.latent]).copied().collect();
    if let (Some(router), Some(expert)) = (&mut weak.router, only.filter(|&expert| expert < a.experts)) {
        router.weight.fill(0.0);
        router.bias.fill(0.0);
        router.bias[expert] = CERTAIN;
    }
    weak
}

/// `rows [items][width]`, each with noise whose norm is `share` of the row's.
pub fn noisy(rows: &[f32], width: usize, share: f32) -> Vec<f32> {
    let mut random = Random::new(1);
    let norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
    let with_noise = |row: &[f32]| {
        let noise: Vec<f32> = row.iter().map(|_| random.centred()).collect();
        let scale = share * norm(row) / norm(&noise).max(f32::MIN_POSITIVE);
        row.iter().zip(noise).map(|(v, n)| v + scale * n).collect::<Vec<f32>>()
    };
    rows.chunks_exact(width.max(1)).flat_map(with_noise).collect()
}
