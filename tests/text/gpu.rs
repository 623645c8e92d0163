//! The encoder on a GPU, which may be Mesa's software one, compared with the CPU encoder and the golden vectors.

use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use unitok::base::random::Random;
use unitok::compute::gpu::GpuOptions;
use unitok::compute::{Device, DeviceError};
use unitok::text::gpu::TextGpu;
use unitok::text::{AnyTextEncoder, Architecture, TextEncoder, TextError, TextFiles, quantize_int8};

use super::{Golden, common, golden, here};

type GpuEncoder = TextEncoder<TextGpu>;

/// The encoder on a GPU; without a GPU the test says that it is skipped, except in CI, where it fails.
fn gpu_with(files: &TextFiles, options: &GpuOptions) -> Option<GpuEncoder> {
    let cpu = files.encoder().unwrap();
    match pollster::block_on(TextGpu::new(files, &cpu, options)) {
        Ok(gpu) => Some(cpu.with_transformer(gpu)),
        Err(TextError::Device(DeviceError::NoGpu(cause))) => {
            let in_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty());
            assert!(!in_ci, "CI must have a GPU or Mesa's llvmpipe: {cause}");
            eprintln!("SKIPPED: no GPU here, not even a software one ({cause})");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn gpu(files: &TextFiles) -> Option<GpuEncoder> {
    gpu_with(files, &GpuOptions::default())
}

/// Whether there is a GPU, for tests of the program.
pub fn is_available() -> bool {
    gpu(&tiny()).is_some()
}

fn tiny() -> TextFiles {
    TextFiles::read(&here("tiny")).unwrap()
}

fn int8(files: &TextFiles) -> TextFiles {
    TextFiles { weights: quantize_int8(&files.weights).unwrap(), ..files.clone() }
}

fn embed<S: AsRef<str> + Sync>(encoder: &GpuEncoder, texts: &[S]) -> Vec<f32> {
    pollster::block_on(encoder.embed_async(texts)).unwrap()
}

/// The smallest cosine of two sets of rows, all of unit length.
fn least_cosine(width: usize, a: &[f32], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    let rows = a.chunks_exact(width).zip(b.chunks_exact(width));
    let cosines = rows.map(|(a, b)| {
        let norm = a.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        assert!((norm - 1.0).abs() < 1e-6, "a row of norm {norm}");
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * b).sum::<f64>()
    });
    cosines.fold(1.0, f64::min)
}

fn widen(rows: &[f32]) -> Vec<f64> {
    rows.iter().map(|v| f64::from(*v)).collect()
}

/// Compares the GPU encoder with golden vectors.
fn assert_golden(files: &TextFiles, golden: &[Golden], least: f64) {
    let Some(gpu) = gpu(files) else { return };
    let texts: Vec<&str> = golden.iter().map(|g| g.text.as_str()).collect();
    let expected: Vec<f64> = golden.iter().flat_map(|g| g.embedding.clone()).collect();
    let cosine = least_cosine(gpu.width(), &embed(&gpu, &texts), &expected);
    eprintln!(
        "{}: {} texts, least cosine to the golden vectors 1 - {:.1e}",
        gpu.transformer().info().name,
        texts.len(),
        1.0 - cosine
    );
    assert!(cosine >= least, "cosine {cosine}, expected {least}");
}

/// Compares the GPU encoder with the CPU encoder.
fn assert_equals_cpu<S: AsRef<str> + Sync>(files: &TextFiles, texts: &[S]) {
    let Some(gpu) = gpu(files) else { return };
    let cpu = files.encoder().unwrap();
    let cosine = least_cosine(cpu.width(), &embed(&gpu, texts), &widen(&cpu.embed(texts)));
    eprintln!("{} texts, least cosine to the CPU 1 - {:.1e}", texts.len(), 1.0 - cosine);
    assert!(cosine >= 0.999_999, "cosine {cosine}");
}

/// Texts of all lengths, with an empty one and some that are cut.
fn mixed(count: usize) -> Vec<String> {
    (0..count).map(|i| ["green tea ", "cast iron, raw ", "茶 "][i % 3].repeat(i * 7 % 23)).collect()
}

#[test]
fn a_tiny_model_gives_the_golden_vectors() {
    assert_golden(&tiny(), &golden("tiny.golden.json"), 0.999_999);
    assert_golden(&int8(&tiny()), &golden("tiny.golden.json"), 0.999);
}

#[test]
fn a_tiny_model_equals_the_cpu_on_texts_of_every_length() {
    assert_equals_cpu(&tiny(), &mixed(300));
    assert_equals_cpu(&int8(&tiny()), &mixed(50));
    assert_equals_cpu(&tiny(), &["", "tea", &"tea ".repeat(500)]);
    let Some(gpu) = gpu(&tiny()) else { return };
    assert!(embed::<&str>(&gpu, &[]).is_empty());
}

#[test]
fn a_vector_does_not_depend_on_other_texts() {
    let texts = mixed(300);
    let small = GpuOptions { max_buffer_bytes: 128 * 72 * 4, ..GpuOptions::default() };
    let (Some(whole), Some(chunked)) = (gpu(&tiny()), gpu_with(&tiny(), &small)) else { return };
    let together = embed(&whole, &texts);
    // A dozen chunks, more than can be in flight, and then batches of one text.
    assert_eq!(together, embed(&chunked, &texts));
    assert_eq!(together, embed(&chunked.batch_tokens(1), &texts));
}

#[test]
fn minilm_gives_the_golden_vectors() {
    let Some(folder) = common::text_model() else { return };
    assert_golden(&TextFiles::read(&folder).unwrap(), &golden("minilm.golden.json"), 0.999_99);
}

#[test]
fn minilm_in_int8_equals_the_cpu() {
    let Some(folder) = common::text_model() else { return };
    let files = int8(&TextFiles::read(&folder).unwrap());
    assert_equals_cpu(&files, &["Red enamel kettle", "", "!?"]);
    assert_golden(&files, &golden("minilm.golden.json")[..6], 0.999);
}

/// Golden vectors from PyTorch over texts of real catalogues; only a few of them, since software renderers are slow.
#[test]
fn minilm_equals_pytorch() {
    let (Some(file), Some(folder)) = (common::shared("reference/minilm_golden.json"), common::text_model()) else { return };
    let mut file: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let golden: Vec<Golden> = serde_json::from_value(file["items"].take()).unwrap();
    assert_golden(&TextFiles::read(&folder).unwrap(), &golden[..8], 0.999_99);
}

/// A model with pseudo-random weights and the tiny model's tokenizer.
fn random(hidden: usize, heads: usize, intermediate: usize) -> TextFiles {
    let config = serde_json::json!({
        "model_type": "bert", "hidden_size": hidden, "num_hidden_layers": 1, "num_attention_heads": heads,
        "intermediate_size": intermediate, "vocab_size": 126, "max_position_embeddings": 32,
    });
    let config = serde_json::to_vec(&config).unwrap();
    let mut random = Random::new(1);
    let tensors = Architecture::from_json(&config).unwrap().tensors();
    let tensors = tensors.into_iter().map(|(name, shape)| {
        let bytes: Vec<u8> = (0..shape.iter().product::<usize>()).flat_map(|_| random.centred().to_le_bytes()).collect();
        (name, shape, bytes)
    });
    let tensors: Vec<_> = tensors.collect();
    let views = tensors.iter().map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
    TextFiles { config, weights: safetensors::serialize(views, None).unwrap(), ..tiny() }
}

#[test]
fn widths_that_no_tile_divides_equal_the_cpu() {
    for (hidden, heads, intermediate) in [(6, 2, 5), (30, 5, 50), (25, 1, 7), (300, 2, 33), (256, 1, 260), (65, 13, 130)] {
        eprintln!("{hidden} wide, {heads} heads, {intermediate} inside");
        assert_equals_cpu(&random(hidden, heads, intermediate), &mixed(20));
    }
}

#[test]
fn the_cpu_runs_what_a_gpu_cannot_and_says_why() {
    let select = |files: &TextFiles, device, software| pollster::block_on(AnyTextEncoder::select(files, device, software));
    let info = select(&tiny(), Device::Auto, false).unwrap().info();
    assert!(!info.software, "{info:?}");
    assert_eq!(info.kind == "cpu", info.reason.is_some(), "{info:?}");
    assert_eq!(select(&tiny(), Device::Cpu, true).unwrap().info().reason, None);
    if gpu(&tiny()).is_none() {
        return;
    }
    assert_eq!(select(&tiny(), Device::Gpu, false).unwrap().info().kind, "gpu");
    let one_head = random(300, 1, 8);
    let info = select(&one_head, Device::Auto, true).unwrap().info();
    assert_eq!(info.reason.as_deref(), Some("the GPU allows 256 as width of an attention head, the model needs 300"));
    let error = select(&one_head, Device::Gpu, true).unwrap_err();
    assert!(error.to_string().ends_with("use the CPU engine"), "{error}");
    let damaged = TextFiles { weights: vec![0; 100], ..tiny() };
    assert!(matches!(select(&damaged, Device::Auto, true), Err(TextError::Safetensors(_))), "no fallback from a damaged file");
}

#[test]
fn the_error_names_the_missing_adapter_or_the_exceeded_limit() {
    let open = |options: &GpuOptions| pollster::block_on(TextGpu::new(&tiny(), &tiny().encoder().unwrap(), options));
    let none = open(&GpuOptions { backends: wgpu::Backends::empty(), ..GpuOptions::default() }).unwrap_err();
    assert!(matches!(none, TextError::Device(DeviceError::NoGpu(_))), "{none:?}");
    if gpu(&tiny()).is_some() {
        let small = open(&GpuOptions { max_buffer_bytes: 12_000, ..GpuOptions::default() }).unwrap_err();
        assert_eq!(
            small.to_string(),
            "the model needs 12096 bytes for the word embeddings, this device allows 12000: use the CPU engine"
        );
    }
}

#[test]
fn after_a_device_is_lost_every_call_is_an_error_and_none_hangs() {
    let Some(gpu) = gpu(&tiny()) else { return };
    assert!(pollster::block_on(gpu.embed_async(&mixed(5))).is_ok());
    gpu.transformer().destroy();
    for _ in 0..2 {
        let error = pollster::block_on(gpu.embed_async(&mixed(5))).unwrap_err();
        assert!(matches!(error, TextError::Device(DeviceError::Stopped(_))), "{error:?}");
        assert!(error.to_string().contains("CPU engine"), "a remedy is named: {error}");
    }
}

/// The speed of both devices on the model of a folder, as a ratio.
#[test]
#[ignore = "a measurement: cargo test --release --test text speed -- --ignored --nocapture"]
fn speed() {
    let folder = common::text_model().unwrap();
    let files = TextFiles::read(Path::new(&folder)).unwrap();
    let Some(gpu) = gpu(&files) else { return };
    let cpu = files.encoder().unwrap();
    let texts: Vec<String> = golden("minilm.golden.json").into_iter().map(|g| g.text).collect();
    let timed = |run: &dyn Fn() -> Vec<f32>| {
        let started = std::time::Instant::now();
        run();
        started.elapsed().as_secs_f64()
    };
    let (on_cpu, on_gpu) = (timed(&|| cpu.embed(&texts)), timed(&|| embed(&gpu, &texts)));
    eprintln!("{}: {:.2} times the CPU's speed over {} texts", gpu.transformer().info().name, on_cpu / on_gpu, texts.len());
}
