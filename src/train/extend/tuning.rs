//! Decoder and new codebooks trained together, while everything that an old item's codes depend on is frozen.
//!
//! Latents of a new domain hold less of its items than those of a domain that the encoder learned. Codes can make up for it: a
//! code of a new expert need not be where its items' latents lie, it may as well say what the encoder left out. So new codes follow
//! the reconstruction, and `L_rq` only holds them near enough to latents to be found.

use crate::base::clock::now;
use crate::base::parallel::on_worker;
use crate::learn::parameters::Gradients;
use crate::learn::schedule::Schedule;
use crate::model::Model;
use crate::train::TrainError;
use crate::train::data::{Batches, Place, rows};
use crate::train::losses::options::LossOptions;
use crate::train::losses::quantization::quantize_batch;
use crate::train::losses::reconstruction::reconstruction;
use crate::train::network::closed_form::insert_layers;
use crate::train::network::criterion::Losses;
use crate::train::network::experts::Mixture;
use crate::train::network::layers::{backward, forward};
use crate::train::network::parameters::{CODEBOOKS, decoder};
use crate::train::recipes::unitok::check::check_weights;
use crate::train::recipes::unitok::config::TrainConfig;
use crate::train::recipes::unitok::run::StepReport;
use crate::train::recipes::unitok::schedule::Phase;
use crate::train::recipes::unitok::session::{Data, Watcher};
use crate::train::recipes::unitok::state::State;

/// Steps, as often as the decoder's of a whole run: here it is all that learns.
const ROUNDS: usize = 2;
/// Items of a new domain in a batch, as often as those of an old one.
const SHARE: usize = 3;
/// Weight of `L_rq` beside the reconstruction.
const NEARNESS: f32 = 0.1;

/// Trains the decoder of `model` and the codebooks of its experts from `old` on, those of the new domains.
///
/// # Errors
/// [`TrainError::Stopped`] by the watcher; [`TrainError::Diverged`].
pub fn tuned(
    model: Model,
    old: usize,
    config: &TrainConfig,
    data: &Data,
    watcher: &mut Watcher<'_>,
) -> Result<State, TrainError> {
    let recipe = &config.recipe;
    let is_new: Vec<bool> = data.domains.iter().map(|domain| model.config.domains[old..].contains(&domain.name)).collect();
    let mut state = State { phase: Phase::Decoder, ..State::new(model, recipe) };
    let mut draw = Draw::new(data, recipe.items_per_domain, config.seed, is_new);
    let steps = ROUNDS * recipe.decoder_steps;
    let schedule = Schedule::Cosine { steps, end: recipe.final_rate };
    let begin = now();
    while state.step < steps {
        let learning_rate = schedule.rate(recipe.learning_rate, state.step);
        let x = rows(&data.domains, data.width, &draw.places_at(state.step));
        let (losses, gradients) = on_worker(|| step(&state.model, old, &x));
        if !losses.total.is_finite() {
            return Err(TrainError::Diverged { step: state.step, what: "loss".into(), learning_rate });
        }
        state.adam.update(&mut state.model, &gradients, learning_rate);
        state.step += 1;
        let report = StepReport { step: state.step, phase: state.phase, losses, learning_rate, codes_used: None, reseeded: 0 };
        watcher.step(&report, steps);
        if watcher.stop() {
            return Err(TrainError::Stopped);
        }
    }
    check_weights(&state, recipe.learning_rate)?;
    state.seconds = now() - begin;
    Ok(state)
}

/// Batches with more items of new domains than of old ones. Those of a domain that has fewer come more than once.
struct Draw {
    all: Batches,
    more: Batches,
    is_new: Vec<bool>,
}

impl Draw {
    fn new(data: &Data, per_domain: usize, seed: u64, is_new: Vec<bool>) -> Self {
        let batches = |per_domain, seed| Batches::new(&data.domains, data.width, per_domain, seed);
        Self { all: batches(per_domain, seed), more: batches((SHARE - 1) * per_domain, seed ^ 1), is_new }
    }

