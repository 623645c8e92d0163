//! The register tiles in AVX-512, and the integer one in VNNI where the processor has it. A register holds a row of a panel;
//! twenty-four hold sums, twelve rows of two panels, two hold `b`, one holds `a`. For a few rows there are tiles of fewer
//! rows, so that short texts and small batches do not pay for rows that they lack.

#[cfg(feature = "learn")]
use std::arch::x86_64::_mm512_add_ps;
use std::arch::x86_64::{
    __m512, __m512i, _mm512_add_epi32, _mm512_cvtepi32_ps, _mm512_dpwssd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps,
    _mm512_loadu_si512, _mm512_madd_epi16, _mm512_max_ps, _mm512_mul_ps, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_ps,
};
use std::array::from_fn;

use super::operands::{Columns, Finish, PairRow, PanelRow, Rows, Shape, TILE_COLUMNS, TILE_PANELS, TILE_ROWS, Units};

/// The tile.
pub const SHAPE: Shape = Shape { rows: TILE_ROWS, panels: TILE_PANELS };

/// Calls a kernel with the least tile, `<ROWS, PANELS>`, that holds the rows and panels.
macro_rules! by_size {
    ($rows:expr, $panels:expr, $kernel:ident, $arguments:tt) => {
        match ($rows, $panels) {
            (..=3, 1) => $kernel::<3, 1> $arguments,
            (..=3, _) => $kernel::<3, 2> $arguments,
            (..=6, 1) => $kernel::<6, 1> $arguments,
            (..=6, _) => $kernel::<6, 2> $arguments,
            (_, 1) => $kernel::<12, 1> $arguments,
            (_, _) => $kernel::<12, 2> $arguments,
        }
    };
}

/// As [`super::x86::multiply_tile`].
#[target_feature(enable = "avx512f")]
pub fn multiply_tile(a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
    by_size!(a.count, bias.len(), floats, (a, b, bias, finish, y));
}

#[target_feature(enable = "avx512f")]
fn floats<const ROWS: usize, const PANELS: usize>(
    a: Rows<'_, f32>,
    b: &[PanelRow],
    bias: &[PanelRow],
    finish: Finish,
    mut y: Columns<'_>,
) {
    let depth = b.len() / PANELS;
    let starts = a.starts::<ROWS>(depth);
    let b: [&[PanelRow]; PANELS] = from_fn(|panel| &b[panel * depth..][..depth]);
    let mut sums: [[__m512; PANELS]; ROWS] = [from_fn(|panel| load(&bias[panel])); ROWS];
    for k in 0..depth {
        // No closure, which the compiler may leave as a call.
        let mut row = [_mm512_setzero_ps(); PANELS];
        for (row, b) in row.iter_mut().zip(&b) {
            *row = load(&b[k]);
        }
        for i in 0..ROWS {
            // SAFETY: `starts` has checked that every row is as long as `b` is deep.
            let a = _mm512_set1_ps(unsafe { *a.values.get_unchecked(starts[i] + k) });
            for panel in 0..PANELS {
                sums[i][panel] = _mm512_fmadd_ps(a, row[panel], sums[i][panel]);
            }
        }
    }
    store(sums, a.count, finish, &mut y);
}

/// The integer tile with an instruction, `$add_products`, that adds the products of sixteen pairs to sixteen sums.
macro_rules! integer_tile {
    ($name:ident, $kernel:ident, $features:literal, $add_products:expr) => {
        /// As [`super::x86::multiply_tile_i16`].
        #[target_feature(enable = $features)]
        pub fn $name(a: Rows<'_, i16>, b: &[PairRow], units: Units<'_>, bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
            by_size!(a.count, bias.len(), $kernel, (a, b, units, bias, finish, y));
        }

        #[target_feature(enable = $features)]
        fn $kernel<const ROWS: usize, const PANELS: usize>(
            a: Rows<'_, i16>,
            b: &[PairRow],
            units: Units<'_>,
            bias: &[PanelRow],
            finish: Finish,
            mut y: Columns<'_>,
        ) {
            let depth = b.len() / PANELS;
            let starts = a.starts::<ROWS>(2 * depth);
            let b: [&[PairRow]; PANELS] = from_fn(|panel| &b[panel * depth..][..depth]);
            let mut sums = [[_mm512_setzero_si512(); PANELS]; ROWS];
            for k in 0..depth {
                let mut row = [_mm512_setzero_si512(); PANELS];
                for (row, b) in row.iter_mut().zip(&b) {
                    *row = load_pairs(&b[k]);
                }
                for i in 0..ROWS {
                    // SAFETY: `starts` has checked that every row is as long as `b` is deep, in pairs.
                    let pair = unsafe { a.values.as_ptr().add(starts[i] + 2 * k).cast::<i32>().read_unaligned() };
                    let pair = _mm512_set1_epi32(pair);
                    for panel in 0..PANELS {
                        sums[i][panel] = $add_products(sums[i][panel], pair, row[panel]);
                    }
                }
            }
            let columns = units.columns.as_chunks().0;
            let scaled = from_fn(|i| {
                let row = _mm512_set1_ps(units.rows[i.min(a.count - 1)]);
                from_fn(|panel| scale(sums[i][panel], row, load(&columns[panel]), load(&bias[panel])))
            });
            store::<ROWS, PANELS>(scaled, a.count, finish, &mut y);
        }
    };
}

integer_tile!(multiply_tile_i16, pairs, "avx512f,avx512bw", |sum, a, b| _mm512_add_epi32(sum, _mm512_madd_epi16(a, b)));
integer_tile!(multiply_tile_vnni, pairs_vnni, "avx512f,avx512bw,avx512vnni", |sum, a, b| _mm512_dpwssd_epi32(sum, a, b));

/// Integer sums times the units of their row and columns, plus the bias.
#[inline]
#[target_feature(enable = "avx512f")]
fn scale(sums: __m512i, row: __m512, columns: __m512, bias: __m512) -> __m512 {
    _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), _mm512_mul_ps(row, columns), bias)
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(row: &PanelRow) -> __m512 {
    const { assert!(TILE_COLUMNS == 16) };
    // SAFETY: a row is one register; the instruction asks for no alignment.
    unsafe { _mm512_loadu_ps(row.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load_pairs(row: &PairRow) -> __m512i {
    // SAFETY: as above.
    unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
}

/// Sums come by value: a reference would keep them in memory, not in registers, through the loop that adds them up.
#[inline]
#[target_feature(enable = "avx512f")]
fn store<const ROWS: usize, const PANELS: usize>(
    sums: [[__m512; PANELS]; ROWS],
    rows: usize,
    finish: Finish,
    y: &mut Columns<'_>,
) {
    y.assert_whole(rows, PANELS);
    for (i, sums) in sums.iter().enumerate().take(rows) {
        for (panel, sum) in sums.iter().enumerate() {
            // SAFETY: just asserted.
            let to = unsafe { y.values.as_mut_ptr().add(i * y.stride + panel * TILE_COLUMNS) };
            // SAFETY: as above; the instructions ask for no alignment.
            unsafe {
                let finished = match finish {
                    Finish::Write => *sum,
                    Finish::WriteRelu => _mm512_max_ps(*sum, _mm512_setzero_ps()),
                    #[cfg(feature = "learn")]
                    Finish::Add => _mm512_add_ps(_mm512_loadu_ps(to), *sum),
                };
                _mm512_storeu_ps(to, finished);
            }
        }
    }
}
