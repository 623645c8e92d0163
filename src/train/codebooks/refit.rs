//! The refit: encoder and router frozen, every quantizer fitted once more, level by level, on what
//! it receives (SPEC, recipe step 4), virtual items among it ([`crate::train::recipes::unitok::virtual_items`]).
//!
//! Each is fitted in two ways, for least distortion and for few collisions, and the second is kept
//! where it costs next to nothing: an expert with few items has distortion to spare.

use std::collections::HashSet;

use crate::base::parallel::map_chunks;
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::quantize::{Choice, Quantizer, Search, Workspace, route};
use crate::model::Model;
use crate::train::codebooks::kmeans::{Conscience, Fit};
use crate::train::recipes::unitok::initialization::{residual_fit, spread};
use crate::train::recipes::unitok::options::Recipe;

/// Levels at the end whose codes are strewn for few collisions.
const STREWN_LEVELS: usize = 2;

/// Refits all codebooks on the latents of each domain and of virtual items, `[items][latent]`.
pub fn refit(model: &mut Model, latents: &[Vec<f32>], virtual_latents: Vec<f32>, recipe: &Recipe) {
    if recipe.refit_iterations == 0 {
        return;
    }
    let between = received(model, &[virtual_latents]);
    for (q, (rows, between)) in received(model, latents).into_iter().zip(between).enumerate() {
        if !rows.is_empty() {
            refit_one(model, q, &rows, &between, recipe);
        }
    }
}

/// Fits quantizer `q` to `rows` and the virtual ones `between`; what it is good for, `rows` alone say.
fn refit_one(model: &mut Model, q: usize, rows: &[f32], between: &[f32], recipe: &Recipe) {
    let levels = model.config.model.levels;
    let how = |settles| {
        let conscience = (recipe.conscience > 0.0).then_some(Conscience { strength: recipe.conscience, settles });
        Fit { iterations: recipe.refit_iterations, conscience }
    };
    residual_fit(model, q, rows, between, &|_| how(true), None);
    let mut strewn = model.clone();
    residual_fit(&mut strewn, q, rows, between, &|level| how(level + STREWN_LEVELS < levels), None);
    let (least, fewest) = (quality(model, q, rows), quality(&strewn, q, rows));
    if fewest.codewords > least.codewords && fewest.unexplained - least.unexplained <= f64::from(recipe.collision_budget) {
        *model = strewn;
    }
}

/// What a quantizer makes of the rows that it receives.
struct Quality {
    /// Different codewords.
    codewords: usize,
    /// Unexplained share of the rows' variance.
    unexplained: f64,
}

fn quality(model: &Model, q: usize, rows: &[f32]) -> Quality {
    let latent = model.config.model.latent;
    let quantizer = Quantizer::new(model, q);
    let chains = map_chunks(rows, 1024 * latent, |rows| {
        let mut choices = Vec::new();
        quantizer.quantize_rows(rows, false, &mut Workspace::default(), &mut choices);
        let chain = |choices: &[Choice]| {
            let left = choices.last().map_or(0.0, |last| f64::from(last.residual_norm).powi(2));
            (choices.iter().map(|choice| choice.code).collect(), left)
        };
        choices.chunks_exact(model.config.model.levels).map(chain).collect::<Vec<(Vec<u32>, f64)>>()
    });
    let (codes, left): (HashSet<Vec<u32>>, Vec<f64>) = chains.into_iter().flatten().unzip();
    Quality { codewords: codes.len(), unexplained: left.iter().sum::<f64>() / spread(rows, latent).max(f64::MIN_POSITIVE) }
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
