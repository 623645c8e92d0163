//! LETTER's collaborative loss (arXiv 2405.07314, section 3.2): the quantized latent of an item should be more like the
//! item's collaborative vector than like those of the other items in the batch.

use crate::base::parallel::map_items;
use crate::compute::cpu::gemm::{Side, multiply};

/// Rows that one thread takes at a time.
const ROWS: usize = 64;

/// The loss of a batch and its gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// `−mean_i ln softmax_j⟨ẑ_i, c_j⟩ [j = i]`, over the items that have a vector.
    pub loss: f64,
    /// `[items][latent]` gradient in `ẑ`; zero at items without a vector.
    pub gradient: Vec<f32>,
}

/// Loss of `z_hat [items][latent]` against `collaborative [items][latent]`, where zeros say that an item has no vector.
///
/// Items without one are left out, as targets and as what others are told apart from. Below two items there is nothing to
/// tell apart, and the loss is 0.
pub fn alignment(z_hat: &[f32], collaborative: &[f32], latent: usize) -> Alignment {
    let rows = || z_hat.chunks_exact(latent).zip(collaborative.chunks_exact(latent)).enumerate();
    let known: Vec<usize> = rows().filter(|(_, (_, c))| c.iter().any(|v| *v != 0.0)).map(|(i, _)| i).collect();
    let mut out = Alignment { loss: 0.0, gradient: vec![0.0; z_hat.len()] };
    let n = known.len();
    if n < 2 {
        return out;
    }
    let of = |values: &[f32]| known.iter().flat_map(|i| &values[i * latent..][..latent]).copied().collect::<Vec<f32>>();
    let (z_hat, collaborative) = (of(z_hat), of(collaborative));
    let mut similarities = multiply(Side::Rows(&z_hat, latent), Side::Rows(&collaborative, latent));
    // Rows are summed in their order, whatever thread they were on.
    let losses = map_items(similarities.chunks_mut(ROWS * n).enumerate().collect(), |(part, rows): (usize, &mut [f32])| {
        let of_row = |(i, row): (usize, &mut [f32])| {
            let loss = cross_entropy(row, part * ROWS + i);
            row.iter_mut().for_each(|p| *p /= n as f32);
            loss
        };
        rows.chunks_exact_mut(n).enumerate().map(of_row).collect::<Vec<f64>>()
    });
    out.loss = losses.into_iter().flatten().sum::<f64>() / n as f64;
    let gradient = multiply(Side::Rows(&similarities, n), Side::Columns(&collaborative, latent));
    for (i, row) in known.into_iter().zip(gradient.chunks_exact(latent)) {
        out.gradient[i * latent..][..latent].copy_from_slice(row);
    }
    out
}

/// `−ln softmax(logits)[target]`; leaves its gradient in the place of the logits. A logit of −∞ is no choice.
pub(super) fn cross_entropy(logits: &mut [f32], target: usize) -> f64 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let of_target = f64::from(logits[target] - max);
    logits.iter_mut().for_each(|l| *l = (*l - max).exp());
    let total: f64 = logits.iter().copied().map(f64::from).sum();
    logits.iter_mut().for_each(|p| *p = (f64::from(*p) / total) as f32);
    logits[target] -= 1.0;
    total.ln() - of_target
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENT: usize = 3;

    fn noise(n: usize, seed: f32) -> Vec<f32> {
        (0..n).map(|i| ((i as f32 + seed) * 12.9898).sin()).collect()
    }

    /// The definition in float64, over the items whose vector is not zero.
    fn reference(z_hat: &[f64], collaborative: &[f32]) -> f64 {
        let known: Vec<usize> =
            (0..z_hat.len() / LATENT).filter(|i| collaborative[i * LATENT..][..LATENT].iter().any(|v| *v != 0.0)).collect();
        let dot = |i: usize, j: usize| -> f64 {
            (0..LATENT).map(|d| z_hat[i * LATENT + d] * f64::from(collaborative[j * LATENT + d])).sum()
        };
        let of = |&i: &usize| known.iter().map(|&j| dot(i, j).exp()).sum::<f64>().ln() - dot(i, i);
        known.iter().map(of).sum::<f64>() / known.len() as f64
    }

    #[test]
    fn loss_and_gradient_match_float64_and_items_without_a_vector_count_for_nothing() {
        let (z_hat, mut collaborative) = (noise(7 * LATENT, 0.2), noise(7 * LATENT, 0.8));
        collaborative[2 * LATENT..3 * LATENT].fill(0.0);
        let ours = alignment(&z_hat, &collaborative, LATENT);
        let exact: Vec<f64> = z_hat.iter().copied().map(f64::from).collect();
        assert!((ours.loss - reference(&exact, &collaborative)).abs() < 1e-6);
        for (at, ours) in ours.gradient.iter().enumerate() {
            let moved = |by: f64| {
                let mut z = exact.clone();
                z[at] += by;
                reference(&z, &collaborative)
            };
            let numeric = (moved(1e-5) - moved(-1e-5)) / 2e-5;
            assert!((numeric - f64::from(*ours)).abs() < 1e-6, "at {at}: {ours} for {numeric}");
        }
        assert!(ours.gradient[2 * LATENT..3 * LATENT].iter().all(|g| *g == 0.0));
    }

    #[test]
    fn a_single_vector_is_aligned_with_nothing() {
        let mut collaborative = vec![0.0; 4 * LATENT];
        collaborative[0] = 1.0;
        let none = alignment(&noise(4 * LATENT, 0.4), &collaborative, LATENT);
        assert_eq!((none.loss, none.gradient), (0.0, vec![0.0; 4 * LATENT]));
    }
}
