//! The decoder-only recommender: the codewords of a user's items in a row, each token predicted from all before it.
//!
//! All prefixes of a user are learned in one pass. A position predicts one token; its input is the token before, or a
//! beginning. The softmax is over the tokens that the trie of codewords allows.

use serde::{Deserialize, Serialize};

use super::block::{Asked, Back, Block, BlockShape, Passed, Sequences};
use super::codewords::Codewords;
use super::head::{Head, Prediction};
use crate::learn::parameters::Group;
use crate::recommend::dataset::Dataset;
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::options::FitOptions;
use crate::recommend::fit::windows::{Window, batches, windows};
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::norm::{Norm, NormKind};
use crate::recommend::network::rotary::Rotary;
use crate::recommend::network::weights::{Start, Tensor, Weights};
use crate::tokens::Index;

/// Items that one thread learns from at a time.
const SHARD: usize = 64;

/// Shapes of the recommender.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DecOptions {
    /// Width of a row; a multiple of twice the heads.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Heads of each attention.
    pub heads: usize,
    /// Width of the feed-forward networks.
    pub feed_forward: usize,
    /// Share of values dropped in training.
    pub dropout: f32,
    /// Most recent items that it reads.
    pub history: usize,
    /// Items of a batch, about.
    pub batch: usize,
    /// Codewords that the search keeps.
    pub beams: usize,
}

impl Default for DecOptions {
    fn default() -> Self {
        Self { width: 128, layers: 4, heads: 4, feed_forward: 512, dropout: 0.2, history: 20, batch: 2048, beams: 20 }
    }
}

impl DecOptions {
    /// A sixth of the arithmetic, for machines without a GPU, in batches small enough that a dozen epochs are enough steps.
    pub fn reduced() -> Self {
        Self { width: 64, layers: 2, feed_forward: 256, batch: 320, ..Self::default() }
    }

    /// How it is trained: smaller batches than the default's make more steps, and take larger ones.
    pub fn fit_options(&self, seed: u64, epochs: usize) -> FitOptions {
        let learning_rate = if self.batch < 1000 { 2e-3 } else { 1e-3 };
        FitOptions { seed, epochs, learning_rate, weight_decay: 0.05, validate_every: 2, ..FitOptions::default() }
    }
}

/// The recommender.
#[derive(Debug, Clone)]
pub struct Dec {
    pub(super) options: DecOptions,
    pub(super) codewords: Codewords,
    pub(super) weights: Weights,
    /// `[vocabulary + 1][width]`; the last row is the beginning.
    embedding: Tensor,
    /// `[codeword width][width]`, by the position in its codeword of the token that is predicted.
    level: Tensor,
    pub(super) head: Head,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: Norm,
    pub(super) rotary: Rotary,
    windows: Vec<Window>,
    seed: u64,
}

impl Dec {
    /// An untrained one, for the items of `dataset` in the order of `index`.
    pub fn new(dataset: &Dataset, index: &Index, options: DecOptions, seed: u64) -> Self {
        let codewords = Codewords::new(index);
        let DecOptions { width, layers, heads, feed_forward, history, .. } = options;
        let mut weights = Weights::new(seed);
        let embedding = weights.add("embedding", [codewords.vocabulary + 1, width], Group::NoDecay, Start::Normal(0.02));
        let level = weights.add("level", [codewords.width, width], Group::NoDecay, Start::Normal(0.2));
        let bias = weights.add("bias", [1, codewords.vocabulary], Group::NoDecay, Start::Constant(0.0));
        let shape = BlockShape { width, heads, feed_forward, layers };
        let blocks = (0..layers).map(|number| Block::new(&mut weights, number, shape)).collect();
        let norm = Norm::new(&mut weights, "norm", width, NormKind::Layer, 1e-5);
        let rotary = Rotary::new(width / heads, (history + 2) * codewords.width);
        let windows = windows(dataset, history);
        Self {
            options,
            codewords,
            weights,
            embedding,
            level,
            head: Head { embedding, bias },
            blocks,
            norm,
            rotary,
            windows,
            seed,
        }
    }

    /// Appends the input of the position that predicts the token at `level` of a codeword: the token before, or the
    /// beginning.
    pub(super) fn embed(&self, before: Option<u32>, level: usize, x: &mut Vec<f32>) {
        let width = self.options.width;
        let number = before.map_or(self.codewords.vocabulary, |token| token as usize);
        let token = &self.embedding.of(&self.weights.values)[number * width..][..width];
        let level = &self.level.of(&self.weights.values)[level * width..][..width];
        let scale = self.embedding_scale();
        x.extend(token.iter().zip(level).map(|(token, level)| token * scale + level));
    }

    fn embedding_scale(&self) -> f32 {
        (self.options.width as f32).sqrt()
    }

