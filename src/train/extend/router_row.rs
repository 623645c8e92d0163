//! The router's row for a new expert.
//!
//! An item goes to the new expert if `w·z + b` is above the logit `t(z)` that gets it among the top experts now. `w` and `b` are
//! those of a logistic regression of `w·z + b − t(z)` on whether the item is of the new domain, by Newton's method.

use crate::base::parallel::map_chunks;
use crate::train::network::discriminant::solve;

/// Newton steps; the regression settles in about ten.
const STEPS: usize = 25;
/// Times that a step is halved until it lowers the loss.
const HALVINGS: usize = 20;
/// Ridge on the weights, as a share of the items: latents that are told apart perfectly would make them grow without end.
const RIDGE: f64 = 1e-4;
/// Items of a part of a sum: the parts are added in order, whatever the threads.
const PART: usize = 4096;

/// Items on one side of the regression.
pub struct Side<'a> {
    /// `[items][latent]`.
    pub latents: &'a [f32],
    /// `[items]` logit that the new one has to pass.
    pub thresholds: &'a [f32],
    /// Weight of all of them together.
    pub weight: f64,
    /// Whether they are to go to the new expert.
    pub is_new: bool,
}

/// Weights and bias, in one list.
pub fn fit(sides: &[Side<'_>; 2], latent: usize) -> Vec<f64> {
    let mut row = vec![0.0; latent + 1];
    row[latent] = sides.iter().flat_map(|side| side.thresholds).map(|t| f64::from(*t)).sum::<f64>()
        / sides.iter().map(|side| side.thresholds.len()).sum::<usize>() as f64;
    let mut now = Sums::new(sides, &row);
    for _ in 0..STEPS {
        let step = solve(now.curvature.clone(), now.gradient.clone());
        let tried = (0..HALVINGS).map(|halvings| {
            let size = 0.5f64.powi(halvings as i32);
            let row: Vec<f64> = row.iter().zip(&step).map(|(r, s)| r - size * s).collect();
            (Sums::new(sides, &row), row)
        });
        let Some((next, better)) = tried.into_iter().find(|(sums, _)| sums.loss < now.loss) else { break };
        let settled = now.loss - next.loss < 1e-9 * now.loss;
        (now, row) = (next, better);
        if settled {
            break;
        }
    }
    row
}

/// Loss, gradient and second derivatives at one place.
struct Sums {
    loss: f64,
    gradient: Vec<f64>,
    /// `[latent + 1][latent + 1]`.
    curvature: Vec<f64>,
}

impl Sums {
    fn new(sides: &[Side<'_>; 2], row: &[f64]) -> Self {
        let n = row.len();
        let ridge = |i: usize| if i + 1 < n { RIDGE } else { f64::EPSILON };
        let mut all = Self {
            loss: (0..n).map(|i| 0.5 * ridge(i) * row[i] * row[i]).sum(),
            gradient: (0..n).map(|i| ridge(i) * row[i]).collect(),
            curvature: (0..n * n).map(|at| if at / n == at % n { ridge(at / n) } else { 0.0 }).collect(),
        };
        for side in sides {
            let items: Vec<usize> = (0..side.thresholds.len()).collect();
            for part in map_chunks(&items, PART, |items| Self::of(side, items, row)) {
                all.loss += part.loss;
                all.gradient.iter_mut().zip(part.gradient).for_each(|(a, b)| *a += b);
                all.curvature.iter_mut().zip(part.curvature).for_each(|(a, b)| *a += b);
            }
        }
        all
    }

    /// The share of a few items.
    fn of(side: &Side<'_>, items: &[usize], row: &[f64]) -> Self {
        let n = row.len();
        let each = side.weight / side.thresholds.len() as f64;
        let mut sums = Self { loss: 0.0, gradient: vec![0.0; n], curvature: vec![0.0; n * n] };
        let mut x = vec![1.0; n];
        for &item in items {
            x.iter_mut().zip(&side.latents[item * (n - 1)..][..n - 1]).for_each(|(x, z)| *x = f64::from(*z));
            let score = row.iter().zip(&x).map(|(r, x)| r * x).sum::<f64>() - f64::from(side.thresholds[item]);
            let wrong = if side.is_new { -score } else { score };
            // ln(1 + exp(wrong)), which is `wrong` itself where that is large.
            sums.loss += each * (wrong.max(0.0) + (-wrong.abs()).exp().ln_1p());
            let chance = 1.0 / (1.0 + (-score).exp());
            let (slope, bend) = (each * (chance - f64::from(u8::from(side.is_new))), each * chance * (1.0 - chance));
            for i in 0..n {
                sums.gradient[i] += slope * x[i];
                let bent = bend * x[i];
                sums.curvature[i * n..(i + 1) * n].iter_mut().zip(&x).for_each(|(c, x)| *c += bent * x);
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clouds_are_told_apart_beside_the_logits_that_there_are() {
        let cloud =
            |x: f32, n: usize| (0..n).flat_map(|i| [x + (i as f32 * 1.3).sin(), (i as f32 * 2.1).cos()]).collect::<Vec<f32>>();
        let (new, old) = (cloud(3.0, 200), cloud(0.0, 500));
        let thresholds = |rows: &[f32]| rows.chunks_exact(2).map(|z| 7.0 + z[1]).collect::<Vec<f32>>();
        let (new_thresholds, old_thresholds) = (thresholds(&new), thresholds(&old));
        let sides = [
            Side { latents: &new, thresholds: &new_thresholds, weight: 1.0, is_new: true },
            Side { latents: &old, thresholds: &old_thresholds, weight: 1.0, is_new: false },
        ];
        let row = fit(&sides, 2);
        let passes = |rows: &[f32]| {
            rows.chunks_exact(2)
                .filter(|z| row[0] * f64::from(z[0]) + row[1] * f64::from(z[1]) + row[2] > f64::from(7.0 + z[1]))
                .count()
        };
        assert_eq!((passes(&new), passes(&old)), (200, 0));
    }
}
