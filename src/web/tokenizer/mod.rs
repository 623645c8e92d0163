//! A model on an engine, and what goes into it and comes out.

mod export;
mod file;
mod index;
mod index_file;
mod inspect;
mod items;
mod model;
mod pairing;
mod tokens;
mod vectors;

pub use index::Index;
pub use index_file::IndexFile;
pub use inspect::{Placed, Plane};
pub use items::{ItemReader, Items, Strings};
pub use model::{Opening, Tokenizer};
pub use tokens::Tokens;
pub use vectors::{VectorReader, Vectors};
