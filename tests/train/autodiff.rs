//! The closed forms against burn's automatic differentiation.

use unitok::model::{Architecture, Config, FORMAT_VERSION, Linear, Mix, Model, TextConfig};
use unitok::train::losses::options::LossOptions;
use unitok::train::network::criterion::{Criterion, Objective, Step};
use unitok::train::network::device::Device;
use unitok::train::network::step::Network;

use super::golden::{all_close, close};

/// A model of awkward widths with noise for weights, and inputs of three domains for it.
fn noisy(top_n: usize, shared: bool, mix: Mix) -> (Model, Vec<f32>) {
    let noise =
        |n: usize, seed: usize| -> Vec<f32> { (0..n).map(|i| ((i * 7919 + seed * 104_729) as f32 * 0.618).sin()).collect() };
    let architecture = Architecture {
        input: 19,
        hidden: vec![33, 17],
        latent: 5,
        levels: 3,
        codes: 9,
        experts: if top_n == 0 { 0 } else { 3 },
        top_n,
        shared,
        mix,
    };
    let widths = architecture.widths();
    let layer = |inputs: usize, outputs: usize, seed: usize| Linear {
        weight: noise(inputs * outputs, seed).iter().map(|w| 0.4 * w).collect(),
        bias: noise(outputs, seed + 50),
        inputs,
        outputs,
    };
    let chain = |widths: &[usize], seed: usize| {
        widths.windows(2).enumerate().map(|(i, w)| layer(w[0], w[1], seed + i)).collect::<Vec<_>>()
    };
    let reversed: Vec<usize> = widths.iter().rev().copied().collect();
    let codebooks = noise(architecture.parameters().codebooks, 9);
    let model = Model {
        encoder: chain(&widths, 1),
        decoder: chain(&reversed, 11),
        router: (top_n > 0).then(|| layer(5, 3, 21)),
        codebooks,
        config: Config {
            format_version: FORMAT_VERSION,
            domains: vec![],
            model: architecture,
            text: TextConfig::default(),
            cooccurrence: None,
        },
    };
    (model, noise(3 * 47 * 19, 31))
}

#[test]
fn closed_forms_match_automatic_differentiation_for_every_mix_and_objective() {
    let convex = Mix::Convex { weight: 0.3 };
    let mixes = [(1, true, Mix::Sum), (2, true, convex), (3, true, Mix::Sum), (2, false, convex), (2, false, Mix::Sum)];
    for (top_n, shared, mix) in mixes.into_iter().chain([(0, true, Mix::Sum), (0, true, convex)]) {
        let (model, x) = noisy(top_n, shared, mix);
        for objective in [Objective::Autoencoder, Objective::Joint, Objective::Decoder] {
            let step = |device| -> Step {
                let criterion = Criterion { loss: LossOptions::default(), lambda_mi: 10.0, domains: 3 };
                Network { device, criterion }.step(&model, &x, objective).unwrap()
            };
            let (ours, theirs) = (step(Device::Cpu), step(Device::Burn(burn::tensor::Device::flex())));
            let name = format!("top {top_n}, shared {shared}, {mix:?}, {objective:?}");
            assert_eq!(ours.quantized.codes, theirs.quantized.codes, "{name}");
            close(&name, ours.losses.total, theirs.losses.total);
            let names = |step: &Step| step.gradients.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
            assert_eq!(names(&ours), names(&theirs), "{name}");
            for ((tensor, ours), (_, theirs)) in ours.gradients.iter().zip(theirs.gradients.iter()) {
                all_close(&format!("{name}: {tensor}"), ours, &serde_json::json!(theirs));
            }
        }
    }
}
