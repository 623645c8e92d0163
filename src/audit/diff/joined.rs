//! Two indexes by the ids and the tokens that they have in common.

use std::collections::HashMap;

use super::change::Change;
use crate::tokens::Index;

/// Two indexes whose tokens have one numbering: that of the first, then the tokens that only the second has.
pub struct Joined<'a> {
    pub before: &'a Index,
    pub after: &'a Index,
    /// `[items of the second]` number of each item in the first.
    pub earlier: Vec<Option<u32>>,
    /// `[items of the second][width]` its tokens in the common numbering.
    pub tokens_after: Vec<u32>,
    /// Different tokens of both together.
    pub vocabulary: usize,
}

impl<'a> Joined<'a> {
    pub fn new(before: &'a Index, after: &'a Index) -> Self {
        let items: HashMap<&str, u32> = before.ids.iter().map(String::as_str).zip(0..).collect();
        let earlier = after.ids.iter().map(|id| items.get(id.as_str()).copied()).collect();
        let known: HashMap<&str, u32> = before.vocabulary.iter().map(String::as_str).zip(0..).collect();
        let mut vocabulary = before.vocabulary.len();
        let number = |token: &String| {
            known.get(token.as_str()).copied().unwrap_or_else(|| {
                vocabulary += 1;
                vocabulary as u32 - 1
            })
        };
        let numbers: Vec<u32> = after.vocabulary.iter().map(number).collect();
        let tokens_after = after.tokens.iter().map(|&token| numbers[token as usize]).collect();
        Self { before, after, earlier, tokens_after, vocabulary }
    }

    /// The codeword of an item of the second index, in the common numbering.
    pub fn row_after(&self, item: usize) -> &[u32] {
        &self.tokens_after[item * self.after.width..][..self.after.width]
    }

    /// What happened to every item that is not the same in both.
    pub fn changes(&self) -> Vec<Change> {
        let mut stays = vec![false; self.before.items()];
        let mut changes = Vec::new();
        for (after, &earlier) in self.earlier.iter().enumerate() {
            let Some(before) = earlier else {
                changes.push(Change::Added { after: after as u32 });
                continue;
            };
            stays[before as usize] = true;
            let (old, new) = (self.before.row(before as usize), self.row_after(after));
            if old != new {
                let kept = old.iter().zip(new).take_while(|(a, b)| a == b).count() as u32;
                changes.push(Change::Moved { before, after: after as u32, kept });
            }
        }
        let gone = stays.iter().zip(0..).filter(|(stays, _)| !**stays);
        changes.extend(gone.map(|(_, before)| Change::Removed { before }));
        changes
    }
}