    fn places_at(&mut self, step: usize) -> Vec<Place> {
        let mut places = self.all.places_at(step);
        places.extend(self.more.places_at(step).into_iter().filter(|place| self.is_new[place.0]));
        places
    }
}

/// Losses of a batch, and the gradients of what learns.
fn step(model: &Model, old: usize, x: &[f32]) -> (Losses, Gradients) {
    let a = &model.config.model;
    let last = |mut layers: Vec<Vec<f32>>| layers.pop().expect("a network has layers");
    let z = last(forward(&model.encoder, x));
    let logits = last(forward(model.router.as_slice(), &z));
    let quantized = quantize_batch(model, &z, &logits, &LossOptions::default());
    let mixture = Mixture::new(a, &logits, &quantized);
    let z_hat = mixture.z_hat();
    let mut decoded = forward(&model.decoder, &z_hat);
    let mut output = decoded.pop().expect("a decoder has layers");
    let rec = reconstruction(x, &mut output, a.input);
    let (of_decoder, of_z_hat) = backward(&model.decoder, &z_hat, &decoded, output, true);
    let mut codebooks: Vec<f32> = quantized.codebook_gradient.iter().map(|g| NEARNESS * g).collect();
    mixture.add_to_codes(&of_z_hat.expect("asked for"), &mut codebooks);
    // The codes of old experts, and those of the shared one, which is the last.
    let quantizer = a.levels * a.codes * a.latent;
    codebooks[..old * quantizer].fill(0.0);
    codebooks[a.experts * quantizer..].fill(0.0);
    let mut gradients = Gradients::default();
    insert_layers(&mut gradients, decoder, of_decoder);
    gradients.insert(CODEBOOKS, codebooks);
    (Losses { rec, rq: quantized.loss, total: rec + f64::from(NEARNESS) * quantized.loss, ..Losses::default() }, gradients)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Architecture, Config, FORMAT_VERSION, TextConfig};
    use crate::train::network::xavier::xavier;

    fn wave(n: usize, pace: f32) -> Vec<f32> {
        (0..n).map(|i| (i as f32 * pace).sin()).collect()
    }

    fn codes(model: &Model, x: &[f32]) -> (Vec<u32>, Vec<f32>) {
        let z = forward(&model.encoder, x).pop().unwrap();
        let logits = forward(model.router.as_slice(), &z).pop().unwrap();
        let quantized = quantize_batch(model, &z, &logits, &LossOptions::default());
        (quantized.codes, quantized.codebook_gradient)
    }

    #[test]
    fn new_codes_follow_the_reconstruction_and_old_ones_stay() {
        let architecture = Architecture { hidden: vec![7], latent: 4, levels: 2, codes: 3, ..Architecture::small(12, 3) };
        let (format_version, text) = (FORMAT_VERSION, TextConfig::default());
        let mut model = xavier(Config { format_version, domains: vec![], model: architecture, text, cooccurrence: None }, 1);
        model.codebooks = wave(model.codebooks.len(), 1.7);
        let (x, old, quantizer) = (wave(40 * 12, 0.37), 1, 2 * 3 * 4);
        let (_, gradients) = step(&model, old, &x);
        let found = gradients.get(CODEBOOKS).unwrap();
        let (chosen, of_nearness) = codes(&model, &x);
        let (mut error, mut size) = (0.0, 0.0);
        for at in 0..found.len() {
            if at < old * quantizer || at >= 3 * quantizer {
                assert_eq!(found[at], 0.0, "code {at} is frozen");
                continue;
            }
            let [less, more] = [-0.01, 0.01].map(|by| {
                let mut moved = model.clone();
                moved.codebooks[at] += by;
                (codes(&moved, &x).0 == chosen).then(|| step(&moved, old, &x).0.rec)
            });
            let Some((less, more)) = less.zip(more) else { continue };
            let expected = (more - less) / 0.02;
            error += (f64::from(found[at] - NEARNESS * of_nearness[at]) - expected).powi(2);
            size += expected * expected;
        }
        // A layer's kinks count, but little over all codes together.
        assert!(size > 0.0 && error < 0.01 * size, "{error} of {size}");
    }
}
