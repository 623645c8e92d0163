//! How each expert uses its codes, and the error after each level.

use serde::Serialize;

use crate::audit::entropy_bits;
use crate::engine::Tokenized;
use crate::model::Model;

/// One quantizer on the items that were routed to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantizerUse {
    /// Routed expert's number; none for the shared one.
    pub expert: Option<usize>,
    /// Number of items that it was given, in any slot.
    pub items: usize,
    /// One for each level.
    pub levels: Vec<LevelUse>,
}

/// One level of a quantizer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelUse {
    /// Different codes in use.
    pub used: usize,
    /// `used / T`.
    pub utilisation: f64,
    /// `2^entropy` of the codes: the number of equally frequent codes that have this entropy.
    pub perplexity: f64,
    /// Mean of `‖r‖²` after this level.
    pub squared_error: f64,
}

/// Measures every quantizer of a model on a batch.
pub(super) fn measure(model: &Model, batch: &Tokenized) -> Vec<QuantizerUse> {
    let a = &model.config.model;
    let mut counts = vec![0usize; a.quantizers() * a.levels * a.codes];
    let mut errors = vec![0.0f64; a.quantizers() * a.levels];
    let mut items = vec![0usize; a.quantizers()];
    for item in 0..batch.items {
        let routed = batch.experts_of(item).iter().map(|&k| k as usize);
        for (slot, quantizer) in routed.chain(a.shared.then_some(a.experts)).enumerate() {
            items[quantizer] += 1;
            let start = (item * batch.slots + slot) * batch.levels;
            for level in 0..a.levels {
                let index = quantizer * a.levels + level;
                counts[index * a.codes + batch.codes[start + level] as usize] += 1;
                errors[index] += f64::from(batch.residual_norms[start + level]).powi(2);
            }
        }
    }
    let level = |quantizer: usize, level: usize| {
        let index = quantizer * a.levels + level;
        let counts = &counts[index * a.codes..][..a.codes];
        let used = counts.iter().filter(|&&count| count > 0).count();
        LevelUse {
            used,
            utilisation: used as f64 / a.codes as f64,
            perplexity: entropy_bits(counts.iter().copied()).exp2(),
            squared_error: errors[index] / items[quantizer].max(1) as f64,
        }
    };
    let quantizer = |q: usize| QuantizerUse {
        expert: (q < a.experts).then_some(q),
        items: items[q],
        levels: (0..a.levels).map(|l| level(q, l)).collect(),
    };
    (0..a.quantizers()).map(quantizer).collect()
}
