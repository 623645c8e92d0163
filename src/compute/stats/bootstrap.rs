//! How sure a mean over users is, and how sure one system is ahead of another, by the bootstrap.
//!
//! Users are drawn with replacement within each domain, the same users for both systems that are compared: much of the
//! spread over users is common to them and cancels. Seeds are drawn too, for each system its own, because a model trained
//! from another seed scores differently by several per cent, which more users would not change. Every domain counts alike.

use rand::RngExt;
use rand_pcg::Pcg64;

use super::interval::{Interval, StatisticsError, finite, rounds};

/// One system's score of every user of a domain, under every seed it was trained from.
#[derive(Debug, Clone, PartialEq)]
pub struct UserScores {
    /// `[seeds][users]`.
    seeds: Vec<Vec<f64>>,
}

/// Two systems side by side.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Comparison {
    /// The first system's mean by the second's. Of two zeros it is 1.
    pub ratio: Interval,
    /// The first system's mean less the second's.
    pub difference: Interval,
}

impl UserScores {
    /// Scores `[seeds][users]`, the users of every seed in the same order.
    ///
    /// # Errors
    /// No seeds, no users, another number of users under some seed, or a score that is not finite.
    pub fn new(seeds: Vec<Vec<f64>>) -> Result<Self, StatisticsError> {
        let users = seeds.first().ok_or(StatisticsError::Empty("seeds"))?.len();
        if users == 0 {
            return Err(StatisticsError::Empty("users"));
        }
        for scores in &seeds {
            same("users", users, scores.len())?;
            finite(scores)?;
        }
        Ok(Self { seeds })
    }

    /// Number of users.
    pub fn users(&self) -> usize {
        self.seeds[0].len()
    }

    /// Mean over users and seeds.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.seeds.iter().map(|scores| scores.iter().sum::<f64>()).sum();
        sum / (self.seeds.len() * self.users()) as f64
    }

    /// Mean over the users given and over as many seeds as there are, drawn with replacement.
    fn drawn_mean(&self, users: &[u32], rng: &mut Pcg64) -> f64 {
        let under = |scores: &Vec<f64>| users.iter().map(|&user| scores[user as usize]).sum::<f64>();
        let count = self.seeds.len();
        let sum: f64 = (0..count).map(|_| under(&self.seeds[rng.random_range(0..count)])).sum();
        sum / (count * users.len()) as f64
    }
}

/// The mean of `system` over its domains, and its interval.
///
/// # Errors
/// No domains.
pub fn bootstrap_mean(system: &[UserScores], count: usize, seed: u64) -> Result<Interval, StatisticsError> {
    let mean = mean_over_domains(system)?;
    let drawn = |rng: &mut Pcg64| {
        let sum: f64 = system.iter().map(|scores| scores.drawn_mean(&draw(scores.users(), rng), rng)).sum();
        sum / system.len() as f64
    };
    Ok(Interval::percentile(mean, rounds(count, seed, drawn)))
}

/// The mean of system `a` over the domains beside that of `b`; domain `i` of both has the same users in the same order.
/// `count` rounds are drawn; the numbers of seeds may differ.
///
/// # Errors
/// No domains, or domains or users that cannot be paired.
pub fn paired_bootstrap(a: &[UserScores], b: &[UserScores], count: usize, seed: u64) -> Result<Comparison, StatisticsError> {
    same("domains", a.len(), b.len())?;
    a.iter().zip(b).try_for_each(|(a, b)| same("users", a.users(), b.users()))?;
    let (mean_a, mean_b) = (mean_over_domains(a)?, mean_over_domains(b)?);
    let drawn = rounds(count, seed, |rng| {
        let (mut sum_a, mut sum_b) = (0.0, 0.0);
        for (a, b) in a.iter().zip(b) {
            let users = draw(a.users(), rng);
            sum_a += a.drawn_mean(&users, rng);
            sum_b += b.drawn_mean(&users, rng);
        }
        (sum_a / a.len() as f64, sum_b / b.len() as f64)
    });
    let of = |statistic: fn(f64, f64) -> f64| {
        Interval::percentile(statistic(mean_a, mean_b), drawn.iter().map(|&(a, b)| statistic(a, b)).collect())
    };
    Ok(Comparison { ratio: of(ratio), difference: of(|a, b| a - b) })
}

fn mean_over_domains(system: &[UserScores]) -> Result<f64, StatisticsError> {
    if system.is_empty() {
        return Err(StatisticsError::Empty("domains"));
    }
    Ok(system.iter().map(UserScores::mean).sum::<f64>() / system.len() as f64)
}

/// As many users as there are, drawn with replacement.
fn draw(users: usize, rng: &mut Pcg64) -> Vec<u32> {
    (0..users).map(|_| rng.random_range(0..users as u32)).collect()
}

