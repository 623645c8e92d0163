//! One codebook, laid out for the search.

use super::layout::{CHUNK, Layout};
use super::rounding::RoundedCodebook;

/// One codebook, laid out for the search.
#[derive(Debug, Clone)]
pub struct Level {
    /// Values in a code.
    latent: usize,
    /// Chunks of a row, be it a code or a residual; the last is padded with zeros.
    pub(in crate::engine::cpu) chunks: usize,
    /// `[codes][chunks]`.
    pub(in crate::engine::cpu) codes: Vec<[f32; CHUNK]>,
    /// `½‖c‖²` of each code.
    pub(in crate::engine::cpu) half_norms: Vec<f32>,
    /// The codebook in bytes, for screening.
    pub(in crate::engine::cpu) rounded: RoundedCodebook,
}

impl Level {
    /// Lays out `codebook [codes][latent]` for kernels that read `layout`.
    pub fn with_layout(layout: Layout, codebook: &[f32], latent: usize) -> Self {
        let half_norm = |code: &[f32]| (0.5 * code.iter().map(|c| f64::from(*c).powi(2)).sum::<f64>()) as f32;
        let half_norms: Vec<f32> = codebook.chunks_exact(latent).map(half_norm).collect();
        let rounded = RoundedCodebook::new(layout, codebook, latent, &half_norms);
        Self { latent, chunks: latent.div_ceil(CHUNK), codes: padded(codebook, latent), half_norms, rounded }
    }

    /// A code, padded.
    #[inline(always)]
    pub fn code(&self, code: usize) -> &[[f32; CHUNK]] {
        &self.codes[code * self.chunks..(code + 1) * self.chunks]
    }

    /// `rows [rows][latent]`, padded as [`Self::nearest`] reads them.
    pub fn padded(&self, rows: &[f32]) -> Vec<[f32; CHUNK]> {
        padded(rows, self.latent)
    }

    /// As [`Self::padded`], into a buffer that the caller reuses.
    pub fn pad(&self, rows: &[f32], into: &mut Vec<[f32; CHUNK]>) {
        pad(rows, self.latent, into);
    }

    /// Subtracts the code of `codes` from each residual; returns the squared norms of the new residuals.
    pub fn subtract(&self, residuals: &mut [[f32; CHUNK]], codes: &[u32]) -> Vec<f32> {
        let rows = residuals.chunks_exact_mut(self.chunks).zip(codes);
        let square = |(row, code): (&mut [[f32; CHUNK]], &u32)| {
            let mut square = 0.0;
            for (r, c) in row.as_flattened_mut().iter_mut().zip(self.code(*code as usize).as_flattened()) {
                *r -= c;
                square += *r * *r;
            }
            square
        };
        rows.map(square).collect()
    }

    /// `½‖c‖²` of each code.
    pub fn half_norms(&self) -> &[f32] {
        &self.half_norms
    }
}

fn padded(rows: &[f32], width: usize) -> Vec<[f32; CHUNK]> {
    let mut padded = Vec::new();
    pad(rows, width, &mut padded);
    padded
}

/// Rows of `width` values as chunks, the last of each row padded with zeros.
fn pad(rows: &[f32], width: usize, into: &mut Vec<[f32; CHUNK]>) {
    let chunks = width.div_ceil(CHUNK);
    into.resize(rows.len() / width * chunks, [0.0; CHUNK]);
    for (to, from) in into.chunks_exact_mut(chunks).zip(rows.chunks_exact(width)) {
        let (values, padding) = to.as_flattened_mut().split_at_mut(width);
        values.copy_from_slice(from);
        padding.fill(0.0);
    }
}
