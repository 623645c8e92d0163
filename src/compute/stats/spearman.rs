//! Spearman's rank correlation: whether one figure orders things as another does.

use rand::RngExt;
use rand_pcg::Pcg64;

use super::interval::{Interval, StatisticsError, finite, rounds};
use crate::base::sort::ordered;

/// The two figures of each of some things that may be compared with each other, such as the tokenizers of one domain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Points<'a> {
    x: &'a [f64],
    y: &'a [f64],
}

impl<'a> Points<'a> {
    /// Point `i` is `(x[i], y[i])`.
    ///
    /// # Errors
    /// Different lengths, or a value that is not finite.
    pub fn new(x: &'a [f64], y: &'a [f64]) -> Result<Self, StatisticsError> {
        if x.len() != y.len() {
            return Err(StatisticsError::Lengths { what: "points", a: x.len(), b: y.len() });
        }
        finite(x)?;
        finite(y)?;
        Ok(Self { x, y })
    }
}

/// The correlation of ranks over all groups; none where one of the figures is the same within every group.
///
/// Ranks are taken within each group, from −½ to ½: figures of different domains are on different scales, and what is asked
/// is whether the order within a domain is right. With a single group it is Spearman's ρ as usual. Ties share their mean rank.
pub fn spearman(groups: &[Points<'_>]) -> Option<f64> {
    correlation(groups.iter().map(|points| (centred_ranks(points.x), centred_ranks(points.y))))
}

/// [`spearman`] with its interval: `count` rounds of points drawn with replacement within each group. Rounds in which a figure
/// does not vary say nothing and are left out, so of fewer than about eight points the interval is a rough guide.
pub fn spearman_interval(groups: &[Points<'_>], count: usize, seed: u64) -> Option<Interval> {
    let drawn = |rng: &mut Pcg64| {
        correlation(groups.iter().map(|points| {
            let n = points.x.len();
            let rows: Vec<usize> = (0..n).map(|_| rng.random_range(0..n)).collect();
            let ranks = |values: &[f64]| centred_ranks(&rows.iter().map(|&row| values[row]).collect::<Vec<_>>());
            (ranks(points.x), ranks(points.y))
        }))
    };
    Some(Interval::percentile(spearman(groups)?, rounds(count, seed, drawn).into_iter().flatten().collect()))
}

/// Correlation of centred values.
fn correlation(groups: impl Iterator<Item = (Vec<f64>, Vec<f64>)>) -> Option<f64> {
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in groups {
        for (x, y) in x.iter().zip(&y) {
            xx += x * x;
            yy += y * y;
            xy += x * y;
        }
    }
    (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
}

/// `[values]` rank of each, less the mean rank, by their number; equal values share the mean of their ranks.
fn centred_ranks(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let order = ordered(values.len(), &|a, b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for ties in order.chunk_by(|&a, &b| values[a as usize] == values[b as usize]) {
        let rank = start as f64 + (ties.len() - 1) as f64 / 2.0;
        ties.iter().for_each(|&at| ranks[at as usize] = (rank - (n - 1.0) / 2.0) / n);
        start += ties.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rho(x: &[f64], y: &[f64]) -> Option<f64> {
        spearman(&[Points::new(x, y).unwrap()])
    }

    #[test]
    fn only_the_order_counts() {
        assert_eq!(rho(&[1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0, 1e9]), Some(1.0));
        assert_eq!(rho(&[1.0, 2.0, 3.0], &[3.0, 2.0, -0.0]), Some(-1.0));
        // 1 − 6·Σd²/(n(n²−1)) with Σd² = 4.
        assert!((rho(&[1.0, 2.0, 3.0, 4.0], &[2.0, 1.0, 4.0, 3.0]).unwrap() - 0.6).abs() < 1e-12);
    }

    /// `scipy.stats.spearmanr([1, 2, 2, 3, 0], [1, 3, 2, 2, 2])`.
    #[test]
    fn ties_share_their_rank() {
        let rho = rho(&[1.0, 2.0, 2.0, 3.0, 0.0], &[1.0, 3.0, 2.0, 2.0, 2.0]).unwrap();
        assert!((rho - 0.344_123_600_805_842_6).abs() < 1e-12, "{rho}");
        assert_eq!(centred_ranks(&[0.0, -0.0]), [0.0, 0.0]);
    }

    #[test]
    fn what_does_not_vary_has_no_order() {
        assert_eq!(rho(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rho(&[1.0], &[1.0]), None);
        assert_eq!(spearman(&[]), None);
        assert_eq!(spearman_interval(&[Points::new(&[], &[]).unwrap()], 5, 1), None);
    }

    #[test]
    fn the_scale_of_a_group_does_not_count() {
        let (low, high) = ([1.0, 2.0, 3.0], [101.0, 102.0, 103.0]);
        let falling = [9.0, 8.0, 7.0];
        let groups = [Points::new(&low, &falling).unwrap(), Points::new(&high, &[19.0, 18.0, 17.0]).unwrap()];
        assert_eq!(spearman(&groups), Some(-1.0), "pooled as one group, it would be positive");
    }

    #[test]
    fn the_interval_narrows_with_points_and_holds_the_value() {
        let x: Vec<f64> = (0..100).map(f64::from).collect();
        let y: Vec<f64> = x.iter().map(|v| v + 40.0 * (v * 7.3).sin()).collect();
        let of = |n: usize| spearman_interval(&[Points::new(&x[..n], &y[..n]).unwrap()], 400, 1).unwrap();
        let (few, many) = (of(12), of(100));
        assert!(few.high - few.low > 2.0 * (many.high - many.low), "{few:?} {many:?}");
        assert!(many.low < many.value && many.value < many.high && many.high <= 1.0, "{many:?}");
        assert_eq!(of(12), few);
    }

    #[test]
    fn bad_points_are_errors() {
        assert_eq!(Points::new(&[1.0], &[]).unwrap_err(), StatisticsError::Lengths { what: "points", a: 1, b: 0 });
        assert!(Points::new(&[1.0], &[f64::NAN]).is_err());
    }
}
