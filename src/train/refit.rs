//! The refit: encoder and router frozen, every quantizer fitted once more, level by level, on what
//! it receives (SPEC, recipe step 4).

use super::config::Recipe;
use super::init::residual_fit;
use super::lloyd::Fit;
use crate::engine::cpu::linear::{Activation, PackedLinear};
use crate::engine::cpu::quantize::route;
use crate::weights::Model;

/// Refits all codebooks on the latents of each domain, `[items][latent]`.
pub fn refit(model: &mut Model, latents: &[Vec<f32>], recipe: &Recipe) {
    if recipe.refit_iterations == 0 {
        return;
    }
    let how = Fit { iterations: recipe.refit_iterations, conscience: recipe.conscience };
    for (q, rows) in received(model, latents).into_iter().enumerate() {
        if !rows.is_empty() {
            residual_fit(model, q, rows, how, None);
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
