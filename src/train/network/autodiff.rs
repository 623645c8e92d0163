//! The step on burn: encoder, router, mixing and decoder by automatic differentiation, for GPUs.
//!
//! Quantization and information are computed on the host in between (see [`crate::train::losses`]); their
//! gradients enter here as constants.

use burn::tensor::{Device, Gradients as OfTape, Tensor, TensorData, activation};

use super::batch::Batch;
use super::criterion::{Criterion, Losses, Objective, Step};
use super::device::DeviceError;
use super::parameters::{CODEBOOKS, ROUTER, bias, decoder, encoder, weight};
use crate::learn::parameters::Gradients;
use crate::model::{Linear, Model};
use crate::train::losses::quantization::{Quantized, quantize_batch};

/// As [`super::closed_form::step`], on `device`.
pub(super) fn step(
    criterion: &Criterion,
    device: &Device,
    model: &Model,
    batch: Batch<'_>,
    objective: Objective,
) -> Result<Step, DeviceError> {
    let x = batch.x;
    let on = OnDevice(device.clone().autodiff());
    let a = &model.config.model;
    let items = x.len() / a.input;
    let learns_encoder = objective != Objective::Decoder;
    let encoder_layers = on.layers(&model.encoder, learns_encoder);
    let decoder_layers = on.layers(&model.decoder, true);
    let router = model.router.as_ref().map(|r| on.layer(r, objective == Objective::Joint));
    let inputs = on.constant(x.to_vec(), items, a.input);
    let target = on.constant(batch.target.to_vec(), items, a.input);

    let z = run(&encoder_layers, inputs);
    let z = if learns_encoder { z } else { z.detach() };
    let z_values = read(z.clone())?;
    let (z_hat, quantized) = match objective {
        Objective::Autoencoder => (z.clone(), Quantized::default()),
        _ => {
            let logits = router.as_ref().map(|r| run(std::slice::from_ref(r), z.clone()));
            let logit_values = logits.clone().map_or(Ok(Vec::new()), read)?;
            let quantized = quantize_batch(model, &z_values, &logit_values, &criterion.loss);
            (on.mixture(model, &z, &z_values, logits, &quantized), quantized)
        }
    };
    let rec = (run(&decoder_layers, z_hat.clone()) - target).square().sum() / items as f32;
    let mut losses = Losses { rec: read(rec.clone())?[0].into(), ..Losses::default() };
    let mut total = rec;
    if objective == Objective::Joint {
        let z_gradient = criterion.latent_losses(&z_values, x, a.latent, &quantized, &mut losses);
        total = total + (z * on.constant(z_gradient, items, a.latent)).sum();
        if criterion.loss.alignment > 0.0 {
            let gradient = criterion.alignment(a, &read(z_hat.clone())?, batch.collaborative, &mut losses);
            total = total + (z_hat * on.constant(gradient, items, a.latent)).sum();
        }
    }
    let codebook_gradient =
        (objective == Objective::Joint).then(|| criterion.codebook_gradient(model, &quantized, batch.partners, &mut losses));
    losses.total = criterion.total(a, &losses);
    let tape = total.backward();
    let mut gradients = Gradients::default();
    let encoder_layers = encoder_layers.iter().enumerate().map(|(i, layer)| (encoder(i), layer));
    let decoder_layers = decoder_layers.iter().enumerate().map(|(i, layer)| (decoder(i), layer));
    let router = router.iter().map(|layer| (ROUTER.to_string(), layer));
    for (name, layer) in encoder_layers.chain(decoder_layers).chain(router) {
        for (name, tensor) in [(weight(&name), &layer.weight), (bias(&name), &layer.bias)] {
            if let Some(gradient) = gradient(tensor, &tape)? {
                gradients.insert(name, gradient);
            }
        }
    }
    if let Some(gradient) = codebook_gradient {
        gradients.insert(CODEBOOKS, gradient);
    }
    Ok(Step { losses, gradients, z: z_values, quantized, z_gradient: None })
}

/// One layer on the device.
struct Layer {
    weight: Tensor<2>,
    bias: Tensor<2>,
}

/// A device that records what is computed on it.
struct OnDevice(Device);

impl OnDevice {
    /// `ẑ` with the straight-through estimator per expert, before mixing.
    fn mixture(&self, model: &Model, z: &Tensor<2>, z_values: &[f32], logits: Option<Tensor<2>>, q: &Quantized) -> Tensor<2> {
        let a = &model.config.model;
        let items = z_values.len() / a.latent;
        let mut outputs = q.straight_through(z_values).into_iter().map(|c| z.clone() + self.constant(c, items, a.latent));
        let mut routed: Option<Tensor<2>> = None;
        let mut gate_sum: Option<Tensor<2>> = None;
        if let Some(logits) = logits {
            let gates = activation::softmax(logits, 1);
            for slot in 0..a.top_n {
                let gate = (gates.clone() * self.expert_mask(q, slot, items, a.experts)).sum_dim(1);
                let part = outputs.next().expect("one output a slot") * gate.clone();
                routed = Some(routed.map_or(part.clone(), |sum| sum + part));
                gate_sum = Some(gate_sum.map_or(gate.clone(), |sum| sum + gate));
            }
        }
        let weights = a.mix_weights();
        let normalised = |sum| if weights.renormalise { sum / gate_sum.expect("gates come with experts") } else { sum };
        let routed = routed.map(|sum| normalised(sum) * weights.routed);
        let shared = outputs.next().map(|output| output * weights.shared);
        match (routed, shared) {
            (Some(routed), Some(shared)) => routed + shared,
            (routed, shared) => routed.or(shared).expect("a model has at least one quantizer"),
        }
    }

    /// `[items][experts]`: 1 at the expert of a slot.
    fn expert_mask(&self, q: &Quantized, slot: usize, items: usize, experts: usize) -> Tensor<2> {
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
        Tensor::from_data(TensorData::new(values, [rows, columns]), &self.0)
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

fn gradient(tensor: &Tensor<2>, tape: &OfTape) -> Result<Option<Vec<f32>>, DeviceError> {
    tensor.grad(tape).map(read).transpose()
}

fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, DeviceError> {
    tensor.try_into_vec_as::<f32>().map_err(|e| DeviceError::Failed(e.to_string()))
}
