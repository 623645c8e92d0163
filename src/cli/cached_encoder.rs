//! A text encoder with a cache, because catalogues repeat many of their texts.

use std::collections::HashMap;

use crate::text::{AnyTextEncoder, TextError};

/// Texts after which the cache is emptied: 12 MB of vectors of width 384.
const CAPACITY: usize = 8192;

/// A text encoder that keeps the vectors of recent texts.
pub struct CachedEncoder {
    encoder: AnyTextEncoder,
    /// Recent texts, each with its place.
    recent: HashMap<String, usize>,
    /// `[recent][width]`, by place.
    vectors: Vec<f32>,
}

/// Texts as places among recent ones, so that what is computed from a vector is computed once.
pub struct Placed {
    /// `[texts]`.
    pub places: Vec<usize>,
    /// `[new][width]` the vectors of new texts, whose places follow those given before.
    pub new: Vec<f32>,
    /// Whether all earlier places were given up before.
    pub emptied: bool,
}

impl CachedEncoder {
    /// Wraps `encoder`, with an empty cache.
    pub fn new(encoder: AnyTextEncoder) -> Self {
        Self { encoder, recent: HashMap::new(), vectors: Vec::new() }
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
        let width = self.encoder.width();
        let places = self.place(texts)?.places;
        Ok(places.into_iter().flat_map(|place| &self.vectors[place * width..][..width]).copied().collect())
    }

    /// Embeds those of `texts` that are not among the recent ones.
    ///
    /// # Errors
    /// The GPU failed.
    pub fn place(&mut self, texts: &[String]) -> Result<Placed, TextError> {
        let emptied = self.recent.len() > CAPACITY;
        if emptied {
            self.recent.clear();
            self.vectors.clear();
        }
        let mut unknown = Vec::new();
        let places = texts.iter().map(|text| match self.recent.get(text) {
            Some(&place) => place,
            None => {
                let place = self.recent.len();
                self.recent.insert(text.clone(), place);
                unknown.push(text);
                place
            }
        });
        let places = places.collect();
        let new = pollster::block_on(self.encoder.embed_async(&unknown))?;
        self.vectors.extend_from_slice(&new);
        Ok(Placed { places, new, emptied })
    }
}
