//! Recommenders that write the next item's codeword, token by token.
//!
//! | file | what it does |
//! |---|---|
//! | `codewords` | tokens numbered by position, and what may follow what |
//! | `head` | probabilities of the tokens that may follow |
//! | `block` | a layer of a decoder with rotary positions |
//! | `dec`, `dec_search` | the decoder-only recommender; its side of the search |
//! | `t5_block`, `t5`, `t5_search` | a layer of T5; the encoder-decoder; its side of the search |
//! | `beam` | beam search over the codewords that exist, for any of them |
//! | `kept` | keys and values that a search keeps |
//! | `uncached` | a search that keeps none, to judge the other by |

pub mod beam;
pub mod block;
pub mod codewords;
pub mod dec;
mod dec_search;
pub mod head;
mod kept;
pub mod t5;
mod t5_block;
mod t5_search;
pub mod uncached;
