//! What cannot be inspected.

/// Items, tokens and vectors that do not belong together, or lack what is asked about.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InspectError {
    /// An index of other items.
    #[error("the index is of other items: {codewords} codewords for {items}. Build the index from these items")]
    Codewords {
        /// Items.
        items: usize,
        /// Codewords of the index.
        codewords: usize,
    },
    /// Tokens of other items.
    #[error("tokens of other items: {tokenized} for {items}")]
    Tokens {
        /// Items.
        items: usize,
        /// Items that the tokens are of.
        tokenized: usize,
    },
    /// Vectors of other items.
    #[error("vectors of other items: {vectors} for {tokenized}. Give the vectors that these tokens were made of")]
    Vectors {
        /// Rows of the model's width.
        vectors: usize,
        /// Items that the tokens are of.
        tokenized: usize,
    },
    /// No such item.
    #[error("there is no item {item} among {items}")]
    Item {
        /// The item's number.
        item: usize,
        /// Items.
        items: usize,
    },
    /// Tokens without what a function reads.
    #[error("these tokens were made without {0}: ask the engine for it")]
    Missing(&'static str),
    /// A row that is not there, or rows of another width.
    #[error("row {row} of {rows} cannot be compared with one of {others}: they must be as wide")]
    Row {
        /// The row's number.
        row: usize,
        /// Rows that it is one of.
        rows: usize,
        /// Rows that it is compared with.
        others: usize,
    },
    /// Too little to lay out in a plane.
    #[error("{items} latents of width {width} do not span a plane")]
    Plane {
        /// Items.
        items: usize,
        /// Width of a latent.
        width: usize,
    },
    /// No such order.
    #[error("no order of items is called {0:?}: use file, close, left or shared")]
    Order(String),
}
