//! The register tiles by hand in simd128: the page's module is compiled for size, and then the compiler neither
//! vectorises nor unrolls, and leaves closures as calls. Hence plain functions that are always inlined.

use core::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_pmax, f32x4_splat, i32x4_add, i32x4_dot_i16x8, v128, v128_load, v128_load32_splat, v128_store,
};

use super::{Rows, TILE_COLUMNS, TILE_ROWS, Tile};

/// As [`super::multiply_tile`]; WebAssembly has no fused multiply-add.
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
    tile_of::<Floats, _, _, _>(a, b.as_chunks::<TILE_COLUMNS>().0, 1, tile);
}

/// As [`super::multiply_tile_i16`].
pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
    tile_of::<Pairs, _, _, _>(a, b.as_chunks::<{ 2 * TILE_COLUMNS }>().0, 2, tile);
}

/// As [`super::relu`].
pub fn relu(tile: &mut Tile) {
    for values in tile.as_flattened_mut().as_chunks_mut::<4>().0 {
        let at: *mut v128 = values.as_mut_ptr().cast();
        // SAFETY: 16 bytes, borrowed exclusively; the instructions need no alignment.
        unsafe { v128_store(at, f32x4_pmax(f32x4_splat(0.0), v128_load(at))) };
    }
}

/// What a lane of 32 bits holds.
trait Lanes {
    fn add_product(sum: v128, a: v128, b: v128) -> v128;
}

struct Floats;
impl Lanes for Floats {
    #[inline(always)]
    fn add_product(sum: v128, a: v128, b: v128) -> v128 {
        f32x4_add(sum, f32x4_mul(a, b))
    }
}

/// Of 16-bit integers.
struct Pairs;
impl Lanes for Pairs {
    #[inline(always)]
    fn add_product(sum: v128, a: v128, b: v128) -> v128 {
        i32x4_add(sum, i32x4_dot_i16x8(a, b))
    }
}

/// Both are one loop over 32-bit steps of a row, each a float or a pair of integers (`in_step` values); `B` is two vectors.
#[inline(always)]
fn tile_of<L: Lanes, T, B, S>(a: Rows<'_, T>, b: &[B], in_step: usize, tile: &mut Tile<S>) {
    const { assert!(size_of::<B>() == 32 && size_of::<S>() == 4 && TILE_COLUMNS == 8 && TILE_ROWS == 4) };
    assert!(in_step * size_of::<T>() == 4);
    let [r0, r1, r2, r3] = a.starts(b.len() * in_step);
    let row = a.values.as_ptr();
    // SAFETY: `starts` has seen that every row is as long as `b` is deep; a tile holds eight vectors; no instruction
    // needs alignment.
    unsafe {
        let mut rows: [*const u32; 4] = [row.add(r0).cast(), row.add(r1).cast(), row.add(r2).cast(), row.add(r3).cast()];
        let at: *mut v128 = tile.as_mut_ptr().cast();
        let mut sums = [pair(at), pair(at.add(2)), pair(at.add(4)), pair(at.add(6))];
        let mut column: *const v128 = b.as_ptr().cast();
        for _ in b {
            // Not unrolled: the compiler would take the steps apart, and the sums would not stay in registers.
            let b = pair(column);
            sums = [
                add_row::<L>(sums[0], rows[0], b),
                add_row::<L>(sums[1], rows[1], b),
                add_row::<L>(sums[2], rows[2], b),
                add_row::<L>(sums[3], rows[3], b),
            ];
            rows = [rows[0].add(1), rows[1].add(1), rows[2].add(1), rows[3].add(1)];
            column = column.add(2);
        }
        for (i, sums) in sums.iter().enumerate() {
            v128_store(at.add(2 * i), sums[0]);
            v128_store(at.add(2 * i + 1), sums[1]);
        }
    }
}

#[inline(always)]
unsafe fn add_row<L: Lanes>(sums: [v128; 2], row: *const u32, b: [v128; 2]) -> [v128; 2] {
    // SAFETY: the caller's promise.
    let a = unsafe { v128_load32_splat(row) };
    [L::add_product(sums[0], a, b[0]), L::add_product(sums[1], a, b[1])]
}

#[inline(always)]
unsafe fn pair(at: *const v128) -> [v128; 2] {
    // SAFETY: the caller's promise.
    unsafe { [v128_load(at), v128_load(at.add(1))] }
}
