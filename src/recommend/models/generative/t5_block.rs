//! A layer of T5 (arXiv 1910.10683): attention of a sequence to itself, in a decoder also to what the encoder gave, and a
//! feed-forward network with ReLU, each after a normalisation and around a shortcut. Products of queries and keys are not
//! scaled; the starting weights are.

use crate::recommend::network::add;
use crate::recommend::network::attention::{Attended, DistanceBias, Heads, InputGradients, Inputs, Part, PartMut, Span};
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::linear::Linear;
use crate::recommend::network::norm::{Norm, NormKind, Normed};
use crate::recommend::network::weights::{Start, Weights};

/// Shapes of a layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// Width of a row.
    pub width: usize,
    /// Heads.
    pub heads: usize,
    /// Width of a head.
    pub head: usize,
    /// Width of the feed-forward network.
    pub feed_forward: usize,
}

/// An attention after its normalisation.
#[derive(Debug, Clone)]
pub(super) struct Attention {
    site: u32,
    pub heads: Heads,
    pub norm: Norm,
    pub q: Linear,
    pub kv: Linear,
    out: Linear,
}

/// What the way back of an attention needs.
#[derive(Debug)]
struct Looked {
    normed: Normed,
    q: Vec<f32>,
    kv: Vec<f32>,
    attended: Attended,
}

/// Rows that are looked at, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looking<'a> {
    /// Queries and keys.
    pub spans: &'a [Span],
    /// What the encoder gave; without it, a sequence looks at itself.
    pub memory: Option<&'a [f32]>,
    /// Added by distance.
    pub bias: Option<DistanceBias<'a>>,
}

impl Attention {
    fn new(weights: &mut Weights, name: &str, shape: Shape, causal: bool, site: u32) -> Self {
        let Shape { width, heads, head, .. } = shape;
        let inner = heads * head;
        let normal = |variance: usize| Start::Normal(1.0 / (variance as f32).sqrt());
        let norm = Norm::new(weights, &format!("{name}.norm"), width, NormKind::RootMeanSquare, 1e-6);
        let mut linear = |part: &str, shape, start| Linear::new(weights, &format!("{name}.{part}"), shape, false, start);
        Self {
            site,
            heads: Heads { count: heads, size: head, scale: 1.0, causal },
            norm,
            q: linear("q", [width, inner], normal(width * head)),
            kv: linear("kv", [width, 2 * inner], normal(width)),
            out: linear("out", [inner, width], normal(inner)),
        }
    }

    fn forward(&self, values: &[f32], at: Looking<'_>, dropout: Dropout, x: &mut [f32]) -> Looked {
        let normed = self.norm.forward(values, x);
        let q = self.q.forward(values, &normed.y);
        let kv = self.kv.forward(values, at.memory.unwrap_or(&normed.y));
        let attended = self.heads.attend(at.spans, self.inputs(&q, &kv, at.bias, dropout));
        self.add_to(values, &attended.out, dropout, x);
        Looked { normed, q, kv, attended }
    }

    /// Adds what an attention's output becomes.
    pub(super) fn add_to(&self, values: &[f32], attended: &[f32], dropout: Dropout, x: &mut [f32]) {
        let mut added = self.out.forward(values, attended);
        dropout.apply(self.site, &mut added);
        add(x, &added);
    }

    /// Adds to the gradients of the rows, of the memory and of the bias.
    fn backward(
        &self,
        values: &[f32],
        at: Looking<'_>,
        dropout: Dropout,
        looked: &Looked,
        into: Gradients<'_>,
        gradient: &mut [f32],
    ) {
        let mut added = into.x.to_vec();
        dropout.apply(self.site, &mut added);
        let attended = self.out.backward(values, &looked.attended.out, &added, gradient);
        let (mut q, mut kv) = (vec![0.0; looked.q.len()], vec![0.0; looked.kv.len()]);
        let inner = self.heads.count * self.heads.size;
        // Keys and values lie in one matrix, of which two gradients cannot be borrowed at once.
        let (mut k, mut v) = (vec![0.0; kv.len() / 2], vec![0.0; kv.len() / 2]);
        let part = |values| PartMut { values, pitch: inner, first: 0 };
        let mut gradients = InputGradients { q: part(&mut q), k: part(&mut k), v: part(&mut v), bias: into.bias };
        let inputs = self.inputs(&looked.q, &looked.kv, at.bias, dropout);
        self.heads.backward(at.spans, inputs, &looked.attended, &attended, &mut gradients);
        for ((row, k), v) in kv.chunks_exact_mut(2 * inner).zip(k.chunks_exact(inner)).zip(v.chunks_exact(inner)) {
            row[..inner].copy_from_slice(k);
            row[inner..].copy_from_slice(v);
        }
        let mut normed = self.q.backward(values, &looked.normed.y, &q, gradient);
        let keyed = self.kv.backward(values, at.memory.unwrap_or(&looked.normed.y), &kv, gradient);
        match into.memory {
            Some(memory) => add(memory, &keyed),
            None => add(&mut normed, &keyed),
        }
        add(into.x, &self.norm.backward(values, &looked.normed, &normed, gradient));
    }

