//! Functions compiled once per instruction set, and the choice between them at run time.
//!
//! Their bodies are safe, generic Rust that the compiler vectorises; only the matrix products, which take most of the time,
//! are written out for each instruction set ([`super::tile`]). `unsafe` is needed to call a function compiled for an
//! instruction set. That is sound, because `instruction_set` asks the processor first.
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

/// Instruction sets that kernels are written for, the better the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstructionSet {
    /// What every processor of the target has, used as the compiler sees fit.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    Portable,
    /// AVX2 and what came with it: fused multiply-add, and the count of trailing zeros (BMI1).
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512 as all servers have it: F, BW, DQ and VL.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// WebAssembly's vectors.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
}

impl InstructionSet {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            Self::Portable if cfg!(target_arch = "aarch64") => "NEON",
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "AVX2 + FMA",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if std::arch::is_x86_feature_detected!("avx512vnni") => "AVX-512 + VNNI",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "AVX-512",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Self::Simd128 => "WebAssembly SIMD",
        }
    }
}

/// The best instruction set of this processor, or the lower one that [`LIMIT`] names.
#[cfg(target_arch = "x86_64")]
pub fn instruction_set() -> InstructionSet {
    static FOUND: std::sync::OnceLock<InstructionSet> = std::sync::OnceLock::new();
    *FOUND.get_or_init(|| limit().ok().flatten().map_or_else(best, |limit| limit.min(best())))
}

/// The instruction set of the target.
#[cfg(not(target_arch = "x86_64"))]
pub fn instruction_set() -> InstructionSet {
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    return InstructionSet::Simd128;
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    InstructionSet::Portable
}

/// Environment variable that names the best instruction set to use, `portable`, `avx2` or `avx512`: for tests, and to see what
/// a lesser processor would do.
pub const LIMIT: &str = "UNITOK_CPU";

/// The instruction set that [`LIMIT`] names.
///
/// # Errors
/// It names something else; the message says what there is.
#[cfg(target_arch = "x86_64")]
pub fn limit() -> Result<Option<InstructionSet>, String> {
    let Some(value) = std::env::var_os(LIMIT) else { return Ok(None) };
    match value.to_str() {
        Some("portable") => Ok(Some(InstructionSet::Portable)),
        Some("avx2") => Ok(Some(InstructionSet::Avx2)),
        Some("avx512") => Ok(Some(InstructionSet::Avx512)),
        _ => Err(format!("{LIMIT}={} names no instruction set: choose portable, avx2 or avx512", value.display())),
    }
}

#[cfg(target_arch = "x86_64")]
fn best() -> InstructionSet {
    use std::arch::is_x86_feature_detected as has;
    if !(has!("avx2") && has!("fma") && has!("bmi1")) {
        InstructionSet::Portable
    } else if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
        InstructionSet::Avx512
    } else {
        InstructionSet::Avx2
    }
}

/// A public function with one generic body, compiled for the baseline, for AVX2 and for AVX-512.
macro_rules! per_instruction_set {
    ($(#[$doc:meta])* $name:ident, $body:ident ($($arg:ident: $type:ty),*)) => {
        $(#[$doc])*
        #[inline]
        pub fn $name($($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            {
                use crate::compute::cpu::simd::{InstructionSet, instruction_set};

                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) {
                    $body::<true>($($arg),*);
                }

                #[target_feature(enable = "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512($($arg: $type),*) {
                    $body::<true>($($arg),*);
                }

                match instruction_set() {
                    // SAFETY: the processor has the instruction set.
                    InstructionSet::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    InstructionSet::Avx2 => return unsafe { avx2($($arg),*) },
                    InstructionSet::Portable => {}
                }
            }
            #[cfg_attr(target_arch = "x86_64", allow(unreachable_code))]
            $body::<{ cfg!(target_arch = "aarch64") }>($($arg),*);
        }
    };
}

pub(crate) use per_instruction_set;

/// Registers of sums in [`multiply_adds`]: as many as hide the latency of the instruction.
pub const SUMS: usize = 12;
/// Values in each of these registers, of the widest instruction set.
pub const SUMS_WIDTH: usize = 16;

per_instruction_set! {
    /// `rounds` multiply-adds of every value, all in registers: the highest rate of one thread, which benchmarks compare with.
    /// Narrow registers take the values in two halves, one after the other.
    multiply_adds, multiply_adds_body(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS])
}

#[inline(always)]
fn multiply_adds_body<const FUSED: bool>(rounds: usize, sums: &mut [[f32; SUMS_WIDTH]; SUMS]) {
    #[cfg(target_arch = "x86_64")]
    let halves = if instruction_set() == InstructionSet::Avx512 { 1 } else { 2 };
    #[cfg(not(target_arch = "x86_64"))]
    let halves = 2;
    let some = SUMS * SUMS_WIDTH / halves;
    for part in sums.as_flattened_mut().chunks_exact_mut(some) {
        if halves == 1 {
            multiply_adds_of::<FUSED, { SUMS * SUMS_WIDTH }>(rounds, part);
        } else {
            multiply_adds_of::<FUSED, { SUMS * SUMS_WIDTH / 2 }>(rounds, part);
        }
    }
}

#[inline(always)]
fn multiply_adds_of<const FUSED: bool, const VALUES: usize>(rounds: usize, sums: &mut [f32]) {
    // A local copy, so that the sums are in registers and not behind the reference.
    let Some(mut local) = sums.first_chunk::<VALUES>().copied() else { return };
    for _ in 0..rounds {
        for sum in &mut local {
            *sum = multiply_add::<FUSED>(*sum, 0.999, 1e-3);
        }
    }
    sums.copy_from_slice(&local);
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
