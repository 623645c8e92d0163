//! Candidates of a search: a row or chain and a code packed into one number, listed from a mask, and ordered by score.

/// Packs a row's number and a code into one number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packing {
    code_bits: u32,
    code_mask: usize,
}

impl Packing {
    /// For rows of `stride` codes, a power of two.
    pub(super) fn new(stride: usize) -> Self {
        Self { code_bits: stride.trailing_zeros(), code_mask: stride - 1 }
    }

    /// A row's first code, packed.
    #[inline(always)]
    pub(super) fn first(self, row: usize) -> usize {
        row << self.code_bits
    }

    /// The row and the code.
    #[inline(always)]
    pub(super) fn unpack(self, packed: usize) -> (usize, usize) {
        (packed >> self.code_bits, packed & self.code_mask)
    }
}

/// Appends a candidate for each bit that is set in `mask`, its position counted from `first`, to the first `found`
/// candidates; returns how many there are then.
///
/// How many bits are set cannot be predicted, so the loops avoid branches that depend on it. Every word of the mask is
/// written to `nonzero`, and the next one over it if it is zero. Then two candidates are written at a time, also where only
/// one bit is left.
#[inline(always)]
pub(super) fn append_candidates(
    first: usize,
    mask: &[u64],
    nonzero: &mut [(u64, usize)],
    candidates: &mut [usize],
    mut found: usize,
) -> usize {
    let mut count = 0;
    for (w, &word) in mask.iter().enumerate() {
        nonzero[count] = (word, first + 64 * w);
        count += usize::from(word != 0);
    }
    for &(mut word, start) in &nonzero[..count] {
        while word != 0 {
            let next = &mut candidates[found..][..2];
            next[0] = start + word.trailing_zeros() as usize;
            word &= word - 1;
            next[1] = start + word.trailing_zeros() as usize;
            found += 1 + usize::from(word != 0);
            word &= word.wrapping_sub(1);
        }
    }
    found
}

/// A number that is ordered as `score` is, and where scores are equal, as `index`: by this the lowest index wins a tie.
#[inline(always)]
pub(super) fn sort_key(score: f32, index: u32) -> u64 {
    let bits = score.to_bits();
    let ordered = bits ^ (((bits as i32) >> 31) as u32 | (1 << 31));
    (u64::from(ordered) << 32) | u64::from(index)
}

/// The score of a [`sort_key`].
#[inline(always)]
pub(super) fn score(key: u64) -> f32 {
    let ordered = (key >> 32) as u32;
    f32::from_bits(ordered ^ (!((ordered as i32) >> 31) as u32 | (1 << 31)))
}
