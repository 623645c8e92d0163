//! Which experts' items moved.

use std::collections::BTreeMap;

use serde::Serialize;

use super::joined::Joined;
use crate::tokens::token_number;

/// The common items that an expert had in the first index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExpertChange {
    /// Its token.
    pub expert: String,
    /// Common items that had it.
    pub items: usize,
    /// Those of them that moved.
    pub moved: usize,
    /// Those that moved to another expert.
    pub left: usize,
}

/// By expert, in the order of their numbers; `places` are those of the expert's token in a codeword of the first index and of
/// the second. Where they differ, as between two layouts, tokens of one expert have its number in common.
pub fn changes(joined: &Joined<'_>, places: [usize; 2]) -> Vec<ExpertChange> {
    let [place, later_place] = places;
    let mut experts: BTreeMap<(Option<usize>, &str), ExpertChange> = BTreeMap::new();
    for (after, before) in joined.earlier.iter().enumerate() {
        let Some(before) = before.map(|before| before as usize) else { continue };
        let (old, new) = (joined.before.row(before), joined.row_after(after));
        let token = joined.before.vocabulary[old[place] as usize].as_str();
        let number = token_number(token);
        let later = joined.after.row(after).get(later_place).map(|&later| joined.after.vocabulary[later as usize].as_str());
        let stays = later == Some(token) || place != later_place && number.is_some() && later.and_then(token_number) == number;
        let expert =
            experts.entry((number, token)).or_insert_with(|| ExpertChange { expert: token.into(), items: 0, moved: 0, left: 0 });
        expert.items += 1;
        expert.moved += usize::from(old != new);
        expert.left += usize::from(!stays);
    }
    experts.into_values().collect()
}
