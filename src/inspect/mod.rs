//! What panels and commands show of one item, one code or one catalogue.
//!
//! Everything here is computed from what the engine said of the items ([`crate::engine::Tokenized`]) and what the index
//! shows of them; no code is searched a second time, so that an explanation cannot contradict the tokens beside it.
//!
//! | function | what it answers |
//! |---|---|
//! | [`explain`] | what the model reads of an item, and why it has its codes |
//! | [`place`] | where a codeword lies in a catalogue, and which items are near it |
//! | [`Plane`], [`field`] | latents, and the codes of a codebook, in two dimensions |
//! | [`browse`] | which items match a search, begin alike, and in which order |
//! | [`prefix`] | what the items of a prefix have in common, and how it goes on |
//! | [`flow`] | which kinds of items went to which experts |
//! | [`measure`] | how well the model describes items: whether their tokens can be trusted |
//! | [`weakened`], [`noisy`] | models and vectors made worse on purpose |
//! | [`shared_codewords`] | the codewords that most items share |

mod browse;
mod codewords;
mod error;
mod explain;
mod field;
mod flow;
mod indexed;
mod map;
mod margins;
mod place;
mod positions;
mod prefix;
mod router;
mod rows;
mod separate;
mod terms;
mod trust;
mod weaken;

pub use browse::{Order, browse};
pub use codewords::{SharedCodeword, shared_codewords};
pub use error::InspectError;
pub use explain::{Explanation, LevelChoice, explain};
pub use field::{columns as field_columns, field};
pub use flow::{Flow, flow, kinds};
pub use indexed::{Chain, Indexed};
pub use map::Plane;
pub use margins::{least_relative_margins, residual_shares};
pub use place::{Beginning, Near, Place, place};
pub use positions::{PositionInfo, PositionKind, positions, positions_of_file};
pub use prefix::{Prefix, PrefixNode, prefix};
pub use router::probabilities;
pub use rows::{NearestRow, cosine, nearest_row};
pub use separate::separating_words;
pub use terms::Terms;
pub use trust::{Measured, alike, measure};
pub use weaken::{noisy, weakened};
