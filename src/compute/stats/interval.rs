//! Bootstrap intervals: a statistic computed again and again on samples drawn with replacement.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use crate::base::hash::fnv1a;
use crate::base::parallel::map_items;

/// Share of the rounds on either side of an interval.
const TAIL: f64 = 0.025;

/// A figure and its 95 % percentile interval. Infinite where a ratio's denominator is 0.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// The figure on all data.
    pub value: f64,
    /// 2.5 % of the rounds are below.
    pub low: f64,
    /// 2.5 % of the rounds are above.
    pub high: f64,
}

/// Data that no interval can be given for.
#[derive(Debug, thiserror::Error, Clone, PartialEq)]
pub enum StatisticsError {
    /// Nothing to average.
    #[error("there are no {0} to average")]
    Empty(&'static str),
    /// What is compared pair by pair has different lengths.
    #[error("{a} {what} cannot be paired with {b}: both need the same {what} in the same order")]
    Lengths {
        /// What is counted.
        what: &'static str,
        /// Number on the first side.
        a: usize,
        /// Number on the second.
        b: usize,
    },
    /// NaN or infinite.
    #[error("value {index} is {value}, not a finite number")]
    NotFinite {
        /// Place of the value, from 0.
        index: usize,
        /// The value.
        value: f64,
    },
}

impl Interval {
    /// The interval of `value` by the statistics of all rounds; `value` alone without rounds.
    pub(super) fn percentile(value: f64, mut rounds: Vec<f64>) -> Self {
        rounds.sort_unstable_by(f64::total_cmp);
        let at = |share| quantile(&rounds, share).unwrap_or(value);
        Self { value, low: at(TAIL), high: at(1.0 - TAIL) }
    }
}

/// What `statistic` gives in each round, with random numbers that depend on the seed and the round alone.
pub(super) fn rounds<R: Send>(rounds: usize, seed: u64, statistic: impl Fn(&mut Pcg64) -> R + Sync + Send) -> Vec<R> {
    let generator = |round: u64| Pcg64::seed_from_u64(fnv1a(seed.to_le_bytes().into_iter().chain(round.to_le_bytes())));
    map_items((0..rounds as u64).collect(), |round| statistic(&mut generator(round)))
}

/// An error for the first value that is not finite.
pub(super) fn finite(values: &[f64]) -> Result<(), StatisticsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatisticsError::NotFinite { index, value: values[index] }),
        None => Ok(()),
    }
}

/// Quantile of sorted values, between two of them in proportion to their distance; none without values.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    // Also where both are infinite, whose difference is no number.
    Some(if below == above { below } else { below + (above - below) * place.fract() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_holds_the_middle_of_the_rounds() {
        let values: Vec<f64> = (0..=1000).rev().map(f64::from).collect();
        assert_eq!(Interval::percentile(1.0, values), Interval { value: 1.0, low: 25.0, high: 975.0 });
        assert_eq!(Interval::percentile(1.0, vec![]), Interval { value: 1.0, low: 1.0, high: 1.0 });
        assert_eq!(Interval::percentile(1.0, vec![f64::INFINITY; 2]).high, f64::INFINITY);
        assert_eq!(quantile(&[1.0, 2.0], 0.25), Some(1.25));
    }
}
