//! Applying a collision policy, and reporting what it changed (METHOD.md, Tokens).

use std::borrow::Cow;

use super::crowding::{Crowding, published_items};
use super::policy::Policy;
use super::progress::{Stopped, Watch};
use super::top_codes::{TopCodes, squared_norm};
use super::{assign, sinkhorn, suffix};
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
    /// Items in the batch, and those that had codewords already.
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
    let none = &Codewords::default();
    resolve_beside(model, batch, schema, policy, Taken { published: none, retired: none }, watch)
}

/// Codewords that items of a batch do not get, of the same schema and policy, with their suffix where the policy gives one.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Of items that have them already.
    pub published: &'a Codewords,
    /// Of no item.
    pub retired: &'a Codewords,
}

impl<'a> Taken<'a> {
    /// All of them.
    fn all(self) -> Cow<'a, Codewords> {
        match (published_items(self.published), published_items(self.retired)) {
            (_, 0) => Cow::Borrowed(self.published),
            (0, _) => Cow::Borrowed(self.retired),
            _ => {
                let sizes = self.published.sizes.iter().zip(&self.retired.sizes).map(|(&a, &b)| a.max(b)).collect();
                Cow::Owned(Codewords { values: [&self.published.values[..], &self.retired.values].concat(), sizes })
            }
        }
    }
}

/// As [`resolve_watched`], beside items that have codewords already: none of these moves, and items of the batch get places
/// that are free; `keep` looks at neither. `sinkhorn` then places the items as `assign` does, because what it spreads evenly is a whole catalogue. Collisions are counted
/// over both together.
///
/// # Errors
/// As [`resolve_watched`].
pub fn resolve_beside(
    model: &Model,
    batch: &mut Tokenized,
    schema: &Schema,
    policy: Policy,
    taken: Taken<'_>,
    watch: Watch<'_>,
) -> Result<(Codewords, CollisionReport), TokensError> {
    check_shape(model, batch)?;
    let mut codewords = schema.codewords(batch);
    let Taken { published, retired } = taken;
    let crowding = Crowding::new(published, schema.width());
    let mut report = CollisionReport::unchanged(policy, &codewords, &crowding);
    match policy {
        Policy::Keep => {}
        Policy::Suffix => suffix::add_beside(&mut codewords, &taken.all()),
        Policy::Sinkhorn | Policy::Assign => {
            let codes = batch.codes.chunks_exact(batch.slots * batch.levels);
            let before: Vec<u32> = codes.flat_map(|codes| &codes[..batch.levels]).copied().collect();
            let mut top_codes = TopCodes::new(model, batch, policy)?;
            if report.collisions_before > 0 || published_items(retired) > 0 {
                let taken = taken.all();
                let run = if policy == Policy::Sinkhorn && published_items(&taken) == 0 {
                    sinkhorn::run(&mut top_codes, schema, watch)
                } else {
                    assign::run(&mut top_codes, schema, &taken, watch)
                };
                run.map_err(|Stopped| TokensError::Stopped)?;
            }
            report.measure_distortion(&top_codes, &before);
            codewords = schema.codewords(batch);
        }
    }
    let after = if policy == Policy::Suffix { Crowding::new(published, codewords.width()) } else { crowding };
    (report.collisions_after, report.max_bucket_after) = after.with(&codewords);
    Ok((codewords, report))
}

impl CollisionReport {
    /// The report of a policy that has changed nothing yet.
    fn unchanged(policy: Policy, codewords: &Codewords, crowding: &Crowding<'_>) -> Self {
        let items = codewords.items() + crowding.items();
        let (collisions, largest) = crowding.with(codewords);
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