    fn inputs<'a>(&self, q: &'a [f32], kv: &'a [f32], bias: Option<DistanceBias<'a>>, dropout: Dropout) -> Inputs<'a> {
        let inner = self.heads.count * self.heads.size;
        let key = |first| Part { values: kv, pitch: 2 * inner, first };
        let q = Part { values: q, pitch: inner, first: 0 };
        Inputs { q, k: key(0), v: key(inner), seen: None, bias, dropout: (dropout, (self.site + 1) << 20) }
    }
}

/// Gradients that a way back adds to; that of the rows is at first the one of what it gave.
struct Gradients<'a> {
    x: &'a mut [f32],
    memory: Option<&'a mut [f32]>,
    bias: Option<&'a mut [f32]>,
}

/// The layer.
#[derive(Debug, Clone)]
pub(super) struct T5Block {
    site: u32,
    pub own: Attention,
    pub cross: Option<Attention>,
    norm: Norm,
    up: Linear,
    down: Linear,
}

/// What the way back of a layer needs.
#[derive(Debug)]
pub(super) struct Passed {
    own: Looked,
    cross: Option<Looked>,
    normed: Normed,
    hidden: Vec<f32>,
    dropped: Vec<f32>,
}

impl T5Block {
    /// Layer `number` of the part `name`; one of a decoder also looks at the encoder's rows.
    pub(super) fn new(weights: &mut Weights, name: &str, number: usize, shape: Shape, decoder: bool) -> Self {
        let site = 16 * (2 * number as u32 + u32::from(decoder) + 1);
        let name = |part: &str| format!("{name}.{number}.{part}");
        let start = |inputs: usize| Start::Normal(1.0 / (inputs as f32).sqrt());
        let (width, inner) = (shape.width, shape.feed_forward);
        Self {
            site,
            own: Attention::new(weights, &name("own"), shape, decoder, site),
            cross: decoder.then(|| Attention::new(weights, &name("cross"), shape, false, site + 2)),
            norm: Norm::new(weights, &name("norm"), width, NormKind::RootMeanSquare, 1e-6),
            up: Linear::new(weights, &name("up"), [width, inner], false, start(width)),
            down: Linear::new(weights, &name("down"), [inner, width], false, start(inner)),
        }
    }

    /// Changes the rows `x`.
    pub(super) fn forward(
        &self,
        values: &[f32],
        own: Looking<'_>,
        cross: Option<Looking<'_>>,
        dropout: Dropout,
        x: &mut [f32],
    ) -> Passed {
        let own = self.own.forward(values, own, dropout, x);
        let cross = self.cross.as_ref().zip(cross).map(|(cross, at)| cross.forward(values, at, dropout, x));
        let (normed, hidden, dropped) = self.feed_forward(values, dropout, x);
        Passed { own, cross, normed, hidden, dropped }
    }

    /// Adds what the feed-forward network gives.
    pub(super) fn feed_forward(&self, values: &[f32], dropout: Dropout, x: &mut [f32]) -> (Normed, Vec<f32>, Vec<f32>) {
        let normed = self.norm.forward(values, x);
        let mut hidden = self.up.forward(values, &normed.y);
        hidden.iter_mut().for_each(|h| *h = h.max(0.0));
        let mut dropped = hidden.clone();
        dropout.apply(self.site + 4, &mut dropped);
        let mut added = self.down.forward(values, &dropped);
        dropout.apply(self.site + 5, &mut added);
        add(x, &added);
        (normed, hidden, dropped)
    }

    /// Turns the gradient of the rows after the layer into that of the rows before, and adds those of the encoder's rows and
    /// of the bias of its attention to itself.
    #[expect(clippy::too_many_arguments, reason = "the way back needs what the way there had, and where to add")]
    pub(super) fn backward(
        &self,
        values: &[f32],
        own: Looking<'_>,
        cross: Option<Looking<'_>>,
        dropout: Dropout,
        passed: &Passed,
        (x, memory, bias): (&mut [f32], Option<&mut [f32]>, &mut [f32]),
        gradient: &mut [f32],
    ) {
        let mut added = x.to_vec();
        dropout.apply(self.site + 5, &mut added);
        let mut hidden = self.down.backward(values, &passed.dropped, &added, gradient);
        dropout.apply(self.site + 4, &mut hidden);
        hidden.iter_mut().zip(&passed.hidden).for_each(|(g, h)| *g = if *h > 0.0 { *g } else { 0.0 });
        let normed = self.up.backward(values, &passed.normed.y, &hidden, gradient);
        add(x, &self.norm.backward(values, &passed.normed, &normed, gradient));
        if let (Some(attention), Some(at), Some(looked)) = (&self.cross, cross, &passed.cross) {
            attention.backward(values, at, dropout, looked, Gradients { x, memory, bias: None }, gradient);
        }
        self.own.backward(values, own, dropout, &passed.own, Gradients { x, memory: None, bias: Some(bias) }, gradient);
    }
}
