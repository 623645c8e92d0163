//! Every kernel against plain float64, at awkward shapes and with extreme numbers.

use super::kernels::Kernels;
use super::layout::{GROUP, LANES, Layout};
use super::rounding::RoundedCodebook;
use super::*;
use crate::base::random::Random;
use crate::compute::cpu::simd::{InstructionSet, instruction_set};

fn noise(n: usize, seed: u32) -> Vec<f32> {
    let mut random = Random::new(seed.wrapping_mul(0x9E37_79B9) | 1);
    (0..n).map(|_| random.centred() + random.centred() + random.centred()).collect()
}

/// The nearest code, and its and the runner-up's squared distances less `‖r‖²`, in float64.
fn exact(codebook: &[f32], latent: usize, row: &[f32]) -> (usize, f64, f64) {
    let mut best = (0, f64::INFINITY, f64::INFINITY);
    for (t, code) in codebook.chunks_exact(latent).enumerate() {
        let squares = code.iter().zip(row).map(|(c, r)| f64::from(*c) * (f64::from(*c) - 2.0 * f64::from(*r)));
        let distance = squares.sum::<f64>();
        if distance < best.1 {
            best = (t, distance, best.1);
        } else if distance < best.2 {
            best.2 = distance;
        }
    }
    best
}

fn check(codebook: &[f32], latent: usize, rows: &[f32]) {
    let level = Level::new(codebook, latent);
    let mut residuals = level.padded(rows);
    let (mut scratch, mut found) = (Scratch::default(), Vec::new());
    level.nearest(&mut residuals.clone(), false, &mut scratch, &mut found);
    let codes: Vec<u32> = found.iter().map(|found| found.code).collect();
    level.nearest(&mut residuals, true, &mut scratch, &mut found);
    assert!(codes.iter().eq(found.iter().map(|found| &found.code)), "the codes do not depend on whether margins are asked for");
    assert_eq!(found.len(), rows.len() / latent);
    for (i, (row, found)) in rows.chunks_exact(latent).zip(&found).enumerate() {
        let (code, least, second) = exact(codebook, latent, row);
        let largest =
            codebook.chunks_exact(latent).map(|c| c.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>()).fold(0.0, f64::max);
        let scale = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() + largest;
        let tolerance = 1e-5 * scale + 1e-30;
        let at = || format!("row {i}, {} codes of {latent}: {found:?}, exact {code} {least} {second}", level.half_norms.len());
        assert!((2.0 * f64::from(found.score) - least).abs() <= tolerance, "{}", at());
        if second.is_finite() {
            assert!((2.0 * f64::from(found.second_score) - second).abs() <= tolerance, "{}", at());
        }
        assert!(found.code as usize == code || second - least <= tolerance, "{}", at());
    }
}

#[test]
fn finds_the_nearest_code_at_every_awkward_shape() {
    for (codes, latent, rows) in
        [(1, 1, 1), (2, 3, 5), (15, 5, 7), (16, 8, 13), (33, 31, 6), (256, 32, 100), (300, 33, 25), (1000, 7, 12)]
    {
        check(&noise(codes * latent, 1), latent, &noise(rows * latent, 2));
    }
}

#[test]
fn wide_models_stay_in_range() {
    for latent in [128, 513, 2048] {
        check(&noise(64 * latent, 3), latent, &noise(20 * latent, 4));
        check(&vec![1.0; 64 * latent], latent, &noise(20 * latent, 4));
        // Residuals and codes along one dimension, so that products are as large as norms allow.
        let mut codes = vec![0.0; 64 * latent];
        codes.chunks_exact_mut(latent).enumerate().for_each(|(t, c)| c[0] = t as f32 - 31.5);
        let mut rows = vec![0.0; 20 * latent];
        rows.chunks_exact_mut(latent).enumerate().for_each(|(t, r)| r[0] = 8.0 * t as f32 - 77.0);
        check(&codes, latent, &rows);
    }
}

