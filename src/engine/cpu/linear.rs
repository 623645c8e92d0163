//! Affine layers on the CPU: a packed, cache-blocked matrix product.
//!
//! Shared by the tokenizer and the text encoder. A row's result does not depend on the other rows
//! of its batch, so batching never changes a code.

use super::simd_math::gelu;
use super::simd_tile::{Rows, TILE_COLUMNS, TILE_ROWS, Tile, multiply_tile, relu};
use crate::weights::Linear;

/// The greatest depth of a block: a panel of `DEPTH × TILE_COLUMNS` weights is as much as the first-level cache holds.
const DEPTH: usize = 512;
/// Rows of a block: `ROWS × DEPTH` inputs stay in the second-level cache.
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
    /// Zero-padded to whole panels.
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
    pub fn from_rows(inputs: usize, outputs: usize, mut bias: Vec<f32>, weight: impl Fn(usize, usize) -> f32) -> Self {
        let columns = outputs.next_multiple_of(TILE_COLUMNS);
        bias.resize(columns, 0.0);
        let mut panels = Vec::with_capacity(columns * inputs);
        let depth = block_depth(inputs);
        for start in (0..inputs).step_by(depth) {
            for panel in (0..columns).step_by(TILE_COLUMNS) {
                for k in start..inputs.min(start + depth) {
                    panels.extend((panel..panel + TILE_COLUMNS).map(|o| if o < outputs { weight(o, k) } else { 0.0 }));
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
        y.resize(x.len() / self.inputs * self.outputs, 0.0);
        for (x, y) in x.chunks(ROWS * self.inputs).zip(y.chunks_mut(ROWS * self.outputs)) {
            self.multiply(x, activation, y);
        }
    }

    /// `y = f(x Wᵀ + b)` for at most [`ROWS`] rows.
    fn multiply(&self, x: &[f32], activation: Activation, y: &mut [f32]) {
        let mut panels = &self.panels[..];
        for start in (0..self.inputs).step_by(block_depth(self.inputs)) {
            let depth = block_depth(self.inputs).min(self.inputs - start);
            let (block, rest) = panels.split_at(self.bias.len() * depth);
            panels = rest;
            for (panel, weights) in block.chunks_exact(depth * TILE_COLUMNS).enumerate() {
                let tiles = x.chunks(TILE_ROWS * self.inputs).zip(y.chunks_mut(TILE_ROWS * self.outputs));
                for (x, y) in tiles {
                    let rows = Rows { values: &x[start..], stride: self.inputs, count: x.len() / self.inputs };
                    let mut tile = [self.bias.as_chunks().0[panel]; TILE_ROWS];
                    if start > 0 {
                        load_tile(y, self.outputs, panel, &mut tile);
                    }
                    multiply_tile(rows, weights, &mut tile);
                    if rest.is_empty() {
                        activate(&mut tile, activation);
                    }
                    store_tile(&tile, y, self.outputs, panel);
                }
            }
        }
    }
}

/// Depth of the blocks of a layer, all but equal: a short last one would be mostly loads and stores.
fn block_depth(inputs: usize) -> usize {
    inputs.div_ceil(inputs.div_ceil(DEPTH).max(1)).max(1)
}

/// The columns of a panel in rows of `width`, into a tile.
pub(super) fn load_tile(y: &[f32], width: usize, panel: usize, tile: &mut Tile) {
    for (sums, y) in tile.iter_mut().zip(y.chunks_exact(width)) {
        copy(&y[panel * TILE_COLUMNS..], sums);
    }
}

/// A tile into the columns of a panel, without its padding.
pub(super) fn store_tile(tile: &Tile, y: &mut [f32], width: usize, panel: usize) {
    for (row, sums) in tile.iter().enumerate() {
        let Some(to) = y.get_mut(row * width + panel * TILE_COLUMNS..(row + 1) * width) else { return };
        copy(sums, to);
    }
}

/// As much as both have, at most a tile's row; a whole row without a call.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    if let (Some(from), Some(to)) = (from.first_chunk::<TILE_COLUMNS>(), to.first_chunk_mut()) {
        *to = *from;
    } else {
        to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
    }
}

/// While the tile is in the first-level cache.
pub(super) fn activate(tile: &mut Tile, activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Relu => relu(tile),
        Activation::Gelu => gelu(tile.as_flattened_mut()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn noise(n: usize, seed: u32) -> Vec<f32> {
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
