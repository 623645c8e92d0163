//! Weights in half precision on the device, which saves half their bytes.
//!
//! A layer is stored in halves only if every weight survives the way to 16 bits and back, as those of a model stored in f16
//! do. `linear` widens them to f32 on the way into workgroup memory, so results do not change, and no adapter needs the `f16`
//! feature.
//!
//! A device may take subnormal numbers for zero (WGSL, 15.7.3), and small weights are subnormal as halves. So all weights are
//! stored 2¹⁰ times as large, and none is subnormal.

/// Difference between the exponent's bias in f32 and in f16, less 10 for the factor 2¹⁰.
const BIAS: u32 = 127 - 15 - 10;
/// Bits of an f32's fraction that an f16 does not have.
const DROPPED_BITS: u32 = 23 - 10;

/// `values` as `linear` reads them: two in a word, the first in the low bits, and zero beside an odd last one. `None` if any
/// value would change, because it has more than eleven significant bits, is smaller than any half, or is 64 or more.
pub fn halves(values: &[f32]) -> Option<Vec<u32>> {
    let half = |value: Option<&f32>| value.map_or(Some(0), |v| half(*v));
    values.chunks(2).map(|pair| Some(half(pair.first())? | half(pair.get(1))? << 16)).collect()
}

/// The bits of a half that is 2¹⁰ times `value`, and normal; `None` if `value` would change.
fn half(value: f32) -> Option<u32> {
    let bits = value.to_bits();
    let (sign, exponent, fraction) = (bits >> 31, bits >> 23 & 0xff, bits & 0x7f_ffff);
    if value == 0.0 {
        return Some(sign << 15);
    }
    let fits = (BIAS + 1..BIAS + 31).contains(&exponent) && fraction.trailing_zeros() >= DROPPED_BITS;
    fits.then_some(sign << 15 | (exponent.wrapping_sub(BIAS)) << 10 | fraction >> DROPPED_BITS)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    /// As linear.wgsl does it.
    fn unpack(word: u32) -> [f32; 2] {
        [word << 16, word].map(|high| f32::from_bits((high as i32 >> 3) as u32 & 0x8fff_e000) * 2f32.powi(102))
    }

    #[test]
    fn every_half_below_64_comes_back_bit_for_bit_and_never_subnormal() {
        for bits in 0..=u16::MAX {
            let value = f16::from_bits(bits).to_f32();
            let packed = halves(&[value, -0.5]);
            assert_eq!(packed.is_some(), value.abs() < 64.0, "{value}");
            let Some(packed) = packed else { continue };
            assert_eq!(unpack(packed[0]).map(f32::to_bits), [value, -0.5].map(f32::to_bits));
            let stored = f16::from_bits(packed[0] as u16);
            assert!(stored.to_f32() == 1024.0 * value && (value == 0.0 || stored.is_normal()), "{value}");
        }
    }

    #[test]
    fn what_would_change_is_refused() {
        let least = f16::from_bits(1).to_f32();
        for value in [0.1, 1.0 + f32::EPSILON, 1.0 + 1.0 / 2048.0, least / 2.0, f32::MIN_POSITIVE, 1e-45, 64.0, -65_504.0] {
            assert_eq!(halves(&[1.0, value]), None, "{value}");
        }
        assert_eq!(halves(&[f32::NAN]), None);
        assert_eq!(halves(&[f32::INFINITY]), None);
        assert_eq!(halves(&[]), Some(vec![]));
        assert_eq!(halves(&[least, 63.97, 2.0]).map(|words| words.len()), None, "63.97 has too many bits");
        assert_eq!(halves(&[least, 63.96875, 2.0]).map(|words| words.len()), Some(2));
    }
}
