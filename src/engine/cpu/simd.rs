//! The inner loops of the CPU engine, compiled once per instruction set and chosen at run time.
//!
//! The `simd*` modules are the only ones with `unsafe`: calling a function compiled for AVX2 is
//! sound because [`level`] has seen the processor report it. The products that most time goes to
//! are written out for each; the other bodies are safe, generic Rust that the compiler vectorises.
#![allow(unsafe_code)]

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
    /// `into[t] = base + Σ_j rows[j][t]`, and the least of every 16 of them into `least`. The lengths are whole sixteens.
    add_rows, add_rows_avx2, add_rows_body(base: f32, rows: &[&[f32]], into: &mut [f32], least: &mut [f32])
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

/// Without the instruction, a fused multiply-add is a slow library call.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "only where the CPU has the instruction")]
pub(super) fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
