//! The refit: encoder and router frozen, every quantizer fitted once more, level by level, to what it receives, virtual
//! items among it (see [`crate::train::recipes::unitok::virtual_items`]).
//!
//! Codes get equal shares of what is received; or each quantizer is fitted in two ways, for least distortion and for few
//! collisions, and the second is kept where it costs next to nothing: an expert with few items has distortion to spare.

use std::collections::HashSet;

use super::kmeans::{Conscience, Evenness, Fit};
use super::residual::{Start, fit_residually};
use crate::base::parallel::map_chunks;
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::quantize::{Choice, Quantizer, Search, Workspace, route};
use crate::model::Model;
use crate::train::statistics::sum_of_squared_deviations;

/// Levels at the end that are fitted for few collisions in the second way.
const LAST_LEVELS: usize = 2;

/// How to refit.
#[derive(Debug, Clone, Copy)]
pub struct RefitOptions {
    /// Lloyd iterations; 0 leaves the refit out.
    pub iterations: usize,
    /// Whether codes get equal shares of the rows. Conscience and collision budget then count for nothing.
    pub equal_shares: bool,
    /// Strength of the penalty on over-used codes; 0 is plain k-means.
    pub conscience: f32,
    /// Unexplained share of variance that fewer collisions may cost.
    pub collision_budget: f32,
}

/// Refits all codebooks on the latents of each domain and of virtual items, `[items][latent]`.
pub fn refit(model: &mut Model, latents: &[Vec<f32>], virtual_latents: Vec<f32>, options: RefitOptions) {
    if options.iterations == 0 {
        return;
    }
    let virtual_rows = received(model, &[virtual_latents]);
    for (q, (rows, virtual_rows)) in received(model, latents).into_iter().zip(virtual_rows).enumerate() {
        if !rows.is_empty() {
            refit_quantizer(model, q, &rows, &virtual_rows, options);
        }
    }
}

/// Fits quantizer `q` to `rows` and `virtual_rows`. Its quality is measured on `rows` alone.
pub fn refit_quantizer(model: &mut Model, q: usize, rows: &[f32], virtual_rows: &[f32], options: RefitOptions) {
    if options.equal_shares {
        let fit = Fit { iterations: options.iterations, evenness: Evenness::EqualShares };
        return fit_residually(model, q, rows, virtual_rows, &|_| fit, Start::CurrentCodes);
    }
    let levels = model.config.model.levels;
    let how = |settles| {
        let conscience = Evenness::Conscience(Conscience { strength: options.conscience, settles });
        let evenness = if options.conscience > 0.0 { conscience } else { Evenness::Free };
        Fit { iterations: options.iterations, evenness }
    };
    fit_residually(model, q, rows, virtual_rows, &|_| how(true), Start::CurrentCodes);
    let mut even = model.clone();
    fit_residually(&mut even, q, rows, virtual_rows, &|level| how(level + LAST_LEVELS < levels), Start::CurrentCodes);
    let (least, fewest) = (quality(model, q, rows), quality(&even, q, rows));
    let cost = fewest.unexplained - least.unexplained;
    if fewest.codewords > least.codewords && cost <= f64::from(options.collision_budget) {
        *model = even;
    }
}

/// How well a quantizer does on the rows that it receives.
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
            let squared_error = choices.last().map_or(0.0, |last| f64::from(last.residual_norm).powi(2));
            (choices.iter().map(|choice| choice.code).collect(), squared_error)
        };
        choices.chunks_exact(model.config.model.levels).map(chain).collect::<Vec<(Vec<u32>, f64)>>()
    });
    let (codes, errors): (HashSet<Vec<u32>>, Vec<f64>) = chains.into_iter().flatten().unzip();
    let deviations = sum_of_squared_deviations(rows, latent).max(f64::MIN_POSITIVE);
    Quality { codewords: codes.len(), unexplained: errors.iter().sum::<f64>() / deviations }
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
