//! Texts divided into chunks that fit the working memory, with the indices that the kernels need.

use super::limits::QUERIES;
use crate::compute::DeviceError;
use crate::compute::gpu::limits::check;
use crate::text::TokenBatch;

/// Texts that are computed together, stored one after another without padding.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Chunk {
    /// `[tokens]` id and position within the text.
    pub tokens: Vec<[u32; 2]>,
    /// `[attention workgroups]` first query, end of the queries, first key, end of the keys.
    pub tiles: Vec<[u32; 4]>,
    /// `[texts]` first token and end.
    pub spans: Vec<[u32; 2]>,
}

/// Divides the texts of all batches, in order, into chunks of at most `capacity` tokens. A chunk may hold texts of several
/// batches, since batches are ordered by length.
///
/// # Errors
/// [`DeviceError::Limit`] if a text is longer than a chunk.
pub fn cut(batches: &[TokenBatch], capacity: usize) -> Result<Vec<Chunk>, DeviceError> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for (batch, span) in batches.iter().flat_map(|batch| batch.spans().map(move |span| (batch, span))) {
        let ids = &batch.ids[span];
        check("tokens in one text", ids.len() as u64, capacity as u64)?;
        if chunks.last().is_none_or(|chunk| !chunk.has_room(ids.len(), capacity)) {
            chunks.push(Chunk::default());
        }
        chunks.last_mut().expect("one was just added").push(ids);
    }
    Ok(chunks)
}

impl Chunk {
    /// One text of `tokens` arbitrary tokens, for timing.
    pub fn of_length(tokens: usize) -> Self {
        let mut chunk = Self::default();
        chunk.push(&vec![0; tokens]);
        chunk
    }

    /// Whether a text of `tokens` tokens fits. The number of texts is limited as well, because empty texts have no tokens.
    fn has_room(&self, tokens: usize, capacity: usize) -> bool {
        self.tokens.len() + tokens <= capacity && self.spans.len() < capacity
    }

    fn push(&mut self, ids: &[u32]) {
        let first = self.tokens.len() as u32;
        self.tokens.extend(ids.iter().zip(0..).map(|(&id, position)| [id, position]));
        let end = self.tokens.len() as u32;
        let queries = (first..end).step_by(QUERIES);
        self.tiles.extend(queries.map(|query| [query, end.min(query + QUERIES as u32), first, end]));
        self.spans.push([first, end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(lengths: &[usize]) -> TokenBatch {
        let mut batch = TokenBatch::default();
        lengths.iter().for_each(|&n| batch.push(&(0..n as u32).collect::<Vec<_>>()));
        batch
    }

    #[test]
    fn chunks_span_batches_and_hold_whole_texts() {
        let chunks = cut(&[batch(&[2, 0, 3]), batch(&[40, 5])], 44).unwrap();
        assert_eq!(chunks[0].spans, [[0, 2], [2, 2], [2, 5]]);
        assert_eq!(chunks[0].tokens, [[0, 0], [1, 1], [0, 0], [1, 1], [2, 2]]);
        assert_eq!(chunks[0].tiles, [[0, 2, 0, 2], [2, 5, 2, 5]], "an empty text has none");
        assert_eq!(chunks[1].tiles, [[0, 32, 0, 40], [32, 40, 0, 40]]);
        assert_eq!(chunks[2].spans, [[0, 5]]);
        assert_eq!(cut(&[batch(&[0; 7])], 3).unwrap().len(), 3);
        assert!(cut(&[], 3).unwrap().is_empty());
    }

    #[test]
    fn a_text_longer_than_a_chunk_is_refused() {
        let error = cut(&[batch(&[2, 45])], 44).unwrap_err().to_string();
        assert!(error.contains("45 tokens in one text, this device allows 44"), "{error}");
    }
}
