//! The differentiable part on burn: encoder, router, mixing, decoder (SPEC, section 1).
//!
//! Quantization happens on the host between the encoder and the mixing (see [`super::losses`]);
//! its gradients enter here as constants.

use burn::tensor::{Device, Gradients, Tensor, TensorData, activation};

use super::config::LossOptions;
use super::losses::{hsic, quantization};
use crate::config::Mix;
use crate::weights::{Linear, Model};

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
    /// One gradient a tensor, in the order of [`super::optimizer::tensors_mut`].
    pub gradients: Vec<Option<Vec<f32>>>,
    /// Encoder output `[items][latent]`.
    pub z: Vec<f32>,
    /// Assignments; empty while only the autoencoder learns.
    pub quantized: quantization::Quantized,
    /// Gradient in `z` through all paths, `[items][latent]`; only where it was asked for.
    pub z_gradient: Option<Vec<f32>>,
}

/// Where and how steps are computed.
#[derive(Debug, Clone)]
pub struct Network {
    device: Device,
    /// Loss weights.
    pub loss: LossOptions,
    /// λ_mi with the variant applied.
    pub lambda_mi: f32,
    /// Domains in a batch, in equal groups.
    pub domains: usize,
    /// Whether to keep the gradient in `z` (for tests).
    pub keep_z_gradient: bool,
}

/// One layer on the device.
struct Layer {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

impl Network {
    /// Steps on `device`.
    pub fn new(device: Device, loss: LossOptions, lambda_mi: f32, domains: usize) -> Self {
        Self { device: device.autodiff(), loss, lambda_mi, domains, keep_z_gradient: false }
    }

    /// Losses and gradients of `model` on scaled inputs `x [items][input]`, grouped by domain.
    pub fn step(&self, model: &Model, x: &[f32], objective: Objective) -> Result<Step, super::TrainError> {
        let a = &model.config.model;
        let items = x.len() / a.input;
        let learns_encoder = objective != Objective::Decoder;
        let encoder = self.layers(&model.encoder, learns_encoder);
        let decoder = self.layers(&model.decoder, true);
        let router = model.router.as_ref().map(|r| self.layer(r, objective == Objective::Joint));
        let inputs = self.constant(x.to_vec(), items, a.input);

        let mut z = run(&encoder, inputs.clone());
        if !learns_encoder || self.keep_z_gradient {
            z = z.detach();
        }
        if self.keep_z_gradient {
            z = z.require_grad();
        }
        let z_values = read(z.clone())?;
        let (z_hat, quantized) = match objective {
            Objective::Autoencoder => (z.clone(), quantization::Quantized::default()),
            _ => self.mixture(model, &z, &z_values, router.as_ref())?,
        };
        let rec = (run(&decoder, z_hat) - inputs).square().sum() / items as f32;
        let mut losses = Losses { rec: read(rec.clone())?[0].into(), ..Losses::default() };
        let mut total = rec;
        if objective == Objective::Joint {
            let push = self.host_losses(&z_values, x, a.latent, &quantized, &mut losses);
            total = total + (z.clone() * self.constant(push, items, a.latent)).sum();
        }
        losses.total = losses.rec + f64::from(self.loss.lambda_rq) * losses.rq + f64::from(self.lambda_mi) * losses.mi;
        let gradients = total.backward();
        let z_gradient = if self.keep_z_gradient { z.grad(&gradients).map(read).transpose()? } else { None };
        let codebooks = (objective == Objective::Joint).then(|| {
            let lambda = self.loss.lambda_rq;
            quantized.codebook_gradient.iter().map(|g| g * lambda).collect()
        });
        let mut all = Vec::new();
        for layer in encoder.iter().chain(&decoder).chain(&router) {
            all.push(gradient(&layer.weight, &gradients)?);
            all.push(gradient(&layer.bias, &gradients)?);
        }
        all.push(codebooks);
        Ok(Step { losses, gradients: all, z: z_values, quantized, z_gradient })
    }

