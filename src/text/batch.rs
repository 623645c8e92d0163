//! Parts that all encoders share: batches of texts of similar length, mean pooling, and results in the caller's order.

use super::{TextError, WordPiece};

/// Token ids of several texts, one after another, without padding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenBatch {
    /// Ids of all texts.
    pub ids: Vec<u32>,
    /// `[texts]` end of each text in `ids`.
    pub ends: Vec<usize>,
}

/// The transformer of a sentence encoder, on some device.
pub trait SentenceEncoder {
    /// Width of an embedding.
    fn width(&self) -> usize;

    /// Mean over positions of the last hidden states (see [`TokenBatch::mean_pool`]): `[texts][width]` for each batch.
    ///
    /// Takes several batches so that an implementation can keep all threads, or the queue of a device, busy.
    ///
    /// # Errors
    /// The error of the device.
    fn forward(&self, batches: &[TokenBatch]) -> impl Future<Output = Result<Vec<Vec<f32>>, TextError>>;
}

impl TokenBatch {
    /// Appends a text.
    pub fn push(&mut self, ids: &[u32]) {
        self.ids.extend_from_slice(ids);
        self.ends.push(self.ids.len());
    }

    /// Range of each text in `ids`.
    pub fn spans(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| start..end)
    }

    /// Mean over each text's positions, `[CLS]` and `[SEP]` included: `[positions][width]` → `[texts][width]`.
    pub fn mean_pool(&self, hidden: &[f32], width: usize) -> Vec<f32> {
        let mut pooled = vec![0.0; self.ends.len() * width];
        for (span, mean) in self.spans().zip(pooled.chunks_exact_mut(width)) {
            let scale = 1.0 / span.len() as f32;
            for row in hidden[span.start * width..span.end * width].chunks_exact(width) {
                mean.iter_mut().zip(row).for_each(|(m, v)| *m += v);
            }
            mean.iter_mut().for_each(|m| *m *= scale);
        }
        pooled
    }
}

/// Texts as batches of tokens, and the order in which their embeddings are returned.
pub struct BatchPlan {
    /// Batches of texts of similar length, each within the token budget unless one text alone exceeds it.
    pub batches: Vec<TokenBatch>,
    /// `[texts of the caller]` row of each text among those of all batches.
    rows: Vec<usize>,
}

impl BatchPlan {
    /// Tokenizes `texts` and sorts them by length into batches of up to `budget` tokens. Equal token sequences, which are
    /// common in catalogues, are encoded once.
    pub fn new<S: AsRef<str> + Sync>(tokenizer: &WordPiece, texts: &[S], budget: usize) -> Self {
        let tokens = tokenize(tokenizer, texts);
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by(|&a, &b| (tokens[a].len(), &tokens[a]).cmp(&(tokens[b].len(), &tokens[b])));
        let mut plan = Self { batches: Vec::new(), rows: vec![0; texts.len()] };
        let mut previous: Option<&[u32]> = None;
        let mut row = 0;
        for i in order {
            if previous.is_some_and(|p| p != tokens[i]) {
                row += 1;
            }
            if previous.is_none_or(|p| p != tokens[i]) {
                plan.push(&tokens[i], budget);
                previous = Some(&tokens[i]);
            }
            plan.rows[i] = row;
        }
        plan
    }

    /// Appends a text to the last batch, or to a new one.
    fn push(&mut self, ids: &[u32], budget: usize) {
        match self.batches.last_mut() {
            Some(batch) if batch.ids.len() + ids.len() <= budget => batch.push(ids),
            _ => {
                let mut batch = TokenBatch::default();
                batch.push(ids);
                self.batches.push(batch);
            }
        }
    }

    /// `[texts][width]` embeddings of unit length in the caller's order, from the pooled rows of all batches.
    pub fn embeddings(&self, pooled: &[Vec<f32>], width: usize) -> Vec<f32> {
        let rows: Vec<&[f32]> = pooled.iter().flat_map(|batch| batch.chunks_exact(width)).collect();
        let mut out = Vec::with_capacity(self.rows.len() * width);
        for &row in &self.rows {
            let norm = rows[row].iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
            out.extend(rows[row].iter().map(|v| (f64::from(*v) / norm.max(1e-12)) as f32));
        }
        out
    }
}

fn tokenize<S: AsRef<str> + Sync>(tokenizer: &WordPiece, texts: &[S]) -> Vec<Vec<u32>> {
    crate::base::parallel::map_chunks(texts, 64, |chunk| chunk.iter().map(|t| tokenizer.encode(t.as_ref())).collect::<Vec<_>>())
        .concat()
}
