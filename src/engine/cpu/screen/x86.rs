//! Code that AVX2 and AVX-512 share: the same steps over registers of another width. Instructions and types have the names
//! under which the module that uses a macro imports them.

/// [`super::nearest`] and [`super::best_chains`], compiled for the instruction set of `$kernels`.
macro_rules! entry_points {
    ($features:literal, $kernels:ty) => {
        /// See [`super::nearest`].
        #[target_feature(enable = $features)]
        pub fn nearest<const CHUNKS: usize>(
            level: &Level,
            residuals: &mut [[f32; CHUNK]],
            margins: bool,
            scratch: &mut Scratch,
            nearest: &mut Vec<Nearest>,
        ) {
            // SAFETY: this function is compiled for the instruction set.
            unsafe { search::nearest::<$kernels, CHUNKS>(level, residuals, margins, scratch, nearest) }
        }

        /// See [`super::best_chains`].
        #[target_feature(enable = $features)]
        pub fn best_chains(
            search: &BeamSearch<'_>,
            rows: &[[f32; CHUNK]],
            scores: &[f32],
            scratch: &mut BeamScratch,
            choices: &mut Vec<Choice>,
        ) {
            // SAFETY: this function is compiled for the instruction set.
            unsafe { search.run::<$kernels>(rows, scores, scratch, choices) }
        }
    };
}

/// Methods of [`super::Kernels`] that are the same for both: those over one row, which is too short for wider registers to
/// help, and the one that [`scores`] makes.
macro_rules! kernels {
    () => {
        #[inline(always)]
        unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
            // SAFETY: the trait's promise.
            unsafe { rows::magnitude(row) }
        }

        #[inline(always)]
        unsafe fn round_chunk(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
            // SAFETY: the trait's promise.
            unsafe { rows::round_chunk(chunk, inverse, into, Self::SHIFT) }
        }

        #[inline(always)]
        unsafe fn scores(
            codebook: &RoundedCodebook,
            rows: &[i32],
            factors: &[i16; GROUP],
            second: bool,
            into: &mut [i16],
        ) -> [i16; GROUP] {
            // SAFETY: the trait's promise.
            unsafe {
                if second {
                    scores::<true>(codebook, rows, factors, into)
                } else {
                    scores::<false>(codebook, rows, factors, into)
                }
            }
        }

        #[inline(always)]
        unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
            // SAFETY: the trait's promise.
            unsafe { rows::dot(a, b) }
        }

        #[inline(always)]
        unsafe fn dots(pairs: [RowPair<'_>; 4]) -> [f32; 4] {
            // SAFETY: the trait's promise.
            unsafe { rows::dots(pairs) }
        }

        #[inline(always)]
        unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; chains::LANES] {
            // SAFETY: the trait's promise.
            unsafe { chains::add_rows(base, rows, into) }
        }

        #[inline(always)]
        unsafe fn nth_greatest(values: &[i16; chains::LANES], n: usize) -> i16 {
            // SAFETY: the trait's promise.
            unsafe { chains::nth_greatest(values, n) }
        }

        #[inline(always)]
        unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
            // SAFETY: the trait's promise.
            unsafe { rows::subtract(row, code) }
        }
    };
}

/// A function `scores`, for [`super::Kernels::scores`], in registers of type `$register`. The module that uses it also defines
/// `SUMS`, `LANES`, `load`, `load_bytes`, `store`, `highest` and `second_highest`.
macro_rules! scores {
    ($features:literal, $register:ty) => {
        /// See [`Kernels::scores`].
        #[inline]
        #[target_feature(enable = $features)]
        fn scores<const SECOND: bool>(
            codebook: &RoundedCodebook,
            rows: &[i32],
            factors: &[i16; GROUP],
            scores: &mut [i16],
        ) -> [i16; GROUP] {
            let rows = rows.chunks_exact(codebook.row_words).zip(scores.chunks_exact_mut(codebook.offsets.len()));
            let mut best = [0; GROUP];
            for ((best, factor), (row, scores)) in best.iter_mut().zip(factors).zip(rows) {
                *best = row_scores::<SECOND>(codebook, row.as_chunks().0, *factor, scores.as_chunks_mut().0);
            }
            best
        }

        /// As `scores`, for one row `[stride / CHUNK][CHUNK / 2]`.
        #[inline]
        #[target_feature(enable = $features)]
        fn row_scores<const SECOND: bool>(
            codebook: &RoundedCodebook,
            row: &[[i32; CHUNK / 2]],
            factor: i16,
            scores: &mut [[i16; SUMS * LANES]],
        ) -> i16 {
            let factor = splat(factor);
            let mut most = splat(i16::MIN);
            let mut second = most;
            let mut codes = codebook.codes().as_chunks::<{ CHUNK * SUMS * LANES }>().0;
            for ((offsets, norms), scores) in codebook.offsets.as_chunks().0.iter().zip(codebook.norms.as_chunks().0).zip(scores)
            {
                let mut sums = load_all(offsets);
                for (pairs, codes) in row.iter().zip(codes) {
                    for (pair, codes) in pairs.iter().zip(codes.as_chunks::<{ 2 * SUMS * LANES }>().0) {
                        let pair = splat_pair(*pair);
                        for (sum, codes) in sums.iter_mut().zip(codes.as_chunks().0) {
                            *sum = add(*sum, multiply_pairs(pair, load_bytes(codes)));
                        }
                    }
                }
                codes = &codes[row.len()..];
                for ((sum, norm), score) in sums.into_iter().zip(load_all(norms)).zip(scores.as_chunks_mut().0) {
                    let difference = less(sum, multiply(norm, factor));
                    store(score, difference);
                    if SECOND {
                        second = greatest(second, least(most, difference));
                    }
                    most = greatest(most, difference);
                }
            }
            let first = highest(most);
            if SECOND { second_highest(most, second, first) } else { first }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn load_all(values: &[i16; SUMS * LANES]) -> [$register; SUMS] {
            std::array::from_fn(|v| load(&values.as_chunks().0[v]))
        }
    };
}

pub(super) use {entry_points, kernels, scores};
