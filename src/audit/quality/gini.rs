//! How unevenly the tokens of a position are used.

/// Gini coefficient of `counts` over a vocabulary of `size` tokens, those that are not used included: 0 where all are used
/// alike, `1 − 1/size` where one is used alone.
pub fn gini(counts: &[usize], size: usize) -> f64 {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    let unused = size.saturating_sub(sorted.len());
    let n = (sorted.len() + unused) as f64;
    let total = sorted.iter().sum::<usize>() as f64;
    // With ranks i from 1 in ascending order: Σ (2i − n − 1)·count / (n·Σ count).
    let weighted: f64 =
        sorted.iter().enumerate().map(|(i, &count)| (2.0 * (i + unused + 1) as f64 - n - 1.0) * count as f64).sum();
    if total > 0.0 { weighted / (n * total) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_mean_difference_of_pairs_by_twice_the_mean() {
        let counts = [5usize, 1, 0, 7, 7];
        let pairs: usize = counts.iter().flat_map(|a| counts.iter().map(move |b| a.abs_diff(*b))).sum();
        let expected = pairs as f64 / 25.0 / (2.0 * 20.0 / 5.0);
        assert!((gini(&counts, 5) - expected).abs() < 1e-12);
        assert!((gini(&[5, 1, 7, 7], 5) - expected).abs() < 1e-12, "tokens that are not used count");
    }

    #[test]
    fn even_use_is_0_and_a_single_token_is_the_most_uneven() {
        assert_eq!(gini(&[3, 3, 3], 3), 0.0);
        assert!((gini(&[9], 256) - 255.0 / 256.0).abs() < 1e-12);
        assert_eq!((gini(&[9], 1), gini(&[], 0)), (0.0, 0.0));
    }
}
