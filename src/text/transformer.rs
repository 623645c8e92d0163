//! BERT's layers on the CPU. The texts of a batch are stored one after another without padding; linear layers run over all
//! positions at once, attention over each text.

use super::attention::Attention;
use super::batch::{SentenceEncoder, TokenBatch};
use super::dense::Dense;
use super::tensors::Tensors;
use super::{Architecture, TextError};
use crate::base::parallel::map_chunks_with;
use crate::compute::cpu::linear_int8::Rounded;
use crate::compute::cpu::simd_math::layer_norm;
use crate::compute::cpu::tile::Activation;

/// A BERT packed for the CPU.
#[derive(Debug, Clone)]
pub struct CpuTransformer {
    /// `[vocabulary][width]`.
    words: Vec<f32>,
    /// `[positions][width]`, see [`Tensors::positions`].
    positions: Vec<f32>,
    norm: LayerNorm,
    layers: Vec<Layer>,
    width: usize,
    heads: usize,
}

/// Buffers of a thread, reused for all its batches: new memory would have to be cleared each time.
#[derive(Debug, Default)]
struct Scratch {
    /// Hidden states. Like all buffers here, `[positions]` with a width of its own.
    x: Vec<f32>,
    words: Vec<f32>,
    qkv: Vec<f32>,
    context: Vec<f32>,
    inner: Vec<f32>,
    narrow: Vec<f32>,
    rounded: Rounded,
}

#[derive(Debug, Clone)]
struct Layer {
    /// Query, key and value joined.
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
    /// Packs the weights in `model.safetensors`.
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

    /// As [`SentenceEncoder::forward`], but not a future. Each thread runs one batch at a time.
    pub fn run(&self, batches: &[TokenBatch]) -> Vec<Vec<f32>> {
        map_chunks_with(batches, 1, Scratch::default, |scratch, batch| {
            self.run_layers(&batch[0], scratch);
            batch[0].mean_pool(&scratch.x, self.width)
        })
    }

    /// Writes the last hidden states to `scratch.x`: `[positions of all texts][width]`.
    fn run_layers(&self, batch: &TokenBatch, scratch: &mut Scratch) {
        let Scratch { x, words, qkv, context, inner, narrow, rounded } = scratch;
        self.embed(batch, words, x);
        context.resize(x.len(), 0.0);
        let mut attention = Attention::new(self.width, self.heads);
        for layer in &self.layers {
            layer.qkv.forward_into(x, Activation::Identity, rounded, qkv);
            for span in batch.spans() {
                let qkv = &qkv[span.start * 3 * self.width..span.end * 3 * self.width];
                attention.attend(qkv, &mut context[span.start * self.width..span.end * self.width]);
            }
            layer.attention_out.forward_into(context, Activation::Identity, rounded, narrow);
            layer.attention_norm.add_and_normalize(x, narrow);
            layer.up.forward_into(x, Activation::Gelu, rounded, inner);
            layer.down.forward_into(inner, Activation::Identity, rounded, narrow);
            layer.output_norm.add_and_normalize(x, narrow);
        }
    }

    /// Writes the normalized sums of word and position embeddings to `x`.
    fn embed(&self, batch: &TokenBatch, words: &mut Vec<f32>, x: &mut Vec<f32>) {
        words.clear();
        x.clear();
        for span in batch.spans() {
            x.extend_from_slice(&self.positions[..span.len() * self.width]);
            for &id in &batch.ids[span] {
                words.extend_from_slice(&self.words[id as usize * self.width..][..self.width]);
            }
        }
        self.norm.add_and_normalize(x, words);
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
    fn add_and_normalize(&self, x: &mut [f32], residual: &[f32]) {
        let width = self.weight.len();
        for (x, residual) in x.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
            layer_norm(x, residual, &self.weight, &self.bias, self.epsilon);
        }
    }
}