    /// `ẑ` with the straight-through estimator per expert, before mixing (SPEC 1.4).
    fn mixture(
        &self,
        model: &Model,
        z: &Tensor<2>,
        z_values: &[f32],
        router: Option<&Layer>,
    ) -> Result<(Tensor<2>, quantization::Quantized), super::TrainError> {
        let a = &model.config.model;
        let items = z_values.len() / a.latent;
        let logits = router.map(|r| run(std::slice::from_ref(r), z.clone()));
        let logit_values = logits.clone().map_or(Ok(Vec::new()), read)?;
        let quantized = quantization::quantize_batch(model, z_values, &logit_values, self.loss.commitment);
        let mut outputs = quantized.straight_through(z_values).into_iter().map(|c| z.clone() + self.constant(c, items, a.latent));
        let mut routed: Option<Tensor<2>> = None;
        let mut gate_sum: Option<Tensor<2>> = None;
        if let Some(logits) = logits {
            let gates = activation::softmax(logits, 1);
            for slot in 0..a.top_n {
                let gate = (gates.clone() * self.expert_mask(&quantized, slot, items, a.experts)).sum_dim(1);
                let part = outputs.next().expect("one output a slot") * gate.clone();
                routed = Some(routed.map_or(part.clone(), |sum| sum + part));
                gate_sum = Some(gate_sum.map_or(gate.clone(), |sum| sum + gate));
            }
        }
        let shared = outputs.next();
        let z_hat = match (a.mix, routed, shared) {
            (Mix::Sum, Some(routed), Some(shared)) => routed + shared,
            (Mix::Convex { weight }, Some(routed), Some(shared)) => {
                routed / gate_sum.expect("gates come with experts") * weight + shared * (1.0 - weight)
            }
            (Mix::Convex { .. }, Some(routed), None) => routed / gate_sum.expect("gates come with experts"),
            (Mix::Sum, Some(routed), None) => routed,
            (_, None, shared) => shared.expect("a model has at least one quantizer"),
        };
        Ok((z_hat, quantized))
    }

    /// Adds `L_rq` and `L_mi` to `losses`; returns their weighted gradient in `z`.
    fn host_losses(&self, z: &[f32], x: &[f32], latent: usize, q: &quantization::Quantized, losses: &mut Losses) -> Vec<f32> {
        losses.rq = q.loss;
        let mut push: Vec<f32> = q.z_gradient.iter().map(|g| g * self.loss.lambda_rq).collect();
        if self.lambda_mi > 0.0 {
            let beta = f64::from(self.loss.beta);
            let mi = hsic::mutual_information(x, z, self.domains, latent, beta, self.loss.information);
            push.iter_mut().zip(&mi.z_gradient).for_each(|(p, g)| *p += self.lambda_mi * g);
            losses.mi = mi.loss;
            losses.information = mi.information;
        }
        push
    }

    /// `[items][experts]`: 1 at the expert of a slot.
    fn expert_mask(&self, q: &quantization::Quantized, slot: usize, items: usize, experts: usize) -> Tensor<2> {
        let mut mask = vec![0.0; items * experts];
        for i in 0..items {
            mask[i * experts + q.quantizers[i * q.slots + slot]] = 1.0;
        }
        self.constant(mask, items, experts)
    }

    fn layers(&self, layers: &[Linear], learns: bool) -> Vec<Layer> {
        layers.iter().map(|l| self.layer(l, learns)).collect()
    }

    fn layer(&self, l: &Linear, learns: bool) -> Layer {
        let leaf = |values: &[f32], rows, columns| self.constant(values.to_vec(), rows, columns).set_require_grad(learns);
        Layer { weight: leaf(&l.weight, l.outputs, l.inputs), bias: leaf(&l.bias, 1, l.outputs) }
    }

    fn constant(&self, values: Vec<f32>, rows: usize, columns: usize) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values, [rows, columns]), &self.device)
    }
}

/// Affine layers with ReLU between them.
fn run(layers: &[Layer], x: Tensor<2>) -> Tensor<2> {
    let last = layers.len() - 1;
    layers.iter().enumerate().fold(x, |x, (i, layer)| {
        let y = x.matmul(layer.weight.clone().transpose()) + layer.bias.clone();
        if i == last { y } else { activation::relu(y) }
    })
}

fn gradient(tensor: &Tensor<2>, gradients: &Gradients) -> Result<Option<Vec<f32>>, super::TrainError> {
    tensor.grad(gradients).map(read).transpose()
}

fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, super::TrainError> {
    tensor.try_into_vec_as::<f32>().map_err(|e| super::TrainError::Device(e.to_string()))
}
