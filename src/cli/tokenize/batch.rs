//! Batches of items on their way to the engine, with what is known of each.

use std::borrow::Cow;

use crate::cli::cached_encoder::{CachedEncoder, Placed};

/// Items with their embeddings, for the engine.
pub struct Batch {
    pub ids: Vec<String>,
    /// `[ids]` of what was read of each.
    pub fingerprints: Vec<u32>,
    pub embeddings: Embeddings,
    /// Bytes or rows read up to here, for progress.
    pub position: u64,
}

/// Embeddings of a batch.
pub enum Embeddings {
    /// `[ids][width]`.
    Each(Vec<f32>),
    /// Those of new texts, and where those of the items are.
    Placed(Placed),
}

/// Items as read, with texts that may still have to be embedded.
pub struct Unembedded {
    pub ids: Vec<String>,
    /// `[ids]` of what was read of each.
    pub fingerprints: Vec<u32>,
    pub content: Content,
    /// Bytes or rows read up to here, for progress.
    pub position: u64,
}

/// What was read of items.
pub enum Content {
    Texts(Vec<String>),
    /// `[ids][width]`.
    Vectors(Vec<f32>),
}

impl Batch {
    /// Leaves the items for which `keep`, asked with id and fingerprint, says so.
    pub fn retain(&mut self, keep: impl FnMut(&str, u32) -> bool) {
        let kept = kept(&self.ids, &self.fingerprints, keep);
        retain(&mut self.ids, &kept, 1);
        retain(&mut self.fingerprints, &kept, 1);
        match &mut self.embeddings {
            Embeddings::Each(values) => {
                let width = values.len() / kept.len().max(1);
                retain(values, &kept, width);
            }
            // A new text stays, whether or not its item does: others may have it.
            Embeddings::Placed(placed) => retain(&mut placed.places, &kept, 1),
        }
    }
}

impl Unembedded {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Leaves the items for which `keep`, asked with id and fingerprint, says so.
    pub fn retain(&mut self, keep: impl FnMut(&str, u32) -> bool) {
        let kept = kept(&self.ids, &self.fingerprints, keep);
        let width = if let Content::Vectors(values) = &self.content { values.len() / kept.len().max(1) } else { 0 };
        retain(&mut self.ids, &kept, 1);
        retain(&mut self.fingerprints, &kept, 1);
        match &mut self.content {
            Content::Texts(texts) => retain(texts, &kept, 1),
            Content::Vectors(values) => retain(values, &kept, width),
        }
    }

    /// `[ids][width]` the embedding of each item. An input of texts needs an encoder.
    pub fn vectors(&self, encoder: Option<&mut CachedEncoder>) -> anyhow::Result<Cow<'_, [f32]>> {
        Ok(match (&self.content, encoder) {
            (Content::Vectors(values), _) => Cow::Borrowed(values),
            (Content::Texts(texts), Some(encoder)) => Cow::Owned(encoder.embed(texts)?),
            (Content::Texts(_), None) => unreachable!("an input of texts has an encoder"),
        })
    }

    /// The items with their embeddings. An input of texts needs an encoder.
    pub fn embedded(self, encoder: Option<&mut CachedEncoder>) -> anyhow::Result<Batch> {
        let embeddings = match (self.content, encoder) {
            (Content::Vectors(values), _) => Embeddings::Each(values),
            (Content::Texts(texts), Some(encoder)) => Embeddings::Placed(encoder.place(&texts)?),
            (Content::Texts(_), None) => unreachable!("an input of texts has an encoder"),
        };
        Ok(Batch { ids: self.ids, fingerprints: self.fingerprints, embeddings, position: self.position })
    }
}

/// `[ids]` which items `keep` chooses.
fn kept(ids: &[String], fingerprints: &[u32], mut keep: impl FnMut(&str, u32) -> bool) -> Vec<bool> {
    ids.iter().zip(fingerprints).map(|(id, &fingerprint)| keep(id, fingerprint)).collect()
}

/// Leaves the groups of `size` values that are `kept`.
fn retain<T>(values: &mut Vec<T>, kept: &[bool], size: usize) {
    let mut value = 0..;
    values.retain(|_| value.next().is_none_or(|value: usize| kept[value / size]));
}
