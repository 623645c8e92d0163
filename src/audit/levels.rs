//! Statistics of single positions of the codewords.

use super::entropy::Grouping;
use crate::tokens::{Index, token_number};

/// One position of the codewords.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(feature = "bindings", derive(tsify::Tsify))]
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
