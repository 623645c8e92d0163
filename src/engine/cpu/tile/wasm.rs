//! The register tiles by hand in simd128: the page's module is compiled for size, and then the compiler neither
//! vectorises nor unrolls.

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_max, f32x4_mul, f32x4_splat, i32x4_add, i32x4_dot_i16x8, v128, v128_load,
    v128_load32_splat, v128_store,
};

use super::{Columns, Rows, TILE_COLUMNS, TILE_ROWS, Units};

/// As [`super::multiply_tile`], for whole tiles; WebAssembly has no fused multiply-add.
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], bias: &[f32; TILE_COLUMNS], relu: bool, mut y: Columns<'_>) {
    let b = b.as_chunks::<TILE_COLUMNS>().0;
    let sums = tile_of(a, b, 1, load(bias), |sum, a, b| f32x4_add(sum, f32x4_mul(a, b)));
    for (y, sums) in y.rows_mut(a.count).zip(sums) {
        store(sums, relu, y);
    }
}

/// As [`super::multiply_tile_i16`], for whole tiles.
pub fn multiply_tile_i16(
    a: Rows<'_, i16>,
    b: &[i16],
    units: Units<'_>,
    bias: &[f32; TILE_COLUMNS],
    relu: bool,
    mut y: Columns<'_>,
) {
    let b = b.as_chunks::<{ 2 * TILE_COLUMNS }>().0;
    let sums = tile_of(a, b, 2, [f32x4_splat(0.0); 2], |sum, a, b| i32x4_add(sum, i32x4_dot_i16x8(a, b)));
    let (columns, bias) = (load(units.columns), load(bias));
    for ((y, sums), row_unit) in y.rows_mut(a.count).zip(sums).zip(units.rows) {
        let in_units = |half: usize| {
            let unit = f32x4_mul(f32x4_splat(*row_unit), columns[half]);
            f32x4_add(f32x4_mul(f32x4_convert_i32x4(sums[half]), unit), bias[half])
        };
        store([in_units(0), in_units(1)], relu, y);
    }
}

/// Both are one loop over 32-bit steps of a row, each a float or a pair of integers (`in_step` values); `B` is two vectors.
#[inline(always)]
fn tile_of<T, B>(
    a: Rows<'_, T>,
    b: &[B],
    in_step: usize,
    start: [v128; 2],
    add: impl Fn(v128, v128, v128) -> v128,
) -> [[v128; 2]; TILE_ROWS] {
    let [r0, r1, r2, r3] = a.starts(b.len() * in_step);
    let mut sums = [start; TILE_ROWS];
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
    sums
}

/// The two vectors of a row, whatever its type.
#[inline(always)]
fn load<T>(row: &T) -> [v128; 2] {
    const { assert!(size_of::<T>() == 4 * TILE_COLUMNS && TILE_ROWS == 4) };
    let at: *const v128 = std::ptr::from_ref(row).cast();
    // SAFETY: the row holds 32 bytes; the instruction needs no alignment.
    unsafe { [v128_load(at), v128_load(at.add(1))] }
}

#[inline(always)]
fn store(sums: [v128; 2], relu: bool, row: &mut [f32; TILE_COLUMNS]) {
    let floored = |sum| if relu { f32x4_max(sum, f32x4_splat(0.0)) } else { sum };
    let at: *mut v128 = row.as_mut_ptr().cast();
    // SAFETY: a row of a tile holds two vectors; the instruction needs no alignment.
    unsafe {
        v128_store(at, floored(sums[0]));
        v128_store(at.add(1), floored(sums[1]));
    }
}
