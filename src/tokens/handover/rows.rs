//! First embeddings of item tokens in a language model, from the codebooks that the tokens stand for (METHOD.md, Tokens).

use super::codes::code;
use super::error::HandoverError;
use crate::base::random::noise;
use crate::base::words::counted;
use crate::model::Model;
use crate::tokens::{CodeVocabulary, Columns, Layout, Position, Schema};

/// Seed of the projection and of rows that stand for nothing.
const SEED: u32 = 20_251_122;

/// What initial rows are made of.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    /// The tokenizer that made the index.
    pub model: &'a Model,
    /// Its layout.
    pub layout: Layout,
    /// Its tokens of the experts' codes.
    pub code_vocabulary: CodeVocabulary,
    /// Width of the language model's embeddings.
    pub hidden_size: usize,
    /// Root mean square of a row's values, as the language model's own embeddings have.
    pub deviation: f32,
}

impl Rows<'_> {
    /// `[tokens][hidden size]` rows of a vocabulary, of which `index` uses some.
    ///
    /// # Errors
    /// The index was not made by this model with this layout.
    pub(super) fn of(&self, index: &Columns, vocabulary: &[String]) -> Result<Vec<f32>, HandoverError> {
        let schema = Schema::new(&self.model.config.model, self.layout, self.code_vocabulary)
            .map_err(|error| HandoverError::Model { what: error.to_string() })?;
        if index.width() != schema.width() && index.width() != schema.width() + 1 {
            let what = format!("its codewords have {}, those of the index {}", counted(schema.width(), "token"), index.width());
            return Err(HandoverError::Model { what });
        }
        let latent = self.model.config.model.latent;
        let projection = noise(self.hidden_size * latent, SEED);
        let mut rows = noise(vocabulary.len() * self.hidden_size, SEED + 1);
        for (position, meaning) in schema.positions.iter().enumerate() {
            let centroids = self.centroids(index, &schema, position, *meaning)?;
            let centred = centred(centroids, latent);
            for (token, row) in vocabulary.iter().zip(rows.chunks_exact_mut(self.hidden_size)) {
                if let Some(vector) = code(token, position).and_then(|number| centred.chunks_exact(latent).nth(number)) {
                    project(&projection, vector, row);
                }
            }
        }
        rows.chunks_exact_mut(self.hidden_size).for_each(|row| scale(row, self.deviation));
        Ok(rows)
    }

    /// `[size][latent]` what the tokens of a position stand for: a code of the codebook that it is of. Where experts share a
    /// token, the mean of their codes, weighed by how many items have them.
    fn centroids(&self, index: &Columns, schema: &Schema, position: usize, meaning: Position) -> Result<Vec<f32>, HandoverError> {
        let a = &self.model.config.model;
        let codebook = |quantizer: usize, level: usize| self.model.codebook(quantizer, level);
        match meaning {
            Position::Expert { .. } => Ok(self.model.router.as_ref().map_or_else(Vec::new, |router| router.weight.clone())),
            Position::Code { slot, level } if slot >= a.top_n => Ok(codebook(a.experts, level).to_vec()),
            Position::Code { level, .. } if self.code_vocabulary == CodeVocabulary::PerExpert => {
                Ok((0..a.experts).flat_map(|expert| codebook(expert, level).iter().copied()).collect())
            }
            Position::Code { slot, level } => {
                let rank = |meaning: &Position| *meaning == Position::Expert { rank: slot };
                let expert_at = schema.positions.iter().position(rank).expect("an expert's codes come with the expert");
                // Every code counts once, so that one that no item has is still the mean of the experts'.
                let mut items = vec![1.0; a.experts * a.codes];
                let (codes, experts) = (self.numbers(index, position)?, self.numbers(index, expert_at)?);
                for (code, expert) in index.columns[position].iter().zip(index.columns[expert_at].iter()) {
                    let (code, expert) = (codes[code as usize], experts[expert as usize]);
                    *items.get_mut(expert * a.codes + code).ok_or_else(|| beyond(code, expert))? += 1.0;
                }
                Ok(mean_of_experts(&items, &|expert| codebook(expert, level), a.codes, a.latent))
            }
        }
    }

    /// `[vocabulary]` the numbers of the tokens that items have at a position; 0 of the others.
    fn numbers(&self, index: &Columns, position: usize) -> Result<Vec<usize>, HandoverError> {
        let number = |(token, used): (&String, bool)| match used {
            false => Ok(0),
            true => code(token, position).ok_or_else(|| HandoverError::Model { what: format!("it gives no token {token}") }),
        };
        index.vocabulary.iter().zip(index.used(position)).map(number).collect()
    }
}

fn beyond(code: usize, expert: usize) -> HandoverError {
    HandoverError::Model { what: format!("it has no code {code} of expert {expert}") }
}

/// `[codes][latent]` means of the experts' codes, weighed by `items [experts][codes]`.
fn mean_of_experts<'m>(items: &[f32], codebook: &dyn Fn(usize) -> &'m [f32], codes: usize, latent: usize) -> Vec<f32> {
    let mut mean = vec![0.0; codes * latent];
    for (expert, items) in items.chunks_exact(codes).enumerate() {
        let vectors = codebook(expert).chunks_exact(latent);
        for ((mean, vector), items) in mean.chunks_exact_mut(latent).zip(vectors).zip(items) {
            mean.iter_mut().zip(vector).for_each(|(mean, value)| *mean += items * value);
        }
    }
    for (code, mean) in mean.chunks_exact_mut(latent).enumerate() {
        let total: f32 = items.iter().skip(code).step_by(codes).sum();
        mean.iter_mut().for_each(|value| *value /= total);
    }
    mean
}

/// `[rows][width]` vectors less their mean, which says nothing of one token among those of its position.
fn centred(mut vectors: Vec<f32>, width: usize) -> Vec<f32> {
    let rows = (vectors.len() / width).max(1) as f32;
    for column in 0..width {
        let mean = vectors.iter().skip(column).step_by(width).sum::<f32>() / rows;
        vectors.iter_mut().skip(column).step_by(width).for_each(|value| *value -= mean);
    }
    vectors
}

/// `row = projection · vector`, with `projection [row][vector]` of random numbers: it keeps angles, nearly.
fn project(projection: &[f32], vector: &[f32], row: &mut [f32]) {
    for (value, weights) in row.iter_mut().zip(projection.chunks_exact(vector.len())) {
        *value = weights.iter().zip(vector).map(|(weight, value)| weight * value).sum();
    }
}

/// Scales a row to this root mean square.
fn scale(row: &mut [f32], deviation: f32) {
    let mean_square = row.iter().map(|value| value * value).sum::<f32>() / row.len() as f32;
    let factor = if mean_square > 0.0 { deviation / mean_square.sqrt() } else { 0.0 };
    row.iter_mut().for_each(|value| *value *= factor);
}
