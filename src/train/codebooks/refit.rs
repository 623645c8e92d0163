//! The refit: encoder and router frozen, every quantizer fitted anew, level by level, to what it receives, so that its codes are
//! used alike ([`super::even`]).

use super::residual::{Fit, fit_residually};
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::quantize::route;
use crate::model::Model;

/// Refits all codebooks in so many rounds on the latents of each domain, `[items][latent]`. Codes begin at random rows: those that
/// joint training leaves lie where few rows are.
pub fn refit(model: &mut Model, latents: &[Vec<f32>], iterations: usize, seed: u64) {
    if iterations == 0 {
        return;
    }
    for (q, rows) in received(model, latents).into_iter().enumerate() {
        if !rows.is_empty() {
            fit_residually(model, q, &rows, Fit::EqualShares, iterations, seed);
        }
    }
}

/// The latents that each quantizer receives: its routed items, or all for the shared one.
fn received(model: &Model, latents: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let a = &model.config.model;
    let mut rows = vec![Vec::new(); a.quantizers()];
    if let Some(router) = model.router.as_ref().map(PackedLinear::new) {
        for z in latents {
            let logits = router.forward(z, Activation::Identity);
            for (z, logits) in z.chunks_exact(a.latent).zip(logits.chunks_exact(a.experts)) {
                for (expert, _) in route(logits, a.top_n) {
                    rows[expert as usize].extend_from_slice(z);
                }
            }
        }
    }
    if let Some(shared) = model.shared_quantizer() {
        rows[shared] = latents.concat();
    }
    rows
}
