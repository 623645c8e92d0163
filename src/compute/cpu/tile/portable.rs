//! Tiles in plain Rust, for processors without a kernel of their own. NEON has enough registers for what the compiler makes
//! of them.

use super::operands::{Columns, Rows, TILE_COLUMNS, TILE_ROWS, Units};
use crate::compute::cpu::simd::multiply_add;

/// As [`super::multiply_tile`], for whole tiles.
pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], bias: &[f32; TILE_COLUMNS], relu: bool, mut y: Columns<'_>) {
    let starts = a.starts(b.len() / TILE_COLUMNS);
    let mut sums = [*bias; TILE_ROWS];
    for (k, b) in b.as_chunks::<TILE_COLUMNS>().0.iter().enumerate() {
        for i in 0..TILE_ROWS {
            // SAFETY: `starts` has checked that every row is as long as `b` is deep.
            let a = unsafe { *a.values.get_unchecked(starts[i] + k) };
            for j in 0..TILE_COLUMNS {
                sums[i][j] = multiply_add::<{ cfg!(target_arch = "aarch64") }>(a, b[j], sums[i][j]);
            }
        }
    }
    for (y, sums) in y.rows_mut(a.count).zip(sums) {
        *y = sums.map(|sum| if relu { sum.max(0.0) } else { sum });
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
    let starts = a.starts(b.len() / TILE_COLUMNS);
    let mut sums = [[0; TILE_COLUMNS]; TILE_ROWS];
    for (k, b) in b.as_chunks::<{ 2 * TILE_COLUMNS }>().0.iter().enumerate() {
        for i in 0..TILE_ROWS {
            // SAFETY: as above.
            let pair = unsafe { [*a.values.get_unchecked(starts[i] + 2 * k), *a.values.get_unchecked(starts[i] + 2 * k + 1)] };
            for j in 0..TILE_COLUMNS {
                sums[i][j] += i32::from(pair[0]) * i32::from(b[2 * j]) + i32::from(pair[1]) * i32::from(b[2 * j + 1]);
            }
        }
    }
    for ((y, sums), row_unit) in y.rows_mut(a.count).zip(sums).zip(units.rows) {
        for j in 0..TILE_COLUMNS {
            let unit = row_unit * units.columns[j];
            let sum = multiply_add::<{ cfg!(target_arch = "aarch64") }>(sums[j] as f32, unit, bias[j]);
            y[j] = if relu { sum.max(0.0) } else { sum };
        }
    }
}
