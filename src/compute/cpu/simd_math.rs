//! The functions between the matrix products: activation, softmax, normalisation, rounding. Their bodies are safe, generic
//! Rust that the compiler vectorises, compiled once per instruction set.
#![allow(unsafe_code)]

use super::simd::{ROUND_TO_INTEGER, multiply_add, per_instruction_set};
use crate::base::sums::sum_in_lanes;

/// Values that are processed together: two registers of AVX2 or WebAssembly, four of NEON.
const GROUP: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

per_instruction_set! {
    /// `x · Φ(x)` in place, by the error function.
    gelu, gelu_body(values: &mut [f32])
}

#[cfg(feature = "learn")]
per_instruction_set! {
    /// Multiplies a gradient by the derivative of [`gelu`] at `x`, `Φ(x) + x φ(x)`.
    gelu_backward, gelu_backward_body(x: &[f32], gradient: &mut [f32])
}

per_instruction_set! {
    /// Softmax in place, shifted by the maximum.
    softmax, softmax_body(values: &mut [f32])
}

per_instruction_set! {
    /// `x ← norm(x + residual) · weight + bias` over one row, as BERT's LayerNorm.
    layer_norm, layer_norm_body(x: &mut [f32], residual: &[f32], weight: &[f32], bias: &[f32], epsilon: f32)
}

per_instruction_set! {
    /// Scales a row to a Euclidean norm of at most `norm` and rounds it to integers; `unit` becomes the value of one step.
    round_row, round_row_body(row: &[f32], norm: f32, rounded: &mut [i16], unit: &mut f32)
}

#[inline(always)]
fn gelu_body<const FUSED: bool>(values: &mut [f32]) {
    map_in_place(values, |x| {
        let half = 0.5 * x;
        multiply_add::<FUSED>(half, erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2), half)
    });
}

#[cfg(feature = "learn")]
#[inline(always)]
fn gelu_backward_body<const FUSED: bool>(x: &[f32], gradient: &mut [f32]) {
    /// 1 / √(2π).
    const DENSITY: f32 = 0.398_942_3;
    let derivative = |x: f32| {
        let below = multiply_add::<FUSED>(0.5, erf::<FUSED>(x * std::f32::consts::FRAC_1_SQRT_2), 0.5);
        multiply_add::<FUSED>(x * DENSITY, exp::<FUSED>(-0.5 * x * x), below)
    };
    let ((xs, x_rest), (gs, g_rest)) = (x.as_chunks::<GROUP>(), gradient.as_chunks_mut::<GROUP>());
    for (x, g) in xs.iter().zip(gs) {
        g.iter_mut().zip(x).for_each(|(g, x)| *g *= derivative(*x));
    }
    g_rest.iter_mut().zip(x_rest).for_each(|(g, x)| *g *= derivative(*x));
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
    map_in_place(values, |v| exp::<FUSED>(v - max));
    let scale = 1.0 / sum(values, |v| v);
    map_in_place(values, |v| v * scale);
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
    // Values are divided by the largest, so that their squares neither overflow nor vanish. For zeros, any unit will do.
    let largest = largest(row, f32::abs).max(f32::MIN_POSITIVE);
    let share = 1.0 / largest;
    let by_norm = norm / sum(row, |v| (v * share) * (v * share)).sqrt();
    let by_range = f32::from(i16::MAX);
    // A NaN in the row makes the unit NaN.
    let steps = if by_range < by_norm { by_range } else { by_norm };
    for (to, v) in rounded.iter_mut().zip(row) {
        *to = (v * share * steps + ROUND_TO_INTEGER).to_bits() as i16;
    }
    *unit = largest / steps;
}

/// Replaces each value by `f` of it, in groups of a fixed size, so that short rows are vectorised too.
#[inline(always)]
fn map_in_place(values: &mut [f32], f: impl Fn(f32) -> f32) {
    let (groups, rest) = values.as_chunks_mut::<GROUP>();
    groups.iter_mut().for_each(|group| group.iter_mut().for_each(|v| *v = f(*v)));
    rest.iter_mut().for_each(|v| *v = f(*v));
}

#[inline(always)]
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    fold(values, 0.0, f, |a, b| a + b)
}

/// The largest `f` of a value; NaN is ignored.
#[inline(always)]
fn largest(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    fold(values, f32::NEG_INFINITY, f, |a, b| if b > a { b } else { a })
}

/// Combines the values of `f` in [`GROUP`] lanes, an order that suits vector units.
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
/// arguments are clamped to where the result is a normal number.
#[inline(always)]
fn exp<const FUSED: bool>(x: f32) -> f32 {
    /// ln 2 in two parts, so that `x − n ln 2` loses nothing.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const EXP: [f32; 6] = [1.987_569_2e-4, 1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_6e-1, 0.5];
    let x = x.clamp(-87.0, 88.0);
    let shifted = multiply_add::<FUSED>(x, std::f32::consts::LOG2_E, ROUND_TO_INTEGER);
    let n = shifted - ROUND_TO_INTEGER;
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

    #[cfg(feature = "learn")]
    #[test]
    fn the_derivative_of_gelu_is_that_of_its_differences() {
        for i in -60..=60 {
            let (x, step) = (i as f32 * 0.1 + 0.013, 1.0 / 128.0);
            let mut around = [x - step, x + step];
            gelu(&mut around);
            let mut gradient = [2.0; 17];
            gelu_backward(&[x; 17], &mut gradient);
            let slope = (around[1] - around[0]) / step;
            assert!(gradient.iter().all(|g| (g - slope).abs() < 3e-4), "at {x}: {gradient:?} for {slope}");
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
