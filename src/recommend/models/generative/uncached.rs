//! The decoder-only recommender in a beam search that keeps no keys and values: each token is read with all before it, from the
//! beginning. It is slow, and simple enough to judge the other by.

use super::beam::{Decoder, Extension, place};
use super::codewords::Codewords;
use super::dec::Dec;
use crate::recommend::dataset::Query;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender};

/// Sequences that are read at a time: the rows of many more do not fit into a processor's cache.
const TOGETHER: usize = 16;

/// The recommender with the same weights, and nothing kept.
#[derive(Debug, Clone, Copy)]
pub struct Uncached<'a>(pub &'a Dec);

impl Uncached<'_> {
    /// `[sequences][width]` hidden states after sequences of tokens.
    fn hidden(&self, sequences: &[Vec<u32>]) -> Vec<f32> {
        let read = |part: &[Vec<u32>]| self.0.read(part.iter().map(|tokens| tokens.iter().copied()), |_, _| {});
        sequences.chunks(TOGETHER).flat_map(read).collect()
    }
}

impl Decoder for Uncached<'_> {
    /// `[beams]` all tokens of each, those of its history first.
    type State = Vec<Vec<u32>>;

    fn begin(&self, histories: &[&[u32]]) -> (Self::State, Vec<f32>) {
        let sequences: Self::State = histories.iter().map(|history| self.0.recent_tokens(history).collect()).collect();
        let hidden = self.hidden(&sequences);
        (sequences, hidden)
    }

    fn extend(&self, state: &mut Self::State, extensions: &[Extension]) -> Vec<f32> {
        let grown = |extension: &Extension| [&state[extension.parent as usize][..], &[extension.token]].concat();
        *state = extensions.iter().map(grown).collect();
        self.hidden(state)
    }

    fn log_probabilities(&self, node: u32, hidden: &[f32], out: &mut Vec<f32>) {
        self.0.log_probabilities(node, hidden, out);
    }

    fn codewords(&self) -> &Codewords {
        self.0.codewords()
    }
}

impl Recommender for Uncached<'_> {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place(self, self.0.options.beams, queries, listing)
    }
}
