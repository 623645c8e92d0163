//! Int8 weights: a quarter of the bytes, cosine to f32 above 0.999.

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::TextError;
use super::tensors::{SCALE, floats};

/// Rewrites a text model's `model.safetensors`: every matrix as I8 with one F32 scale a row (named
/// `<tensor>.scale`), vectors as F32. The pooler and position ids, which nothing reads, are left out.
///
/// # Errors
/// [`TextError::Safetensors`], or [`TextError::NotFinite`] for a value that has no int8.
pub fn quantize_int8(weights: &[u8]) -> Result<Vec<u8>, TextError> {
    let tensors = SafeTensors::deserialize(weights)?;
    let mut stored: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for (name, tensor) in tensors.iter() {
        if name.starts_with("pooler.") || !matches!(tensor.dtype(), Dtype::F32 | Dtype::F16 | Dtype::BF16) {
            continue;
        }
        let values = floats(&tensor);
        if let Some(index) = values.iter().position(|v| !v.is_finite()) {
            return Err(TextError::NotFinite { tensor: name.into(), index });
        }
        match *tensor.shape() {
            [rows, width] if width > 0 => {
                let (data, scales) = quantize_rows(&values, width);
                stored.push((name.into(), Dtype::I8, vec![rows, width], data));
                stored.push((format!("{name}{SCALE}"), Dtype::F32, vec![rows], le_bytes(&scales)));
            }
            _ => stored.push((name.into(), Dtype::F32, tensor.shape().to_vec(), le_bytes(&values))),
        }
    }
    let views = stored.iter().map(|(name, dtype, shape, bytes)| Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?)));
    let views: Vec<_> = views.collect::<Result<_, TextError>>()?;
    Ok(safetensors::serialize(views, None)?)
}

/// Symmetric rounding to −127..=127, each row by its own largest value.
fn quantize_rows(values: &[f32], width: usize) -> (Vec<u8>, Vec<f32>) {
    let mut data = Vec::with_capacity(values.len());
    let mut scales = Vec::with_capacity(values.len() / width);
    for row in values.chunks_exact(width) {
        let largest = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
        // A row of zeros may have any scale.
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        data.extend(row.iter().map(|v| (v / scale).round() as i8 as u8));
        scales.push(scale);
    }
    (data, scales)
}

fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}
