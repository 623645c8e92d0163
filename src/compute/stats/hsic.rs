//! The Hilbert–Schmidt independence criterion (HSIC) between inputs and latents (METHOD.md, Losses).

use crate::base::parallel::map_chunks;
use crate::base::sums::sum_in_lanes;

/// HSIC of one group of items.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Hsic {
    /// `Tr(U H V H)/(n−1)²` with Gaussian kernels `U` and `V`: the biased estimate.
    pub value: f64,
    /// `HSIC(X,Z)/√(HSIC(X,X)·HSIC(Z,Z))`, in [0, 1]; 0 where one side does not vary.
    pub scale_free: f64,
}

/// HSIC between the rows `x [n][x_width]` and `z [n][z_width]` of the same `n` items; 0 for fewer than two items.
///
/// Kernels are `exp(−‖a−b‖²/m)`, with `m` the lower median of the squared distances over pairs. The estimate depends on
/// `n`, so groups that are compared must have the same; memory grows with `n²`.
pub fn hsic(x: &[f32], x_width: usize, z: &[f32], z_width: usize) -> Hsic {
    let n = x.len() / x_width;
    if n < 2 {
        return Hsic { value: 0.0, scale_free: 0.0 };
    }
    let (u, v) = (Kernel::new(x, x_width).centred(), Kernel::new(z, z_width).centred());
    let value = inner(&u, &v) / ((n - 1) as f64).powi(2);
    let scale = (inner(&u, &u) * inner(&v, &v)).sqrt();
    Hsic { value, scale_free: if scale > 0.0 { inner(&u, &v) / scale } else { 0.0 } }
}

/// `Σ a·b`: for symmetric matrices the trace of their product.
pub fn inner(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A Gaussian kernel matrix over the rows of a group.
#[derive(Debug, Clone)]
pub struct Kernel {
    /// Number of rows.
    pub n: usize,
    /// The kernel's width `m`: 0 where half of the pairs or more are equal.
    pub median: f64,
    /// The kernel of each pair of rows, `[n][n]`.
    pub values: Vec<f64>,
}

impl Kernel {
    /// The kernel of `rows [n][width]`, at least two of them.
    pub fn new(rows: &[f32], width: usize) -> Self {
        Self::from_distances(rows.len() / width, &pair_distances(rows, width))
    }

    /// The kernel of `n` rows, at least two, from the squared distances of all pairs `j < i`, row after row.
    pub fn from_distances(n: usize, pairs: &[f64]) -> Self {
        let middle = (pairs.len() - 1) / 2;
        let median = *pairs.to_vec().select_nth_unstable_by(middle, f64::total_cmp).1;
        let mut values = vec![1.0; n * n];
        let mut pairs = pairs.iter();
        for i in 1..n {
            for (j, &distance) in (0..i).zip(&mut pairs) {
                // With a median of 0, the kernel's limit for small m.
                let value = if median > 0.0 { (-distance / median).exp() } else { f64::from(u8::from(distance == 0.0)) };
                values[i * n + j] = value;
                values[j * n + i] = value;
            }
        }
        Self { n, median, values }
    }

    /// `H K H` with `H = I − 11ᵀ/n`. For the trace it would be enough to centre one of two kernels; the norms in the
    /// scale-free form need both.
    pub fn centred(&self) -> Vec<f64> {
        let n = self.n;
        let means: Vec<f64> = self.values.chunks_exact(n).map(|row| row.iter().sum::<f64>() / n as f64).collect();
        let grand_mean = means.iter().sum::<f64>() / n as f64;
        let mut centred = self.values.clone();
        for (row, row_mean) in centred.chunks_exact_mut(n).zip(&means) {
            row.iter_mut().zip(&means).for_each(|(k, column_mean)| *k += grand_mean - row_mean - column_mean);
        }
        centred
    }
}

/// Squared distances of all pairs `j < i`, row after row.
fn pair_distances(rows: &[f32], width: usize) -> Vec<f64> {
    let row = |i: usize| &rows[i * width..(i + 1) * width];
    let indices: Vec<usize> = (1..rows.len() / width).collect();
    let distances = |part: &[usize]| -> Vec<f64> {
        part.iter().flat_map(|&i| (0..i).map(move |j| squared_distance(row(i), row(j)))).collect()
    };
    map_chunks(&indices, 16, distances).concat()
}

/// `‖a − b‖²`, in f32: the rounding error is far below the estimate's noise.
fn squared_distance(a: &[f32], b: &[f32]) -> f64 {
    let (lanes, rest): ([f32; 8], f32) = sum_in_lanes(a, b, |a, b| (a - b) * (a - b));
    lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>() + f64::from(rest)
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
    fn too_few_or_equal_rows_give_zero() {
        assert_eq!(hsic(&[1.0, 2.0], 2, &[1.0], 1).value, 0.0);
        assert_eq!(hsic(&[1.0, 2.0, 3.0], 1, &[5.0; 3], 1), Hsic { value: 0.0, scale_free: 0.0 });
    }
}
