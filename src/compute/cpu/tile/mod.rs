//! The register tiles of the matrix products, in floats and in 16-bit integers: written out for AVX2 and for WebAssembly,
//! left to the compiler elsewhere.
//!
//! The left operand is read in place, row by row; the right one is packed into panels of [`TILE_COLUMNS`]. Bias and activation
//! are applied while the sums are in registers. On every instruction set a float sum adds its products in the same order, and
//! an integer sum is exact.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
mod multiply;
mod operands;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod portable;
#[cfg(test)]
mod tests;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm;

pub use multiply::{multiply_tile, multiply_tile_i16};
pub use operands::{Activation, Columns, Rows, TILE_COLUMNS, TILE_ROWS, Units};
