//! The policy `sinkhorn`: last codes of a bucket chosen anew by balanced entropic transport, as LC-Rec does.
//!
//! LC-Rec balances a bucket over all T codes. With fewer items than codes, each item's mass is then spread over many codes
//! almost equally, and which of them has the most is chance. Here a code takes at most its share of the bucket (one item
//! where there are fewer items than codes), and each item then gets the code with most of its mass that is not used up.

use super::progress::{Progress, Stopped, Watch};
use super::top_codes::TopCodes;
use crate::base::parallel::map_chunks;
use crate::tokens::Schema;

/// Most rounds over all buckets, as in LC-Rec.
const ROUNDS: usize = 20;
/// Rounds without improvement after which to stop.
const PATIENCE: usize = 5;
/// Most scaling iterations, as in LC-Rec.
const ITERATIONS: usize = 50;
/// Weight of the entropy, relative to the mean cost.
const EPSILON: f64 = 0.003;

/// Runs rounds until no two items collide, and keeps the round with the fewest collisions, since a round may also move an
/// item onto the codeword of another.
///
/// # Errors
/// The watcher asked to stop; codes are then those of some round.
pub fn run(top_codes: &mut TopCodes<'_>, schema: &Schema, watch: Watch<'_>) -> Result<(), Stopped> {
    let progress = Progress::new(watch, ROUNDS);
    let mut fewest = usize::MAX;
    // Item and previous code of every change in order, and how many of the changes lead to the best round.
    let (mut changes, mut kept, mut best_round) = (Vec::new(), 0, 0);
    for round in 0..=ROUNDS {
        let codewords = schema.codewords(top_codes.batch);
        let order = codewords.sorted();
        let buckets: Vec<&[u32]> = codewords.buckets(&order).filter(|bucket| bucket.len() > 1).collect();
        let collisions = buckets.iter().map(|bucket| bucket.len() - 1).sum();
        if collisions < fewest {
            (fewest, kept, best_round) = (collisions, changes.len(), round);
        }
        if collisions == 0 || round == ROUNDS || round - best_round == PATIENCE {
            break;
        }
        let view = &*top_codes;
        let plans = map_chunks(&buckets, 16, |part| {
            part.iter().map(|bucket| progress.step(0).map(|()| transport(view, bucket))).collect::<Vec<_>>()
        });
        for (bucket, codes) in buckets.into_iter().zip(plans.into_iter().flatten()) {
            for (&item, code) in bucket.iter().zip(codes?) {
                changes.push((item, top_codes.last_code(item as usize)));
                top_codes.set_last_code(item as usize, code);
            }
        }
        progress.step(1)?;
    }
    undo_after(top_codes, &changes, kept);
    Ok(())
}

/// Undoes all changes but the first `kept`.
fn undo_after(top_codes: &mut TopCodes<'_>, changes: &[(u32, u32)], kept: usize) {
    for &(item, code) in changes[kept..].iter().rev() {
        top_codes.set_last_code(item as usize, code);
    }
}

/// New last codes for the items of a bucket.
fn transport(top_codes: &TopCodes<'_>, bucket: &[u32]) -> Vec<u32> {
    let codes = top_codes.codes_per_level();
    let costs: Vec<f64> = bucket.iter().flat_map(|&item| top_codes.last_level_errors(item as usize)).collect();
    let plan = log_plan(&costs, bucket.len(), codes);
    let capacity = bucket.len().div_ceil(codes);
    let mut uses = vec![0; codes];
    let mut chosen = Vec::with_capacity(bucket.len());
    for row in plan.chunks_exact(codes) {
        let open = (0..codes).filter(|&code| uses[code] < capacity);
        // The first of equally heavy codes; `max_by` would give the last.
        let code = open.reduce(|a, b| if row[b] > row[a] { b } else { a }).expect("capacity · codes ≥ items");
        uses[code] += 1;
        chosen.push(code as u32);
    }
    chosen
}

/// `[rows][columns]` logarithms of the entropic transport plan, whose rows sum to 1 and columns to at most
/// `max(1, rows / columns)`. Computed in logarithms because small epsilons would underflow otherwise.
fn log_plan(costs: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    let scale = 1.0 / (EPSILON * mean.max(f64::MIN_POSITIVE));
    let mut log_kernel: Vec<f64> = costs.iter().map(|cost| (-cost * scale).max(-1e300)).collect();
    let capacity = (rows as f64 / columns as f64).max(1.0).ln();
    let (mut u, mut v) = (vec![0.0; rows], vec![0.0; columns]);
    for _ in 0..ITERATIONS {
        for (row, u) in log_kernel.chunks_exact(columns).zip(&mut u) {
            *u = -log_sum_exp(row.iter().zip(&v).map(|(k, v)| k + v));
        }
        let mut largest_change = 0.0f64;
        for (column, v) in v.iter_mut().enumerate() {
            let mass = log_sum_exp((0..rows).map(|row| log_kernel[row * columns + column] + u[row]));
            let next = (capacity - mass).min(0.0);
            largest_change = largest_change.max((next - *v).abs());
            *v = next;
        }
        if largest_change < 1e-9 {
            break;
        }
    }
    for (i, value) in log_kernel.iter_mut().enumerate() {
        *value += u[i / columns] + v[i % columns];
    }
    log_kernel
}

/// `ln Σ exp(term)`.
fn log_sum_exp(terms: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = terms.clone().fold(f64::NEG_INFINITY, f64::max);
    largest + terms.map(|term| (term - largest).exp()).sum::<f64>().ln()
}
