//! The choice of experts (METHOD.md, 1.2).

use crate::base::sort::ordered;

/// The `n` most probable experts and their gates, the softmax of router `logits`; on a tie the lower index comes first.
pub fn route(logits: &[f32], n: usize) -> Vec<(u32, f32)> {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let exps: Vec<f32> = logits.iter().map(|s| (s - max).exp()).collect();
    let total: f32 = exps.iter().sum();
    let order = ordered(logits.len(), &|a, b| logits[b].total_cmp(&logits[a]));
    order.into_iter().take(n).map(|k| (k, exps[k as usize] / total)).collect()
}
