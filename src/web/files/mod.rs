//! Readers of a visitor's files, for the page to fetch with the first catalogue: the tokenizer works without them.

mod index_file;
mod items;

pub use index_file::IndexFile;
pub use items::ItemReader;
