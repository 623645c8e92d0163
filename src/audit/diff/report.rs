//! How two indexes differ, in figures.

use serde::Serialize;

use super::change::Change;
use super::experts::{self, ExpertChange};
use super::joined::Joined;
use super::reasons::{Reason, Reasons};
use super::relearn::{self, Relearn};
use crate::tokens::Index;
use crate::tokens::lock::Difference;

/// How two indexes differ. *Common* items are those with the same id in both; a common item *moved* if its tokens differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// Items of the first index.
    pub items_before: usize,
    /// Items of the second.
    pub items_after: usize,
    /// Items in both.
    pub common: usize,
    /// Items in the second alone.
    pub added: usize,
    /// Items in the first alone.
    pub removed: usize,
    /// Common items whose tokens differ.
    pub moved: usize,
    /// Share of the items of the first index that moved or are gone: what no longer has the tokens by which it was known.
    pub churn: f64,
    /// `[width + 1]` common items by how many of their first tokens stayed: the number at place `l` is of those whose token
    /// `l + 1` is the first that differs, the last number is of those that did not move.
    pub kept_tokens: Vec<usize>,
    /// By the expert that the items had before; none where nobody knows which token is the expert's.
    pub experts: Option<Vec<ExpertChange>>,
    /// In what the two indexes were made otherwise; none where one of them has no lockfile.
    pub differences: Option<Vec<Difference>>,
    /// Why items moved; none where one of them has no lockfile.
    pub reasons: Option<Vec<Reason>>,
    /// What a recommender of the first index must learn anew.
    pub relearn: Relearn,
    /// Every item that came, left or moved: those of the second index in its order, then those that left.
    #[serde(skip)]
    pub changes: Vec<Change>,
}

/// Two indexes without an item in common.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the two indexes have no item in common (the first begins with «{before}», the second with «{after}»): give two indexes of one catalogue"
)]
pub struct NothingInCommon {
    /// First id of the first index.
    pub before: String,
    /// First id of the second index.
    pub after: String,
}

/// Compares two indexes. `experts` are the places of the expert's token in a codeword of the first and of the second, from 0,
/// where they are known; `reasons` tells why items moved, where both have a lockfile.
///
/// # Errors
/// [`NothingInCommon`]: then there is nothing to compare.
pub fn diff(
    before: &Index,
    after: &Index,
    experts: Option<[usize; 2]>,
    reasons: Option<&Reasons<'_>>,
) -> Result<Diff, NothingInCommon> {
    let joined = Joined::new(before, after);
    let changes = joined.changes();
    let (mut added, mut removed) = (0, 0);
    let mut kept_tokens = vec![0; before.width.max(after.width) + 1];
    for change in &changes {
        match change {
            Change::Added { .. } => added += 1,
            Change::Removed { .. } => removed += 1,
            Change::Moved { kept, .. } => kept_tokens[*kept as usize] += 1,
        }
    }
    let common = after.items() - added;
    if common == 0 {
        return Err(NothingInCommon { before: before.ids[0].clone(), after: after.ids[0].clone() });
    }
    let moved: usize = kept_tokens.iter().sum();
    *kept_tokens.last_mut().expect("a codeword has a token at least") = common - moved;
    Ok(Diff {
        items_before: before.items(),
        items_after: after.items(),
        common,
        added,
        removed,
        moved,
        churn: (moved + removed) as f64 / before.items() as f64,
        kept_tokens,
        experts: experts.filter(|places| places[0] < before.width).map(|places| experts::changes(&joined, places)),
        differences: reasons.map(|reasons| reasons.differences().to_vec()),
        reasons: reasons.map(|reasons| reasons.count(&changes)),
        relearn: relearn::relearn(&joined, &changes),
        changes,
    })
}