fn ratio(a: f64, b: f64) -> f64 {
    if a == b { 1.0 } else { a / b }
}

fn same(what: &'static str, a: usize, b: usize) -> Result<(), StatisticsError> {
    if a == b { Ok(()) } else { Err(StatisticsError::Lengths { what, a, b }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::Random;

    fn one(scores: Vec<f64>) -> Vec<UserScores> {
        vec![UserScores::new(vec![scores]).unwrap()]
    }

    fn noise(users: usize, state: u32) -> Vec<f64> {
        let mut random = Random::new(state);
        (0..users).map(|_| f64::from(random.centred())).collect()
    }

    #[test]
    fn the_interval_of_a_mean_is_that_of_its_standard_error() {
        let values = noise(2000, 5);
        let mean = values.iter().sum::<f64>() / 2000.0;
        let deviation = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2000.0).sqrt();
        let interval = bootstrap_mean(&one(values), 2000, 1).unwrap();
        let expected = 1.96 * deviation / 2000f64.sqrt();
        assert_eq!(interval.value, mean);
        for side in [interval.high - mean, mean - interval.low] {
            assert!((side / expected - 1.0).abs() < 0.1, "{side} {expected}");
        }
    }

    #[test]
    fn what_is_common_to_both_systems_cancels() {
        let common = noise(500, 1);
        let better: Vec<f64> = common.iter().map(|v| v + 0.01).collect();
        let paired = paired_bootstrap(&one(better.clone()), &one(common), 500, 1).unwrap();
        assert!((paired.difference.low - 0.01).abs() < 1e-12 && (paired.difference.high - 0.01).abs() < 1e-12, "{paired:?}");
        let alone = bootstrap_mean(&one(better), 500, 1).unwrap();
        assert!(alone.high - alone.low > 0.03, "{alone:?}");
    }

    #[test]
    fn a_system_beside_itself_is_equal_and_the_seed_decides() {
        let zeros = one(vec![0.0; 3]);
        let paired = paired_bootstrap(&zeros, &zeros, 10, 1).unwrap();
        assert_eq!((paired.ratio.low, paired.ratio.value, paired.ratio.high), (1.0, 1.0, 1.0));
        let (a, b) = (one(noise(50, 1)), one(noise(50, 2)));
        let run = |seed| paired_bootstrap(&a, &b, 50, seed).unwrap();
        assert_eq!(run(3), run(3));
        assert_ne!(run(3).difference.low, run(4).difference.low);
    }

    #[test]
    fn seeds_that_disagree_widen_the_interval() {
        let flat = |level| vec![level; 40];
        let agreed = vec![UserScores::new(vec![flat(0.3), flat(0.3)]).unwrap()];
        let torn = vec![UserScores::new(vec![flat(0.2), flat(0.4)]).unwrap()];
        assert!((bootstrap_mean(&agreed, 100, 1).unwrap().low - 0.3).abs() < 1e-12);
        let torn = bootstrap_mean(&torn, 100, 1).unwrap();
        assert!((torn.value - 0.3).abs() < 1e-12 && torn.low < 0.21 && torn.high > 0.39, "{torn:?}");
    }

    #[test]
    fn domains_count_alike_whatever_their_users() {
        let domain = |users, level| UserScores::new(vec![vec![level; users]]).unwrap();
        let a = [domain(100, 0.1), domain(10, 0.3)];
        let b = [domain(100, 0.1), domain(10, 0.1)];
        let paired = paired_bootstrap(&a, &b, 10, 1).unwrap();
        assert!((paired.ratio.low - 2.0).abs() < 1e-12 && (paired.ratio.high - 2.0).abs() < 1e-12, "{paired:?}");
    }

    #[test]
    fn what_cannot_be_averaged_or_paired_is_an_error() {
        assert_eq!(UserScores::new(vec![]), Err(StatisticsError::Empty("seeds")));
        assert_eq!(UserScores::new(vec![vec![]]), Err(StatisticsError::Empty("users")));
        assert_eq!(UserScores::new(vec![vec![1.0], vec![]]), Err(StatisticsError::Lengths { what: "users", a: 1, b: 0 }));
        let error = UserScores::new(vec![vec![1.0, f64::INFINITY]]).unwrap_err();
        assert_eq!(error.to_string(), "value 1 is inf, not a finite number");
        let (two, three) = (one(vec![0.0; 2]), one(vec![0.0; 3]));
        assert!(paired_bootstrap(&two, &three, 1, 1).unwrap_err().to_string().starts_with("2 users cannot be paired with 3"));
        assert!(paired_bootstrap(&two, &[], 1, 1).is_err() && paired_bootstrap(&[], &[], 1, 1).is_err());
    }
}
