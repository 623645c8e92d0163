//! Models and vectors made worse on purpose.

use unitok::engine::Want;
use unitok::engine::cpu::CpuEngine;
use unitok::inspect::{noisy, weakened};

use crate::world::{ITEMS, WIDTH, near_ties, wave};

fn rows() -> Vec<f32> {
    (0..ITEMS * WIDTH).map(wave).collect()
}

#[test]
fn a_model_of_fewer_codes_chooses_the_nearest_of_those_left() {
    let model = near_ties();
    let weak = weakened(&model, 3, None);
    assert_eq!(weak.config.model.codes, 3);
    for quantizer in 0..model.config.model.quantizers() {
        for level in 0..model.config.model.levels {
            let left = weak.codebook(quantizer, level);
            assert_eq!(left, &model.codebook(quantizer, level)[..left.len()]);
        }
    }
    let tokens = CpuEngine::new(&weak).run(&rows(), Want::default()).unwrap();
    assert!(tokens.codes.iter().all(|&code| code < 3));
    assert_eq!(weakened(&model, 999, None), model, "more codes than there are take none away");
}

#[test]
fn one_expert_gets_every_item() {
    let model = near_ties();
    for expert in 0..model.config.model.experts {
        let tokens = CpuEngine::new(&weakened(&model, 8, Some(expert))).run(&rows(), Want::default()).unwrap();
        assert!((0..ITEMS).all(|item| tokens.experts_of(item)[0] == expert as u32));
    }
    assert_eq!(weakened(&model, 8, Some(99)), model, "an expert that is not there changes nothing");
}

#[test]
fn noise_has_the_norm_asked_for_and_none_changes_nothing() {
    let rows = rows();
    assert_eq!(noisy(&rows, WIDTH, 0.0), rows);
    let changed = noisy(&rows, WIDTH, 0.5);
    let norm = |row: &[f32]| row.iter().map(|v| v * v).sum::<f32>().sqrt();
    for (before, after) in rows.chunks_exact(WIDTH).zip(changed.chunks_exact(WIDTH)) {
        let difference: Vec<f32> = before.iter().zip(after).map(|(a, b)| b - a).collect();
        assert!((norm(&difference) / norm(before) - 0.5).abs() < 1e-4);
    }
}
