//! What to do about items that share a codeword, and what it costs (SPEC, section 2).

use super::policy::Policy;
use super::progress::{Stopped, Watch};
use super::top_codes::{Chains, squared_length};
use super::{assign, sinkhorn};
use crate::engine::Tokenized;
use crate::model::Model;
use crate::tokens::TokensError;
use crate::tokens::layout::{Codewords, Schema};

/// What a policy did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify), tsify(missing_as_null))]
pub struct CollisionReport {
    /// Which policy.
    pub policy: Policy,
    /// Items in the batch.
    pub items: usize,
    /// Items minus different codewords, before.
    pub collisions_before: usize,
    /// Items minus different codewords, after.
    pub collisions_after: usize,
    /// Largest bucket before.
    pub max_bucket_before: usize,
    /// Largest bucket after.
    pub max_bucket_after: usize,
    /// Items whose codes changed.
    pub moved: usize,
    /// Sum over items of what `‖z − E(z)‖²` of the top expert grew by.
    pub added_distortion: f64,
    /// The unexplained share of variance of `z` (the SPEC's q, over the whole batch), before;
    /// absent where the policy needs no latents, or where `z` does not vary.
    pub q_before: Option<f64>,
    /// The same, after.
    pub q_after: Option<f64>,
}

/// Applies a policy: the codewords to write, and what was done.
///
/// The codeword is the token sequence of `schema`; two items collide where all of it is equal.
/// `sinkhorn` and `assign` rewrite codes, residual norms and margins of slot 0 in `batch` (the top
/// expert; the shared one in a model without routed experts). `z_hat` and `reconstruction` keep
/// telling of the engine's own choice.
///
/// # Errors
/// [`TokensError::NoLatents`] where `sinkhorn` or `assign` find no `z`; [`TokensError::Shape`]
/// where the batch is another model's.
pub fn resolve(
    model: &Model,
    batch: &mut Tokenized,
    schema: &Schema,
    policy: Policy,
) -> Result<(Codewords, CollisionReport), TokensError> {
    resolve_watched(model, batch, schema, policy, &|_, _| true)
}

/// The same for long work: `watch` is told the steps done and those in all, and says whether to go on.
///
/// # Errors
/// As [`resolve`]; and [`TokensError::Stopped`] where `watch` said no, which leaves `batch` half done.
pub fn resolve_watched(
    model: &Model,
    batch: &mut Tokenized,
    schema: &Schema,
    policy: Policy,
    watch: Watch<'_>,
) -> Result<(Codewords, CollisionReport), TokensError> {
    check_shape(model, batch)?;
    let mut codewords = schema.codewords(batch);
    let mut report = CollisionReport::before(policy, &codewords);
    match policy {
        Policy::Keep => {}
        Policy::Suffix => add_suffix(&mut codewords),
        Policy::Sinkhorn | Policy::Assign => {
            let levels = batch.slots * batch.levels;
            let before: Vec<u32> = batch.codes.chunks_exact(levels).flat_map(|c| &c[..batch.levels]).copied().collect();
            let mut chains = Chains::new(model, batch, policy)?;
            if report.collisions_before > 0 {
                let run = if policy == Policy::Assign { assign::run } else { sinkhorn::run };
                run(&mut chains, schema, watch).map_err(|Stopped| TokensError::Stopped)?;
            }
            report.weigh(&chains, &before);
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
    let mut number = vec![0; codewords.items()];
    let mut largest = 0;
    for bucket in order.chunk_by(|&a, &b| codewords.row(a as usize) == codewords.row(b as usize)) {
        bucket.iter().enumerate().for_each(|(n, &item)| number[item as usize] = n as u32);
        largest = largest.max(bucket.len());
    }
    let rows = codewords.values.chunks_exact(width.max(1)).zip(number);
    codewords.values = rows.flat_map(|(row, n)| row.iter().copied().chain(std::iter::once(n))).collect();
    codewords.sizes.push(largest);
}

impl CollisionReport {
    fn before(policy: Policy, codewords: &Codewords) -> Self {
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

    /// Counts moved items and their distortion; `before` holds the old codes of slot 0.
    fn weigh(&mut self, chains: &Chains<'_>, before: &[u32]) {
        let mut total = 0.0;
        for (item, old) in before.chunks_exact(chains.levels()).enumerate() {
            let error = chains.error(item);
            total += error;
            if old != chains.chain(item) {
                let old_error = squared_length(&chains.residual(item, old));
                self.moved += 1;
                self.added_distortion += error - old_error;
            }
        }
        let variance = chains.variance();
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
