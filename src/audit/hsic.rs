//! The Hilbert–Schmidt independence criterion between inputs and latents (SPEC, section 1).

use crate::engine::cpu::map_chunks;

/// HSIC of one group of items.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Hsic {
    /// `Tr(U H V H)/(n−1)²`, biased, Gaussian kernels.
    pub value: f64,
    /// `HSIC(X,Z)/√(HSIC(X,X)·HSIC(Z,Z))`, in [0, 1]; 0 where one side does not vary.
    pub scale_free: f64,
}

/// HSIC between rows `x` and `z` of the same items, widths given. Needs `n²` floats: the caller
/// chooses `n` (at most 1000 in reports), the same for groups that are compared.
///
/// Kernels are `exp(−‖a−b‖²/m)` with `m` the lower median of squared distances over pairs.
pub fn hsic(x: &[f32], x_width: usize, z: &[f32], z_width: usize) -> Hsic {
    let n = x.len() / x_width;
    if n < 2 {
        return Hsic { value: 0.0, scale_free: 0.0 };
    }
    let (u, v) = (centred_kernel(x, x_width), centred_kernel(z, z_width));
    let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let value = inner(&u, &v) / ((n - 1) as f64).powi(2);
    let scale = (inner(&u, &u) * inner(&v, &v)).sqrt();
    Hsic { value, scale_free: if scale > 0.0 { inner(&u, &v) / scale } else { 0.0 } }
}

/// `H K H`. With one side centred the trace would be the same; with both, so are the norms.
fn centred_kernel(rows: &[f32], width: usize) -> Vec<f64> {
    let n = rows.len() / width;
    let mut kernel = squared_distances(rows, width);
    let median = lower_median(&kernel, n);
    for distance in &mut kernel {
        // Half of the pairs at distance 0: the limit of the kernel for small m.
        *distance = if median > 0.0 { (-*distance / median).exp() } else { f64::from(u8::from(*distance == 0.0)) };
    }
    let means: Vec<f64> = kernel.chunks_exact(n).map(|row| row.iter().sum::<f64>() / n as f64).collect();
    let total = means.iter().sum::<f64>() / n as f64;
    for (i, row) in kernel.chunks_exact_mut(n).enumerate() {
        row.iter_mut().zip(&means).for_each(|(k, mean)| *k += total - means[i] - mean);
    }
    kernel
}

/// `[n][n]` squared distances.
fn squared_distances(rows: &[f32], width: usize) -> Vec<f64> {
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| (f64::from(*x) - f64::from(*y)).powi(2)).sum::<f64>();
    let of = |part: &[f32]| -> Vec<f64> {
        part.chunks_exact(width).flat_map(|a| rows.chunks_exact(width).map(move |b| distance(a, b))).collect()
    };
    map_chunks(rows, 16 * width, of).concat()
}

/// Lower median over pairs `i < j`.
fn lower_median(distances: &[f64], n: usize) -> f64 {
    let mut pairs: Vec<f64> = (0..n).flat_map(|i| distances[i * n + i + 1..(i + 1) * n].iter().copied()).collect();
    let middle = (pairs.len() - 1) / 2;
    *pairs.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_items_by_hand() {
        // Both kernels are [[1, 1/e], [1/e, 1]], whatever the distances: Tr = (1 − 1/e)².
        let hsic = hsic(&[0.0, 0.0, 3.0, 4.0], 2, &[1.0, -1.0], 1);
        assert!((hsic.value - (1.0 - (-1.0f64).exp()).powi(2)).abs() < 1e-12);
        assert!((hsic.scale_free - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_compare_is_zero() {
        assert_eq!(hsic(&[1.0, 2.0], 2, &[1.0], 1).value, 0.0);
        assert_eq!(hsic(&[1.0, 2.0, 3.0], 1, &[5.0; 3], 1), Hsic { value: 0.0, scale_free: 0.0 });
    }
}
