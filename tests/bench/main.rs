//! `unitok bench` as a program: the output that `cargo xtask bench` and users' scripts rely on. No timing is asserted.

use std::path::Path;
use std::process::{Command, Output};

use npyz::WriterBuilder;
use serde_json::Value;
use unitok::bench::RqData;

fn unitok(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_unitok")).arg("bench").args(args).output().unwrap()
}

/// Runs a stage for as short a time as possible, and returns the JSON object that it prints.
fn json(args: &[&str]) -> Value {
    let output = unitok(&[args, &["--seconds", "0", "--json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    serde_json::from_str(&text).unwrap()
}

/// An `.npz` file of named arrays.
fn npz(path: &Path, arrays: &[(&str, &[u64], &[f32])]) {
    let mut file = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, shape, values) in arrays {
        file.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        let writer = npyz::WriteOptions::new().default_dtype().shape(shape).writer(&mut file);
        let mut writer = writer.begin_nd().unwrap();
        writer.extend(values.iter().copied()).unwrap();
        writer.finish().unwrap();
    }
    file.finish().unwrap();
}

#[test]
fn every_stage_prints_its_rates_and_its_agreement() {
    for (stage, items) in [("rq", "700"), ("encode", "300"), ("tokenize", "300")] {
        let found = json(&[stage, "--items", items, "--threads", "2"]);
        assert_eq!(found["stage"], stage);
        assert_eq!((found["items"].to_string(), &found["threads"]), (items.to_owned(), &Value::from(2)));
        assert!(found["items_per_second"].as_f64().unwrap() > 0.0, "{found}");
        assert!(found["items_per_cpu_second"].as_f64().unwrap() > 0.0, "{found}");
        assert_eq!(found["agreement"], 1.0, "{found}");
    }
}

/// Gradients are held to differences of the loss, and lists to a search that keeps nothing.
#[cfg(feature = "train")]
#[test]
fn parts_of_recommending_are_timed_alone() {
    for (part, checked) in [("dec", 8), ("sasrec", 8), ("search", 64)] {
        let found = json(&["recommend", "--only", part, "--threads", "2"]);
        assert_eq!(found["stage"], format!("recommend {part}"));
        assert_eq!((&found["agreement"], &found["checked"]), (&Value::from(1.0), &Value::from(checked)), "{found}");
        assert!(found["items_per_second"].as_f64().unwrap() > 0.0, "{found}");
    }
    refused(&["train", "--only", "dec"], &["--only is for the stage recommend"]);
}

/// The default model is stored in f16, so rounding to it changes nothing. Int8 changes codes, which is a result and no failure.
#[test]
fn rounding_reports_how_many_codes_it_changes() {
    let agreement = |rounding| json(&["tokenize", "--items", "400", "--rounding", rounding])["agreement"].as_f64().unwrap();
    assert_eq!(agreement("f16"), 1.0);
    assert!((0.1..1.0).contains(&agreement("int8")));
    assert_eq!(unitok(&["rq", "--rounding", "int8"]).status.code(), Some(2));
}

#[test]
fn codes_for_vectors_and_codebooks_of_a_file_equal_the_references() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rq.npz");
    let data = RqData::synthetic(900, 4, 256, 32, 5);
    npz(&file, &[("codebooks", &[4, 256, 32], &data.codebooks), ("x", &[900, 32], &data.x)]);
    let file = file.to_str().unwrap();
    let greedy = json(&["rq", "--data", file]);
    assert_eq!((&greedy["items"], &greedy["agreement"]), (&Value::from(900), &Value::from(1.0)));
    assert_eq!(json(&["rq", "--data", file, "--items", "2000"])["items"], 2000);
    let beam = json(&["rq", "--data", file, "--beam", "5"]);
    assert_eq!(beam["agreement"], 1.0, "{beam}");
    assert!(beam["mse"].as_f64() < greedy["mse"].as_f64(), "{beam}\n{greedy}");
}

#[test]
fn layers_of_a_file_agree_with_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("layers.npz");
    let values: Vec<f32> = (0..40 * 17).map(|i| ((i * 37 % 101) as f32 - 50.0) / 50.0).collect();
    let layers: [(&str, &[u64], &[f32]); 5] = [
        ("w0", &[9, 17], &values[..153]),
        ("b0", &[9], &values[..9]),
        ("w1", &[3, 9], &values[7..34]),
        ("b1", &[3], &values[..3]),
        ("x", &[40, 17], &values),
    ];
    npz(&file, &layers);
    let found = json(&["encode", "--data", file.to_str().unwrap()]);
    assert_eq!((&found["items"], &found["agreement"]), (&Value::from(40), &Value::from(1.0)));
    npz(&file, &[layers[0], layers[1], ("w1", &[3, 5], &values[..15]), layers[3], layers[4]]);
    refused(&["encode", "--data", file.to_str().unwrap()], &["w1 [3, 5]", "layer before"]);
}

