//! An index of many items in little memory: 12 bytes and its id for an item of six tokens.

use super::builder::Store;
use super::index::Index;
use super::sizes::inferred;
use crate::base::ids::{Hashes, IdList};

/// The tokens of one position, item by item, by their numbers in the vocabulary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// Of a vocabulary of up to 65,536 tokens.
    Narrow(Vec<u16>),
    /// Of a larger one.
    Wide(Vec<u32>),
}

/// An index by columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Item ids in file order.
    pub ids: IdList,
    /// `[width]` columns of `[items]` tokens.
    pub columns: Vec<Column>,
    /// Every different token, in order of first appearance.
    pub vocabulary: Vec<String>,
}

impl Column {
    /// The token of an item.
    pub fn get(&self, item: usize) -> u32 {
        match self {
            Self::Narrow(tokens) => tokens[item].into(),
            Self::Wide(tokens) => tokens[item],
        }
    }

    /// The tokens of all items.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let (narrow, wide) = match self {
            Self::Narrow(tokens) => (&tokens[..], &[][..]),
            Self::Wide(tokens) => (&[][..], &tokens[..]),
        };
        narrow.iter().map(|&token| token.into()).chain(wide.iter().copied())
    }

    fn push(&mut self, token: u32) {
        match (&mut *self, u16::try_from(token)) {
            (Self::Narrow(tokens), Ok(token)) => tokens.push(token),
            (Self::Wide(tokens), _) => tokens.push(token),
            (Self::Narrow(tokens), Err(_)) => {
                let tokens = tokens.iter().map(|&token| token.into()).chain([token]).collect();
                *self = Self::Wide(tokens);
            }
        }
    }
}

impl FromIterator<u32> for Column {
    fn from_iter<I: IntoIterator<Item = u32>>(tokens: I) -> Self {
        let mut column = Self::Narrow(Vec::new());
        tokens.into_iter().for_each(|token| column.push(token));
        column
    }
}

impl Columns {
    /// Number of items.
    pub fn items(&self) -> usize {
        self.ids.len()
    }

    /// Number of tokens in a codeword.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// The items whose ids `keep` chooses, with the same vocabulary.
    #[must_use]
    pub fn only(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept: Vec<usize> = (0..).zip(self.ids.iter()).filter(|(_, id)| keep(id)).map(|(item, _)| item).collect();
        Self {
            ids: kept.iter().filter_map(|&item| self.ids.get(item)).collect(),
            columns: self.columns.iter().map(|column| kept.iter().map(|&item| column.get(item)).collect()).collect(),
            vocabulary: self.vocabulary.clone(),
        }
    }

    /// `[vocabulary]` whether some item has the token at a position.
    pub fn used(&self, position: usize) -> Vec<bool> {
        let mut used = vec![false; self.vocabulary.len()];
        self.columns[position].iter().for_each(|token| used[token as usize] = true);
        used
    }

    /// `[width]` vocabulary size of each position, as [`Index::inferred_sizes`] finds it.
    pub fn inferred_sizes(&self) -> Vec<usize> {
        let of =
            |position| inferred(self.vocabulary.iter().zip(self.used(position)).filter(|(_, used)| *used).map(|(t, _)| &**t));
        (0..self.width()).map(of).collect()
    }
}

impl From<&Index> for Columns {
    fn from(index: &Index) -> Self {
        let column = |position| index.tokens.iter().skip(position).step_by(index.width).copied().collect();
        Self {
            ids: index.ids.iter().collect(),
            columns: (0..index.width).map(column).collect(),
            vocabulary: index.vocabulary.clone(),
        }
    }
}

impl Store for Columns {
    type Ids = Hashes;

    fn push(&mut self, position: usize, token: u32) {
        if position == self.columns.len() {
            self.columns.push(Column::Narrow(Vec::new()));
        }
        self.columns[position].push(token);
    }

    fn end(&mut self, id: &str) {
        self.ids.push(id);
    }

    fn complete(&mut self, _width: usize, vocabulary: Vec<String>) {
        self.vocabulary = vocabulary;
    }

    fn rows(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        let tokens = move |item| self.columns.iter().map(move |column| &*self.vocabulary[column.get(item) as usize]);
        self.ids.iter().enumerate().map(move |(item, id)| (id, tokens(item)))
    }

    fn ids(&self) -> impl Iterator<Item = &str> {
        self.ids.iter()
    }
}
