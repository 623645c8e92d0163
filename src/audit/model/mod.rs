//! How good a trained tokenizer is on items, for the model card, the training log and the page.

mod domains;
mod items;
mod measure;
mod quantizers;
mod report;
mod verdict;

pub use domains::{Domain, NetCollisions, net_collisions};
pub use items::{Items, ModelAuditError};
pub use measure::measure;
pub use quantizers::{LevelUse, QuantizerUse};
pub use report::{Collapse, ModelReport, Router};
pub use verdict::criteria;
