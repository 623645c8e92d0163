//! LC-Rec's uniform semantic mapping (arXiv 2311.09049, section 3.2.2): the codes of one level are assigned to a batch by
//! entropic optimal transport (Sinkhorn), so that every code takes an equal share of it.

use crate::base::parallel::map_chunks;
use crate::compute::cpu::gemm::{Side, multiply};

/// Weight of the entropy, where squared distances are mapped to [−1, 1]; as in LC-Rec.
const EPSILON: f64 = 0.003;
/// Scaling iterations, as in LC-Rec.
const ITERATIONS: usize = 50;
/// Rows that one thread takes at a time.
const ROWS: usize = 64;

/// The code of each of `rows [n][latent]` that holds most of the row's mass in the transport plan; of equal ones the first.
pub fn balanced_codes(rows: &[f32], codebook: &[f32], latent: usize) -> Vec<u32> {
    let codes = codebook.len() / latent;
    let kernel = kernel(rows, codebook, latent);
    let share = (rows.len() / latent) as f64 / codes as f64;
    let mut scale = vec![1.0; codes];
    for _ in 0..ITERATIONS {
        let masses = column_masses(&kernel, &scale);
        // A column without any mass lies beyond the range of floats from every row.
        scale.iter_mut().zip(masses).for_each(|(v, mass)| *v = if mass > 0.0 { share / mass } else { *v });
    }
    let heaviest = |row: &[f64]| {
        let mass = |code: usize| row[code] * scale[code];
        (0..codes).reduce(|a, b| if mass(b) > mass(a) { b } else { a }).expect("a codebook has codes") as u32
    };
    kernel.chunks_exact(codes).map(heaviest).collect()
}

/// `[n][codes]` `exp(−d / ε)`, with the batch's squared distances `d` mapped to [−1, 1].
fn kernel(rows: &[f32], codebook: &[f32], latent: usize) -> Vec<f64> {
    let squared_norms = |rows: &[f32]| -> Vec<f64> {
        rows.chunks_exact(latent).map(|row| row.iter().map(|v| f64::from(*v).powi(2)).sum()).collect()
    };
    let (of_rows, of_codes) = (squared_norms(rows), squared_norms(codebook));
    let products = multiply(Side::Rows(rows, latent), Side::Rows(codebook, latent));
    let mut distances = Vec::with_capacity(products.len());
    for (products, of_row) in products.chunks_exact(of_codes.len()).zip(of_rows) {
        distances.extend(products.iter().zip(&of_codes).map(|(p, of_code)| of_row + of_code - 2.0 * f64::from(*p)));
    }
    let (least, most) = distances.iter().fold((f64::MAX, f64::MIN), |(least, most), d| (least.min(*d), most.max(*d)));
    let (middle, amplitude) = ((most + least) / 2.0, (most - least) / 2.0 + 1e-5);
    map_chunks(&distances, ROWS * of_codes.len(), |part| {
        part.iter().map(|d| (-(d - middle) / amplitude / EPSILON).exp()).collect::<Vec<f64>>()
    })
    .concat()
}

/// Mass of every column once the columns are scaled by `scale` and each row is then scaled to a mass of 1, less the factor
/// `scale` itself. Threads add up parts of fixed rows, in their order.
fn column_masses(kernel: &[f64], scale: &[f64]) -> Vec<f64> {
    let codes = scale.len();
    let parts = map_chunks(kernel, ROWS * codes, |rows| {
        let mut masses = vec![0.0; codes];
        for row in rows.chunks_exact(codes) {
            let of_row = 1.0 / dot(row, scale);
            masses.iter_mut().zip(row).for_each(|(mass, k)| *mass += of_row * k);
        }
        masses
    });
    parts.iter().fold(vec![0.0; codes], |mut sum, part| {
        sum.iter_mut().zip(part).for_each(|(s, v)| *s += v);
        sum
    })
}

/// In eight sums, which the processor adds side by side.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (wholes_a, rest_a) = a.as_chunks::<LANES>();
    let (wholes_b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in wholes_a.iter().zip(wholes_b) {
        sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += a * b);
    }
    sums.iter().sum::<f64>() + rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, seed: f32) -> Vec<f32> {
        (0..n).map(|i| ((i as f32 + seed) * 12.9898).sin()).collect()
    }

    /// The plan by its definition: rows and columns of the kernel normalised in turn.
    fn reference(rows: &[f32], codebook: &[f32], latent: usize) -> Vec<u32> {
        let codes = codebook.len() / latent;
        let mut plan = kernel(rows, codebook, latent);
        for _ in 0..ITERATIONS {
            for row in plan.chunks_exact_mut(codes) {
                let sum: f64 = row.iter().sum();
                row.iter_mut().for_each(|p| *p /= sum);
            }
            for code in 0..codes {
                let sum: f64 = plan.iter().skip(code).step_by(codes).sum();
                plan.iter_mut().skip(code).step_by(codes).for_each(|p| *p /= sum);
            }
        }
        let heaviest = |row: &[f64]| (0..codes).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap() as u32;
        plan.chunks_exact(codes).map(heaviest).collect()
    }

    fn largest_share(codes: &[u32]) -> usize {
        (0..9).map(|code| codes.iter().filter(|&&c| c == code).count()).max().unwrap()
    }

    #[test]
    fn codes_are_those_of_the_plan_and_far_more_even_than_the_nearest() {
        // Most rows are nearest to the first codes.
        let (rows, codebook) = (noise(180 * 3, 0.3).iter().map(|v| v * 0.3).collect::<Vec<f32>>(), noise(9 * 3, 0.8));
        let codes = balanced_codes(&rows, &codebook, 3);
        assert_eq!(codes, reference(&rows, &codebook, 3));
        let squared =
            |row: &[f32], code: usize| -> f32 { row.iter().zip(&codebook[code * 3..]).map(|(a, b)| (a - b).powi(2)).sum() };
        let nearest = |row: &[f32]| (0..9).min_by(|&a, &b| squared(row, a).total_cmp(&squared(row, b))).unwrap() as u32;
        let nearest: Vec<u32> = rows.chunks_exact(3).map(nearest).collect();
        let (balanced, nearest) = (largest_share(&codes), largest_share(&nearest));
        assert!(2 * balanced < nearest, "{balanced} of 180 against {nearest}");
    }

    #[test]
    fn a_plan_far_outside_the_range_of_floats_still_gives_codes() {
        let codebook = vec![0.0, 1e-3, 1e15, 2e15];
        let codes = balanced_codes(&[0.0, 1e-3, 0.0, 1e15], &codebook, 1);
        assert!(codes.iter().all(|&code| code < 4) && codes[3] >= 2, "{codes:?}");
        assert_eq!(balanced_codes(&[0.5; 8], &[0.5; 4], 1).len(), 8);
    }
}
