//! Number formats of stored vectors, all little-endian.

use half::{bf16, f16};

use crate::base::floats::{copy_floats, widen_halves};

/// A floating-point format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Element {
    /// IEEE half.
    F16,
    /// bfloat16.
    Bf16,
    /// IEEE single.
    F32,
    /// IEEE double.
    F64,
}

impl Element {
    /// Bytes a value.
    pub fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// Appends `bytes` as single floats; a double beyond their range becomes infinite.
    pub(super) fn decode(self, bytes: &[u8], out: &mut Vec<f32>) {
        match self {
            Self::F16 => widen_halves(bytes, out),
            Self::Bf16 => out.extend(bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32())),
            Self::F32 => copy_floats(bytes, out),
            Self::F64 => out.extend(bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b) as f32)),
        }
    }

    /// Appends `values` in this format.
    pub(super) fn encode(self, values: &[f32], out: &mut Vec<u8>) {
        match self {
            Self::F16 => values.iter().for_each(|v| out.extend(f16::from_f32(*v).to_le_bytes())),
            Self::Bf16 => values.iter().for_each(|v| out.extend(bf16::from_f32(*v).to_le_bytes())),
            Self::F32 => values.iter().for_each(|v| out.extend(v.to_le_bytes())),
            Self::F64 => values.iter().for_each(|v| out.extend(f64::from(*v).to_le_bytes())),
        }
    }
}
