//! Applying a collision policy, and reporting what it changed (METHOD.md, Tokens).

use super::policy::Policy;
use super::progress::{Stopped, Watch};
use super::top_codes::{TopCodes, squared_norm};
use super::{assign, sinkhorn};
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::TokensError;
use crate::tokens::layout::{Codewords, Schema};

/// What a policy changed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct CollisionReport {
    /// The policy.
    pub policy: Policy,
    /// Items in the batch.
    pub items: usize,
    /// Items minus different codewords, before the policy.
    pub collisions_before: usize,
    /// Items minus different codewords, after it.
    pub collisions_after: usize,
    /// Items in the largest bucket, before.
    pub max_bucket_before: usize,
    /// Items in the largest bucket, after.
    pub max_bucket_after: usize,
    /// Items whose codes changed.
    pub moved: usize,
    /// Sum over items of the increase of `‖z − E(z)‖²`, with the top expert's E.
    pub added_distortion: f64,
    /// The unexplained share of variance of `z` over the whole batch, before (METHOD.md, Measurement: *q*);
    /// absent where the policy needs no latents, or where `z` does not vary.
    pub q_before: Option<f64>,
    /// The same, after.
    pub q_after: Option<f64>,
}

/// Applies a policy. Returns the codewords to write, and what was changed.
///
/// A codeword has the positions of `schema`; two items collide where all of them are equal. `sinkhorn` and `assign` change
/// codes, residual norms and margins of slot 0 in `batch` (the top expert; the shared one in a model without routed
/// experts). `z_hat` and `reconstruction` stay those of the codes that the engine chose.
///
/// # Errors
/// [`TokensError::NoLatents`] where `sinkhorn` or `assign` find no `z`; [`TokensError::Shape`]
/// where the batch was made by another model.
pub fn resolve(
    model: &Model,
    batch: &mut Tokenized,
    schema: &Schema,
    policy: Policy,
) -> Result<(Codewords, CollisionReport), TokensError> {
    resolve_watched(model, batch, schema, policy, &|_, _| true)
}

/// As [`resolve`], for large batches: `watch` is told the number of steps done and of all steps, and returns whether to go on.
///
/// # Errors
/// As [`resolve`]; and [`TokensError::Stopped`] where `watch` returned false. Some codes of `batch` are then changed already.
pub fn resolve_watched(
    model: &Model,
    batch: &mut Tokenized,
    schema: &Schema,
    policy: Policy,
    watch: Watch<'_>,
) -> Result<(Codewords, CollisionReport), TokensError> {
    check_shape(model, batch)?;
    let mut codewords = schema.codewords(batch);
    let mut report = CollisionReport::unchanged(policy, &codewords);
    match policy {
        Policy::Keep => {}
        Policy::Suffix => add_suffix(&mut codewords),
        Policy::Sinkhorn | Policy::Assign => {
            let codes = batch.codes.chunks_exact(batch.slots * batch.levels);
            let before: Vec<u32> = codes.flat_map(|codes| &codes[..batch.levels]).copied().collect();
            let mut top_codes = TopCodes::new(model, batch, policy)?;
            if report.collisions_before > 0 {
                let run = if policy == Policy::Assign { assign::run } else { sinkhorn::run };
                run(&mut top_codes, schema, watch).map_err(|Stopped| TokensError::Stopped)?;
            }
            report.measure_distortion(&top_codes, &before);
            codewords = schema.codewords(batch);
        }
    }
    let buckets = codewords.bucket_sizes();
    report.collisions_after = report.items - buckets.len();
    report.max_bucket_after = buckets.into_iter().max().unwrap_or(0);
    Ok((codewords, report))
}

/// Appends to every codeword its number within its bucket, from 0 in item order.
pub fn add_suffix(codewords: &mut Codewords) {
    let order = codewords.sorted();
    let width = codewords.width();
    let mut numbers = vec![0; codewords.items()];
    let mut largest = 0;
    for bucket in codewords.buckets(&order) {
        bucket.iter().enumerate().for_each(|(n, &item)| numbers[item as usize] = n as u32);
        largest = largest.max(bucket.len());
    }
    let rows = codewords.values.chunks_exact(width.max(1)).zip(numbers);
    codewords.values = rows.flat_map(|(row, n)| row.iter().copied().chain(std::iter::once(n))).collect();
    codewords.sizes.push(largest);
}

impl CollisionReport {
    /// The report of a policy that has changed nothing yet.
    fn unchanged(policy: Policy, codewords: &Codewords) -> Self {
        let buckets = codewords.bucket_sizes();
        let items = codewords.items();
        let (collisions, largest) = (items - buckets.len(), buckets.into_iter().max().unwrap_or(0));
        Self {
            policy,
            items,
            collisions_before: collisions,
            collisions_after: collisions,
            max_bucket_before: largest,
            max_bucket_after: largest,
            moved: 0,
            added_distortion: 0.0,
            q_before: None,
            q_after: None,
        }
    }

    /// Counts moved items and their added distortion; `before` holds `[items][levels]` codes of slot 0 before the policy.
    fn measure_distortion(&mut self, top_codes: &TopCodes<'_>, before: &[u32]) {
        let mut total = 0.0;
        for (item, before) in before.chunks_exact(top_codes.levels()).enumerate() {
            let distortion = top_codes.distortion(item);
            total += distortion;
            if before != top_codes.codes(item) {
                let distortion_before = squared_norm(&top_codes.residual(item, before));
                self.moved += 1;
                self.added_distortion += distortion - distortion_before;
            }
        }
        let variance = top_codes.total_variance();
        self.q_before = variance.map(|variance| (total - self.added_distortion) / variance);
        self.q_after = variance.map(|variance| total / variance);
    }
}

fn check_shape(model: &Model, batch: &Tokenized) -> Result<(), TokensError> {
    let a = &model.config.model;
    let fits = (batch.slots, batch.levels, batch.top_n) == (a.slots(), a.levels, a.top_n)
        && batch.codes.len() == batch.items * batch.slots * batch.levels;
    let describe = |slots, levels, top_n| format!("{slots} × {levels} (top {top_n})");
    if fits {
        return Ok(());
    }
    Err(TokensError::Shape {
        found: describe(batch.slots, batch.levels, batch.top_n),
        expected: describe(a.slots(), a.levels, a.top_n),
    })
}
