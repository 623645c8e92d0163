//! Weights in half their bytes on the device, where 16 bits hold them exactly, as they do those of a model that is
//! stored in f16. Kernels compute in f32 either way, so no result changes.
//!
//! A device may take subnormal numbers for zero (WGSL, 15.7.3), and small weights are subnormal halves. So all are
//! stored 2¹⁰ times as large: then none is.

/// Difference of the exponents' biases, less the 2¹⁰.
const BIAS: u32 = 127 - 15 - 10;
/// Bits of an f32's fraction that an f16's lacks.
const LOST: u32 = 23 - 10;

/// `values` as `linear` reads them, two to a word, the first in the low bits; `None` where one would change, because it
/// has more than eleven significant bits, or is smaller than any half, or 64 and more. An odd one out has zero beside it.
pub fn halves(values: &[f32]) -> Option<Vec<u32>> {
    let half = |value: Option<&f32>| value.map_or(Some(0), |v| half(*v));
    values.chunks(2).map(|pair| Some(half(pair.first())? | half(pair.get(1))? << 16)).collect()
}

/// The bits of a normal half 2¹⁰ times as large.
fn half(value: f32) -> Option<u32> {
    let bits = value.to_bits();
    let (sign, exponent, fraction) = (bits >> 31, bits >> 23 & 0xff, bits & 0x7f_ffff);
    if value == 0.0 {
        return Some(sign << 15);
    }
    let fits = (BIAS + 1..BIAS + 31).contains(&exponent) && fraction.trailing_zeros() >= LOST;
    fits.then_some(sign << 15 | (exponent.wrapping_sub(BIAS)) << 10 | fraction >> LOST)
}

#[cfg(test)]
mod tests {
    use half::f16;

    use super::*;

    /// By the steps of linear.wgsl.
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
