//! Recipes: which steps train which model, in what order.
//!
//! | file | recipe |
//! |---|---|
//! | `unitok` | UniTok and its ablations; what all recipes run on |
//! | `unitok_paper` | UniTok with the paper's own shapes and losses |
//! | `tiger` | TIGER: residual quantization alone |
//! | `lc_rec` | LC-Rec: the last level assigned in balance |
//! | `letter` | LETTER: latents aligned with collaborative vectors, codes in even clusters |
//! | `settings` | the settings of a run, from its recipe, a file and `--set` |
//! | `tokenizer` | a tokenizer trained in memory |
//!
//! TIGER, LC-Rec and LETTER are what UniTok is compared with. Their network is UniTok-1's: one set of codebooks, no router.
//! So each is a file of settings, which says what its paper has and what was chosen to be equal for all: scaled inputs, the
//! widths of the encoder, the number of steps, warm-up and k-means before codes are trained, codes re-seeded where nobody uses
//! them. Several domains are one pool to them.

pub mod lc_rec;
pub mod letter;
pub mod settings;
pub mod tiger;
pub mod tokenizer;
pub mod unitok;
pub mod unitok_paper;
