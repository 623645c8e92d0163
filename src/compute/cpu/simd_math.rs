//! What lies between the matrix products: safe, generic bodies that the compiler vectorises, compiled once per
//! instruction set.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use super::simd::has_avx2;
use super::simd::{multiply_add, per_instruction_set};
use crate::base::sums::sum_in_lanes;

/// Values that are taken together: two registers of AVX2, four of 128 bits.
const GROUP: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

per_instruction_set! {
    /// `x · Φ(x)` in place, by the error function.
    gelu, gelu_avx2, gelu_body(values: &mut [f32])
}

per_instruction_set! {
    /// Softmax in place, shifted by the maximum.
    softmax, softmax_avx2, softmax_body(values: &mut [f32])
}

per_instruction_set! {
    /// `x ← norm(x + residual) · weight + bias` over one row, as BERT's LayerNorm.
    layer_norm, layer_norm_avx2, layer_norm_body(x: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32], epsilon: f32)
}

per_instruction_set! {
    /// Rounds a row to integers whose Euclidean norm before rounding is at most `norm`; `unit` is what 1 stands for.
    round_row, round_row_avx2, round_row_body(row: &[f32], norm: f32, rounded: &mut [i16], unit: &mut f32)
}

#[inline(always)]
fn gelu_body<const FUSED: bool>(values: &mut [f32]) {
    for_each(values, |x| {
        let half = 0.5 * x;
        multiply_add::<FUSED>(half, erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2), half)
    });
}

/// The error function within 3e-7, as a quotient of polynomials in x² (coefficients of Eigen's `erf`).
#[inline(always)]
fn erf<const FUSED: bool>(x: f32) -> f32 {
    const ABOVE: [f32; 7] =
        [-2.726_142_4e-10, 2.770_681_5e-8, -2.101_024e-6, -5.692_506_2e-5, -7.349_906_4e-4, -2.954_6e-3, -1.609_603_3e-2];
    const BELOW: [f32; 5] = [-1.456_607_15e-5, -2.133_740_5e-4, -1.682_827e-3, -7.373_329_3e-3, -1.426_473_9e-2];
    let x = x.clamp(-4.0, 4.0);
    let square = x * x;
    x * polynomial::<FUSED, 7>(&ABOVE, square) / polynomial::<FUSED, 5>(&BELOW, square)
}

#[inline(always)]
fn softmax_body<const FUSED: bool>(values: &mut [f32]) {
    let max = largest(values, |v| v);
    for_each(values, |v| exp::<FUSED>(v - max));
    let scale = 1.0 / sum(values, |v| v);
    for_each(values, |v| v * scale);
}

#[inline(always)]
fn layer_norm_body<const FUSED: bool>(x: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32], epsilon: f32) {
    let width = x.len() as f32;
    x.iter_mut().zip(residual).for_each(|(x, r)| *x += r);
    let mean = sum(x, |v| v) / width;
    x.iter_mut().for_each(|x| *x -= mean);
    let variance = sum(x, |v| v * v) / width;
    let scale = 1.0 / (variance + epsilon).sqrt();
    for ((x, w), b) in x.iter_mut().zip(weight).zip(bias) {
        *x = multiply_add::<FUSED>(*x * scale, *w, *b);
    }
}

#[inline(always)]
fn round_row_body<const FUSED: bool>(row: &[f32], norm: f32, rounded: &mut [i16], unit: &mut f32) {
    /// Adding it leaves a number's nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    // Squares are taken of shares of the largest, which neither overflow nor vanish; a row of zeros has any unit.
    let largest = largest(row, f32::abs).max(f32::MIN_POSITIVE);
    let share = 1.0 / largest;
    let by_norm = norm / sum(row, |v| (v * share) * (v * share)).sqrt();
    let by_range = f32::from(i16::MAX);
    // What is not a number stays so.
    let steps = if by_range < by_norm { by_range } else { by_norm };
    for (to, v) in rounded.iter_mut().zip(row) {
        *to = (v * share * steps + ROUND).to_bits() as i16;
    }
    *unit = largest / steps;
}