/// Runs the program, and expects exit code 2 and an error that contains `words`.
fn refused(args: &[&str], words: &[&str]) {
    let output = unitok(args);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
    assert!(words.iter().all(|word| error.contains(word)), "{args:?}: {error}");
}

/// Every stage on a GPU names the adapter, and reports the share of its ceilings that the stage reached.
#[test]
fn a_gpu_is_named_and_measured() {
    let model = pollster::block_on(unitok::engine::gpu::GpuEngine::new(
        &unitok::bench::synthetic::model(&unitok::model::Architecture::small(24, 2), 1),
        &Default::default(),
    ));
    if let Err(error) = model {
        assert!(!std::env::var("CI").is_ok_and(|ci| !ci.is_empty()), "CI must have a GPU or Mesa's llvmpipe: {error}");
        return eprintln!("SKIPPED: {error}");
    }
    for stage in ["rq", "encode", "tokenize"] {
        let found = json(&[stage, "--items", "300", "--device", "gpu"]);
        assert_eq!((&found["agreement"], &found["adapter"]["kind"]), (&Value::from(1.0), &Value::from("gpu")), "{found}");
        assert_eq!(found["adapter"]["name"], found["device"], "{found}");
        for number in ["share_of_gflops", "share_of_upload", "kernels_items_per_second", "kernels_share_of_gflops"] {
            assert!(found[number].as_f64().is_some_and(|n| n > 0.0), "{number}: {found}");
        }
    }
    refused(&["rq", "--device", "gpu", "--beam", "5"], &["beam search runs on the CPU"]);
}

#[test]
fn the_error_for_a_wrong_file_names_the_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rq.npz");
    let name = file.to_str().unwrap().to_owned();
    let books = vec![0.5; 2 * 4 * 3];
    refused(&["rq", "--data", &name], &["cannot read", "rq.npz"]);
    std::fs::write(&file, "<html>not found</html>").unwrap();
    refused(&["rq", "--data", &name], &["cannot read", "rq.npz"]);
    npz(&file, &[("codebooks", &[2, 4, 3], &books)]);
    refused(&["rq", "--data", &name], &["no array \"x\""]);
    npz(&file, &[("codebooks", &[2, 4, 3], &books), ("x", &[2, 5], &[1.0; 10])]);
    refused(&["rq", "--data", &name], &["\"x\"", "[2, 5]", "[items, 3]"]);
    npz(&file, &[("codebooks", &[2, 4, 3], &books), ("x", &[1, 3], &[1.0, f32::NAN, 1.0])]);
    refused(&["rq", "--data", &name], &["\"x\"", "not a finite number", "at 1"]);
    refused(&["text", "--data", &name], &["--data is for"]);
    refused(&["encode", "--beam", "5"], &["--beam is for the stage rq"]);
    refused(&["rq", "--seconds", "nan"], &["--seconds"]);
}