#[test]
fn scales_of_rows_and_codes_do_not_matter() {
    for (code_scale, row_scale) in
        [(1.0, 1e-6), (1e-6, 1.0), (1e6, 1.0), (1.0, 1e6), (1e-12, 1e-12), (1e12, 1e12), (1.0, 0.0), (0.0, 1.0)]
    {
        let scaled = |values: Vec<f32>, scale: f32| values.into_iter().map(|v| v * scale).collect::<Vec<_>>();
        check(&scaled(noise(256 * 32, 5), code_scale), 32, &scaled(noise(50 * 32, 6), row_scale));
    }
}

#[test]
fn a_common_shift_of_all_codes_costs_nothing() {
    let codes: Vec<f32> = noise(256 * 32, 7).into_iter().map(|c| c + 3.0).collect();
    check(&codes, 32, &noise(50 * 32, 8).into_iter().map(|r| r + 3.0).collect::<Vec<_>>());
}

#[test]
fn equal_codes_give_the_lowest_index_and_no_margin() {
    let mut codes = noise(256 * 32, 12);
    let copy = codes[7 * 32..8 * 32].to_vec();
    codes[100 * 32..101 * 32].copy_from_slice(&copy);
    codes[255 * 32..].copy_from_slice(&copy);
    let level = Level::new(&codes, 32);
    let mut found = Vec::new();
    level.nearest(&mut level.padded(&copy), true, &mut Scratch::default(), &mut found);
    assert_eq!((found[0].code, found[0].second_score - found[0].score), (7, 0.0));
}

#[test]
fn a_row_that_is_not_finite_gets_some_code_and_no_panic() {
    let level = Level::new(&noise(256 * 32, 13), 32);
    for value in [f32::NAN, f32::INFINITY, f32::MAX] {
        let mut found = Vec::new();
        level.nearest(&mut [[value; 32]], true, &mut Scratch::default(), &mut found);
        assert!(found[0].code < 256);
    }
}

/// Arbitrary rows of a group in bytes, and factors.
fn bytes<K: Kernels>(codebook: &RoundedCodebook) -> (Vec<i32>, [i16; GROUP]) {
    let values = |n: usize, seed: u32| noise(n, seed).into_iter().map(|v| (v.abs() * 1e6) as i32);
    let bytes = |v: i32| match K::PER_WORD {
        1 => v % 64 - 32,
        // Each byte below 64, so that a sum of two products stays within 16 bits; and each pair of bytes twice.
        _ => (v & 0x3F3F) * 0x1_0001,
    };
    let mut factors = values(GROUP, 19).map(|v| (v & 0x7FFF) as i16);
    (values(GROUP * codebook.row_words, 20).map(bytes).collect(), std::array::from_fn(|_| factors.next().unwrap()))
}

/// Compares [`Kernels::scores`] with its definition, computed one number at a time.
fn check_scores<K: Kernels>(codes: usize, latent: usize) {
    let half_norms: Vec<f32> = noise(codes, 18).into_iter().map(f32::abs).collect();
    let codebook = RoundedCodebook::new(Layout::of::<K>(), &noise(codes * latent, 17), latent, &half_norms);
    let (rows, factors) = bytes::<K>(&codebook);
    let (padded, dimensions) = (codebook.offsets.len(), codebook.row_words * K::PER_WORD);
    let byte = |row: usize, d: usize| {
        let tile = row / K::ROWS * K::ROWS * codebook.row_words;
        let chunk = (d / CHUNK * K::ROWS + row % K::ROWS) * CHUNK / K::PER_WORD;
        let number = rows[tile + chunk + d % CHUNK / K::PER_WORD];
        if K::PER_WORD == 1 { number } else { (number >> (8 * (d % K::PER_WORD))) & 0xFF }
    };
    let expected = |row: usize, code: usize| {
        let at = |d: usize| {
            (code / K::BLOCK * codebook.row_words + d / K::PER_WORD) * K::BLOCK * K::PER_WORD + code % K::BLOCK * K::PER_WORD
        };
        let product = |d: usize| byte(row, d) as i16 * i16::from(codebook.codes()[at(d) + d % K::PER_WORD]);
        let sum = (0..dimensions).fold(codebook.offsets[code], |sum, d| sum.wrapping_add(product(d)));
        let norm = i32::from(codebook.norms[code]) * i32::from(factors[row]);
        sum.saturating_sub(((norm + (1 << 14)) >> 15) as i16)
    };
    for second in [false, true] {
        let mut scores = vec![0; GROUP * padded];
        // SAFETY: the processor has the instructions.
        let best = unsafe { K::scores(&codebook, &rows, &factors, second, &mut scores) };
        for (row, scores) in scores.chunks_exact(padded).enumerate() {
            let mut expected: Vec<i16> = (0..padded).map(|code| expected(row, code)).collect();
            assert_eq!(scores, expected, "row {row}");
            expected.sort_unstable();
            assert_eq!(best[row], expected[padded - 1 - usize::from(second)], "row {row}, second {second}");
        }
    }
}

