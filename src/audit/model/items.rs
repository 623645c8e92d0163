//! The items that a model is measured on.

use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::Codewords;

/// Input of [`super::measure`]: items of one or more domains, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// The model.
    pub model: &'a Model,
    /// The model's result on the items, with `z` and `reconstruction`, before any collision policy.
    pub batch: &'a Tokenized,
    /// `[items][input]` scaled inputs (see [`crate::engine::scale_rows`]).
    pub scaled: &'a [f32],
    /// Codewords of the items, in the layout for which collisions are counted.
    pub codewords: &'a Codewords,
    /// `[items]` domain of each item, as an index into `names`.
    pub domains: &'a [u32],
    /// `[domains]` names for the report.
    pub names: &'a [String],
    /// `[items]` a hash of each item's text: net collisions are counted over items with distinct text.
    pub texts: &'a [u64],
}

/// Items that cannot be measured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelAuditError {
    /// There are no items.
    #[error("there are no items to measure")]
    Empty,
    /// The batch lacks latents, reconstruction errors or residual norms.
    #[error(
        "the batch has no {0}: run the engine with `Want {{ latents: true, reconstruction: true, residual_norms: true, .. }}`"
    )]
    Missing(&'static str),
    /// Two inputs disagree about the number of items.
    #[error("{what} has {found} values where {expected} are expected: it belongs to other items or another model")]
    Length {
        /// The input.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length that it should have.
        expected: usize,
    },
    /// A domain label without a name.
    #[error("item {item} has domain {domain}, but there are only {names} names of domains")]
    Domain {
        /// Item, from 0.
        item: usize,
        /// Its domain.
        domain: u32,
        /// Number of names.
        names: usize,
    },
}
