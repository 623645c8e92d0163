//! What AVX2 and AVX-512 have in common: the same steps over registers of another width.

/// Methods of [`super::Kernels`] that are the same for both: of one row, for the rows of a tokenizer are short, and those that
/// [`scores`] makes.
macro_rules! kernels {
    () => {
        #[inline(always)]
        unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
            // SAFETY: the trait's promise.
            unsafe { rows::magnitude(row) }
        }

        #[inline(always)]
        unsafe fn spread(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
            // SAFETY: the trait's promise.
            unsafe { rows::spread(chunk, inverse, into, Self::SHIFT) }
        }

        #[inline(always)]
        unsafe fn scores(screen: &Screen, rows: &[i32], factors: &[i16; GROUP], second: bool, into: &mut [i16]) -> [i16; GROUP] {
            // SAFETY: the trait's promise.
            unsafe {
                if second { scores::<true>(screen, rows, factors, into) } else { scores::<false>(screen, rows, factors, into) }
            }
        }

        #[inline(always)]
        unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
            // SAFETY: the trait's promise.
            unsafe { rows::dot(a, b) }
        }

        #[inline(always)]
        unsafe fn dots(pairs: [Pair<'_>; 4]) -> [f32; 4] {
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

/// `scores`, for [`super::Kernels::scores`], in registers of the module that asks for it. There, instructions are imported
/// by the names used here, and `SUMS`, `LANES`, `load`, `load_bytes`, `store`, `highest` and `second_highest` are its own.
macro_rules! scores {
    ($features:literal, $register:ty) => {
        /// See [`Kernels::scores`].
        #[inline]
        #[target_feature(enable = $features)]
        fn scores<const SECOND: bool>(screen: &Screen, rows: &[i32], factors: &[i16; GROUP], scores: &mut [i16]) -> [i16; GROUP] {
            let rows = rows.chunks_exact(screen.pairs).zip(scores.chunks_exact_mut(screen.starts.len()));
            let mut best = [0; GROUP];
            for ((best, factor), (row, scores)) in best.iter_mut().zip(factors).zip(rows) {
                *best = scores_of::<SECOND>(screen, row.as_chunks().0, *factor, scores.as_chunks_mut().0);
            }
            best
        }

        /// The same of one row `[stride / CHUNK][CHUNK / 2]`.
        #[inline]
        #[target_feature(enable = $features)]
        fn scores_of<const SECOND: bool>(
            screen: &Screen,
            row: &[[i32; CHUNK / 2]],
            factor: i16,
            scores: &mut [[i16; SUMS * LANES]],
        ) -> i16 {
            let factor = splat(factor);
            let mut most = splat(i16::MIN);
            let mut second = most;
            let mut codes = screen.codes().as_chunks::<{ CHUNK * SUMS * LANES }>().0;
            for ((starts, norms), scores) in screen.starts.as_chunks().0.iter().zip(screen.norms.as_chunks().0).zip(scores) {
                let mut sums = load_all(starts);
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
                    let left = less(sum, multiply(norm, factor));
                    store(score, left);
                    if SECOND {
                        second = greatest(second, least(most, left));
                    }
                    most = greatest(most, left);
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

pub(super) use {kernels, scores};
