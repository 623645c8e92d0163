//! Turning vectors of one space into another: the orthogonal Procrustes problem (Schönemann 1966).

use crate::base::parallel::map_chunks;
use crate::base::spectrum::eigenvectors;

/// Rows that one thread takes at a time.
const ROWS: usize = 256;
/// Directions of less than this share of the strongest one's squared weight are left out: they are noise.
const NOISE: f64 = 1e-12;

/// The rotation `R [narrow][wide]`, with orthonormal rows, for which `Σ ‖s R − x‖²` over pairs of rows `s [narrow]` and
/// `x [wide]` is least.
pub fn rotation(s: &[f32], narrow: usize, x: &[f32], wide: usize) -> Vec<f64> {
    let pairs: Vec<(&[f32], &[f32])> = s.chunks_exact(narrow).zip(x.chunks_exact(wide)).collect();
    let parts = map_chunks(&pairs, ROWS, |pairs| {
        let mut sum = vec![0.0; narrow * wide];
        for (s, x) in pairs {
            for (s, sums) in s.iter().zip(sum.chunks_exact_mut(wide)) {
                sums.iter_mut().zip(*x).for_each(|(sum, x)| *sum += f64::from(*s) * f64::from(*x));
            }
        }
        sum
    });
    let mut product = vec![0.0; narrow * wide];
    parts.iter().for_each(|part| product.iter_mut().zip(part).for_each(|(sum, v)| *sum += v));
    polar(&product, narrow, wide)
}

/// The orthogonal factor of `m [narrow][wide]`: `(m mᵀ)^(−1/2) m`.
fn polar(m: &[f64], narrow: usize, wide: usize) -> Vec<f64> {
    let rows: Vec<&[f64]> = m.chunks_exact(wide).collect();
    let gram: Vec<f64> =
        rows.iter().flat_map(|a| rows.iter().map(|b| a.iter().zip(*b).map(|(a, b)| a * b).sum::<f64>())).collect();
    let spectrum = eigenvectors(&gram, narrow);
    let floor = NOISE * spectrum.values.first().map_or(0.0, |v| v.abs());
    let mut factor = vec![0.0; narrow * wide];
    for (value, vector) in spectrum.values.iter().zip(&spectrum.vectors).filter(|(value, _)| **value > floor) {
        let mut image = vec![0.0; wide];
        for (weight, row) in vector.iter().zip(&rows) {
            image.iter_mut().zip(*row).for_each(|(sum, v)| *sum += weight * v);
        }
        for (weight, out) in vector.iter().zip(factor.chunks_exact_mut(wide)) {
            let weight = weight / value.sqrt();
            out.iter_mut().zip(&image).for_each(|(sum, v)| *sum += weight * v);
        }
    }
    factor
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    #[test]
    fn a_rotation_is_found_again() {
        // Any matrix has an orthogonal factor; rows turned by it must lead back to it.
        let (narrow, wide) = (3, 7);
        let hidden = polar(&noise(narrow * wide, 1).iter().map(|v| f64::from(*v)).collect::<Vec<_>>(), narrow, wide);
        let s = noise(50 * narrow, 2);
        let turned = |s: &[f32]| -> Vec<f32> {
            (0..wide)
                .map(|j| s.iter().enumerate().map(|(i, s)| f64::from(*s) * hidden[i * wide + j]).sum::<f64>() as f32)
                .collect()
        };
        let x: Vec<f32> = s.chunks_exact(narrow).flat_map(turned).collect();
        let found = rotation(&s, narrow, &x, wide);
        assert!(found.iter().zip(&hidden).all(|(a, b)| (a - b).abs() < 1e-5));
        for (i, a) in found.chunks_exact(wide).enumerate() {
            for (j, b) in found.chunks_exact(wide).enumerate() {
                let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
                assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-9);
            }
        }
    }
}
