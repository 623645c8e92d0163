//! One forward and backward pass of a tiny UniTok against PyTorch in float64.

use serde_json::Value;
use unitok::model::Template;
use unitok::model::{Architecture, Config, FORMAT_VERSION, Mix, TextConfig};
use unitok::model::{Linear, Model};
use unitok::train::losses::mutual_information::mutual_information;
use unitok::train::network::step::{Device, Network, Objective, Step};
use unitok::train::recipes::unitok::config::{Information, LossOptions};

const TOLERANCE: f64 = 1e-4;

fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../golden/unitok_golden.json")).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn floats(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(values) => values.iter().flat_map(floats).collect(),
        number => vec![number.as_f64().unwrap() as f32],
    }
}

fn linear(value: &Value) -> Linear {
    let bias = floats(&value["bias"]);
    let weight = floats(&value["weight"]);
    Linear { inputs: weight.len() / bias.len(), outputs: bias.len(), weight, bias }
}

fn model(case: &Value) -> Model {
    let c = &case["config"];
    let size = |name: &str| c[name].as_u64().unwrap() as usize;
    let mix = match c["mix"].as_str().unwrap() {
        "convex" => Mix::Convex { weight: c["convex_weight"].as_f64().unwrap() as f32 },
        // Without a shared expert the reference renormalises the gates.
        "no shared expert" => Mix::Convex { weight: 1.0 },
        _ => Mix::Sum,
    };
    let architecture = Architecture {
        input: size("input"),
        hidden: c["hidden"].as_array().unwrap().iter().map(|w| w.as_u64().unwrap() as usize).collect(),
        latent: size("latent"),
        levels: size("levels"),
        codes: size("codes"),
        experts: size("experts"),
        top_n: size("top_n"),
        shared: c["mix"] != "no shared expert",
        mix,
    };
    let w = &case["weights"];
    let layers = |name: &str| w[name].as_array().unwrap().iter().map(linear).collect();
    let text = TextConfig { encoder: String::new(), encoder_sha256: String::new(), template: Template::default() };
    Model {
        config: Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text },
        encoder: layers("encoder"),
        decoder: layers("decoder"),
        router: Some(linear(&w["router"])),
        codebooks: floats(&w["codebooks"]),
    }
}

/// Closed forms, and burn's automatic differentiation where it is compiled.
fn devices() -> Vec<Device> {
    vec![
        Device::Cpu,
        #[cfg(feature = "autodiff")]
        Device::Burn(burn::tensor::Device::flex()),
    ]
}

fn network(case: &Value, device: Device) -> Network {
    let c = &case["config"];
    let number = |name: &str| c[name].as_f64().unwrap() as f32;
    let loss = LossOptions {
        lambda_rq: number("lambda_rq"),
        lambda_mi: number("lambda_mi"),
        beta: number("beta"),
        commitment: number("commitment"),
        information: Information::Hsic,
    };
    Network { device, loss, lambda_mi: number("lambda_mi"), domains: c["experts"].as_u64().unwrap() as usize }
}

#[track_caller]
fn close(what: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1e-12), "{what}: {ours} against {theirs}");
}

/// Within the tolerance of the largest entry: small entries of a gradient are sums of large ones.
#[track_caller]
fn all_close(what: &str, ours: &[f32], theirs: &Value) {
    let theirs = floats(theirs);
    assert_eq!(ours.len(), theirs.len(), "{what}");
    // A gradient that is zero by design (a lone gate renormalised to 1) is zero up to rounding.
    let scale = theirs.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        assert!(f64::from((a - b).abs()) <= TOLERANCE * f64::from(scale), "{what} at {i}: {a} against {b}");
    }
}

#[test]
fn losses_codes_and_gradients_match_float64() {
    for (case, device) in cases().iter().flat_map(|case| devices().into_iter().map(move |device| (case, device))) {
        let name = &format!("{} on {device:?}", case["name"].as_str().unwrap());
        let (model, network) = (model(case), network(case, device));
        let x = floats(&case["x"]);
        let step = network.step(&model, &x, Objective::Joint).unwrap();
        all_close(&format!("{name} z"), &step.z, &case["z"]);
        check_codes(name, case, &model, &step.quantized);
        let (l, g) = (&case["loss"], &case["gradients"]);
        close(&format!("{name} rec"), step.losses.rec, l["rec"].as_f64().unwrap());
        close(&format!("{name} rq"), step.losses.rq, l["rq"].as_f64().unwrap());
        close(&format!("{name} mi"), step.losses.mi, l["mi"].as_f64().unwrap());
        close(&format!("{name} total"), step.losses.total, l["total"].as_f64().unwrap());
        for (k, ours) in step.losses.information.iter().enumerate() {
            close(&format!("{name} hsic {k}"), *ours, l["hsic"][k].as_f64().unwrap());
        }
        let of = |t: usize| step.gradients[t].as_deref().unwrap();
        let tensors = step.gradients.len();
        all_close(&format!("{name} encoder"), of(0), &g["encoder_0_weight"]);
        all_close(&format!("{name} decoder bias"), of(tensors - 4), &g["decoder_last_bias"]);
        all_close(&format!("{name} router weight"), of(tensors - 3), &g["router_weight"]);
        all_close(&format!("{name} router bias"), of(tensors - 2), &g["router_bias"]);
        all_close(&format!("{name} codebooks"), of(tensors - 1), &g["codebooks"]);
    }
}