/// A value for each, in groups that fill vector registers even where there are few.
#[inline(always)]
fn for_each(values: &mut [f32], f: impl Fn(f32) -> f32) {
    let (groups, rest) = values.as_chunks_mut::<GROUP>();
    groups.iter_mut().for_each(|group| group.iter_mut().for_each(|v| *v = f(*v)));
    rest.iter_mut().for_each(|v| *v = f(*v));
}

#[inline(always)]
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    fold(values, 0.0, f, |a, b| a + b)
}

/// A NaN is never the larger.
#[inline(always)]
fn largest(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    fold(values, f32::NEG_INFINITY, f, |a, b| if b > a { b } else { a })
}

/// Combines the values of `f` in [`GROUP`] lanes: an order that vector units can follow.
#[inline(always)]
fn fold(values: &[f32], start: f32, f: impl Fn(f32) -> f32, combine: impl Fn(f32, f32) -> f32) -> f32 {
    let (groups, rest) = values.as_chunks::<GROUP>();
    let mut lanes = [start; GROUP];
    for group in groups {
        lanes.iter_mut().zip(group).for_each(|(lane, &v)| *lane = combine(*lane, f(v)));
    }
    let folded = lanes.iter().fold(start, |a, &b| combine(a, b));
    rest.iter().fold(folded, |a, &v| combine(a, f(v)))
}

/// `eˣ` within 2e-7 relative, as `2ⁿ · eʳ` with `|r| ≤ ½ ln 2` (polynomial of Cephes `expf`);
/// arguments are held within what a normal number can express.
#[inline(always)]
fn exp<const FUSED: bool>(x: f32) -> f32 {
    /// Adding it leaves a number's nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, so that `x − n ln 2` loses nothing.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const EXP: [f32; 6] = [1.987_569_2e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5];
    let x = x.clamp(-87.0, 88.0);
    let shifted = multiply_add::<FUSED>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = multiply_add::<FUSED>(-n, LN_2[1], multiply_add::<FUSED>(-n, LN_2[0], x));
    let fraction = multiply_add::<FUSED>(r * r, polynomial::<FUSED, 6>(&EXP, r), r + 1.0);
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    fraction * power
}

/// Horner's scheme, highest coefficient first.
#[inline(always)]
fn polynomial<const FUSED: bool, const N: usize>(coefficients: &[f32; N], x: f32) -> f32 {
    let mut value = coefficients[0];
    for &c in &coefficients[1..] {
        value = multiply_add::<FUSED>(value, x, c);
    }
    value
}

/// Sum of squares.
pub fn sum_of_squares(values: &[f32]) -> f32 {
    let (lanes, rest): ([f32; 16], f32) = sum_in_lanes(values, values, |a, b| a * b);
    lanes.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_accurate_over_its_range() {
        for i in -870_000..=870_000 {
            let x = i as f32 * 1e-4;
            let exact = f64::from(x).exp();
            for got in [exp::<false>(x), exp::<true>(x)] {
                assert!((f64::from(got) / exact - 1.0).abs() < 2e-7, "exp({x}) = {got}, expected {exact}");
            }
        }
        assert!(exp::<false>(-1e30) < 1e-37 && exp::<false>(f32::NAN).is_nan());
    }

    #[test]
    fn gelu_matches_known_values() {
        let mut y = [0.0, 1.0, -1.0, 3.0, -4.0, 40.0, -40.0];
        gelu(&mut y);
        for (y, exact) in y.iter().zip([0.0, 0.841_344_7, -0.158_655_26, 2.995_950_2, -0.000_126_7, 40.0, 0.0]) {
            assert!((y - exact).abs() < 1e-6, "{y} for {exact}");
        }
    }

    #[test]
    fn softmax_sums_to_one_and_survives_large_values() {
        let mut p: Vec<f32> = (0..37).map(|i| 1000.0 + i as f32 * 0.1).collect();
        softmax(&mut p);
        assert!((p.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((p[36] / p[35] - 0.1f32.exp()).abs() < 1e-4);
    }
}
