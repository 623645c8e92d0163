//! Rounding codes and residuals to bytes, and how far it can lead astray.

use super::layout::{CHUNK, GROUP, Layout};

/// What 16 bits hold.
const RANGE: f32 = 32_767.0;
/// What the rounding of norms and factors may add to a score.
const NORM_ERROR: f32 = 2.0;
/// A residual's bytes: shifted by 64 they have seven bits, and with codes of eight the sum of two products stays within 16.
const ROW_MAX: f32 = 63.0;

/// One codebook in bytes.
#[derive(Debug, Clone)]
pub struct Screen {
    /// See [`Self::codes`].
    codes: Vec<Line>,
    /// `[codes, padded to blocks]`: what the shift of the residuals' bytes adds to a product, taken away. Of padding the
    /// least there is: so are its scores.
    pub starts: Vec<i16>,
    /// `[codes, padded to blocks]`: half squared norm less the least of them, over the largest, in 1/32767. Of padding 0.
    pub norms: Vec<i16>,
    /// Largest half squared norm less the least.
    norm_range: f32,
    /// Largest norm of a code less the mean.
    radius: f32,
    /// Largest norm of what rounding took from a code.
    error: f32,
    /// One over `step`.
    steps: f32,
    /// Unit of a residual over its norm, such that no product leaves the range.
    units_a_norm: f32,
    /// Least unit, such that no norm does.
    least_unit: f32,
    /// Numbers of a spread row: `stride / PAIR`.
    pub pairs: usize,
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
    /// Squared norm of each.
    pub square: [f32; GROUP],
    /// Largest magnitude of a value.
    pub largest: [f32; GROUP],
    /// What one unit of its bytes stands for.
    unit: [f32; GROUP],
    /// One over that.
    pub inverse: [f32; GROUP],
    /// Squared norm of what rounding took, in units.
    pub left: [f32; GROUP],
    /// Half squared norms in units of the score, over [`Screen::norms`].
    pub factor: [i16; GROUP],
    /// Twice the error of a score, in its units: codes further behind cannot win.
    pub slack: [i16; GROUP],
}

impl Screen {
    /// Rounds `codebook [codes][latent]` with the half squared norms `half_norms`, for kernels that read `layout`.
    pub fn laid_out(layout: Layout, codebook: &[f32], latent: usize, half_norms: &[f32]) -> Self {
        let Layout { pair, block, shift } = layout;
        let rows = || codebook.chunks_exact(latent);
        // Only differences between codes count, so they are taken from their mean: smaller numbers, finer steps.
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
        // In wide models the rounding of a residual must leave room in the range too: see `round`.
        let step = (largest / 127.0).max(radius * (latent as f32).sqrt() / (0.5 * RANGE));
        let room = RANGE - 16.0 - 0.5 * (latent as f32).sqrt() * radius / step;
        let pairs = latent.next_multiple_of(CHUNK) / pair;
        let mut screen = Self {
            codes: vec![Line([0; LINE]); (half_norms.len().next_multiple_of(block) * pairs * pair).div_ceil(LINE)],
            starts: vec![i16::MIN; half_norms.len().next_multiple_of(block)],
            norms: Vec::new(),
            norm_range: 0.0,
            steps: 1.0 / step,
            units_a_norm: radius / (step * room),
            least_unit: 0.0,
            radius,
            error: 0.0,
            pairs,
        };
        for (t, row) in rows().enumerate() {
            let (mut square, mut sum) = (0.0, 0i16);
            // Neighbouring pairs of a code lie a block apart.
            let codes: &mut [i8] = bytemuck::cast_slice_mut(&mut screen.codes);
            let places = codes[(t / block * pairs * block + t % block) * pair..].chunks_mut(block * pair);
            for ((place, row), mean) in places.zip(row.chunks(pair)).zip(mean.chunks(pair)) {
                for ((place, c), m) in place.iter_mut().zip(row).zip(mean) {
                    let rounded = ((c - m) / step).round_ties_even();
                    let left = (c - m) - rounded * step;
                    square += left * left;
                    sum = sum.wrapping_add(rounded as i16);
                    *place = rounded as i8;
                }
            }
            screen.error = larger(screen.error, square.sqrt());
            screen.starts[t] = sum.wrapping_mul(-shift);
        }
        screen.set_norms(half_norms, step * room);
        screen
    }

    /// `[block][stride / PAIR][BLOCK][PAIR]`: code less the mean code, over `step`.
    pub fn codes(&self) -> &[i8] {
        bytemuck::cast_slice(&self.codes)
    }

    /// `largest`: the largest difference of half squared norms in a unit of 1.
    fn set_norms(&mut self, half_norms: &[f32], largest: f32) {
        let finite = || half_norms.iter().copied().filter(|h| h.is_finite());
        let least = finite().fold(f32::INFINITY, f32::min);
        let range = finite().fold(0.0, |m: f32, h| m.max(h - least));
        self.norm_range = range;
        self.least_unit = (range / largest).max(1e-30);
        let unit = if range > 0.0 { RANGE / range } else { 0.0 };
        self.norms =
            half_norms.iter().map(|h| if h.is_finite() { ((h - least) * unit).round() as i16 } else { i16::MAX }).collect();
        self.norms.resize(self.starts.len(), 0);
    }

    /// The units that residuals are rounded to, from their `square` and `largest`.
    ///
    /// The unit of a score is `step` times that. With `‖r̂‖ ≤ ‖r‖ + ‖δ‖`, `‖δ‖ ≤ ½ √latent · unit`, no product leaves
    /// the range; of scores, only those of far codes do, and saturate.
    #[inline(always)]
    pub fn set_units(&self, scales: &mut Scales) {
        for r in 0..GROUP {
            let by_norm = scales.square[r].sqrt() * self.units_a_norm;
            scales.unit[r] = larger(larger(scales.largest[r] * (1.0 / ROW_MAX), by_norm), self.least_unit);
            scales.inverse[r] = 1.0 / scales.unit[r];
        }
    }

    /// What follows from `left`, once the residuals are rounded.
    ///
    /// A score is off by at most `‖δ‖ · radius + ‖r̂‖ · error`, plus the rounding of the norms.
    #[inline(always)]
    pub fn set_slacks(&self, scales: &mut Scales) {
        for r in 0..GROUP {
            let left = scales.left[r].sqrt() * scales.unit[r];
            let error = left * self.radius + (scales.square[r].sqrt() + left) * self.error;
            let score = scales.inverse[r] * self.steps;
            scales.factor[r] = to_i16(self.norm_range * score);
            scales.slack[r] = to_i16(2.002 * error * score + 2.0 * NORM_ERROR + 1.0);
        }
    }
}

/// The nearest integer of a number from 0, or the largest; unlike `as i16`, two instructions.
#[inline(always)]
fn to_i16(x: f32) -> i16 {
    /// Adding it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    ((if x < RANGE { x } else { RANGE }) + ROUND).to_bits() as i16
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