    /// The rows that are learned after the last block, and what the way back needs.
    fn forward(&self, rows: &Rows, asked: &Asked, dropout: Dropout) -> (Vec<f32>, Vec<Passed>) {
        let mut x = Vec::with_capacity(rows.before.len() * self.options.width);
        for (at, before) in rows.before.iter().enumerate() {
            self.embed(*before, rows.positions[at] % self.codewords.width, &mut x);
        }
        dropout.apply(0, &mut x);
        let values = &self.weights.values;
        let pass = |(number, block): (usize, &Block)| {
            let asked = self.asked_in(number, asked);
            block.forward(values, &self.rotary, rows.sequences(), asked, dropout, &mut x)
        };
        let passed = self.blocks.iter().enumerate().map(pass).collect();
        (x, passed)
    }

    /// The last block gives only the rows that are asked for.
    pub(super) fn asked_in<'a>(&self, block: usize, asked: &'a Asked) -> Option<&'a Asked> {
        (block + 1 == self.blocks.len()).then_some(asked)
    }

    /// The way back, from the gradient of the rows after the last block.
    fn backward(
        &self,
        rows: &Rows,
        asked: &Asked,
        dropout: Dropout,
        passed: &[Passed],
        mut x_gradient: Vec<f32>,
        gradient: &mut [f32],
    ) {
        for (number, (block, passed)) in self.blocks.iter().zip(passed).enumerate().rev() {
            let asked = self.asked_in(number, asked);
            let (values, rotary, sequences) = (self.weights.values.as_slice(), &self.rotary, rows.sequences());
            block.backward(Back { values, rotary, sequences, asked, dropout }, passed, &mut x_gradient, gradient);
        }
        dropout.apply(0, &mut x_gradient);
        let (width, scale) = (self.options.width, self.embedding_scale());
        for ((row, before), position) in x_gradient.chunks_exact(width).zip(&rows.before).zip(&rows.positions) {
            let number = before.map_or(self.codewords.vocabulary, |token| token as usize);
            let token = &mut self.embedding.of_mut(gradient)[number * width..][..width];
            token.iter_mut().zip(row).for_each(|(sum, g)| *sum += scale * g);
            let level = &mut self.level.of_mut(gradient)[position % self.codewords.width * width..][..width];
            level.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
        }
    }
}

/// The positions of a shard.
#[derive(Debug, Default)]
struct Rows {
    spans: Vec<Span>,
    /// `[rows]` in its own sequence.
    positions: Vec<usize>,
    /// `[rows]` the token before.
    before: Vec<Option<u32>>,
    /// Rows whose token has an alternative, and is learned here.
    learned: Vec<usize>,
    predictions: Vec<Prediction>,
    /// Items that are learned here.
    items: usize,
}

impl Rows {
    fn of<'a>(windows: impl Iterator<Item = &'a Window>, codewords: &Codewords) -> Self {
        let mut rows = Self::default();
        for window in windows {
            rows.push(window, codewords);
        }
        rows
    }

    fn push(&mut self, window: &Window, codewords: &Codewords) {
        let start = self.before.len();
        let mut before = None;
        for (number, &item) in window.items.iter().enumerate() {
            let is_learned = number >= window.first_learned;
            self.items += usize::from(is_learned);
            for (&token, &node) in codewords.tokens(item).iter().zip(codewords.path(item)) {
                if is_learned && codewords.trie.next(node).len() > 1 {
                    self.learned.push(self.before.len());
                    self.predictions.push(Prediction { node, token });
                }
                self.positions.push(self.before.len() - start);
                self.before.push(before);
                before = Some(token);
            }
        }
        self.spans.push(Span::of(start..self.before.len()));
    }

    fn sequences(&self) -> Sequences<'_> {
        Sequences { spans: &self.spans, positions: &self.positions }
    }
}

impl Learner for Dec {
    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>> {
        batches(&self.windows, self.options.batch, SHARD, self.seed, epoch)
    }

    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss {
        let rows = Rows::of(shard.iter().map(|&window| &self.windows[window as usize]), &self.codewords);
        let asked = Asked::new(rows.sequences(), |row| rows.learned.binary_search(&row).is_ok());
        let dropout = chance.dropout(self.options.dropout);
        let (learned, passed) = self.forward(&rows, &asked, dropout);
        let values = &self.weights.values;
        let normed = self.norm.forward(values, &learned);
        let (loss, hidden) = self.head.loss(values, &self.codewords, &normed.y, &rows.predictions, gradient);
        let learned = self.norm.backward(values, &normed, &hidden, gradient);
        self.backward(&rows, &asked, dropout, &passed, learned, gradient);
        Loss { sum: loss, terms: rows.items as f64 }
    }
}
