//! Products between the codes of different levels, in 16 bits, for [`super::beam`].

use super::kernels::Kernels;
pub use super::layout::LANES;
use super::level::Level;

/// The largest magnitude of a code's score after a chain: the rest of 16 bits is for how far the chain lies behind the best.
const SCORE_MAX: i16 = 24_575;
/// How many times as long as any sum of codes a row may be, for 16 bits to hold its scores.
const HEADROOM: f32 = 4.0;

/// Products between the codes of different levels, and the units of scores.
#[derive(Debug, Clone)]
pub struct CodeProducts {
    /// Codes of a level, padded to a power of two.
    pub stride: usize,
    /// Value of one step in the scores of each level.
    pub units: Vec<f32>,
    /// Codes of a level.
    codes: usize,
    /// `−⟨c_j, c_l⟩` for levels `j < l`: `[l · (l − 1) / 2 + j][code of j][stride]`, in units of `l`.
    tables: Vec<i16>,
    /// The largest norm of a row whose scores 16 bits hold.
    max_norm: f32,
    /// Largest error of a score before it is rounded, in units, for a row of norm 1.
    error: f32,
}

impl CodeProducts {
    /// The score of padding, so low that no sum makes it a candidate.
    pub const PADDING: f32 = i16::MIN as f32;
    /// How far a chain's score may lie behind the best one's, in units.
    pub const FARTHEST: f32 = (i16::MAX - SCORE_MAX) as f32;

    /// The products of `levels`, which have equally many codes. The error of a code's product with a row `x` is at most
    /// `error · ‖x‖ · ‖c‖`.
    pub fn new(levels: &[Level], error: f32) -> Self {
        let norms: Vec<f32> = levels.iter().map(|level| (2.0 * largest(&level.half_norms)).sqrt()).collect();
        let max_norm = HEADROOM * norms.iter().sum::<f32>();
        let codes = levels.first().map_or(0, |level| level.half_norms.len());
        let stride = stride(codes);
        let mut products = Self { stride, units: Vec::new(), codes, tables: Vec::new(), max_norm, error: 0.0 };
        for (l, level) in levels.iter().enumerate() {
            let exact: Vec<Vec<f32>> = levels[..l].iter().map(|before| level_products(before, level, stride)).collect();
            let needed = exact.iter().map(|table| largest(table)).sum::<f32>() + norms[l] * (0.5 * norms[l] + max_norm);
            // Rounding adds half a unit for each summand.
            let unit = if needed > 0.0 { needed / (f32::from(SCORE_MAX) - 0.5 * (l + 1) as f32) } else { 1.0 };
            products.tables.extend(exact.iter().flatten().map(|p| (p / -unit).round() as i16));
            products.units.push(unit);
            products.error = products.error.max(error * norms[l] / unit);
        }
        products
    }

    /// Twice the largest error of a code's score after a chain, in units, for a row of this norm; `None` if 16 bits do not hold
    /// the row's scores or `norm` is not finite.
    #[inline(always)]
    pub fn slack(&self, norm: f32) -> Option<i16> {
        // Half a unit for each summand that is rounded, and half a unit for the arithmetic in f32.
        let slack = 2.0 * (self.error * norm + 0.5 * (self.units.len() + 1) as f32 + 0.5);
        (norm <= self.max_norm && self.max_norm.is_finite()).then(|| slack.ceil() as i16)
    }

    /// What a code of level `j` adds to the scores of level `l`: `[stride]`.
    #[inline(always)]
    fn table_row(&self, l: usize, j: usize, code: u32) -> &[i16] {
        let row = (l * (l - 1) / 2 + j) * self.codes + code as usize;
        &self.tables[row * self.stride..][..self.stride]
    }

    /// `into = base + row_scores` plus what the code of each level `j < l`, `chain(j)`, adds to the scores of level `l`; returns
    /// the greatest of each lane.
    ///
    /// # Safety
    /// The processor has the instruction set of `K`.
    #[inline(always)]
    pub(super) unsafe fn add_chain<K: Kernels>(
        &self,
        l: usize,
        chain: impl Fn(usize) -> u32,
        base: i16,
        row_scores: &[i16],
        into: &mut [i16],
    ) -> [i16; LANES] {
        let row = |j: usize| self.table_row(l, j, chain(j));
        // SAFETY: the caller's promise.
        let mut lanes = unsafe {
            match l {
                0 => K::add_rows(base, [row_scores], into),
                1 => K::add_rows(base, [row_scores, row(0)], into),
                2 => K::add_rows(base, [row_scores, row(0), row(1)], into),
                _ => K::add_rows(base, [row_scores, row(0), row(1), row(2)], into),
            }
        };
        if l > 3 {
            (3..l).for_each(|j| add_to(into, row(j)));
            lanes = [i16::MIN; LANES];
            greatest_of_lanes(into, &mut lanes);
        }
        lanes
    }
}

/// Codes of a level, padded to whole [`LANES`] and to a power of two, so that a chain and a code can be packed.
pub fn stride(codes: usize) -> usize {
    codes.next_power_of_two().max(LANES)
}

/// `⟨a, b⟩` for all codes of two levels: `[codes of a][stride]`.
fn level_products(a: &Level, b: &Level, stride: usize) -> Vec<f32> {
    let dot = |i: usize, j: usize| {
        let values = a.code(i).as_flattened().iter().zip(b.code(j).as_flattened());
        values.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
    };
    let count = b.half_norms.len();
    (0..a.half_norms.len()).flat_map(|i| (0..stride).map(move |j| if j < count { dot(i, j) } else { 0.0 })).collect()
}

/// The largest magnitude.
fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |most, v| if v.abs() > most { v.abs() } else { most })
}

/// Raises each lane to the greatest of its values: those whose position, modulo the number of lanes, is the lane's.
#[inline(always)]
pub fn greatest_of_lanes(values: &[i16], lanes: &mut [i16]) {
    for values in values.chunks(lanes.len()) {
        lanes.iter_mut().zip(values).for_each(|(lane, value)| *lane = (*lane).max(*value));
    }
}

/// Adds `row` to `sums`, saturating.
#[inline(always)]
pub fn add_to(sums: &mut [i16], row: &[i16]) {
    sums.iter_mut().zip(row).for_each(|(sum, v)| *sum = sum.saturating_add(*v));
}
