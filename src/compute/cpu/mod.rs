//! Matrix products and the functions between them, with SIMD that is chosen at run time.

#[cfg(feature = "learn")]
pub mod gemm;
pub mod layers;
pub mod linear;
pub mod linear_int8;
#[cfg(feature = "learn")]
pub mod rows;
pub mod simd;
pub mod simd_math;
pub mod tile;
