//! Attention of several heads over the rows of one sequence after another.

use std::ops::Range;

use super::dropout::Dropout;
use crate::compute::cpu::rows::{add_outer, combine};
use crate::compute::cpu::simd_math::softmax;

/// What a head attends to, and how.
#[derive(Debug, Clone, Copy)]
pub struct Heads {
    /// Number of heads.
    pub count: usize,
    /// Width of a head.
    pub size: usize,
    /// What the products of queries and keys are multiplied with.
    pub scale: f32,
    /// Whether a row sees only itself and what is before it.
    pub causal: bool,
}

/// The rows of one sequence: of its queries, and of the keys that they attend to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Rows of the queries.
    pub queries: Range<usize>,
    /// Rows of keys and values.
    pub keys: Range<usize>,
}

impl Span {
    /// A sequence that attends to itself.
    pub fn of(rows: Range<usize>) -> Self {
        Self { queries: rows.clone(), keys: rows }
    }
}

/// Some columns of a matrix: the heads of queries, keys or values, side by side.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// The matrix.
    pub values: &'a [f32],
    /// Length of its rows.
    pub pitch: usize,
    /// First column.
    pub first: usize,
}

/// As [`Part`], for gradients, which are added to.
#[derive(Debug)]
pub struct PartMut<'a> {
    /// The matrix.
    pub values: &'a mut [f32],
    /// Length of its rows.
    pub pitch: usize,
    /// First column.
    pub first: usize,
}

/// What is added to a product of query and key by their distance: `[heads][distances]`.
#[derive(Debug, Clone, Copy)]
pub struct DistanceBias<'a> {
    /// The values; the distance `key − query` is at `key − query + reach`.
    pub values: &'a [f32],
    /// The largest distance either way.
    pub reach: usize,
}

/// Dropout of attention weights, at a site of its own.
pub type AttentionDropout = (Dropout, u32);

/// Output of an attention, and what its way back needs.
#[derive(Debug)]
pub struct Attended {
    /// `[query rows][heads · size]`.
    pub out: Vec<f32>,
    /// `[spans][heads][queries][keys]` attention weights before dropout; zeros where a row does not look.
    weights: Vec<f32>,
}

/// Queries, keys and values.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// Queries.
    pub q: Part<'a>,
    /// Keys.
    pub k: Part<'a>,
    /// Values.
    pub v: Part<'a>,
    /// `[query rows]` how many of the first keys of its span each query sees; without it, by [`Heads::causal`].
    pub seen: Option<&'a [usize]>,
    /// Added by distance, where there is one.
    pub bias: Option<DistanceBias<'a>>,
    /// Of attention weights.
    pub dropout: AttentionDropout,
}

/// Gradients of [`Inputs`].
#[derive(Debug)]
pub struct InputGradients<'a> {
    /// Of queries.
    pub q: PartMut<'a>,
    /// Of keys.
    pub k: PartMut<'a>,
    /// Of values.
    pub v: PartMut<'a>,
    /// Of the bias, laid out as its values.
    pub bias: Option<&'a mut [f32]>,
}

impl Heads {
    /// Attends within each span.
    pub fn attend(&self, spans: &[Span], inputs: Inputs<'_>) -> Attended {
        let rows = spans.last().map_or(0, |span| span.queries.end);
        let width = self.count * self.size;
        let mut attended = Attended { out: vec![0.0; rows * width], weights: vec![0.0; self.weights_of(spans)] };
        let (mut turned, mut dropped, mut at) = (Vec::new(), Vec::new(), 0);
        for (number, span) in spans.iter().enumerate() {
            let keys = span.keys.len();
            for head in 0..self.count {
                turn(inputs.k, span.keys.clone(), head * self.size, self.size, &mut turned);
                for (i, row) in span.queries.clone().enumerate() {
                    let seen = inputs.seen.map_or_else(|| self.seen(i, keys), |seen| seen[row]);
                    let weights = &mut attended.weights[at + i * keys..][..seen];
                    if let Some(bias) = inputs.bias {
                        weights.copy_from_slice(bias.of(head, i, seen));
                    }
                    let q: Vec<f32> = inputs.q.head(row, head * self.size, self.size).iter().map(|q| q * self.scale).collect();
                    combine(&q, &turned, keys, weights);
                    softmax(weights);
                    let weights = dropped_weights(weights, inputs.dropout, site(number, head, i), &mut dropped);
                    let out = &mut attended.out[row * width + head * self.size..][..self.size];
                    combine(weights, inputs.v.rows(span.keys.start, head * self.size), inputs.v.pitch, out);
                }
                at += span.queries.len() * keys;
            }
        }
        attended
    }

