//! Eigenvectors of symmetric matrices, in float64: all of a small one, the leading ones of a large one.

use super::parallel::map_items;
use super::sort::ordered;

/// Vectors that the iteration carries beyond those asked for: the leading ones settle the faster.
const SPARE: usize = 16;
/// Products with the matrix. The co-occurrence of a catalogue settles in fewer.
const ITERATIONS: usize = 12;
/// Sweeps after which Jacobi's method has long converged.
const SWEEPS: usize = 30;

/// Eigenvalues by decreasing size, whatever their sign, and their unit eigenvectors in rows `[values][size]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// The eigenvalues.
    pub values: Vec<f64>,
    /// The vectors, each with its largest entry positive.
    pub vectors: Vec<Vec<f64>>,
}

/// The `count` leading eigenvectors of a symmetric `size`×`size` matrix that is known by its product with a vector, by
/// subspace iteration from `start`, which yields numbers without a pattern. The same on any number of threads.
pub fn leading(
    size: usize,
    count: usize,
    mut start: impl FnMut() -> f64,
    multiply: impl Fn(&[f64]) -> Vec<f64> + Sync + Send,
) -> Spectrum {
    let count = count.min(size);
    let carried = (count + SPARE).min(size);
    let mut basis: Vec<Vec<f64>> = (0..carried).map(|_| (0..size).map(|_| start()).collect()).collect();
    orthonormalize(&mut basis);
    for _ in 0..ITERATIONS {
        basis = map_items(basis, |vector| multiply(&vector));
        orthonormalize(&mut basis);
    }
    let images = map_items(basis.iter().collect(), |vector: &Vec<f64>| multiply(vector));
    let projected: Vec<f64> = basis.iter().flat_map(|a| images.iter().map(|b| dot(a, b))).collect();
    let small = eigenvectors(&projected, carried);
    let combine = |weights: &Vec<f64>| {
        let mut vector = vec![0.0; size];
        for (weight, row) in weights.iter().zip(&basis) {
            add_scaled(&mut vector, *weight, row);
        }
        with_positive_peak(vector)
    };
    Spectrum { values: small.values[..count].to_vec(), vectors: map_items(small.vectors.iter().take(count).collect(), combine) }
}

/// All eigenvectors of the symmetric `matrix [size][size]`, by Jacobi's rotations.
pub fn eigenvectors(matrix: &[f64], size: usize) -> Spectrum {
    let mut a = matrix.to_vec();
    let mut vectors: Vec<Vec<f64>> = (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let scale: f64 = a.iter().map(|v| v * v).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..size).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i * size + j].powi(2)).sum();
        if off <= 1e-28 * scale {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(&mut a, &mut vectors, size, p, q);
            }
        }
    }
    let order = ordered(size, &|i, j| a[j * size + j].abs().total_cmp(&a[i * size + i].abs()));
    let order = || order.iter().map(|&i| i as usize);
    Spectrum {
        values: order().map(|i| a[i * size + i]).collect(),
        vectors: order().map(|i| with_positive_peak(std::mem::take(&mut vectors[i]))).collect(),
    }
}

/// Makes entry `(p, q)` of `a` zero by a rotation of rows and columns `p` and `q`, and of the two vectors.
fn rotate(a: &mut [f64], vectors: &mut [Vec<f64>], size: usize, p: usize, q: usize) {
    let off = a[p * size + q];
    if off == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * off);
    let tangent = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for i in 0..size {
        let (x, y) = (a[i * size + p], a[i * size + q]);
        (a[i * size + p], a[i * size + q]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    for i in 0..size {
        let (x, y) = (a[p * size + i], a[q * size + i]);
        (a[p * size + i], a[q * size + i]) = (cosine * x - sine * y, sine * x + cosine * y);
    }
    let (head, tail) = vectors.split_at_mut(q);
    for (x, y) in head[p].iter_mut().zip(&mut tail[0]) {
        (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
    }
}

/// Modified Gram–Schmidt, twice, so that rounding leaves nothing over. A vector that depends on those before it becomes zero.
fn orthonormalize(basis: &mut [Vec<f64>]) {
    for i in 0..basis.len() {
        let (before, rest) = basis.split_at_mut(i);
        let vector = &mut rest[0];
        let length = dot(vector, vector).sqrt();
        for _ in 0..2 {
            for other in before.iter() {
                let along = dot(other, vector);
                add_scaled(vector, -along, other);
            }
        }
        let norm = dot(vector, vector).sqrt();
        let factor = if norm > 1e-12 * length { 1.0 / norm } else { 0.0 };
        vector.iter_mut().for_each(|v| *v *= factor);
    }
}

fn with_positive_peak(mut vector: Vec<f64>) -> Vec<f64> {
    let peak = vector.iter().copied().fold(0.0f64, |peak, v| if v.abs() > peak.abs() { v } else { peak });
    if peak < 0.0 {
        vector.iter_mut().for_each(|v| *v = -*v);
    }
    vector
}

fn add_scaled(sum: &mut [f64], factor: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += factor * v);
}

/// In eight sums side by side, for vector units.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        (0..8).for_each(|i| lanes[i] += a[i] * b[i]);
    }
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{self, Random};

    fn noise(n: usize, seed: u32) -> Vec<f64> {
        random::noise(n, seed).into_iter().map(f64::from).collect()
    }

    fn product(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
        matrix.chunks_exact(vector.len()).map(|row| dot(row, vector)).collect()
    }

    fn check(matrix: &[f64], spectrum: &Spectrum) {
        for (i, (value, vector)) in spectrum.values.iter().zip(&spectrum.vectors).enumerate() {
            let image = product(matrix, vector);
            assert!(image.iter().zip(vector).all(|(a, b)| (a - value * b).abs() < 1e-8), "vector {i}");
            for (j, other) in spectrum.vectors.iter().enumerate() {
                assert!((dot(vector, other) - f64::from(u8::from(i == j))).abs() < 1e-9, "{i} and {j}");
            }
        }
        assert!(spectrum.values.windows(2).all(|pair| pair[0].abs() >= pair[1].abs()));
    }

    #[test]
    fn jacobi_finds_every_eigenvector() {
        let n = 9;
        let half = noise(n * n, 1);
        let matrix: Vec<f64> = (0..n * n).map(|at| half[at] + half[at % n * n + at / n]).collect();
        let spectrum = eigenvectors(&matrix, n);
        check(&matrix, &spectrum);
        let trace: f64 = (0..n).map(|i| matrix[i * n + i]).sum();
        assert!((spectrum.values.iter().sum::<f64>() - trace).abs() < 1e-9);
    }

    #[test]
    fn iteration_finds_the_leading_ones_of_either_sign_and_survives_a_low_rank() {
        // Of rank 3: eigenvalues 5, −4 and 2 on orthonormal vectors.
        let n = 60;
        let mut basis: Vec<Vec<f64>> = (0..3).map(|k| noise(n, k)).collect();
        orthonormalize(&mut basis);
        let entry = |i: usize, j: usize| [5.0, -4.0, 2.0].iter().zip(&basis).map(|(l, v)| l * v[i] * v[j]).sum::<f64>();
        let matrix: Vec<f64> = (0..n * n).map(|at| entry(at / n, at % n)).collect();
        let mut random = Random::new(9);
        let spectrum = leading(n, 3, || f64::from(random.centred()), |vector| product(&matrix, vector));
        check(&matrix, &spectrum);
        assert!(spectrum.values.iter().zip([5.0, -4.0, 2.0]).all(|(a, b)| (a - b).abs() < 1e-9), "{:?}", spectrum.values);
    }
}
