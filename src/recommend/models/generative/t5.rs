//! The encoder-decoder recommender in the form of T5 (arXiv 1910.10683), as TIGER uses it: the encoder reads the tokens of a
//! history, the decoder writes the codeword that follows. Every prefix of a user is a sample.

use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};

use super::codewords::Codewords;
use super::head::{Head, Prediction};
use super::t5_block::{Looking, Passed, Shape, T5Block};
use crate::learn::parameters::Group;
use crate::learn::seed::generator;
use crate::recommend::dataset::Dataset;
use crate::recommend::fit::learner::{Chance, Learner, Loss, Shard};
use crate::recommend::fit::options::FitOptions;
use crate::recommend::network::attention::Span;
use crate::recommend::network::dropout::Dropout;
use crate::recommend::network::norm::{Norm, NormKind, Normed};
use crate::recommend::network::relative::{RelativeBias, distance_bias};
use crate::recommend::network::weights::{Start, Tensor, Weights};
use crate::tokens::Index;

/// Samples that one thread learns from at a time.
const SHARD: usize = 32;

/// Shapes of the recommender; the defaults are the paper's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct T5Options {
    /// Width of a row.
    pub width: usize,
    /// Layers of the encoder, and as many of the decoder.
    pub layers: usize,
    /// Heads of each attention.
    pub heads: usize,
    /// Width of a head.
    pub head: usize,
    /// Width of the feed-forward networks.
    pub feed_forward: usize,
    /// Share of values dropped in training.
    pub dropout: f32,
    /// Most recent items that it reads.
    pub history: usize,
    /// Samples of a batch.
    pub batch: usize,
    /// Codewords that the search keeps.
    pub beams: usize,
}

impl Default for T5Options {
    fn default() -> Self {
        Self { width: 128, layers: 4, heads: 6, head: 64, feed_forward: 1024, dropout: 0.1, history: 20, batch: 512, beams: 20 }
    }
}

impl T5Options {
    /// A tenth of the arithmetic, for machines without a GPU.
    pub fn reduced() -> Self {
        Self { width: 64, layers: 2, heads: 4, head: 16, feed_forward: 256, batch: 256, ..Self::default() }
    }

    /// How it is trained.
    pub fn fit_options(&self, seed: u64, epochs: usize) -> FitOptions {
        let learning_rate = if self.width < 128 { 2e-3 } else { 5e-4 };
        let options = FitOptions { seed, epochs, learning_rate, weight_decay: 0.01, warmup: 0.01, ..FitOptions::default() };
        FitOptions { beta_2: 0.999, patience: 20, validate_every: if self.width < 128 { 2 } else { 1 }, ..options }
    }
}

/// The recommender.
#[derive(Debug, Clone)]
pub struct T5 {
    pub(super) options: T5Options,
    pub(super) codewords: Codewords,
    pub(super) weights: Weights,
    /// `[vocabulary + 2][width]`; then the beginning of a codeword, and the end of a history.
    embedding: Tensor,
    pub(super) head: Head,
    encoder: Vec<T5Block>,
    pub(super) decoder: Vec<T5Block>,
    encoder_norm: Norm,
    pub(super) decoder_norm: Norm,
    encoder_bias: RelativeBias,
    pub(super) decoder_bias: RelativeBias,
    /// Training items of each user, and every prefix of them: user, and length.
    users: Vec<Vec<u32>>,
    samples: Vec<(u32, u32)>,
    seed: u64,
}

/// What an encoder gave, and what its way back needs.
pub(super) struct Encoded {
    tokens: Vec<u32>,
    pub spans: Vec<Span>,
    by_distance: Vec<f32>,
    reach: usize,
    passed: Vec<Passed>,
    normed: Normed,
    /// `[rows][width]`.
    pub memory: Vec<f32>,
}

