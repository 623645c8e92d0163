//! A text encoder with a cache, because catalogues repeat many of their texts.

use std::collections::HashMap;

use crate::text::{AnyTextEncoder, TextError};

/// Texts after which the cache is emptied: 12 MB of vectors of width 384.
const CAPACITY: usize = 8192;

/// A text encoder that keeps the vectors of recent texts.
pub struct CachedEncoder {
    encoder: AnyTextEncoder,
    recent: HashMap<String, Vec<f32>>,
}

impl CachedEncoder {
    /// Wraps `encoder`, with an empty cache.
    pub fn new(encoder: AnyTextEncoder) -> Self {
        Self { encoder, recent: HashMap::new() }
    }

    /// The encoder without its cache.
    pub fn encoder(&self) -> &AnyTextEncoder {
        &self.encoder
    }

    /// Embeddings of `texts`, in order: `[texts][width]`.
    ///
    /// # Errors
    /// The GPU failed.
    pub fn embed(&mut self, texts: &[String]) -> Result<Vec<f32>, TextError> {
        if self.recent.len() > CAPACITY {
            self.recent.clear();
        }
        let new: Vec<&String> = texts.iter().filter(|text| !self.recent.contains_key(*text)).collect();
        let vectors = pollster::block_on(self.encoder.embed_async(&new))?;
        let vectors = vectors.chunks_exact(self.encoder.width()).map(<[f32]>::to_vec);
        self.recent.extend(new.into_iter().cloned().zip(vectors));
        Ok(texts.iter().flat_map(|text| &self.recent[text]).copied().collect())
    }
}
