//! What a step minimises, and what it answers, however its gradients are computed.

use crate::learn::parameters::Gradients;
use crate::model::{Architecture, Model};
use crate::train::losses::alignment::alignment;
use crate::train::losses::diversity::diversity;
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
    /// LETTER's collaborative loss, where a recipe has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignment: Option<f64>,
    /// LETTER's diversity loss, where a recipe has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diversity: Option<f64>,
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

    /// Adds the alignment of `z_hat [items][latent]` with collaborative vectors to `losses`; returns its weighted gradient
    /// with respect to `z_hat`.
    pub fn alignment(&self, a: &Architecture, z_hat: &[f32], collaborative: &[f32], losses: &mut Losses) -> Vec<f32> {
        let mut aligned = alignment(z_hat, collaborative, a.latent);
        losses.alignment = Some(aligned.loss);
        let weight = self.weight_of_alignment(a);
        aligned.gradient.iter_mut().for_each(|g| *g *= weight);
        aligned.gradient
    }

    /// Weighted gradient in the codebooks, of `L_rq` and of the diversity of codes, which is added to `losses`.
    pub fn codebook_gradient(&self, model: &Model, quantized: &Quantized, partners: &[u32], losses: &mut Losses) -> Vec<f32> {
        let mut gradient: Vec<f32> = quantized.codebook_gradient.iter().map(|g| g * self.loss.lambda_rq).collect();
        if self.loss.diversity > 0.0 {
            let diverse = diversity(model, quantized, partners);
            losses.diversity = Some(diverse.loss);
            let weight = self.weight_of_diversity(&model.config.model);
            gradient.iter_mut().zip(diverse.codebook_gradient).for_each(|(sum, g)| *sum += weight * g);
        }
        gradient
    }

    /// The weighted sum of `losses`.
    pub fn total(&self, a: &Architecture, losses: &Losses) -> f64 {
        let weighted = |weight: f32, loss: Option<f64>| f64::from(weight) * loss.unwrap_or(0.0);
        losses.rec
            + f64::from(self.loss.lambda_rq) * losses.rq
            + f64::from(self.lambda_mi) * losses.mi
            + weighted(self.weight_of_alignment(a), losses.alignment)
            + weighted(self.weight_of_diversity(a), losses.diversity)
    }

    /// LETTER's losses are means over features, those here are sums. Alignment moves latents, as the reconstruction of the
    /// inputs does.
    fn weight_of_alignment(&self, a: &Architecture) -> f32 {
        self.loss.alignment * a.input as f32
    }

    /// Diversity moves codes, as the quantization of the latents does.
    fn weight_of_diversity(&self, a: &Architecture) -> f32 {
        self.loss.diversity * a.latent as f32
    }
}
