//! Rounds codes and residuals to bytes, and bounds the error that this causes in scores.

use super::layout::{CHUNK, GROUP, Layout};
use crate::compute::cpu::simd::ROUND_TO_INTEGER;

/// The largest number in 16 bits.
const RANGE: f32 = 32_767.0;
/// The most that rounding of norms and factors adds to a score's error.
const NORM_ERROR: f32 = 2.0;
/// The largest magnitude of a residual's bytes: shifted by 64 they have seven bits, so that the sum of two products with codes
/// of eight bits stays within 16.
const ROW_MAX: f32 = 63.0;

/// One codebook in bytes.
#[derive(Debug, Clone)]
pub struct RoundedCodebook {
    /// See [`Self::codes`].
    codes: Vec<Line>,
    /// `[codes, padded to blocks]`: where a code's sum of products begins, which undoes the shift of the residuals' bytes.
    /// Padding gets the least value, so that it never wins.
    pub offsets: Vec<i16>,
    /// `[codes, padded to blocks]`: half the squared norm less the least of all, in 1/32767 of the largest such difference;
    /// 0 for padding.
    pub norms: Vec<i16>,
    /// Largest half of a squared norm less the least.
    norm_range: f32,
    /// Largest norm of a code less the mean code.
    radius: f32,
    /// Largest norm of a code's rounding error.
    max_error: f32,
    /// One over the step to which codes are rounded.
    inverse_step: f32,
    /// Unit of a residual over its norm, such that no product leaves the range.
    unit_per_norm: f32,
    /// Least unit of a residual, such that no norm leaves the range.
    least_unit: f32,
    /// Words of a rounded row: `stride / PER_WORD`.
    pub row_words: usize,
}

/// A cache line. A vector of codes that straddled two would be read twice.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([i8; LINE]);

/// Bytes of a cache line.
const LINE: usize = 64;

// SAFETY: bytes, and nothing between or after them.
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: the same.
unsafe impl bytemuck::Pod for Line {}

/// How the residuals of a group were rounded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scales {
    /// Squared norm of each residual.
    pub squared_norm: [f32; GROUP],
    /// Its largest magnitude.
    pub largest: [f32; GROUP],
    /// Value of one step of its bytes.
    unit: [f32; GROUP],
    /// One over that.
    pub inverse_unit: [f32; GROUP],
    /// Squared norm of its rounding error, in units.
    pub squared_error: [f32; GROUP],
    /// Converts [`RoundedCodebook::norms`] to units of its scores, in 1/32768.
    pub norm_factor: [i16; GROUP],
    /// Twice the largest error of its scores, in their units: codes that are further behind cannot win.
    pub slack: [i16; GROUP],
}

impl RoundedCodebook {
    /// Rounds `codebook [codes][latent]`, whose halves of squared norms are `half_norms`, for kernels that read `layout`.
    pub fn new(layout: Layout, codebook: &[f32], latent: usize, half_norms: &[f32]) -> Self {
        let Layout { per_word, block, shift } = layout;
        let rows = || codebook.chunks_exact(latent);
        // Only differences between codes matter, so codes are taken relative to their mean: smaller numbers, finer steps.
        let mean = mean(rows(), latent);
        let (mut largest, mut radius) = (1e-20f32, 0.0f32);
        for row in rows() {
            let mut square = 0.0;
            for (c, m) in row.iter().zip(&mean) {
                largest = larger(largest, (c - m).abs());
                square += (c - m) * (c - m);
            }
            radius = larger(radius, square.sqrt());
        }
        // In wide models, the rounding errors of a residual need room in the range too: see `set_units`.
        let step = (largest / 127.0).max(radius * (latent as f32).sqrt() / (0.5 * RANGE));
        let room = RANGE - 16.0 - 0.5 * (latent as f32).sqrt() * radius / step;
        let row_words = latent.next_multiple_of(CHUNK) / per_word;
        let bytes = half_norms.len().next_multiple_of(block) * row_words * per_word;
        let mut rounded = Self {
            codes: vec![Line([0; LINE]); bytes.div_ceil(LINE)],
            offsets: vec![i16::MIN; half_norms.len().next_multiple_of(block)],
            norms: Vec::new(),
            norm_range: 0.0,
            inverse_step: 1.0 / step,
            unit_per_norm: radius / (step * room),
            least_unit: 0.0,
            radius,
            max_error: 0.0,
            row_words,
        };
        for (t, row) in rows().enumerate() {
            let (mut square, mut sum) = (0.0, 0i16);
            // A code's neighbouring words lie a block apart.
            let codes: &mut [i8] = bytemuck::cast_slice_mut(&mut rounded.codes);
            let words = codes[(t / block * row_words * block + t % block) * per_word..].chunks_mut(block * per_word);
            for ((word, row), mean) in words.zip(row.chunks(per_word)).zip(mean.chunks(per_word)) {
                for ((byte, c), m) in word.iter_mut().zip(row).zip(mean) {
                    let steps = ((c - m) / step).round_ties_even();
                    let error = (c - m) - steps * step;
                    square += error * error;
                    sum = sum.wrapping_add(steps as i16);
                    *byte = steps as i8;
                }
            }
            rounded.max_error = larger(rounded.max_error, square.sqrt());
            rounded.offsets[t] = sum.wrapping_mul(-shift);
        }
        rounded.set_norms(half_norms, step * room);
        rounded
    }

