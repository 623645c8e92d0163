//! An index file that any tokenizer wrote, audited as one of our own.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::Strings;
use super::index::{Audit, PositionInfo, bucket_sizes};
use crate::audit;
use crate::base::sort::ordered;
use crate::tokens::{self, letters};
use crate::web::error::{fault, to_object};

/// Ids named of a codeword that many share.
const NAMED: usize = 5;

/// An index file in memory.
#[wasm_bindgen]
pub struct IndexFile {
    index: tokens::Index,
    report: audit::Report,
}

/// A codeword that several items have.
#[derive(Serialize)]
struct Crowd<'a> {
    tokens: Vec<&'a str>,
    items: usize,
    /// The first few.
    ids: Vec<&'a str>,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A codeword that several items have; `ids` names the first few. */
export interface Crowd { tokens: string[]; items: number; ids: string[] }
"#;

#[wasm_bindgen]
impl IndexFile {
    /// Reads `{"item id": ["<a_12>", …], …}`; vocabulary sizes are inferred from the numbers in the tokens.
    ///
    /// # Errors
    /// No index: no JSON, codewords of different lengths, repeated ids.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, JsValue> {
        let text = std::str::from_utf8(bytes).map_err(|error| fault(format!("{name}: not UTF-8 text: {error}")))?;
        let index = tokens::Index::from_text(text).map_err(|error| fault(format!("{name}: {error}")))?;
        let report = audit::audit(&index, &audit::Codes::Inferred).map_err(fault)?;
        Ok(Self { index, report })
    }

    /// Number of items.
    #[wasm_bindgen(getter)]
    pub fn items(&self) -> usize {
        self.index.items()
    }

    /// What each token of a codeword is: which of them are codes and which an expert a file does not say.
    #[wasm_bindgen(unchecked_return_type = "Position[]")]
    pub fn positions(&self) -> JsValue {
        let levels = self.report.levels.iter().enumerate();
        let position = |(p, level): (usize, &audit::Level)| PositionInfo {
            kind: "code",
            letter: letters(p),
            level: p,
            size: level.vocabulary,
        };
        to_object(&levels.map(position).collect::<Vec<_>>())
    }

    /// `[items][positions]` numbers of the tokens: those written in them, or their order of appearance.
    pub fn words(&self) -> Vec<u32> {
        let width = self.index.width;
        let mut words = vec![0; self.index.tokens.len()];
        for p in 0..width {
            let numbers = numbers(&self.index, p, self.report.levels[p].vocabulary);
            words.iter_mut().skip(p).step_by(width).zip(numbers).for_each(|(word, number)| *word = number);
        }
        words
    }

    /// `[items]` how many items have this item's codeword, itself included.
    pub fn buckets(&self) -> Vec<u32> {
        bucket_sizes(&self.index.sorted(), |a, b| self.index.row(a) == self.index.row(b))
    }

    /// How good the index is.
    #[wasm_bindgen(unchecked_return_type = "Audit")]
    pub fn audit(&self) -> JsValue {
        to_object(&Audit { report: self.report.clone(), policy: None })
    }

    /// The codewords that most items share, the most crowded first.
    #[wasm_bindgen(unchecked_return_type = "Crowd[]")]
    pub fn crowds(&self, most: usize) -> JsValue {
        let order = self.index.sorted();
        let same = |a: &u32, b: &u32| self.index.row(*a as usize) == self.index.row(*b as usize);
        let crowds: Vec<&[u32]> = order.chunk_by(same).filter(|crowd| crowd.len() > 1).collect();
        let largest = ordered(crowds.len(), &|a, b| crowds[b].len().cmp(&crowds[a].len()));
        let describe = |crowd: &&[u32]| Crowd {
            tokens: self
                .index
                .row(crowd[0] as usize)
                .iter()
                .map(|&token| self.index.vocabulary[token as usize].as_str())
                .collect(),
            items: crowd.len(),
            ids: crowd.iter().take(NAMED).map(|&item| self.index.ids[item as usize].as_str()).collect(),
        };
        to_object(&largest.into_iter().take(most).map(|crowd| describe(&crowds[crowd as usize])).collect::<Vec<_>>())
    }

    /// The ids, cut to a length that can be shown.
    pub fn ids(&self) -> Strings {
        self.index.ids.iter().map(String::as_str).collect()
    }
}

/// The number of each item's token at a position.
fn numbers(index: &tokens::Index, position: usize, vocabulary: usize) -> Vec<u32> {
    let tokens = || index.tokens.iter().skip(position).step_by(index.width);
    let written = |token: &u32| audit::number(&index.vocabulary[*token as usize]).filter(|&number| number < vocabulary);
    let read: Option<Vec<u32>> = tokens().map(|token| written(token).map(|number| number as u32)).collect();
    // Two tokens may have one number (`<x_1>`, `<y_1>`); then what is written names nothing.
    let distinct =
        |numbers: &Vec<u32>| audit::Grouping::new(numbers.iter().zip(tokens())).groups == audit::Grouping::new(numbers).groups;
    read.filter(distinct).unwrap_or_else(|| audit::Grouping::new(tokens()).of)
}
