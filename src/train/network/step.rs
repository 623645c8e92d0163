//! One step: losses and gradients of a model on a batch (SPEC, section 1).
//!
//! On the CPU every gradient is a closed form over a few matrix products (`mlp`, `mixture`,
//! `losses`). burn's automatic differentiation does the same on GPUs (`autodiff`), and is what the
//! closed forms are tested against.

use rayon::prelude::*;

use crate::compute::cpu::simd_math::sum_of_squares;
use crate::model::Model;
use crate::train::TrainError;
use crate::train::losses::{mutual_information, quantization};
#[cfg(feature = "autodiff")]
use crate::train::network::autodiff;
use crate::train::network::experts::Mixture;
use crate::train::network::layers::{LinearGradient, backward, forward};
use crate::train::recipes::unitok::options::LossOptions;

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

/// Where steps are computed.
#[derive(Debug, Clone)]
pub enum Device {
    /// On the threads of the processor, in closed form: the same seed gives the same bits.
    Cpu,
    /// On one of burn's devices, by automatic differentiation.
    #[cfg(feature = "autodiff")]
    Burn(burn::tensor::Device),
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
    /// One gradient a tensor, in the order of [`crate::learn::optimizer::tensors_mut`].
    pub gradients: Vec<Option<Vec<f32>>>,
    /// Encoder output `[items][latent]`.
    pub z: Vec<f32>,
    /// Assignments; empty while only the autoencoder learns.
    pub quantized: quantization::Quantized,
    /// Gradient in `z` through all paths, `[items][latent]`; on the CPU, where the encoder learns.
    pub z_gradient: Option<Vec<f32>>,
}

/// Where and how steps are computed.
#[derive(Debug, Clone)]
pub struct Network {
    /// Where.
    pub device: Device,
    /// Loss weights.
    pub loss: LossOptions,
    /// λ_mi with the variant applied.
    pub lambda_mi: f32,
    /// Domains in a batch, in equal groups.
    pub domains: usize,
}

impl Network {
    /// Losses and gradients of `model` on scaled inputs `x [items][input]`, grouped by domain.
    pub fn step(&self, model: &Model, x: &[f32], objective: Objective) -> Result<Step, TrainError> {
        match &self.device {
            // On a thread of the pool: from outside, every product would wait to be noticed by one.
            Device::Cpu => Ok(rayon::scope(|_| self.step_on_host(model, x, objective))),
            #[cfg(feature = "autodiff")]
            Device::Burn(device) => autodiff::step(self, device, model, x, objective),
        }
    }

    fn step_on_host(&self, model: &Model, x: &[f32], objective: Objective) -> Step {
        let a = &model.config.model;
        let encoded = forward(&model.encoder, x);
        let z = encoded.last().expect("an encoder has layers");
        let routed = model.router.as_ref().filter(|_| objective != Objective::Autoencoder).map(std::slice::from_ref);
        let logits = routed.map_or(Vec::new(), |router| forward(router, z).remove(0));
        let quantized = match objective {
            Objective::Autoencoder => quantization::Quantized::default(),
            _ => quantization::quantize_batch(model, z, &logits, self.loss.commitment),
        };
        let mixture = (objective != Objective::Autoencoder).then(|| Mixture::new(a, &logits, &quantized));
        let z_hat = mixture.as_ref().map_or_else(|| z.clone(), Mixture::z_hat);
        let mut decoded = forward(&model.decoder, &z_hat);
        let mut push = decoded.pop().expect("a decoder has layers");
        let rec = reconstruction(x, &mut push, a.input);
        let mut losses = Losses { rec, ..Losses::default() };
        let (decoder, z_hat_gradient) = backward(&model.decoder, &z_hat, &decoded, push, objective != Objective::Decoder);

        let mut gradients = Gradients::default();
        let mut z_gradient = z_hat_gradient;
        if let (Objective::Joint, Some(mixture), Some(z_hat_gradient)) = (objective, &mixture, &z_gradient) {
            let through = mixture.backward(z_hat_gradient);
            let mut all = self.host_losses(z, x, a.latent, &quantized, &mut losses);
            add(&mut all, &through.z);
            if let Some(router) = routed {
                let (router, z) = backward(router, z, &[], through.logits, true);
                gradients.router = router;
                add(&mut all, &z.expect("asked for"));
            }
            z_gradient = Some(all);
        }
        self.sum_up(&mut losses);
        if let Some(z_gradient) = &z_gradient {
            gradients.encoder = backward(&model.encoder, x, &encoded, z_gradient.clone(), false).0;
        }
        gradients.decoder = decoder;
        gradients.codebooks = (objective == Objective::Joint).then(|| self.codebook_gradient(&quantized));
        Step { losses, gradients: gradients.in_order(model), z: z.clone(), quantized, z_gradient }
    }

