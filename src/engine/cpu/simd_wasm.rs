//! The scores of codes by hand in simd128: the page's module is compiled for size, and then the
//! compiler neither vectorises nor unrolls. Sums are the same as the portable loops', bit for bit.

use core::arch::wasm32::{f32x4_mul, f32x4_splat, f32x4_sub, v128, v128_load, v128_store};

use super::CODE_BLOCK;

/// Floats in a vector.
const LANES: usize = 4;

/// See [`super::score_block`].
#[inline]
pub(super) fn score_block_body<const FUSED: bool>(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK]) {
    let at = |codes: &[f32; CODE_BLOCK]| [load(codes, 0), load(codes, LANES), load(codes, 2 * LANES), load(codes, 3 * LANES)];
    let [mut s0, mut s1, mut s2, mut s3] = at(scores);
    for (&r, codes) in residual.iter().zip(block.as_chunks::<CODE_BLOCK>().0) {
        let (r, [c0, c1, c2, c3]) = (f32x4_splat(r), at(codes));
        s0 = f32x4_sub(s0, f32x4_mul(r, c0));
        s1 = f32x4_sub(s1, f32x4_mul(r, c1));
        s2 = f32x4_sub(s2, f32x4_mul(r, c2));
        s3 = f32x4_sub(s3, f32x4_mul(r, c3));
    }
    store(scores, 0, s0);
    store(scores, LANES, s1);
    store(scores, 2 * LANES, s2);
    store(scores, 3 * LANES, s3);
}

#[inline(always)]
fn load<const N: usize>(values: &[f32; N], start: usize) -> v128 {
    let four: &[f32] = &values[start..start + LANES];
    // SAFETY: the slice holds 16 bytes; the instruction needs no alignment.
    unsafe { v128_load(four.as_ptr().cast()) }
}

#[inline(always)]
fn store<const N: usize>(values: &mut [f32; N], start: usize, vector: v128) {
    let four: &mut [f32] = &mut values[start..start + LANES];
    // SAFETY: as for `load`, and the borrow is exclusive.
    unsafe { v128_store(four.as_mut_ptr().cast(), vector) }
}
