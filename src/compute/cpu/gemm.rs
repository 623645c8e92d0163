//! Matrix products of any layout, on all threads where there are any: what training multiplies with, by the tiles that engines
//! multiply with.
//!
//! A sum adds its products in one order, fused, in pieces of [`DEPTH`]: whatever the processor, the shapes of the other
//! operands and the threads, the same operands give the same bits wherever multiply-adds are fused (AVX2, AVX-512, NEON).

mod pack;
mod side;

use self::pack::{pack_panel, turn};
use crate::base::parallel;
use crate::compute::cpu::linear::rows_per_block;
use crate::compute::cpu::tile::{self, Columns, Rows, TILE_COLUMNS, TILE_ROWS};

pub use side::Side;

/// Longest sum in one piece: longer ones are cut, so that what a tile reads fits the caches.
const DEPTH: usize = 1024;
/// Multiply-adds that are worth another thread: it takes microseconds to wake.
const WORTH_A_THREAD: usize = 1 << 21;

/// `Σ_k a(i, k) · b(j, k)`: every lane of `a` with every lane of `b`, `[a lanes][b lanes]`, on all threads.
///
/// # Panics
/// If the sides differ in depth.
pub fn multiply(a: Side<'_>, b: Side<'_>) -> Vec<f32> {
    let mut c = vec![0.0; a.lanes() * b.lanes()];
    product(a, b, &mut c, false, parallel::threads());
    c
}

/// As [`multiply`] on this thread alone, added to what is in `c`.
///
/// # Panics
/// If the sides differ in depth, or `c` has another size.
pub fn multiply_add_here(a: Side<'_>, b: Side<'_>, c: &mut [f32]) {
    product(a, b, c, true, 1);
}

/// Sets or adds a product, on at most so many threads.
fn product(a: Side<'_>, b: Side<'_>, c: &mut [f32], add: bool, threads: usize) {
    let (rows, columns, depth) = (a.lanes(), b.lanes(), a.depth());
    assert_eq!(depth, b.depth(), "the sides of a product share their depth");
    assert_eq!(c.len(), rows * columns, "room for a product");
    if c.is_empty() {
        return;
    }
    let threads = threads.min(rows * columns * depth / WORTH_A_THREAD).max(1);
    let mut panels = Vec::new();
    for first in (0..depth).step_by(DEPTH) {
        let slice = first..depth.min(first + DEPTH);
        panels.resize(columns.next_multiple_of(TILE_COLUMNS) * slice.len(), 0.0);
        let size = slice.len() * TILE_COLUMNS;
        parallel::each_chunk(&mut panels, size, threads == 1, |panel, to| pack_panel(b, slice.clone(), panel, to));
        // Enough blocks to share out, of no more rows than a cache holds.
        let share = rows.div_ceil(threads).next_multiple_of(TILE_ROWS);
        let block = rows_per_block(slice.len()).min(share);
        parallel::each_chunk(c, block * columns, threads == 1, |at, c| {
            let count = c.len() / columns;
            let turned;
            let a = match a {
                Side::Rows(values, _) => Rows { values: &values[at * block * depth + slice.start..], stride: depth, count },
                Side::Columns(values, lanes) => {
                    turned = turn(values, lanes, slice.clone(), at * block..at * block + count);
                    Rows { values: &turned, stride: slice.len(), count }
                }
            };
            let to = Columns { values: c, stride: columns, count: columns };
            tile::multiply_onto(a, &panels, add || first > 0, to);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    fn turned(values: &[f32], columns: usize) -> Vec<f32> {
        (0..columns).flat_map(|c| values.iter().skip(c).step_by(columns).copied()).collect()
    }

    #[test]
    fn every_layout_matches_float64_at_awkward_shapes() {
        for (m, n, depth) in [(1, 1, 1), (7, 17, 3), (49, 24, 257), (96, 16, 256), (1, 33, 770), (50, 1, 65)] {
            let (a, b) = (noise(m * depth, 1), noise(n * depth, 2));
            let (at, bt) = (turned(&a, depth), turned(&b, depth));
            for a_side in [Side::Rows(&a, depth), Side::Columns(&at, m)] {
                for b_side in [Side::Rows(&b, depth), Side::Columns(&bt, n)] {
                    let c = multiply(a_side, b_side);
                    assert_eq!(c.len(), m * n);
                    let mut twice = c.clone();
                    multiply_add_here(a_side, b_side, &mut twice);
                    assert!(twice.iter().zip(&c).all(|(twice, once)| (twice - 2.0 * once).abs() < 1e-5));
                    for (i, c) in c.iter().enumerate() {
                        let (a, b) = (&a[i / n * depth..][..depth], &b[i % n * depth..][..depth]);
                        let exact: f64 = a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                        assert!((f64::from(*c) - exact).abs() < 1e-5, "{m}x{n}x{depth} at {i}: {c} for {exact}");
                    }
                }
            }
        }
    }

    /// A sum as it is promised: in pieces, each fused from its first product to its last.
    #[expect(clippy::disallowed_methods, reason = "it is rounded as the instruction is")]
    fn in_order(a: &[f32], b: &[f32]) -> f32 {
        let piece = |(a, b): (&[f32], &[f32])| a.iter().zip(b).fold(0.0, |sum: f32, (a, b)| a.mul_add(*b, sum));
        let mut pieces = a.chunks(DEPTH).zip(b.chunks(DEPTH)).map(piece);
        let first = pieces.next().unwrap_or(0.0);
        pieces.fold(first, |sum, piece| sum + piece)
    }

    #[test]
    fn a_sum_has_one_order_wherever_multiply_adds_are_fused() {
        #[cfg(target_arch = "x86_64")]
        if crate::compute::cpu::simd::instruction_set() == crate::compute::cpu::simd::InstructionSet::Portable {
            return;
        }
        for (m, n, depth) in [(5, 3, 1), (13, 40, DEPTH), (7, 17, DEPTH + 1), (25, 16, 2 * DEPTH + 300)] {
            let (a, b) = (noise(m * depth, 1), noise(n * depth, 2));
            let at = turned(&a, depth);
            let c = multiply(Side::Rows(&a, depth), Side::Rows(&b, depth));
            assert_eq!(c, multiply(Side::Columns(&at, m), Side::Rows(&b, depth)));
            for (i, c) in c.iter().enumerate() {
                assert_eq!(*c, in_order(&a[i / n * depth..][..depth], &b[i % n * depth..][..depth]), "{m}x{n}x{depth} at {i}");
            }
        }
    }

    #[cfg(feature = "threads")]
    #[test]
    fn threads_do_not_change_a_bit() {
        for (m, n, depth) in [(1020, 512, 384), (512, 384, 1020), (24, 128, 1020), (170, 170, 384)] {
            let (a, b) = (noise(m * depth, 1), noise(n * depth, 2));
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| multiply(Side::Columns(&a, m), Side::Rows(&b, depth)))
            };
            let one = on(1);
            assert!([2, 3, 8].into_iter().all(|threads| on(threads) == one), "{m}x{n}x{depth}");
        }
    }
}
