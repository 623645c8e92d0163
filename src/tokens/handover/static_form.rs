//! The trie as STATIC reads it (Sparse Transition-Accelerated Trie Index): dense tables for the first tokens, and a transition
//! matrix in compressed sparse rows for the rest. Written after reading its source.
//!
//! A state is a prefix: `1 + t` after the first token `t`, and after more tokens a number from `1 + vocabulary` on, in the
//! sorted order of prefixes, shorter ones first. A whole codeword is state 0.

use super::error::HandoverError;
use super::numbers::Array;
use super::sorted::Sorted;

/// The file of them.
pub(super) const FILE: &str = "static.npz";

/// Vocabulary size up to which the table of the first two tokens is dense: 16 million pairs.
const DENSE_PAIRS: usize = 4096;

/// The arguments of STATIC's decoders.
pub(super) struct StaticForm<'s> {
    sorted: &'s Sorted,
    vocabulary: usize,
    /// `[width]` largest number of tokens that may follow at each position.
    layer_max_branches: Vec<i32>,
    /// `[vocabulary]` whether a codeword may begin so.
    start_mask: Vec<bool>,
    /// `[vocabulary]` or `[vocabulary][vocabulary]` whether a codeword may begin so.
    dense_mask: Vec<bool>,
    /// As `dense_mask`: the state after it.
    dense_states: Vec<i32>,
    dense_shape: Vec<usize>,
}

impl<'s> StaticForm<'s> {
    /// Of codewords over `vocabulary` tokens, which have at least two of them.
    pub(super) fn new(sorted: &'s Sorted, vocabulary: usize) -> Result<Self, HandoverError> {
        let width = sorted.width();
        if width < 2 {
            return Err(HandoverError::Short);
        }
        let dense_shape = vec![vocabulary; if width > 2 && vocabulary <= DENSE_PAIRS { 2 } else { 1 }];
        let cells = dense_shape.iter().product();
        let mut form = Self {
            sorted,
            vocabulary,
            layer_max_branches: (0..width).map(|length| most_children(sorted, length)).collect(),
            start_mask: vec![false; vocabulary],
            dense_mask: vec![false; cells],
            dense_states: vec![0; cells],
            dense_shape,
        };
        form.fill_dense();
        Ok(form)
    }

    fn fill_dense(&mut self) {
        let (first, second) = (&self.sorted.columns[0], &self.sorted.columns[1]);
        let pairs = self.dense_shape.len() == 2;
        self.sorted.prefixes(1, |place| {
            let token = first.get(place) as usize;
            self.start_mask[token] = true;
            if !pairs {
                (self.dense_mask[token], self.dense_states[token]) = (true, 1 + token as i32);
            }
        });
        let mut state = 1 + self.vocabulary as i32;
        self.sorted.prefixes(if pairs { 2 } else { 0 }, |place| {
            let cell = first.get(place) as usize * self.vocabulary + second.get(place) as usize;
            (self.dense_mask[cell], self.dense_states[cell]) = (true, state);
            state += 1;
        });
    }

    /// `[transitions + vocabulary][2]` token and next state.
    fn transitions(&self, mut each: impl FnMut([i32; 2])) {
        let (mut state, width) = (1 + self.vocabulary as i32, self.sorted.width());
        for length in 2..=width {
            let column = &self.sorted.columns[length - 1];
            self.sorted.prefixes(length, |place| {
                each([column.get(place) as i32, if length < width { state } else { 0 }]);
                state += 1;
            });
        }
        (0..self.vocabulary).for_each(|_| each([self.vocabulary as i32, 0]));
    }

    fn count(&self) -> usize {
        self.sorted.count(2..self.sorted.width() + 1) + self.vocabulary
    }

    /// `[states + 2]` first transition of each state; the last row is padding.
    fn indptr(&self, mut each: impl FnMut(i32)) {
        // States of first tokens that no codeword has are rows without transitions, and so is state 0.
        let mut ends = vec![0; self.vocabulary];
        self.sorted.prefixes(2, |place| ends[self.sorted.columns[0].get(place) as usize] += 1);
        let mut edges = 0;
        [0, 0].into_iter().for_each(&mut each);
        for count in ends {
            edges += count;
            each(edges);
        }
        for length in 2..self.sorted.width() {
            self.sorted.children(length, |end| each(edges + end as i32));
            edges += self.sorted.count(length + 1..length + 2) as i32;
        }
        each(self.count() as i32);
    }

    /// The arrays by their names.
    pub(super) fn named(&self) -> [Array<'_>; 6] {
        let states = self.sorted.count(2..self.sorted.width()) + self.vocabulary;
        let all = |values: &'_ [i32], out: &mut super::numbers::Numbers<'_>| values.iter().for_each(|&value| out.push(value));
        [
            Array::i32("packed_csr", [self.count(), 2], |out| {
                self.transitions(|pair| pair.into_iter().for_each(|value| out.push(value)));
            }),
            Array::i32("indptr", [states + 3], |out| self.indptr(|value| out.push(value))),
            Array::i32("layer_max_branches", [self.sorted.width()], move |out| all(&self.layer_max_branches, out)),
            Array::bool("start_mask", [self.vocabulary], &self.start_mask),
            Array::bool("dense_mask", &*self.dense_shape, &self.dense_mask),
            Array::i32("dense_states", &*self.dense_shape, move |out| all(&self.dense_states, out)),
        ]
    }
}

/// The largest number of tokens that may follow a prefix of `length` tokens.
fn most_children(sorted: &Sorted, length: usize) -> i32 {
    let (mut most, mut before) = (0, 0);
    sorted.children(length, |end| (most, before) = (most.max(end - before), end));
    most as i32
}
