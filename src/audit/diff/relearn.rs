//! What a recommender that was trained on the first index must learn anew for the second.

use std::collections::HashSet;

use serde::Serialize;

use super::change::Change;
use super::joined::Joined;
use crate::interactions::Sequences;

/// Tokens, codewords and items whose meaning changed, and how much of the interactions is with them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Relearn {
    /// Different tokens of the second index.
    pub tokens: usize,
    /// Tokens that the first index lacks: their embeddings are yet to be learned.
    pub new_tokens: usize,
    /// Tokens of the first index that are no longer used.
    pub gone_tokens: usize,
    /// Tokens of both that a common item left or came to.
    pub changed_tokens: usize,
    /// Codewords of both that none of their former items has any more: what was learned of them is of other items.
    pub reused_codewords: usize,
    /// Items of the second index that moved or are new.
    pub items: usize,
    /// Their share of the items of the second index.
    pub item_share: f64,
    /// Interactions looked at, if there were any.
    pub interactions: Option<Affected>,
}

/// Interactions with items that a recommender knows by other tokens, or not at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Affected {
    /// Interactions with items of the second index.
    pub all: usize,
    /// Those with items that moved.
    pub with_moved: usize,
    /// Those with items that are new.
    pub with_added: usize,
    /// Share of both together.
    pub share: f64,
}

impl Affected {
    /// Counts the interactions with the items of `changes`; `sequences` know items by their number in the second index.
    pub fn count(changes: &[Change], sequences: &Sequences, items: usize) -> Self {
        let (mut moved, mut added) = (vec![false; items], vec![false; items]);
        for change in changes {
            match change {
                Change::Moved { after, .. } => moved[*after as usize] = true,
                Change::Added { after } => added[*after as usize] = true,
                Change::Removed { .. } => {}
            }
        }
        let mut counted = Self::default();
        for item in sequences.users().flat_map(|user| user.items).flatten() {
            counted.all += 1;
            counted.with_moved += usize::from(moved[*item as usize]);
            counted.with_added += usize::from(added[*item as usize]);
        }
        counted.share = (counted.with_moved + counted.with_added) as f64 / counted.all.max(1) as f64;
        counted
    }
}

/// What must be relearned, without interactions.
pub fn relearn(joined: &Joined<'_>, changes: &[Change]) -> Relearn {
    let items = changes.iter().filter(|change| !matches!(change, Change::Removed { .. })).count();
    let before = joined.before.vocabulary.len();
    let new_tokens = joined.vocabulary - before;
    let tokens = joined.after.vocabulary.len();
    Relearn {
        tokens,
        new_tokens,
        gone_tokens: before - (tokens - new_tokens),
        changed_tokens: changed_tokens(joined, changes),
        reused_codewords: reused_codewords(joined),
        items,
        item_share: items as f64 / joined.after.items() as f64,
        interactions: None,
    }
}

fn changed_tokens(joined: &Joined<'_>, changes: &[Change]) -> usize {
    let mut is_used = [vec![false; joined.vocabulary], vec![false; joined.vocabulary]];
    joined.before.tokens.iter().for_each(|&token| is_used[0][token as usize] = true);
    joined.tokens_after.iter().for_each(|&token| is_used[1][token as usize] = true);
    let mut is_changed = vec![false; joined.vocabulary];
    for change in changes {
        let Change::Moved { before, after, .. } = *change else { continue };
        let (old, new) = (joined.before.row(before as usize), joined.row_after(after as usize));
        for place in 0..old.len().max(new.len()) {
            let (old, new) = (old.get(place), new.get(place));
            if old != new {
                old.into_iter().chain(new).for_each(|&token| is_changed[token as usize] = true);
            }
        }
    }
    (0..joined.vocabulary).filter(|&token| is_changed[token] && is_used[0][token] && is_used[1][token]).count()
}

fn reused_codewords(joined: &Joined<'_>) -> usize {
    let mut unmoved = HashSet::new();
    for (after, before) in joined.earlier.iter().enumerate() {
        let row = joined.row_after(after);
        if before.is_some_and(|before| joined.before.row(before as usize) == row) {
            unmoved.insert(row);
        }
    }
    let known: HashSet<&[u32]> = (0..joined.before.items()).map(|item| joined.before.row(item)).collect();
    let now: HashSet<&[u32]> = (0..joined.after.items()).map(|item| joined.row_after(item)).collect();
    now.iter().filter(|row| known.contains(*row) && !unmoved.contains(*row)).count()
}
