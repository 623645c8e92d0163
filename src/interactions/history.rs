//! Sequences from samples of a history and the item that followed it, as sequential recommenders are trained on.

/// Joins the samples of one user. Where they are growing parts or a moving window of one sequence, what they share occurs
/// once; a sample that shares nothing follows what was there.
pub(super) fn join(sequence: &mut Vec<u32>, sample: &[u32]) {
    if sequence.windows(sample.len().max(1)).any(|window| window == sample) {
        return;
    }
    let longest = sample.len().min(sequence.len());
    let shared = (0..=longest).rev().find(|&n| sequence.ends_with(&sample[..n])).unwrap_or(0);
    sequence.extend_from_slice(&sample[shared..]);
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn samples_of_one_sequence_join_to_it() {
        let whole = [1, 2, 3, 2, 5, 6, 7];
        let joined = |samples: &[&[u32]]| {
            let mut sequence = Vec::new();
            samples.iter().for_each(|sample| join(&mut sequence, sample));
            sequence
        };
        let growing: Vec<&[u32]> = (2..=7).map(|end| &whole[..end]).collect();
        assert_eq!(joined(&growing), whole);
        let shrinking: Vec<&[u32]> = growing.iter().rev().copied().collect();
        assert_eq!(joined(&shrinking), whole);
        let moving: Vec<&[u32]> = (2..=7_usize).map(|end| &whole[end.saturating_sub(4)..end]).collect();
        assert_eq!(joined(&moving), whole);
        assert_eq!(joined(&[&[1, 2], &[8, 9]]), [1, 2, 8, 9]);
        assert_eq!(joined(&[&[], &[3]]), [3]);
    }
}
