//! Encoder and output together: what the recommenders of this folder share.

use super::encoder::{Encoder, EncoderOptions, Rows};
use super::output::{Objective, Output, Targets};
use crate::recommend::dataset::Query;
use crate::recommend::fit::learner::{Chance, Loss};
use crate::recommend::network::weights::Weights;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, place_by_scores};

/// What a recommender makes of the network.
#[derive(Debug, Clone, Copy)]
pub struct NetworkShape {
    /// Number of items.
    pub items: usize,
    /// Number of special tokens, numbered after the items.
    pub special: usize,
    /// Whether a row sees only itself and what is before it.
    pub causal: bool,
    /// Whether items have a bias.
    pub bias: bool,
}

/// The network with its weights.
#[derive(Debug, Clone)]
pub struct Network {
    /// All weights.
    pub weights: Weights,
    encoder: Encoder,
    output: Output,
}

/// An item to be predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The row that predicts it.
    pub row: usize,
    /// The item.
    pub item: u32,
}

impl Network {
    /// An untrained one.
    pub fn new(options: &EncoderOptions, shape: NetworkShape, seed: u64) -> Self {
        let mut weights = Weights::new(seed);
        let encoder = Encoder::new(&mut weights, options, shape.items + shape.special, shape.causal);
        let output = Output::new(&mut weights, shape.items, encoder.items, shape.bias);
        Self { weights, encoder, output }
    }

    /// `[items][width]` vectors of the items, by their numbers.
    pub fn item_vectors(&self) -> &[f32] {
        self.output.vectors(&self.weights.values)
    }

    /// The loss of some predictions; the gradient of the weights is added.
    pub fn learn(&self, rows: &Rows, targets: &[Target], objective: Objective, chance: Chance, gradient: &mut [f32]) -> Loss {
        let (values, width) = (&self.weights.values, self.encoder.width());
        let dropouts = self.encoder.dropouts(chance);
        let encoded = self.encoder.forward(values, rows, dropouts);
        let predicting: Vec<f32> = targets.iter().flat_map(|target| &encoded.y[target.row * width..][..width]).copied().collect();
        let items: Vec<u32> = targets.iter().map(|target| target.item).collect();
        let mut rng = chance.generator("negatives");
        let of_rows = Targets { rows: &predicting, items: &items };
        let (loss, predicting) = self.output.learn(values, of_rows, objective, &mut rng, gradient);
        let mut y_gradient = vec![0.0; encoded.y.len()];
        for (target, g) in targets.iter().zip(predicting.chunks_exact(width)) {
            y_gradient[target.row * width..][..width].copy_from_slice(g);
        }
        self.encoder.backward(values, rows, dropouts, &encoded, y_gradient, gradient);
        loss
    }

    /// Places the targets of queries by the scores of the last row of each one's sequence.
    pub fn place(&self, queries: &[Query], listing: Listing, rows: &Rows) -> Vec<Option<Placement>> {
        let (values, width) = (&self.weights.values, self.encoder.width());
        let encoded = self.encoder.forward(values, rows, Encoder::no_dropouts());
        let mut last = vec![0.0; queries.len() * width];
        for (into, span) in last.chunks_exact_mut(width).zip(&rows.spans) {
            // A history without items leaves zeros: all items that have no bias share a place.
            if !span.queries.is_empty() {
                into.copy_from_slice(&encoded.y[(span.queries.end - 1) * width..][..width]);
            }
        }
        let scores = self.output.scores(values, &last);
        let mut scores = scores.chunks_exact(self.output.items().max(1));
        place_by_scores(queries, listing, |_, row| row.extend_from_slice(scores.next().expect("a row of scores a query")))
    }
}

/// The last `count` items of a history.
pub fn latest(history: &[u32], count: usize) -> &[u32] {
    &history[history.len().saturating_sub(count)..]
}
