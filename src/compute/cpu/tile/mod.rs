//! Matrix products by register tiles, in floats and in 16-bit integers: written out for AVX-512, AVX2 and WebAssembly, left to
//! the compiler elsewhere.
//!
//! The left operand is read in place, row by row; the right one is packed into panels of [`TILE_COLUMNS`]. A tile is as many
//! rows and panels as the processor's registers hold sums of. Bias and activation
//! are applied while the sums are in registers. On every instruction set a float sum adds its products in the same order, and
//! an integer sum is exact.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod multiply;
mod operands;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
#[cfg(test)]
mod tests;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", target_feature = "simd128"))))]
use portable as native;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use wasm as native;
#[cfg(target_arch = "x86_64")]
use x86 as native;

#[cfg(feature = "learn")]
pub use multiply::multiply_onto;
pub use multiply::{multiply, multiply_i16};
pub use operands::{Activation, Columns, Rows, TILE_COLUMNS, TILE_ROWS, Units};
