//! A linear layer of the CPU encoder, in floats or in integers, depending on how its weights are stored.

use super::TextError;
use super::tensors::Tensors;
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::linear_int8::{IntegerLinear, Rounded};
use crate::compute::cpu::tile::Activation;

/// A packed linear layer with bias.
#[derive(Debug, Clone)]
pub enum Dense {
    /// From weights in F32, F16 or BF16.
    Float(PackedLinear),
    /// From weights in I8.
    Integer(IntegerLinear),
}

impl Dense {
    /// Reads and packs a layer; parameters as in [`Tensors::linear`].
    ///
    /// # Errors
    /// [`TextError::NotFinite`].
    pub fn read(tensors: &Tensors<'_>, prefix: &str, parts: &[&str], inputs: usize) -> Result<Self, TextError> {
        let layer = tensors.linear(prefix, parts, inputs)?;
        let in_int8 = parts.iter().all(|part| tensors.is_int8(&format!("{prefix}{part}.weight")));
        Ok(if in_int8 { Self::Integer(IntegerLinear::new(&layer)) } else { Self::Float(PackedLinear::new(&layer)) })
    }

    /// `x [rows][inputs]` → `y [rows][outputs]`. The buffers `rounded` and `y` are reused.
    pub fn forward_into(&self, x: &[f32], activation: Activation, rounded: &mut Rounded, y: &mut Vec<f32>) {
        match self {
            Self::Float(layer) => layer.forward_into(x, activation, y),
            Self::Integer(layer) => layer.forward_into(x, activation, rounded, y),
        }
    }
}
