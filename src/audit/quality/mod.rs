//! What can be said of an index's use for recommendation without training a recommender: from the index alone, from what
//! users did with its items, and from the items' vectors (METHOD.md, Measurement: *quality*).

mod backoff;
mod gini;
mod lift;
mod neighbours;
mod prefixes;

pub use backoff::{LogLoss, Losses, Pair, log_loss, losses};
pub use gini::gini;
pub use lift::{Lift, lift};
pub use neighbours::{NeighbourRecall, neighbour_recall};

use serde::Serialize;

use super::levels;
use super::report::Report;
use crate::interactions::LeaveOneOut;
use crate::tokens::Index;

/// All measured of one index, in the names of `unitok audit --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quality {
    /// For each position, how unevenly its tokens are used: 0 alike, near 1 few of its vocabulary.
    pub gini: Vec<f64>,
    /// For prefixes of each length, from one token to whole codewords, how users go from item to item.
    #[serde(flatten)]
    pub lift: Option<Lift>,
    /// Log-loss of the next item's codeword; none where no user's last two items are in the index.
    #[serde(flatten)]
    pub log_loss: Option<LogLoss>,
    /// For prefixes of each length, how well they keep neighbours together.
    #[serde(flatten)]
    pub neighbours: Option<NeighbourRecall>,
}

/// Measures an index and its audit's `report`, with interactions and `vectors [items][width]` of the items where there are
/// any; items without a vector have none.
pub fn quality(index: &Index, report: &Report, split: Option<&LeaveOneOut<'_>>, vectors: Option<&[Option<&[f32]>]>) -> Quality {
    let columns = levels::columns(index);
    Quality {
        gini: columns.iter().zip(&report.levels).map(|(column, level)| gini(&column.counts(), level.vocabulary)).collect(),
        lift: split.map(|split| lift(index, split)),
        log_loss: split.and_then(|split| log_loss(index, split)),
        neighbours: vectors.and_then(|vectors| neighbour_recall(index, vectors)),
    }
}
