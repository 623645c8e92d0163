//! Collision policies: they add no collisions, leave none where there are enough codewords, and add the least distortion.

use std::collections::HashMap;

use proptest::prelude::*;
use unitok::engine::Tokenized;
use unitok::model::Model;
use unitok::tokens::{CodeVocabulary, Codewords, CollisionReport, Layout, Policy, Schema, TokensError, resolve, resolve_watched};

use crate::fixtures::{self, Random, Shape, shapes};

/// One routed expert an item.
const ONE: Shape = Shape { experts: 3, top_n: 1, shared: true, levels: 3, codes: 4, latent: 3 };

fn apply(model: &Model, batch: &mut Tokenized, layout: Layout, policy: Policy) -> (Codewords, CollisionReport) {
    let schema = Schema::new(&model.config.model, layout, CodeVocabulary::Shared).unwrap();
    resolve(model, batch, &schema, policy).unwrap()
}

/// `‖z − E(z)‖²` of slot 0 in float64, from its codes.
fn distortion(model: &Model, batch: &Tokenized, item: usize) -> f64 {
    let a = &model.config.model;
    let quantizer = batch.experts_of(item).first().map_or(a.experts, |&k| k as usize);
    let z = &batch.z.as_ref().unwrap()[item * a.latent..][..a.latent];
    let mut residual: Vec<f64> = z.iter().map(|v| f64::from(*v)).collect();
    for (level, &code) in batch.codes_of(item, 0).iter().enumerate() {
        let code = &model.codebook(quantizer, level)[code as usize * a.latent..][..a.latent];
        residual.iter_mut().zip(code).for_each(|(r, c)| *r -= f64::from(*c));
    }
    residual.iter().map(|r| r * r).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn no_policy_adds_collisions_and_assign_leaves_only_the_unavoidable(
        shape in shapes(2..6), items in 1usize..60, copies in 1usize..12, layout in 0usize..3, seed in any::<u64>()
    ) {
        let layout = [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared][layout];
        prop_assume!(shape.shared || layout != Layout::WithShared);
        let model = fixtures::model(shape, seed);
        let original = fixtures::batch(&model, items, copies, seed ^ 1);
        for policy in [Policy::Keep, Policy::Suffix, Policy::Sinkhorn, Policy::Assign] {
            let mut batch = original.clone();
            let (codewords, report) = apply(&model, &mut batch, layout, policy);
            prop_assert!(report.collisions_after <= report.collisions_before, "{report:?}");
            prop_assert_eq!(report.collisions_after, items - codewords.bucket_sizes().len());
            prop_assert_eq!(codewords.items(), items);
            let moved: Vec<usize> =
                (0..items).filter(|&i| batch.codes_of(i, 0) != original.codes_of(i, 0)).collect();
            prop_assert_eq!(report.moved, moved.len());
            let added: f64 = moved.iter().map(|&i| distortion(&model, &batch, i) - distortion(&model, &original, i)).sum();
            prop_assert!((report.added_distortion - added).abs() < 1e-4, "{} {added}", report.added_distortion);
            // Codes of other slots never change.
            for item in 0..items {
                for slot in 1..batch.slots {
                    prop_assert_eq!(batch.codes_of(item, slot), original.codes_of(item, slot));
                }
            }
            match policy {
                Policy::Keep => prop_assert_eq!(&batch, &original),
                Policy::Suffix => prop_assert_eq!(report.collisions_after, 0),
                Policy::Assign => prop_assert_eq!(report.collisions_after, unavoidable(&model, &original, layout)),
                Policy::Sinkhorn => {}
            }
        }
    }

    #[test]
    fn assign_is_optimal_on_one_group(codes in 2usize..7, items in 2usize..7, copies in 1usize..4, seed in any::<u64>()) {
        prop_assume!(items <= codes);
        let shape = Shape { experts: 0, top_n: 0, shared: true, levels: 1, codes, latent: 2 };
        let model = fixtures::model(shape, seed);
        let mut batch = fixtures::batch(&model, items, copies, seed ^ 2);
        let costs: Vec<Vec<f64>> = (0..items).map(|item| (0..codes).map(|code| {
            let mut probe = batch.clone();
            probe.codes[item] = code as u32;
            distortion(&model, &probe, item)
        }).collect()).collect();
        let (_, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
        let total: f64 = (0..items).map(|i| distortion(&model, &batch, i)).sum();
        prop_assert_eq!(report.collisions_after, 0);
        let best = brute_force(&costs, &mut vec![false; codes]);
        prop_assert!((total - best).abs() < 1e-5, "{total} against {best}");
    }
}

/// Collisions that remain at best: of items that are equal in everything but the top expert's codes, those beyond its T^L
/// sequences of codes.
fn unavoidable(model: &Model, batch: &Tokenized, layout: Layout) -> usize {
    let a = &model.config.model;
    let mut equal: HashMap<Vec<u32>, usize> = HashMap::new();
    for item in 0..batch.items {
        let mut key = batch.experts_of(item).to_vec();
        let other_slots = match layout {
            _ if a.top_n == 0 => 1..1,
            Layout::ExpertLast => 1..1,
            Layout::ExpertFirst => 1..a.top_n,
            Layout::WithShared => a.top_n..a.top_n + 1,
        };
        other_slots.for_each(|slot| key.extend(batch.codes_of(item, slot)));
        *equal.entry(key).or_default() += 1;
    }
    let capacity = a.codes.pow(a.levels as u32);
    equal.values().map(|&n| n.saturating_sub(capacity)).sum()
}

/// Least total cost, found by trying every assignment.
fn brute_force(costs: &[Vec<f64>], used: &mut Vec<bool>) -> f64 {
    let Some((first, rest)) = costs.split_first() else { return 0.0 };
    let mut best = f64::INFINITY;
    for code in 0..first.len() {
        if !used[code] {
            used[code] = true;
            best = best.min(first[code] + brute_force(rest, used));
            used[code] = false;
        }
    }
    best
}

#[test]
fn identical_items_spread_over_prefixes_when_a_group_is_full() {
    let model = fixtures::model(Shape { experts: 0, top_n: 0, ..ONE }, 3);
    let z = vec![0.2, -0.4, 0.1];
    // 4³ = 64 codewords: 40 items fit, 70 do not.
    for (items, remaining) in [(40, 0), (64, 0), (70, 6)] {
        let mut batch = fixtures::quantize(&model, &vec![(z.clone(), vec![]); items]);
        let (_, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
        assert_eq!((report.collisions_before, report.collisions_after), (items - 1, remaining));
        assert!(report.added_distortion > 0.0 && report.moved >= items.min(64) - 1);
    }
}

#[test]
fn assign_leaves_groups_without_a_collision_alone() {
    let model = fixtures::model(ONE, 5);
    let original = fixtures::batch(&model, 50, 1, 6);
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
    let before = schema.codewords(&original);
    let mut batch = original.clone();
    apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
    let prefix = |item: usize| [&before.row(item)[..2], &before.row(item)[3..]].concat();
    for item in 0..50 {
        let group: Vec<usize> = (0..50).filter(|&other| prefix(other) == prefix(item)).collect();
        let collides = group.iter().any(|&a| group.iter().any(|&b| a != b && before.row(a) == before.row(b)));
        if !collides && group.len() < 4 {
            assert_eq!(batch.codes_of(item, 0), original.codes_of(item, 0), "item {item} had no reason to move");
        }
    }
}

#[test]
fn changed_items_have_the_norms_and_margins_of_their_new_codes() {
    let model = fixtures::model(ONE, 7);
    let original = fixtures::batch(&model, 40, 4, 8);
    let mut batch = original.clone();
    let (_, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
    assert!(report.moved > 0);
    for item in 0..40 {
        let last = item * batch.slots * batch.levels + batch.levels - 1;
        assert!((f64::from(batch.residual_norms[last]).powi(2) - distortion(&model, &batch, item)).abs() < 1e-4);
        if batch.codes_of(item, 0)[..2] == original.codes_of(item, 0)[..2]
            && batch.codes_of(item, 0) != original.codes_of(item, 0)
        {
            assert!(batch.margins[last] < 0.0, "item {item} gave up a nearer code");
        }
    }
}

#[test]
fn suffixes_number_each_bucket_and_every_item_has_one() {
    let model = fixtures::model(ONE, 9);
    let z = vec![0.1, 0.2, 0.3];
    let far = vec![-0.9, 0.9, -0.9];
    let items = [(z.clone(), vec![1]), (far, vec![2]), (z.clone(), vec![1]), (z, vec![1])];
    let mut batch = fixtures::quantize(&model, &items);
    let (codewords, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Suffix);
    let suffixes: Vec<String> = (0..4).map(|item| codewords.tokens(item).pop().unwrap()).collect();
    assert_eq!(suffixes, ["<e_0>", "<e_0>", "<e_1>", "<e_2>"]);
    assert_eq!(codewords.sizes, [4, 4, 4, 3, 3]);
    assert_eq!((report.collisions_before, report.moved, report.added_distortion), (2, 0, 0.0));
}

#[test]
fn sinkhorn_separates_near_duplicates() {
    let shape = Shape { experts: 2, top_n: 1, shared: true, levels: 3, codes: 16, latent: 4 };
    let model = fixtures::model(shape, 11);
    let mut random = Random(12);
    let items: Vec<(Vec<f32>, Vec<u32>)> =
        (0..12).map(|_| ((0..4).map(|d| 0.1 * d as f32 + 1e-3 * random.signed()).collect(), vec![0])).collect();
    let mut batch = fixtures::quantize(&model, &items);
    let (_, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Sinkhorn);
    assert!(report.collisions_before >= 8, "{report:?}");
    assert_eq!(report.collisions_after, 0, "{report:?}");
    assert!(report.q_after.unwrap() > report.q_before.unwrap());
}

#[test]
fn policies_that_minimise_distortion_need_latents() {
    let model = fixtures::model(ONE, 13);
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
    let mut batch = Tokenized { z: None, ..fixtures::batch(&model, 5, 2, 14) };
    for policy in [Policy::Sinkhorn, Policy::Assign] {
        assert!(policy.needs_latents());
        assert_eq!(resolve(&model, &mut batch, &schema, policy).unwrap_err(), TokensError::NoLatents(policy.to_string()));
    }
    batch.levels = 2;
    assert!(matches!(resolve(&model, &mut batch, &schema, Policy::Keep), Err(TokensError::Shape { .. })));
}

#[test]
fn an_empty_batch_is_resolved_by_every_policy() {
    let model = fixtures::model(ONE, 15);
    for policy in [Policy::Keep, Policy::Suffix, Policy::Sinkhorn, Policy::Assign] {
        let (codewords, report) = apply(&model, &mut fixtures::quantize(&model, &[]), Layout::ExpertLast, policy);
        assert_eq!((codewords.items(), report.collisions_after), (0, 0));
    }
}

#[test]
fn a_thousand_identical_items_get_different_codewords() {
    let shape = Shape { experts: 6, top_n: 1, shared: true, levels: 4, codes: 256, latent: 32 };
    let model = fixtures::model(shape, 21);
    let mut random = Random(22);
    let z: Vec<f32> = (0..32).map(|_| random.signed()).collect();
    let mut batch = fixtures::quantize(&model, &vec![(z, vec![2]); 1000]);
    let (_, report) = apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
    assert_eq!((report.collisions_before, report.collisions_after, report.moved), (999, 0, 999));
    // Latents that are all equal have no variance of which a share could be unexplained.
    assert_eq!(report.q_after, None);
    // 256 items keep their prefix, and no prefix has more items than last codes.
    let mut items_of_prefix: HashMap<Vec<u32>, usize> = HashMap::new();
    (0..1000).for_each(|item| *items_of_prefix.entry(batch.codes_of(item, 0)[..3].to_vec()).or_default() += 1);
    let sizes: Vec<usize> = items_of_prefix.into_values().collect();
    assert_eq!(sizes.iter().max(), Some(&256), "{sizes:?}");
}

#[test]
fn an_item_that_does_not_fit_gets_the_nearest_free_pair() {
    // One item more than there are last codes, all equal.
    let model = fixtures::model(ONE, 31);
    let mut random = Random(32);
    for _ in 0..20 {
        let z: Vec<f32> = (0..3).map(|_| random.signed()).collect();
        let items = vec![(z, vec![1]); ONE.codes + 1];
        let original = fixtures::quantize(&model, &items);
        let mut batch = original.clone();
        apply(&model, &mut batch, Layout::ExpertLast, Policy::Assign);
        let [first, second] = [0, 1].map(|level| original.codes_of(0, 0)[level]);
        let moved: Vec<usize> = (0..items.len()).filter(|&item| batch.codes_of(item, 0)[..2] != [first, second]).collect();
        assert_eq!(moved.len(), 1);
        let found = distortion(&model, &batch, moved[0]);
        let codes = ONE.codes as u32;
        let pairs = (0..codes).filter(|&code| code != second).flat_map(|code| (0..codes).map(move |last| [first, code, last]));
        let nearest = pairs.map(|chain| {
            batch.codes[moved[0] * batch.slots * batch.levels..][..3].copy_from_slice(&chain);
            distortion(&model, &batch, moved[0])
        });
        let nearest = nearest.fold(f64::INFINITY, f64::min);
        assert!((found - nearest).abs() < 1e-5, "{found} {nearest}");
    }
}

#[test]
fn a_watched_policy_reports_its_steps_and_can_be_stopped() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let model = fixtures::model(ONE, 33);
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
    let items = vec![(vec![0.5, -0.2, 0.1], vec![1]); 40];
    for policy in [Policy::Assign, Policy::Sinkhorn] {
        let (last, all) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let watch = |done: usize, of: usize| {
            all.store(of, Ordering::Relaxed);
            last.fetch_max(done, Ordering::Relaxed);
            true
        };
        let mut batch = fixtures::quantize(&model, &items);
        resolve_watched(&model, &mut batch, &schema, policy, &watch).unwrap();
        let (last, all) = (last.into_inner(), all.into_inner());
        assert!(last > 0 && last <= all, "{policy}: {last} of {all}");
        assert!(policy != Policy::Assign || last == all, "{last} of {all}");
        let stopped =
            resolve_watched(&model, &mut fixtures::quantize(&model, &items), &schema, policy, &|done, _| done < last / 2);
        assert_eq!(stopped.unwrap_err(), TokensError::Stopped, "{policy}");
    }
}
