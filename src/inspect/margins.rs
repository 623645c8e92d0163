//! How sure each item's codes are, and how much of it they describe.

use crate::engine::Tokenized;

/// `[items]` level and size of the least relative margin among the levels of the top expert: the margin as a share of
/// the squared distance to the chosen code. 0.01 says that the runner-up is 1 % farther away.
///
/// Without margins in the batch there is nothing to say, and the iterator is empty.
pub fn least_relative_margins(batch: &Tokenized) -> impl Iterator<Item = (usize, f32)> {
    let Tokenized { slots, levels, margins, residual_norms, .. } = batch;
    let items = margins.chunks_exact(slots * levels).zip(residual_norms.chunks_exact(slots * levels));
    items.map(|(margins, norms)| {
        let relative = margins[..*levels].iter().zip(norms).map(|(m, r)| m / (r * r).max(f32::MIN_POSITIVE));
        relative.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, f32::INFINITY))
    })
}

/// `[items]` norm of the last residual of the top expert as a share of the latent's norm: what the codes leave
/// unexplained. 0 for all items of a batch without latents or residual norms.
pub fn residual_shares(batch: &Tokenized) -> Vec<f32> {
    let Some(z) = batch.z.as_ref().filter(|_| !batch.residual_norms.is_empty()) else { return vec![0.0; batch.items] };
    let latent = z.len() / batch.items.max(1);
    let norms = z.chunks_exact(latent.max(1)).map(|z| z.iter().map(|v| v * v).sum::<f32>().sqrt());
    let residuals = batch.residual_norms.chunks_exact(batch.slots * batch.levels).map(|norms| norms[batch.levels - 1]);
    residuals.zip(norms).map(|(residual, norm)| residual / norm.max(f32::MIN_POSITIVE)).collect()
}
