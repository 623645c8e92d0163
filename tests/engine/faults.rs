//! What keeps a GPU from running a model: no adapter, a software renderer, a limit exceeded, a lost device.

use std::sync::Arc;
use std::sync::mpsc::channel;

use unitok::compute::gpu::GpuOptions;
use unitok::compute::{Device, DeviceError};
use unitok::engine::gpu::GpuEngine;
use unitok::engine::{AnyEngine, Engine, EngineError, Want};
use unitok::model::{Architecture, Model};

use crate::agreement::{gpu, gpu_with};
use unitok::bench::synthetic;

fn model() -> Model {
    let shape = Architecture { hidden: vec![16], latent: 8, codes: 16, ..Architecture::small(24, 2) };
    synthetic::model(&shape, 1)
}

fn open(model: &Model, options: &GpuOptions) -> Result<GpuEngine, EngineError> {
    pollster::block_on(GpuEngine::new(model, options))
}

#[test]
fn without_an_adapter_the_cpu_runs_and_says_why() {
    let model = model();
    let options = GpuOptions { backends: wgpu::Backends::empty(), ..GpuOptions::default() };
    let error = open(&model, &options).unwrap_err();
    assert!(matches!(error, EngineError::Device(DeviceError::NoGpu(_))), "{error:?}");
    assert!(error.to_string().contains("--device cpu"), "a remedy is named: {error}");

    let engine = AnyEngine::or_cpu(&model, Err(error));
    let info = engine.info();
    assert_eq!(info.kind, "cpu");
    assert!(info.reason.unwrap().starts_with("no GPU"));
    let rows = synthetic::rows(5, 24, 2);
    assert_eq!(pollster::block_on(engine.tokenize(&rows, Want::default())).unwrap().items, 5);
}

#[test]
fn a_software_renderer_runs_only_where_it_is_allowed() {
    let model = model();
    let select = |device, software| pollster::block_on(AnyEngine::select(&model, device, software));
    let info = select(Device::Auto, false).unwrap().info();
    assert!(!info.software, "{info:?}");
    assert_eq!(info.kind == "cpu", info.reason.is_some(), "{info:?}");
    assert_eq!(select(Device::Cpu, true).unwrap().info().reason, None);
    if gpu(&model).is_some() {
        assert_eq!(select(Device::Auto, true).unwrap().info().kind, "gpu");
        assert_eq!(select(Device::Gpu, false).unwrap().info().kind, "gpu");
    }
}

#[test]
fn a_model_that_exceeds_a_limit_is_refused_with_the_numbers() {
    let model = model();
    if gpu(&model).is_none() {
        return;
    }
    let options = GpuOptions { max_buffer_bytes: 1000, ..GpuOptions::default() };
    let error = open(&model, &options).unwrap_err();
    assert!(matches!(error, EngineError::Device(DeviceError::Limit { limit: 1000, .. })), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the model needs 1536 bytes for one layer's weights, this device allows 1000: use the CPU engine"
    );
    let reason = AnyEngine::or_cpu(&model, Err(error)).info().reason.unwrap();
    assert_eq!(reason, "the GPU allows 1000 bytes for one layer's weights, the model needs 1536");
}

#[test]
fn a_lost_device_is_an_error_in_every_call_and_not_a_hang() {
    let model = model();
    let Some(engine) = gpu(&model) else { return };
    let rows = synthetic::rows(50, 24, 3);
    assert!(pollster::block_on(engine.tokenize(&rows, Want::default())).is_ok());
    engine.destroy();
    for _ in 0..2 {
        let error = pollster::block_on(engine.tokenize(&rows, Want::default())).unwrap_err();
        assert!(matches!(error, EngineError::Device(DeviceError::Stopped(_))), "{error:?}");
        assert!(error.to_string().contains("CPU engine"), "a remedy is named: {error}");
    }
}

#[test]
fn a_device_lost_at_work_ends_the_work() {
    let model = model();
    // Small chunks, so that many are still to come when the device is lost.
    let options = GpuOptions { max_buffer_bytes: 12_288, ..GpuOptions::default() };
    let Some(engine) = gpu_with(&model, &options) else { return };
    let engine = Arc::new(engine);
    let rows = synthetic::rows(20_000, 24, 3);
    let (sender, passes) = channel();
    // Tokenizes again and again, so that the loss always comes during a call or before the next one.
    let worker = std::thread::spawn({
        let engine = Arc::clone(&engine);
        move || loop {
            match pollster::block_on(engine.tokenize(&rows, Want::default())) {
                Ok(all) => drop(sender.send(all.items)),
                Err(error) => return error,
            }
        }
    });
    assert_eq!(passes.recv(), Ok(20_000));
    engine.destroy();
    let error = worker.join().expect("no panic");
    assert!(matches!(error, EngineError::Device(DeviceError::Stopped(_))), "{error:?}");
}
