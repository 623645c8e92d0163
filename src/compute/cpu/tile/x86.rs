//! The choice of the kernel on x86-64.

use std::arch::is_x86_feature_detected;

use super::operands::{Columns, Finish, PairRow, PanelRow, Rows, Shape, Units};
use super::{avx2, avx512, portable};
use crate::compute::cpu::simd::{InstructionSet, instruction_set};

/// The tile of this processor.
pub fn shape() -> Shape {
    match instruction_set() {
        InstructionSet::Avx512 => avx512::SHAPE,
        InstructionSet::Avx2 => avx2::SHAPE,
        InstructionSet::Portable => portable::SHAPE,
    }
}

/// `bias.len()` panels of a product, for whole panels; see [`super::multiply`].
pub fn multiply_tile(a: Rows<'_, f32>, b: &[PanelRow], bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
    match instruction_set() {
        // SAFETY: the processor has AVX-512.
        InstructionSet::Avx512 => unsafe { avx512::multiply_tile(a, b, bias, finish, y) },
        // SAFETY: the processor has AVX2 and FMA.
        InstructionSet::Avx2 => unsafe { avx2::multiply_tile(a, b, bias, finish, y) },
        InstructionSet::Portable => portable::multiply_tile(a, b, bias, finish, y),
    }
}

/// The same in integers; see [`super::multiply_i16`].
pub fn multiply_tile_i16(a: Rows<'_, i16>, b: &[PairRow], units: Units<'_>, bias: &[PanelRow], finish: Finish, y: Columns<'_>) {
    match instruction_set() {
        InstructionSet::Avx512 if is_x86_feature_detected!("avx512vnni") => {
            // SAFETY: the processor has AVX-512 and VNNI.
            unsafe { avx512::multiply_tile_vnni(a, b, units, bias, finish, y) }
        }
        // SAFETY: the processor has AVX-512.
        InstructionSet::Avx512 => unsafe { avx512::multiply_tile_i16(a, b, units, bias, finish, y) },
        InstructionSet::Avx2 if is_x86_feature_detected!("avxvnni") => {
            // SAFETY: the processor has AVX2 and AVX-VNNI.
            unsafe { avx2::multiply_tile_vnni(a, b, units, bias, finish, y) }
        }
        // SAFETY: the processor has AVX2 and FMA.
        InstructionSet::Avx2 => unsafe { avx2::multiply_tile_i16(a, b, units, bias, finish, y) },
        InstructionSet::Portable => portable::multiply_tile_i16(a, b, units, bias, finish, y),
    }
}
