//! LETTER (Wang et al. 2024, arXiv 2405.07314): LC-Rec's tokenizer with two more losses. Alignment (α .2): the quantized
//! latent of an item should be more like the item's collaborative vector (of a trained SASRec, as wide as the latent) than
//! like those of the others in the batch. Diversity (β 1e-4): codes keep to ten even clusters a level. Tokenize with the
//! policy `sinkhorn`.
//!
//! The paper has α .02. Of .02, .06 and .2, the last is the best on the validation users of Amazon Office (N@10 .0454, .0520,
//! .0557 by `unitok compare --vary letter:loss.alignment=0.06,0.2`).
//!
//! The paper's losses are means over features; [`LossOptions`] says how α and β carry over to sums. Collaborative vectors
//! are scaled to a mean squared norm of 1, whatever the recommender was that they come from.

use super::lc_rec;
use super::unitok::config::TrainConfig;
use super::unitok::options::{Recipe, RecipeName};
use crate::train::losses::options::LossOptions;

/// LETTER's settings.
pub fn settings() -> TrainConfig {
    let lc_rec = lc_rec::settings();
    TrainConfig {
        loss: LossOptions { alignment: 0.2, diversity: 1e-4, ..lc_rec.loss },
        recipe: Recipe { name: RecipeName::Letter, ..lc_rec.recipe },
        ..lc_rec
    }
}
