//! Random numbers that depend on the seed and their purpose alone.

use rand::SeedableRng;
use rand_pcg::Pcg64;

use crate::base::hash::fnv1a;

/// A generator for one purpose of one run: the same arguments give the same sequence.
///
/// A sequence depends on nothing that happened before, so a resumed run needs no saved state of a generator.
pub fn generator(seed: u64, purpose: &str, index: u64) -> Pcg64 {
    let bytes = seed.to_le_bytes().into_iter().chain(purpose.bytes()).chain(index.to_le_bytes());
    Pcg64::seed_from_u64(fnv1a(bytes))
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn seed_purpose_and_index_all_count() {
        let first = |seed, purpose, index| generator(seed, purpose, index).next_u64();
        let all = [first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1)];
        assert_eq!(all[0], first(1, "a", 0));
        assert!((0..4).all(|i| (0..i).all(|j| all[i] != all[j])), "{all:?}");
    }
}