impl T5 {
    /// An untrained one, for the items of `dataset` in the order of `index`.
    pub fn new(dataset: &Dataset, index: &Index, options: T5Options, seed: u64) -> Self {
        let codewords = Codewords::new(index);
        let T5Options { width, layers, heads, head, feed_forward, .. } = options;
        let deviation = 1.0 / (width as f32).sqrt();
        let mut weights = Weights::new(seed);
        let embedding = weights.add("embedding", [codewords.vocabulary + 2, width], Group::NoDecay, Start::Normal(deviation));
        let bias = weights.add("bias", [1, codewords.vocabulary], Group::NoDecay, Start::Constant(0.0));
        let shape = Shape { width, heads, head, feed_forward };
        let encoder = (0..layers).map(|i| T5Block::new(&mut weights, "encoder", i, shape, false)).collect();
        let decoder = (0..layers).map(|i| T5Block::new(&mut weights, "decoder", i, shape, true)).collect();
        let mut norm = |name: &str| Norm::new(&mut weights, name, width, NormKind::RootMeanSquare, 1e-6);
        let (encoder_norm, decoder_norm) = (norm("encoder.norm"), norm("decoder.norm"));
        let encoder_bias = RelativeBias::new(&mut weights, "encoder.bias", heads, true, deviation);
        let decoder_bias = RelativeBias::new(&mut weights, "decoder.bias", heads, false, deviation);
        let users: Vec<Vec<u32>> = dataset.users().iter().map(|user| user.training.clone()).collect();
        let prefixes = |(user, items): (usize, &Vec<u32>)| (1..items.len() as u32).map(move |length| (user as u32, length));
        let samples = users.iter().enumerate().flat_map(prefixes).collect();
        let head = Head { embedding, bias };
        Self {
            options,
            codewords,
            weights,
            embedding,
            head,
            encoder,
            decoder,
            encoder_norm,
            decoder_norm,
            encoder_bias,
            decoder_bias,
            users,
            samples,
            seed,
        }
    }

    /// The token before the first of a codeword.
    pub(super) fn beginning(&self) -> u32 {
        self.codewords.vocabulary as u32
    }

    /// Rows of tokens, of unit size.
    pub(super) fn embed(&self, tokens: &[u32]) -> Vec<f32> {
        let (width, scale) = (self.options.width, self.scale());
        let table = self.embedding.of(&self.weights.values);
        tokens.iter().flat_map(|&token| &table[token as usize * width..][..width]).map(|v| v * scale).collect()
    }

    fn embed_backward(&self, tokens: &[u32], x_gradient: &[f32], gradient: &mut [f32]) {
        let (width, scale) = (self.options.width, self.scale());
        let table = self.embedding.of_mut(gradient);
        for (&token, row) in tokens.iter().zip(x_gradient.chunks_exact(width)) {
            let sums = &mut table[token as usize * width..][..width];
            sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += scale * g);
        }
    }

    fn scale(&self) -> f32 {
        (self.options.width as f32).sqrt()
    }

    /// Reads histories, each with an end that marks what is recent.
    pub(super) fn encode(&self, histories: &[&[u32]], dropout: Dropout) -> Encoded {
        let (mut tokens, mut spans) = (Vec::new(), Vec::new());
        for history in histories {
            let start = tokens.len();
            let recent = &history[history.len().saturating_sub(self.options.history)..];
            recent.iter().for_each(|&item| tokens.extend_from_slice(self.codewords.tokens(item)));
            tokens.push(self.beginning() + 1);
            spans.push(Span::of(start..tokens.len()));
        }
        let values = &self.weights.values;
        let reach = spans.iter().map(|span| span.queries.len()).max().unwrap_or(1) - 1;
        let by_distance = self.encoder_bias.by_distance(values, reach);
        let mut x = self.embed(&tokens);
        dropout.apply(1, &mut x);
        let own = Looking { spans: &spans, memory: None, bias: Some(distance_bias(&by_distance, reach)) };
        let passed = self.encoder.iter().map(|block| block.forward(values, own, None, dropout, &mut x)).collect();
        let normed = self.encoder_norm.forward(values, &x);
        let mut memory = normed.y.clone();
        dropout.apply(2, &mut memory);
        Encoded { tokens, spans, by_distance, reach, passed, normed, memory }
    }

    fn encode_backward(&self, encoded: &Encoded, dropout: Dropout, mut memory: Vec<f32>, gradient: &mut [f32]) {
        let values = &self.weights.values;
        dropout.apply(2, &mut memory);
        let mut x = self.encoder_norm.backward(values, &encoded.normed, &memory, gradient);
        let mut bias = vec![0.0; encoded.by_distance.len()];
        let added = Some(distance_bias(&encoded.by_distance, encoded.reach));
        let own = Looking { spans: &encoded.spans, memory: None, bias: added };
        for (block, passed) in self.encoder.iter().zip(&encoded.passed).rev() {
            block.backward(values, own, None, dropout, passed, (&mut x, None, &mut bias), gradient);
        }
        self.encoder_bias.backward(&bias, encoded.reach, gradient);
        dropout.apply(1, &mut x);
        self.embed_backward(&encoded.tokens, &x, gradient);
    }
}

