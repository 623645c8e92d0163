//! A model on an engine, and what goes into it and comes out.

mod export;
mod index;
mod inspect;
mod items;
mod model;
mod pairing;
mod tokens;
mod vectors;

pub use index::Index;
pub use inspect::{Placed, Plane};
pub use items::Items;
pub use model::{Opening, Tokenizer};
pub use tokens::Tokens;
pub use vectors::{VectorReader, Vectors};
