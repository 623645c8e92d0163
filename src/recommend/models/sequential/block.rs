//! A layer of an encoder (arXiv 1706.03762): attention and a feed-forward network with GELU, each with dropout, a shortcut
//! around it and a normalisation.

use crate::compute::cpu::simd_math::{gelu, gelu_backward};
use crate::recommend::network::add;
use crate::recommend::network::attention::{Attended, Heads, InputGradients, Inputs, Part, PartMut, Span};
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::linear::Linear;
use crate::recommend::network::norm::{Norm, NormKind, Normed};
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
    /// Whether a row sees only itself and what is before it.
    pub causal: bool,
    /// Whether the normalisation is before attention and network, or after the shortcut.
    pub norm_first: bool,
}

/// Dropout of a shard, in two places.
#[derive(Debug, Clone, Copy)]
pub struct Dropouts {
    /// Of what a shortcut adds.
    pub hidden: Dropout,
    /// Of attention weights.
    pub attention: Dropout,
}

/// The layer.
#[derive(Debug, Clone)]
pub struct Block {
    number: u32,
    heads: Heads,
    shortcuts: [Shortcut; 2],
    qkv: Linear,
    out: Linear,
    up: Linear,
    down: Linear,
}

/// What the way back needs.
#[derive(Debug)]
pub struct Passed {
    normed: [Normed; 2],
    /// `[rows][width]` what attention reads.
    attention_input: Vec<f32>,
    /// `[rows][3 · width]`.
    qkv: Vec<f32>,
    attended: Attended,
    /// `[rows][width]` what the feed-forward network reads.
    network_input: Vec<f32>,
    up: Vec<f32>,
    hidden: Vec<f32>,
}

impl Block {
    /// Block `number`.
    pub fn new(weights: &mut Weights, number: usize, shape: BlockShape, start: Start) -> Self {
        let BlockShape { width, heads, feed_forward, causal, norm_first } = shape;
        let size = width / heads;
        let name = |part: &str| format!("blocks.{number}.{part}");
        let mut shortcut =
            |part: &str| Shortcut { norm: Norm::new(weights, &name(part), width, NormKind::Layer, 1e-5), norm_first };
        let shortcuts = [shortcut("norm_1"), shortcut("norm_2")];
        Self {
            number: number as u32,
            heads: Heads { count: heads, size, scale: 1.0 / (size as f32).sqrt(), causal },
            shortcuts,
            qkv: Linear::new(weights, &name("qkv"), [width, 3 * width], true, start),
            out: Linear::new(weights, &name("out"), [width, width], true, start),
            up: Linear::new(weights, &name("up"), [width, feed_forward], true, start),
            down: Linear::new(weights, &name("down"), [feed_forward, width], true, start),
        }
    }

    /// Changes the rows `x [rows][width]`.
    pub fn forward(&self, values: &[f32], spans: &[Span], dropouts: Dropouts, x: &mut [f32]) -> Passed {
        let (mut attention, mut network) = (None, None);
        let normed_1 = self.shortcuts[0].forward(values, x, |input| {
            let qkv = self.qkv.forward(values, input);
            let attended = self.heads.attend(spans, self.inputs(&qkv, dropouts.attention));
            let mut added = self.out.forward(values, &attended.out);
            dropouts.hidden.apply(self.site(0), &mut added);
            attention = Some((input.to_vec(), qkv, attended));
            added
        });
        let normed_2 = self.shortcuts[1].forward(values, x, |input| {
            let up = self.up.forward(values, input);
            let mut hidden = up.clone();
            gelu(&mut hidden);
            let mut added = self.down.forward(values, &hidden);
            dropouts.hidden.apply(self.site(1), &mut added);
            network = Some((input.to_vec(), up, hidden));
            added
        });
        let (attention_input, qkv, attended) = attention.expect("a shortcut calls what it goes around");
        let (network_input, up, hidden) = network.expect("a shortcut calls what it goes around");
        Passed { normed: [normed_1, normed_2], attention_input, qkv, attended, network_input, up, hidden }
    }

