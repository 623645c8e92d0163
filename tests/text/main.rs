//! The text encoder compared with other implementations (see make_golden.py), and given damaged models.

#[path = "../common/mod.rs"]
mod common;
#[cfg(feature = "cli")]
mod embed;
#[cfg(feature = "cli")]
mod gpu;

use std::path::{Path, PathBuf};

use serde::Deserialize;
use unitok::text::{TextEncoder, TextError, quantize_int8};

/// A change that damages a file.
type Damage = Box<dyn Fn(Vec<u8>) -> Vec<u8>>;

#[derive(Deserialize)]
struct Golden {
    text: String,
    token_ids: Vec<u32>,
    embedding: Vec<f64>,
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/text").join(name)
}

fn golden(name: &str) -> Vec<Golden> {
    serde_json::from_slice(&std::fs::read(here(name)).unwrap()).unwrap()
}

fn read(folder: &Path, name: &str) -> Vec<u8> {
    std::fs::read(folder.join(name)).unwrap()
}

/// The model in `folder` with int8 weights, and the size of its file.
fn int8(folder: &Path) -> (TextEncoder, usize) {
    let weights = quantize_int8(&read(folder, "model.safetensors")).unwrap();
    let encoder = TextEncoder::from_bytes(&read(folder, "config.json"), &read(folder, "tokenizer.json"), &weights).unwrap();
    (encoder, weights.len())
}

fn assert_token_ids(encoder: &TextEncoder, golden: &[Golden]) {
    for g in golden {
        assert_eq!(encoder.tokenizer().encode(&g.text), g.token_ids, "{:?}", g.text);
    }
}

fn assert_close(encoder: &TextEncoder, golden: &[Golden], cosine: f64) {
    let texts: Vec<&str> = golden.iter().map(|g| g.text.as_str()).collect();
    let vectors = encoder.embed(&texts);
    assert_eq!(vectors.len(), golden.len() * encoder.width());
    for (vector, g) in vectors.chunks_exact(encoder.width()).zip(golden) {
        let norm = vector.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 1.0).abs() < 1e-6, "{:?} has norm {norm}", g.text);
        let got: f64 = vector.iter().zip(&g.embedding).map(|(a, b)| f64::from(*a) * b).sum();
        assert!(got >= cosine, "{:?}: cosine {got}, expected {cosine}", g.text);
    }
}

#[test]
fn a_tiny_model_gives_the_golden_ids_and_vectors() {
    let (encoder, golden) = (TextEncoder::load(&here("tiny")).unwrap(), golden("tiny.golden.json"));
    assert_token_ids(&encoder, &golden);
    assert_close(&encoder, &golden, 0.999_999);
    assert_close(&int8(&here("tiny")).0, &golden, 0.999);
}

#[test]
fn minilm_gives_the_golden_ids_and_vectors() {
    let Some(folder) = common::text_model() else { return };
    let golden = golden("minilm.golden.json");
    let encoder = TextEncoder::load(&folder).unwrap();
    assert_token_ids(&encoder, &golden);
    assert_close(&encoder, &golden, 0.999_99);
}

#[test]
fn minilm_in_int8_stays_close_at_a_quarter_of_the_bytes() {
    let Some(folder) = common::text_model() else { return };
    let (encoder, bytes) = int8(&folder);
    assert!(bytes < 23_700_000, "{bytes} bytes");
    assert_close(&encoder, &golden("minilm.golden.json"), 0.999);
}

/// Golden vectors from PyTorch, over real catalogue texts.
#[test]
fn minilm_equals_pytorch() {
    let (Some(file), Some(folder)) = (common::shared("reference/minilm_golden.json"), common::text_model()) else { return };
    let mut file: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let golden: Vec<Golden> = serde_json::from_value(file["items"].take()).unwrap();
    assert_eq!(golden.len(), 64);
    let encoder = TextEncoder::load(&folder).unwrap();
    assert_token_ids(&encoder, &golden);
    assert_close(&encoder, &golden, 0.999_9);
    assert_close(&int8(&folder).0, &golden, 0.999);
}

#[test]
fn a_vector_depends_on_its_text_alone() {
    let encoder = TextEncoder::load(&here("tiny")).unwrap();
    let texts: Vec<String> = golden("tiny.golden.json").into_iter().map(|g| g.text).collect();
    let doubled = [&texts[..], &texts[..]].concat();
    let together = encoder.embed(&doubled);
    let small_batches = encoder.clone().batch_tokens(1).embed(&doubled);
    assert_eq!(together, small_batches);
    for (text, row) in doubled.iter().zip(together.chunks_exact(encoder.width())) {
        assert_eq!(encoder.embed(&[text]), row, "{text:?}");
    }
    assert!(encoder.embed::<&str>(&[]).is_empty());
}

