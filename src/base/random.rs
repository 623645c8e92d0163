//! Pseudo-random numbers where any will do, as long as they are the same everywhere: self tests and made-up data.

/// A linear congruential generator (the constants are those of Numerical Recipes), of which the upper 24 bits are used.
#[derive(Debug, Clone)]
pub struct Random(u32);

impl Random {
    /// The sequence that follows `state`.
    pub fn new(state: u32) -> Self {
        Self(state)
    }

    /// The next 24 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 8
    }

    /// The next number, in [−½, ½).
    pub fn centred(&mut self) -> f32 {
        self.bits() as f32 / (1u32 << 24) as f32 - 0.5
    }
}

/// `n` numbers in [−½, ½).
pub fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..n).map(|_| random.centred()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_never_changes() {
        let mut random = Random::new(1);
        assert_eq!([random.bits(), random.bits(), random.bits()], [3_967_065, 6_195_333, 8_459_777]);
        assert!(noise(1000, 7).iter().all(|v| (-0.5..0.5).contains(v)));
    }
}
