//! Recommenders that read a history of item numbers with a transformer, and score every item.
//!
//! | file | what it does |
//! |---|---|
//! | `block` | a layer: attention and feed-forward network |
//! | `encoder` | items and positions through all layers |
//! | `output` | losses against the vectors of the items, and scores |
//! | `network` | encoder and output together |
//! | `sasrec`, `bert4rec` | the recommenders |

pub mod bert4rec;
pub mod block;
pub mod encoder;
pub mod network;
pub mod output;
pub mod sasrec;
