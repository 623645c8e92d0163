//! Whether items that follow each other in users' sequences begin with the same tokens.

use serde::Serialize;

use super::prefixes::Prefixes;
use crate::interactions::LeaveOneOut;
use crate::tokens::Index;

/// For prefixes of each length, from one token to whole codewords.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lift {
    /// `lift_shared / lift_by_chance`; none where no two items have so long a prefix in common, or none follow each other.
    pub lift: Vec<Option<f64>>,
    /// Share of consecutive training items, of those that differ, that have the prefix in common.
    pub lift_shared: Vec<f64>,
    /// The same share of any two training interactions with different items: popular items meet more often.
    pub lift_by_chance: Vec<f64>,
}

/// Lift of shared prefixes over chance, in training interactions (all but each user's last two).
///
/// An item that follows itself is left out: it shares its tokens whatever they are.
pub fn lift(index: &Index, split: &LeaveOneOut<'_>) -> Lift {
    let prefixes = Prefixes::new(index);
    let pairs: Vec<(u32, u32)> = split
        .training()
        .flat_map(|items| items.windows(2))
        .filter_map(|pair| pair[0].zip(pair[1]))
        .filter(|(a, b)| a != b)
        .collect();
    let counts = split.training_counts(index.items());
    let squares = |counts: &[usize]| counts.iter().map(|&count| (count as f64).powi(2)).sum::<f64>();
    let same_item = squares(&counts);
    let all = (counts.iter().sum::<usize>() as f64).powi(2);
    let mut lift = Lift { lift: Vec::new(), lift_shared: Vec::new(), lift_by_chance: Vec::new() };
    for length in 1..=prefixes.width() {
        let together = pairs.iter().filter(|(a, b)| prefixes.of(length, *a) == prefixes.of(length, *b)).count();
        let shared = share(together as f64, pairs.len() as f64);
        let by_chance = share(squares(&prefixes.sums(length, &counts)) - same_item, all - same_item);
        lift.lift.push((by_chance > 0.0 && !pairs.is_empty()).then(|| shared / by_chance));
        lift.lift_shared.push(shared);
        lift.lift_by_chance.push(by_chance);
    }
    lift
}

fn share(part: f64, of: f64) -> f64 {
    if of > 0.0 { part / of } else { 0.0 }
}
