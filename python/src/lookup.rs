//! Items by their tokens.

use std::collections::HashMap;
use std::sync::Arc;

use unitok::tokens::{Index, Trie};

/// The trie of an index, with tokens and items by their texts.
pub struct Lookup {
    index: Arc<Index>,
    trie: Trie,
    /// Number of each token.
    numbers: HashMap<String, u32>,
}

impl Lookup {
    /// The trie of an index.
    pub fn new(index: Arc<Index>) -> Self {
        Self { trie: Trie::from_index(&index), numbers: index.vocabulary.iter().cloned().zip(0..).collect(), index }
    }

    /// The index.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The trie, over numbers of tokens.
    pub fn trie(&self) -> &Trie {
        &self.trie
    }

    /// Ids of the items with this codeword.
    pub fn items(&self, codeword: &[String]) -> Vec<&str> {
        let items = self.find(codeword).map_or(&[][..], |node| self.trie.items(node));
        items.iter().map(|&item| self.index.ids[item as usize].as_str()).collect()
    }

    /// Tokens that may follow a prefix.
    pub fn allowed(&self, prefix: &[String]) -> Vec<&str> {
        let next = self.find(prefix).map_or(&[][..], |node| self.trie.next(node));
        next.iter().map(|&token| self.index.vocabulary[token as usize].as_str()).collect()
    }

    fn find(&self, prefix: &[String]) -> Option<u32> {
        prefix.iter().try_fold(self.trie.root(), |node, token| self.trie.step(node, *self.numbers.get(token)?))
    }
}
