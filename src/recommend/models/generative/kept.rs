//! Keys and values that a beam search keeps: those of a history, shared by its beams, and those of the tokens that each beam
//! has read itself.

use super::beam::Extension;
use crate::compute::cpu::rows::combine;
use crate::compute::cpu::simd_math::softmax;
use crate::recommend::network::attention::{DistanceBias, Heads};

/// Keys and values of one history in one layer.
#[derive(Debug)]
pub struct Memory {
    rows: usize,
    /// `[width][rows]`.
    keys: Vec<f32>,
    /// `[rows][width]`.
    values: Vec<f32>,
}

impl Memory {
    /// From rows of `pitch` values, of which the last `2 · width` are key and value.
    pub fn new(matrix: &[f32], pitch: usize, width: usize) -> Self {
        let rows = matrix.len() / pitch;
        let mut memory = Self { rows, keys: vec![0.0; width * rows], values: Vec::with_capacity(width * rows) };
        for (at, row) in matrix.chunks_exact(pitch).enumerate() {
            let (keys, values) = row[pitch - 2 * width..].split_at(width);
            keys.iter().enumerate().for_each(|(d, key)| memory.keys[d * rows + at] = *key);
            memory.values.extend_from_slice(values);
        }
        memory
    }
}

/// Keys and values of the tokens that each beam has read, in one layer.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// `[beams][tokens][2 · width]`.
    rows: Vec<f32>,
    tokens: usize,
}

impl Own {
    /// Gives every beam the tokens of its parent, and the new one whose key and value end its row of `matrix`.
    pub fn grow(&mut self, extensions: &[Extension], matrix: &[f32], pitch: usize, width: usize) {
        let before = self.tokens * 2 * width;
        let mut rows = Vec::with_capacity(extensions.len() * (before + 2 * width));
        for (extension, row) in extensions.iter().zip(matrix.chunks_exact(pitch)) {
            rows.extend_from_slice(&self.rows[extension.parent as usize * before..][..before]);
            rows.extend_from_slice(&row[pitch - 2 * width..]);
        }
        self.rows = rows;
        self.tokens += 1;
    }
}

/// What the rows of some beams look at, in one softmax.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookedAt<'a> {
    /// `[queries]` histories.
    pub memories: Option<&'a [Memory]>,
    /// The beams' own tokens, with what is added by distance.
    pub own: Option<(&'a Own, Option<DistanceBias<'a>>)>,
}

/// Attention of one row a beam: `[beams][width]`, by queries that begin the rows of `matrix`.
pub fn attend(heads: Heads, extensions: &[Extension], matrix: &[f32], pitch: usize, at: LookedAt<'_>) -> Vec<f32> {
    let (size, width) = (heads.size, heads.count * heads.size);
    let mut out = vec![0.0; extensions.len() * width];
    let (mut weights, mut q) = (Vec::new(), Vec::new());
    for (beam, (extension, out)) in extensions.iter().zip(out.chunks_exact_mut(width)).enumerate() {
        let memory = at.memories.map(|memories| &memories[extension.query as usize]);
        let rows = memory.map_or(0, |memory| memory.rows);
        for (head, out) in out.chunks_exact_mut(size).enumerate() {
            let column = head * size;
            q.clear();
            q.extend(matrix[beam * pitch + column..][..size].iter().map(|q| q * heads.scale));
            weights.clear();
            weights.resize(rows, 0.0);
            if let Some(memory) = memory {
                combine(&q, &memory.keys[column * rows..], rows, &mut weights);
            }
            let own = at.own.map(|(own, bias)| (own.of(beam, width), own.tokens, bias));
            if let Some((own, tokens, bias)) = own {
                let keys = own.chunks_exact(2 * width).map(|row| &row[column..][..size]);
                weights.extend(keys.map(|key| q.iter().zip(key).map(|(q, k)| q * k).sum::<f32>()));
                if let Some(bias) = bias {
                    let added = bias.of(head, tokens - 1, tokens);
                    weights[rows..].iter_mut().zip(added).for_each(|(weight, bias)| *weight += bias);
                }
            }
            softmax(&mut weights);
            if let Some(memory) = memory {
                combine(&weights[..rows], &memory.values[column..], width, out);
            }
            if let Some((own, ..)) = own {
                combine(&weights[rows..], &own[width + column..], 2 * width, out);
            }
        }
    }
    out
}

impl Own {
    fn of(&self, beam: usize, width: usize) -> &[f32] {
        let length = self.tokens * 2 * width;
        &self.rows[beam * length..][..length]
    }
}
