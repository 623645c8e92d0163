//! Kernels in simd128, with products of bytes and fused multiply-adds where the module is built with relaxed SIMD.
//!
//! The page's WebAssembly is compiled for size. At that setting the compiler neither vectorises nor unrolls, and it leaves
//! closures as calls. So the loops that matter are written out in simd128, in plain functions that are always inlined.

use core::arch::wasm32::{
    f32x4_abs, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_nearest, f32x4_pmax, f32x4_splat, f32x4_sub, i16x8_bitmask,
    i16x8_ge, i16x8_max, i16x8_min, i16x8_q15mulr_sat, i16x8_splat, i16x8_sub_sat, i32x4_trunc_sat_f32x4, v128, v128_load,
    v128_store,
};

// One step of the products: as many dimensions as an instruction multiplies and adds up.
#[cfg_attr(target_feature = "relaxed-simd", path = "wasm/relaxed_simd.rs")]
#[cfg_attr(not(target_feature = "relaxed-simd"), path = "wasm/simd128.rs")]
mod step;

use super::kernels::Kernels;
use super::layout::{CHUNK, GROUP, LANES as CHAIN_LANES};
use super::portable::{self, Portable, multiply_and_finish, two_greatest};
use super::rounding::RoundedCodebook;
use crate::compute::cpu::simd::multiply_add_f32x4;

/// WebAssembly's SIMD.
pub struct Simd128;

/// Sums in a vector.
const LANES: usize = 8;
/// Steps in a chunk.
const STEPS: usize = CHUNK / step::PER_WORD;

impl Kernels for Simd128 {
    const PER_WORD: usize = step::PER_WORD;
    const BLOCK: usize = 2 * LANES;
    const ROWS: usize = 4;
    const SHIFT: i16 = step::SHIFT;

    #[inline(always)]
    unsafe fn magnitude(row: &[[f32; CHUNK]]) -> (f32, f32) {
        let (mut squares, mut largest) = (f32x4_splat(0.0), f32x4_splat(0.0));
        for values in row.as_flattened().as_chunks().0 {
            let values = load_floats(values);
            squares = multiply_add_f32x4(values, values, squares);
            largest = f32x4_pmax(largest, f32x4_abs(values));
        }
        let [a, b, c, d] = lanes(largest);
        let larger = |a: f32, b: f32| if a > b { a } else { b };
        (sum(squares), larger(larger(a, b), larger(c, d)))
    }

    #[inline(always)]
    unsafe fn round_chunk(chunk: &[f32; CHUNK], inverse: f32, into: &mut [i32]) -> f32 {
        let mut squared_error = f32x4_splat(0.0);
        let inverse = f32x4_splat(inverse);
        for (values, into) in chunk.as_chunks::<8>().0.iter().zip(into.as_chunks_mut::<{ 8 / step::PER_WORD }>().0) {
            let mut integers = [squared_error; 2];
            for (integers, values) in integers.iter_mut().zip(values.as_chunks().0) {
                let scaled = f32x4_mul(load_floats(values), inverse);
                let rounded = f32x4_nearest(scaled);
                let error = f32x4_sub(scaled, rounded);
                squared_error = multiply_add_f32x4(error, error, squared_error);
                *integers = i32x4_trunc_sat_f32x4(rounded);
            }
            step::store_row(integers, into);
        }
        sum(squared_error)
    }

    #[inline(always)]
    unsafe fn scores(
        codebook: &RoundedCodebook,
        rows: &[i32],
        factors: &[i16; GROUP],
        second: bool,
        scores: &mut [i16],
    ) -> [i16; GROUP] {
        let finish = |scores: &mut [i16], norms: &[i16], factor| subtract_norms(scores, norms, factor, second);
        multiply_and_finish(codebook, rows, factors, scores, Self::ROWS, multiply, finish)
    }

    #[inline(always)]
    unsafe fn at_least(scores: &[i16], limit: i16, mask: &mut [u64]) {
        let limits = i16x8_splat(limit);
        let (blocks, rest) = scores.as_chunks::<{ 8 * LANES }>();
        let (full, last) = mask.split_at_mut(blocks.len());
        for (word, block) in full.iter_mut().zip(blocks) {
            *word = 0;
            for (v, vector) in block.as_chunks::<LANES>().0.iter().enumerate() {
                *word |= u64::from(i16x8_bitmask(i16x8_ge(load(vector), limits))) << (v * LANES);
            }
        }
        // SAFETY: the portable kernel needs no instruction set.
        unsafe { Portable::at_least(rest, limit, last) };
    }

    #[inline(always)]
    unsafe fn dot(a: &[[f32; CHUNK]], b: &[[f32; CHUNK]]) -> f32 {
        let mut sums = [f32x4_splat(0.0); 2];
        for (a, b) in a.as_flattened().as_chunks::<8>().0.iter().zip(b.as_flattened().as_chunks::<8>().0) {
            let (a, b) = (a.as_chunks().0, b.as_chunks().0);
            sums[0] = multiply_add_f32x4(load_floats(&a[0]), load_floats(&b[0]), sums[0]);
            sums[1] = multiply_add_f32x4(load_floats(&a[1]), load_floats(&b[1]), sums[1]);
        }
        sum(f32x4_add(sums[0], sums[1]))
    }

