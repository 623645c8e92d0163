//! Multi-head self-attention within one text, computed with the register tiles of the matrix product.

use crate::compute::cpu::simd_math::softmax;
use crate::compute::cpu::tile::{Activation, Columns, Rows, TILE_COLUMNS, TILE_ROWS, multiply};

/// Shapes of an attention layer, and buffers for one head at a time.
#[derive(Debug)]
pub struct Attention {
    /// Width of all heads together.
    width: usize,
    /// Width of a head.
    dim: usize,
    /// `[key block][dim][TILE_COLUMNS]` keys, divided by √dim.
    keys: Vec<f32>,
    /// `[dim block][positions][TILE_COLUMNS]` values.
    values: Vec<f32>,
    /// `[TILE_ROWS][positions, padded to whole key blocks]` scores of a tile of queries.
    scores: Vec<f32>,
}

impl Attention {
    /// Buffers for `heads` heads that are `width` wide together.
    pub fn new(width: usize, heads: usize) -> Self {
        let (keys, values, scores) = Default::default();
        Self { width, dim: width / heads, keys, values, scores }
    }

    /// Attends every position of one text to all of its positions.
    ///
    /// `qkv` is `[positions][3 · width]`, query, key and value side by side; the result `context` is `[positions][width]`.
    pub fn attend(&mut self, qkv: &[f32], context: &mut [f32]) {
        let positions = context.len() / self.width;
        let padded = positions.next_multiple_of(TILE_COLUMNS);
        // Padding may hold anything: it is either not read or masked before the softmax.
        self.keys.resize(padded * self.dim, 0.0);
        self.values.resize(self.dim.next_multiple_of(TILE_COLUMNS) * positions, 0.0);
        self.scores.resize(TILE_ROWS * padded, 0.0);
        for column in (0..self.width).step_by(self.dim) {
            self.pack_keys_and_values(qkv, positions, column);
            let tiles = qkv.chunks(TILE_ROWS * 3 * self.width).zip(context.chunks_mut(TILE_ROWS * self.width));
            for (queries, context) in tiles {
                let count = context.len() / self.width;
                self.score_tile(Rows { values: &queries[column..], stride: 3 * self.width, count }, positions);
                self.sum_values(&mut context[column..], count);
            }
        }
    }

    /// Packs keys and values of the head that begins at `column`.
    fn pack_keys_and_values(&mut self, qkv: &[f32], positions: usize, column: usize) {
        let (width, dim) = (self.width, self.dim);
        let scale = 1.0 / (dim as f32).sqrt();
        for (p, row) in qkv.chunks_exact(3 * width).enumerate() {
            let key = &row[width + column..][..dim];
            let block = &mut self.keys[(p / TILE_COLUMNS) * dim * TILE_COLUMNS..][..dim * TILE_COLUMNS];
            for (slots, &k) in block.as_chunks_mut::<TILE_COLUMNS>().0.iter_mut().zip(key) {
                slots[p % TILE_COLUMNS] = k * scale;
            }
            let value = &row[2 * width + column..][..dim];
            for (b, part) in value.chunks(TILE_COLUMNS).enumerate() {
                let slots = &mut self.values.as_chunks_mut::<TILE_COLUMNS>().0[b * positions + p];
                match part.first_chunk() {
                    Some(whole) => *slots = *whole,
                    None => slots[..part.len()].copy_from_slice(part),
                }
            }
        }
    }

    /// Softmax over the scores of a tile's queries with all keys.
    fn score_tile(&mut self, queries: Rows<'_, f32>, positions: usize) {
        let padded = self.scores.len() / TILE_ROWS;
        let scores = Columns { values: &mut self.scores, stride: padded, count: padded };
        multiply(queries, &self.keys, None, Activation::Identity, scores);
        for row in self.scores.chunks_exact_mut(padded).take(queries.count) {
            row[positions..].fill(f32::NEG_INFINITY);
            softmax(row);
        }
    }

    /// Sums of the values, weighted by the scores of `count` queries. `context` begins with the head's first column.
    fn sum_values(&self, context: &mut [f32], count: usize) {
        let weights = Rows { values: &self.scores, stride: self.scores.len() / TILE_ROWS, count };
        let context = Columns { values: context, stride: self.width, count: self.dim };
        multiply(weights, &self.values, None, Activation::Identity, context);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_plain_attention_where_tiles_do_not_fit() {
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
