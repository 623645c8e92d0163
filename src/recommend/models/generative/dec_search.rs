//! The decoder-only recommender in a beam search. Keys and values of a history are computed once and shared by its beams;
//! each beam has those of its own tokens.

use super::beam::{Decoder, Extension, place};
use super::block::{Asked, Passed, Sequences};
use super::codewords::Codewords;
use super::dec::Dec;
use super::kept::{LookedAt, Memory, Own, attend};
use crate::recommend::dataset::Query;
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender};

/// Keys and values so far.
#[derive(Debug)]
pub struct Kept {
    /// `[queries]` rows of each history.
    lengths: Vec<usize>,
    /// `[layers][queries]`.
    histories: Vec<Vec<Memory>>,
    /// `[layers]`.
    own: Vec<Own>,
    /// Tokens that every beam has read since.
    tokens: usize,
}

impl Dec {
    /// The tokens of a history that it reads.
    pub(super) fn recent_tokens(&self, history: &[u32]) -> impl Iterator<Item = u32> {
        let recent = &history[history.len().saturating_sub(self.options.history)..];
        recent.iter().flat_map(|&item| self.codewords.tokens(item)).copied()
    }

    /// Reads sequences of tokens from their beginnings; the hidden states `[sequences][width]` predict what follows each.
    /// `passed` is shown every block's rows, and where each sequence is in them.
    pub(super) fn read<S: Iterator<Item = u32>>(
        &self,
        sequences: impl Iterator<Item = S>,
        mut passed: impl FnMut(&Passed, &[Span]),
    ) -> Vec<f32> {
        let (mut x, mut positions, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for tokens in sequences {
            let start = positions.len();
            for (position, before) in std::iter::once(None).chain(tokens.map(Some)).enumerate() {
                self.embed(before, position % self.codewords.width, &mut x);
                positions.push(position);
            }
            spans.push(Span::of(start..positions.len()));
        }
        let values = &self.weights.values;
        let sequences = Sequences { spans: &spans, positions: &positions };
        let ends: Vec<usize> = spans.iter().map(|span| span.queries.end - 1).collect();
        let asked = Asked::new(sequences, |row| ends.binary_search(&row).is_ok());
        for (number, block) in self.blocks.iter().enumerate() {
            let asked = self.asked_in(number, &asked);
            passed(&block.forward(values, &self.rotary, sequences, asked, Dropout::none(), &mut x), &spans);
        }
        self.norm.forward(values, &x).y
    }
}

impl Decoder for Dec {
    type State = Kept;

    fn begin(&self, histories: &[&[u32]]) -> (Kept, Vec<f32>) {
        let width = self.options.width;
        let mut memories = Vec::with_capacity(self.blocks.len());
        let hidden = self.read(histories.iter().map(|history| self.recent_tokens(history)), |passed, spans| {
            let rows = |span: &Span| &passed.qkv()[3 * width * span.queries.start..3 * width * span.queries.end];
            memories.push(spans.iter().map(|span| Memory::new(rows(span), 3 * width, width)).collect());
        });
        let state = Kept {
            lengths: histories.iter().map(|history| 1 + self.recent_tokens(history).count()).collect(),
            histories: memories,
            own: vec![Own::default(); self.blocks.len()],
            tokens: 0,
        };
        (state, hidden)
    }

    fn extend(&self, state: &mut Kept, extensions: &[Extension]) -> Vec<f32> {
        let width = self.options.width;
        let mut x = Vec::with_capacity(extensions.len() * width);
        for extension in extensions {
            self.embed(Some(extension.token), extension.level as usize + 1, &mut x);
        }
        let values = &self.weights.values;
        for (layer, block) in self.blocks.iter().enumerate() {
            let normed = block.norm_1.forward(values, &x);
            let positions: Vec<usize> = extensions.iter().map(|e| state.lengths[e.query as usize] + state.tokens).collect();
            let qkv = block.project(values, &self.rotary, &positions, &normed.y);
            state.own[layer].grow(extensions, &qkv, 3 * width, width);
            let at = LookedAt { memories: Some(&state.histories[layer]), own: Some((&state.own[layer], None)) };
            let attended = attend(block.heads(), extensions, &qkv, 3 * width, at);
            block.finish(values, &attended, &mut x);
        }
        state.tokens += 1;
        self.norm.forward(values, &x).y
    }

    fn log_probabilities(&self, node: u32, hidden: &[f32], out: &mut Vec<f32>) {
        self.head.log_probabilities(&self.weights.values, &self.codewords, node, hidden, out);
    }

    fn codewords(&self) -> &Codewords {
        &self.codewords
    }
}

impl Recommender for Dec {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        place(self, self.options.beams, queries, listing)
    }
}
