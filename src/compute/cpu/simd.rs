//! Functions compiled once per instruction set, and the choice between them at run time.
//!
//! Their bodies are safe, generic Rust that the compiler vectorises; only the matrix products, which take most of the time,
//! are written out for each instruction set ([`super::tile`]). `unsafe` is needed to call a function compiled for AVX2. That
//! is sound, because `has_avx2` asks the processor first.
#![allow(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
use core::arch::wasm32::f32x4_relaxed_madd;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use core::arch::wasm32::v128;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128", not(target_feature = "relaxed-simd")))]
use core::arch::wasm32::{f32x4_add, f32x4_mul};

/// Adding this to a number of magnitude below 2²² leaves its nearest integer, halves to even, in the low bits. That takes one
/// instruction on every machine, and the compiler vectorises it.
pub(crate) const ROUND_TO_INTEGER: f32 = 12_582_912.0;

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

/// Whether the processor has AVX2 and what came with it: fused multiply-add, and the count of trailing zeros (BMI1).
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

/// Registers of sums in [`multiply_adds`]: enough to hide an instruction's latency.
pub const SUMS: usize = 12;
/// Values in each of these registers.
pub const SUMS_WIDTH: usize = 8;

per_instruction_set! {
    /// `rounds` multiply-adds of every value, all in registers: the highest rate of one thread, which benchmarks compare with.
    multiply_adds, multiply_adds_avx2, multiply_adds_body(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS])
}

#[inline(always)]
fn multiply_adds_body<const FUSED: bool>(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS]) {
    // A local copy, so that the sums are in registers and not behind the reference.
    let mut local = *sums;
    for _ in 0..rounds {
        for sum in local.as_flattened_mut() {
            *sum = multiply_add::<FUSED>(*sum, 0.999, 1e-3);
        }
    }
    *sums = local;
}

/// `a · b + sum`, rounded once where the module is built with relaxed SIMD and the machine has the instruction.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub(crate) fn multiply_add_f32x4(a: v128, b: v128, sum: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    return f32x4_relaxed_madd(a, b, sum);
    #[cfg(not(target_feature = "relaxed-simd"))]
    f32x4_add(f32x4_mul(a, b), sum)
}

/// `a · b + c`, rounded once where `FUSED`: without the instruction, that would be a slow library call.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "only where the CPU has the instruction")]
pub(crate) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
