//! Affine layers on the CPU: a packed, cache-blocked matrix product.
//!
//! The tokenizer and the text encoder share it. A row's result does not depend on the other rows of its batch, so
//! batching never changes a code.

use super::tile::{self, Activation, Columns, Rows, TILE_COLUMNS, TILE_ROWS};
use crate::model::Linear;

/// Values in a block of rows. The block and a panel of weights, which every tile of the block reads, fit the second-level
/// cache; the rows of one tile fit the first.
const BLOCK: usize = 1 << 15;
/// Rows of a block at most.
const MOST_ROWS: usize = 96;

/// A linear layer with its weights packed for [`tile::multiply`].
#[derive(Debug, Clone)]
pub struct PackedLinear {
    /// `[column panel][inputs][TILE_COLUMNS]`, zero-padded columns.
    panels: Vec<f32>,
    /// Zero-padded to whole panels.
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl PackedLinear {
    /// Packs a layer.
    pub fn new(layer: &Linear) -> Self {
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let columns = outputs.next_multiple_of(TILE_COLUMNS);
        let mut bias = layer.bias.clone();
        bias.resize(columns, 0.0);
        let mut panels = vec![0.0; columns * inputs];
        for (o, row) in layer.weight.chunks_exact(inputs).enumerate() {
            let panel = &mut panels[o / TILE_COLUMNS * TILE_COLUMNS * inputs..][..TILE_COLUMNS * inputs];
            for (column, weight) in panel.as_chunks_mut::<TILE_COLUMNS>().0.iter_mut().zip(row) {
                column[o % TILE_COLUMNS] = *weight;
            }
        }
        Self { panels, bias, inputs, outputs }
    }

    /// Input width.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Output width.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// `x [rows][inputs]` → `[rows][outputs]`.
    ///
    /// # Panics
    /// If `x` is not a whole number of rows, which an engine checks before.
    pub fn forward(&self, x: &[f32], activation: Activation) -> Vec<f32> {
        let mut y = Vec::new();
        self.forward_into(x, activation, &mut y);
        y
    }

    /// As [`forward`](Self::forward), into a buffer that the caller reuses.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    pub fn forward_into(&self, x: &[f32], activation: Activation, y: &mut Vec<f32>) {
        assert!(x.len().is_multiple_of(self.inputs), "ragged batch");
        y.resize(x.len() / self.inputs * self.outputs, 0.0);
        let rows = rows_per_block(self.inputs);
        for (x, y) in x.chunks(rows * self.inputs).zip(y.chunks_mut(rows * self.outputs)) {
            let x = Rows { values: x, stride: self.inputs, count: x.len() / self.inputs };
            let y = Columns { values: y, stride: self.outputs, count: self.outputs };
            tile::multiply(x, &self.panels, Some(&self.bias), activation, y);
        }
    }
}

/// Rows of a block, each of `depth` values: whole tiles, at least one.
pub(super) fn rows_per_block(depth: usize) -> usize {
    (BLOCK / depth.max(1) / TILE_ROWS).clamp(1, MOST_ROWS / TILE_ROWS) * TILE_ROWS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    #[test]
    fn products_match_float64_at_every_awkward_shape() {
        for (rows, inputs, outputs) in [(1, 1, 1), (5, 3, 17), (7, 385, 31), (100, 384, 16), (97, 769, 33)] {
            let layer = Linear { weight: noise(inputs * outputs, 1), bias: noise(outputs, 2), inputs, outputs };
            let x = noise(rows * inputs, 3);
            let y = PackedLinear::new(&layer).forward(&x, Activation::Identity);
            for r in 0..rows {
                for o in 0..outputs {
                    let products = (0..inputs).map(|i| f64::from(x[r * inputs + i]) * f64::from(layer.weight[o * inputs + i]));
                    let exact = f64::from(layer.bias[o]) + products.sum::<f64>();
                    assert!((f64::from(y[r * outputs + o]) - exact).abs() < 1e-5, "{rows}x{inputs}x{outputs} at {r},{o}");
                }
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_its_batch() {
        let layer = Linear { weight: noise(40 * 50, 1), bias: noise(50, 2), inputs: 40, outputs: 50 };
        let packed = PackedLinear::new(&layer);
        let x = noise(103 * 40, 3);
        let together = packed.forward(&x, Activation::Relu);
        for r in 0..103 {
            let alone = packed.forward(&x[r * 40..(r + 1) * 40], Activation::Relu);
            assert_eq!(alone, together[r * 50..(r + 1) * 50]);
        }
    }
}