impl Learner for T5 {
    fn weights(&self) -> &Weights {
        &self.weights
    }

    fn weights_mut(&mut self) -> &mut Weights {
        &mut self.weights
    }

    fn batches(&self, epoch: u64) -> Vec<Vec<Shard>> {
        let mut order: Vec<u32> = (0..self.samples.len() as u32).collect();
        order.shuffle(&mut generator(self.seed, "prefixes", epoch));
        order.chunks(self.options.batch).map(|batch| batch.chunks(SHARD).map(<[u32]>::to_vec).collect()).collect()
    }

    fn learn(&self, shard: &[u32], chance: Chance, gradient: &mut [f32]) -> Loss {
        let dropout = chance.dropout(self.options.dropout);
        let (values, levels) = (&self.weights.values, self.codewords.width);
        let samples = shard.iter().map(|&sample| self.samples[sample as usize]);
        let samples: Vec<(&[u32], u32)> = samples
            .map(|(user, length)| {
                let items = &self.users[user as usize];
                (&items[..length as usize], items[length as usize])
            })
            .collect();
        let histories: Vec<&[u32]> = samples.iter().map(|sample| sample.0).collect();
        let encoded = self.encode(&histories, dropout);

        let before = |&(_, item): &(&[u32], u32)| {
            let tokens = self.codewords.tokens(item);
            std::iter::once(self.beginning()).chain(tokens[..levels - 1].iter().copied())
        };
        let tokens: Vec<u32> = samples.iter().flat_map(before).collect();
        let own_spans: Vec<Span> = (0..samples.len()).map(|i| Span::of(i * levels..(i + 1) * levels)).collect();
        let of_sample = |(own, memory): (&Span, &Span)| Span { queries: own.queries.clone(), keys: memory.keys.clone() };
        let cross_spans: Vec<Span> = own_spans.iter().zip(&encoded.spans).map(of_sample).collect();
        let reach = levels - 1;
        let by_distance = self.decoder_bias.by_distance(values, reach);
        let own = Looking { spans: &own_spans, memory: None, bias: Some(distance_bias(&by_distance, reach)) };
        let cross = Some(Looking { spans: &cross_spans, memory: Some(&encoded.memory), bias: None });
        let mut x = self.embed(&tokens);
        dropout.apply(3, &mut x);
        let passed: Vec<Passed> = self.decoder.iter().map(|block| block.forward(values, own, cross, dropout, &mut x)).collect();
        let normed = self.decoder_norm.forward(values, &x);
        let mut hidden = normed.y.clone();
        dropout.apply(4, &mut hidden);

        let target = |&(_, item): &(&[u32], u32)| {
            let path = self.codewords.path(item).iter().zip(self.codewords.tokens(item));
            path.map(|(&node, &token)| Prediction { node, token }).collect::<Vec<_>>()
        };
        let predictions: Vec<Prediction> = samples.iter().flat_map(target).collect();
        let (loss, mut hidden) = self.head.loss(values, &self.codewords, &hidden, &predictions, gradient);

        dropout.apply(4, &mut hidden);
        let mut x = self.decoder_norm.backward(values, &normed, &hidden, gradient);
        let (mut memory, mut bias) = (vec![0.0; encoded.memory.len()], vec![0.0; by_distance.len()]);
        for (block, passed) in self.decoder.iter().zip(&passed).rev() {
            block.backward(values, own, cross, dropout, passed, (&mut x, Some(&mut memory), &mut bias), gradient);
        }
        self.decoder_bias.backward(&bias, reach, gradient);
        dropout.apply(3, &mut x);
        self.embed_backward(&tokens, &x, gradient);
        self.encode_backward(&encoded, dropout, memory, gradient);
        Loss { sum: loss, terms: samples.len() as f64 }
    }
}
