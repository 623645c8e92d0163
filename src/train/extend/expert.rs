//! The model with one expert more.

use half::f16;

use super::router_row::{Side, fit};
use crate::base::words::{counted, verb};
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::engine::cpu::CpuEngine;
use crate::model::{Linear, Model};
use crate::train::TrainError;
use crate::train::codebooks::residual::{Fit, fit_residually};
use crate::train::data::Domain;
use crate::train::recipes::unitok::options::Recipe;

/// Distance that an old item keeps from the new expert, relative to the bias: more than the rounding of 16-bit floats, and than
/// engines differ in a logit.
const MARGIN: f64 = 2e-3;

/// `model` with an expert for the domain `new`; no item of `kept` goes to it.
///
/// # Errors
/// [`TrainError::Data`] where the model has no router, or the domain too few items.
pub fn extend(model: &Model, new: &Domain, kept: &[&Domain], recipe: &Recipe, seed: u64) -> Result<Model, TrainError> {
    let a = &model.config.model;
    let refused = |what: String| TrainError::Data { domain: new.name.clone(), what };
    let Some(router) = &model.router else {
        return Err(refused("the model to extend has no experts: train one with a new list of domains".into()));
    };
    if new.items(a.input) < a.codes {
        let items = new.items(a.input);
        return Err(refused(format!(
            "{} {} too few for an expert of {} codes a level. Tokenize them with the model as it is, or give {} and more",
            counted(items, "item"),
            verb(items, "is", "are"),
            a.codes,
            a.codes
        )));
    }
    let engine = CpuEngine::new(model);
    let latents = engine.encode(&new.rows);
    let kept: Vec<f32> = kept.iter().flat_map(|domain| engine.encode(&domain.rows)).collect();
    let mut extended = with_room(model, router, &new.name);
    let q = a.experts;
    let (how, iterations) = match recipe.refit_iterations {
        0 => (Fit::KMeans, recipe.kmeans_iterations),
        refit_iterations => (Fit::EqualShares, refit_iterations),
    };
    fit_residually(&mut extended, q, &latents, how, iterations, seed);
    let row = router_row(router, a.top_n, &latents, &kept);
    let extended_router = extended.router.as_mut().expect("it was there before");
    extended_router.weight[q * a.latent..].copy_from_slice(&row.weight);
    extended_router.bias[q] = row.bias[0];
    Ok(extended)
}

/// The model with an expert more, whose codes and router row are zero.
fn with_room(model: &Model, router: &Linear, name: &str) -> Model {
    let mut extended = model.clone();
    let a = &mut extended.config.model;
    let quantizer = a.levels * a.codes * a.latent;
    let at = a.experts * quantizer;
    a.experts += 1;
    extended.config.domains.push(name.into());
    extended.codebooks.splice(at..at, std::iter::repeat_n(0.0, quantizer));
    let mut router = router.clone();
    router.weight.extend(std::iter::repeat_n(0.0, router.inputs));
    router.bias.push(0.0);
    router.outputs += 1;
    extended.router = Some(router);
    extended
}

/// The row, in numbers that 16-bit floats hold, by which most new items and no kept one go to the new expert.
fn router_row(router: &Linear, top_n: usize, new: &[f32], kept: &[f32]) -> Linear {
    let latent = router.inputs;
    let [new_thresholds, kept_thresholds] = [new, kept].map(|latents| thresholds(router, top_n, latents));
    let new = Side { latents: new, thresholds: &new_thresholds };
    let old = Side { latents: kept, thresholds: &kept_thresholds };
    let weight = fit(new, old, latent).into_iter().map(rounded).collect();
    let row = Linear { weight, bias: vec![0.0], inputs: latent, outputs: 1 };
    let logits = PackedLinear::new(&row).forward(kept, Activation::Identity);
    let room = logits.into_iter().zip(&kept_thresholds).map(|(logit, t)| f64::from(t - logit));
    let bias = room.fold(f64::INFINITY, f64::min);
    Linear { bias: vec![rounded(bias - MARGIN * (1.0 + bias.abs()))], ..row }
}

/// `[items]` the logit of the last expert that an item goes to.
fn thresholds(router: &Linear, top_n: usize, latents: &[f32]) -> Vec<f32> {
    let logits = PackedLinear::new(router).forward(latents, Activation::Identity);
    let last_chosen = |logits: &[f32]| {
        let mut sorted = logits.to_vec();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        sorted[top_n - 1]
    };
    logits.chunks_exact(router.outputs).map(last_chosen).collect()
}

fn rounded(value: f64) -> f32 {
    f16::from_f64(value).to_f32()
}
