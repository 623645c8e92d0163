//! Normalisation of rows.

use super::weights::{Start, Tensor, Weights};
use crate::base::sums::sum_in_lanes;
use crate::learn::parameters::Group;

/// Which normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormKind {
    /// Layer normalisation (arXiv 1607.06450), with a weight and a bias.
    Layer,
    /// By the root of the mean square (arXiv 1910.07467), with a weight alone, as T5 has it.
    RootMeanSquare,
}

/// A normalisation with its weights.
#[derive(Debug, Clone, Copy)]
pub struct Norm {
    weight: Tensor,
    bias: Option<Tensor>,
    epsilon: f32,
}

/// What a normalisation gave, and what its way back needs.
#[derive(Debug, Clone)]
pub struct Normed {
    /// `[rows][width]` output.
    pub y: Vec<f32>,
    /// `[rows][width]` rows before weight and bias.
    normalized: Vec<f32>,
    /// `[rows]` one over the deviation of each row.
    scales: Vec<f32>,
}

impl Norm {
    /// Over rows of `width`; weights start at 1.
    pub fn new(weights: &mut Weights, name: &str, width: usize, kind: NormKind, epsilon: f32) -> Self {
        let weight = weights.add(&format!("{name}.weight"), [1, width], Group::NoDecay, Start::Constant(1.0));
        let bias = (kind == NormKind::Layer)
            .then(|| weights.add(&format!("{name}.bias"), [1, width], Group::NoDecay, Start::Constant(0.0)));
        Self { weight, bias, epsilon }
    }

    /// Normalises the rows of `x`.
    pub fn forward(&self, values: &[f32], x: &[f32]) -> Normed {
        let width = self.weight.columns;
        let (weight, bias) = (self.weight.of(values), self.bias.map(|bias| bias.of(values)));
        let mut normed =
            Normed { y: vec![0.0; x.len()], normalized: vec![0.0; x.len()], scales: Vec::with_capacity(x.len() / width) };
        let rows = normed.y.chunks_exact_mut(width).zip(normed.normalized.chunks_exact_mut(width));
        for ((y, normalized), x) in rows.zip(x.chunks_exact(width)) {
            let mean = if bias.is_some() { sum(x, x, |a, _| a) / width as f32 } else { 0.0 };
            normalized.iter_mut().zip(x).for_each(|(n, x)| *n = x - mean);
            let variance = sum(normalized, normalized, |a, b| a * b) / width as f32;
            let scale = 1.0 / (variance + self.epsilon).sqrt();
            normalized.iter_mut().for_each(|n| *n *= scale);
            y.iter_mut().zip(normalized.iter()).zip(weight).for_each(|((y, n), w)| *y = n * w);
            if let Some(bias) = bias {
                y.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
            }
            normed.scales.push(scale);
        }
        normed
    }

    /// The gradient of `x` from that of the output; that of weight and bias is added to `gradient`.
    pub fn backward(&self, values: &[f32], normed: &Normed, y_gradient: &[f32], gradient: &mut [f32]) -> Vec<f32> {
        let width = self.weight.columns;
        let weight = self.weight.of(values);
        let mut x_gradient = vec![0.0; y_gradient.len()];
        let rows = x_gradient.chunks_exact_mut(width).zip(y_gradient.chunks_exact(width));
        for ((dx, dy), (n, scale)) in rows.zip(normed.normalized.chunks_exact(width).zip(&normed.scales)) {
            let dw = self.weight.of_mut(gradient);
            dw.iter_mut().zip(dy).zip(n).for_each(|((dw, dy), n)| *dw += dy * n);
            if let Some(bias) = self.bias {
                bias.of_mut(gradient).iter_mut().zip(dy).for_each(|(db, dy)| *db += dy);
            }
            dx.iter_mut().zip(dy).zip(weight).for_each(|((dx, dy), w)| *dx = dy * w);
            // What changes the deviation, and the mean, of a row is divided out again.
            let along = sum(dx, n, |a, b| a * b) / width as f32;
            let mean = if self.bias.is_some() { sum(dx, dx, |a, _| a) / width as f32 } else { 0.0 };
            dx.iter_mut().zip(n).for_each(|(dx, n)| *dx = scale * (*dx - mean - n * along));
        }
        x_gradient
    }
}

fn sum(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let (lanes, rest): ([f32; 16], f32) = sum_in_lanes(a, b, f);
    lanes.iter().sum::<f32>() + rest
}
