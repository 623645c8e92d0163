//! Scores of codes in 16 bits: which codes can be the nearest at all.
//!
//! A search in f32 spends its time on multiply-adds for codes that are nowhere near. Here codes and
//! residuals are rounded to 8 bits first, which a vector unit multiplies two to four times as fast,
//! and every rounding is accounted for: with the bound `e` on its error, only codes whose rounded score
//! lies within `2e` of the best can be the best. Those, two or three of 256, are scored again in f32
//! ([`Level`]), so the result is that of the full search.
//!
//! Written out for AVX-512, AVX2 and simd128; elsewhere a portable body that the compiler vectorises.
//! All of them give the same bits, for the arithmetic is exact: 16-bit sums that wrap on their way
//! and end within range, because the rows are scaled so ([`Screen::set_units`]).
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod beam;
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

pub use beam::{BeamSearch, Beams};
pub use dispatch::{best_chains, native_layout, nearest};
pub use layout::CHUNK;
pub use level::Level;
pub use products::{Products, stride};
pub use search::{Found, Scratch};
