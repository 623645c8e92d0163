//! The nearest pair of codes of the two last levels, among the pairs that are free.
//!
//! ```text
//! ‖r − a − b‖² = ‖r − a‖² − 2 r·b + (‖b‖² + 2 a·b)
//! ```
//!
//! The last term depends on the codes alone and is kept in a table, so that an item costs one addition a pair. Sums are in
//! f32: among pairs that are equal up to rounding, any may win.

use std::borrow::Cow;

use super::taken_codes::Subtree;
use super::top_codes::TopCodes;
use crate::base::parallel::map_chunks;
use crate::base::sums::sum_in_lanes;

/// Most codes a level for which the table is kept: 4 MB a quantizer. With more codes its rows are computed when needed.
const MAX_TABLE_CODES: usize = 1024;

/// `‖b‖² + 2 a·b` for all pairs of codes of one quantizer's two last levels.
pub struct PairTable {
    quantizer: usize,
    /// `[codes][codes]`; empty where there are more than [`MAX_TABLE_CODES`].
    table: Vec<f32>,
}

impl PairTable {
    /// The table of a quantizer, which has two levels or more.
    pub fn new(top_codes: &TopCodes<'_>, quantizer: usize) -> Self {
        let codes: Vec<u32> = (0..top_codes.codes_per_level() as u32).collect();
        let rows = |part: &[u32]| part.iter().flat_map(|&code| row(top_codes, quantizer, code)).collect::<Vec<f32>>();
        let table = if codes.len() <= MAX_TABLE_CODES { map_chunks(&codes, 16, rows).concat() } else { Vec::new() };
        Self { quantizer, table }
    }

    /// A search for the free pairs nearest to `residual`, the residual before the two last levels.
    pub fn search(&self, top_codes: &TopCodes<'_>, residual: &[f32]) -> NearestPairs {
        let last_level = top_codes.levels() - 1;
        let first_terms = top_codes.squared_errors(residual, self.quantizer, last_level - 1);
        let second_terms: Vec<f32> =
            code_vectors(top_codes, self.quantizer, last_level).map(|b| -2.0 * dot(residual, b)).collect();
        let mut rows = Vec::with_capacity(first_terms.len());
        for (code, error) in (0..).zip(first_terms) {
            let least = error as f32 + least_sum(&self.row(top_codes, code), &second_terms);
            rows.push(Row { error: error as f32, least, last: None });
        }
        NearestPairs { rows, second_terms }
    }

    fn row(&self, top_codes: &TopCodes<'_>, code: u32) -> Cow<'_, [f32]> {
        let codes = top_codes.codes_per_level();
        match self.table.get(code as usize * codes..(code as usize + 1) * codes) {
            Some(row) => row.into(),
            None => row(top_codes, self.quantizer, code).collect(),
        }
    }
}

/// A search for pairs of codes, the nearest first.
pub struct NearestPairs {
    /// `[codes]` for each code of the last level but one.
    rows: Vec<Row>,
    /// `[codes]` for each last code.
    second_terms: Vec<f32>,
}

/// The pairs that begin with one code.
struct Row {
    error: f32,
    /// The least squared error with a free last code; a lower bound of it while that code is not known.
    least: f32,
    last: Option<u32>,
}

impl NearestPairs {
    /// The nearest pair that is free in `subtree`; none where no pair is. What is taken may grow from one call to the next,
    /// but not shrink.
    pub fn next(&mut self, table: &PairTable, top_codes: &TopCodes<'_>, subtree: Option<&Subtree>) -> Option<(u32, u32)> {
        loop {
            let mut code = 0;
            for (other, row) in self.rows.iter().enumerate() {
                if row.least < self.rows[code].least {
                    code = other;
                }
            }
            let (row, code) = (&mut self.rows[code], code as u32);
            if row.least == f32::INFINITY {
                return None;
            }
            let taken = subtree.filter(|subtree| subtree.taken(code) > 0);
            if let Some(last) = row.last.filter(|&last| taken.is_none_or(|taken| taken.is_free(code, last))) {
                return Some((code, last));
            }
            let pairs = table.row(top_codes, code);
            let costs = pairs.iter().zip(&self.second_terms).map(|(pair, second)| pair + second);
            let found = match taken {
                Some(subtree) => subtree.cheapest_free(code, costs),
                None => costs.zip(0..).min_by(|a, b| a.0.total_cmp(&b.0)),
            };
            (row.least, row.last) = found.map_or((f32::INFINITY, None), |(cost, last)| (row.error + cost, Some(last)));
        }
    }
}

/// The table's row of one code `a` of the last level but one.
fn row<'a>(top_codes: &'a TopCodes<'_>, quantizer: usize, code: u32) -> impl Iterator<Item = f32> + use<'a> {
    let last_level = top_codes.levels() - 1;
    let a = top_codes.code_vector(quantizer, last_level - 1, code);
    code_vectors(top_codes, quantizer, last_level).map(move |b| dot(b, b) + 2.0 * dot(a, b))
}

fn code_vectors<'a>(top_codes: &'a TopCodes<'_>, quantizer: usize, level: usize) -> impl Iterator<Item = &'a [f32]> + use<'a> {
    (0..top_codes.codes_per_level() as u32).map(move |code| top_codes.code_vector(quantizer, level, code))
}

/// The least of the sums `a[i] + b[i]`, in eight minima so that they fill vector registers.
fn least_sum(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut least = [f32::INFINITY; 8];
    for (a, b) in a.iter().zip(b) {
        for i in 0..8 {
            let sum = a[i] + b[i];
            least[i] = if sum < least[i] { sum } else { least[i] };
        }
    }
    let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a + b);
    rest.chain(least).fold(f32::INFINITY, f32::min)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (lanes, rest): ([f32; 8], f32) = sum_in_lanes(a, b, |a, b| a * b);
    lanes.iter().sum::<f32>() + rest
}
