//! Statistics of single positions of the codewords.

use super::entropy::Grouping;
use crate::tokens::Index;

/// One position of the codewords.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Level {
    /// Position, from 1.
    pub position: usize,
    /// Different tokens in use.
    pub used: usize,
    /// Possible tokens: as given, otherwise inferred (see [`super::Codes`]).
    pub vocabulary: usize,
    /// `used / vocabulary`.
    pub utilisation: f64,
    /// `2^entropy`: the number of equally frequent tokens that have this entropy.
    pub perplexity: f64,
    /// Entropy of the tokens, in bits.
    pub entropy_bits: f64,
}

/// The positions of an index, each as a grouping of its items.
pub(super) fn columns(index: &Index) -> Vec<Grouping> {
    (0..index.width).map(|p| Grouping::new((0..index.items()).map(|item| index.row(item)[p]))).collect()
}

/// Statistics of the position with index `position`.
pub(super) fn level(position: usize, column: &Grouping, vocabulary: usize) -> Level {
    let entropy_bits = column.entropy_bits();
    Level {
        position: position + 1,
        used: column.groups,
        vocabulary,
        utilisation: column.groups as f64 / vocabulary as f64,
        perplexity: entropy_bits.exp2(),
        entropy_bits,
    }
}
