//! Which numbers make an item's codeword, in which order, and how they are written as tokens
//! (METHOD.md, Tokens; paper Eq. 7).

use std::fmt;
use std::str::FromStr;

use super::TokensError;
use super::names::{by_name, name_of};
use crate::base::sort::ordered;
use crate::engine::Tokenized;
use crate::model::Architecture;

/// Order of codes and expert ids in a codeword. With a model without routed experts, a codeword is the shared
/// expert's codes, in every layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum Layout {
    /// The top expert's codes, then the N expert ids (the paper's layout).
    #[default]
    ExpertLast,
    /// For each of the N experts its id, then its codes: unambiguous from left to right.
    ExpertFirst,
    /// `expert-last`, then the shared expert's codes.
    WithShared,
}

/// Whether code `c` of two experts is the same token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeVocabulary {
    /// One set of code tokens a level for all experts.
    #[default]
    Shared,
    /// Code `c` of expert `k` is number `k·T + c`.
    PerExpert,
}

/// What one position of a codeword holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// The code that slot `slot` chose at `level`.
    Code {
        /// Slot of [`Tokenized`]: routed experts in gate order, then the shared one.
        slot: usize,
        /// Level, from 0.
        level: usize,
    },
    /// The id of the expert at this rank.
    Expert {
        /// 0 for the largest gate.
        rank: usize,
    },
}

/// The positions of a layout for one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// What each position holds.
    pub positions: Vec<Position>,
    /// Number of different tokens of each position.
    pub sizes: Vec<usize>,
    vocabulary: CodeVocabulary,
    codes: usize,
    top_n: usize,
}

/// Codewords of a batch: numbers `0..sizes[p]` at position `p`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codewords {
    /// `[items][width]`, row-major.
    pub values: Vec<u32>,
    /// `[width]` number of different tokens of each position.
    pub sizes: Vec<usize>,
}

impl Schema {
    /// The positions of `layout` on a model.
    ///
    /// # Errors
    /// [`TokensError::NoSharedExpert`] where the layout asks for an expert that the model lacks.
    pub fn new(model: &Architecture, layout: Layout, vocabulary: CodeVocabulary) -> Result<Self, TokensError> {
        if layout == Layout::WithShared && !model.shared {
            return Err(TokensError::NoSharedExpert);
        }
        let codes_in = |slot| (0..model.levels).map(move |level| Position::Code { slot, level });
        let experts = (0..model.top_n).map(|rank| Position::Expert { rank });
        let positions: Vec<Position> = match layout {
            _ if model.top_n == 0 => codes_in(0).collect(),
            Layout::ExpertLast => codes_in(0).chain(experts).collect(),
            Layout::ExpertFirst => experts.enumerate().flat_map(|(slot, id)| std::iter::once(id).chain(codes_in(slot))).collect(),
            Layout::WithShared => codes_in(0).chain(experts).chain(codes_in(model.top_n)).collect(),
        };
        let size = |position: &Position| match position {
            Position::Expert { .. } => model.experts,
            Position::Code { slot, .. } if vocabulary == CodeVocabulary::PerExpert && *slot < model.top_n => {
                model.experts * model.codes
            }
            Position::Code { .. } => model.codes,
        };
        let sizes = positions.iter().map(size).collect();
        Ok(Self { positions, sizes, vocabulary, codes: model.codes, top_n: model.top_n })
    }

    /// Whether the model has routed experts, so that items' codes come from different experts.
    pub fn has_experts(&self) -> bool {
        self.top_n > 0
    }

    /// Place of the first expert's token in a codeword, from 1; none without experts.
    pub fn expert_place(&self) -> Option<usize> {
        self.positions.iter().position(|position| *position == Position::Expert { rank: 0 }).map(|place| place + 1)
    }

    /// Whether a slot is that of the shared expert beside routed ones.
    pub fn is_shared(&self, slot: usize) -> bool {
        self.top_n > 0 && slot == self.top_n
    }

    /// Positions of the codes of `slot`, level by level; empty where the layout leaves them out.
    pub fn code_positions(&self, slot: usize) -> Vec<usize> {
        let holds = |position: &Position| matches!(position, Position::Code { slot: of, .. } if *of == slot);
        (0..self.width()).filter(|&p| holds(&self.positions[p])).collect()
    }

    /// The code that a token's number at one of these positions stands for.
    pub fn code(&self, number: u32) -> u32 {
        number % self.codes as u32
    }

    /// Tokens in a codeword, before any suffix.
    pub fn width(&self) -> usize {
        self.positions.len()
    }