/// The error of the tiny model with one file changed.
fn error_of_damaged(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> TextError {
    let bytes = ["config.json", "tokenizer.json", "model.safetensors"].map(|file| {
        let bytes = read(&here("tiny"), file);
        if file == name { change(bytes) } else { bytes }
    });
    TextEncoder::from_bytes(&bytes[0], &bytes[1], &bytes[2]).unwrap_err()
}

fn replace(from: &'static str, to: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from));
        text.replace(from, to).into_bytes()
    }
}

/// Changes the JSON header of a safetensors file, and its length accordingly.
fn replace_in_header(from: &'static str, to: &'static str) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header = replace(from, to)(bytes[8..8 + length].to_vec());
        [&(header.len() as u64).to_le_bytes()[..], &header, &bytes[8 + length..]].concat()
    }
}

#[test]
fn a_folder_without_a_model_says_what_to_do() {
    let error = TextEncoder::load(&here("tiny/nothing")).unwrap_err().to_string();
    assert!(error.contains("config.json, tokenizer.json, model.safetensors missing"), "{error}");
    assert!(error.contains("cargo xtask text-model"), "{error}");
}

#[test]
fn damaged_weights_are_refused() {
    let cases: [(&str, Damage); 5] = [
        ("cut short", Box::new(|b| b[..b.len() - 100].to_vec())),
        ("cut in the header", Box::new(|b| b[..40].to_vec())),
        ("empty", Box::new(|_| Vec::new())),
        ("HTML", Box::new(|_| b"<!DOCTYPE html><title>404</title> not found, alas".to_vec())),
        ("a header of 2^60 bytes", Box::new(|b| [&(1u64 << 60).to_le_bytes()[..], &b[8..]].concat())),
    ];
    for (name, change) in cases {
        let error = error_of_damaged("model.safetensors", change);
        assert!(matches!(error, TextError::Safetensors(_)), "{name}: {error}");
        assert!(error.to_string().contains("cargo xtask text-model"), "{name}: {error}");
    }
}

#[test]
fn every_tensor_that_does_not_fit_is_listed() {
    let error = error_of_damaged("config.json", replace("\"intermediate_size\": 40", "\"intermediate_size\": 41")).to_string();
    assert!(error.contains("encoder.layer.0.intermediate.dense.weight is [40, 24], config.json asks for [41, 24]"), "{error}");
    assert_eq!(error.matches("mismatched").count(), 6, "{error}");
    let error = error_of_damaged("config.json", replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3")).to_string();
    assert_eq!(error.matches("missing: encoder.layer.2.").count(), 16, "{error}");
    let rename = replace_in_header("encoder.layer.1.output.dense.bias", "encoder.layer.1.output.dense.bios");
    assert!(
        error_of_damaged("model.safetensors", rename).to_string().contains("missing: encoder.layer.1.output.dense.bias [24]")
    );
}

#[test]
fn a_weight_that_is_not_finite_is_named() {
    let error = error_of_damaged("model.safetensors", |mut bytes| {
        let end = bytes.len();
        bytes[end - 2..].copy_from_slice(&[0x00, 0x7c]);
        bytes
    });
    assert!(matches!(error, TextError::NotFinite { .. }), "{error}");
}

#[test]
fn int8_without_fitting_scales_is_refused() {
    let weights = quantize_int8(&read(&here("tiny"), "model.safetensors")).unwrap();
    let without = replace_in_header("word_embeddings.weight.scale", "word_embeddings.weight.stale")(weights.clone());
    let error = error_of_damaged("model.safetensors", |_| without.clone()).to_string();
    assert!(error.contains("missing: embeddings.word_embeddings.weight.scale"), "{error}");
    let half = replace_in_header("[32,1]", "[1,32]")(weights);
    let error = error_of_damaged("model.safetensors", |_| half.clone()).to_string();
    assert!(error.contains("position_embeddings.weight.scale is F32 [1, 32], expected F32 [32] or [32, groups]"), "{error}");
}

#[test]
fn a_tokenizer_beyond_the_vocabulary_is_refused() {
    let error = error_of_damaged("tokenizer.json", replace("\"茶\": ", "\"茶\": 9")).to_string();
    assert!(error.contains("ids below config.json's vocab_size"), "{error}");
    let error = error_of_damaged("tokenizer.json", |bytes| bytes[..bytes.len() / 2].to_vec()).to_string();
    assert!(error.contains("tokenizer.json is not readable"), "{error}");
}
