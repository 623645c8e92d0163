//! A layer of a decoder: attention with rotary positions, and a feed-forward network with GELU, each after a
//! normalisation and around a shortcut.

use crate::compute::cpu::simd_math::{gelu, gelu_backward};
use crate::recommend::network::attention::{Attended, Heads, InputGradients, Inputs, Part, PartMut, Span};
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::linear::Linear;
use crate::recommend::network::norm::{Norm, NormKind, Normed};
use crate::recommend::network::rotary::Rotary;
use crate::recommend::network::weights::{Start, Weights};

/// Shapes of a block.
#[derive(Debug, Clone, Copy)]
pub struct BlockShape {
    /// Width of a row.
    pub width: usize,
    /// Heads of the attention.
    pub heads: usize,
    /// Width of the feed-forward network.
    pub feed_forward: usize,
    /// Blocks of the network: what a block adds starts the smaller, the more there are.
    pub layers: usize,
}

/// The layer.
#[derive(Debug, Clone)]
pub struct Block {
    number: u32,
    heads: Heads,
    pub(super) norm_1: Norm,
    pub(super) qkv: Linear,
    pub(super) out: Linear,
    norm_2: Norm,
    up: Linear,
    down: Linear,
}

/// What the way back needs.
#[derive(Debug)]
pub struct Passed {
    normed_1: Normed,
    /// `[rows][3 · width]` with queries and keys turned.
    qkv: Vec<f32>,
    attended: Attended,
    feed: Feed,
}

impl Passed {
    /// `[rows][3 · width]` queries, keys and values; queries and keys turned.
    pub(super) fn qkv(&self) -> &[f32] {
        &self.qkv
    }
}

#[derive(Debug)]
struct Feed {
    normed: Normed,
    up: Vec<f32>,
    hidden: Vec<f32>,
}

/// Rows of some sequences, with the position of each in its own.
#[derive(Debug, Clone, Copy)]
pub struct Sequences<'a> {
    /// Where each is.
    pub spans: &'a [Span],
    /// `[rows]`.
    pub positions: &'a [usize],
}

impl Block {
    /// Block `number`.
    pub fn new(weights: &mut Weights, number: usize, shape: BlockShape) -> Self {
        let BlockShape { width, heads, feed_forward, layers } = shape;
        let name = |part: &str| format!("blocks.{number}.{part}");
        let start = |inputs: usize| Start::Normal(1.0 / (inputs as f32).sqrt());
        let last = |inputs: usize| Start::Normal(1.0 / (inputs as f32 * 2.0 * layers as f32).sqrt());
        let size = width / heads;
        Self {
            number: number as u32,
            heads: Heads { count: heads, size, scale: 1.0 / (size as f32).sqrt(), causal: true },
            norm_1: Norm::new(weights, &name("norm_1"), width, NormKind::Layer, 1e-5),
            qkv: Linear::new(weights, &name("qkv"), [width, 3 * width], false, start(width)),
            out: Linear::new(weights, &name("out"), [width, width], false, last(width)),
            norm_2: Norm::new(weights, &name("norm_2"), width, NormKind::Layer, 1e-5),
            up: Linear::new(weights, &name("up"), [width, feed_forward], true, start(width)),
            down: Linear::new(weights, &name("down"), [feed_forward, width], true, last(feed_forward)),
        }
    }

    /// Changes the rows `x [rows][width]`.
    pub fn forward(&self, values: &[f32], rotary: &Rotary, sequences: Sequences<'_>, dropout: Dropout, x: &mut [f32]) -> Passed {
        let normed_1 = self.norm_1.forward(values, x);
        let qkv = self.project(values, rotary, sequences.positions, &normed_1.y);
        let attended = self.heads.attend(sequences.spans, self.inputs(&qkv));
        let mut added = self.out.forward(values, &attended.out);
        dropout.apply(self.site(0), &mut added);
        add(x, &added);
        let feed = self.feed_forward(values, dropout, x);
        Passed { normed_1, qkv, attended, feed }
    }

