//! The decoder-only recommender in a beam search. Keys and values of a history are computed once and shared by its beams;
//! each beam has those of its own tokens.

use super::beam::{Decoder, Extension, placement, search};
use super::block::{Asked, Block, Sequences};
use super::codewords::Codewords;
use super::dec::Dec;
use crate::compute::cpu::rows::combine;
use crate::compute::cpu::simd_math::softmax;
use crate::recommend::dataset::Query;
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::placement::Placement;
use crate::recommend::recommender::{Listing, Recommender, left_out};

/// Keys and values of histories, and of the tokens of each beam.
#[derive(Debug)]
pub struct Kept {
    /// `[queries]` rows of each history.
    lengths: Vec<usize>,
    /// `[layers][queries]`.
    histories: Vec<Vec<History>>,
    /// `[layers]`, each `[beams][tokens][2 · width]`: key and value of every token that a beam has read since.
    own: Vec<Vec<f32>>,
    /// Tokens that every beam has read since.
    tokens: usize,
}

/// Keys and values of one history in one layer.
#[derive(Debug)]
struct History {
    /// `[width][rows]`.
    keys: Vec<f32>,
    /// `[rows][width]`.
    values: Vec<f32>,
}

impl History {
    /// From the rows of queries, keys and values, `[rows][3 · width]`.
    fn new(qkv: &[f32], width: usize) -> Self {
        let rows = qkv.len() / (3 * width);
        let mut history = Self { keys: vec![0.0; width * rows], values: Vec::with_capacity(width * rows) };
        for (at, row) in qkv.chunks_exact(3 * width).enumerate() {
            row[width..2 * width].iter().enumerate().for_each(|(d, key)| history.keys[d * rows + at] = *key);
            history.values.extend_from_slice(&row[2 * width..]);
        }
        history
    }
}

impl Decoder for Dec {
    type State = Kept;

    fn begin(&self, histories: &[&[u32]]) -> (Kept, Vec<f32>) {
        let (width, levels) = (self.options.width, self.codewords.width);
        let (mut x, mut positions, mut spans) = (Vec::new(), Vec::new(), Vec::new());
        for history in histories {
            let recent = &history[history.len().saturating_sub(self.options.history)..];
            let tokens = recent.iter().flat_map(|&item| self.codewords.tokens(item));
            let start = positions.len();
            for (position, before) in std::iter::once(None).chain(tokens.copied().map(Some)).enumerate() {
                self.embed(before, position % levels, &mut x);
                positions.push(position);
            }
            spans.push(Span::of(start..positions.len()));
        }
        let values = &self.weights.values;
        let sequences = Sequences { spans: &spans, positions: &positions };
        let ends: Vec<usize> = spans.iter().map(|span| span.queries.end - 1).collect();
        let asked = Asked::new(sequences, |row| ends.binary_search(&row).is_ok());
        let mut kept = Vec::with_capacity(self.blocks.len());
        for (number, block) in self.blocks.iter().enumerate() {
            let asked = self.asked_in(number, &asked);
            let passed = block.forward(values, &self.rotary, sequences, asked, Dropout::none(), &mut x);
            let rows = |span: &Span| &passed.qkv()[3 * width * span.queries.start..3 * width * span.queries.end];
            kept.push(spans.iter().map(|span| History::new(rows(span), width)).collect());
        }
        let state = Kept {
            lengths: spans.iter().map(|span| span.queries.len()).collect(),
            histories: kept,
            own: vec![Vec::new(); self.blocks.len()],
            tokens: 0,
        };
        (state, self.norm.forward(values, &x).y)
    }

    fn extend(&self, state: &mut Kept, extensions: &[Extension]) -> Vec<f32> {
        let mut x = Vec::with_capacity(extensions.len() * self.options.width);
        for extension in extensions {
            self.embed(Some(extension.token), extension.level as usize + 1, &mut x);
        }
        let values = &self.weights.values;
        for (layer, block) in self.blocks.iter().enumerate() {
            let normed = block.norm_1.forward(values, &x);
            let positions: Vec<usize> = extensions.iter().map(|e| state.lengths[e.query as usize] + state.tokens).collect();
            let qkv = block.project(values, &self.rotary, &positions, &normed.y);
            state.grow(layer, extensions, &qkv, self.options.width);
            let attended = state.attend(layer, block, extensions, &qkv);
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

impl Kept {
    /// Gives every beam the keys and values of its parent and of its new token.
    fn grow(&mut self, layer: usize, extensions: &[Extension], qkv: &[f32], width: usize) {
        let before = self.tokens * 2 * width;
        let mut own = Vec::with_capacity(extensions.len() * (before + 2 * width));
        for (extension, qkv) in extensions.iter().zip(qkv.chunks_exact(3 * width)) {
            own.extend_from_slice(&self.own[layer][extension.parent as usize * before..][..before]);
            own.extend_from_slice(&qkv[width..]);
        }
        self.own[layer] = own;
    }

    /// Attention of one row a beam over its history and its own tokens.
    fn attend(&self, layer: usize, block: &Block, extensions: &[Extension], qkv: &[f32]) -> Vec<f32> {
        let heads = block.heads();
        let (size, width) = (heads.size, heads.count * heads.size);
        let own_length = (self.tokens + 1) * 2 * width;
        let mut out = vec![0.0; extensions.len() * width];
        let (mut weights, mut q) = (Vec::new(), Vec::new());
        for (beam, extension) in extensions.iter().enumerate() {
            let history = &self.histories[layer][extension.query as usize];
            let rows = self.lengths[extension.query as usize];
            let own = &self.own[layer][beam * own_length..][..own_length];
            for head in 0..heads.count {
                let column = head * size;
                q.clear();
                q.extend(qkv[beam * 3 * width + column..][..size].iter().map(|q| q * heads.scale));
                weights.clear();
                weights.resize(rows, 0.0);
                combine(&q, &history.keys[column * rows..], rows, &mut weights);
                let keys = own.chunks_exact(2 * width).map(|kv| &kv[column..][..size]);
                weights.extend(keys.map(|key| q.iter().zip(key).map(|(q, k)| q * k).sum::<f32>()));
                softmax(&mut weights);
                let out = &mut out[beam * width + column..][..size];
                combine(&weights[..rows], &history.values[column..], width, out);
                combine(&weights[rows..], &own[width + column..], 2 * width, out);
            }
        }
        out
    }
}

impl Recommender for Dec {
    fn place(&self, queries: &[Query], listing: Listing) -> Vec<Option<Placement>> {
        let histories: Vec<&[u32]> = queries.iter().map(|query| query.history.as_slice()).collect();
        // Codewords of the history take room in the list and leave it again.
        let beams = |query: &Query| self.options.beams + left_out(query, listing).len();
        let beams: Vec<usize> = queries.iter().map(beams).collect();
        let found = search(self, &histories, &beams);
        let places = queries.iter().zip(&found);
        places.map(|(query, found)| placement(&self.codewords, found, query, left_out(query, listing))).collect()
    }
}
