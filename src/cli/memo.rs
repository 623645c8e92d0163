//! Vectors of recent texts: catalogues repeat themselves.

use std::collections::HashMap;

use crate::text::TextEncoder;

/// Texts remembered: 12 MB of 384-wide vectors.
const REMEMBERED: usize = 8192;

/// A text encoder that remembers.
pub struct Memo {
    encoder: TextEncoder,
    recent: HashMap<String, Vec<f32>>,
}

impl Memo {
    /// Remembers nothing yet.
    pub fn new(encoder: TextEncoder) -> Self {
        Self { encoder, recent: HashMap::new() }
    }

    /// The encoder.
    pub fn encoder(&self) -> &TextEncoder {
        &self.encoder
    }

    /// Embeds: `[texts][width]`, in order.
    pub fn embed(&mut self, texts: &[String]) -> Vec<f32> {
        if self.recent.len() > REMEMBERED {
            self.recent.clear();
        }
        let new: Vec<&String> = texts.iter().filter(|text| !self.recent.contains_key(*text)).collect();
        let vectors = self.encoder.embed(&new);
        let vectors = vectors.chunks_exact(self.encoder.width()).map(<[f32]>::to_vec);
        self.recent.extend(new.into_iter().cloned().zip(vectors));
        texts.iter().flat_map(|text| &self.recent[text]).copied().collect()
    }
}
