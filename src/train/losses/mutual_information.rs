//! `L_mi`: information between inputs and latents of each domain, by the Hilbert–Schmidt criterion that audits report.

use super::options::Information;
use crate::compute::cpu::gemm::{Side, multiply};
use crate::compute::stats::hsic::{Kernel, inner};

/// The mutual-information loss of a batch and its gradient.
#[derive(Debug, Clone, Default)]
pub struct MutualInformation {
    /// `Var_k[I_k] − β mean_k[I_k]`.
    pub loss: f64,
    /// `I_k` of each domain.
    pub information: Vec<f64>,
    /// `[items][latent]` gradient of the loss in `z`.
    pub z_gradient: Vec<f32>,
}

/// Loss over a batch of `domains` equal groups: `x [items][width]`, `z [items][latent]`.
pub fn mutual_information(
    x: &[f32],
    z: &[f32],
    domains: usize,
    latent: usize,
    beta: f64,
    kind: Information,
) -> MutualInformation {
    let items = z.len() / latent;
    let (group, width) = (items / domains, x.len() / items);
    let parts: Vec<(f64, Vec<f64>)> = crate::base::parallel::map_chunks(&(0..domains).collect::<Vec<_>>(), 1, |k| {
        let k = k[0];
        let of = |v: &[f32], w: usize| kernel(&v[k * group * w..(k + 1) * group * w], w);
        estimate(&of(x, width), &of(z, latent), &z[k * group * latent..(k + 1) * group * latent], latent, kind)
    });
    let information: Vec<f64> = parts.iter().map(|p| p.0).collect();
    let mean = information.iter().sum::<f64>() / domains as f64;
    let variance = information.iter().map(|i| (i - mean).powi(2)).sum::<f64>() / domains as f64;
    let mut z_gradient = Vec::with_capacity(z.len());
    for (value, gradient) in &parts {
        // d(Var − β mean)/dI_k, population variance.
        let outer = (2.0 * (value - mean) - beta) / domains as f64;
        z_gradient.extend(gradient.iter().map(|g| (outer * g) as f32));
    }
    MutualInformation { loss: variance - beta * mean, information, z_gradient }
}

/// The kernel of `rows [n][width]`, by way of their inner products: `‖a−b‖² = ‖a‖² + ‖b‖² − 2⟨a,b⟩`.
fn kernel(rows: &[f32], width: usize) -> Kernel {
    // Relative to the first row: what all rows share would drown the distances in rounding errors.
    let relative: Vec<f32> = rows.chunks_exact(width).flat_map(|row| row.iter().zip(rows).map(|(v, first)| v - first)).collect();
    let products = multiply(Side::Rows(&relative, width), Side::Rows(&relative, width));
    let n = rows.len() / width;
    let mut pairs = Vec::with_capacity(n * (n - 1) / 2);
    for (i, row) in products.chunks_exact(n).enumerate() {
        let square = |j: usize| f64::from(products[j * n + j]);
        pairs.extend((0..i).map(|j| (square(i) + square(j) - 2.0 * f64::from(row[j])).max(0.0)));
    }
    Kernel::from_distances(n, &pairs)
}

/// `I` of one group, and its gradient with respect to `z`.
fn estimate(u: &Kernel, v: &Kernel, z: &[f32], latent: usize, kind: Information) -> (f64, Vec<f64>) {
    let scale = 1.0 / ((u.n - 1) as f64).powi(2);
    let centred_u = u.centred();
    let xz = scale * inner(&centred_u, &v.values);
    match kind {
        Information::Hsic => (xz, gradient(v, &centred_u, scale, z, latent)),
        Information::ScaleFree => {
            let centred_v = v.centred();
            let xx = scale * inner(&centred_u, &u.values);
            let zz = scale * inner(&centred_v, &v.values);
            if xx * zz <= 0.0 {
                // One side does not vary: nothing depends on it.
                return (0.0, vec![0.0; z.len()]);
            }
            let value = xz / (xx * zz).sqrt();
            // d(xz/√(xx·zz)) = dxz/√(xx·zz) − value/(2 zz)·dzz, and dzz = 2·scale·⟨HVH, dV⟩.
            let weights: Vec<f64> =
                centred_u.iter().zip(&centred_v).map(|(cu, cv)| cu / (xx * zz).sqrt() - value / zz * cv).collect();
            (value, gradient(v, &weights, scale, z, latent))
        }
    }
}

