//! A text model's weights on the device, uploaded tensor by tensor.
//!
//! Int8 weights become f32 on the way. Weights in f16 become f32 as well, except those of layers.

use super::limits::head_width;
use crate::compute::gpu::buffers::{self, pad_rows, upload};
use crate::compute::gpu::device::Gpu;
use crate::text::tensors::Tensors;
use crate::text::{Architecture, TextError};

/// All weights of a model. Rows are padded with zeros to whole `vec4f`.
pub struct Weights {
    /// `[vocabulary][hidden]`.
    pub words: wgpu::Buffer,
    /// `[positions][hidden]`, the embedding of segment type 0 included.
    pub positions: wgpu::Buffer,
    pub norm: Norm,
    pub layers: Vec<Layer>,
}

/// Weight and bias of a layer normalisation, `[hidden]` each.
pub struct Norm {
    pub weight: wgpu::Buffer,
    pub bias: wgpu::Buffer,
}

/// A transformer layer.
pub struct Layer {
    /// `hidden` → `[3][heads][dim]`: query, key and value, each head padded.
    pub qkv: buffers::Layer,
    /// `[heads][dim]`, each head padded → `hidden`.
    pub attention_out: buffers::Layer,
    pub attention_norm: Norm,
    /// `hidden` → `intermediate`, with GELU.
    pub up: buffers::Layer,
    /// `intermediate` → `hidden`.
    pub down: buffers::Layer,
    pub output_norm: Norm,
}

impl Weights {
    /// Uploads the weights in `bytes`, the content of `model.safetensors`.
    ///
    /// # Errors
    /// Tensors missing, of another shape, or not finite.
    pub fn new(gpu: &Gpu, a: &Architecture, bytes: &[u8]) -> Result<Self, TextError> {
        let tensors = Tensors::open(bytes, a)?;
        let rows = |label, values: Vec<f32>| {
            // Padding makes a copy, which for MiniLM's word embeddings would be one of 47 MB.
            if a.hidden.is_multiple_of(4) {
                upload(gpu, label, &values)
            } else {
                upload(gpu, label, &pad_rows(&values, a.hidden))
            }
        };
        Ok(Self {
            words: rows("words", tensors.read("embeddings.word_embeddings.weight")?),
            positions: rows("positions", tensors.positions(a.hidden)?),
            norm: Norm::new(gpu, &tensors, "embeddings.LayerNorm")?,
            layers: (0..a.layers).map(|i| Layer::new(gpu, &tensors, a, i)).collect::<Result<_, _>>()?,
        })
    }
}

impl Norm {
    fn new(gpu: &Gpu, tensors: &Tensors<'_>, name: &str) -> Result<Self, TextError> {
        let read = |part: &str| {
            let values = tensors.read(&format!("{name}.{part}"))?;
            Ok::<_, TextError>(upload(gpu, part, &pad_rows(&values, values.len())))
        };
        Ok(Self { weight: read("weight")?, bias: read("bias")? })
    }
}

impl Layer {
    fn new(gpu: &Gpu, tensors: &Tensors<'_>, a: &Architecture, index: usize) -> Result<Self, TextError> {
        let (h, i) = (a.hidden, a.intermediate);
        let (dim, padded_dim) = (h / a.heads, head_width(a));
        let prefix = format!("encoder.layer.{index}.");
        let read = |parts: &[&str], inputs| tensors.linear(&prefix, parts, inputs);
        let norm = |part: &str| Norm::new(gpu, tensors, &format!("{prefix}{part}"));
        let dense = |linear, gelu| buffers::upload_layer(gpu, &linear, gelu);

        let mut qkv = read(&["attention.self.query", "attention.self.key", "attention.self.value"], h)?;
        qkv.weight = pad_groups(qkv.weight, dim * h, padded_dim * h);
        qkv.bias = pad_groups(qkv.bias, dim, padded_dim);
        qkv.outputs = qkv.bias.len();
        let mut attention_out = read(&["attention.output.dense"], h)?;
        attention_out.weight = pad_groups(attention_out.weight, dim, padded_dim);
        attention_out.inputs = a.heads * padded_dim;
        Ok(Self {
            qkv: dense(qkv, false),
            attention_out: dense(attention_out, false),
            attention_norm: norm("attention.output.LayerNorm")?,
            up: dense(read(&["intermediate.dense"], h)?, true),
            down: dense(read(&["output.dense"], i)?, false),
            output_norm: norm("output.LayerNorm")?,
        })
    }
}

/// Pads every group of `group` values with zeros to `padded` values.
fn pad_groups(values: Vec<f32>, group: usize, padded: usize) -> Vec<f32> {
    if group == padded {
        return values;
    }
    let zeros = vec![0.0; padded - group];
    values.chunks_exact(group).flat_map(|part| [part, &zeros]).flatten().copied().collect()
}
