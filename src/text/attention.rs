//! Multi-head self-attention within one text, on the register tiles of the matrix product.

use crate::engine::cpu::simd::{TILE_COLUMNS, TILE_ROWS, Tile, multiply_tile, softmax};

const EMPTY: Tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];

/// Shapes of an attention layer, and buffers for one head at a time.
#[derive(Debug)]
pub struct Attention {
    /// Width of a position over all heads.
    width: usize,
    /// Width of a head.
    dim: usize,
    /// `[key block][dim][TILE_COLUMNS]`.
    keys: Vec<f32>,
    /// `[dim block][positions][TILE_COLUMNS]`.
    values: Vec<f32>,
    /// `[dim][TILE_ROWS]`.
    queries: Vec<f32>,
    /// `[TILE_ROWS][positions, padded to whole key blocks]`.
    scores: Vec<f32>,
    /// `[positions][TILE_ROWS]`: the scores after softmax, turned.
    weights: Vec<f32>,
}

impl Attention {
    /// Buffers for `heads` heads over `width`.
    pub fn new(width: usize, heads: usize) -> Self {
        let (keys, values, queries, scores, weights) = Default::default();
        Self { width, dim: width / heads, keys, values, queries, scores, weights }
    }

    /// Attends every position of one text to all of its positions.
    ///
    /// `qkv`: `[positions][3 · width]`, query, key and value side by side; `context`: `[positions][width]`.
    pub fn attend(&mut self, qkv: &[f32], context: &mut [f32]) {
        let positions = context.len() / self.width;
        for head in 0..self.width / self.dim {
            let column = head * self.dim;
            self.pack_keys_and_values(qkv, positions, column);
            for first in (0..positions).step_by(TILE_ROWS) {
                let rows = TILE_ROWS.min(positions - first);
                self.pack_queries(qkv, first, rows, column);
                self.score(positions, rows);
                self.mix(&mut context[first * self.width..], positions, rows, column);
            }
        }
    }

    fn pack_keys_and_values(&mut self, qkv: &[f32], positions: usize, column: usize) {
        let (width, dim) = (self.width, self.dim);
        let key_blocks = positions.div_ceil(TILE_COLUMNS);
        refill(&mut self.keys, key_blocks * dim * TILE_COLUMNS);
        refill(&mut self.values, dim.div_ceil(TILE_COLUMNS) * positions * TILE_COLUMNS);
        for (p, row) in qkv.chunks_exact(3 * width).enumerate() {
            let key = &row[width + column..][..dim];
            let block = &mut self.keys[(p / TILE_COLUMNS) * dim * TILE_COLUMNS..][..dim * TILE_COLUMNS];
            for (slot, &k) in block.iter_mut().skip(p % TILE_COLUMNS).step_by(TILE_COLUMNS).zip(key) {
                *slot = k;
            }
            let value = &row[2 * width + column..][..dim];
            for (b, part) in value.chunks(TILE_COLUMNS).enumerate() {
                self.values[(b * positions + p) * TILE_COLUMNS..][..part.len()].copy_from_slice(part);
            }
        }
    }

    /// Queries of a tile, divided by √dim; missing rows are zero.
    fn pack_queries(&mut self, qkv: &[f32], first: usize, rows: usize, column: usize) {
        let scale = 1.0 / (self.dim as f32).sqrt();
        refill(&mut self.queries, self.dim * TILE_ROWS);
        for r in 0..rows {
            let query = &qkv[(first + r) * 3 * self.width + column..][..self.dim];
            for (slot, &q) in self.queries.iter_mut().skip(r).step_by(TILE_ROWS).zip(query) {
                *slot = q * scale;
            }
        }
    }

    /// Scores of a tile's queries with every key, then softmax, then turned into `weights`.
    fn score(&mut self, positions: usize, rows: usize) {
        let padded = positions.next_multiple_of(TILE_COLUMNS);
        refill(&mut self.scores, TILE_ROWS * padded);
        for (b, keys) in self.keys.chunks_exact(self.dim * TILE_COLUMNS).enumerate() {
            let mut tile = EMPTY;
            multiply_tile(&self.queries, keys, &mut tile);
            for (row, sums) in self.scores.chunks_exact_mut(padded).zip(&tile) {
                row[b * TILE_COLUMNS..][..TILE_COLUMNS].copy_from_slice(sums);
            }
        }
        refill(&mut self.weights, positions * TILE_ROWS);
        for (r, row) in self.scores.chunks_exact_mut(padded).take(rows).enumerate() {
            softmax(&mut row[..positions]);
            for (slot, &w) in self.weights.iter_mut().skip(r).step_by(TILE_ROWS).zip(&row[..positions]) {
                *slot = w;
            }
        }
    }

    /// Weighted sums of the values, into the head's columns of `context`.
    fn mix(&self, context: &mut [f32], positions: usize, rows: usize, column: usize) {
        for (b, values) in self.values.chunks_exact(positions * TILE_COLUMNS).enumerate() {
            let mut tile = EMPTY;
            multiply_tile(&self.weights, values, &mut tile);
            let columns = TILE_COLUMNS.min(self.dim - b * TILE_COLUMNS);
            for (row, sums) in context.chunks_exact_mut(self.width).zip(&tile).take(rows) {
                row[column + b * TILE_COLUMNS..][..columns].copy_from_slice(&sums[..columns]);
            }
        }
    }
}

/// A buffer of `length` zeros.
fn refill(buffer: &mut Vec<f32>, length: usize) {
    buffer.clear();
    buffer.resize(length, 0.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_plain_attention_at_awkward_shapes() {
        for (positions, width, heads) in [(1, 8, 2), (5, 12, 3), (7, 40, 2), (33, 24, 1)] {
            let qkv: Vec<f32> = (0..positions * 3 * width).map(|i| ((i * 37 % 101) as f32 / 50.0) - 1.0).collect();
            let mut context = vec![f32::NAN; positions * width];
            Attention::new(width, heads).attend(&qkv, &mut context);
            for (got, expected) in context.iter().zip(plain(&qkv, positions, width, heads)) {
                assert!((f64::from(*got) - expected).abs() < 1e-5, "{positions} positions, {heads} heads of {width}");
            }
        }
    }

    fn plain(qkv: &[f32], positions: usize, width: usize, heads: usize) -> Vec<f64> {
        let dim = width / heads;
        let at = |p: usize, part: usize, c: usize| f64::from(qkv[p * 3 * width + part * width + c]);
        let mut out = vec![0.0; positions * width];
        for (p, c) in (0..positions).flat_map(|p| (0..width).map(move |c| (p, c))) {
            let base = c / dim * dim;
            let score = |k| (0..dim).map(|d| at(p, 0, base + d) * at(k, 1, base + d)).sum::<f64>() / (dim as f64).sqrt();
            let exps: Vec<f64> = (0..positions).map(|k| score(k).exp()).collect();
            out[p * width + c] = (0..positions).map(|k| exps[k] * at(k, 2, c)).sum::<f64>() / exps.iter().sum::<f64>();
        }
        out
    }
}
