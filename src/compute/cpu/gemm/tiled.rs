//! The products by the tiles that engines multiply with: for WebAssembly, where the kernels of the crate `gemm-f32` know no
//! fused multiply-add.

use super::side::Side;
use crate::compute::cpu::linear::rows_per_block;
use crate::compute::cpu::tile::{self, Activation, Columns, Rows, TILE_COLUMNS};

/// `Σ_k a(i, k) · b(j, k)`, set or added to `c [a lanes][b lanes]`. The sides have one depth, and `c` their size.
pub(super) fn product(a: Side<'_>, b: Side<'_>, c: &mut [f32], add: bool) {
    let (_, [rows, depth], _) = a.layout();
    let (_, [columns, _], _) = b.layout();
    if !add {
        c.fill(0.0);
    }
    if c.is_empty() || depth == 0 {
        return;
    }
    let turned;
    let a = match a {
        Side::Rows(values, _) => values,
        Side::Columns(values, lanes) => {
            turned = turn(values, lanes);
            &turned
        }
    };
    let mut own = if add { vec![0.0; rows * columns] } else { Vec::new() };
    let to = if add { own.as_mut_slice() } else { &mut *c };
    let panels = pack(b);
    let block = rows_per_block(depth);
    for (a, y) in a.chunks(block * depth).zip(to.chunks_mut(block * columns)) {
        let a = Rows { values: a, stride: depth, count: a.len() / depth };
        let y = Columns { values: y, stride: columns, count: columns };
        tile::multiply(a, &panels, None, Activation::Identity, y);
    }
    c.iter_mut().zip(&own).for_each(|(c, sum)| *c += sum);
}

/// `[panel][depth][TILE_COLUMNS]`, zeros beyond the last lane.
fn pack(b: Side<'_>) -> Vec<f32> {
    let (values, [lanes, depth], _) = b.layout();
    let mut panels = vec![0.0; lanes.next_multiple_of(TILE_COLUMNS) * depth];
    for (panel, to) in panels.chunks_exact_mut(depth * TILE_COLUMNS).enumerate() {
        let first = panel * TILE_COLUMNS;
        let count = TILE_COLUMNS.min(lanes - first);
        match b {
            Side::Columns(..) => {
                for (to, row) in to.as_chunks_mut::<TILE_COLUMNS>().0.iter_mut().zip(values.chunks_exact(lanes)) {
                    to[..count].copy_from_slice(&row[first..first + count]);
                }
            }
            Side::Rows(..) => {
                for (lane, row) in values[first * depth..].chunks_exact(depth).take(count).enumerate() {
                    to.iter_mut().skip(lane).step_by(TILE_COLUMNS).zip(row).for_each(|(to, v)| *to = *v);
                }
            }
        }
    }
    panels
}

/// `[depth][lanes]` → `[lanes][depth]`, in squares that fit the cache.
fn turn(values: &[f32], lanes: usize) -> Vec<f32> {
    const SQUARE: usize = 16;
    let depth = values.len() / lanes;
    let mut turned = vec![0.0; values.len()];
    for first in (0..depth).step_by(SQUARE) {
        let rows = first..depth.min(first + SQUARE);
        for lane in 0..lanes {
            let to = &mut turned[lane * depth..][rows.clone()];
            to.iter_mut().zip(rows.clone()).for_each(|(to, row)| *to = values[row * lanes + lane]);
        }
    }
    turned
}
