//! Affine layers on the CPU: a packed, cache-blocked matrix product.
//!
//! Shared by the tokenizer and the text encoder. A row's result does not depend on the other rows
//! of its batch, so batching never changes a code.

use super::simd::{TILE_COLUMNS, TILE_ROWS, Tile, gelu, multiply_tile};
use crate::weights::Linear;

/// Depth of a block: a panel of `DEPTH × TILE_COLUMNS` weights stays in the first-level cache.
const DEPTH: usize = 384;
/// Rows of a block: `ROWS × DEPTH` packed inputs stay in the second-level cache.
const ROWS: usize = 96;

/// What follows the affine map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(0, y)`.
    Relu,
    /// `y · Φ(y)` with the exact error function, as BERT uses.
    Gelu,
}

/// A linear layer with its weights packed for [`multiply_tile`].
#[derive(Debug, Clone)]
pub struct PackedLinear {
    /// `[depth block][column panel][depth in block][TILE_COLUMNS]`, zero-padded columns.
    panels: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    outputs: usize,
}

impl PackedLinear {
    /// Packs a layer.
    pub fn new(layer: &Linear) -> Self {
        Self::from_rows(layer.inputs, layer.outputs, layer.bias.clone(), |o, i| layer.weight[o * layer.inputs + i])
    }

    /// Packs weights given by `weight(output, input)`.
    pub fn from_rows(inputs: usize, outputs: usize, bias: Vec<f32>, weight: impl Fn(usize, usize) -> f32) -> Self {
        let columns = outputs.div_ceil(TILE_COLUMNS);
        let mut panels = Vec::with_capacity(columns * TILE_COLUMNS * inputs);
        for start in (0..inputs).step_by(DEPTH) {
            for panel in 0..columns {
                for k in start..inputs.min(start + DEPTH) {
                    let outputs_of_panel = (panel * TILE_COLUMNS)..((panel + 1) * TILE_COLUMNS);
                    panels.extend(outputs_of_panel.map(|o| if o < outputs { weight(o, k) } else { 0.0 }));
                }
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
    /// If `x` is not a whole number of rows: callers check shapes at the border of the engine.
    pub fn forward(&self, x: &[f32], activation: Activation) -> Vec<f32> {
        let mut y = Vec::new();
        self.forward_into(x, activation, &mut y);
        y
    }

    /// Same as [`forward`](Self::forward), into a buffer that is used again.
    ///
    /// # Panics
    /// As [`forward`](Self::forward).
    pub fn forward_into(&self, x: &[f32], activation: Activation, y: &mut Vec<f32>) {
        assert!(x.len().is_multiple_of(self.inputs), "ragged batch");
        y.clear();
        for _ in 0..x.len() / self.inputs {
            y.extend_from_slice(&self.bias);
        }
        let mut packed = Vec::new();
        for (x, y) in x.chunks(ROWS * self.inputs).zip(y.chunks_mut(ROWS * self.outputs)) {
            self.add_product(x, y, &mut packed);
            activate(y, activation);
        }
    }

    /// `y += x Wᵀ` for at most [`ROWS`] rows.
    fn add_product(&self, x: &[f32], y: &mut [f32], packed: &mut Vec<f32>) {
        let columns = self.outputs.div_ceil(TILE_COLUMNS);
        let mut panels = &self.panels[..];
        for start in (0..self.inputs).step_by(DEPTH) {
            let depth = DEPTH.min(self.inputs - start);
            pack_rows(x, self.inputs, start, depth, packed);
            let (block, rest) = panels.split_at(columns * depth * TILE_COLUMNS);
            panels = rest;
            for (panel, weights) in block.chunks_exact(depth * TILE_COLUMNS).enumerate() {
                for (tile_row, inputs) in packed.chunks_exact(depth * TILE_ROWS).enumerate() {
                    let mut tile: Tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];
                    multiply_tile(inputs, weights, &mut tile);
                    add_tile(&tile, y, self.outputs, tile_row * TILE_ROWS, panel * TILE_COLUMNS);
                }
            }
        }
    }
}

/// Interleaves tiles of rows as `[tile][depth][TILE_ROWS]`; missing rows are zero.
fn pack_rows(x: &[f32], width: usize, start: usize, depth: usize, packed: &mut Vec<f32>) {
    let rows = x.len() / width;
    packed.clear();
    packed.resize(rows.div_ceil(TILE_ROWS) * TILE_ROWS * depth, 0.0);
    for (row, values) in x.chunks_exact(width).enumerate() {
        let tile = &mut packed[(row / TILE_ROWS) * TILE_ROWS * depth..];
        for (k, &v) in values[start..start + depth].iter().enumerate() {
            tile[k * TILE_ROWS + row % TILE_ROWS] = v;
        }
    }
}

/// Adds a register tile to the output, leaving out its padding.
fn add_tile(tile: &Tile, y: &mut [f32], width: usize, first_row: usize, first_column: usize) {
    let columns = TILE_COLUMNS.min(width - first_column);
    for (sums, y) in tile.iter().zip(y.chunks_exact_mut(width).skip(first_row)) {
        for (y, sum) in y[first_column..first_column + columns].iter_mut().zip(sums) {
            *y += sum;
        }
    }
}

fn activate(y: &mut [f32], activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => y.iter_mut().for_each(|v| *v = v.max(0.0)),
        Activation::Gelu => gelu(y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1u32 << 24) as f32 - 0.5
        };
        (0..n).map(|_| next()).collect()
    }

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