    #[inline(always)]
    unsafe fn add_rows<const N: usize>(base: i16, rows: [&[i16]; N], into: &mut [i16]) -> [i16; CHAIN_LANES] {
        portable::add_rows(base, rows, into)
    }

    #[inline(always)]
    unsafe fn nth_greatest(values: &[i16; CHAIN_LANES], n: usize) -> i16 {
        portable::nth_greatest(values, n)
    }

    #[inline(always)]
    unsafe fn subtract(row: &mut [[f32; CHUNK]], code: &[[f32; CHUNK]]) -> f32 {
        let mut squares = f32x4_splat(0.0);
        for (row, code) in row.as_flattened_mut().as_chunks_mut().0.iter_mut().zip(code.as_flattened().as_chunks().0) {
            let residual = f32x4_sub(load_floats(row), load_floats(code));
            squares = multiply_add_f32x4(residual, residual, squares);
            // SAFETY: 16 bytes, borrowed exclusively; the instruction needs no alignment.
            unsafe { v128_store(row.as_mut_ptr().cast(), residual) };
        }
        sum(squares)
    }
}

/// Products of `ROWS` rows.
#[inline(always)]
fn multiply(codebook: &RoundedCodebook, rows: &[i32], scores: &mut [i16]) {
    let stride = scores.len() / Simd128::ROWS;
    let (codes, depth) = (codebook.codes(), rows.len() / Simd128::ROWS);
    assert!(
        codebook.offsets.len() == stride && codes.len() == stride * depth * step::PER_WORD,
        "codes, rows and scores do not fit"
    );
    // SAFETY: `codes` and `offsets` hold a block for every sixteen of `stride` scores, and `rows` a chunk of each of the four rows
    // for every `CHUNK` of `depth`; no instruction needs alignment.
    unsafe {
        let (mut code, mut offset, mut score) = (codes.as_ptr(), codebook.offsets.as_ptr(), scores.as_mut_ptr());
        for _ in 0..stride / Simd128::BLOCK {
            // Written out, so that the eight sums stay in registers.
            let offsets = [v128_load(offset.cast()), v128_load(offset.add(LANES).cast())];
            let [mut s0, mut s1, mut s2, mut s3] = [offsets; 4];
            let mut row = rows.as_ptr();
            for _ in 0..depth / STEPS {
                for _ in 0..STEPS {
                    let codes = step::load_codes(code);
                    s0 = step::add_products(s0, row, codes);
                    s1 = step::add_products(s1, row.add(STEPS), codes);
                    s2 = step::add_products(s2, row.add(2 * STEPS), codes);
                    s3 = step::add_products(s3, row.add(3 * STEPS), codes);
                    (code, row) = (code.add(Simd128::BLOCK * step::PER_WORD), row.add(1));
                }
                row = row.add(3 * STEPS);
            }
            store_pair(score, s0);
            store_pair(score.add(stride), s1);
            store_pair(score.add(2 * stride), s2);
            store_pair(score.add(3 * stride), s3);
            (offset, score) = (offset.add(Simd128::BLOCK), score.add(Simd128::BLOCK));
        }
    }
}

/// Subtracts norms from a row's scores; returns the greatest, or the second greatest.
#[inline(always)]
fn subtract_norms(scores: &mut [i16], norms: &[i16], factor: i16, want_second: bool) -> i16 {
    let factors = i16x8_splat(factor);
    let mut most = i16x8_splat(i16::MIN);
    let mut second = most;
    for (scores, norms) in scores.as_chunks_mut::<LANES>().0.iter_mut().zip(norms.as_chunks::<LANES>().0) {
        let score = i16x8_sub_sat(load(scores), i16x8_q15mulr_sat(load(norms), factors));
        store(scores, score);
        second = i16x8_max(second, i16x8_min(most, score));
        most = i16x8_max(most, score);
    }
    let mut lanes = [[0; LANES]; 2];
    store(&mut lanes[0], most);
    store(&mut lanes[1], second);
    let (first, second) = two_greatest(lanes.as_flattened());
    if want_second { second } else { first }
}

#[inline(always)]
fn load_floats(values: &[f32; 4]) -> v128 {
    // SAFETY: 16 bytes; the instruction needs no alignment.
    unsafe { v128_load(values.as_ptr().cast()) }
}

#[inline(always)]
fn lanes(v: v128) -> [f32; 4] {
    [f32x4_extract_lane::<0>(v), f32x4_extract_lane::<1>(v), f32x4_extract_lane::<2>(v), f32x4_extract_lane::<3>(v)]
}

#[inline(always)]
fn sum(v: v128) -> f32 {
    let [a, b, c, d] = lanes(v);
    (a + b) + (c + d)
}

#[inline(always)]
unsafe fn store_pair(at: *mut i16, sums: [v128; 2]) {
    // SAFETY: the caller promises room for two vectors; the instruction needs no alignment.
    unsafe {
        v128_store(at.cast(), sums[0]);
        v128_store(at.add(LANES).cast(), sums[1]);
    }
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
