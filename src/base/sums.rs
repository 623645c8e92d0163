//! Sums in lanes: an order of addition that suits vector units and is the same on every machine.

use std::iter::Sum;
use std::ops::AddAssign;

/// `Σ term(a, b)` over pairs of values: `LANES` partial sums, which the compiler keeps in vector registers, and the sum
/// over the last pairs, too few for all lanes. The caller adds them up.
///
/// Always inlined: in the page's module, which is compiled for size, a call for each row would cost more than the sum.
#[inline(always)]
pub fn sum_in_lanes<T: Copy + Default + AddAssign + Sum, const LANES: usize>(
    a: &[f32],
    b: &[f32],
    term: impl Fn(f32, f32) -> T,
) -> ([T; LANES], T) {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let mut lanes = [T::default(); LANES];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            lanes[lane] += term(a[lane], b[lane]);
        }
    }
    (lanes, a_rest.iter().zip(b_rest).map(|(a, b)| term(*a, *b)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_counts_once_whatever_the_length() {
        for length in [0, 1, 7, 8, 9, 64, 67] {
            let values: Vec<f32> = (0..length).map(|i| i as f32).collect();
            let (lanes, rest): ([f64; 8], f64) = sum_in_lanes(&values, &values, |a, b| f64::from(a) + f64::from(b));
            assert_eq!(lanes.iter().sum::<f64>() + rest, (length * length) as f64 - length as f64);
        }
    }
}