#[test]
fn scores_are_exact() {
    for (codes, latent) in [(1, 1), (77, 32), (300, 40)] {
        check_scores::<portable::Portable>(codes, latent);
        #[cfg(target_arch = "x86_64")]
        match instruction_set() {
            InstructionSet::Avx512 => check_scores::<avx512::Avx512>(codes, latent),
            InstructionSet::Avx2 => check_scores::<avx2::Avx2>(codes, latent),
            InstructionSet::Portable => (),
        }
    }
}

#[test]
fn the_nearest_code_of_a_row_does_not_depend_on_its_batch() {
    for latent in [32, 40] {
        let (level, rows) = (Level::new(&noise(256 * latent, 21), latent), noise(101 * latent, 22));
        for margins in [false, true] {
            let (mut scratch, mut found, mut alone) = (Scratch::default(), Vec::new(), Vec::new());
            level.nearest(&mut level.padded(&rows), margins, &mut scratch, &mut found);
            for (row, found) in rows.chunks_exact(latent).zip(&found) {
                level.nearest(&mut level.padded(row), margins, &mut scratch, &mut alone);
                assert_eq!(&alone[0], found);
            }
        }
    }
}

/// Both do exact arithmetic in integers.
#[cfg(target_arch = "x86_64")]
#[test]
fn kernels_agree_bit_for_bit_with_the_portable_ones() {
    if instruction_set() == InstructionSet::Portable {
        return;
    }
    let plain: Vec<i16> = noise(77, 14).into_iter().map(|v| (v * 40_000.0) as i16).collect();
    // SAFETY: the processor has AVX2.
    unsafe {
        for limit in [i16::MIN, -20_000, 0, 5_000, i16::MAX] {
            let (mut expected, mut found) = ([7; 2], [9; 2]);
            portable::Portable::at_least(&plain, limit, &mut expected);
            avx2::Avx2::at_least(&plain, limit, &mut found);
            assert_eq!(found, expected);
        }
        let rows: Vec<i16> = noise(3 * 48, 16).into_iter().map(|v| (v * 40_000.0) as i16).collect();
        let rows: [&[i16]; 3] = std::array::from_fn(|i| &rows[48 * i..][..48]);
        let (mut plain, mut vectors) = ([0; 48], [0; 48]);
        let expected = portable::Portable::add_rows(-7_000, rows, &mut plain);
        assert_eq!(avx2::Avx2::add_rows(-7_000, rows, &mut vectors), expected);
        assert_eq!(plain, vectors);
        for (values, n) in [(expected, 1), (expected, 5), (expected, 16), ([3; LANES], 2), ([i16::MIN; LANES], 7)] {
            assert_eq!(avx2::Avx2::nth_greatest(&values, n), portable::Portable::nth_greatest(&values, n));
        }
    }
}
