//! The router's row for a new expert.
//!
//! An item goes to the new expert if `w·z + b` is above the logit `t(z)` that gets it among the top experts now. No item of the
//! old domains may, so `b` is minus the largest `w·z − t(z)` of theirs, and `w` is what lets most new items pass then. Both the
//! largest of the old and the number of the new are replaced by smooth convex functions of `w`, so that Newton's method finds
//! the best: by `(1/β)·ln Σ exp β(w·z − t)`, ever sharper, and by the mean of `ln(1 + exp −(w·z + b − t))`.

use crate::base::parallel::map_chunks;
use crate::train::network::discriminant::solve;

/// β, one after the other: the first is solved from nowhere, each of the others from the one before.
const SHARPNESS: [f64; 4] = [0.1, 1.0, 10.0, 30.0];
/// Newton steps of a sharpness; it settles in about seven.
const STEPS: usize = 25;
/// Times that a step is halved until it lowers the loss.
const HALVINGS: usize = 20;
/// Ridge on the weights: latents that are told apart perfectly would make them grow without end.
const RIDGE: f64 = 1e-4;
/// Items of a part of a sum: the parts are added in order, whatever the threads.
const PART: usize = 4096;

/// Items of one side.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// `[items][latent]`.
    pub latents: &'a [f32],
    /// `[items]` logit that the new one has to pass.
    pub thresholds: &'a [f32],
}

/// `[latent]` weights by which most of `new` and none of `old` pass.
pub fn fit(new: Side<'_>, old: Side<'_>, latent: usize) -> Vec<f64> {
    SHARPNESS.iter().fold(vec![0.0; latent], |row, &beta| settled(new, old, beta, row))
}

/// The best weights of one sharpness, from `row` on.
fn settled(new: Side<'_>, old: Side<'_>, beta: f64, mut row: Vec<f64>) -> Vec<f64> {
    let mut now = Loss::new(new, old, beta, &row);
    for _ in 0..STEPS {
        let (gradient, curvature) = now.derivatives(new, old, &row);
        let step = solve(curvature, gradient);
        let tried = (0..HALVINGS).map(|halvings| {
            let size = 0.5f64.powi(halvings as i32);
            let row: Vec<f64> = row.iter().zip(&step).map(|(r, s)| r - size * s).collect();
            (Loss::new(new, old, beta, &row), row)
        });
        let Some((next, better)) = tried.into_iter().find(|(next, _)| next.value < now.value) else { break };
        let is_settled = now.value - next.value < 1e-6 * now.value;
        (now, row) = (next, better);
        if is_settled {
            break;
        }
    }
    row
}

/// The loss at one place.
struct Loss {
    beta: f64,
    value: f64,
    /// `[old]` share of each old item in the smooth largest.
    shares: Vec<f64>,
    /// `[new]` how near each new item is to not passing: the slope of its loss.
    slopes: Vec<f64>,
}

impl Loss {
    fn new(new: Side<'_>, old: Side<'_>, beta: f64, row: &[f64]) -> Self {
        let old_scores = old.scores(row);
        let largest = old_scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut shares: Vec<f64> = old_scores.iter().map(|score| (beta * (score - largest)).exp()).collect();
        let total: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= total);
        let smooth = largest + total.ln() / beta;
        let (mut value, mut slopes) = (0.0, Vec::with_capacity(new.thresholds.len()));
        for score in new.scores(row) {
            let short = smooth - score;
            // ln(1 + exp(short)), which is `short` itself where that is large.
            value += short.max(0.0) + (-short.abs()).exp().ln_1p();
            slopes.push(1.0 / (1.0 + (-short).exp()));
        }
        let ridge: f64 = row.iter().map(|w| 0.5 * RIDGE * w * w).sum();
        Self { beta, value: value / slopes.len() as f64 + ridge, shares, slopes }
    }

    /// Gradient, and `[latent][latent]` second derivatives.
    fn derivatives(&self, new: Side<'_>, old: Side<'_>, row: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = row.len();
        let (center, spread) = old.moments(&self.shares, n, &vec![0.0; n]);
        let items = self.slopes.len() as f64;
        let [slopes, bends] = [|s: &f64| *s, |s: &f64| s * (1.0 - s)].map(|of| self.slopes.iter().map(of).collect::<Vec<f64>>());
        let total: f64 = slopes.iter().sum();
        let (toward, _) = new.moments(&slopes, n, &center);
        let (_, bent) = new.moments(&bends, n, &center);
        let gradient = toward.iter().zip(row).map(|(toward, w)| RIDGE * w - toward / items).collect();
        let curvature = (0..n * n).map(|at| {
            let (i, j) = (at / n, at % n);
            let old = spread[at] - center[i] * center[j];
            bent[at] / items + total / items * self.beta * old + if i == j { RIDGE } else { 0.0 }
        });
        (gradient, curvature.collect())
    }
}

