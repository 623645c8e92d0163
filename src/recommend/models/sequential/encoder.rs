//! Item numbers and positions through all layers.

use serde::{Deserialize, Serialize};

use super::block::{Block, BlockShape, Dropouts, Passed};
use crate::learn::parameters::Group;
use crate::recommend::fit::learner::Chance;
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::norm::{Norm, NormKind, Normed};
use crate::recommend::network::weights::{Start, Tensor, Weights};

/// Standard deviation of weights and vectors before training, as BERT has it.
const DEVIATION: Start = Start::Normal(0.02);

/// Shapes of an encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderOptions {
    /// Width of a row; a multiple of the heads.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Heads of each attention.
    pub heads: usize,
    /// Width of the feed-forward networks.
    pub feed_forward: usize,
    /// Share of values dropped in training.
    pub dropout: f32,
    /// Share of attention weights dropped in training.
    pub attention_dropout: f32,
    /// Most recent items that it reads.
    pub length: usize,
    /// Whether normalisation is before attention and network, with one at the end, or after them, with one at the start.
    pub norm_first: bool,
}

impl Default for EncoderOptions {
    fn default() -> Self {
        Self {
            width: 64,
            layers: 2,
            heads: 2,
            feed_forward: 256,
            dropout: 0.5,
            attention_dropout: 0.5,
            length: 50,
            norm_first: false,
        }
    }
}

/// The network.
#[derive(Debug, Clone)]
pub struct Encoder {
    width: usize,
    length: usize,
    rates: [f32; 2],
    /// `[items + special][width]`.
    pub items: Tensor,
    /// `[length][width]`.
    positions: Tensor,
    norm: Norm,
    norm_first: bool,
    blocks: Vec<Block>,
}

/// Sequences of items, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Where each sequence is.
    pub spans: Vec<Span>,
    /// `[rows]` items, or special tokens after them.
    pub items: Vec<u32>,
    /// `[rows]` in its sequence.
    positions: Vec<usize>,
}

/// What an encoder gave, and what its way back needs.
#[derive(Debug)]
pub struct Encoded {
    /// `[rows][width]`.
    pub y: Vec<f32>,
    passed: Vec<Passed>,
    normed: Normed,
}

impl Rows {
    /// Appends a sequence.
    pub fn push(&mut self, items: impl IntoIterator<Item = u32>) {
        let start = self.items.len();
        self.items.extend(items);
        self.positions.extend(0..self.items.len() - start);
        self.spans.push(Span::of(start..self.items.len()));
    }
}

impl Encoder {
    /// For `vocabulary` items and special tokens.
    pub fn new(weights: &mut Weights, options: &EncoderOptions, vocabulary: usize, causal: bool) -> Self {
        let &EncoderOptions { width, layers, heads, feed_forward, length, norm_first, .. } = options;
        let shape = BlockShape { width, heads, feed_forward, causal, norm_first };
        Self {
            width,
            length,
            rates: [options.dropout, options.attention_dropout],
            items: weights.add("items", [vocabulary, width], Group::NoDecay, DEVIATION),
            positions: weights.add("positions", [length, width], Group::NoDecay, DEVIATION),
            norm: Norm::new(weights, "norm", width, NormKind::Layer, 1e-5),
            norm_first,
            blocks: (0..layers).map(|number| Block::new(weights, number, shape, DEVIATION)).collect(),
        }
    }

    /// Width of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Most items of a sequence.
    pub fn length(&self) -> usize {
        self.length
    }

    /// What a shard drops.
    pub fn dropouts(&self, chance: Chance) -> Dropouts {
        let [hidden, attention] = self.rates;
        let dropout = chance.dropout(1.0);
        Dropouts { hidden: dropout.at_rate(hidden), attention: dropout.at_rate(attention) }
    }

    /// What recommending drops: nothing.
    pub fn no_dropouts() -> Dropouts {
        Dropouts { hidden: Dropout::none(), attention: Dropout::none() }
    }

    /// The network over all rows.
    pub fn forward(&self, values: &[f32], rows: &Rows, dropouts: Dropouts) -> Encoded {
        let (items, positions) = (self.items.of(values), self.positions.of(values));
        let scale = self.item_scale();
        let mut x = Vec::with_capacity(rows.items.len() * self.width);
        for (&item, &position) in rows.items.iter().zip(&rows.positions) {
            let item = &items[item as usize * self.width..][..self.width];
            x.extend(item.iter().zip(&positions[position * self.width..]).map(|(item, position)| scale * item + position));
        }
        let first = (!self.norm_first).then(|| self.norm.forward(values, &x));
        if let Some(normed) = &first {
            x.copy_from_slice(&normed.y);
        }
        dropouts.hidden.apply(0, &mut x);
        let passed = self.blocks.iter().map(|block| block.forward(values, &rows.spans, dropouts, &mut x)).collect();
        let normed = first.unwrap_or_else(|| self.norm.forward(values, &x));
        if self.norm_first {
            x.copy_from_slice(&normed.y);
        }
        Encoded { y: x, passed, normed }
    }

    /// The way back, from the gradient of the rows that came out; that of the weights is added.
    pub fn backward(
        &self,
        values: &[f32],
        rows: &Rows,
        dropouts: Dropouts,
        encoded: &Encoded,
        mut x_gradient: Vec<f32>,
        gradient: &mut [f32],
    ) {
        if self.norm_first {
            x_gradient = self.norm.backward(values, &encoded.normed, &x_gradient, gradient);
        }
        for (block, passed) in self.blocks.iter().zip(&encoded.passed).rev() {
            block.backward(values, &rows.spans, dropouts, passed, &mut x_gradient, gradient);
        }
        dropouts.hidden.apply(0, &mut x_gradient);
        if !self.norm_first {
            x_gradient = self.norm.backward(values, &encoded.normed, &x_gradient, gradient);
        }
        let scale = self.item_scale();
        for ((row, &item), &position) in x_gradient.chunks_exact(self.width).zip(&rows.items).zip(&rows.positions) {
            let into = &mut self.items.of_mut(gradient)[item as usize * self.width..][..self.width];
            into.iter_mut().zip(row).for_each(|(sum, g)| *sum += scale * g);
            let into = &mut self.positions.of_mut(gradient)[position * self.width..][..self.width];
            into.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
        }
    }

    /// Items are multiplied with this, so that positions do not outweigh them.
    fn item_scale(&self) -> f32 {
        (self.width as f32).sqrt()
    }
}
