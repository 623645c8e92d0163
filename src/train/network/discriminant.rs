//! The router's starting point: linear discriminant analysis of the latents by domain.

use crate::model::Linear;
use crate::train::statistics::mean;

/// Ridge on the pooled covariance, as a share of its mean diagonal.
const RIDGE: f64 = 0.05;

/// Sets a router from the latents of each domain, `[items][latent]`: one expert a domain.
///
/// `W_k = S⁻¹ μ_k`, `b_k = −½ μ_kᵀ W_k`, `S` the pooled within-domain covariance with a ridge.
pub fn linear_discriminant(router: &mut Linear, latents: &[Vec<f32>]) {
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
pub fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
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
        let mut router = Linear { weight: vec![0.0; 6], bias: vec![0.0; 3], inputs: 2, outputs: 3 };
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
