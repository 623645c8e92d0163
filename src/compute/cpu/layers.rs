//! A multilayer perceptron: the encoder's or the decoder's layers, one after the other.

use super::linear::PackedLinear;
use super::tile::Activation;
use crate::base::parallel::map_chunks_with;
use crate::model::Linear;

/// Items that one thread takes through all layers together: few enough that their activations stay in its cache.
pub const CHUNK: usize = 96;

/// Outputs of each layer but the last. The buffers are reused, because fresh memory has to be cleared, which takes time.
pub type Hidden = Vec<Vec<f32>>;

/// Affine layers with ReLU between them and none after the last.
#[derive(Debug, Clone)]
pub struct Layers(Vec<PackedLinear>);

impl Layers {
    /// Packs `layers`.
    pub fn new(layers: &[Linear]) -> Self {
        Self(layers.iter().map(PackedLinear::new).collect())
    }

    /// Whether there are none, so that nothing can be computed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `x [items][inputs]` → `[items][outputs]`, on this thread.
    ///
    /// # Panics
    /// There are no layers.
    pub fn forward(&self, x: &[f32], hidden: &mut Hidden) -> Vec<f32> {
        let (last, before) = (&self.0[self.0.len() - 1], &self.0[..self.0.len() - 1]);
        hidden.resize(hidden.len().max(before.len()), Vec::new());
        for (i, layer) in before.iter().enumerate() {
            let (inputs, outputs) = hidden.split_at_mut(i);
            layer.forward_into(inputs.last().map_or(x, Vec::as_slice), Activation::Relu, &mut outputs[0]);
        }
        last.forward(hidden[..before.len()].last().map_or(x, Vec::as_slice), Activation::Identity)
    }

    /// As [`forward`](Self::forward), on all threads, [`CHUNK`] items at a time.
    pub fn run(&self, x: &[f32]) -> Vec<f32> {
        map_chunks_with(x, CHUNK * self.0[0].inputs(), Hidden::default, |hidden, x| self.forward(x, hidden)).concat()
    }
}
