//! BERT's layers on the CPU. Texts of a batch lie one after another without padding: linear layers
//! run over all positions at once, attention over each text.

use super::attention::Attention;
use super::batch::{SentenceEncoder, TokenBatch};
use super::dense::Dense;
use super::tensors::Tensors;
use super::{Architecture, TextError};
use crate::engine::cpu::linear_int8::Rounded;
use crate::engine::cpu::map_chunks;
use crate::engine::cpu::simd_math::layer_norm;
use crate::engine::cpu::tile::Activation;

/// A BERT packed for the CPU.
#[derive(Debug, Clone)]
pub struct CpuTransformer {
    /// `[vocabulary][width]`.
    words: Vec<f32>,
    /// `[positions][width]`, the embedding of segment type 0 included: single texts have no other.
    positions: Vec<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
    width: usize,
    heads: usize,
}

#[derive(Debug, Clone)]
struct Layer {
    /// Query, key and value in one.
    qkv: Dense,
    attention_out: Dense,
    attention_norm: LayerNorm,
    up: Dense,
    down: Dense,
    output_norm: LayerNorm,
}

#[derive(Debug, Clone)]
struct LayerNorm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    epsilon: f32,
}

impl CpuTransformer {
    /// Packs the bytes of `model.safetensors`.
    ///
    /// # Errors
    /// Tensors missing, of another shape, or not finite.
    pub fn new(architecture: &Architecture, weights: &[u8]) -> Result<Self, TextError> {
        let tensors = Tensors::open(weights, architecture)?;
        let width = architecture.hidden;
        Ok(Self {
            words: tensors.read("embeddings.word_embeddings.weight")?,
            positions: tensors.positions(width)?,
            norm: LayerNorm::read(&tensors, "embeddings.LayerNorm", architecture.epsilon)?,
            layers: (0..architecture.layers).map(|i| Layer::read(&tensors, architecture, i)).collect::<Result<_, _>>()?,
            width,
            heads: architecture.heads,
        })
    }

    /// Same as [`SentenceEncoder::forward`], without the future: one batch a thread.
    pub fn run(&self, batches: &[TokenBatch]) -> Vec<Vec<f32>> {
        map_chunks(batches, 1, |batch| batch[0].mean_pool(&self.hidden_states(&batch[0]), self.width))
    }

    /// Last hidden states: `[positions of all texts][width]`.
    fn hidden_states(&self, batch: &TokenBatch) -> Vec<f32> {
        let mut x = self.embeddings(batch);
        let mut attention = Attention::new(self.width, self.heads);
        let [mut qkv, mut inner, mut narrow] = <[Vec<f32>; 3]>::default();
        let (mut context, mut rounded) = (vec![0.0; x.len()], Rounded::default());
        for layer in &self.layers {
            layer.qkv.forward_into(&x, Activation::Identity, &mut rounded, &mut qkv);
            for span in batch.spans() {
                let qkv = &qkv[span.start * 3 * self.width..span.end * 3 * self.width];
                attention.attend(qkv, &mut context[span.start * self.width..span.end * self.width]);
            }
            layer.attention_out.forward_into(&context, Activation::Identity, &mut rounded, &mut narrow);
            layer.attention_norm.add(&mut x, &narrow);
            layer.up.forward_into(&x, Activation::Gelu, &mut rounded, &mut inner);
            layer.down.forward_into(&inner, Activation::Identity, &mut rounded, &mut narrow);
            layer.output_norm.add(&mut x, &narrow);
        }
        x
    }

    fn embeddings(&self, batch: &TokenBatch) -> Vec<f32> {
        let mut x = vec![0.0; batch.ids.len() * self.width];
        let mut words = Vec::with_capacity(x.len());
        for span in batch.spans() {
            let length = span.len() * self.width;
            x[span.start * self.width..][..length].copy_from_slice(&self.positions[..length]);
            for &id in &batch.ids[span] {
                words.extend_from_slice(&self.words[id as usize * self.width..][..self.width]);
            }
        }
        self.norm.add(&mut x, &words);
        x
    }
}

impl SentenceEncoder for CpuTransformer {
    fn width(&self) -> usize {
        self.width
    }

    async fn forward(&self, batches: &[TokenBatch]) -> Result<Vec<Vec<f32>>, TextError> {
        Ok(self.run(batches))
    }
}

impl Layer {
    fn read(tensors: &Tensors<'_>, architecture: &Architecture, index: usize) -> Result<Self, TextError> {
        let (h, i) = (architecture.hidden, architecture.intermediate);
        let prefix = format!("encoder.layer.{index}.");
        let linear = |parts: &[&str], inputs| Dense::read(tensors, &prefix, parts, inputs);
        let norm = |part: &str| LayerNorm::read(tensors, &format!("{prefix}{part}"), architecture.epsilon);
        Ok(Self {
            qkv: linear(&["attention.self.query", "attention.self.key", "attention.self.value"], h)?,
            attention_out: linear(&["attention.output.dense"], h)?,
            attention_norm: norm("attention.output.LayerNorm")?,
            up: linear(&["intermediate.dense"], h)?,
            down: linear(&["output.dense"], i)?,
            output_norm: norm("output.LayerNorm")?,
        })
    }
}

impl LayerNorm {
    fn read(tensors: &Tensors<'_>, name: &str, epsilon: f32) -> Result<Self, TextError> {
        let read = |part: &str| tensors.read(&format!("{name}.{part}"));
        Ok(Self { weight: read("weight")?, bias: read("bias")?, epsilon })
    }

    /// `x ← norm(x + residual)`, row by row.
    fn add(&self, x: &mut [f32], residual: &[f32]) {
        let width = self.weight.len();
        for (x, residual) in x.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
            layer_norm(x, residual, &self.weight, &self.bias, self.epsilon);
        }
    }
}
