//! Affine layers in 16-bit integers, for weights that were stored in 8 bits: twice as many products a cycle as in f32,
//! from half the bytes.
//!
//! Each row of both operands is scaled to the same Euclidean norm and rounded. The norm is as large as sums in 32 bits
//! allow, which leaves a value about 12 bits. Integer sums do not depend on their order, so every processor gets the same.
//! The result is within 1e-3 of the f32 product of the same weights, a tenth of the error that storing them in 8 bits
//! causes.

use super::linear::rows_per_block;
use super::simd_math::round_row;
use super::tile::{self, Activation, Columns, Rows, TILE_COLUMNS, Units};
use crate::model::Linear;

/// A linear layer in integers, packed for [`tile::multiply_i16`].
#[derive(Debug, Clone)]
pub struct IntegerLinear {
    /// `[column panel][pair][TILE_COLUMNS][2]`, zero-padded columns.
    panels: Vec<i16>,
    /// Value of one integer step in each row of weights; zero-padded to whole panels, as the bias is.
    units: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    /// `inputs`, rounded up to an even number.
    depth: usize,
    outputs: usize,
}

/// Rounded inputs, in buffers that are reused.
#[derive(Debug, Clone, Default)]
pub struct Rounded {
    /// `[rows][depth]`.
    values: Vec<i16>,
    /// Value of one integer step in each row.
    units: Vec<f32>,
}

impl IntegerLinear {
    /// Rounds and packs a layer.
    pub fn new(layer: &Linear) -> Self {
        let depth = layer.inputs.next_multiple_of(2);
        let columns = layer.outputs.next_multiple_of(TILE_COLUMNS);
        let mut rounded = vec![0; columns * depth];
        let mut units = vec![0.0; columns];
        let rows = layer.weight.chunks_exact(layer.inputs).zip(rounded.chunks_exact_mut(depth));
        for ((row, rounded), unit) in rows.zip(&mut units) {
            round_row(row, norm(depth), rounded, unit);
        }
        let mut bias = layer.bias.clone();
        bias.resize(columns, 0.0);
        Self { panels: pack(&rounded, depth), units, bias, inputs: layer.inputs, depth, outputs: layer.outputs }
    }

    /// `x [rows][inputs]` → `y [rows][outputs]`.
    ///
    /// # Panics
    /// If `x` is not a whole number of rows.
    pub fn forward_into(&self, x: &[f32], activation: Activation, rounded: &mut Rounded, y: &mut Vec<f32>) {
        assert!(x.len().is_multiple_of(self.inputs), "ragged batch");
        self.round(x, rounded);
        y.resize(rounded.units.len() * self.outputs, 0.0);
        let block = rows_per_block(self.depth);
        let rows = rounded.values.chunks(block * self.depth).zip(rounded.units.chunks(block));
        for ((x, units), y) in rows.zip(y.chunks_mut(block * self.outputs)) {
            let x = Rows { values: x, stride: self.depth, count: units.len() };
            let y = Columns { values: y, stride: self.outputs, count: self.outputs };
            tile::multiply_i16(x, &self.panels, Units { rows: units, columns: &self.units }, &self.bias, activation, y);
        }
    }

    /// Largest error of a product of an input row and a row of weights, both of norm 1: rounding moves each of the
    /// `inputs` values of both by half a step at most, and a step is at most 1/32,767 of the norm.
    pub fn error_bound(inputs: usize) -> f32 {
        1.01 * (inputs as f32).sqrt() / f32::from(i16::MAX)
    }

    fn round(&self, x: &[f32], rounded: &mut Rounded) {
        let rows = x.len() / self.inputs;
        rounded.values.resize(rows * self.depth, 0);
        rounded.units.resize(rows, 0.0);
        let rows = x.chunks_exact(self.inputs).zip(rounded.values.chunks_exact_mut(self.depth));
        for ((x, values), unit) in rows.zip(&mut rounded.units) {
            round_row(x, norm(self.depth), values, unit);
            values[self.inputs..].fill(0);
        }
    }
}

/// The norm that rows of `depth` values are scaled to: by the Cauchy–Schwarz inequality, no sum of products then leaves 32
/// bits, nor does any partial sum. Some room is left for rounding, which moves a value by a half at most, and for the
/// errors of f32.
fn norm(depth: usize) -> f32 {
    0.9999 * (i32::MAX as f32).sqrt() - 0.5 * (depth as f32).sqrt()
}

/// `[columns][depth]` → panels.
fn pack(rounded: &[i16], depth: usize) -> Vec<i16> {
    let mut panels = Vec::with_capacity(rounded.len());
    for panel in rounded.chunks_exact(TILE_COLUMNS * depth) {
        for k in (0..depth).step_by(2) {
            panels.extend((0..TILE_COLUMNS).flat_map(|column| [panel[column * depth + k], panel[column * depth + k + 1]]));
        }
    }
    panels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    fn forward(layer: &IntegerLinear, x: &[f32]) -> Vec<f32> {
        let mut y = Vec::new();
        layer.forward_into(x, Activation::Identity, &mut Rounded::default(), &mut y);
        y
    }

    #[test]
    fn products_stay_close_to_float64_at_every_awkward_shape() {
        for (rows, inputs, outputs) in [(1, 1, 1), (5, 3, 17), (7, 769, 31), (100, 1536, 16), (97, 770, 33)] {
            let layer = Linear { weight: noise(inputs * outputs, 1), bias: noise(outputs, 2), inputs, outputs };
            let x = noise(rows * inputs, 3);
            let y = forward(&IntegerLinear::new(&layer), &x);
            for (r, o) in (0..rows).flat_map(|r| (0..outputs).map(move |o| (r, o))) {
                let products = (0..inputs).map(|i| f64::from(x[r * inputs + i]) * f64::from(layer.weight[o * inputs + i]));
                let exact = f64::from(layer.bias[o]) + products.sum::<f64>();
                let error = (f64::from(y[r * outputs + o]) - exact).abs();
                assert!(error < 2e-4 * (inputs as f64).sqrt(), "{rows}x{inputs}x{outputs} at {r},{o}: off by {error}");
            }
        }
    }

    /// The largest sums there can be: inputs along a row of weights, all of one sign.
    #[test]
    fn no_sum_overflows() {
        for (inputs, x) in
            [(1536, vec![3.0; 1536]), (4096, vec![1e30; 4096]), (384, vec![1e-25; 384]), (2, vec![1e-20, 0.0]), (3, vec![0.0; 3])]
        {
            let layer = Linear { weight: vec![0.5; inputs], bias: vec![0.0], inputs, outputs: 1 };
            let exact: f64 = x.iter().map(|&v| f64::from(v) * 0.5).sum();
            let y = f64::from(forward(&IntegerLinear::new(&layer), &x)[0]);
            assert!((y - exact).abs() <= 2e-3 * exact, "{y} for {exact}");
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_batch() {
        let layer = Linear { weight: noise(41 * 50, 1), bias: noise(50, 2), inputs: 41, outputs: 50 };
        let (layer, x) = (IntegerLinear::new(&layer), noise(103 * 41, 3));
        let together = forward(&layer, &x);
        for r in 0..103 {
            assert_eq!(forward(&layer, &x[r * 41..(r + 1) * 41]), together[r * 50..(r + 1) * 50]);
        }
    }

    #[test]
    fn nan_gives_nan() {
        let layer = IntegerLinear::new(&Linear { weight: vec![1.0; 2], bias: vec![0.0], inputs: 2, outputs: 1 });
        assert!(forward(&layer, &[f32::NAN, 1.0])[0].is_nan());
    }
}
