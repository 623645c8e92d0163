//! What a step minimises, and what it answers, however its gradients are computed.

use crate::learn::parameters::Gradients;
use crate::train::losses::mutual_information::mutual_information;
use crate::train::losses::options::LossOptions;
use crate::train::losses::quantization::Quantized;

/// What one step optimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Objective {
    /// Reconstruction through the unquantized latent; encoder and decoder learn.
    Autoencoder,
    /// The whole loss; everything learns.
    Joint,
    /// Reconstruction through the quantized latent; the decoder alone learns.
    Decoder,
}

/// Losses of one step.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Losses {
    /// `L_rec`.
    pub rec: f64,
    /// `L_rq`.
    pub rq: f64,
    /// `L_mi`.
    pub mi: f64,
    /// `I_k` of each domain.
    pub information: Vec<f64>,
    /// The weighted sum.
    pub total: f64,
}

/// Losses, gradients and assignments of one step.
#[derive(Debug)]
pub struct Step {
    /// The losses.
    pub losses: Losses,
    /// Gradients of the tensors that learn, by the names of [`super::parameters`].
    pub gradients: Gradients,
    /// Encoder output `[items][latent]`.
    pub z: Vec<f32>,
    /// Assignments; empty while only the autoencoder learns.
    pub quantized: Quantized,
    /// Gradient with respect to `z` through all paths, `[items][latent]`; in closed form, where the encoder learns.
    pub z_gradient: Option<Vec<f32>>,
}

/// The loss function: its weights, and how a batch is grouped.
#[derive(Debug, Clone)]
pub struct Criterion {
    /// Loss weights.
    pub loss: LossOptions,
    /// λ_mi with the variant applied.
    pub lambda_mi: f32,
    /// Domains in a batch, in equal groups.
    pub domains: usize,
}

impl Criterion {
    /// Adds `L_rq` and `L_mi` to `losses`; returns their weighted gradient with respect to `z [items][latent]`.
    pub fn latent_losses(&self, z: &[f32], x: &[f32], latent: usize, q: &Quantized, losses: &mut Losses) -> Vec<f32> {
        losses.rq = q.loss;
        let mut gradient: Vec<f32> = q.z_gradient.iter().map(|g| g * self.loss.lambda_rq).collect();
        if self.lambda_mi > 0.0 {
            let beta = f64::from(self.loss.beta);
            let mi = mutual_information(x, z, self.domains, latent, beta, self.loss.information);
            gradient.iter_mut().zip(&mi.z_gradient).for_each(|(sum, g)| *sum += self.lambda_mi * g);
            losses.mi = mi.loss;
            losses.information = mi.information;
        }
        gradient
    }

    /// Weighted gradient of `L_rq` in the codebooks.
    pub fn codebook_gradient(&self, quantized: &Quantized) -> Vec<f32> {
        quantized.codebook_gradient.iter().map(|g| g * self.loss.lambda_rq).collect()
    }

    /// The weighted sum of `losses`.
    pub fn total(&self, losses: &Losses) -> f64 {
        losses.rec + f64::from(self.loss.lambda_rq) * losses.rq + f64::from(self.lambda_mi) * losses.mi
    }
}
