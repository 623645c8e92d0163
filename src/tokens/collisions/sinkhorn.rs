//! Last-level re-assignment by entropic transport, bucket by bucket, after LC-Rec.
//!
//! LC-Rec balances a bucket over all T codes, so that with fewer items than codes each plan row
//! is spread over many equal codes and its largest entry is an accident. Here a code takes at most
//! its share of the bucket (one item where there are fewer items than codes), and items are then
//! rounded to their heaviest code that the bucket has not used up.

use super::progress::{Progress, Stopped, Watch};
use super::top_codes::Chains;
use crate::base::parallel::map_chunks;
use crate::tokens::Schema;

/// Rounds over all buckets, as LC-Rec.
const ROUNDS: usize = 20;
/// Rounds in a row that may bring nothing.
const PATIENCE: usize = 5;
/// Scaling iterations at most, as LC-Rec.
const ITERATIONS: usize = 50;
/// Entropic weight, relative to the mean cost.
const EPSILON: f64 = 0.003;

/// Runs rounds until no bucket is left, and keeps the round with the fewest collisions: a round
/// may move an item onto another's codeword.
///
/// # Errors
/// The watcher said stop; chains are then of some round.
pub fn run(chains: &mut Chains<'_>, schema: &Schema, watch: Watch<'_>) -> Result<(), Stopped> {
    let progress = Progress::new(watch, ROUNDS);
    let mut fewest = usize::MAX;
    // Every change in order, with the code before it; how many of them to keep.
    let (mut changes, mut kept, mut best_round) = (Vec::new(), 0, 0);
    for round in 0..=ROUNDS {
        let codewords = schema.codewords(chains.batch);
        let order = codewords.sorted();
        let same = |a: &u32, b: &u32| codewords.row(*a as usize) == codewords.row(*b as usize);
        let buckets: Vec<&[u32]> = order.chunk_by(same).filter(|bucket| bucket.len() > 1).collect();
        let collisions = buckets.iter().map(|bucket| bucket.len() - 1).sum();
        if collisions < fewest {
            (fewest, kept, best_round) = (collisions, changes.len(), round);
        }
        if collisions == 0 || round == ROUNDS || round - best_round == PATIENCE {
            break;
        }
        let view = &*chains;
        let plans = map_chunks(&buckets, 16, |part| {
            part.iter().map(|bucket| progress.step(0).map(|()| transport(view, bucket))).collect::<Vec<_>>()
        });
        for (bucket, codes) in buckets.into_iter().zip(plans.into_iter().flatten()) {
            for (&item, code) in bucket.iter().zip(codes?) {
                changes.push((item, last_code(chains, item)));
                chains.set_last(item as usize, code);
            }
        }
        progress.step(1)?;
    }
    undo_after(chains, &changes, kept);
    Ok(())
}

/// Takes back every change from the `kept`-th on; a change holds the code before it.
fn undo_after(chains: &mut Chains<'_>, changes: &[(u32, u32)], kept: usize) {
    for &(item, code) in changes[kept..].iter().rev() {
        chains.set_last(item as usize, code);
    }
}

fn last_code(chains: &Chains<'_>, item: u32) -> u32 {
    *chains.chain(item as usize).last().expect("a model has at least one level")
}

/// Last-level code of each item of a bucket.
fn transport(chains: &Chains<'_>, bucket: &[u32]) -> Vec<u32> {
    let codes = chains.codes();
    let costs: Vec<f64> = bucket.iter().flat_map(|&item| chains.last_errors(item as usize)).collect();
    let plan = plan(&costs, bucket.len(), codes);
    let most = bucket.len().div_ceil(codes);
    let mut uses = vec![0; codes];
    let mut chosen = Vec::with_capacity(bucket.len());
    for row in plan.chunks_exact(codes) {
        let open = (0..codes).filter(|&code| uses[code] < most);
        // The first of equals: `max_by` would give the last.
        let code = open.reduce(|a, b| if row[b] > row[a] { b } else { a }).expect("most · codes ≥ items");
        uses[code] += 1;
        chosen.push(code as u32);
    }
    chosen
}

/// Logarithm of the entropic plan: rows carry 1, columns at most `max(1, rows / columns)`.
/// In the log domain, where small epsilons cannot underflow.
fn plan(costs: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    let scale = 1.0 / (EPSILON * mean.max(f64::MIN_POSITIVE));
    let mut kernel: Vec<f64> = costs.iter().map(|cost| (-cost * scale).max(-1e300)).collect();
    let capacity = (rows as f64 / columns as f64).max(1.0).ln();
    let (mut u, mut v) = (vec![0.0; rows], vec![0.0; columns]);
    for _ in 0..ITERATIONS {
        for (row, u) in kernel.chunks_exact(columns).zip(&mut u) {
            *u = -log_sum(row.iter().zip(&v).map(|(k, v)| k + v));
        }
        let mut moved = 0.0f64;
        for (column, v) in v.iter_mut().enumerate() {
            let mass = log_sum((0..rows).map(|row| kernel[row * columns + column] + u[row]));
            let next = (capacity - mass).min(0.0);
            moved = moved.max((next - *v).abs());
            *v = next;
        }
        // Further iterations would repeat this one.
        if moved < 1e-9 {
            break;
        }
    }
    for (i, value) in kernel.iter_mut().enumerate() {
        *value += u[i / columns] + v[i % columns];
    }
    kernel
}

fn log_sum(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let most = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    most + terms.map(|term| (term - most).exp()).sum::<f64>().ln()
}
