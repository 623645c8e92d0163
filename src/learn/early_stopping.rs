//! When to stop, by a score that is measured now and then.

use serde::{Deserialize, Serialize};

/// Remembers the best score. It is part of a run's state, so a checkpoint keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    patience: usize,
    best: Option<f64>,
    since_best: usize,
}

/// What a new score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The best so far: keep these weights.
    Best,
    /// Not better, but there is patience left.
    Waiting,
    /// Not better for too long: stop, the kept weights are the result.
    Stop,
}

impl EarlyStopping {
    /// Stops once `patience` scores in a row are no better than the best before them.
    pub fn new(patience: usize) -> Self {
        Self { patience, best: None, since_best: 0 }
    }

    /// Takes a score, of which more is better. One that is not finite is never the best.
    pub fn observe(&mut self, score: f64) -> Progress {
        if score.is_finite() && self.best.is_none_or(|best| score > best) {
            (self.best, self.since_best) = (Some(score), 0);
            return Progress::Best;
        }
        self.since_best += 1;
        if self.since_best >= self.patience { Progress::Stop } else { Progress::Waiting }
    }

    /// The best score so far.
    pub fn best(&self) -> Option<f64> {
        self.best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_counts_from_the_best_score() {
        let mut stopping = EarlyStopping::new(2);
        let scores = [f64::NEG_INFINITY, 0.1, 0.1, 0.2, f64::NAN, 0.2];
        let progress = scores.map(|score| stopping.observe(score));
        use Progress::{Best, Stop, Waiting};
        assert_eq!(progress, [Waiting, Best, Waiting, Best, Waiting, Stop]);
        assert_eq!(stopping.best(), Some(0.2));
    }
}
