//! Runs up to a stage, as the page's benchmark times them.

use unitok::compute::DeviceError;
use unitok::compute::gpu::GpuOptions;
use unitok::engine::cpu::CpuEngine;
use unitok::engine::{AnyEngine, Engine, EngineError, Stage, Want};
use unitok::model::{Architecture, Model};

use crate::agreement::{gpu, gpu_with};
use unitok::bench::synthetic;

fn routed() -> Architecture {
    Architecture { hidden: vec![16], latent: 8, codes: 16, ..Architecture::small(24, 3) }
}

/// The CPU engine and, where there is a GPU, its engine with chunks so small that there are more than can be in flight.
pub fn engines(model: &Model) -> Vec<AnyEngine> {
    let options = GpuOptions { max_buffer_bytes: 12_288, ..GpuOptions::default() };
    let gpu = gpu_with(model, &options).map(|engine| AnyEngine::Gpu(Box::new(engine)));
    [AnyEngine::Cpu(Box::new(CpuEngine::new(model)))].into_iter().chain(gpu).collect()
}

#[test]
fn every_stage_runs_with_experts_and_without() {
    for shape in [routed(), Architecture { experts: 0, top_n: 0, hidden: vec![], ..routed() }] {
        let model = synthetic::model(&shape, 1);
        let rows = synthetic::rows(1_000, shape.input, 2);
        for engine in engines(&model) {
            let tokens = |rows: &[f32]| pollster::block_on(engine.tokenize(rows, Want::default())).unwrap();
            let before = tokens(&rows);
            for stage in Stage::ALL {
                for rows in [&rows[..], &rows[..shape.input], &[]] {
                    pollster::block_on(engine.run_until(rows, stage)).unwrap_or_else(|e| panic!("{stage:?}: {e}"));
                }
            }
            assert_eq!(tokens(&rows), before, "results that a run left on the device change nothing");
        }
    }
}

#[test]
fn bad_rows_are_refused_as_in_a_whole_run() {
    let model = synthetic::model(&routed(), 1);
    let rows = synthetic::rows(3, 24, 2);
    let mut wrong = rows.clone();
    wrong[30] = f32::NAN;
    let mut zero = rows.clone();
    zero[48..].fill(0.0);
    for engine in engines(&model) {
        for rows in [&rows[1..], &wrong, &zero] {
            let whole = pollster::block_on(engine.tokenize(rows, Want::default())).unwrap_err().to_string();
            for stage in Stage::ALL {
                assert_eq!(pollster::block_on(engine.run_until(rows, stage)).unwrap_err().to_string(), whole);
            }
        }
    }
}

#[test]
fn a_lost_device_is_an_error_in_every_stage() {
    let model = synthetic::model(&routed(), 1);
    let Some(engine) = gpu(&model) else { return };
    engine.destroy();
    for stage in Stage::ALL {
        let error = pollster::block_on(engine.run_until(&synthetic::rows(5, 24, 2), stage)).unwrap_err();
        assert!(matches!(error, EngineError::Device(DeviceError::Stopped(_))), "{error:?}");
    }
}

#[test]
fn stages_have_names() {
    let parsed = ["encode", "route", "quantize"].map(|name| name.parse::<Stage>().unwrap());
    assert_eq!(parsed, Stage::ALL);
    assert!("Encode".parse::<Stage>().unwrap_err().contains("use encode, route or quantize"));
}
