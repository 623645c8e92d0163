//! Rows that are to tell something else than themselves: the gradients, and which phases of a run know of it.

use std::borrow::Cow;

use unitok::base::random::Random;
use unitok::engine::Want;
use unitok::engine::cpu::CpuEngine;
use unitok::model::{Linear, Model};
use unitok::train::data::{Domain, Training};
use unitok::train::losses::options::LossOptions;
use unitok::train::network::batch::Batch;
use unitok::train::network::criterion::{Criterion, Objective, Step};
use unitok::train::network::device::Device;
use unitok::train::network::step::Network;
use unitok::train::recipes::tokenizer::train_tokenizer;

use super::runs::{WIDTH, Watch, config, domains};
use super::tiny;

const ITEMS: usize = 12;
const INPUT: usize = 8;

fn noise(seed: u32) -> Vec<f32> {
    let mut random = Random::new(seed);
    (0..ITEMS * INPUT).map(|_| random.centred()).collect()
}

fn step(model: &Model, x: &[f32], target: &[f32], objective: Objective) -> Step {
    let criterion = Criterion { loss: LossOptions::default(), lambda_mi: 10.0, domains: 2 };
    Network { device: Device::Cpu, criterion }.step(model, Batch { target, ..Batch::from(x) }, objective).unwrap()
}

/// The output of layers in float64, with `add` on one weight of the layer `at`.
fn run(layers: &[Linear], x: &[f64], nudged: Option<(usize, usize, f64)>) -> Vec<f64> {
    layers.iter().enumerate().fold(x.to_vec(), |x, (at, layer)| {
        let weight = |i: usize| {
            let extra = nudged.filter(|(layer, place, _)| (*layer, *place) == (at, i)).map_or(0.0, |(_, _, add)| add);
            f64::from(layer.weight[i]) + extra
        };
        let unit = |o: usize| {
            let sum: f64 = x.iter().enumerate().map(|(i, x)| weight(o * layer.inputs + i) * x).sum();
            let sum = sum + f64::from(layer.bias[o]);
            if at + 1 == layers.len() { sum } else { sum.max(0.0) }
        };
        (0..layer.outputs).map(unit).collect()
    })
}

#[test]
fn the_gradient_of_another_target_is_that_of_finite_differences() {
    let (model, x, target) = (tiny::model(INPUT), noise(1), noise(2));
    let ours = step(&model, &x, &target, Objective::Autoencoder);
    let loss = |of_encoder: Option<(usize, usize, f64)>, of_decoder: Option<(usize, usize, f64)>| -> f64 {
        let error = |(x, target): (&[f32], &[f32])| -> f64 {
            let x: Vec<f64> = x.iter().map(|v| f64::from(*v)).collect();
            let y = run(&model.decoder, &run(&model.encoder, &x, of_encoder), of_decoder);
            y.iter().zip(target).map(|(y, t)| (y - f64::from(*t)).powi(2)).sum()
        };
        x.chunks_exact(INPUT).zip(target.chunks_exact(INPUT)).map(error).sum::<f64>() / ITEMS as f64
    };
    assert!((ours.losses.rec - loss(None, None)).abs() < 1e-5 * ours.losses.rec);
    for (layer, encodes) in [(0, true), (1, true), (0, false), (1, false)] {
        let name = format!("{}.{layer}.weight", if encodes { "encoder" } else { "decoder" });
        for (place, gradient) in ours.gradients.get(&name).unwrap().iter().enumerate() {
            let nudged = |add: f64| {
                let nudge = Some((layer, place, add));
                if encodes { loss(nudge, None) } else { loss(None, nudge) }
            };
            let expected = (nudged(1e-6) - nudged(-1e-6)) / 2e-6;
            assert!((f64::from(*gradient) - expected).abs() < 1e-4, "{name} at {place}: {gradient} against {expected}");
        }
    }
}

#[test]
fn a_target_moves_the_reconstruction_alone() {
    let (model, x, target) = (tiny::model(INPUT), noise(1), noise(2));
    let (own, other) = (step(&model, &x, &x, Objective::Joint), step(&model, &x, &target, Objective::Joint));
    assert_eq!((own.losses.rq, own.losses.mi, &own.z), (other.losses.rq, other.losses.mi, &other.z));
    assert_eq!(own.quantized.codes, other.quantized.codes);
    assert_eq!(own.gradients.get("codebooks"), other.gradients.get("codebooks"));
    assert_ne!(own.gradients.get("encoder.0.weight"), other.gradients.get("encoder.0.weight"));
    // The gradient of ‖x̂ − t‖² in the decoder's last bias is 2(x̂ − t), mean over items.
    let bias = |step: &Step| step.gradients.get("decoder.1.bias").unwrap().to_vec();
    for (d, (own, other)) in bias(&own).iter().zip(bias(&other)).enumerate() {
        let mean = |rows: &[f32]| rows.chunks_exact(INPUT).map(|row| row[d]).sum::<f32>() / ITEMS as f32;
        assert!((other - own - 2.0 * (mean(&x) - mean(&target))).abs() < 1e-5, "{d}");
    }
}

/// The codebooks of a run, and how far its reconstructions are from its rows.
fn trained(domains: &[Domain], extra: &[&str]) -> (Vec<f32>, f32) {
    let config = config(&[extra, &["recipe.checkpoint_every=1000", "recipe.refit_iterations=0"]].concat());
    let training = Training { domains: Cow::Borrowed(domains), width: WIDTH, collaborative: None, cooccurrence: None };
    let model = train_tokenizer(&config, training, &mut Watch::default()).unwrap().unwrap();
    let rows: Vec<f32> = domains.iter().flat_map(|domain| domain.rows.clone()).collect();
    let tokens = CpuEngine::new(&model).run(&rows, Want { reconstruction: true, ..Want::default() }).unwrap();
    (model.codebooks, tokens.reconstruction.unwrap().iter().sum())
}

#[test]
fn a_run_learns_targets_and_its_decoder_ends_at_the_rows() {
    let telling = |factor: f32| -> Vec<Domain> {
        let target = |rows: &[f32]| Some(rows.iter().map(|v| factor * v).collect());
        domains().into_iter().map(|d| Domain { targets: target(&d.rows), ..d }).collect()
    };
    assert_eq!(trained(&telling(1.0), &[]), trained(&domains(), &[]), "rows as targets are no targets");
    // Where the target is the opposite of the row, the decoder says the opposite until it is taught the rows.
    let (_, opposite) = trained(&telling(-1.0), &["recipe.decoder_steps=0"]);
    let (_, taught) = trained(&telling(-1.0), &["recipe.decoder_steps=200"]);
    assert!(taught < 0.2 * opposite, "{opposite} {taught}");
}
