//! Where joint training starts: codebooks by k-means, a router by linear discriminant unless it is to start at random.

use super::options::{Recipe, RouterStart};
use crate::learn::seed::generator;
use crate::model::Model;
use crate::train::codebooks::residual::{Fit, fit_residually};
use crate::train::network::discriminant::linear_discriminant;

/// Sets codebooks and router from the latents of each domain, `[items][latent]`.
///
/// Domain labels are used here and to balance batches, never at inference.
pub fn from_latents(model: &mut Model, latents: &[Vec<f32>], recipe: &Recipe, seed: u64) {
    let a = model.config.model.clone();
    for (k, rows) in latents.iter().enumerate().take(a.experts) {
        fit_residually(model, k, rows, Fit::KMeans, recipe.kmeans_iterations, seed);
    }
    if let Some(shared) = model.shared_quantizer() {
        let pool = pool(latents, a.latent, recipe.pool_per_domain, seed);
        fit_residually(model, shared, &pool, Fit::KMeans, recipe.kmeans_iterations, seed);
    }
    if let (Some(router), RouterStart::Domains) = (&mut model.router, recipe.router_start) {
        linear_discriminant(router, latents);
    }
}

/// Up to `per_domain` rows of each domain.
fn pool(latents: &[Vec<f32>], latent: usize, per_domain: usize, seed: u64) -> Vec<f32> {
    let mut pool = Vec::new();
    for (k, rows) in latents.iter().enumerate() {
        let items = rows.len() / latent;
        let mut rng = generator(seed, "pool", k as u64);
        let mut chosen = rand::seq::index::sample(&mut rng, items, per_domain.min(items)).into_vec();
        chosen.sort_unstable();
        pool.extend(chosen.into_iter().flat_map(|i| &rows[i * latent..(i + 1) * latent]));
    }
    pool
}