/// Gradient with respect to the rows of `scale · ⟨weights, K⟩` for symmetric weights, median held fixed.
fn gradient(kernel: &Kernel, weights: &[f64], scale: f64, rows: &[f32], width: usize) -> Vec<f64> {
    if kernel.median == 0.0 {
        // Most points are equal, so the kernel does not depend on small moves.
        return vec![0.0; rows.len()];
    }
    // Σ_j f_ij (row_i − row_j) with f = strength · weights · K: each row by its sum, less a product.
    let strength = -4.0 * scale / kernel.median;
    let factors: Vec<f32> = weights.iter().zip(&kernel.values).map(|(w, k)| (strength * w * k) as f32).collect();
    let others = multiply(Side::Rows(&factors, kernel.n), Side::Columns(rows, width));
    let sums = factors.chunks_exact(kernel.n).map(|row| row.iter().copied().map(f64::from).sum::<f64>());
    let own = rows.chunks_exact(width).zip(sums).flat_map(|(row, sum)| row.iter().map(move |v| sum * f64::from(*v)));
    own.zip(others).map(|(own, others)| own - f64::from(others)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(n: usize, seed: f32) -> Vec<f32> {
        (0..n).map(|i| ((i as f32 + seed) * 12.9898).sin() * 1.7).collect()
    }

    /// The median is detached, so differences are taken with kernels of a fixed width.
    fn with_fixed_median(x: &[f32], z: &[f32], median: f64, kind: Information) -> f64 {
        let (u, mut v) = (Kernel::new(x, 5), Kernel::new(z, 3));
        let ratio = v.median / median;
        v.values.iter_mut().for_each(|k| *k = k.powf(ratio));
        v.median = median;
        estimate(&u, &v, z, 3, kind).0
    }

    #[test]
    fn gradients_match_finite_differences() {
        let (x, z) = (rows(40, 0.3), rows(24, 0.9));
        for kind in [Information::Hsic, Information::ScaleFree] {
            let v = Kernel::new(&z, 3);
            let (_, gradient) = estimate(&Kernel::new(&x, 5), &v, &z, 3, kind);
            for at in 0..z.len() {
                let step = 1.0 / 256.0;
                let moved = |by: f32| {
                    let mut z = z.clone();
                    z[at] += by;
                    with_fixed_median(&x, &z, v.median, kind)
                };
                let numeric = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
                assert!((numeric - gradient[at]).abs() < 1e-5, "{kind:?} at {at}: {numeric} against {}", gradient[at]);
            }
        }
    }

    #[test]
    fn distances_by_products_keep_their_digits_far_from_zero_and_equal_rows_equal() {
        // A hundred times further from zero than from each other, and some rows twice.
        let mut x: Vec<f32> = rows(35 * 24, 0.7).iter().map(|v| 170.0 + v).collect();
        x.extend_from_within(..4 * 24);
        let (ours, exact) = (kernel(&x, 24), Kernel::new(&x, 24));
        assert!((ours.median / exact.median - 1.0).abs() < 1e-5);
        assert!(ours.values.iter().zip(&exact.values).all(|(a, b)| (a - b).abs() < 1e-5));
        assert!((0..4).all(|i| ours.values[i * 39 + 35 + i] == 1.0), "equal rows are at distance zero");
        assert_eq!(kernel(&[0.1; 60], 3).median, 0.0);
    }

    #[test]
    fn identical_spaces_have_full_information_and_one_point_none() {
        let x = rows(60, 0.1);
        let same = mutual_information(&x, &x, 1, 3, 1.0, Information::ScaleFree);
        assert!((same.information[0] - 1.0).abs() < 1e-9);
        let constant = vec![0.5; 60];
        for kind in [Information::Hsic, Information::ScaleFree] {
            let none = mutual_information(&x, &constant, 2, 3, 1.0, kind);
            assert!(none.information.iter().all(|i| i.abs() < 1e-12));
            assert!(none.z_gradient.iter().all(|g| *g == 0.0));
        }
    }
}
