//! The register tiles in AVX2 and FMA, and the integer one in VNNI, where the processor has it: twelve registers of
//! sums, two of `b`, one of `a`. Whether the compiler would vectorise the plain loops hangs on its version and level.

use std::arch::is_x86_feature_detected;
use std::arch::x86_64::{
    __m256i, _mm256_add_epi32, _mm256_dpwssd_avx_epi32, _mm256_dpwssd_epi32, _mm256_fmadd_ps, _mm256_loadu_ps,
    _mm256_loadu_si256, _mm256_madd_epi16, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_setzero_si256,
    _mm256_storeu_ps, _mm256_storeu_si256,
};

use super::super::simd::has_avx2;
use super::{Rows, TILE_COLUMNS, TILE_ROWS, Tile, portable};

/// Values of 32 bits in a register.
const LANES: usize = 8;

pub fn multiply_tile(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
    if !has_avx2() {
        return portable::multiply_tile(a, b, tile);
    }
    // SAFETY: the processor has AVX2 and FMA.
    unsafe { multiply_tile_avx2(a, b, tile) }
}

pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
    if is_x86_feature_detected!("avx512vnni") && is_x86_feature_detected!("avx512vl") {
        // SAFETY: the processor has the 256-bit instructions of AVX-512 VNNI.
        unsafe { multiply_tile_avx512vnni(a, b, tile) }
    } else if is_x86_feature_detected!("avxvnni") {
        // SAFETY: the processor has AVX-VNNI.
        unsafe { multiply_tile_avxvnni(a, b, tile) }
    } else if has_avx2() {
        // SAFETY: the processor has AVX2.
        unsafe { multiply_tile_i16_avx2(a, b, tile) }
    } else {
        portable::multiply_tile_i16(a, b, tile);
    }
}

#[target_feature(enable = "avx2,fma")]
fn multiply_tile_avx2(a: Rows<'_, f32>, b: &[f32], tile: &mut Tile) {
    let starts = a.starts(b.len() / TILE_COLUMNS);
    let mut sums = [[_mm256_setzero_ps(); 2]; TILE_ROWS];
    for (sums, row) in sums.iter_mut().zip(tile.iter()) {
        // SAFETY: a row of a tile holds two registers; the instruction asks for no alignment.
        *sums = unsafe { [_mm256_loadu_ps(row.as_ptr()), _mm256_loadu_ps(row.as_ptr().add(LANES))] };
    }
    for (k, b) in b.as_chunks::<TILE_COLUMNS>().0.iter().enumerate() {
        // SAFETY: as for the tile.
        let (left, right) = unsafe { (_mm256_loadu_ps(b.as_ptr()), _mm256_loadu_ps(b.as_ptr().add(LANES))) };
        for i in 0..TILE_ROWS {
            // SAFETY: `starts` has seen that every row is as long as `b` is deep.
            let a = _mm256_set1_ps(unsafe { *a.values.get_unchecked(starts[i] + k) });
            sums[i] = [_mm256_fmadd_ps(a, left, sums[i][0]), _mm256_fmadd_ps(a, right, sums[i][1])];
        }
    }
    for (row, sums) in tile.iter_mut().zip(sums) {
        // SAFETY: as for the load, and the borrow is exclusive.
        unsafe {
            _mm256_storeu_ps(row.as_mut_ptr(), sums[0]);
            _mm256_storeu_ps(row.as_mut_ptr().add(LANES), sums[1]);
        }
    }
}

/// The same body around another way to add the products of eight pairs.
macro_rules! integer_tile {
    ($name:ident, $features:literal, $add_products:expr) => {
        #[target_feature(enable = $features)]
        fn $name(a: Rows<'_, i16>, b: &[i16], tile: &mut Tile<i32>) {
            let starts = a.starts(b.len() / TILE_COLUMNS);
            let mut sums = [[_mm256_setzero_si256(); 2]; TILE_ROWS];
            for (sums, row) in sums.iter_mut().zip(tile.iter()) {
                let at: *const __m256i = row.as_ptr().cast();
                // SAFETY: a row of a tile holds two registers; the instruction asks for no alignment.
                *sums = unsafe { [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))] };
            }
            for (k, b) in b.as_chunks::<{ 2 * TILE_COLUMNS }>().0.iter().enumerate() {
                let at: *const __m256i = b.as_ptr().cast();
                // SAFETY: as for the tile.
                let (left, right) = unsafe { (_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))) };
                for i in 0..TILE_ROWS {
                    // SAFETY: `starts` has seen that every row is as long as `b` is deep, which is even.
                    let pair = unsafe { a.values.as_ptr().add(starts[i] + 2 * k).cast::<i32>().read_unaligned() };
                    let pair = _mm256_set1_epi32(pair);
                    sums[i] = [$add_products(sums[i][0], pair, left), $add_products(sums[i][1], pair, right)];
                }
            }
            for (row, sums) in tile.iter_mut().zip(sums) {
                let at: *mut __m256i = row.as_mut_ptr().cast();
                // SAFETY: as for the load, and the borrow is exclusive.
                unsafe {
                    _mm256_storeu_si256(at, sums[0]);
                    _mm256_storeu_si256(at.add(1), sums[1]);
                }
            }
        }
    };
}

integer_tile!(multiply_tile_i16_avx2, "avx2", |sum, a, b| _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)));
integer_tile!(multiply_tile_avx512vnni, "avx2,avx512vnni,avx512vl", |sum, a, b| _mm256_dpwssd_epi32(sum, a, b));
integer_tile!(multiply_tile_avxvnni, "avx2,avxvnni", |sum, a, b| _mm256_dpwssd_avx_epi32(sum, a, b));