    /// Adds the gradients of the inputs, from that of the output.
    pub fn backward(
        &self,
        spans: &[Span],
        inputs: Inputs<'_>,
        attended: &Attended,
        out_gradient: &[f32],
        into: &mut InputGradients<'_>,
    ) {
        let width = self.count * self.size;
        let (mut turned, mut dropped, mut at) = (Vec::new(), Vec::new(), 0);
        let mut inner = Vec::new();
        for (number, span) in spans.iter().enumerate() {
            let keys = span.keys.len();
            for head in 0..self.count {
                let column = head * self.size;
                turn(inputs.v, span.keys.clone(), column, self.size, &mut turned);
                for (i, row) in span.queries.clone().enumerate() {
                    let seen = inputs.seen.map_or_else(|| self.seen(i, keys), |seen| seen[row]);
                    let weights = &attended.weights[at + i * keys..][..seen];
                    let out = &out_gradient[row * width + column..][..self.size];
                    let site = site(number, head, i);
                    // Through the mean of values.
                    let kept = dropped_weights(weights, inputs.dropout, site, &mut dropped);
                    let pitch = into.v.pitch;
                    add_outer(kept, out, into.v.rows(span.keys.start, column), pitch);
                    inner.clear();
                    inner.resize(seen, 0.0);
                    combine(out, &turned, keys, &mut inner);
                    inputs.dropout.0.apply(inputs.dropout.1 ^ site, &mut inner);
                    // Through the softmax.
                    let mean: f32 = inner.iter().zip(weights).map(|(g, w)| g * w).sum();
                    inner.iter_mut().zip(weights).for_each(|(g, w)| *g = w * (*g - mean));
                    if let (Some(gradient), Some(bias)) = (into.bias.as_deref_mut(), inputs.bias) {
                        bias.of_mut(gradient, head, i, seen).iter_mut().zip(&inner).for_each(|(sum, g)| *sum += g);
                    }
                    // Through the products.
                    inner.iter_mut().for_each(|g| *g *= self.scale);
                    let q_gradient = &mut into.q.rows(row, column)[..self.size];
                    combine(&inner, inputs.k.rows(span.keys.start, column), inputs.k.pitch, q_gradient);
                    let pitch = into.k.pitch;
                    add_outer(&inner, inputs.q.head(row, column, self.size), into.k.rows(span.keys.start, column), pitch);
                }
                at += span.queries.len() * keys;
            }
        }
    }

    /// Keys that query `i` of a span sees.
    fn seen(&self, i: usize, keys: usize) -> usize {
        if self.causal { (i + 1).min(keys) } else { keys }
    }

    fn weights_of(&self, spans: &[Span]) -> usize {
        spans.iter().map(|span| self.count * span.queries.len() * span.keys.len()).sum()
    }
}

impl Part<'_> {
    fn rows(&self, row: usize, column: usize) -> &[f32] {
        &self.values[row * self.pitch + self.first + column..]
    }

    fn head(&self, row: usize, column: usize, size: usize) -> &[f32] {
        &self.rows(row, column)[..size]
    }
}

impl PartMut<'_> {
    fn rows(&mut self, row: usize, column: usize) -> &mut [f32] {
        &mut self.values[row * self.pitch + self.first + column..]
    }
}

impl DistanceBias<'_> {
    /// What is added to the products of query `i` of a sequence with its first `seen` keys.
    pub fn of(&self, head: usize, i: usize, seen: usize) -> &[f32] {
        &self.values[self.start(head, i)..][..seen]
    }

    fn of_mut<'a>(&self, gradient: &'a mut [f32], head: usize, i: usize, seen: usize) -> &'a mut [f32] {
        &mut gradient[self.start(head, i)..][..seen]
    }

    fn start(&self, head: usize, i: usize) -> usize {
        head * (2 * self.reach + 1) + self.reach - i
    }
}

/// The columns of a head as rows: `[size][rows]`.
fn turn(part: Part<'_>, rows: Range<usize>, column: usize, size: usize, turned: &mut Vec<f32>) {
    let count = rows.len();
    turned.clear();
    turned.resize(size * count, 0.0);
    for (j, row) in rows.enumerate() {
        let values = part.head(row, column, size);
        values.iter().enumerate().for_each(|(d, v)| turned[d * count + j] = *v);
    }
}

/// Distinguishes the dropout of every row of weights.
fn site(span: usize, head: usize, query: usize) -> u32 {
    ((span as u32) << 16 | (head as u32) << 10 | query as u32).wrapping_mul(0x9e37_79b1)
}

/// Attention weights after dropout.
fn dropped_weights<'a>(
    weights: &'a [f32],
    (dropout, of_layer): AttentionDropout,
    site: u32,
    dropped: &'a mut Vec<f32>,
) -> &'a [f32] {
    if dropout.is_none() {
        return weights;
    }
    dropped.clear();
    dropped.extend_from_slice(weights);
    dropout.apply(of_layer ^ site, dropped);
    dropped
}
