//! What each token of a codeword is, for people.

use serde::Serialize;

use crate::tokens::{Codewords, Position, Schema, letters};

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub enum PositionKind {
    /// A code of a routed expert, or of the only quantizer there is.
    Code,
    /// The number of an expert.
    Expert,
    /// A code of the shared expert, beside routed ones.
    Shared,
    /// The item's number among those with the same codeword.
    Suffix,
}

/// One token of a codeword.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(rename = "Position"))]
pub struct PositionInfo {
    /// What it says.
    pub kind: PositionKind,
    /// As in `<a_12>`.
    pub letter: String,
    /// Level of a code, rank of an expert; from 0.
    pub level: usize,
    /// Number of different tokens.
    pub size: usize,
}

/// Positions of an index; one more than the schema has where the collision policy added a suffix.
pub fn positions(schema: &Schema, codewords: &Codewords) -> Vec<PositionInfo> {
    let describe = |(p, &size): (usize, &usize)| {
        let (kind, level) = match schema.positions.get(p) {
            Some(Position::Code { slot, level }) if schema.is_shared(*slot) => (PositionKind::Shared, *level),
            Some(Position::Code { level, .. }) => (PositionKind::Code, *level),
            Some(Position::Expert { rank }) => (PositionKind::Expert, *rank),
            None => (PositionKind::Suffix, 0),
        };
        PositionInfo { kind, letter: letters(p), level, size }
    };
    codewords.sizes.iter().enumerate().map(describe).collect()
}

/// Positions of an index file with vocabularies of `sizes`: which of them are codes and which an expert a file does not
/// say.
pub fn positions_of_file(sizes: impl IntoIterator<Item = usize>) -> Vec<PositionInfo> {
    let describe = |(p, size)| PositionInfo { kind: PositionKind::Code, letter: letters(p), level: p, size };
    sizes.into_iter().enumerate().map(describe).collect()
}
