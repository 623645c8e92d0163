//! Screening: scores of codes in 16 bits, which tell which codes can be the nearest at all.
//!
//! A search in f32 spends most of its time on codes that are far away. Here codes and residuals are rounded to 8 bits first,
//! which a vector unit multiplies two to four times as fast, and the errors of rounding are bounded. If a score is off by `e`
//! at most, only codes whose rounded score lies within `2e` of the best can be the best. Those, two or three of 256, are
//! scored again in f32 ([`Level`]), so the result is that of the full search.
//!
//! The bound holds for any model, because each row's scale is chosen so that its sums stay within 16 bits. A search that must
//! report margins needs the runner-up as well, so it keeps more candidates; margins are made only when asked for.
//!
//! Written out for AVX-512, AVX2 and simd128; elsewhere a portable body that the compiler vectorises. All of them give the
//! same candidates' scores bit for bit, because the arithmetic is exact: 16-bit sums may wrap on the way, but end within range
//! ([`RoundedCodebook::set_units`](rounding::RoundedCodebook::set_units)).
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod beam;
mod candidates;
#[cfg(target_arch = "x86_64")]
mod chains;
mod dispatch;
mod kernels;
mod layout;
mod level;
mod portable;
mod products;
#[cfg(target_arch = "x86_64")]
mod registers;
mod rounding;
#[cfg(target_arch = "x86_64")]
mod rows;
mod search;
#[cfg(test)]
mod tests;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use beam::{BeamScratch, BeamSearch};
pub use dispatch::{best_chains, native_layout, nearest};
pub use layout::CHUNK;
pub use level::Level;
pub use products::{CodeProducts, stride};
pub use search::{Nearest, Scratch};
