//! Affine layers.

use super::weights::{Start, Tensor, Weights};
use crate::compute::cpu::gemm::{Side, multiply_add_here};
use crate::learn::parameters::Group;

/// `y = x Wᵀ + b`.
#[derive(Debug, Clone, Copy)]
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    /// A layer `name` of `[inputs, outputs]` whose weights start as `start`, with a bias of zeros where `bias`.
    pub fn new(weights: &mut Weights, name: &str, [inputs, outputs]: [usize; 2], bias: bool, start: Start) -> Self {
        let weight = weights.add(&format!("{name}.weight"), [outputs, inputs], Group::Decay, start);
        let bias = bias.then(|| weights.add(&format!("{name}.bias"), [1, outputs], Group::NoDecay, Start::Constant(0.0)));
        Self { weight, bias }
    }

    /// Width of its output.
    pub fn outputs(&self) -> usize {
        self.weight.rows
    }

    /// `[rows][outputs]` of `x [rows][inputs]`.
    pub fn forward(&self, values: &[f32], x: &[f32]) -> Vec<f32> {
        let outputs = self.weight.rows;
        let rows = x.len() / self.weight.columns;
        let mut y = match self.bias {
            Some(bias) => bias.of(values).repeat(rows),
            None => vec![0.0; rows * outputs],
        };
        let (x, w) = (Side::Rows(x, self.weight.columns), Side::Rows(self.weight.of(values), self.weight.columns));
        multiply_add_here(x, w, &mut y);
        y
    }

    /// The gradient of `x` from that of the output; the layer's own is added to `gradient`.
    pub fn backward(&self, values: &[f32], x: &[f32], y_gradient: &[f32], gradient: &mut [f32]) -> Vec<f32> {
        self.learn(x, y_gradient, gradient);
        let mut x_gradient = vec![0.0; x.len()];
        let y = Side::Rows(y_gradient, self.weight.rows);
        multiply_add_here(y, Side::Columns(self.weight.of(values), self.weight.columns), &mut x_gradient);
        x_gradient
    }

    /// Adds the layer's own gradient.
    fn learn(&self, x: &[f32], y_gradient: &[f32], gradient: &mut [f32]) {
        let (outputs, inputs) = (self.weight.rows, self.weight.columns);
        multiply_add_here(Side::Columns(y_gradient, outputs), Side::Columns(x, inputs), self.weight.of_mut(gradient));
        if let Some(bias) = self.bias {
            let sums = bias.of_mut(gradient);
            for row in y_gradient.chunks_exact(outputs) {
                sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g);
            }
        }
    }
}
