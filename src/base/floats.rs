//! Stored numbers as 32-bit floats: half precision is widened, and values that are not finite are found.
//!
//! A model's weights pass through here once, before the first tokens. A browser runs a loop that it meets for the first
//! time in its baseline compiler, which does not optimise, so these loops are written in simd128 by hand.
#![cfg_attr(all(target_arch = "wasm32", target_feature = "simd128"), allow(unsafe_code))]

use bytemuck::cast_slice_mut;

/// All bits of a float but the sign.
const MAGNITUDE_BITS: u32 = 0x7fff_ffff;
/// Infinity, the smallest magnitude that is not finite.
const INFINITY_BITS: u32 = 0x7f80_0000;
/// 2¹¹². A half's bits, moved to where a float has exponent and fraction, are a float that is smaller by this factor.
const REBIAS: f32 = f32::from_bits((127 + 112) << 23);
/// The bits of a half's infinity, moved in the same way.
const HALF_INFINITY_BITS: u32 = 0x7c00 << 13;
/// Floats that are checked together.
const BLOCK: usize = 256;

/// Appends little-endian IEEE halves to `out` as floats: exact, NaN and infinity included. An odd last byte is ignored.
pub fn widen_halves(bytes: &[u8], out: &mut Vec<f32>) {
    let halves = bytes.as_chunks::<2>().0;
    let start = out.len();
    out.resize(start + halves.len(), 0.0);
    let (blocks, rest) = halves.as_chunks::<8>();
    let (wide, last) = out[start..].as_chunks_mut::<8>();
    for (wide, halves) in wide.iter_mut().zip(blocks) {
        widen_eight(halves, wide);
    }
    for (wide, half) in last.iter_mut().zip(rest) {
        *wide = widen(*half);
    }
}

/// Appends little-endian floats to `out`, bit for bit. Bytes of an incomplete last float are ignored.
pub fn copy_floats(bytes: &[u8], out: &mut Vec<f32>) {
    let floats = bytes.as_chunks::<4>().0;
    let start = out.len();
    out.resize(start + floats.len(), 0.0);
    cast_slice_mut(&mut out[start..]).copy_from_slice(floats.as_flattened());
    if cfg!(target_endian = "big") {
        out[start..].iter_mut().for_each(|v| *v = f32::from_bits(v.to_bits().swap_bytes()));
    }
}

/// Index of the first value that is NaN or infinite.
pub fn first_not_finite(values: &[f32]) -> Option<usize> {
    let not_finite = |block: &[f32]| largest_magnitude(block) >= INFINITY_BITS;
    let start = values.chunks(BLOCK).position(not_finite)? * BLOCK;
    let offset = values[start..].iter().position(|v| !v.is_finite())?;
    Some(start + offset)
}

