//! Each position of a codeword by itself, and what two positions share.

use super::entropy::{Grouping, joint_entropy_bits};
use crate::tokens::{Index, number};

/// Random re-pairings behind each chance value.
const REPAIRINGS: usize = 5;

/// One position of the codewords.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
pub struct Level {
    /// Position, from 1.
    pub position: usize,
    /// Different tokens in use.
    pub used: usize,
    /// Tokens there are: as given, otherwise inferred (see [`super::Codes`]).
    pub vocabulary: usize,
    /// `used / vocabulary`.
    pub utilisation: f64,
    /// `2^entropy`: as many tokens would do, if equally frequent.
    pub perplexity: f64,
    /// Entropy of the tokens.
    pub entropy_bits: f64,
}

/// Pairwise dependence of positions; each matrix is `[width][width]`.
pub(super) struct Dependence {
    pub symmetric: Vec<Vec<f64>>,
    pub determination: Vec<Vec<f64>>,
    pub chance: Vec<Vec<f64>>,
}

/// The positions of an index, each as a grouping of its items.
pub(super) fn columns(index: &Index) -> Vec<Grouping> {
    (0..index.width).map(|p| Grouping::new((0..index.items()).map(|item| index.row(item)[p]))).collect()
}

pub(super) fn level(position: usize, column: &Grouping, vocabulary: usize) -> Level {
    let entropy_bits = column.entropy_bits();
    Level {
        position: position + 1,
        used: column.groups,
        vocabulary,
        utilisation: column.groups as f64 / vocabulary as f64,
        perplexity: entropy_bits.exp2(),
        entropy_bits,
    }
}

/// Vocabulary of a position from the numbers in its tokens: the largest plus one; from 64 on
/// rounded up to a power of two, and from 256 on to a multiple of 256, as codebooks are. The tokens
/// in use where some token has no number.
pub(super) fn infer_vocabulary<'a>(tokens: impl Iterator<Item = &'a str>) -> usize {
    let mut used = 0;
    let mut largest: Option<usize> = Some(0);
    for token in tokens {
        used += 1;
        largest = largest.zip(number(token)).map(|(a, b)| a.max(b));
    }
    match largest {
        // A number far beyond any codebook is a name (`<item_8123371>`), not a code.
        Some(n) if n < 1 << 17 => rounded(n + 1).max(used),
        _ => used,
    }
}

fn rounded(size: usize) -> usize {
    match size {
        0..64 => size,
        64..=256 => size.next_power_of_two(),
        _ => size.next_multiple_of(256),
    }
}

/// `I(i;j)/√(H_i H_j)` and `I(i;j)/H_j`, less the same of random re-pairings: the plug-in estimate
/// of `I` grows with cells over items, so independent columns would seem to depend on each other.
pub(super) fn dependence(columns: &[Grouping]) -> Dependence {
    let width = columns.len();
    let zeros = || vec![vec![0.0; width]; width];
    let (mut symmetric, mut determination, mut chance) = (zeros(), zeros(), zeros());
    let entropies: Vec<f64> = columns.iter().map(Grouping::entropy_bits).collect();
    let items = columns.first().map_or(0, |c| c.of.len());
    let shuffles: Vec<Vec<u32>> = (0..REPAIRINGS).map(|seed| shuffled(items, seed as u64)).collect();
    for i in 0..width {
        // A position is all of itself, unless it says nothing.
        let alone = f64::from(u8::from(entropies[i] > 0.0));
        (symmetric[i][i], determination[i][i]) = (alone, alone);
        for j in i + 1..width {
            let (hi, hj) = (entropies[i], entropies[j]);
            if hi == 0.0 || hj == 0.0 {
                continue;
            }
            let (a, b) = (&columns[i], &columns[j]);
            let paired = hi + hj - joint_entropy_bits(a, b.groups, |item| b.of[item]);
            let random = |s: &Vec<u32>| hi + hj - joint_entropy_bits(a, b.groups, |item| b.of[s[item] as usize]);
            let expected = shuffles.iter().map(random).sum::<f64>() / REPAIRINGS as f64;
            let beyond = (paired - expected).max(0.0);
            let scale = (hi * hj).sqrt();
            (symmetric[i][j], symmetric[j][i]) = (beyond / scale, beyond / scale);
            (chance[i][j], chance[j][i]) = (expected / scale, expected / scale);
            (determination[i][j], determination[j][i]) = (beyond / hj, beyond / hi);
        }
    }
    Dependence { symmetric, determination, chance }
}

/// A permutation of `0..n`: Fisher and Yates with a fixed generator, so that reports repeat.
fn shuffled(n: usize, seed: u64) -> Vec<u32> {
    let mut state = seed;
    let mut order: Vec<u32> = (0..n as u32).collect();
    for last in (1..n).rev() {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = state;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        order.swap(last, ((x ^ (x >> 31)) % (last as u64 + 1)) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vocabularies_are_inferred() {
        assert_eq!(infer_vocabulary(["<e_0>", "<e_9>"].into_iter()), 10);
        assert_eq!(infer_vocabulary(["<a_3>", "<a_250>"].into_iter()), 256);
        assert_eq!(infer_vocabulary(["<a_255>"].into_iter()), 256);
        assert_eq!(infer_vocabulary(["<a_130>"].into_iter()), 256);
        // Six experts with 256 codes each.
        assert_eq!(infer_vocabulary(["<a_1501>"].into_iter()), 1536);
        assert_eq!(infer_vocabulary(["red", "<a_9>"].into_iter()), 2);
        assert_eq!(infer_vocabulary(["item_9000000"].into_iter()), 1);
    }
}
