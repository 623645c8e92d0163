//! What happened to an item from one index to the next.

/// What happened to one item; items are numbers in their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is in the second index alone.
    Added {
        /// Its number there.
        after: u32,
    },
    /// It is in the first index alone.
    Removed {
        /// Its number there.
        before: u32,
    },
    /// Its tokens differ.
    Moved {
        /// Its number in the first index.
        before: u32,
        /// Its number in the second.
        after: u32,
        /// First tokens that stayed.
        kept: u32,
    },
}
