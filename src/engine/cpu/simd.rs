//! The inner loops of the CPU engine, compiled once per instruction set and chosen at run time.
//!
//! The only module with `unsafe`, with its AVX2 and WebAssembly halves: calling a function compiled for AVX2 is
//! sound because [`level`] has seen the processor report it. The two products that most time goes to
//! are written out for each; the other bodies are safe, generic Rust that the compiler vectorises.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
#[path = "simd_avx2.rs"]
mod avx2;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "simd_wasm.rs"]
mod wasm;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm::multiply_tile_body;

/// Rows of a register tile; with [`TILE_COLUMNS`], what fits the vector registers.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a register tile.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// A register tile of sums.
pub type Tile = [[f32; TILE_COLUMNS]; TILE_ROWS];

/// Name of the instruction set in use, for people.
pub fn level() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        return "AVX2 + FMA";
    }
    if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
        "WebAssembly SIMD"
    } else if cfg!(target_arch = "aarch64") {
        "NEON"
    } else {
        "portable"
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

/// A public function with one generic body, compiled for the baseline and for AVX2.
macro_rules! per_instruction_set {
    ($(#[$doc:meta])* $name:ident, $avx2:ident, $body:ident ($($arg:ident: $type:ty),*)) => {
        per_instruction_set! { $(#[$doc])* $name, $avx2 = self::$avx2, $body($($arg: $type),*) }

        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        fn $avx2($($arg: $type),*) {
            $body::<true>($($arg),*);
        }
    };
    ($(#[$doc:meta])* $name:ident, $label:ident = $avx2:path, $body:ident ($($arg:ident: $type:ty),*)) => {
        $(#[$doc])*
        #[inline]
        pub fn $name($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            if has_avx2() {
                // SAFETY: the processor has AVX2 and FMA.
                return unsafe { $avx2($($arg),*) };
            }
            $body::<{ cfg!(target_arch = "aarch64") }>($($arg),*);
        }
    };
}

per_instruction_set! {
    /// `tile[i][j] += Σ_k a[k][i] · b[k][j]` over packed operands
    /// (`a`: `[depth][TILE_ROWS]`, `b`: `[depth][TILE_COLUMNS]`).
    multiply_tile, avx2 = avx2::multiply_tile, multiply_tile_body(a: &[f32], b: &[f32], tile: &mut Tile)
}

per_instruction_set! {
    /// `x · Φ(x)` in place, by the error function of Abramowitz and Stegun 7.1.26 (absolute error below 2e-7).
    gelu, gelu_avx2, gelu_body(values: &mut [f32])
}

per_instruction_set! {
    /// `into[t] = base + Σ_j rows[j][t]`, and the least of every 16 of them into `least`. The lengths are whole sixteens.
    add_rows, add_rows_avx2, add_rows_body(base: f32, rows: &[&[f32]], into: &mut [f32], least: &mut [f32])
}

per_instruction_set! {
    /// Softmax in place, shifted by the maximum.
    softmax, softmax_avx2, softmax_body(values: &mut [f32])
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn multiply_tile_body<const FUSED: bool>(a: &[f32], b: &[f32], tile: &mut Tile) {
    // A local copy, so that the sums live in registers and not behind the reference.
    let mut sums = *tile;
    for (a, b) in a.as_chunks::<TILE_ROWS>().0.iter().zip(b.as_chunks::<TILE_COLUMNS>().0) {
        for i in 0..TILE_ROWS {
            for j in 0..TILE_COLUMNS {
                sums[i][j] = multiply_add::<FUSED>(a[i], b[j], sums[i][j]);
            }
        }
    }
    *tile = sums;
}

/// Without the instruction, a fused multiply-add is a slow library call.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "only where the CPU has the instruction")]
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn gelu_body<const FUSED: bool>(values: &mut [f32]) {
    const ERF: [f32; 5] = [1.061_405_4, -1.453_152_1, 1.421_413_8, -0.284_496_72, 0.254_829_6];
    for x in values {
        let u = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
        let t = 1.0 / multiply_add::<FUSED>(0.327_591_1, u, 1.0);
        let tail = 0.5 * t * polynomial::<FUSED, 5>(&ERF, t) * exp::<FUSED>(-u * u);
        *x *= if *x < 0.0 { tail } else { 1.0 - tail };
    }
}

#[inline(always)]
fn add_rows_body<const FUSED: bool>(base: f32, rows: &[&[f32]], into: &mut [f32], least: &mut [f32]) {
    for (b, (into, least)) in into.as_chunks_mut::<16>().0.iter_mut().zip(least).enumerate() {
        let mut sums = [base; 16];
        for row in rows {
            let row = &row.as_chunks::<16>().0[b];
            for t in 0..16 {
                sums[t] += row[t];
            }
        }
        let mut eight: [f32; 8] = std::array::from_fn(|t| if sums[t] < sums[t + 8] { sums[t] } else { sums[t + 8] });
        for t in 0..4 {
            eight[t] = if eight[t] < eight[t + 4] { eight[t] } else { eight[t + 4] };
        }
        *least = eight[1..4].iter().fold(eight[0], |m, v| if *v < m { *v } else { m });
        *into = sums;
    }
}

#[inline(always)]
fn softmax_body<const FUSED: bool>(values: &mut [f32]) {
    let max = values.iter().fold(f32::NEG_INFINITY, |m, &v| if v > m { v } else { m });
    for v in values.iter_mut() {
        *v = exp::<FUSED>(*v - max);
    }
    let scale = 1.0 / sum(values);
    for v in values {
        *v *= scale;
    }
}

/// Sum in sixteen lanes: an order of addition that vector units can follow.
#[inline(always)]
pub fn sum(values: &[f32]) -> f32 {
    sum_of(values, |v| v)
}

/// Sum of squares, as [`sum`].
#[inline(always)]
pub fn sum_of_squares(values: &[f32]) -> f32 {
    sum_of(values, |v| v * v)
}

#[inline(always)]
fn sum_of(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<16>();
    let mut lanes = [0.0; 16];
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane += f(v);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|&v| f(v)).sum::<f32>()
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
        assert!((sum(&p) - 1.0).abs() < 1e-6);
        assert!((p[36] / p[35] - 0.1f32.exp()).abs() < 1e-4);
    }
}
