//! How many tokens a position of an index could have.

use super::{Index, token_number};

impl Index {
    /// `[width]` vocabulary size of each position, from the numbers in its tokens: the largest plus one; from 64 on rounded up
    /// to a power of two, and from 256 on to a multiple of 256, as codebooks have. Where some token has no number, the number
    /// of tokens.
    pub fn inferred_sizes(&self) -> Vec<usize> {
        let infer = |position: usize| {
            let mut seen = vec![false; self.vocabulary.len()];
            (0..self.items()).for_each(|item| seen[self.row(item)[position] as usize] = true);
            inferred(self.vocabulary.iter().zip(seen).filter(|(_, seen)| *seen).map(|(token, _)| token.as_str()))
        };
        (0..self.width).map(infer).collect()
    }
}

/// The vocabulary size of a position with these tokens.
pub(super) fn inferred<'a>(tokens: impl Iterator<Item = &'a str>) -> usize {
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
        assert_eq!(inferred(["<e_0>", "<e_9>"].into_iter()), 10);
        assert_eq!(inferred(["<a_3>", "<a_250>"].into_iter()), 256);
        assert_eq!(inferred(["<a_255>"].into_iter()), 256);
        assert_eq!(inferred(["<a_130>"].into_iter()), 256);
        // Six experts with 256 codes each.
        assert_eq!(inferred(["<a_1501>"].into_iter()), 1536);
        assert_eq!(inferred(["red", "<a_9>"].into_iter()), 2);
        assert_eq!(inferred(["item_9000000"].into_iter()), 1);
    }
}
