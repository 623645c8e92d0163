//! Rows of embeddings beside each other.

use serde::Serialize;

/// The row that is nearest to another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct NearestRow {
    /// Its number.
    pub row: usize,
    /// Cosine of the two.
    pub cosine: f32,
}

/// The row of `others [rows][row.len()]` with the largest cosine to `row`; none where there are no rows.
pub fn nearest_row(row: &[f32], others: &[f32]) -> Option<NearestRow> {
    let cosines = others.chunks_exact(row.len().max(1)).map(|other| cosine(row, other));
    let rows = cosines.enumerate().map(|(row, cosine)| NearestRow { row, cosine });
    rows.max_by(|a, b| a.cosine.total_cmp(&b.cosine))
}

/// Cosine of two rows; 0 where one is zero.
pub fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let (mut dot, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        (dot, aa, bb) = (dot + a * b, aa + a * a, bb + b * b);
    }
    dot / (aa * bb).sqrt().max(f32::MIN_POSITIVE)
}
