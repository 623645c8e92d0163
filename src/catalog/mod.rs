//! Reading items from JSONL, JSON, CSV and TSV, and assembling their text.

mod item;
mod template;

pub use item::{Categories, Item};
pub use template::Template;
