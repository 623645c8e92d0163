//! Learning rates by step.

/// How the learning rate changes from step to step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Schedule {
    /// It does not.
    Constant,
    /// From 1 down to `end` along half a cosine (arXiv 1608.03983, without restarts), where it stays.
    Cosine {
        /// Steps of the descent.
        steps: usize,
        /// What is left in the end, as a share.
        end: f32,
    },
    /// Constant at first, then as one over the root of the step (arXiv 1910.10683, section 3.1.2).
    InverseSquareRoot {
        /// Steps at the full rate.
        constant: usize,
    },
}

impl Schedule {
    /// The learning rate of `step`, counted from 0, where `rate` is the largest.
    pub fn rate(self, rate: f32, step: usize) -> f32 {
        match self {
            Self::Constant => rate,
            Self::Cosine { steps, end } => {
                let progress = step.min(steps) as f32 / steps.max(1) as f32;
                let cosine = 0.5 * (1.0 + (std::f32::consts::PI * progress).cos());
                rate * (end + (1.0 - end) * cosine)
            }
            Self::InverseSquareRoot { constant } => rate * (constant.max(1) as f32 / step.max(constant).max(1) as f32).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_begin_and_end_where_they_should() {
        assert_eq!(Schedule::Constant.rate(0.5, 1000), 0.5);
        let cosine = Schedule::Cosine { steps: 100, end: 0.1 };
        assert_eq!(cosine.rate(2.0, 0), 2.0);
        assert!((cosine.rate(2.0, 50) - 1.1).abs() < 1e-6 && (cosine.rate(2.0, 100) - 0.2).abs() < 1e-6);
        assert_eq!(cosine.rate(2.0, 200), cosine.rate(2.0, 100));
        assert_eq!(Schedule::Cosine { steps: 0, end: 0.1 }.rate(2.0, 0), 2.0);
        let inverse = Schedule::InverseSquareRoot { constant: 100 };
        assert_eq!([0, 100, 400, 10_000].map(|step| inverse.rate(1.0, step)), [1.0, 1.0, 0.5, 0.1]);
    }
}
