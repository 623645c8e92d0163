//! Recommenders that write the next item's codeword, token by token.
//!
//! | file | what it does |
//! |---|---|
//! | `codewords` | tokens numbered by position, and what may follow what |
//! | `head` | probabilities of the tokens that may follow |
//! | `block` | a layer of a decoder with rotary positions |
//! | `windows` | the users' sequences in pieces of bounded length |
//! | `dec` | the decoder-only recommender |
//! | `dec_search` | its side of the search, with keys and values kept |
//! | `beam` | beam search over the codewords that exist, for any of them |

pub mod beam;
pub mod block;
pub mod codewords;
pub mod dec;
mod dec_search;
pub mod head;
pub mod windows;
