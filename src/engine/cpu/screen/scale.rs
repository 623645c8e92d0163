//! Rounding codes and residuals to bytes, and how far it can lead astray.

use super::{CHUNK, Kernels, layout};

/// What 16 bits hold.
const RANGE: f32 = 32_767.0;
/// What the rounding of norms and factors may add to a score.
const NORM_ERROR: f32 = 2.0;
/// A residual's bytes: with codes of eight bits, the sum of two products stays within 16.
const ROW_MAX: f32 = 64.0;
/// What a code's bytes are shifted by, for the instructions take one side unsigned.
const ZERO: i32 = 128;

/// One codebook in bytes.
#[derive(Debug, Clone)]
pub struct Screen {
    /// `[block][stride / PAIR][BLOCK][PAIR]`: code less the mean code, over `step`, plus 128.
    pub codes: Vec<u8>,
    /// `[codes]`: half squared norm less the least of them, over the largest, in 1/32767.
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

/// How one residual was rounded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scale {
    /// Norm of the residual.
    pub norm: f32,
    /// What one unit of its bytes stands for.
    pub unit: f32,
    /// The kernels' starting value: takes the codes' shift back.
    pub start: i16,
    /// Half squared norms in units of the score, over [`Screen::norms`].
    pub factor: i16,
    /// Twice the error of a score, in its units: codes beyond it cannot win.
    pub slack: i16,
    /// Largest score of a code that may win.
    pub limit: i16,
}

impl Screen {
    /// Rounds `codebook [codes][latent]` with the half squared norms `half_norms`.
    pub fn new(codebook: &[f32], latent: usize, half_norms: &[f32]) -> Self {
        let (pair, block) = layout();
        let rows = || codebook.chunks_exact(latent);
        // Only differences between codes count, so they are taken from their mean: smaller numbers, finer steps.
        let mean = mean(rows(), latent);
        let centred = |row: &[f32]| row.iter().zip(&mean).map(|(c, m)| c - m).collect::<Vec<f32>>();
        let (mut largest, mut radius) = (1e-20f32, 0.0f32);
        for row in rows().map(centred) {
            largest = row.iter().fold(largest, |m, c| m.max(c.abs()));
            radius = radius.max(norm(&row));
        }
        // In wide models the rounding of a residual must leave room in the range too: see `round`.
        let step = (largest / 127.0).max(radius * (latent as f32).sqrt() / (0.5 * RANGE));
        let room = RANGE - 16.0 - 0.5 * (latent as f32).sqrt() * radius / step;
        let pairs = latent.next_multiple_of(CHUNK) / pair;
        let mut screen = Self {
            codes: vec![ZERO as u8; half_norms.len().next_multiple_of(block) * pairs * pair],
            norms: Vec::new(),
            norm_range: 0.0,
            steps: 1.0 / step,
            units_a_norm: radius / (step * room),
            least_unit: 0.0,
            radius,
            error: 0.0,
            pairs,
        };
        for (t, row) in rows().map(centred).enumerate() {
            let rounded: Vec<f32> = row.iter().map(|c| (c / step).round()).collect();
            let left: Vec<f32> = row.iter().zip(&rounded).map(|(c, q)| c - q * step).collect();
            screen.error = screen.error.max(norm(&left));
            for (d, q) in rounded.into_iter().enumerate() {
                let at = ((t / block * pairs + d / pair) * block + t % block) * pair + d % pair;
                screen.codes[at] = (q as i32 + ZERO) as u8;
            }
        }
        screen.set_norms(half_norms, step * room);
        screen
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
    }

    /// Norm of `row [stride / CHUNK]`, and the unit that it is rounded to.
    ///
    /// The unit of a score is `step` times that. With `‖r̂‖ ≤ ‖r‖ + ‖δ‖`, `‖δ‖ ≤ ½ √latent · unit`, no product leaves
    /// the range; of scores, only those of far codes do, and saturate.
    ///
    /// # Safety
    /// The processor has the instruction set of `K`.
    #[inline(always)]
    pub(super) unsafe fn unit<K: Kernels>(&self, row: &[[f32; CHUNK]]) -> (f32, f32) {
        // SAFETY: the caller's promise.
        let (square, largest) = unsafe { K::magnitude(row) };
        let norm = square.sqrt();
        (norm, larger(larger(largest * (1.0 / ROW_MAX), norm * self.units_a_norm), self.least_unit))
    }

    /// Rounds `row [stride / CHUNK]`, whose norm and unit are in `scale`, into row `r` of [`Kernels::products`]' rows,
    /// and completes `scale`.
    ///
    /// A score is off by at most `‖δ‖ · radius + ‖r̂‖ · error`, plus the rounding of the norms.
    ///
    /// # Safety
    /// The processor has the instruction set of `K`.
    #[inline(always)]
    pub(super) unsafe fn round<K: Kernels>(&self, row: &[[f32; CHUNK]], scale: &mut Scale, r: usize, rows: &mut [i32]) {
        let inverse = 1.0 / scale.unit;
        let (mut left, mut sum) = (0.0, 0);
        for (chunk, rows) in row.iter().zip(rows.chunks_exact_mut(K::ROWS * CHUNK / K::PAIR)) {
            // SAFETY: the caller's promise.
            let taken = unsafe { K::spread(chunk, inverse, &mut rows[r * CHUNK / K::PAIR..][..CHUNK / K::PAIR]) };
            left += taken.0;
            sum += taken.1;
        }
        let left = left.sqrt() * scale.unit;
        let error = left * self.radius + (scale.norm + left) * self.error;
        let score = inverse * self.steps;
        scale.start = (-ZERO * sum) as i16;
        scale.factor = to_i16(self.norm_range * score);
        scale.slack = to_i16(2.002 * error * score + 2.0 * NORM_ERROR + 1.0);
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

fn norm(row: &[f32]) -> f32 {
    row.iter().map(|v| v * v).sum::<f32>().sqrt()
}