    /// Queries, keys and values of normalised rows; queries and keys turned to their positions.
    pub(super) fn project(&self, values: &[f32], rotary: &Rotary, positions: &[usize], normed: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut qkv = self.qkv.forward(values, normed);
        for (row, &position) in qkv.chunks_exact_mut(3 * width).zip(positions) {
            rotary.turn(&mut row[..2 * width], position);
        }
        qkv
    }

    /// Adds what attention and feed-forward network add, where the attention's output is known.
    pub(super) fn finish(&self, values: &[f32], attended: &[f32], x: &mut [f32]) {
        add(x, &self.out.forward(values, attended));
        self.feed_forward(values, Dropout::none(), x);
    }

    fn feed_forward(&self, values: &[f32], dropout: Dropout, x: &mut [f32]) -> Feed {
        let normed = self.norm_2.forward(values, x);
        let up = self.up.forward(values, &normed.y);
        let mut hidden = up.clone();
        gelu(&mut hidden);
        dropout.apply(self.site(1), &mut hidden);
        let mut added = self.down.forward(values, &hidden);
        dropout.apply(self.site(2), &mut added);
        add(x, &added);
        Feed { normed, up, hidden }
    }

    /// Turns the gradient of the rows after the block into that of the rows before; that of the weights is added.
    pub fn backward(
        &self,
        values: &[f32],
        rotary: &Rotary,
        sequences: Sequences<'_>,
        dropout: Dropout,
        passed: &Passed,
        x_gradient: &mut [f32],
        gradient: &mut [f32],
    ) {
        let mut added = x_gradient.to_vec();
        dropout.apply(self.site(2), &mut added);
        let mut hidden = self.down.backward(values, &passed.feed.hidden, &added, gradient);
        dropout.apply(self.site(1), &mut hidden);
        gelu_backward(&passed.feed.up, &mut hidden);
        let normed = self.up.backward(values, &passed.feed.normed.y, &hidden, gradient);
        add(x_gradient, &self.norm_2.backward(values, &passed.feed.normed, &normed, gradient));

        let mut added = x_gradient.to_vec();
        dropout.apply(self.site(0), &mut added);
        let attended = self.out.backward(values, &passed.attended.out, &added, gradient);
        let qkv = self.attention_backward(rotary, sequences, passed, &attended);
        let normed = self.qkv.backward(values, &passed.normed_1.y, &qkv, gradient);
        add(x_gradient, &self.norm_1.backward(values, &passed.normed_1, &normed, gradient));
    }

    /// The gradient of queries, keys and values before they were turned.
    fn attention_backward(&self, rotary: &Rotary, sequences: Sequences<'_>, passed: &Passed, attended: &[f32]) -> Vec<f32> {
        let width = self.width();
        let mut parts = [0, 1, 2].map(|_| vec![0.0; attended.len()]);
        let [q, k, v] = &mut parts;
        let part = |values| PartMut { values, pitch: width, first: 0 };
        let mut into = InputGradients { q: part(q), k: part(k), v: part(v), bias: None };
        self.heads.backward(sequences.spans, self.inputs(&passed.qkv), &passed.attended, attended, &mut into);
        let mut qkv = Vec::with_capacity(3 * attended.len());
        for (row, position) in sequences.positions.iter().enumerate() {
            for part in &parts {
                qkv.extend_from_slice(&part[row * width..][..width]);
            }
            let at = qkv.len() - 3 * width;
            rotary.turn_back(&mut qkv[at..at + 2 * width], *position);
        }
        qkv
    }

    fn inputs<'a>(&self, qkv: &'a [f32]) -> Inputs<'a> {
        let width = self.width();
        let part = |number: usize| Part { values: qkv, pitch: 3 * width, first: number * width };
        Inputs { q: part(0), k: part(1), v: part(2), bias: None, dropout: (Dropout::none(), 0) }
    }

    /// Its heads.
    pub(super) fn heads(&self) -> Heads {
        self.heads
    }

    fn width(&self) -> usize {
        self.heads.count * self.heads.size
    }

    fn site(&self, place: u32) -> u32 {
        (self.number + 1) * 8 + place
    }
}

fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
}
