//! The inner loops of the CPU engine, compiled once per instruction set and chosen at run time.
//!
//! The `simd*` modules are the only ones with `unsafe`: calling a function compiled for AVX2 is
//! sound because [`level`] has seen the processor report it. The products that most time goes to
//! are written out for each; the other bodies are safe, generic Rust that the compiler vectorises.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
#[path = "simd_avx2.rs"]
mod avx2;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[path = "simd_wasm.rs"]
mod wasm;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm::score_block_body;

/// Codes scored together.
pub const CODE_BLOCK: usize = if cfg!(target_arch = "wasm32") { 16 } else { 32 };

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

pub(super) use per_instruction_set;

per_instruction_set! {
    /// `scores[t] -= Σ_d residual[d] · block[d][t]` over a block of [`CODE_BLOCK`] codes.
    score_block, avx2 = avx2::score_block, score_block_body(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK])
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn score_block_body<const FUSED: bool>(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK]) {
    let mut sums = *scores;
    for (&r, codes) in residual.iter().zip(block.as_chunks::<CODE_BLOCK>().0) {
        for t in 0..CODE_BLOCK {
            sums[t] = multiply_add::<FUSED>(-r, codes[t], sums[t]);
        }
    }
    *scores = sums;
}

/// Without the instruction, a fused multiply-add is a slow library call.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "only where the CPU has the instruction")]
pub(super) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
