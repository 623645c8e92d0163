//! The two inner loops that matter, by hand in simd128: the page's module is compiled for size, and then the
//! compiler neither vectorises nor unrolls. Sums are the same as the portable loops', bit for bit.

use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_store};

use super::{TILE_COLUMNS, TILE_ROWS, Tile};

/// Floats in a vector.
const LANES: usize = 4;

/// See [`super::multiply_tile`]; WebAssembly has no fused multiply-add.
#[inline]
pub(super) fn multiply_tile_body<const FUSED: bool>(a: &[f32], b: &[f32], tile: &mut Tile) {
    let mut sums = tile.map(|row| [load(&row, 0), load(&row, LANES)]);
    for (a, b) in a.as_chunks::<TILE_ROWS>().0.iter().zip(b.as_chunks::<TILE_COLUMNS>().0) {
        let b = [load(b, 0), load(b, LANES)];
        // Written out, so that the eight sums stay in registers.
        sums[0] = add_scaled(sums[0], a[0], b);
        sums[1] = add_scaled(sums[1], a[1], b);
        sums[2] = add_scaled(sums[2], a[2], b);
        sums[3] = add_scaled(sums[3], a[3], b);
    }
    for (row, sums) in tile.iter_mut().zip(sums) {
        store(row, 0, sums[0]);
        store(row, LANES, sums[1]);
    }
}

#[inline(always)]
fn add_scaled(sums: [v128; 2], a: f32, b: [v128; 2]) -> [v128; 2] {
    let a = f32x4_splat(a);
    [f32x4_add(sums[0], f32x4_mul(a, b[0])), f32x4_add(sums[1], f32x4_mul(a, b[1]))]
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