    /// Turns the gradient of the rows after the block into that of the rows before; that of the weights is added.
    pub fn backward(
        &self,
        values: &[f32],
        spans: &[Span],
        dropouts: Dropouts,
        passed: &Passed,
        x_gradient: &mut [f32],
        gradient: &mut [f32],
    ) {
        self.shortcuts[1].backward(values, &passed.normed[1], x_gradient, gradient, |added, gradient| {
            dropouts.hidden.apply(self.site(1), added);
            let mut hidden = self.down.backward(values, &passed.hidden, added, gradient);
            gelu_backward(&passed.up, &mut hidden);
            self.up.backward(values, &passed.network_input, &hidden, gradient)
        });
        self.shortcuts[0].backward(values, &passed.normed[0], x_gradient, gradient, |added, gradient| {
            dropouts.hidden.apply(self.site(0), added);
            let attended = self.out.backward(values, &passed.attended.out, added, gradient);
            let qkv = self.attention_backward(spans, dropouts.attention, passed, &attended);
            self.qkv.backward(values, &passed.attention_input, &qkv, gradient)
        });
    }

    /// The gradient of queries, keys and values.
    fn attention_backward(&self, spans: &[Span], dropout: Dropout, passed: &Passed, attended: &[f32]) -> Vec<f32> {
        let width = self.heads.count * self.heads.size;
        let mut parts = [0, 1, 2].map(|_| vec![0.0; attended.len()]);
        let [q, k, v] = &mut parts;
        let part = |values| PartMut { values, pitch: width, first: 0 };
        let mut into = InputGradients { q: part(q), k: part(k), v: part(v), bias: None };
        self.heads.backward(spans, self.inputs(&passed.qkv, dropout), &passed.attended, attended, &mut into);
        let rows = attended.len() / width;
        (0..rows).flat_map(|row| parts.iter().flat_map(move |part| &part[row * width..][..width])).copied().collect()
    }

    fn inputs<'a>(&self, qkv: &'a [f32], dropout: Dropout) -> Inputs<'a> {
        let width = self.heads.count * self.heads.size;
        let part = |number: usize| Part { values: qkv, pitch: 3 * width, first: number * width };
        Inputs { q: part(0), k: part(1), v: part(2), seen: None, bias: None, dropout: (dropout, self.site(2)) }
    }

    /// Distinguishes the dropout of its places.
    fn site(&self, place: u32) -> u32 {
        (self.number + 1) * 8 + place
    }
}

/// `x + f(norm(x))`, or `norm(x + f(x))`.
#[derive(Debug, Clone, Copy)]
struct Shortcut {
    norm: Norm,
    norm_first: bool,
}

impl Shortcut {
    fn forward(&self, values: &[f32], x: &mut [f32], f: impl FnOnce(&[f32]) -> Vec<f32>) -> Normed {
        if self.norm_first {
            let normed = self.norm.forward(values, x);
            add(x, &f(&normed.y));
            return normed;
        }
        let added = f(x);
        add(x, &added);
        let normed = self.norm.forward(values, x);
        x.copy_from_slice(&normed.y);
        normed
    }

    /// `f` turns the gradient of what it added into that of what it read.
    fn backward(
        &self,
        values: &[f32],
        normed: &Normed,
        x_gradient: &mut [f32],
        gradient: &mut [f32],
        f: impl FnOnce(&mut [f32], &mut [f32]) -> Vec<f32>,
    ) {
        if !self.norm_first {
            x_gradient.copy_from_slice(&self.norm.backward(values, normed, x_gradient, gradient));
        }
        let mut read = f(&mut x_gradient.to_vec(), gradient);
        if self.norm_first {
            read = self.norm.backward(values, normed, &read, gradient);
        }
        add(x_gradient, &read);
    }
}