#[inline(always)]
fn widen(half: [u8; 2]) -> f32 {
    let half = u32::from(u16::from_le_bytes(half));
    let magnitude = (half & 0x7fff) << 13;
    // Multiplying is right for subnormal halves too. It makes NaN and infinity finite, so they get their exponent back.
    let scaled = (f32::from_bits(magnitude) * REBIAS).to_bits();
    let special = if magnitude >= HALF_INFINITY_BITS { INFINITY_BITS } else { 0 };
    f32::from_bits(scaled | special | (half & 0x8000) << 16)
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn widen_eight(halves: &[[u8; 2]; 8], wide: &mut [f32; 8]) {
    for (wide, half) in wide.iter_mut().zip(halves) {
        *wide = widen(*half);
    }
}

/// Bits of the largest magnitude. NaN counts as larger than infinity, because its bits are.
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn largest_magnitude(values: &[f32]) -> u32 {
    values.iter().fold(0, |largest, v| largest.max(v.to_bits() & MAGNITUDE_BITS))
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use simd128::{largest_magnitude, widen_eight};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128 {
    use core::arch::wasm32::{
        f32x4_mul, f32x4_splat, i32x4_ge, i32x4_shl, i32x4_splat, u32x4_extract_lane, u32x4_load_extend_u16x4, u32x4_max, v128,
        v128_and, v128_load, v128_or, v128_store,
    };

    use super::{HALF_INFINITY_BITS, INFINITY_BITS, MAGNITUDE_BITS, REBIAS};

    #[inline(always)]
    pub fn widen_eight(halves: &[[u8; 2]; 8], wide: &mut [f32; 8]) {
        let (from, to) = (halves.as_ptr().cast::<u16>(), wide.as_mut_ptr());
        for four in [0, 4] {
            // SAFETY: both arrays hold eight; loads and stores need no alignment.
            unsafe { v128_store(to.add(four).cast(), widen(u32x4_load_extend_u16x4(from.add(four)))) };
        }
    }

    #[inline(always)]
    fn widen(halves: v128) -> v128 {
        let magnitude = i32x4_shl(v128_and(halves, i32x4_splat(0x7fff)), 13);
        let scaled = f32x4_mul(magnitude, f32x4_splat(REBIAS));
        let special = v128_and(i32x4_ge(magnitude, i32x4_splat(HALF_INFINITY_BITS as i32)), i32x4_splat(INFINITY_BITS as i32));
        let sign = i32x4_shl(v128_and(halves, i32x4_splat(0x8000)), 16);
        v128_or(v128_or(scaled, special), sign)
    }

    #[inline(always)]
    pub fn largest_magnitude(values: &[f32]) -> u32 {
        let (fours, rest) = values.as_chunks::<4>();
        let mut largest = i32x4_splat(0);
        for four in fours {
            // SAFETY: the array holds four; a load needs no alignment.
            let four = unsafe { v128_load(four.as_ptr().cast()) };
            largest = u32x4_max(largest, v128_and(four, i32x4_splat(MAGNITUDE_BITS as i32)));
        }
        let lanes = [
            u32x4_extract_lane::<0>(largest),
            u32x4_extract_lane::<1>(largest),
            u32x4_extract_lane::<2>(largest),
            u32x4_extract_lane::<3>(largest),
        ];
        let rest = rest.iter().map(|v| v.to_bits() & MAGNITUDE_BITS);
        lanes.into_iter().chain(rest).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    #[test]
    fn every_half_is_widened_exactly() {
        let all: Vec<u8> = (0..=u16::MAX).flat_map(u16::to_le_bytes).collect();
        let mut wide = vec![7.0];
        widen_halves(&all, &mut wide);
        assert_eq!((wide.len(), wide[0]), (1 + (1 << 16), 7.0));
        for (bits, wide) in (0..=u16::MAX).zip(&wide[1..]) {
            let half = f16::from_bits(bits).to_f32();
            assert!(wide.to_bits() == half.to_bits() || (wide.is_nan() && half.is_nan()), "{bits:#06x}: {wide}, {half}");
        }
    }

    #[test]
    fn a_part_of_a_block_is_widened_too() {
        let mut wide = Vec::new();
        widen_halves(&[0x00, 0x3c, 0x00, 0xc0, 0x01], &mut wide);
        assert_eq!(wide, [1.0, -2.0]);
    }

    #[test]
    fn floats_are_copied_bit_by_bit() {
        let values = [1.5, -0.0, f32::NAN, f32::MIN_POSITIVE / 2.0];
        let mut copied = Vec::new();
        copy_floats(&values.map(f32::to_le_bytes).concat(), &mut copied);
        assert_eq!(copied.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), values.map(f32::to_bits));
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_found() {
        for at in [0, 3, 255, 256, 599] {
            for bad in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
                let mut values = vec![f32::MAX; 600];
                values[at] = bad;
                values[599] = f32::NAN;
                assert_eq!(first_not_finite(&values), Some(at));
            }
        }
        assert_eq!(first_not_finite(&vec![f32::MIN; 600]), None);
        assert_eq!(first_not_finite(&[]), None);
    }
}
