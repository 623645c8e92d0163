//! What a model is measured on.

use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::Codewords;

/// What [`super::measure`] reads: items of one or more domains, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Items<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its result on the items, with `z` and `reconstruction`, before any collision policy.
    pub batch: &'a Tokenized,
    /// `[items][input]` scaled inputs (see [`crate::engine::scale_rows`]).
    pub scaled: &'a [f32],
    /// Codewords in the layout that collisions are counted in.
    pub codewords: &'a Codewords,
    /// `[items]` domain of each item, into `names`.
    pub domains: &'a [u32],
    /// Domain names, for the report.
    pub names: &'a [String],
    /// `[items]` equal numbers for equal texts (a hash of the text): net collisions are counted
    /// over items with distinct text.
    pub texts: &'a [u64],
}

/// Items that cannot be measured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelAuditError {
    /// Nothing to measure.
    #[error("there are no items to measure")]
    Empty,
    /// The batch lacks a part.
    #[error("the batch has no {0}: run the engine with `Want {{ latents: true, reconstruction: true, .. }}`")]
    Missing(&'static str),
    /// Two inputs disagree about the number of items.
    #[error("{what} has {found} values where {expected} are expected: it belongs to other items or another model")]
    Length {
        /// Which input.
        what: &'static str,
        /// Its length.
        found: usize,
        /// What it should be.
        expected: usize,
    },
    /// A domain label without a name.
    #[error("item {item} has domain {domain}, but only {names} are named")]
    Domain {
        /// Item, from 0.
        item: usize,
        /// Its label.
        domain: u32,
        /// Names there are.
        names: usize,
    },
}
