//! What followed before: an untrained graph of transitions between items.
//!
//! Heuristics of this kind match trained models on many benchmarks (Han et al., arXiv 2605.07125), so a model that does not
//! beat this one has learned little. Unlike theirs, it knows no features of items.

use serde::{Deserialize, Serialize};

use crate::recommend::dataset::{Dataset, Query};
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender, place_by_scores};

/// The constants of the heuristic. The defaults did well on the validation targets of three Amazon catalogues, and small
/// changes to them matter little.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// An item is followed by this many later ones of its sequence; one that comes n places later counts 1/n.
    pub window: usize,
    /// Transitions to nowhere that every item has beside those seen: an item says little if it was rarely followed.
    pub shrinkage: f32,
    /// The n-th item from the end of a history counts 1/n to this power.
    pub recency: i32,
    /// What the share of all training interactions adds to a score: it orders the items that never followed.
    pub back_off: f32,
}

impl Default for Options {
    fn default() -> Self {
        Self { window: 5, shrinkage: 10.0, recency: 2, back_off: 0.1 }
    }
}

/// An item's score is how often it followed the items of the history.
#[derive(Debug, Clone)]
pub struct TransitionGraph {
    options: Options,
    /// `[items]` items that followed each, with their shares.
    followers: Vec<Vec<(u32, f32)>>,
    /// `[items]` share of the training interactions, times the back-off.
    popularity: Vec<f32>,
}

impl TransitionGraph {
    /// Counts the transitions of the training sequences.
    pub fn new(dataset: &Dataset, options: Options) -> Self {
        let mut followers = vec![Vec::new(); dataset.items()];
        for user in dataset.users() {
            for (at, &item) in user.training.iter().enumerate() {
                let later = user.training[at + 1..].iter().take(options.window).enumerate();
                followers[item as usize].extend(later.map(|(n, &next)| (next, 1.0 / (n + 1) as f32)));
            }
        }
        followers.iter_mut().for_each(|transitions| *transitions = shares(transitions, options.shrinkage));
        let counts = dataset.training_counts();
        let scale = options.back_off / counts.iter().sum::<u32>().max(1) as f32;
        Self { options, followers, popularity: counts.iter().map(|&count| scale * count as f32).collect() }
    }

    /// `[items]` scores after a history, appended to `scores`.
    fn score(&self, history: &[u32], scores: &mut Vec<f32>) {
        scores.extend_from_slice(&self.popularity);
        for (n, &item) in history.iter().rev().enumerate() {
            let weight = (1.0 / (n + 1) as f32).powi(self.options.recency);
            self.followers[item as usize].iter().for_each(|&(next, share)| scores[next as usize] += weight * share);
        }
    }
}

/// Adds the weights of each item up, and divides them by the sum of all and the shrinkage.
fn shares(transitions: &mut [(u32, f32)], shrinkage: f32) -> Vec<(u32, f32)> {
    // A stable sort, so that the weights of an item are added in the order of the users.
    transitions.sort_by_key(|&(item, _)| item);
    let total = shrinkage + transitions.iter().map(|&(_, weight)| weight).sum::<f32>();
    let of_item = |same: &[(u32, f32)]| (same[0].0, same.iter().map(|&(_, weight)| weight).sum::<f32>() / total);
    transitions.chunk_by(|a, b| a.0 == b.0).map(of_item).collect()
}

impl Recommender for TransitionGraph {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place_by_scores(queries, listing, |query, scores| self.score(&query.history, scores))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interactions::Sequences;

    #[test]
    fn scores_are_shares_of_transitions_by_distance_and_recency_over_popularity() {
        let mut sequences = Sequences::default();
        // The last two of each sequence are held out.
        sequences.push("a", &[0, 1, 2, 4, 4].map(Some), &[]);
        sequences.push("b", &[0, 2, 1, 4, 4].map(Some), &[]);
        let dataset = Dataset::leave_one_out(&sequences, 5).unwrap();
        let options = Options { shrinkage: 1.0, back_off: 0.6, ..Options::default() };
        let graph = TransitionGraph::new(&dataset, options);
        let scores = |history: &[u32]| {
            let mut scores = Vec::new();
            graph.score(history, &mut scores);
            scores.iter().map(|score| (f64::from(*score) * 1e6).round() / 1e6).collect::<Vec<_>>()
        };
        // Each of 0, 1, 2 is a third of the six interactions.
        assert_eq!(scores(&[]), [0.2, 0.2, 0.2, 0.0, 0.0]);
        // After 0: 1 and 2 both once next and once two later, 1.5 of 3 transitions, and 1 to nowhere.
        assert_eq!(scores(&[0]), [0.2, 0.575, 0.575, 0.0, 0.0]);
        // After 1: 2 once next, and 1 to nowhere; 2 once next after 2's turn. The 0 before counts a quarter.
        assert_eq!(scores(&[0, 1]), [0.2, 0.29375, 0.79375, 0.0, 0.0]);
        // An item that nobody had in training says nothing.
        assert_eq!(scores(&[3]), scores(&[]));
    }

    #[test]
    fn a_catalogue_of_one_item_has_one_answer() {
        let mut sequences = Sequences::default();
        sequences.push("a", &[Some(0); 5], &[]);
        let dataset = Dataset::leave_one_out(&sequences, 1).unwrap();
        let graph = TransitionGraph::new(&dataset, Options::default());
        let query = Query { user: 0, history: vec![0; 300], target: Some(0) };
        assert_eq!(graph.place(&[query], Listing::default())[0].unwrap().sharing, 1);
    }
}
