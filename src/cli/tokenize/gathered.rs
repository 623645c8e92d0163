//! The tokens of all batches. Catalogues repeat many of their texts, and each is tokenized once.

use super::batch::Embeddings;
use crate::cli::cached_encoder::Placed;
use crate::engine::{EngineError, Tokenized};

/// The tokens of the batches so far.
pub struct Gathered {
    pub tokens: Tokenized,
    /// Those of recent texts, by their places.
    recent: Tokenized,
    empty: Tokenized,
}

impl Gathered {
    /// No batch yet; `empty` has the shape of the model's results.
    pub fn new(empty: Tokenized) -> Self {
        Self { tokens: empty.clone(), recent: empty.clone(), empty }
    }

    /// Adds a batch, whose vectors, or those of its new texts, `tokenize` turns into tokens.
    ///
    /// # Errors
    /// Those of `tokenize`.
    pub fn add(
        &mut self,
        batch: Embeddings,
        tokenize: impl FnOnce(&[f32]) -> Result<Tokenized, EngineError>,
    ) -> Result<(), EngineError> {
        match batch {
            Embeddings::Each(values) => self.tokens.append(tokenize(&values)?),
            Embeddings::Placed(Placed { places, new, emptied }) => {
                if emptied {
                    self.recent = self.empty.clone();
                }
                if !new.is_empty() {
                    self.recent.append(tokenize(&new)?);
                }
                self.tokens.append(self.recent.subset(&places));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tokens of as many items as there are values, each the value's code.
    fn codes(values: &[f32]) -> Result<Tokenized, EngineError> {
        let codes: Vec<u32> = values.iter().map(|v| *v as u32).collect();
        let some = vec![0.0; codes.len()];
        Ok(Tokenized { items: codes.len(), slots: 1, levels: 1, residual_norms: some, codes, ..Tokenized::default() })
    }

    #[test]
    fn repeated_texts_get_the_tokens_that_they_had_until_the_cache_is_emptied() {
        let mut gathered = Gathered::new(Tokenized { slots: 1, levels: 1, ..Tokenized::default() });
        for (places, new, emptied) in [
            (vec![0, 1, 0], vec![7.0, 8.0], false),
            (vec![1, 2], vec![9.0], false),
            (vec![0, 0], vec![5.0], true),
            (vec![0], vec![], false),
        ] {
            gathered.add(Embeddings::Placed(Placed { places, new, emptied }), codes).unwrap();
        }
        gathered.add(Embeddings::Each(vec![3.0]), codes).unwrap();
        assert_eq!(gathered.tokens.codes, [7, 8, 7, 8, 9, 5, 5, 5, 3]);
    }
}
