//! Vectors of recent texts: catalogues repeat themselves.

use std::collections::HashMap;

use crate::text::{AnyTextEncoder, TextError};

/// Texts remembered: 12 MB of 384-wide vectors.
const REMEMBERED: usize = 8192;

/// A text encoder that remembers.
pub struct Memo {
    encoder: AnyTextEncoder,
    recent: HashMap<String, Vec<f32>>,
}

impl Memo {
    /// Remembers nothing yet.
    pub fn new(encoder: AnyTextEncoder) -> Self {
        Self { encoder, recent: HashMap::new() }
    }

    /// The encoder.
    pub fn encoder(&self) -> &AnyTextEncoder {
        &self.encoder
    }

    /// Embeds: `[texts][width]`, in order.
    ///
    /// # Errors
    /// The GPU stopped.
    pub fn embed(&mut self, texts: &[String]) -> Result<Vec<f32>, TextError> {
        if self.recent.len() > REMEMBERED {
            self.recent.clear();
        }
        let new: Vec<&String> = texts.iter().filter(|text| !self.recent.contains_key(*text)).collect();
        let vectors = pollster::block_on(self.encoder.embed_async(&new))?;
        let vectors = vectors.chunks_exact(self.encoder.width()).map(<[f32]>::to_vec);
        self.recent.extend(new.into_iter().cloned().zip(vectors));
        Ok(texts.iter().flat_map(|text| &self.recent[text]).copied().collect())
    }
}
