//! Widths that are not multiples of a tile, every kind of routing, both mixes, and several chunks.

use half::f16;
use unitok::compute::gpu::{GpuOptions, Tile};
use unitok::engine::{Engine, EngineError, Want, reference, scale_rows};
use unitok::model::{Architecture, Mix};

use crate::agreement::{ALL, check_agreement, compare, gpu, gpu_with};
use unitok::bench::synthetic;

fn shape(input: usize, hidden: &[usize], latent: usize, levels: usize, codes: usize) -> Architecture {
    Architecture { hidden: hidden.to_vec(), latent, levels, codes, ..Architecture::small(input, 3) }
}

fn convex(weight: f32) -> Mix {
    Mix::Convex { weight }
}

#[test]
fn engines_agree_at_awkward_shapes() {
    let shapes = [
        (1, shape(7, &[5], 3, 1, 8)),
        (63, Architecture { experts: 0, top_n: 0, ..shape(33, &[], 5, 2, 9) }),
        (65, Architecture { experts: 0, top_n: 0, mix: convex(0.3), ..shape(33, &[70], 6, 2, 9) }),
        (300, Architecture { experts: 5, top_n: 4, mix: convex(0.7), ..shape(130, &[65, 66], 17, 3, 1000) }),
        (129, Architecture { top_n: 2, shared: false, ..shape(64, &[32], 8, 6, 100) }),
        (64, Architecture { top_n: 3, shared: false, mix: convex(0.5), ..shape(65, &[9], 33, 2, 31) }),
        (128, Architecture { experts: 70, top_n: 8, ..shape(50, &[40], 20, 2, 40) }),
        (77, Architecture { experts: 1, top_n: 1, ..shape(10, &[3], 1, 2, 2) }),
        (50, shape(100, &[210], 200, 3, 300)),
    ];
    for (seed, (items, shape)) in shapes.into_iter().enumerate() {
        eprintln!("{items} items of {shape:?}");
        let model = synthetic::model(&shape, 10 + seed as u64);
        for (engine, agreement) in check_agreement(&model, &synthetic::rows(items, shape.input, 30 + seed as u64)) {
            eprintln!("  {engine}: {agreement:?}");
        }
    }
}

#[test]
fn engines_agree_on_the_small_preset() {
    let shape = Architecture::small(384, 6);
    check_agreement(&synthetic::model(&shape, 3), &synthetic::rows(400, shape.input, 4));
}

#[test]
fn every_tile_of_the_matrix_product_agrees() {
    let shape = Architecture { top_n: 2, ..shape(70, &[257, 130], 17, 2, 40) };
    let model = synthetic::model(&shape, 20);
    let rows = scale_rows(&synthetic::rows(261, shape.input, 21), shape.input).unwrap();
    let exact: Vec<_> = rows.chunks_exact(shape.input).map(|x| reference::tokenize(&model, x)).collect();
    for tile in Tile::ALL {
        let Some(engine) = gpu_with(&model, &GpuOptions { tile: Some(tile), ..GpuOptions::default() }) else { return };
        assert_eq!(engine.tile(), tile);
        compare(&exact, &pollster::block_on(engine.tokenize_scaled(&rows, ALL)).unwrap()).assert_rare();
    }
}

#[test]
fn weights_in_half_precision_agree_even_if_subnormal() {
    let shape = shape(70, &[66], 17, 2, 40);
    let mut model = synthetic::model(&shape, 22);
    // Weights as a model that is stored in f16 has them; those of the last layer are subnormal.
    let layers = model.encoder.len();
    for (i, layer) in model.encoder.iter_mut().enumerate() {
        let size = if i + 1 == layers { 1e-4 } else { 1.0 };
        layer.weight.iter_mut().for_each(|w| *w = f16::from_f32(*w * size).to_f32());
        layer.bias.iter_mut().for_each(|b| *b *= size);
    }
    let subnormal = |w: &&f32| **w != 0.0 && !f16::from_f32(**w).is_normal();
    let last = &model.encoder[layers - 1].weight;
    assert!(last.iter().filter(subnormal).count() * 2 > last.len(), "most weights of the last layer are subnormal");
    model.codebooks.iter_mut().for_each(|c| *c *= 1e-4);
    check_agreement(&model, &synthetic::rows(300, shape.input, 23));
}

