//! The loss of a softmax.

use crate::compute::cpu::simd_math::softmax;

/// Log-loss of `target` in nats; the logits become its gradient.
pub fn log_loss(logits: &mut [f32], target: usize) -> f64 {
    softmax(logits);
    let loss = -log(logits[target]);
    logits[target] -= 1.0;
    loss
}

/// The logarithm of a probability that may have been too small for a float.
pub fn log(probability: f32) -> f64 {
    f64::from(probability.max(f32::MIN_POSITIVE)).ln()
}
