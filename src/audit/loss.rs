//! What codewords lose: positions that say nothing, and what only numbers tell apart.
//!
//! Each measure is relative to the number of items and of positions, never to a vocabulary, which says how many tokens
//! there could be and not what is needed. So a worse index never measures better (METHOD.md, Measurement: *loss*).

use serde::Serialize;

use super::dependence::{Told, told};
use super::entropy::Grouping;
use super::levels::Level;
use super::numbers::{numbers, without};

/// Different codewords over which is measured what positions tell of each other.
const SAMPLED: usize = 20_000;
/// Share of a position told by another from which it begins to count as repeated, and from which it is nothing else. In
/// between lies noise: a copy with errors says something new, but nothing about items.
const REPEATED: (f64, f64) = (0.3, 0.6);
/// From here on, what another position tells is called most of it.
const HALF: f64 = 0.5;
/// The same as [`REPEATED`] for what all positions before it tell together.
const FUNCTION: (f64, f64) = (0.6, 0.9);

/// What an index loses of what its codewords could say about items.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Loss {
    /// One for each position.
    pub positions: Vec<PositionLoss>,
    /// Mean share lost of the positions: 0 where every position does its part, 1 where none does.
    pub share: f64,
    /// Positions, from 1, that number items.
    pub numbers: Vec<usize>,
    /// Collision rate without these.
    pub collision_rate_without_numbers: f64,
    /// Share of the bits that tell all items apart that is missing without these; 0 where there are none.
    pub told_by_numbers: f64,
}

/// What one position loses.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct PositionLoss {
    /// Share of it that says nothing about items: 1 where it is the same for every item, repeats the positions before it, or
    /// numbers items; 0 where it brings `log₂ items / width` bits, its part of what tells all items apart.
    pub share: f64,
    /// An earlier position, from 1, that tells at least half of what this one says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeats: Option<usize>,
}

/// Measures the loss of an index with these positions.
pub(super) fn loss(columns: &[Grouping], levels: &[Level], collision_rate: f64) -> Loss {
    let items = columns.first().map_or(0, |column| column.group_of.len());
    let bits = (items as f64).log2();
    let numbers = numbers(columns, collision_rate);
    let named = without(columns, &numbers);
    let told = told(&of_distinct(columns, &named));
    let part = bits / columns.len() as f64;
    let position = |p: usize| {
        let share = if numbers.contains(&p) { 1.0 } else { lost(levels[p].entropy_bits, part, repeated(&told, p)) };
        PositionLoss { share, repeats: told_most(&told, p).filter(|q| told.by_one[*q][p] >= HALF).map(|q| q + 1) }
    };
    let positions: Vec<PositionLoss> = (0..columns.len()).map(position).collect();
    Loss {
        share: positions.iter().map(|position| position.share).sum::<f64>() / positions.len() as f64,
        positions,
        collision_rate_without_numbers: 1.0 - named.groups as f64 / items as f64,
        told_by_numbers: if numbers.is_empty() { 0.0 } else { 1.0 - named.entropy_bits() / bits },
        numbers: numbers.iter().map(|p| p + 1).collect(),
    }
}

/// The positions of the first item of each codeword, or of a sample of these.
fn of_distinct(columns: &[Grouping], codewords: &Grouping) -> Vec<Grouping> {
    let mut seen = vec![false; codewords.groups];
    let first = |&item: &usize| !std::mem::replace(&mut seen[codewords.group_of[item] as usize], true);
    let kept: Vec<usize> = (0..codewords.group_of.len()).filter(first).collect();
    // Evenly spaced ones, so that they are the same ones every time.
    let sampled = kept.len().min(SAMPLED);
    let kept: Vec<usize> = (0..sampled).map(|i| kept[i * kept.len() / sampled]).collect();
    columns.iter().map(|column| Grouping::new(kept.iter().map(|&item| column.group_of[item]))).collect()
}

/// Share lost of a position that has `bits`, of which others repeat a share, where `part` would be enough.
fn lost(bits: f64, part: f64, repeated: f64) -> f64 {
    if part > 0.0 { 1.0 - (bits * (1.0 - repeated) / part).min(1.0) } else { 0.0 }
}

/// How far a position repeats those before it: from 0, not more than healthy positions do, to 1, nothing else.
fn repeated(told: &Told, position: usize) -> f64 {
    let by_one = told_most(told, position).map_or(0.0, |other| told.by_one[other][position]);
    ramp(by_one, REPEATED).max(ramp(told.jointly[position], FUNCTION))
}

/// The earlier position that tells most of this one.
fn told_most(told: &Told, position: usize) -> Option<usize> {
    (0..position).max_by(|&a, &b| told.by_one[a][position].total_cmp(&told.by_one[b][position]))
}

fn ramp(value: f64, (from, to): (f64, f64)) -> f64 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}
