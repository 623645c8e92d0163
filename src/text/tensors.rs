//! Tensors of a text model: F32, F16, BF16, or I8 with scales (see [`super::int8`]).

use half::bf16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::{Architecture, TextError};
use crate::base::floats::{copy_floats, first_not_finite, widen_halves};
use crate::model::Linear;

/// Suffix of the F32 tensor that holds an I8 tensor's scales.
pub const SCALE: &str = ".scale";

/// The tensors of one file, after a check of their shapes and types.
pub struct Tensors<'a>(SafeTensors<'a>);

impl<'a> Tensors<'a> {
    /// Parses `bytes`, the content of `model.safetensors`, and checks every tensor of `architecture`. Other tensors are ignored.
    ///
    /// # Errors
    /// [`TextError::Safetensors`]; [`TextError::Tensors`] with every fault.
    pub fn open(bytes: &'a [u8], architecture: &Architecture) -> Result<Self, TextError> {
        let tensors = SafeTensors::deserialize(bytes)?;
        let faults: Vec<String> =
            architecture.tensors().iter().filter_map(|(name, shape)| fault(&tensors, name, shape)).collect();
        if faults.is_empty() { Ok(Self(tensors)) } else { Err(TextError::Tensors(faults)) }
    }

    /// Whether a tensor is stored as I8.
    pub fn is_int8(&self, name: &str) -> bool {
        self.0.tensor(name).is_ok_and(|tensor| tensor.dtype() == Dtype::I8)
    }

    /// Values of a tensor, row-major.
    ///
    /// # Errors
    /// [`TextError::NotFinite`].
    pub fn read(&self, name: &str) -> Result<Vec<f32>, TextError> {
        let tensor = self.0.tensor(name)?;
        let values = match tensor.dtype() {
            Dtype::I8 => scaled(&tensor, &floats(&self.0.tensor(&format!("{name}{SCALE}"))?)),
            _ => floats(&tensor),
        };
        match first_not_finite(&values) {
            Some(index) => Err(TextError::NotFinite { tensor: name.into(), index }),
            None => Ok(values),
        }
    }

    /// `[positions][width]` position embeddings, each with the embedding of segment type 0 added: a single text has only that.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn positions(&self, width: usize) -> Result<Vec<f32>, TextError> {
        let mut positions = self.read("embeddings.position_embeddings.weight")?;
        let types = self.read("embeddings.token_type_embeddings.weight")?;
        for row in positions.chunks_exact_mut(width) {
            row.iter_mut().zip(&types).for_each(|(p, t)| *p += t);
        }
        Ok(positions)
    }

    /// Layers with the same `inputs` joined into one, from the tensors `<prefix><part>.weight` and `.bias` of all `parts`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn linear(&self, prefix: &str, parts: &[&str], inputs: usize) -> Result<Linear, TextError> {
        let [mut weight, mut bias] = <[Vec<f32>; 2]>::default();
        for part in parts {
            weight.extend(self.read(&format!("{prefix}{part}.weight"))?);
            bias.extend(self.read(&format!("{prefix}{part}.bias"))?);
        }
        Ok(Linear { outputs: bias.len(), weight, bias, inputs })
    }
}

/// What is wrong with tensor `name`, if anything.
fn fault(tensors: &SafeTensors<'_>, name: &str, shape: &[usize]) -> Option<String> {
    let Ok(tensor) = tensors.tensor(name) else {
        return Some(format!("  missing: {name} {shape:?}"));
    };
    if tensor.shape() != shape {
        return Some(format!("  mismatched: {name} is {:?}, config.json asks for {shape:?}", tensor.shape()));
    }
    match tensor.dtype() {
        Dtype::F32 | Dtype::F16 | Dtype::BF16 => None,
        Dtype::I8 => match tensors.tensor(&format!("{name}{SCALE}")) {
            Ok(scale) if scales_fit(&scale, shape) => None,
            Ok(scale) => {
                let (dtype, found) = (scale.dtype(), scale.shape());
                Some(format!("  mismatched: {name}{SCALE} is {dtype:?} {found:?}, expected F32 [{}] or [{0}, groups]", shape[0]))
            }
            Err(_) => Some(format!("  missing: {name}{SCALE} [{}], since {name} is I8", shape[0])),
        },
        other => Some(format!("  mismatched: {name} holds {other:?}, expected F32, F16, BF16 or I8")),
    }
}

/// Whether there is one scale a row, or one a group with the same number of groups in every row.
fn scales_fit(scale: &TensorView<'_>, shape: &[usize]) -> bool {
    let width: usize = shape[1..].iter().product();
    scale.dtype() == Dtype::F32
        && match *scale.shape() {
            [rows] => rows == shape[0],
            [rows, groups] => rows == shape[0] && groups > 0 && width.is_multiple_of(groups),
            _ => false,
        }
}

/// Values of a floating-point tensor.
pub fn floats(tensor: &TensorView<'_>) -> Vec<f32> {
    let (data, mut values) = (tensor.data(), Vec::new());
    match tensor.dtype() {
        Dtype::F16 => widen_halves(data, &mut values),
        Dtype::BF16 => values.extend(data.as_chunks().0.iter().map(|&b| bf16::from_le_bytes(b).to_f32())),
        _ => copy_floats(data, &mut values),
    }
    values
}

/// Values of an I8 tensor.
fn scaled(tensor: &TensorView<'_>, scales: &[f32]) -> Vec<f32> {
    let group = tensor.data().len() / scales.len();
    let groups = tensor.data().chunks_exact(group).zip(scales);
    groups.flat_map(|(group, &scale)| group.iter().map(move |&q| f32::from(q as i8) * scale)).collect()
}
