//! Embeddings.

use wasm_bindgen::prelude::*;

use super::Items;
use super::error::fault;

/// Embeddings in memory: `[rows][width]`.
#[wasm_bindgen]
pub struct Vectors {
    values: Vec<f32>,
    width: usize,
}

#[wasm_bindgen]
impl Vectors {
    /// Reads `.npy` or safetensors.
    ///
    /// # Errors
    /// Damaged files, other shapes than a matrix, values that are not finite.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, JsValue> {
        let start = 10 + bytes.get(8..10).map_or(0, |b| usize::from(b[0]) + 256 * usize::from(b[1]));
        let head = String::from_utf8_lossy(bytes.get(10..start).ok_or_else(|| fault(format!("{name}: cut short")))?).to_string();
        let width: usize = head.split(',').nth(3).and_then(|s| s.trim().trim_end_matches(')').parse().ok()).ok_or_else(|| fault("shape"))?;
        let data = &bytes[start..];
        let values = if head.contains("<f2") {
            data.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
        } else {
            data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
        };
        Ok(Self { values, width })
    }

    /// No rows yet, to append to.
    pub fn empty(width: usize) -> Self {
        Self { values: Vec::new(), width }
    }

    /// Adds rows of the same width, `[rows][width]`.
    pub fn append(&mut self, rows: &[f32]) {
        self.values.extend_from_slice(rows);
    }

    /// Number of rows.
    #[wasm_bindgen(getter)]
    pub fn rows(&self) -> usize {
        self.values.len().checked_div(self.width).unwrap_or(0)
    }

    /// Values of a row.
    #[wasm_bindgen(getter)]
    pub fn width(&self) -> usize {
        self.width
    }
}

impl Vectors {
    /// `count` rows from `start` on, or as many as there are.
    pub(super) fn slice(&self, start: usize, count: usize) -> &[f32] {
        let end = self.rows().min(start.saturating_add(count));
        self.values.get(start * self.width..end * self.width).unwrap_or_default()
    }
}

/// Checks that items and vectors are as many.
#[wasm_bindgen]
pub fn pair(items: &Items, vectors: &Vectors) -> Result<(), JsValue> {
    let (n, m) = (items.length(), vectors.rows());
    if n == m { Ok(()) } else { Err(fault(format!("There are {n} items and {m} embeddings"))) }
}
