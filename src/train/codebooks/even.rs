//! Lloyd's algorithm for a codebook whose codes are used alike: in every round rows are assigned by entropic optimal transport
//! (Sinkhorn; Cuturi 2013, arXiv 1306.0895), so that each code takes an equal share of them.
//!
//! Residuals have no clusters. Plain k-means gives most of them to a few codes near zero and single rows to the rest, and
//! tokens that are seen once teach a recommender nothing. Codes that are fitted to equal shares stay nearly even when rows
//! take their nearest code afterwards, at the same distortion.

use super::means::move_to_means;
use crate::base::parallel::{each_chunk, map_chunks};
use crate::base::sums::sum_in_lanes;
use crate::compute::cpu::gemm::{Side, multiply};

/// Weight of the entropy, as a share of the mean squared distance of a row and a code.
const EPSILON: f64 = 0.05;
/// Scalings of the plan a round. A round goes on from the last one's.
const SCALINGS: usize = 5;
/// Rows a code that are enough to fit it: beyond them, a plan would only take memory.
const ROWS_A_CODE: usize = 256;
/// Rows that one thread takes at a time.
const ROWS: usize = 64;
/// Mass below which a column is out of all rows' reach, so that scales stay numbers.
const NO_MASS: f32 = 1e-30;

/// Fits `codebook [codes][latent]` to `rows [items][latent]` in place.
pub fn fit(rows: &[f32], latent: usize, codebook: &mut [f32], iterations: usize) {
    let codes = codebook.len() / latent;
    let rows = spread(rows, latent, codes * ROWS_A_CODE);
    let mut scales = vec![1.0; codes];
    for _ in 0..iterations {
        let kernel = kernel(&rows, latent, codebook);
        for _ in 0..SCALINGS {
            scale_columns(&kernel, &mut scales);
        }
        move_to_means(&rows, latent, codebook, &heaviest(&kernel, &scales));
    }
}

/// At most `most` of the rows, from beginning to end.
fn spread(rows: &[f32], latent: usize, most: usize) -> Vec<f32> {
    let items = rows.len() / latent;
    if items <= most {
        return rows.to_vec();
    }
    (0..most).flat_map(|i| &rows[i * items / most * latent..][..latent]).copied().collect()
}

/// `[rows][codes]` `exp(−(d − d_min) / ε)`, where `d` are squared distances and `d_min` is the row's least.
fn kernel(rows: &[f32], latent: usize, codebook: &[f32]) -> Vec<f32> {
    let squared_norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>();
    let of_codes: Vec<f32> = codebook.chunks_exact(latent).map(squared_norm).collect();
    let mut kernel = multiply(Side::Rows(rows, latent), Side::Rows(codebook, latent));
    let mean_norms = mean(rows.chunks_exact(latent).map(squared_norm)) + mean(of_codes.iter().copied());
    let mean_distance = mean_norms - 2.0 * mean(kernel.iter().copied());
    let by = -1.0 / (EPSILON * mean_distance.max(f64::from(f32::MIN_POSITIVE))) as f32;
    each_chunk(&mut kernel, ROWS * of_codes.len(), false, |_, products| {
        for row in products.chunks_exact_mut(of_codes.len()) {
            row.iter_mut().zip(&of_codes).for_each(|(value, of_code)| *value = of_code - 2.0 * *value);
            let least = row.iter().copied().fold(f32::INFINITY, f32::min);
            row.iter_mut().for_each(|value| *value = ((*value - least) * by).exp());
        }
    });
    kernel
}

fn mean(values: impl ExactSizeIterator<Item = f32>) -> f64 {
    let n = values.len() as f64;
    values.map(f64::from).sum::<f64>() / n
}

/// One step of Sinkhorn's algorithm: rows get a mass of 1 each, then columns equal shares of the whole.
fn scale_columns(kernel: &[f32], scales: &mut [f32]) {
    let codes = scales.len();
    let parts = map_chunks(kernel, ROWS * codes, |rows| {
        let mut masses = vec![0.0f32; codes];
        for row in rows.chunks_exact(codes) {
            let of_row = 1.0 / mass(row, scales).max(NO_MASS);
            masses.iter_mut().zip(row).for_each(|(mass, value)| *mass += of_row * value);
        }
        masses
    });
    let share = (kernel.len() / codes) as f64 / codes as f64;
    for (code, scale) in scales.iter_mut().enumerate() {
        let mass: f64 = parts.iter().map(|masses| f64::from(masses[code])).sum();
        *scale = (share / mass.max(f64::from(NO_MASS))) as f32;
    }
}

/// `Σ row · scales`, in lanes.
fn mass(row: &[f32], scales: &[f32]) -> f32 {
    let (lanes, rest) = sum_in_lanes::<f32, 16>(row, scales, |value, scale| value * scale);
    lanes.iter().sum::<f32>() + rest
}

/// The code of every row that has most of its mass; of equal ones the first.
fn heaviest(kernel: &[f32], scales: &[f32]) -> Vec<u32> {
    let codes = scales.len();
    let of_row = |row: &[f32]| {
        let mass = |code: usize| row[code] * scales[code];
        (1..codes).fold(0, |best, code| if mass(code) > mass(best) { code } else { best }) as u32
    };
    map_chunks(kernel, ROWS * codes, |rows| rows.chunks_exact(codes).map(of_row).collect::<Vec<_>>()).concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::seed::generator;
    use crate::train::codebooks::kmeans::{nearest, random_start};

    /// Rows as residuals are: dense in the middle, without clusters, in eight dimensions.
    fn residuals(n: usize) -> Vec<f32> {
        let noise = |i: usize, d: usize| ((i * 8 + d) as f32 * 12.9898).sin() * 43_758.547;
        let row = |i: usize| (0..8).map(move |d| (noise(i, d).fract()) * (1.0 + noise(i, 8).fract().powi(4) * 6.0));
        (0..n).flat_map(row).collect()
    }

    fn largest_use(rows: &[f32], codebook: &[f32], codes: usize) -> usize {
        let nearest = nearest(rows, 8, codebook);
        (0..codes).map(|code| nearest.iter().filter(|&&c| c as usize == code).count()).max().unwrap()
    }

    #[test]
    fn nearest_codes_are_far_more_even_than_those_of_k_means() {
        let rows = residuals(3000);
        let start = random_start(&rows, 8, 64, &mut generator(1, "test", 0));
        let (mut even, mut plain) = (start.clone(), start);
        fit(&rows, 8, &mut even, 20);
        crate::train::codebooks::kmeans::fit(&rows, 8, &mut plain, 20);
        let (even, plain) = (largest_use(&rows, &even, 64), largest_use(&rows, &plain, 64));
        assert!(even < 2 * 3000 / 64 && 2 * even < plain, "{even} of 3000 against {plain}");
    }

    #[test]
    fn equal_rows_and_rows_far_apart_give_codes_that_are_numbers() {
        for rows in [vec![0.5; 80], vec![0.0; 80], residuals(10).iter().map(|v| v * 1e15).collect()] {
            let mut codebook = rows[..32].to_vec();
            fit(&rows, 8, &mut codebook, 5);
            assert!(codebook.iter().all(|v| v.is_finite()), "{codebook:?}");
        }
    }

    #[test]
    fn many_rows_are_spread_over_the_whole() {
        let rows: Vec<f32> = (0..10).map(|i| i as f32).collect();
        assert_eq!(spread(&rows, 1, 4), [0.0, 2.0, 5.0, 7.0]);
        assert_eq!(spread(&rows, 2, 5), rows);
    }
}
