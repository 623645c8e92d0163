//! The register tiles of the matrix products, in floats and in 16-bit integers: written out for AVX2 and for
//! WebAssembly, whose modules are compiled for size, and left to the compiler elsewhere.
//!
//! The left operand is read where it lies, row by row; the right one is packed, [`TILE_COLUMNS`] wide; bias and
//! activation come while the sums are in registers. A float sum is added up in the order of its products on every
//! instruction set; an integer sum is exact.
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
