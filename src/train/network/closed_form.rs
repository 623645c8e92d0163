//! A step in closed form on the CPU: every gradient is a formula over a few matrix products.

use super::batch::Batch;
use super::criterion::{Criterion, Losses, Objective, Step};
use super::experts::Mixture;
use super::layers::{LinearGradient, backward, forward};
use super::parameters::{CODEBOOKS, ROUTER, bias, decoder, encoder, weight};
use crate::learn::parameters::Gradients;
use crate::model::Model;
use crate::train::losses::quantization::{Quantized, quantize_batch};
use crate::train::losses::reconstruction::reconstruction;

/// Losses and gradients of `model` on a batch.
pub fn step(criterion: &Criterion, model: &Model, batch: Batch<'_>, objective: Objective) -> Step {
    let x = batch.x;
    let a = &model.config.model;
    let encoded = forward(&model.encoder, x);
    let z = encoded.last().expect("an encoder has layers");
    let routed = model.router.as_ref().filter(|_| objective != Objective::Autoencoder).map(std::slice::from_ref);
    let logits = routed.map_or(Vec::new(), |router| forward(router, z).remove(0));
    let quantized = match objective {
        Objective::Autoencoder => Quantized::default(),
        _ => quantize_batch(model, z, &logits, &criterion.loss),
    };
    let mixture = (objective != Objective::Autoencoder).then(|| Mixture::new(a, &logits, &quantized));
    let z_hat = mixture.as_ref().map_or_else(|| z.clone(), Mixture::z_hat);
    let mut decoded = forward(&model.decoder, &z_hat);
    let mut output = decoded.pop().expect("a decoder has layers");
    let rec = reconstruction(batch.target, &mut output, a.input);
    let mut losses = Losses { rec, ..Losses::default() };
    let (of_decoder, z_hat_gradient) = backward(&model.decoder, &z_hat, &decoded, output, objective != Objective::Decoder);

    let mut gradients = Gradients::default();
    let mut z_gradient = z_hat_gradient;
    if let (Objective::Joint, Some(mixture), Some(z_hat_gradient)) = (objective, &mixture, &mut z_gradient) {
        if criterion.loss.alignment > 0.0 {
            add(z_hat_gradient, &criterion.alignment(a, &z_hat, batch.collaborative, &mut losses));
        }
        let through = mixture.backward(z_hat_gradient);
        let mut all = criterion.latent_losses(z, x, a.latent, &quantized, &mut losses);
        add(&mut all, &through.z);
        if let Some(router) = routed {
            let (of_router, z) = backward(router, z, &[], through.logits, true);
            insert_layers(&mut gradients, |_| ROUTER.into(), of_router);
            add(&mut all, &z.expect("asked for"));
        }
        gradients.insert(CODEBOOKS, criterion.codebook_gradient(model, &quantized, batch.partners, &mut losses));
        z_gradient = Some(all);
    }
    losses.total = criterion.total(a, &losses);
    if let Some(z_gradient) = &z_gradient {
        insert_layers(&mut gradients, encoder, backward(&model.encoder, x, &encoded, z_gradient.clone(), false).0);
    }
    insert_layers(&mut gradients, decoder, of_decoder);
    Step { losses, gradients, z: z.clone(), quantized, z_gradient }
}

/// Adds the gradients of layers under their names.
pub fn insert_layers(gradients: &mut Gradients, name: impl Fn(usize) -> String, layers: Vec<LinearGradient>) {
    for (i, layer) in layers.into_iter().enumerate() {
        gradients.insert(weight(&name(i)), layer.weight);
        gradients.insert(bias(&name(i)), layer.bias);
    }
}

fn add(sum: &mut [f32], values: &[f32]) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
}
