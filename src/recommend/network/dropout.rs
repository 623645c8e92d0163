//! Dropout whose masks follow from a key, so that the way back repeats them instead of remembering them.

/// Dropout of one shard at one step. Every layer uses it at a site of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    rate: f32,
    key: u32,
}

impl Dropout {
    /// Drops a share `rate` of the values, by a key that differs from shard to shard and step to step.
    pub fn new(rate: f32, key: u64) -> Self {
        Self { rate, key: (key ^ (key >> 32)) as u32 }
    }

    /// Drops nothing, as when recommending.
    pub fn none() -> Self {
        Self { rate: 0.0, key: 0 }
    }

    /// Whether it drops nothing.
    pub fn is_none(self) -> bool {
        self.rate == 0.0
    }

    /// The same masks at another rate.
    pub fn at_rate(self, rate: f32) -> Self {
        // No dropout stays none.
        if self.is_none() { self } else { Self { rate, ..self } }
    }

    /// Zeroes values and scales the others, so that the mean stays. The gradient goes through the same function.
    pub fn apply(self, site: u32, values: &mut [f32]) {
        if self.is_none() {
            return;
        }
        let limit = (f64::from(self.rate) * f64::from(1u32 << 24)) as u32;
        let scale = 1.0 / (1.0 - self.rate);
        let key = hash(self.key ^ hash(site.wrapping_mul(0x9e37_79b9).wrapping_add(1)));
        for (i, value) in values.iter_mut().enumerate() {
            let kept = hash(i as u32 ^ key) >> 8 >= limit;
            *value *= if kept { scale } else { 0.0 };
        }
    }
}

/// A permutation of 32-bit numbers that leaves no trace of order ("lowbias32" of Wellons' hash-prospector).
fn hash(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_repeat_differ_between_sites_and_keep_the_mean() {
        let mask = |key, site| {
            let mut values = vec![1.0; 40_000];
            Dropout::new(0.3, key).apply(site, &mut values);
            values
        };
        assert_eq!(mask(5, 1), mask(5, 1));
        for other in [mask(5, 2), mask(6, 1)] {
            let both = mask(5, 1).iter().zip(&other).filter(|(a, b)| **a > 0.0 && **b > 0.0).count();
            assert!((both as f64 / 40_000.0 - 0.49).abs() < 0.015, "masks of different sites or keys are independent: {both}");
        }
        let mean = mask(5, 1).iter().sum::<f32>() / 40_000.0;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        let mut values = [2.0; 9];
        Dropout::none().at_rate(0.5).apply(3, &mut values);
        assert_eq!(values, [2.0; 9]);
    }
}
