//! Both engines against a forward pass of a tiny UniTok in float64 by PyTorch, in four configurations.

use serde_json::Value;
use unitok::engine::cpu::CpuEngine;
use unitok::engine::{Engine, Tokenized};
use unitok::model::{Architecture, Linear, Mix, Model};

use crate::agreement::{ALL, gpu};
use unitok::bench::synthetic;

const GOLDEN: &str = include_str!("../golden/unitok_golden.json");

#[test]
fn forward_passes_are_reproduced() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let model = model(case);
        let x = floats(&case["x"]);
        check(case, &CpuEngine::new(&model).run_scaled(&x, ALL).unwrap());
        if let Some(engine) = gpu(&model) {
            check(case, &pollster::block_on(engine.tokenize_scaled(&x, ALL)).unwrap());
        }
    }
}

fn check(case: &Value, result: &Tokenized) {
    let name = case["name"].as_str().unwrap();
    for (i, expected) in case["codes"].as_array().unwrap().iter().enumerate() {
        let experts = indices(&expected["experts"]);
        assert_eq!(result.experts_of(i), experts, "{name}, item {i}");
        for (slot, k) in experts.iter().enumerate() {
            assert_eq!(result.codes_of(i, slot), indices(&expected["codes"][k.to_string()]), "{name}, item {i}, slot {slot}");
            let gate = case["router_probabilities"][i][*k as usize].as_f64().unwrap();
            assert!((f64::from(result.gates[i * result.top_n + slot]) - gate).abs() < 1e-5, "{name}, item {i}");
        }
        if let Some(shared) = expected.get("shared") {
            assert_eq!(result.codes_of(i, experts.len()), indices(shared), "{name}, item {i}, shared");
        }
    }
    close(name, "z", &floats(&case["z"]), result.z.as_ref().unwrap());
    close(name, "ẑ", &floats(&case["z_hat"]), result.z_hat.as_ref().unwrap());
    let squares: Vec<f32> = floats(&case["x"]).iter().zip(floats(&case["x_hat"])).map(|(x, y)| (x - y).powi(2)).collect();
    let errors: Vec<f32> = squares.chunks_exact(12).map(|item| item.iter().sum()).collect();
    close(name, "reconstruction error", &errors, result.reconstruction.as_ref().unwrap());
    let mean = errors.iter().sum::<f32>() / errors.len() as f32;
    close(name, "loss", &floats(&case["loss"]["rec"]), &[mean]);
}

fn close(name: &str, what: &str, expected: &[f32], found: &[f32]) {
    assert_eq!(expected.len(), found.len(), "{name}: {what}");
    for (i, (e, f)) in expected.iter().zip(found).enumerate() {
        assert!((e - f).abs() <= 1e-5 + 1e-5 * e.abs(), "{name}: {what} {i} is {f}, expected {e}");
    }
}

fn model(case: &Value) -> Model {
    let config = &case["config"];
    let size = |key: &str| config[key].as_u64().unwrap() as usize;
    let a = Architecture {
        input: size("input"),
        hidden: indices(&config["hidden"]).into_iter().map(|w| w as usize).collect(),
        latent: size("latent"),
        levels: size("levels"),
        codes: size("codes"),
        experts: size("experts"),
        top_n: size("top_n"),
        shared: config["mix"] != "no shared expert",
        mix: match (config["mix"].as_str().unwrap(), config["convex_weight"].as_f64()) {
            ("sum", _) => Mix::Sum,
            (_, Some(weight)) => Mix::Convex { weight: weight as f32 },
            // Without a shared expert, PyTorch's pass renormalises gates: the routed experts have all the weight.
            (_, None) => Mix::Convex { weight: 1.0 },
        },
    };
    let weights = &case["weights"];
    let layers = |part: &str| weights[part].as_array().unwrap().iter().map(linear).collect();
    Model {
        config: synthetic::config(a),
        encoder: layers("encoder"),
        decoder: layers("decoder"),
        router: Some(linear(&weights["router"])),
        codebooks: floats(&weights["codebooks"]),
    }
}

fn linear(layer: &Value) -> Linear {
    let (weight, bias) = (floats(&layer["weight"]), floats(&layer["bias"]));
    Linear { inputs: weight.len() / bias.len(), outputs: bias.len(), weight, bias }
}

/// All numbers of a nested array, in order.
fn floats(value: &Value) -> Vec<f32> {
    match value {
        Value::Array(parts) => parts.iter().flat_map(floats).collect(),
        number => vec![number.as_f64().unwrap() as f32],
    }
}

fn indices(value: &Value) -> Vec<u32> {
    value.as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as u32).collect()
}
