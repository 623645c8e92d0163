//! simd128, written out: the page's module is compiled for size, and then the compiler neither unrolls nor vectorises.

use core::arch::wasm32::{
    i16x8_add, i16x8_bitmask, i16x8_ge, i16x8_load_extend_i8x8, i16x8_max, i16x8_min, i16x8_mul, i16x8_q15mulr_sat, i16x8_splat,
    i16x8_sub_sat, v128, v128_load, v128_store,
};

use super::portable::{self, Portable};
use super::{CHUNK, Kernels};

/// WebAssembly's fixed-width SIMD.
pub struct Simd128;

/// Sums in a vector.
const LANES: usize = 8;

impl Kernels for Simd128 {
    const PAIR: usize = 1;
    const BLOCK: usize = 2 * LANES;
    const ROWS: usize = 4;
    const SHIFT: i16 = 0;

    #[inline(always)]
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
        // SAFETY: no promise is needed.
        unsafe { Portable::magnitude(row) }
    }

    #[inline(always)]
    unsafe fn spread(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
        // SAFETY: no promise is needed.
        unsafe { Portable::spread(chunk, inverse, into) }
    }

    #[inline(always)]
    unsafe fn products(codes: &[i8], starts: &[i16], rows: &[i32], scores: &mut [i16]) {
        let rows = rows.as_chunks::<CHUNK>().0.as_chunks::<{ Self::ROWS }>().0;
        let stride = scores.len() / Self::ROWS;
        let blocks = codes.chunks_exact(rows.len() * CHUNK * 2 * LANES).zip(starts.as_chunks::<{ 2 * LANES }>().0);
        for (b, (block, starts)) in blocks.enumerate() {
            let starts = starts.as_chunks::<LANES>().0;
            let start = [load(&starts[0]), load(&starts[1])];
            // Written out, so that the eight sums stay in registers.
            let (mut s0, mut s1, mut s2, mut s3) = (start, start, start, start);
            for ([r0, r1, r2, r3], block) in rows.iter().zip(block.chunks_exact(CHUNK * 2 * LANES)) {
                for (d, codes) in block.as_chunks::<{ 2 * LANES }>().0.iter().enumerate().take(CHUNK) {
                    let halves = codes.as_chunks::<LANES>().0;
                    let codes = [load_bytes(&halves[0]), load_bytes(&halves[1])];
                    s0 = add_scaled(s0, r0[d], codes);
                    s1 = add_scaled(s1, r1[d], codes);
                    s2 = add_scaled(s2, r2[d], codes);
                    s3 = add_scaled(s3, r3[d], codes);
                }
            }
            for (r, sums) in [s0, s1, s2, s3].into_iter().enumerate() {
                let scores = scores[r * stride + b * 2 * LANES..].as_chunks_mut::<LANES>().0;
                store(&mut scores[0], sums[0]);
                store(&mut scores[1], sums[1]);
            }
        }
    }

    #[inline(always)]
    unsafe fn finish(scores: &mut [i16], norms: &[i16], factor: i16, want_second: bool) -> i16 {
        let (vectors, rest) = scores.as_chunks_mut::<LANES>();
        let (norm_vectors, rest_norms) = norms.as_chunks::<LANES>();
        let factors = i16x8_splat(factor);
        let mut most = i16x8_splat(i16::MIN);
        let mut second = most;
        for (scores, norms) in vectors.iter_mut().zip(norm_vectors) {
            let score = i16x8_sub_sat(load(scores), i16x8_q15mulr_sat(load(norms), factors));
            store(scores, score);
            second = i16x8_max(second, i16x8_min(most, score));
            most = i16x8_max(most, score);
        }
        let mut lanes = [[0; LANES]; 2];
        store(&mut lanes[0], most);
        store(&mut lanes[1], second);
        let (first, second) = portable::two_most(lanes.as_flattened(), portable::finish(rest, rest_norms, factor));
        if want_second { second } else { first }
    }

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, words: &mut [u64]) {
        let limits = i16x8_splat(limit);
        let (blocks, rest) = scores.as_chunks::<{ 8 * LANES }>();
        let (full, last) = words.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            *word = 0;
            for (v, vector) in block.as_chunks::<LANES>().0.iter().enumerate() {
                *word |= u64::from(i16x8_bitmask(i16x8_ge(load(vector), limits))) << (v * LANES);
            }
        }
        // SAFETY: no promise is needed.
        unsafe { Portable::at_least(rest, limit, last) };
    }

    #[inline(always)]
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
        // SAFETY: no promise is needed.
        unsafe { Portable::dot(a, b) }
    }

    #[inline(always)]
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
        // SAFETY: no promise is needed.
        unsafe { Portable::subtract(row, code) }
    }
}

#[inline(always)]
fn add_scaled(sums: [v128; 2], row: i32, codes: [v128; 2]) -> [v128; 2] {
    let row = i16x8_splat(row as i16);
    [i16x8_add(sums[0], i16x8_mul(row, codes[0])), i16x8_add(sums[1], i16x8_mul(row, codes[1]))]
}

#[inline(always)]
fn load_bytes(values: &[i8; LANES]) -> v128 {
    // SAFETY: eight bytes; the instruction needs no alignment.
    unsafe { i16x8_load_extend_i8x8(values.as_ptr()) }
}

#[inline(always)]
fn load(values: &[i16; LANES]) -> v128 {
    // SAFETY: 16 bytes; the instruction needs no alignment.
    unsafe { v128_load(values.as_ptr().cast()) }
}

#[inline(always)]
fn store(values: &mut [i16; LANES], vector: v128) {
    // SAFETY: 16 bytes, borrowed exclusively; the instruction needs no alignment.
    unsafe { v128_store(values.as_mut_ptr().cast(), vector) }
}