#[test]
fn chunks_do_not_change_results() {
    let shape = shape(24, &[16], 8, 3, 32);
    let model = synthetic::model(&shape, 6);
    let rows = synthetic::rows(1_500, shape.input, 7);
    // Room for 128 items in the largest buffer: twelve chunks, more than are in flight at once.
    let options = GpuOptions { max_buffer_bytes: 12_288, ..GpuOptions::default() };
    let (Some(whole), Some(chunked)) = (gpu(&model), gpu_with(&model, &options)) else { return };
    let [whole, chunked] = [whole, chunked].map(|engine| pollster::block_on(engine.tokenize(&rows, ALL)).unwrap());
    assert_eq!(whole, chunked);
    for items in [1, 129, 384, 1_408, 1 << 20] {
        let Some(engine) = gpu_with(&model, &GpuOptions { chunk_items: Some(items), ..GpuOptions::default() }) else { return };
        assert_eq!(pollster::block_on(engine.tokenize(&rows, ALL)).unwrap(), whole, "chunks of {items}");
    }
    // An error names a row by its position in the batch, whichever chunk and part the row is in.
    for row in [1_100, 1_499] {
        let mut bad = rows.clone();
        bad[row * shape.input + 5] = f32::NAN;
        for options in [&options, &GpuOptions::default()] {
            let Some(engine) = gpu_with(&model, options) else { return };
            let error = pollster::block_on(engine.tokenize(&bad, ALL)).unwrap_err();
            assert!(matches!(error, EngineError::Value { row: found, column: 5, .. } if found == row), "{error}");
        }
    }
}

#[test]
fn a_run_like_an_earlier_one_creates_no_buffers() {
    let shape = shape(26, &[16], 8, 3, 32);
    let model = synthetic::model(&shape, 6);
    let options = GpuOptions { chunk_items: Some(128), ..GpuOptions::default() };
    let Some(engine) = gpu_with(&model, &options) else { return };
    let rows = synthetic::rows(1_300, shape.input, 7);
    let run = |items: usize, want| pollster::block_on(engine.tokenize(&rows[..items * shape.input], want)).unwrap();
    for want in [ALL, Want::default()] {
        let first = run(1_300, want);
        let created = engine.buffers_created();
        for items in [1_300, 1, 777] {
            assert_eq!(run(items, want).codes, first.codes[..items * shape.slots() * shape.levels]);
        }
        assert_eq!(engine.buffers_created(), created);
    }
}

/// Models whose codebooks and latents fill tiles of the product in every way, one item to a few chunks.
#[test]
fn codes_agree_with_the_reference_at_any_shape() {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    let shapes = (1..90usize, 1..300usize, 1..6usize, 0..4usize, any::<bool>(), 1..400usize, any::<u64>());
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..12 {
        let (latent, codes, levels, experts, shared, items, seed) = shapes.new_tree(&mut runner).unwrap().current();
        let shape = Architecture {
            experts,
            top_n: experts.min(2),
            shared: shared || experts == 0,
            ..shape(13, &[11], latent, levels, codes.max(2))
        };
        eprintln!("{items} items of {shape:?}");
        check_agreement(&synthetic::model(&shape, seed), &synthetic::rows(items, shape.input, seed ^ 1));
    }
}

#[test]
fn only_what_is_asked_for_comes_back() {
    let shape = shape(24, &[16], 8, 3, 32);
    let model = synthetic::model(&shape, 6);
    let Some(engine) = gpu(&model) else { return };
    let rows = synthetic::rows(20, shape.input, 7);
    let run = |want| pollster::block_on(engine.tokenize(&rows, want)).unwrap();
    let all = run(ALL);
    for bits in 0..16 {
        let [latents, reconstruction, margins, residual_norms] = [1, 2, 4, 8].map(|bit| bits & bit > 0);
        let want = Want { latents, reconstruction, margins, residual_norms };
        let some = run(want);
        assert_eq!(
            (some.z.is_some(), some.z_hat.is_some(), some.reconstruction.is_some()),
            (want.latents, want.latents, want.reconstruction)
        );
        assert_eq!((&some.codes, &some.experts), (&all.codes, &all.experts));
        assert_eq!(some.margins, if margins { all.margins.clone() } else { Vec::new() });
        assert_eq!(some.residual_norms, if residual_norms { all.residual_norms.clone() } else { Vec::new() });
    }
    let none = pollster::block_on(engine.tokenize(&[], ALL)).unwrap();
    assert_eq!((none.items, none.codes.len(), none.z), (0, 0, Some(vec![])));
    let ragged = pollster::block_on(engine.tokenize(&rows[1..], ALL)).unwrap_err();
    assert!(matches!(ragged, EngineError::Width { values: 479, width: 24 }), "{ragged}");
}
