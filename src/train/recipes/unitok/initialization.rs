//! Starting points: Xavier weights, k-means codebooks, a router by linear discriminant.

use rand::Rng;

use crate::model::{Architecture, Config};
use crate::model::{Linear, Model};
use crate::train::codebooks::kmeans::{Fit, fit, random_start, subtract_nearest, use_every_code};
use crate::train::data::generator;
use crate::train::recipes::unitok::options::Recipe;

/// Ridge on the pooled covariance, as a share of its mean diagonal (SPEC).
const RIDGE: f64 = 0.05;

/// A model with Xavier-uniform layers and zero codebooks.
pub fn xavier(config: Config, seed: u64) -> Model {
    let a = config.model.clone();
    let widths = a.widths();
    let reversed: Vec<usize> = widths.iter().rev().copied().collect();
    let layers = |widths: &[usize], part: &str| {
        let pairs = widths.windows(2).enumerate();
        pairs.map(|(i, w)| xavier_linear(w[0], w[1], seed, &format!("{part} {i}"))).collect()
    };
    Model {
        encoder: layers(&widths, "encoder"),
        decoder: layers(&reversed, "decoder"),
        router: (a.experts > 0).then(|| xavier_linear(a.latent, a.experts, seed, "router")),
        codebooks: vec![0.0; a.parameters().codebooks],
        config,
    }
}

fn xavier_linear(inputs: usize, outputs: usize, seed: u64, purpose: &str) -> Linear {
    let mut rng = generator(seed, purpose, 0);
    let bound = (6.0 / (inputs + outputs) as f32).sqrt();
    // 24 random bits make a uniform float in [0, 1) on every platform.
    let mut uniform = || bound * (2.0 * (rng.next_u32() >> 8) as f32 / (1u32 << 24) as f32 - 1.0);
    Linear { weight: (0..inputs * outputs).map(|_| uniform()).collect(), bias: vec![0.0; outputs], inputs, outputs }
}

/// Sets codebooks and router from the latents of each domain, `[items][latent]`.
///
/// Domain labels are used here and to balance batches, never at inference.
pub fn from_latents(model: &mut Model, latents: &[Vec<f32>], recipe: &Recipe, seed: u64) {
    let a = model.config.model.clone();
    let how = |_| Fit { iterations: recipe.kmeans_iterations, conscience: None };
    for (k, rows) in latents.iter().enumerate().take(a.experts) {
        residual_fit(model, k, rows, &[], &how, Some(seed));
    }
    if let Some(shared) = model.shared_quantizer() {
        let pool = pool(latents, a.latent, recipe.pool_per_domain, seed);
        residual_fit(model, shared, &pool, &[], &how, Some(seed));
    }
    if let Some(router) = &mut model.router {
        linear_discriminant(router, latents);
    }
}

/// Fits the levels of quantizer `q` one after another, as `how` says, on what is left of `rows` and
/// of the virtual rows `between`, in the end so that `rows` alone use every code; from random rows when given
/// a seed, else from the codebooks as they are.
pub fn residual_fit(model: &mut Model, q: usize, rows: &[f32], between: &[f32], how: &dyn Fn(usize) -> Fit, seed: Option<u64>) {
    let a = model.config.model.clone();
    let items = rows.len();
    let mut rows = [rows, between].concat();
    for level in 0..a.levels {
        let mut codebook = match seed {
            Some(seed) => random_start(&rows, a.latent, a.codes, &mut generator(seed, &format!("codes of {q}"), level as u64)),
            None => model.codebook(q, level).to_vec(),
        };
        fit(&rows, a.latent, &mut codebook, how(level));
        use_every_code(&rows[..items], a.latent, &mut codebook);
        subtract_nearest(&mut rows, a.latent, &codebook);
        set_codebook(model, &a, q, level, &codebook);
    }
}

fn set_codebook(model: &mut Model, a: &Architecture, q: usize, level: usize, codebook: &[f32]) {
    let start = (q * a.levels + level) * codebook.len();
    model.codebooks[start..start + codebook.len()].copy_from_slice(codebook);
}

/// Up to `per_domain` rows of each domain.
fn pool(latents: &[Vec<f32>], latent: usize, per_domain: usize, seed: u64) -> Vec<f32> {
    let mut pool = Vec::new();
    for (k, rows) in latents.iter().enumerate() {
        let items = rows.len() / latent;
        let mut chosen =
            rand::seq::index::sample(&mut generator(seed, "pool", k as u64), items, per_domain.min(items)).into_vec();
        chosen.sort_unstable();
        pool.extend(chosen.into_iter().flat_map(|i| &rows[i * latent..(i + 1) * latent]));
    }
    pool
}

