//! One forward and backward pass of a tiny UniTok against PyTorch in float64.

use serde_json::Value;
use unitok::learn::parameters::Gradients;
use unitok::model::{Architecture, Config, FORMAT_VERSION, Linear, Mix, Model, Template, TextConfig};
use unitok::train::losses::mutual_information::mutual_information;
use unitok::train::losses::options::{Information, LossOptions};
use unitok::train::losses::quantization::Quantized;
use unitok::train::network::criterion::{Criterion, Objective};
use unitok::train::network::device::Device;
use unitok::train::network::step::Network;

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
        config: Config { format_version: FORMAT_VERSION, domains: vec![], model: architecture, text, cooccurrence: None },
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
        ..LossOptions::default()
    };
    let domains = c["experts"].as_u64().unwrap() as usize;
    Network { device, criterion: Criterion { loss, lambda_mi: number("lambda_mi"), domains } }
}

#[track_caller]
pub fn close(what: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1e-12), "{what}: {ours} against {theirs}");
}

/// Within the tolerance of the largest entry: small entries of a gradient are sums of large ones.
#[track_caller]
pub fn all_close(what: &str, ours: &[f32], theirs: &Value) {
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
        check_gradients(name, &step.gradients, model.decoder.len() - 1, g);
    }
}

fn check_gradients(name: &str, ours: &Gradients, last: usize, theirs: &Value) {
    let pairs = [
        ("encoder.0.weight".to_string(), "encoder_0_weight"),
        (format!("decoder.{last}.bias"), "decoder_last_bias"),
        ("router.weight".into(), "router_weight"),
        ("router.bias".into(), "router_bias"),
        ("codebooks".into(), "codebooks"),
    ];
    for (tensor, key) in pairs {
        all_close(&format!("{name} {tensor}"), ours.get(&tensor).unwrap(), &theirs[key]);
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
        let mi = mutual_information(&x, &step.z, a.experts, a.latent, f64::from(network.criterion.loss.beta), Information::Hsic);
        all_close(&format!("{name} mi"), &mi.z_gradient, &case["gradients"]["mi_wrt_z"]);
        // The file's total holds the gradient of L_mi once more, unweighted: carried through the
        // encoder, only the total without it gives the file's own `encoder_0_weight`.
        let with_mi: Vec<f32> = step.z_gradient.unwrap().iter().zip(&mi.z_gradient).map(|(g, m)| g + m).collect();
        all_close(&format!("{name} z"), &with_mi, &case["gradients"]["total_wrt_z_through_all_paths"]);
    }
}

fn check_codes(name: &str, case: &Value, model: &Model, ours: &Quantized) {
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
