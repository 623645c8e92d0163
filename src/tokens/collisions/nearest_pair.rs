//! The nearest pair of codes of the two last levels, among those that are free.
//!
//! ```text
//! ‖r − a − b‖² = ‖r − a‖² − 2 r·b + (‖b‖² + 2 a·b)
//! ```
//!
//! What depends on the codes alone is a table, so that an item costs one addition a pair. In f32: of pairs that are
//! equal up to rounding any may win.

use crate::base::sums::in_lanes;
use std::borrow::Cow;

use super::taken_codes::Branch;
use super::top_codes::Chains;
use crate::base::parallel::map_chunks;

/// Codes a level up to which the table is kept: 4 MB a quantizer. Beyond, its rows are made when they are needed.
const TABLE: usize = 1024;

/// `‖b‖² + 2 a·b` of all pairs of one quantizer.
pub struct Pairs {
    quantizer: usize,
    /// `[codes][codes]`, or nothing.
    table: Vec<f32>,
}

impl Pairs {
    /// The table of a quantizer of two levels or more.
    pub fn new(chains: &Chains<'_>, quantizer: usize) -> Self {
        let codes: Vec<u32> = (0..chains.codes() as u32).collect();
        let rows = |part: &[u32]| part.iter().flat_map(|&code| row(chains, quantizer, code)).collect::<Vec<f32>>();
        let table = if codes.len() <= TABLE { map_chunks(&codes, 16, rows).concat() } else { Vec::new() };
        Self { quantizer, table }
    }

    /// The nearest free pair to `residual`, which two levels are left to describe.
    pub fn nearest(&self, chains: &Chains<'_>, residual: &[f32], branch: Option<&Branch>) -> Option<(u32, u32)> {
        let (last, codes) = (chains.levels() - 1, chains.codes());
        let first = chains.errors(residual, self.quantizer, last - 1);
        let second: Vec<f32> = codebook(chains, self.quantizer, last).map(|b| -2.0 * dot(residual, b)).collect();
        let mut best = (f32::INFINITY, None);
        for (code, error) in (0..).zip(first) {
            let taken = branch.map_or(0, |branch| branch.taken(code));
            if taken == codes {
                continue;
            }
            let row = self.row(chains, code);
            let costs = || row.iter().zip(&second).map(|(pair, second)| pair + second);
            let cost = if taken == 0 { least(&row, &second) } else { f32::NEG_INFINITY };
            if error as f32 + cost >= best.0 {
                continue;
            }
            let found = match branch.filter(|_| taken > 0) {
                Some(branch) => branch.least(code, costs()),
                None => costs().zip(0..).min_by(|a, b| a.0.total_cmp(&b.0)),
            };
            if let Some((cost, last)) = found.filter(|found| error as f32 + found.0 < best.0) {
                best = (error as f32 + cost, Some((code, last)));
            }
        }
        best.1
    }

    fn row(&self, chains: &Chains<'_>, code: u32) -> Cow<'_, [f32]> {
        let codes = chains.codes();
        match self.table.get(code as usize * codes..(code as usize + 1) * codes) {
            Some(row) => row.into(),
            None => row(chains, self.quantizer, code).collect(),
        }
    }
}

fn row<'a>(chains: &'a Chains<'_>, quantizer: usize, code: u32) -> impl Iterator<Item = f32> + use<'a> {
    let last = chains.levels() - 1;
    let a = chains.code(quantizer, last - 1, code);
    codebook(chains, quantizer, last).map(move |b| dot(b, b) + 2.0 * dot(a, b))
}

fn codebook<'a>(chains: &'a Chains<'_>, quantizer: usize, level: usize) -> impl Iterator<Item = &'a [f32]> + use<'a> {
    (0..chains.codes() as u32).map(move |code| chains.code(quantizer, level, code))
}

/// The least sum of two rows, in eight minima so that they fill vector registers.
fn least(a: &[f32], b: &[f32]) -> f32 {
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
    let (lanes, rest): ([f32; 8], f32) = in_lanes(a, b, |a, b| a * b);
    lanes.iter().sum::<f32>() + rest
}