/// `W_k = S⁻¹ μ_k`, `b_k = −½ μ_kᵀ W_k`, `S` the pooled within-domain covariance with a ridge.
fn linear_discriminant(router: &mut Linear, latents: &[Vec<f32>]) {
    let d = router.inputs;
    let means: Vec<Vec<f64>> = latents.iter().map(|rows| mean(rows, d)).collect();
    let mut pooled = vec![0.0; d * d];
    for (rows, mean) in latents.iter().zip(&means) {
        let covariance = covariance(rows, mean);
        pooled.iter_mut().zip(covariance).for_each(|(p, c)| *p += c / latents.len() as f64);
    }
    let ridge = RIDGE * (0..d).map(|i| pooled[i * d + i]).sum::<f64>() / d as f64;
    for i in 0..d {
        // A latent that never varies would make S singular.
        pooled[i * d + i] += ridge + f64::EPSILON;
    }
    for (k, mean) in means.iter().enumerate() {
        let weight = solve(pooled.clone(), mean.clone());
        let bias = -0.5 * weight.iter().zip(mean).map(|(w, m)| w * m).sum::<f64>();
        router.weight[k * d..(k + 1) * d].iter_mut().zip(&weight).for_each(|(r, w)| *r = *w as f32);
        router.bias[k] = bias as f32;
    }
}

/// Mean of `rows [items][d]`.
pub fn mean(rows: &[f32], d: usize) -> Vec<f64> {
    let mut sum = vec![0.0; d];
    for row in rows.chunks_exact(d) {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
    }
    let items = (rows.len() / d) as f64;
    sum.iter().map(|s| s / items).collect()
}

/// `Σ‖row − mean‖²` over `rows [items][d]`.
pub fn spread(rows: &[f32], d: usize) -> f64 {
    let mean = mean(rows, d);
    rows.chunks_exact(d).flat_map(|row| row.iter().zip(&mean)).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum()
}

fn covariance(rows: &[f32], mean: &[f64]) -> Vec<f64> {
    let d = mean.len();
    let mut sum = vec![0.0; d * d];
    for row in rows.chunks_exact(d) {
        let centred: Vec<f64> = row.iter().zip(mean).map(|(v, m)| f64::from(*v) - m).collect();
        for (i, a) in centred.iter().enumerate() {
            sum[i * d..(i + 1) * d].iter_mut().zip(&centred).for_each(|(s, b)| *s += a * b);
        }
    }
    let items = (rows.len() / d) as f64;
    sum.iter().map(|s| s / items).collect()
}

/// Solves `A x = b` for a symmetric positive definite `A`, by elimination without pivoting.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in i + 1..n {
            let factor = a[j * n + i] / a[i * n + i];
            for c in i..n {
                a[j * n + c] -= factor * a[i * n + c];
            }
            b[j] -= factor * b[i];
        }
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|c| a[i * n + c] * b[c]).sum();
        b[i] = (b[i] - known) / a[i * n + i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_discriminant_separates_gaussian_domains() {
        let cloud = |cx: f32, cy: f32| -> Vec<f32> {
            (0..200).flat_map(|i| [cx + (i as f32 * 1.3).sin(), cy + 0.2 * (i as f32 * 2.1).cos()]).collect()
        };
        let latents = [cloud(0.0, 0.0), cloud(0.0, 2.0), cloud(4.0, 1.0)];
        let mut router = xavier_linear(2, 3, 1, "test");
        linear_discriminant(&mut router, &latents);
        for (k, rows) in latents.iter().enumerate() {
            for row in rows.chunks_exact(2) {
                let logit = |e: usize| router.bias[e] + router.weight[e * 2] * row[0] + router.weight[e * 2 + 1] * row[1];
                let best = (0..3).max_by(|&a, &b| logit(a).total_cmp(&logit(b))).unwrap();
                assert_eq!(best, k);
            }
        }
    }

    #[test]
    fn elimination_solves() {
        let x = solve(vec![4.0, 1.0, 1.0, 3.0], vec![1.0, 2.0]);
        assert!((x[0] - 1.0 / 11.0).abs() < 1e-12 && (x[1] - 7.0 / 11.0).abs() < 1e-12);
    }
}