    /// Sets the weighted sum of the losses.
    pub(super) fn sum_up(&self, losses: &mut Losses) {
        losses.total = losses.rec + f64::from(self.loss.lambda_rq) * losses.rq + f64::from(self.lambda_mi) * losses.mi;
    }

    /// Weighted gradient of `L_rq` in the codebooks.
    pub(super) fn codebook_gradient(&self, quantized: &quantization::Quantized) -> Vec<f32> {
        quantized.codebook_gradient.iter().map(|g| g * self.loss.lambda_rq).collect()
    }

    /// Adds `L_rq` and `L_mi` to `losses`; returns their weighted gradient in `z`.
    pub(super) fn host_losses(
        &self,
        z: &[f32],
        x: &[f32],
        latent: usize,
        q: &quantization::Quantized,
        losses: &mut Losses,
    ) -> Vec<f32> {
        losses.rq = q.loss;
        let mut push: Vec<f32> = q.z_gradient.iter().map(|g| g * self.loss.lambda_rq).collect();
        if self.lambda_mi > 0.0 {
            let beta = f64::from(self.loss.beta);
            let mi = mutual_information::mutual_information(x, z, self.domains, latent, beta, self.loss.information);
            push.iter_mut().zip(&mi.z_gradient).for_each(|(p, g)| *p += self.lambda_mi * g);
            losses.mi = mi.loss;
            losses.information = mi.information;
        }
        push
    }
}

/// Gradients by part; empty where a part does not learn.
#[derive(Debug, Default)]
struct Gradients {
    encoder: Vec<LinearGradient>,
    decoder: Vec<LinearGradient>,
    router: Vec<LinearGradient>,
    codebooks: Option<Vec<f32>>,
}

impl Gradients {
    /// As [`crate::learn::optimizer::tensors_mut`] orders the tensors.
    fn in_order(self, model: &Model) -> Vec<Option<Vec<f32>>> {
        let layers = [(self.encoder, model.encoder.len()), (self.decoder, model.decoder.len())];
        let router = (self.router, usize::from(model.router.is_some()));
        let parts = layers.into_iter().chain([router]);
        let mut all: Vec<Option<Vec<f32>>> = parts
            .flat_map(|(part, layers)| {
                let tensors = part.into_iter().flat_map(|l| [Some(l.weight), Some(l.bias)]);
                tensors.chain(std::iter::repeat(None)).take(2 * layers)
            })
            .collect();
        all.push(self.codebooks);
        all
    }
}

/// `L_rec` of the reconstruction `y [items][width]` of `x`; leaves its gradient in the place of `y`.
fn reconstruction(x: &[f32], y: &mut [f32], width: usize) -> f64 {
    let items = x.len() / width;
    let rows = y.par_chunks_exact_mut(width).zip(x.par_chunks_exact(width)).with_min_len(64);
    let of_row = |(y, x): (&mut [f32], &[f32])| {
        y.iter_mut().zip(x).for_each(|(y, x)| *y -= x);
        let loss = sum_of_squares(y);
        y.iter_mut().for_each(|gap| *gap *= 2.0 / items as f32);
        loss
    };
    // Rows are summed in their order, whatever thread they were on.
    let losses: Vec<f32> = rows.map(of_row).collect();
    losses.into_iter().map(f64::from).sum::<f64>() / items as f64
}

fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
}