#[test]
fn the_gradient_in_z_matches_through_all_paths_and_for_information_alone() {
    for case in cases() {
        let name = case["name"].as_str().unwrap();
        let (model, network) = (model(&case), network(&case, Device::Cpu));
        let x = floats(&case["x"]);
        let step = network.step(&model, &x, Objective::Joint).unwrap();
        let a = &model.config.model;
        let mi = mutual_information(&x, &step.z, a.experts, a.latent, f64::from(network.loss.beta), Information::Hsic);
        all_close(&format!("{name} mi"), &mi.z_gradient, &case["gradients"]["mi_wrt_z"]);
        // The file's total holds the gradient of L_mi once more, unweighted: carried through the
        // encoder, only the total without it gives the file's own `encoder_0_weight`.
        let with_mi: Vec<f32> = step.z_gradient.unwrap().iter().zip(&mi.z_gradient).map(|(g, m)| g + m).collect();
        all_close(&format!("{name} z"), &with_mi, &case["gradients"]["total_wrt_z_through_all_paths"]);
    }
}

fn check_codes(name: &str, case: &Value, model: &Model, ours: &unitok::train::losses::quantization::Quantized) {
    let a = &model.config.model;
    let numbers = |v: &Value| -> Vec<u64> { v.as_array().unwrap().iter().map(|c| c.as_u64().unwrap()).collect() };
    for (i, item) in case["codes"].as_array().unwrap().iter().enumerate() {
        let experts = numbers(&item["experts"]);
        for slot in 0..ours.slots {
            let at = i * ours.slots + slot;
            let codes: Vec<u64> = ours.codes[at * a.levels..(at + 1) * a.levels].iter().map(|&c| u64::from(c)).collect();
            let theirs = match experts.get(slot) {
                Some(expert) => {
                    assert_eq!(ours.quantizers[at] as u64, *expert, "{name} item {i} slot {slot}");
                    numbers(&item["codes"][expert.to_string()])
                }
                None => numbers(&item["shared"]),
            };
            assert_eq!(codes, theirs, "{name} item {i} slot {slot}");
        }
    }
}

#[cfg(feature = "autodiff")]
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
        config: Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text: TextConfig::default() },
    };
    (model, noise(3 * 47 * 19, 31))
}

#[cfg(feature = "autodiff")]
#[test]
fn closed_forms_match_automatic_differentiation_for_every_mix_and_objective() {
    let convex = Mix::Convex { weight: 0.3 };
    let mixes = [(1, true, Mix::Sum), (2, true, convex), (3, true, Mix::Sum), (2, false, convex), (2, false, Mix::Sum)];
    for (top_n, shared, mix) in mixes.into_iter().chain([(0, true, Mix::Sum), (0, true, convex)]) {
        let (model, x) = noisy(top_n, shared, mix);
        for objective in [Objective::Autoencoder, Objective::Joint, Objective::Decoder] {
            let step = |device| -> Step {
                let network = Network { device, loss: LossOptions::default(), lambda_mi: 10.0, domains: 3 };
                network.step(&model, &x, objective).unwrap()
            };
            let (ours, theirs) = (step(Device::Cpu), step(Device::Burn(burn::tensor::Device::flex())));
            let name = format!("top {top_n}, shared {shared}, {mix:?}, {objective:?}");
            assert_eq!(ours.quantized.codes, theirs.quantized.codes, "{name}");
            close(&name, ours.losses.total, theirs.losses.total);
            assert_eq!(ours.gradients.len(), theirs.gradients.len(), "{name}");
            for (t, (ours, theirs)) in ours.gradients.iter().zip(&theirs.gradients).enumerate() {
                assert_eq!(ours.is_some(), theirs.is_some(), "{name}: tensor {t}");
                if let (Some(ours), Some(theirs)) = (ours, theirs) {
                    all_close(&format!("{name}: tensor {t}"), ours, &serde_json::json!(theirs));
                }
            }
        }
    }
}
