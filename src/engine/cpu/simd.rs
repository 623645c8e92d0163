//! The two inner loops of the CPU engine, compiled once per instruction set and chosen at run time.
//!
//! The only module with `unsafe`: calling a function compiled for AVX2 is sound because
//! [`level`] has seen the processor report it. The bodies themselves are safe, generic Rust
//! that the compiler vectorises.
#![allow(unsafe_code)]

/// Rows of a register tile; with [`TILE_COLUMNS`], what fits the vector registers.
pub const TILE_ROWS: usize = if cfg!(target_arch = "wasm32") { 4 } else { 6 };
/// Columns of a register tile.
pub const TILE_COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };
/// Codes scored together.
pub const CODE_BLOCK: usize = if cfg!(target_arch = "wasm32") { 16 } else { 32 };

/// A register tile of sums.
pub type Tile = [[f32; TILE_COLUMNS]; TILE_ROWS];

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

/// `tile[i][j] += Σ_k a[k][i] · b[k][j]` over packed operands
/// (`a`: `[depth][TILE_ROWS]`, `b`: `[depth][TILE_COLUMNS]`).
#[inline]
pub fn multiply_tile(a: &[f32], b: &[f32], tile: &mut Tile) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2 and FMA.
        return unsafe { multiply_tile_avx2(a, b, tile) };
    }
    multiply_tile_body::<{ cfg!(target_arch = "aarch64") }>(a, b, tile);
}

/// `scores[t] -= Σ_d residual[d] · block[d][t]` over a block of [`CODE_BLOCK`] codes.
#[inline]
pub fn score_block(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK]) {
    #[cfg(target_arch = "x86_64")]
    if has_avx2() {
        // SAFETY: the processor has AVX2 and FMA.
        return unsafe { score_block_avx2(residual, block, scores) };
    }
    score_block_body::<{ cfg!(target_arch = "aarch64") }>(residual, block, scores);
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn multiply_tile_avx2(a: &[f32], b: &[f32], tile: &mut Tile) {
    multiply_tile_body::<true>(a, b, tile);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn score_block_avx2(residual: &[f32], block: &[f32], scores: &mut [f32; CODE_BLOCK]) {
    score_block_body::<true>(residual, block, scores);
}

#[inline(always)]
fn multiply_tile_body<const FUSED: bool>(a: &[f32], b: &[f32], tile: &mut Tile) {
    // A local copy, so that the sums live in registers and not behind the reference.
    let mut sums = *tile;
    for (a, b) in a.as_chunks::<TILE_ROWS>().0.iter().zip(b.as_chunks::<TILE_COLUMNS>().0) {
        for i in 0..TILE_ROWS {
            for j in 0..TILE_COLUMNS {
                sums[i][j] = multiply_add::<FUSED>(a[i], b[j], sums[i][j]);
            }
        }
    }
    *tile = sums;
}

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
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}
