//! Operands as the tiles read them.

use std::ops::Range;

use super::side::Side;
use crate::compute::cpu::tile::TILE_COLUMNS;

/// Lanes and depth of the squares in which a matrix is turned: a square's lines fit the first cache.
const SQUARE: usize = 16;

/// Panel `panel` of `b` over a slice of its depth, `[slice][TILE_COLUMNS]`, zeros beyond the last lane.
pub(super) fn pack_panel(b: Side<'_>, slice: Range<usize>, panel: usize, to: &mut [f32]) {
    let (lanes, depth) = (b.lanes(), b.depth());
    let first = panel * TILE_COLUMNS;
    let count = TILE_COLUMNS.min(lanes - first);
    let to = to.as_chunks_mut::<TILE_COLUMNS>().0;
    if count < TILE_COLUMNS {
        to.as_flattened_mut().fill(0.0);
    }
    match b {
        Side::Columns(values, _) => {
            for (to, row) in to.iter_mut().zip(values[slice.start * lanes..].chunks_exact(lanes)) {
                match row[first..].first_chunk() {
                    Some(whole) => *to = *whole,
                    None => to[..count].copy_from_slice(&row[first..]),
                }
            }
        }
        Side::Rows(values, _) => {
            for (at, to) in to.chunks_mut(SQUARE).enumerate() {
                let start = slice.start + at * SQUARE;
                for lane in 0..count {
                    let row = &values[(first + lane) * depth + start..][..to.len()];
                    to.iter_mut().zip(row).for_each(|(to, v)| to[lane] = *v);
                }
            }
        }
    }
}

/// Some lanes of values that are stored by depth, `[depth][lane]` → `[row][slice]`.
pub(super) fn turn(values: &[f32], lanes: usize, slice: Range<usize>, rows: Range<usize>) -> Vec<f32> {
    let depth = slice.len();
    let mut turned = vec![0.0; rows.len() * depth];
    for first in (0..depth).step_by(SQUARE) {
        let square = first..depth.min(first + SQUARE);
        let from = &values[(slice.start + first) * lanes..];
        for (row, to) in rows.clone().zip(turned.chunks_exact_mut(depth)) {
            for (k, to) in to[square.clone()].iter_mut().enumerate() {
                *to = from[k * lanes + row];
            }
        }
    }
    turned
}
