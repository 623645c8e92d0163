//! The register tiles in AVX2 and FMA, and the integer one in AVX-VNNI. Twelve registers hold sums, two hold `b`, one holds
//! `a`. They are written out, because whether the compiler vectorises the plain loops depends on its
//! version and on the level of optimisation.

#[cfg(feature = "learn")]
use std::arch::x86_64::_mm256_add_ps;
use std::arch::x86_64::{
    __m256, __m256i, _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_dpwssd_avx_epi32, _mm256_fmadd_ps, _mm256_loadu_ps,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_max_ps, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps,
    _mm256_setzero_si256, _mm256_storeu_ps,
};

use super::operands::{Columns, Finish, PairRow, PanelRow, Rows, Shape, Units};

/// Values of 32 bits in a register.
const LANES: usize = 8;
const ROWS: usize = 6;
/// The tile.
pub const SHAPE: Shape = Shape { rows: ROWS, panels: 1 };

/// As [`super::x86::multiply_tile`], for one panel.
#[target_feature(enable = "avx2,fma")]
pub fn multiply_tile(a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish: Finish, mut y: Columns<'_>) {
    let starts = a.starts::<ROWS>(b.len());
    let mut sums = [load(&bias[0]); ROWS];
    for (k, b) in b.iter().enumerate() {
        let b = load(b);
        for i in 0..ROWS {
            // SAFETY: `starts` has checked that every row is as long as `b` is deep.
            let a = _mm256_set1_ps(unsafe { *a.values.get_unchecked(starts[i] + k) });
            sums[i] = [_mm256_fmadd_ps(a, b[0], sums[i][0]), _mm256_fmadd_ps(a, b[1], sums[i][1])];
        }
    }
    for (y, sums) in y.rows_mut(a.count).zip(sums) {
        store(sums, finish, y);
    }
}

/// The integer tile with an instruction, `$add_products`, that adds the products of eight pairs to eight sums.
macro_rules! integer_tile {
    ($name:ident, $features:literal, $add_products:expr) => {
        /// As [`super::x86::multiply_tile_i16`], for one panel.
        #[target_feature(enable = $features)]
        pub fn $name(a: Rows<'_, i16>, b: &[PairRow], units: Units<'_>, bias: &[PanelRow], finish: Finish, mut y: Columns<'_>) {
            let starts = a.starts::<ROWS>(2 * b.len());
            let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
            for (k, b) in b.iter().enumerate() {
                let at: *const __m256i = b.as_ptr().cast();
                // SAFETY: sixteen pairs fill two registers; the instruction asks for no alignment.
                let (low, high) = unsafe { (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))) };
                for i in 0..ROWS {
                    // SAFETY: `starts` has checked that every row is as long as `b` is deep, which is even.
                    let pair = unsafe { a.values.as_ptr().add(starts[i] + 2 * k).cast::<i32>().read_unaligned() };
                    let pair = _mm256_set1_epi32(pair);
                    sums[i] = [$add_products(sums[i][0], pair, low), $add_products(sums[i][1], pair, high)];
                }
            }
            let (columns, bias) = (load(&units.columns.as_chunks().0[0]), load(&bias[0]));
            for ((y, sums), row_unit) in y.rows_mut(a.count).zip(sums).zip(units.rows) {
                store([0, 1].map(|half| scale(sums[half], *row_unit, columns[half], bias[half])), finish, y);
            }
        }
    };
}

integer_tile!(multiply_tile_i16, "avx2,fma", |sum, a, b| _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)));
integer_tile!(multiply_tile_vnni, "avx2,fma,avxvnni", |sum, a, b| _mm256_dpwssd_avx_epi32(sum, a, b));

/// Integer sums times the units of their row and columns, plus the bias.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn scale(sums: __m256i, row: f32, columns: __m256, bias: __m256) -> __m256 {
    _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), _mm256_mul_ps(_mm256_set1_ps(row), columns), bias)
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(row: &PanelRow) -> [__m256; 2] {
    // SAFETY: a row holds two registers; the instruction asks for no alignment.
    unsafe { [_mm256_loadu_ps(row.as_ptr()), _mm256_loadu_ps(row.as_ptr().add(LANES))] }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(sums: [__m256; 2], finish: Finish, row: &mut PanelRow) {
    let to = row.as_mut_ptr();
    // SAFETY: a row holds two registers, borrowed exclusively; the instructions ask for no alignment.
    unsafe {
        let finished = match finish {
            Finish::Write => sums,
            Finish::WriteRelu => sums.map(|sum| _mm256_max_ps(sum, _mm256_setzero_ps())),
            #[cfg(feature = "learn")]
            Finish::Add => [_mm256_add_ps(_mm256_loadu_ps(to), sums[0]), _mm256_add_ps(_mm256_loadu_ps(to.add(LANES)), sums[1])],
        };
        _mm256_storeu_ps(to, finished[0]);
        _mm256_storeu_ps(to.add(LANES), finished[1]);
    }
}
