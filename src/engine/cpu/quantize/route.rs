//! The choice of experts.

use crate::base::sort::ordered;

/// Softmax of router logits and the `n` most probable experts, the lowest index first on a tie.
pub fn route(logits: &[f32], n: usize) -> Vec<(u32, f32)> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = logits.iter().map(|s| (s - max).exp()).collect();
    let total: f32 = exps.iter().sum();
    let order = ordered(logits.len(), &|a, b| logits[b].total_cmp(&logits[a]));
    order.into_iter().take(n).map(|k| (k, exps[k as usize] / total)).collect()
}
