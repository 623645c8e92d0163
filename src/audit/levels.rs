//! Statistics of single positions of the codewords, and the dependence between two of them.

use super::entropy::{Grouping, joint_entropy_bits};
use crate::tokens::{Index, token_number};

/// Random re-pairings over which the dependence expected by chance is averaged.
const REPAIRINGS: usize = 5;

/// One position of the codewords.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "web", derive(tsify::Tsify))]
pub struct Level {
    /// Position, from 1.
    pub position: usize,
    /// Different tokens in use.
    pub used: usize,
    /// Possible tokens: as given, otherwise inferred (see [`super::Codes`]).
    pub vocabulary: usize,
    /// `used / vocabulary`.
    pub utilisation: f64,
    /// `2^entropy`: the number of equally frequent tokens that have this entropy.
    pub perplexity: f64,
    /// Entropy of the tokens, in bits.
    pub entropy_bits: f64,
}

/// Pairwise dependence of positions; each matrix is `[width][width]`.
pub(super) struct Dependence {
    /// `I(i;j)/√(H_i·H_j)` beyond chance.
    pub symmetric: Vec<Vec<f64>>,
    /// `I(i;j)/H_j` beyond chance.
    pub determination: Vec<Vec<f64>>,
    /// `I(i;j)/√(H_i·H_j)` that chance alone gives.
    pub chance: Vec<Vec<f64>>,
}

/// The positions of an index, each as a grouping of its items.
pub(super) fn columns(index: &Index) -> Vec<Grouping> {
    (0..index.width).map(|p| Grouping::new((0..index.items()).map(|item| index.row(item)[p]))).collect()
}

/// Statistics of the position with index `position`.
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

/// Vocabulary size of a position, from the numbers in its tokens: the largest plus one; from 64 on rounded up to a power
/// of two, and from 256 on to a multiple of 256, as codebooks have. Where some token has no number, the number of tokens.
pub(super) fn infer_vocabulary<'a>(tokens: impl Iterator<Item = &'a str>) -> usize {
    let mut used = 0;
    let mut largest: Option<usize> = Some(0);
    for token in tokens {
        used += 1;
        largest = largest.zip(token_number(token)).map(|(a, b)| a.max(b));
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

/// Dependence of all pairs of positions, less its mean over random re-pairings: the plug-in estimate of `I` grows with cells
/// over items, so that independent positions would seem to depend on each other.
pub(super) fn dependence(columns: &[Grouping]) -> Dependence {
    let width = columns.len();
    let zeros = || vec![vec![0.0; width]; width];
    let (mut symmetric, mut determination, mut chance) = (zeros(), zeros(), zeros());
    let entropies: Vec<f64> = columns.iter().map(Grouping::entropy_bits).collect();
    let items = columns.first().map_or(0, |c| c.group_of.len());
    let shuffles: Vec<Vec<u32>> = (0..REPAIRINGS).map(|seed| shuffled(items, seed as u64)).collect();
    for i in 0..width {
        // A position determines itself, unless it is constant.
        let itself = f64::from(u8::from(entropies[i] > 0.0));
        (symmetric[i][i], determination[i][i]) = (itself, itself);
        for j in i + 1..width {
            let (hi, hj) = (entropies[i], entropies[j]);
            if hi == 0.0 || hj == 0.0 {
                continue;
            }
            let (a, b) = (&columns[i], &columns[j]);
            let paired = hi + hj - joint_entropy_bits(a, b.groups, |item| b.group_of[item]);
            let re_paired = |s: &Vec<u32>| hi + hj - joint_entropy_bits(a, b.groups, |item| b.group_of[s[item] as usize]);
            let expected = shuffles.iter().map(re_paired).sum::<f64>() / REPAIRINGS as f64;
            let beyond = (paired - expected).max(0.0);
            let scale = (hi * hj).sqrt();
            (symmetric[i][j], symmetric[j][i]) = (beyond / scale, beyond / scale);
            (chance[i][j], chance[j][i]) = (expected / scale, expected / scale);
            (determination[i][j], determination[j][i]) = (beyond / hj, beyond / hi);
        }
    }
    Dependence { symmetric, determination, chance }
}

/// A permutation of `0..n` by Fisher and Yates, with a fixed generator so that every audit of an index is the same.
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
