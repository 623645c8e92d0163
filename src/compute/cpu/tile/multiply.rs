//! Products of any number of rows and panels, tile by tile, by the kernel of the processor that runs.

use super::native;
use super::operands::{Activation, Columns, Finish, PanelRow, Rows, Shape, TILE_COLUMNS, TILE_PANELS, TILE_ROWS, Units};
use crate::compute::cpu::simd_math::gelu;

/// Values of the largest tile.
const TILE: usize = TILE_ROWS * TILE_PANELS * TILE_COLUMNS;
const NO_BIAS: [PanelRow; TILE_PANELS] = [[0.0; TILE_COLUMNS]; TILE_PANELS];

/// `y[i][j] = f(bias[j] + Σ_k a[i][k] · b[j / TILE_COLUMNS][k][j % TILE_COLUMNS])`, with `b` as
/// `[panel][depth][TILE_COLUMNS]` for as many panels as `y` has columns for, and the bias in whole panels too.
///
/// Every panel meets all rows before the next one: give it no more rows than a cache holds.
///
/// # Panics
/// If rows are shorter than `b` is deep, `y` has fewer rows than `a`, or `b` and the bias are not whole panels.
pub fn multiply(a: Rows<'_, f32>, b: &[f32], bias: Option<&[f32]>, activation: Activation, y: Columns<'_>) {
    let panels = Panels::new(b.as_chunks().0, y.count);
    let bias = bias.map(|bias| bias.as_chunks().0);
    for_tiles(a, y, |first, count, _, a, y| {
        let bias = bias.map_or(&NO_BIAS[..count], |bias| &bias[first..first + count]);
        run_kernel(a.count, activation, y, |finish, y| native::multiply_tile(a, panels.some(first, count), bias, finish, y));
    });
}

/// The product without a bias, set or added to `y`.
///
/// # Panics
/// As [`multiply`].
#[cfg(feature = "learn")]
pub fn multiply_onto(a: Rows<'_, f32>, b: &[f32], add: bool, y: Columns<'_>) {
    if !add {
        return multiply(a, b, None, Activation::Identity, y);
    }
    let panels = Panels::new(b.as_chunks().0, y.count);
    let mut edge = [0.0; TILE];
    for_tiles(a, y, |first, count, _, a, y| {
        let (b, bias, width) = (panels.some(first, count), &NO_BIAS[..count], count * TILE_COLUMNS);
        if y.count == width {
            return native::multiply_tile(a, b, bias, Finish::Add, y);
        }
        native::multiply_tile(a, b, bias, Finish::Write, Columns { values: &mut edge, stride: width, count: width });
        for (to, sums) in y.values.chunks_mut(y.stride).zip(edge.chunks_exact(width)).take(a.count) {
            to.iter_mut().zip(sums).take(y.count).for_each(|(to, sum)| *to += sum);
        }
    });
}

/// The same product of integers, which are multiplied in pairs, `b`: `[panel][depth / 2][TILE_COLUMNS][2]`. The caller makes
/// sure that no sum leaves 32 bits.
///
/// # Panics
/// As [`multiply`], and if there are fewer units than rows or columns.
pub fn multiply_i16(a: Rows<'_, i16>, b: &[i16], units: Units<'_>, bias: &[f32], activation: Activation, y: Columns<'_>) {
    let panels = Panels::new(b.as_chunks::<{ 2 * TILE_COLUMNS }>().0, y.count);
    let (bias, columns) = (bias.as_chunks().0, units.columns);
    assert!(units.rows.len() >= a.count, "a row without a unit");
    for_tiles(a, y, |first, count, row, a, y| {
        let columns = &columns[first * TILE_COLUMNS..(first + count) * TILE_COLUMNS];
        let units = Units { rows: &units.rows[row..row + a.count], columns };
        let (b, bias) = (panels.some(first, count), &bias[first..first + count]);
        run_kernel(a.count, activation, y, |finish, y| native::multiply_tile_i16(a, b, units, bias, finish, y));
    });
}

/// Panels of equal depth.
struct Panels<'a, T> {
    rows: &'a [T],
    depth: usize,
}

impl<'a, T> Panels<'a, T> {
    /// Enough for `columns` columns.
    fn new(rows: &'a [T], columns: usize) -> Self {
        let count = columns.div_ceil(TILE_COLUMNS).max(1);
        assert!(rows.len().is_multiple_of(count), "ragged panels");
        Self { rows, depth: rows.len() / count }
    }

    fn some(&self, first: usize, count: usize) -> &'a [T] {
        &self.rows[first * self.depth..(first + count) * self.depth]
    }
}

/// Calls `run` for every tile: with its first panel, their number, its first row, its rows and its part of `y`.
#[inline(always)]
fn for_tiles<T: Copy>(a: Rows<'_, T>, y: Columns<'_>, mut run: impl FnMut(usize, usize, usize, Rows<'_, T>, Columns<'_>)) {
    let Shape { rows, panels } = native::shape();
    for column in (0..y.count).step_by(panels * TILE_COLUMNS) {
        let columns = (panels * TILE_COLUMNS).min(y.count - column);
        for row in (0..a.count).step_by(rows) {
            let tile = Rows { values: &a.values[row * a.stride..], count: rows.min(a.count - row), ..a };
            let to = Columns { values: &mut y.values[row * y.stride + column..], stride: y.stride, count: columns };
            run(column / TILE_COLUMNS, columns.div_ceil(TILE_COLUMNS), row, tile, to);
        }
    }
}

/// Runs a kernel, which can only write whole panels and apply ReLU. Where that is enough, it writes to `y`; otherwise it writes
/// to a tile of its own, which is then activated and copied.
#[inline(always)]
fn run_kernel(rows: usize, activation: Activation, y: Columns<'_>, kernel: impl FnOnce(Finish, Columns<'_>)) {
    let finish = if activation == Activation::Relu { Finish::WriteRelu } else { Finish::Write };
    if y.count.is_multiple_of(TILE_COLUMNS) && activation != Activation::Gelu {
        return kernel(finish, y);
    }
    let width = y.count.next_multiple_of(TILE_COLUMNS);
    let mut tile = [0.0; TILE];
    kernel(finish, Columns { values: &mut tile, stride: width, count: width });
    if activation == Activation::Gelu {
        gelu(&mut tile[..rows * width]);
    }
    for (to, sums) in y.values.chunks_mut(y.stride).zip(tile.chunks_exact(width)).take(rows) {
        to[..y.count].copy_from_slice(&sums[..y.count]);
    }
}