impl Side<'_> {
    /// `[items]` `w·z − t`.
    fn scores(&self, row: &[f64]) -> Vec<f64> {
        let items: Vec<usize> = (0..self.thresholds.len()).collect();
        let of = |&item: &usize| {
            let latent = &self.latents[item * row.len()..][..row.len()];
            row.iter().zip(latent).map(|(w, z)| w * f64::from(*z)).sum::<f64>() - f64::from(self.thresholds[item])
        };
        map_chunks(&items, PART, |items| items.iter().map(of).collect::<Vec<f64>>()).concat()
    }

    /// Sums over the items, each times its weight, of `z − center` and of `(z − center)(z − center)ᵀ`.
    fn moments(&self, weights: &[f64], n: usize, center: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let items: Vec<usize> = (0..weights.len()).collect();
        let parts = map_chunks(&items, PART, |items| {
            let (mut first, mut second, mut x) = (vec![0.0; n], vec![0.0; n * n], vec![0.0; n]);
            for &item in items.iter().filter(|&&item| weights[item] > f64::EPSILON) {
                let latent = self.latents[item * n..][..n].iter().zip(center);
                x.iter_mut().zip(latent).for_each(|(x, (z, center))| *x = f64::from(*z) - center);
                for i in 0..n {
                    let weighted = weights[item] * x[i];
                    first[i] += weighted;
                    second[i * n..(i + 1) * n].iter_mut().zip(&x).for_each(|(sum, x)| *sum += weighted * x);
                }
            }
            (first, second)
        });
        let add = |sum: &mut Vec<f64>, part: Vec<f64>| sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        parts.into_iter().fold((vec![0.0; n], vec![0.0; n * n]), |mut sums, (first, second)| {
            add(&mut sums.0, first);
            add(&mut sums.1, second);
            sums
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clouds_are_told_apart_beside_the_logits_that_there_are() {
        let cloud =
            |x: f32, n: usize| (0..n).flat_map(|i| [x + (i as f32 * 1.3).sin(), (i as f32 * 2.1).cos()]).collect::<Vec<f32>>();
        let (new, mut old) = (cloud(3.0, 200), cloud(0.0, 500));
        // An old item apart from the others, for which room has to be left.
        old.extend([4.0, 8.0]);
        let thresholds = |rows: &[f32]| rows.chunks_exact(2).map(|z| 7.0 + z[1]).collect::<Vec<f32>>();
        let (new_thresholds, old_thresholds) = (thresholds(&new), thresholds(&old));
        let side = |latents, thresholds| Side { latents, thresholds };
        let row = fit(side(&new, &new_thresholds), side(&old, &old_thresholds), 2);
        let scores = |rows: &[f32]| -> Vec<f64> {
            rows.chunks_exact(2).map(|z| row[0] * f64::from(z[0]) + row[1] * f64::from(z[1]) - f64::from(7.0 + z[1])).collect()
        };
        let largest = scores(&old).into_iter().fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(scores(&new).iter().filter(|score| **score > largest).count(), 200);
    }
}