    /// `[block][stride / PER_WORD][BLOCK][PER_WORD]`: codes less the mean code, in steps.
    pub fn codes(&self) -> &[i8] {
        bytemuck::cast_slice(&self.codes)
    }

    /// `largest` is the largest difference of halves of squared norms that a residual's unit of 1 allows.
    fn set_norms(&mut self, half_norms: &[f32], largest: f32) {
        let finite = || half_norms.iter().copied().filter(|h| h.is_finite());
        let least = finite().fold(f32::INFINITY, f32::min);
        let range = finite().fold(0.0, |m: f32, h| m.max(h - least));
        self.norm_range = range;
        self.least_unit = (range / largest).max(1e-30);
        let unit = if range > 0.0 { RANGE / range } else { 0.0 };
        self.norms =
            half_norms.iter().map(|h| if h.is_finite() { ((h - least) * unit).round() as i16 } else { i16::MAX }).collect();
        self.norms.resize(self.offsets.len(), 0);
    }

    /// Sets the units to which residuals are rounded, from their squared norms and largest magnitudes.
    ///
    /// The unit of a score is that of the residual times the codes' step. The rounded residual has `‖r̂‖ ≤ ‖r‖ + ‖δ‖`, its
    /// rounding error `‖δ‖ ≤ ½ √latent · unit`, so no product leaves the range. Scores leave it only for far codes, and
    /// saturate.
    #[inline(always)]
    pub fn set_units(&self, scales: &mut Scales) {
        for r in 0..GROUP {
            let by_norm = scales.squared_norm[r].sqrt() * self.unit_per_norm;
            scales.unit[r] = larger(larger(scales.largest[r] * (1.0 / ROW_MAX), by_norm), self.least_unit);
            scales.inverse_unit[r] = 1.0 / scales.unit[r];
        }
    }

    /// Sets factors and slacks from the rounding errors of the residuals.
    ///
    /// A score's error is at most `‖δ‖ · radius + ‖r̂‖ · max_error`, plus that of rounding the norms.
    #[inline(always)]
    pub fn set_slacks(&self, scales: &mut Scales) {
        for r in 0..GROUP {
            let row_error = scales.squared_error[r].sqrt() * scales.unit[r];
            let error = row_error * self.radius + (scales.squared_norm[r].sqrt() + row_error) * self.max_error;
            let inverse_score_unit = scales.inverse_unit[r] * self.inverse_step;
            scales.norm_factor[r] = to_i16(self.norm_range * inverse_score_unit);
            scales.slack[r] = to_i16(2.002 * error * inverse_score_unit + 2.0 * NORM_ERROR + 1.0);
        }
    }
}

/// The nearest integer of a number that is not negative, at most 32,767; unlike `as i16`, two instructions.
#[inline(always)]
fn to_i16(x: f32) -> i16 {
    ((if x < RANGE { x } else { RANGE }) + ROUND_TO_INTEGER).to_bits() as i16
}

/// The larger of two numbers; unlike `f32::max`, one instruction.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

fn mean<'a>(rows: impl Iterator<Item = &'a [f32]>, latent: usize) -> Vec<f32> {
    let (mut sum, mut count) = (vec![0.0f64; latent], 0.0);
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
        count += 1.0;
    }
    sum.into_iter().map(|s| (s / f64::max(count, 1.0)) as f32).collect()
}
