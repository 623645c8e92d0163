//! Tiles in plain Rust, for processors without a kernel of their own. NEON has enough registers for what the compiler makes
//! of them.

use super::operands::{Columns, Finish, PairRow, PanelRow, Rows, Shape, TILE_COLUMNS, Units};
use crate::compute::cpu::simd::multiply_add;

const ROWS: usize = 6;
/// The tile.
pub const SHAPE: Shape = Shape { rows: ROWS, panels: 1 };

/// The tile of this processor.
#[cfg(not(target_arch = "x86_64"))]
pub fn shape() -> Shape {
    SHAPE
}

/// One panel of a product, whole; see [`super::multiply`].
pub fn multiply_tile(a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish: Finish, mut y: Columns<'_>) {
    let starts = a.starts::<ROWS>(b.len());
    let mut sums = [bias[0]; ROWS];
    for (k, b) in b.iter().enumerate() {
        for i in 0..ROWS {
            // SAFETY: `starts` has checked that every row is as long as `b` is deep.
            let a = unsafe { *a.values.get_unchecked(starts[i] + k) };
            for j in 0..TILE_COLUMNS {
                sums[i][j] = multiply_add::<{ cfg!(target_arch = "aarch64") }>(a, b[j], sums[i][j]);
            }
        }
    }
    for (y, sums) in y.rows_mut(a.count).zip(sums) {
        for (y, sum) in y.iter_mut().zip(sums) {
            *y = finished(finish, sum, *y);
        }
    }
}

/// The same in integers; see [`super::multiply_i16`].
pub fn multiply_tile_i16(
    a: Rows<'_, i16>,
    b: &[PairRow],
    units: Units<'_>,
    bias: &[PanelRow],
    finish: Finish,
    mut y: Columns<'_>,
) {
    let starts = a.starts::<ROWS>(2 * b.len());
    let mut sums = [[0; TILE_COLUMNS]; ROWS];
    for (k, b) in b.iter().enumerate() {
        for i in 0..ROWS {
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
            let sum = multiply_add::<{ cfg!(target_arch = "aarch64") }>(sums[j] as f32, unit, bias[0][j]);
            y[j] = finished(finish, sum, y[j]);
        }
    }
}

/// What is written for a sum, over what is there.
#[cfg_attr(not(feature = "learn"), expect(unused_variables, reason = "only training adds to what is there"))]
#[inline(always)]
fn finished(finish: Finish, sum: f32, old: f32) -> f32 {
    match finish {
        Finish::Write => sum,
        Finish::WriteRelu => sum.max(0.0),
        #[cfg(feature = "learn")]
        Finish::Add => old + sum,
    }
}
