//! The register tiles in simd128.
//!
//! The page's WebAssembly is compiled for size. At that setting the compiler neither vectorises nor unrolls, and it leaves
//! closures as calls. So the loops that matter are written out in simd128, in plain functions that are always inlined.

use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_mul, f32x4_pmax, f32x4_splat, i32x4_add, i32x4_dot_i16x8, v128, v128_load,
    v128_load32_splat, v128_store,
};

use super::operands::{Columns, Finish, PairRow, PanelRow, Rows, Shape, TILE_COLUMNS, TILE_ROWS, Units};
use crate::compute::cpu::simd::multiply_add_f32x4;

/// The tile.
pub fn shape() -> Shape {
    Shape { rows: TILE_ROWS, panels: 1 }
}

/// One panel of a product, whole; see [`super::multiply`].
pub fn multiply_tile(a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
    let sums = tile_sums::<Floats, _, _>(a, b, 1, load(&bias[0]));
    y.assert_whole(a.count, 1);
    for (i, sums) in sums.into_iter().enumerate().take(a.count) {
        // SAFETY: just asserted.
        unsafe { store(sums, finish, y.values.as_mut_ptr().add(i * y.stride)) };
    }
}

/// The same in integers; see [`super::multiply_i16`].
pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[PairRow], units: Units<'_>, bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
    let sums = tile_sums::<Pairs, _, _>(a, b, 2, [f32x4_splat(0.0); 2]);
    let (columns, bias) = (load(&units.columns.as_chunks().0[0]), load(&bias[0]));
    y.assert_whole(a.count, 1);
    for (i, (sums, row_unit)) in sums.into_iter().zip(units.rows).enumerate().take(a.count) {
        let row = f32x4_splat(*row_unit);
        let scaled = [scale(sums[0], row, columns[0], bias[0]), scale(sums[1], row, columns[1], bias[1])];
        // SAFETY: just asserted.
        unsafe { store(scaled, finish, y.values.as_mut_ptr().add(i * y.stride)) };
    }
}

/// What a lane of 32 bits holds.
trait Lanes {
    /// `sum + a · b`.
    fn add_product(sum: v128, a: v128, b: v128) -> v128;
}

/// A float.
struct Floats;
impl Lanes for Floats {
    #[inline(always)]
    fn add_product(sum: v128, a: v128, b: v128) -> v128 {
        multiply_add_f32x4(a, b, sum)
    }
}

/// A pair of 16-bit integers, whose products are added up.
struct Pairs;
impl Lanes for Pairs {
    #[inline(always)]
    fn add_product(sum: v128, a: v128, b: v128) -> v128 {
        i32x4_add(sum, i32x4_dot_i16x8(a, b))
    }
}

/// Sums of a tile, on top of `start`: one loop over steps of 32 bits of a row, each a float or a pair of integers, which is
/// `step` values. `B` is two vectors.
#[inline(always)]
fn tile_sums<L: Lanes, T, B>(a: Rows<'_, T>, b: &[B], step: usize, start: [v128; 2]) -> [[v128; 2]; TILE_ROWS] {
    const { assert!(size_of::<B>() == 32 && TILE_COLUMNS == 8 && TILE_ROWS == 4) };
    assert!(step * size_of::<T>() == 4);
    let [r0, r1, r2, r3] = a.starts(b.len() * step);
    let row = a.values.as_ptr();
    let mut sums = [start; TILE_ROWS];
    if b.is_empty() {
        return sums;
    }
    // SAFETY: `starts` has checked that every row is as long as `b` is deep; no instruction needs alignment.
    unsafe {
        let mut rows: [*const u32; 4] = [row.add(r0).cast(), row.add(r1).cast(), row.add(r2).cast(), row.add(r3).cast()];
        let (mut column, end): (*const v128, *const v128) = (b.as_ptr().cast(), b.as_ptr_range().end.cast());
        // Not unrolled: the compiler would reorder the steps, and the sums would not stay in registers. The end is tested at
        // the bottom, on the address that advances anyway: compiled for size, `for` costs a jump and a counter more.
        loop {
            let b = [v128_load(column), v128_load(column.add(1))];
            sums = [
                add_row::<L>(sums[0], rows[0], b),
                add_row::<L>(sums[1], rows[1], b),
                add_row::<L>(sums[2], rows[2], b),
                add_row::<L>(sums[3], rows[3], b),
            ];
            rows = [rows[0].add(1), rows[1].add(1), rows[2].add(1), rows[3].add(1)];
            column = column.add(2);
            if column == end {
                break;
            }
        }
    }
    sums
}

#[inline(always)]
unsafe fn add_row<L: Lanes>(sums: [v128; 2], row: *const u32, b: [v128; 2]) -> [v128; 2] {
    // SAFETY: the caller promises that the row goes on here.
    let a = unsafe { v128_load32_splat(row) };
    [L::add_product(sums[0], a, b[0]), L::add_product(sums[1], a, b[1])]
}

/// Integer sums times the units of their row and columns, plus the bias.
#[inline(always)]
fn scale(sums: v128, row: v128, columns: v128, bias: v128) -> v128 {
    f32x4_add(f32x4_mul(f32x4_convert_i32x4(sums), f32x4_mul(row, columns)), bias)
}

#[inline(always)]
fn load(row: &PanelRow) -> [v128; 2] {
    let at: *const v128 = row.as_ptr().cast();
    // SAFETY: the row holds two vectors; the instruction needs no alignment.
    unsafe { [v128_load(at), v128_load(at.add(1))] }
}

/// Finishes a row.
#[inline(always)]
unsafe fn store(sums: [v128; 2], finish: Finish, row: *mut f32) {
    let zero = f32x4_splat(0.0);
    let at: *mut v128 = row.cast();
    let sums = match finish {
        Finish::Write => sums,
        Finish::WriteRelu => [f32x4_pmax(zero, sums[0]), f32x4_pmax(zero, sums[1])],
        // SAFETY: as below.
        #[cfg(feature = "learn")]
        Finish::Add => unsafe { [f32x4_add(v128_load(at), sums[0]), f32x4_add(v128_load(at.add(1)), sums[1])] },
    };
    // SAFETY: the caller promises room for a row of a tile, two vectors; the instruction needs no alignment.
    unsafe {
        v128_store(at, sums[0]);
        v128_store(at.add(1), sums[1]);
    }
}
