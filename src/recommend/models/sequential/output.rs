//! Losses of encoded rows against the vectors of the items, and scores.

use rand::RngExt;
use rand_pcg::Pcg64;
use serde::{Deserialize, Serialize};

use crate::compute::cpu::gemm::{Side, multiply_add_here};
use crate::compute::cpu::rows::{Gathered, add_outer_scattered, combine_gathered, dots};
use crate::learn::parameters::Group;
use crate::recommend::fit::learner::Loss;
use crate::recommend::network::softmax::{log, log_loss};
use crate::recommend::network::weights::{Start, Tensor, Weights};

/// Rows whose scores of all items are in memory at a time.
const ROWS: usize = 32;

/// What a model is trained to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// The target out of all items.
    #[default]
    CrossEntropy,
    /// The target out of this many items drawn uniformly, the same for all rows of a shard, and itself.
    SampledSoftmax(usize),
    /// The target yes, one item drawn uniformly no.
    BinaryCrossEntropy,
}

/// Vectors of items, perhaps with a bias each. The vectors are those that the encoder reads.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    items: usize,
    vectors: Tensor,
    bias: Option<Tensor>,
}

/// Encoded rows, each with the item that it should score highest.
#[derive(Debug, Clone, Copy)]
pub struct Targets<'a> {
    /// `[rows][width]`.
    pub rows: &'a [f32],
    /// `[rows]`.
    pub items: &'a [u32],
}

impl Output {
    /// For the first `items` rows of `vectors`.
    pub fn new(weights: &mut Weights, items: usize, vectors: Tensor, bias: bool) -> Self {
        let bias = bias.then(|| weights.add("bias", [1, items], Group::NoDecay, Start::Constant(0.0)));
        Self { items, vectors, bias }
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.items
    }

    /// `[items][width]`.
    pub fn vectors<'a>(&self, values: &'a [f32]) -> &'a [f32] {
        &self.vectors.of(values)[..self.items * self.vectors.columns]
    }

    /// `[rows][items]` scores.
    pub fn scores(&self, values: &[f32], rows: &[f32]) -> Vec<f32> {
        let width = self.vectors.columns;
        let mut scores = match self.bias {
            Some(bias) => bias.of(values).repeat(rows.len() / width),
            None => vec![0.0; rows.len() / width * self.items],
        };
        multiply_add_here(Side::Rows(rows, width), Side::Rows(self.vectors(values), width), &mut scores);
        scores
    }

    /// The loss, and the gradient of the rows; that of vectors and biases is added.
    pub fn learn(
        &self,
        values: &[f32],
        targets: Targets<'_>,
        objective: Objective,
        rng: &mut Pcg64,
        gradient: &mut [f32],
    ) -> (Loss, Vec<f32>) {
        let mut row_gradient = vec![0.0; targets.rows.len()];
        let width = self.vectors.columns;
        let parts = targets.rows.chunks(ROWS * width).zip(targets.items.chunks(ROWS));
        let negatives = match objective {
            Objective::SampledSoftmax(count) => (0..count).map(|_| self.draw(rng)).collect(),
            _ => Vec::new(),
        };
        let mut sum = 0.0;
        for ((rows, items), into) in parts.zip(row_gradient.chunks_mut(ROWS * width)) {
            let targets = Targets { rows, items };
            sum += match objective {
                Objective::CrossEntropy => self.cross_entropy(values, targets, into, gradient),
                Objective::SampledSoftmax(_) => self.sampled(values, targets, &negatives, into, gradient),
                Objective::BinaryCrossEntropy => {
                    let negatives: Vec<u32> = items.iter().map(|_| self.draw(rng)).collect();
                    self.binary(values, targets, &negatives, into, gradient)
                }
            };
        }
        (Loss { sum, terms: targets.items.len() as f64 }, row_gradient)
    }

    fn draw(&self, rng: &mut Pcg64) -> u32 {
        rng.random_range(0..self.items as u32)
    }

    fn cross_entropy(&self, values: &[f32], targets: Targets<'_>, into: &mut [f32], gradient: &mut [f32]) -> f64 {
        let (width, items) = (self.vectors.columns, self.items);
        let mut shares = self.scores(values, targets.rows);
        let mut loss = 0.0;
        for (shares, &target) in shares.chunks_exact_mut(items).zip(targets.items) {
            loss += log_loss(shares, target as usize);
            if let Some(bias) = self.bias {
                bias.of_mut(gradient).iter_mut().zip(shares.iter()).for_each(|(sum, g)| *sum += g);
            }
        }
        multiply_add_here(Side::Rows(&shares, items), Side::Columns(self.vectors(values), width), into);
        let vectors = &mut self.vectors.of_mut(gradient)[..items * width];
        multiply_add_here(Side::Columns(&shares, items), Side::Columns(targets.rows, width), vectors);
        loss
    }

    fn sampled(&self, values: &[f32], targets: Targets<'_>, negatives: &[u32], into: &mut [f32], gradient: &mut [f32]) -> f64 {
        let width = self.vectors.columns;
        let rows = targets.rows.chunks_exact(width).zip(into.chunks_exact_mut(width));
        let mut loss = 0.0;
        let mut shares = Vec::new();
        for ((row, into), &target) in rows.zip(targets.items) {
            // A negative that is the target is no negative.
            let numbers: Vec<u32> = [target].into_iter().chain(negatives.iter().copied().filter(|&n| n != target)).collect();
            shares.resize(numbers.len(), 0.0);
            self.some_scores(values, row, &numbers, &mut shares);
            loss += log_loss(&mut shares, 0);
            self.some_backward(values, row, (&numbers, &shares), into, gradient);
        }
        loss
    }

    fn binary(&self, values: &[f32], targets: Targets<'_>, negatives: &[u32], into: &mut [f32], gradient: &mut [f32]) -> f64 {
        let width = self.vectors.columns;
        let rows = targets.rows.chunks_exact(width).zip(into.chunks_exact_mut(width));
        let mut loss = 0.0;
        for ((row, into), (&target, &negative)) in rows.zip(targets.items.iter().zip(negatives)) {
            let numbers = [target, negative];
            let mut scores = [0.0; 2];
            self.some_scores(values, row, &numbers, &mut scores);
            let [yes, no] = scores.map(|score| 1.0 / (1.0 + (-score).exp()));
            loss -= log(yes) + log(1.0 - no);
            self.some_backward(values, row, (&numbers, &[yes - 1.0, no]), into, gradient);
        }
        loss
    }

    /// Scores of some items.
    fn some_scores(&self, values: &[f32], row: &[f32], numbers: &[u32], scores: &mut [f32]) {
        dots(row, Gathered { table: self.vectors.of(values), width: row.len(), numbers }, scores);
        if let Some(bias) = self.bias {
            let bias = bias.of(values);
            scores.iter_mut().zip(numbers).for_each(|(score, &n)| *score += bias[n as usize]);
        }
    }

    /// Adds the gradients of a row and of some items, from those of the scores.
    fn some_backward(&self, values: &[f32], row: &[f32], (numbers, g): (&[u32], &[f32]), into: &mut [f32], gradient: &mut [f32]) {
        combine_gathered(g, Gathered { table: self.vectors.of(values), width: row.len(), numbers }, into);
        add_outer_scattered(g, row, self.vectors.of_mut(gradient), numbers);
        if let Some(bias) = self.bias {
            let bias = bias.of_mut(gradient);
            numbers.iter().zip(g).for_each(|(&n, g)| bias[n as usize] += g);
        }
    }
}