    /// The codewords of a batch.
    pub fn codewords(&self, batch: &Tokenized) -> Codewords {
        let mut values = Vec::with_capacity(batch.items * self.width());
        for item in 0..batch.items {
            values.extend(self.positions.iter().map(|&position| self.value(batch, item, position)));
        }
        Codewords { values, sizes: self.sizes.clone() }
    }

    fn value(&self, batch: &Tokenized, item: usize, position: Position) -> u32 {
        match position {
            Position::Expert { rank } => batch.experts_of(item)[rank],
            Position::Code { slot, level } => {
                let code = batch.codes_of(item, slot)[level];
                let offset = match self.vocabulary {
                    CodeVocabulary::PerExpert if slot < self.top_n => batch.experts_of(item)[slot] * self.codes as u32,
                    _ => 0,
                };
                offset + code
            }
        }
    }
}

impl Codewords {
    /// Tokens in a codeword.
    pub fn width(&self) -> usize {
        self.sizes.len()
    }

    /// Number of items.
    pub fn items(&self) -> usize {
        self.values.len().checked_div(self.width()).unwrap_or(0)
    }

    /// Codeword of one item.
    pub fn row(&self, item: usize) -> &[u32] {
        &self.values[item * self.width()..(item + 1) * self.width()]
    }

    /// One item's tokens, as an index file holds them: `<a_12>`, `<b_3>`, ….
    pub fn tokens(&self, item: usize) -> Vec<String> {
        self.row(item).iter().enumerate().map(|(p, value)| format!("<{}_{value}>", letters(p))).collect()
    }

    /// Every possible token, by position and number.
    pub fn vocabulary(&self) -> impl Iterator<Item = String> {
        self.sizes.iter().enumerate().flat_map(|(p, &size)| (0..size).map(move |value| format!("<{}_{value}>", letters(p))))
    }

    /// Appends a batch of the same schema.
    pub fn append(&mut self, mut other: Self) {
        if self.sizes.is_empty() {
            self.sizes = other.sizes;
        }
        self.values.append(&mut other.values);
    }

    /// `[items]` items ordered by codeword; items of one codeword keep their order.
    pub fn sorted(&self) -> Vec<u32> {
        ordered(self.items(), &|a, b| self.row(a).cmp(self.row(b)))
    }

    /// `[items]` size of each item's bucket: how many items have its codeword.
    pub fn bucket_sizes_of_items(&self) -> Vec<u32> {
        bucket_sizes_of_items(&self.sorted(), &|a, b| self.row(a) == self.row(b))
    }

    /// The items of each codeword, from `order` as [`Codewords::sorted`] gives it.
    pub fn buckets<'a>(&'a self, order: &'a [u32]) -> impl Iterator<Item = &'a [u32]> {
        order.chunk_by(|&a, &b| self.row(a as usize) == self.row(b as usize))
    }

    /// Number of items of each different codeword.
    pub fn bucket_sizes(&self) -> Vec<usize> {
        self.buckets(&self.sorted()).map(<[u32]>::len).collect()
    }
}

/// `[items]` size of each item's bucket, from an order in which items of the same codeword are adjacent.
pub(super) fn bucket_sizes_of_items(order: &[u32], same: &dyn Fn(usize, usize) -> bool) -> Vec<u32> {
    let mut sizes = vec![0; order.len()];
    for bucket in order.chunk_by(|&a, &b| same(a as usize, b as usize)) {
        bucket.iter().for_each(|&item| sizes[item as usize] = bucket.len() as u32);
    }
    sizes
}

/// Letters of a position: `a` … `z`, `aa`, `ab`, ….
pub fn letters(position: usize) -> String {
    let mut rest = position + 1;
    let mut reversed = Vec::new();
    while rest > 0 {
        rest -= 1;
        reversed.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
    }
    reversed.into_iter().rev().collect()
}

const LAYOUTS: [(&str, Layout); 3] =
    [("expert-last", Layout::ExpertLast), ("expert-first", Layout::ExpertFirst), ("with-shared", Layout::WithShared)];
const VOCABULARIES: [(&str, CodeVocabulary); 2] = [("shared", CodeVocabulary::Shared), ("per-expert", CodeVocabulary::PerExpert)];

impl FromStr for Layout {
    type Err = TokensError;
    fn from_str(name: &str) -> Result<Self, TokensError> {
        by_name(&LAYOUTS, "layout", name)
    }
}

impl FromStr for CodeVocabulary {
    type Err = TokensError;
    fn from_str(name: &str) -> Result<Self, TokensError> {
        by_name(&VOCABULARIES, "code vocabulary", name)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name_of(&LAYOUTS, self))
    }
}

impl fmt::Display for CodeVocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name_of(&VOCABULARIES, self))
    }
}
