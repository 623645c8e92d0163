//! Explanations of items.

use unitok::inspect::{Explanation, InspectError, LevelChoice, explain};
use unitok::tokens::{CodeVocabulary, Layout, Policy};

use crate::world::{ITEMS, WIDTH, World, near_ties};

const LAYOUTS: [Layout; 3] = [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared];

fn explained(world: &World, item: usize) -> Explanation {
    explain(&world.model, &world.indexed(), &world.embeddings, item).unwrap()
}

/// Squared distances of the residual that `codes` before `level` leave, to every code of the level: `[codes]`.
fn distances(world: &World, item: usize, codes: &[u32], level: usize) -> Vec<f64> {
    let mut residual = world.z(item);
    let latent = residual.len();
    let codebook = |level| world.model.codebook(world.quantizer(item), level);
    for (level, &code) in codes[..level].iter().enumerate() {
        let chosen = &codebook(level)[code as usize * latent..];
        residual.iter_mut().zip(chosen).for_each(|(r, c)| *r -= f64::from(*c));
    }
    let squared = |code: &[f32]| residual.iter().zip(code).map(|(r, c)| (r - f64::from(*c)).powi(2)).sum();
    codebook(level).chunks_exact(latent).map(squared).collect()
}

/// The nearest code but `code`.
fn best_other(distances: &[f64], code: u32) -> usize {
    (0..distances.len()).filter(|&other| other != code as usize).min_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap()
}

#[test]
fn the_codes_are_the_engines_for_every_item_at_near_ties() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let mut ties = 0;
    for item in 0..ITEMS {
        let levels = explained(&world, item).levels;
        let codes: Vec<u32> = levels.iter().map(|level| level.code).collect();
        assert_eq!(codes, world.batch.codes_of(item, 0), "item {item}");
        let first = item * world.batch.slots * world.batch.levels;
        for (l, level) in levels.iter().enumerate() {
            let (norm, margin) = (world.batch.residual_norms[first + l], f64::from(world.batch.margins[first + l]));
            assert!(!level.moved);
            assert_eq!(level.residual_norm, norm, "the engine's own");
            assert_eq!(level.distance, f64::from(norm).powi(2));
            assert!((level.runner_up_distance - level.distance - margin).abs() < 1e-12, "the engine's own margin");
            let distances = distances(&world, item, &codes, l);
            assert_eq!(level.runner_up as usize, best_other(&distances, level.code), "item {item}, level {l}");
            assert!((level.distance - distances[level.code as usize]).abs() < 1e-5);
            ties += usize::from(margin < 1e-5);
        }
    }
    assert!(ties > ITEMS, "the model was made to have near-ties: {ties}");
}

#[test]
fn codes_that_a_policy_moved_are_followed_and_said_to_be_moved() {
    for policy in [Policy::Assign, Policy::Sinkhorn] {
        let world = World::new(Layout::ExpertLast, policy);
        let mut moved = 0;
        for item in 0..ITEMS {
            let levels = explained(&world, item).levels;
            let codes: Vec<u32> = levels.iter().map(|level| level.code).collect();
            assert_eq!(codes, world.resolved.codes_of(item, 0), "the codes that the index shows");
            for (l, level) in levels.iter().enumerate() {
                assert_eq!(level.moved, level.code != world.batch.codes_of(item, 0)[l]);
                moved += usize::from(level.moved);
                expect_followed(&world, item, &codes, l, level);
            }
        }
        assert!(moved > 10, "{policy}: {moved} codes moved");
    }
}

/// Figures of a level by hand, and as the policy reports them.
fn expect_followed(world: &World, item: usize, codes: &[u32], l: usize, level: &LevelChoice) {
    let distances = distances(world, item, codes, l);
    let runner_up = best_other(&distances, level.code);
    assert_eq!(level.runner_up as usize, runner_up);
    assert!((level.distance - distances[level.code as usize]).abs() < 1e-5);
    assert!((level.runner_up_distance - distances[runner_up]).abs() < 1e-5);
    let at = item * world.batch.slots * world.batch.levels + l;
    assert!((level.residual_norm - world.resolved.residual_norms[at]).abs() < 1e-5);
    let margin = (level.runner_up_distance - level.distance) as f32;
    assert!((margin - world.resolved.margins[at]).abs() < 1e-5, "{margin}, the policy says {}", world.resolved.margins[at]);
}

#[test]
fn the_router_sums_to_one_and_has_the_gates() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    for item in 0..ITEMS {
        let router = explained(&world, item).router;
        assert_eq!(router.len(), world.model.config.model.experts);
        assert!((router.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        let gates = &world.batch.gates[item * world.batch.top_n..][..world.batch.top_n];
        for (&expert, &gate) in world.batch.experts_of(item).iter().zip(gates) {
            assert_eq!(router[expert as usize], gate);
        }
    }
}

#[test]
fn a_layout_does_not_change_an_explanation() {
    let plain = World::new(Layout::ExpertLast, Policy::Keep);
    let expected: Vec<Explanation> = (0..ITEMS).map(|item| explained(&plain, item)).collect();
    for layout in LAYOUTS {
        for vocabulary in [CodeVocabulary::Shared, CodeVocabulary::PerExpert] {
            for policy in [Policy::Keep, Policy::Suffix] {
                let world = World::of(near_ties(), layout, vocabulary, policy);
                let found: Vec<Explanation> = (0..ITEMS).map(|item| explained(&world, item)).collect();
                assert_eq!(found, expected, "{layout}, {vocabulary}, {policy}");
            }
        }
    }
}

#[test]
fn what_the_model_reads_and_all_distances_are_told() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    for item in 0..ITEMS {
        let explanation = explained(&world, item);
        assert_eq!(explanation.embedding, world.embeddings[item * WIDTH..][..WIDTH]);
        assert_eq!(explanation.latent.iter().map(|v| f64::from(*v)).collect::<Vec<_>>(), world.z(item));
        let codes: Vec<u32> = explanation.levels.iter().map(|level| level.code).collect();
        for (l, level) in explanation.levels.iter().enumerate() {
            let expected = distances(&world, item, &codes, l);
            assert_eq!(level.distances.len(), expected.len());
            let off = level.distances.iter().zip(&expected).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
            assert!(off < 1e-5, "item {item}, level {l}: {off}");
        }
    }
}

#[test]
fn a_model_without_experts_is_explained_by_its_only_quantizer() {
    let mut model = near_ties();
    let a = &mut model.config.model;
    (a.experts, a.top_n) = (0, 0);
    let codebooks = a.levels * a.codes * a.latent;
    model.codebooks.truncate(codebooks);
    model.router = None;
    let world = World::of(model, Layout::ExpertLast, CodeVocabulary::Shared, Policy::Keep);
    for item in 0..ITEMS {
        let explanation = explained(&world, item);
        assert!(explanation.router.is_empty());
        let codes: Vec<u32> = explanation.levels.iter().map(|level| level.code).collect();
        assert_eq!(codes, world.batch.codes_of(item, 0));
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let mut world = World::new(Layout::ExpertLast, Policy::Keep);
    let refused =
        |world: &World, embeddings: &[f32], item| explain(&world.model, &world.indexed(), embeddings, item).unwrap_err();
    assert_eq!(refused(&world, &world.embeddings, ITEMS), InspectError::Item { item: ITEMS, items: ITEMS });
    assert_eq!(refused(&world, &world.embeddings[WIDTH..], 0), InspectError::Vectors { vectors: ITEMS - 1, tokenized: ITEMS });
    world.batch.z = None;
    assert_eq!(refused(&world, &world.embeddings, 0), InspectError::Missing("latents"));
}
