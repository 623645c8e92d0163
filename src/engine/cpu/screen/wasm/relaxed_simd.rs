//! Two dimensions a step, in bytes, by relaxed SIMD. Its product of bytes is the same on every machine as long as the second
//! operand, here a row's values, has seven bits.

use core::arch::wasm32::{
    i16x8_add, i16x8_narrow_i32x4, i16x8_relaxed_dot_i8x16_i7x16, i16x8_shuffle, i16x8_splat, u8x16_narrow_i16x8, v128,
    v128_load, v128_load32_splat, v128_store,
};

/// See [`super::Kernels`].
pub const PER_WORD: usize = 2;
/// See [`super::Kernels`].
pub const SHIFT: i16 = 64;

/// Two dimensions of sixteen codes.
#[inline(always)]
pub unsafe fn load_codes(code: *const i8) -> [v128; 2] {
    // SAFETY: the caller promises that they are there.
    unsafe { [v128_load(code.cast()), v128_load(code.add(16).cast())] }
}

/// Adds a row's two values times those of each code.
#[inline(always)]
pub unsafe fn add_products(sums: [v128; 2], row: *const i32, codes: [v128; 2]) -> [v128; 2] {
    // SAFETY: the caller promises that the row goes on here.
    let row = unsafe { v128_load32_splat(row.cast()) };
    [
        i16x8_add(sums[0], i16x8_relaxed_dot_i8x16_i7x16(codes[0], row)),
        i16x8_add(sums[1], i16x8_relaxed_dot_i8x16_i7x16(codes[1], row)),
    ]
}

/// Eight values of a row, each pair twice.
#[inline(always)]
pub fn store_row(values: [v128; 2], into: &mut [i32; 4]) {
    let words = i16x8_add(i16x8_narrow_i32x4(values[0], values[1]), i16x8_splat(SHIFT));
    let bytes = u8x16_narrow_i16x8(words, words);
    // SAFETY: a vector, borrowed exclusively; the instruction needs no alignment.
    unsafe { v128_store(into.as_mut_ptr().cast(), i16x8_shuffle::<0, 0, 1, 1, 2, 2, 3, 3>(bytes, bytes)) };
}
