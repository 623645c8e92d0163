//! A layer of a decoder: attention with rotary positions, and a feed-forward network with GELU, each after a
//! normalisation and around a shortcut.

use crate::compute::cpu::simd_math::{gelu, gelu_backward};
use crate::recommend::network::add;
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
    /// `[rows asked][width]` turned queries, where not all rows are asked for.
    q: Option<Vec<f32>>,
    attended: Attended,
    feed: Feed,
}

/// What the way back through a block has in common with the way there.
#[derive(Debug, Clone, Copy)]
pub struct Back<'a> {
    /// All parameters.
    pub values: &'a [f32],
    /// Positions.
    pub rotary: &'a Rotary,
    /// The rows.
    pub sequences: Sequences<'a>,
    /// Those asked for, where not all are.
    pub asked: Option<&'a Asked>,
    /// The same as on the way there.
    pub dropout: Dropout,
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

/// The rows that are asked for after the last block: those before them are only looked back at.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Their numbers, ascending.
    pub rows: Vec<usize>,
    /// `[spans]` those of each sequence among them, and the rows that they look back at.
    pub spans: Vec<Span>,
    /// `[rows asked]` rows of its sequence that each sees.
    pub seen: Vec<usize>,
}

impl Asked {
    /// The rows for which `is_asked` says so.
    pub fn new(sequences: Sequences<'_>, is_asked: impl Fn(usize) -> bool) -> Self {
        let mut asked = Self::default();
        for span in sequences.spans {
            let start = asked.rows.len();
            asked.rows.extend(span.queries.clone().filter(|&row| is_asked(row)));
            asked.spans.push(Span { queries: start..asked.rows.len(), keys: span.keys.clone() });
        }
        asked.seen = asked.rows.iter().map(|&row| sequences.positions[row] + 1).collect();
        asked
    }

    /// Those rows of a matrix.
    pub fn gather(&self, matrix: &[f32], width: usize) -> Vec<f32> {
        self.rows.iter().flat_map(|&row| &matrix[row * width..][..width]).copied().collect()
    }

    /// The inverse of [`Asked::gather`]: other rows are zero.
    pub fn scatter(&self, asked: &[f32], width: usize, size: usize) -> Vec<f32> {
        let mut matrix = vec![0.0; size];
        for (&row, values) in self.rows.iter().zip(asked.chunks_exact(width)) {
            matrix[row * width..][..width].copy_from_slice(values);
        }
        matrix
    }
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

    /// Changes the rows `x [rows][width]`; where only some are `asked` for, these are what is left.
    pub fn forward(
        &self,
        values: &[f32],
        rotary: &Rotary,
        sequences: Sequences<'_>,
        asked: Option<&Asked>,
        dropout: Dropout,
        x: &mut Vec<f32>,
    ) -> Passed {
        let width = self.width();
        let normed_1 = self.norm_1.forward(values, x);
        let qkv = self.project(values, rotary, sequences.positions, &normed_1.y);
        let q = asked.map(|asked| {
            *x = asked.gather(x, width);
            asked.rows.iter().flat_map(|&row| &qkv[row * 3 * width..][..width]).copied().collect::<Vec<f32>>()
        });
        let spans = asked.map_or(sequences.spans, |asked| &asked.spans);
        let attended = self.heads.attend(spans, self.inputs(&qkv, q.as_deref(), asked));
        let mut added = self.out.forward(values, &attended.out);
        dropout.apply(self.site(0), &mut added);
        add(x, &added);
        let feed = self.feed_forward(values, dropout, x);
        Passed { normed_1, qkv, q, attended, feed }
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
    pub fn backward(&self, back: Back<'_>, passed: &Passed, x_gradient: &mut Vec<f32>, gradient: &mut [f32]) {
        let (values, dropout) = (back.values, back.dropout);
        let mut added = x_gradient.clone();
        dropout.apply(self.site(2), &mut added);
        let mut hidden = self.down.backward(values, &passed.feed.hidden, &added, gradient);
        dropout.apply(self.site(1), &mut hidden);
        gelu_backward(&passed.feed.up, &mut hidden);
        let normed = self.up.backward(values, &passed.feed.normed.y, &hidden, gradient);
        add(x_gradient, &self.norm_2.backward(values, &passed.feed.normed, &normed, gradient));

        let mut added = x_gradient.clone();
        dropout.apply(self.site(0), &mut added);
        let attended = self.out.backward(values, &passed.attended.out, &added, gradient);
        let qkv = self.attention_backward(back, passed, &attended);
        let normed = self.qkv.backward(values, &passed.normed_1.y, &qkv, gradient);
        if let Some(asked) = back.asked {
            *x_gradient = asked.scatter(x_gradient, self.width(), normed.len());
        }
        add(x_gradient, &self.norm_1.backward(values, &passed.normed_1, &normed, gradient));
    }

    /// The gradient of queries, keys and values before they were turned.
    fn attention_backward(&self, back: Back<'_>, passed: &Passed, attended: &[f32]) -> Vec<f32> {
        let Back { rotary, sequences, asked, .. } = back;
        let width = self.width();
        let rows = passed.qkv.len() / (3 * width);
        let (mut q, mut k, mut v) = (vec![0.0; attended.len()], vec![0.0; rows * width], vec![0.0; rows * width]);
        let part = |values| PartMut { values, pitch: width, first: 0 };
        let mut into = InputGradients { q: part(&mut q), k: part(&mut k), v: part(&mut v), bias: None };
        let spans = asked.map_or(sequences.spans, |asked| &asked.spans);
        let inputs = self.inputs(&passed.qkv, passed.q.as_deref(), asked);
        self.heads.backward(spans, inputs, &passed.attended, attended, &mut into);
        if let Some(asked) = asked {
            q = asked.scatter(&q, width, rows * width);
        }
        let mut qkv = Vec::with_capacity(3 * rows * width);
        for (row, position) in sequences.positions.iter().enumerate() {
            for part in [&q, &k, &v] {
                qkv.extend_from_slice(&part[row * width..][..width]);
            }
            let at = qkv.len() - 3 * width;
            rotary.turn_back(&mut qkv[at..at + 2 * width], *position);
        }
        qkv
    }

    fn inputs<'a>(&self, qkv: &'a [f32], q: Option<&'a [f32]>, asked: Option<&'a Asked>) -> Inputs<'a> {
        let width = self.width();
        let part = |number: usize| Part { values: qkv, pitch: 3 * width, first: number * width };
        let q = q.map_or(part(0), |q| Part { values: q, pitch: width, first: 0 });
        let seen = asked.map(|asked| asked.seen.as_slice());
        Inputs { q, k: part(1), v: part(2), seen, bias: None, dropout: (Dropout::none(), 0) }
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
