//! The choice of the best kernels for this processor.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use super::avx2;
#[cfg(target_arch = "x86_64")]
use super::avx512;
use super::beam::{BeamScratch, BeamSearch};
use super::layout::{CHUNK, Layout};
use super::level::Level;
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
use super::portable;
use super::search::{self, Nearest, Scratch};
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
use super::wasm;
use crate::compute::cpu::simd::{InstructionSet, instruction_set};
use crate::engine::cpu::quantize::Choice;

/// The layout that the kernels of this processor read.
pub fn native_layout() -> Layout {
    match instruction_set() {
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => Layout::of::<avx512::Avx512>(),
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => Layout::of::<avx2::Avx2>(),
        #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
        InstructionSet::Simd128 => Layout::of::<wasm::Simd128>(),
        #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
        InstructionSet::Portable => Layout::of::<portable::Portable>(),
    }
}

/// Subtracts the nearest code from each of `residuals [rows][stride / CHUNK]`, and appends these codes to `nearest`; see
/// [`Level::nearest`].
pub fn nearest(level: &Level, residuals: &mut [[f32; CHUNK]], margins: bool, scratch: &mut Scratch, nearest: &mut Vec<Nearest>) {
    match level.chunks {
        1 => nearest_with::<1>(level, residuals, margins, scratch, nearest),
        _ => nearest_with::<0>(level, residuals, margins, scratch, nearest),
    }
}

/// As [`nearest`], with `CHUNKS` in a row, or 0 where the compiler does not know them.
fn nearest_with<const CHUNKS: usize>(
    level: &Level,
    residuals: &mut [[f32; CHUNK]],
    margins: bool,
    scratch: &mut Scratch,
    nearest: &mut Vec<Nearest>,
) {
    // SAFETY: `instruction_set` has asked the processor.
    unsafe {
        match instruction_set() {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => avx512::nearest::<CHUNKS>(level, residuals, margins, scratch, nearest),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => avx2::nearest::<CHUNKS>(level, residuals, margins, scratch, nearest),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            InstructionSet::Simd128 => search::nearest::<wasm::Simd128, CHUNKS>(level, residuals, margins, scratch, nearest),
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            InstructionSet::Portable => {
                search::nearest::<portable::Portable, CHUNKS>(level, residuals, margins, scratch, nearest);
            }
        }
    }
}

/// Appends the best chain of each of `rows [rows][stride / CHUNK]` to `choices [rows][levels]`, without margins. `scores
/// [rows][levels][codes, padded]` are those of all codes without a chain, in units of the search's products.
pub fn best_chains(
    search: &BeamSearch<'_>,
    rows: &[[f32; CHUNK]],
    scores: &[f32],
    scratch: &mut BeamScratch,
    choices: &mut Vec<Choice>,
) {
    // SAFETY: `instruction_set` has asked the processor.
    unsafe {
        match instruction_set() {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => avx512::best_chains(search, rows, scores, scratch, choices),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => avx2::best_chains(search, rows, scores, scratch, choices),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            InstructionSet::Simd128 => search.run::<wasm::Simd128>(rows, scores, scratch, choices),
            #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
            InstructionSet::Portable => search.run::<portable::Portable>(rows, scores, scratch, choices),
        }
    }
}
