//! What a run writes: the items that it read, and those that stay.

use crate::base::ids::IdList;
use crate::tokens::Codewords;
use crate::tokens::lock::Retired;

/// All items of the index that is written.
#[derive(Default)]
pub struct Joined {
    pub ids: IdList,
    pub codewords: Codewords,
    /// `[ids]` of what the tokens were made from.
    pub fingerprints: Vec<u32>,
    /// Ids of the items that keep their tokens, sorted.
    pub pinned: Vec<String>,
    /// Codewords that no item has any more.
    pub retired: Vec<Retired>,
}
