//! One dimension a step, in 16 bits: without relaxed SIMD there is no instruction that multiplies bytes.

use core::arch::wasm32::{i16x8_add, i16x8_load_extend_i8x8, i16x8_mul, v128, v128_load16_splat, v128_store};

/// See [`super::Kernels`].
pub const PER_WORD: usize = 1;
/// See [`super::Kernels`].
pub const SHIFT: i16 = 0;

/// A dimension of sixteen codes.
#[inline(always)]
pub unsafe fn load_codes(code: *const i8) -> [v128; 2] {
    // SAFETY: the caller promises that they are there.
    unsafe { [i16x8_load_extend_i8x8(code), i16x8_load_extend_i8x8(code.add(8))] }
}

/// Adds a row's value, the low half of `row`, times each code.
#[inline(always)]
pub unsafe fn add_products(sums: [v128; 2], row: *const i32, codes: [v128; 2]) -> [v128; 2] {
    // SAFETY: the caller promises that the row goes on here.
    let row = unsafe { v128_load16_splat(row.cast()) };
    [i16x8_add(sums[0], i16x8_mul(row, codes[0])), i16x8_add(sums[1], i16x8_mul(row, codes[1]))]
}

/// Eight values of a row.
#[inline(always)]
pub fn store_row(values: [v128; 2], into: &mut [i32; 8]) {
    // SAFETY: two vectors, borrowed exclusively; the instruction needs no alignment.
    unsafe {
        v128_store(into.as_mut_ptr().cast(), values[0]);
        v128_store(into.as_mut_ptr().add(4).cast(), values[1]);
    }
}
