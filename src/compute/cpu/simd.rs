//! The inner loops of the CPU engine, compiled once per instruction set and chosen at run time.
//!
//! The `simd*` modules are the only ones with `unsafe`: calling a function compiled for AVX2 is
//! sound because [`level`] has seen the processor report it. The products that most time goes to
//! are written out for each; the other bodies are safe, generic Rust that the compiler vectorises.
#![allow(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
use core::arch::wasm32::f32x4_relaxed_madd;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use core::arch::wasm32::v128;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(target_feature = "relaxed-simd")))]
use core::arch::wasm32::{f32x4_add, f32x4_mul};

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

/// AVX2, and what came with it: fused multiply-add, and the count of trailing zeros.
#[cfg(target_arch = "x86_64")]
pub(crate) fn has_avx2() -> bool {
    use std::arch::is_x86_feature_detected;
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("bmi1")
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

pub(crate) use per_instruction_set;

/// Registers of sums of [`multiply_adds`]: enough to hide how long one takes.
pub const SUMS: usize = 12;
/// Values of each.
pub const SUMS_WIDTH: usize = 8;

per_instruction_set! {
    /// `rounds` multiply-adds of every value, in registers: as many as a thread can do, for benchmarks to measure by.
    multiply_adds, multiply_adds_avx2, multiply_adds_body(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS])
}

#[inline(always)]
fn multiply_adds_body<const FUSED: bool>(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS]) {
    // A local copy, so that the sums live in registers and not behind the reference.
    let mut local = *sums;
    for _ in 0..rounds {
        for sum in local.as_flattened_mut() {
            *sum = multiply_add::<FUSED>(*sum, 0.999, 1e-3);
        }
    }
    *sums = local;
}

/// `a · b + sum`, rounded once where WebAssembly and the machine have the instruction.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub(crate) fn multiply_add_f32x4(a: v128, b: v128, sum: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_madd(a, b, sum);
    #[cfg(not(target_feature = "relaxed-simd"))]
    f32x4_add(f32x4_mul(a, b), sum)
}

/// Without the instruction, a fused multiply-add is a slow library call.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "only where the CPU has the instruction")]
pub(crate) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
