//! The register tiles by hand in simd128: the page's module is compiled for size, and then the compiler neither
//! vectorises nor unrolls.

use core::arch::wasm32::{f32x4_add, f32x4_mul, i32x4_add, i32x4_dot_i16x8, v128, v128_load, v128_load32_splat, v128_store};

use super::{Rows, TILE_COLUMNS, TILE_ROWS, Tile};

/// As [`super::multiply_tile`]; WebAssembly has no fused multiply-add.
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
    tile_of(a, b.as_chunks::<TILE_COLUMNS>().0, 1, tile, |sum, a, b| f32x4_add(sum, f32x4_mul(a, b)));
}

/// As [`super::multiply_tile_i16`].
pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
    tile_of(a, b.as_chunks::<{ 2 * TILE_COLUMNS }>().0, 2, tile, |sum, a, b| i32x4_add(sum, i32x4_dot_i16x8(a, b)));
}

/// Both are one loop over 32-bit steps of a row, each a float or a pair of integers (`in_step` values); `B` is two vectors.
#[inline(always)]
fn tile_of<T, B, S>(a: Rows<'_, T>, b: &[B], in_step: usize, tile: &mut Tile<S>, add: impl Fn(v128, v128, v128) -> v128) {
    let [r0, r1, r2, r3] = a.starts(b.len() * in_step);
    let mut sums = tile.each_ref().map(load);
    for (k, b) in b.iter().enumerate() {
        let b = load(b);
        let add_row = |sums: [v128; 2], start: usize| {
            // SAFETY: `starts` has seen that every row is as long as `b` is deep.
            let a = unsafe { v128_load32_splat(a.values.as_ptr().add(start + k * in_step).cast()) };
            [add(sums[0], a, b[0]), add(sums[1], a, b[1])]
        };
        // Written out, so that the eight sums stay in registers.
        sums = [add_row(sums[0], r0), add_row(sums[1], r1), add_row(sums[2], r2), add_row(sums[3], r3)];
    }
    for (row, sums) in tile.iter_mut().zip(sums) {
        let at: *mut v128 = row.as_mut_ptr().cast();
        // SAFETY: a row of a tile holds two vectors; the instruction needs no alignment.
        unsafe {
            v128_store(at, sums[0]);
            v128_store(at.add(1), sums[1]);
        }
    }
}

/// The two vectors of a row, whatever its type.
#[inline(always)]
fn load<T>(row: &T) -> [v128; 2] {
    const { assert!(size_of::<T>() == 4 * TILE_COLUMNS && TILE_ROWS == 4) };
    let at: *const v128 = std::ptr::from_ref(row).cast();
    // SAFETY: the row holds 32 bytes; the instruction needs no alignment.
    unsafe { [v128_load(at), v128_load(at.add(1))] }
}
