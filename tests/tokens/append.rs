//! Items that are placed beside others: nobody moves, nobody collides where there is a free place, in whatever order they come.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use unitok::engine::Tokenized;
use unitok::model::Model;
use unitok::tokens::{CodeVocabulary, Codewords, Index, Layout, Policy, Schema, Taken, published, resolve, resolve_beside};

use crate::fixtures::{self, Random, Shape, shapes};

/// What is taken where no codeword was retired.
fn beside(published: &Codewords) -> Taken<'_> {
    static NONE: Codewords = Codewords { values: Vec::new(), sizes: Vec::new() };
    Taken { published, retired: &NONE }
}

/// Places a batch beside the codewords that there are, and adds its own.
fn append(model: &Model, schema: &Schema, policy: Policy, all: &mut Codewords, batch: &mut Tokenized) {
    let (codewords, report) = resolve_beside(model, batch, schema, policy, beside(all), &|_, _| true).unwrap();
    all.values.extend(&codewords.values);
    all.sizes.clone_from(&codewords.sizes);
    assert_eq!(report.items, all.items());
    assert_eq!(report.collisions_after, all.items() - all.bucket_sizes().len(), "{report:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn a_batch_collides_only_where_no_place_is_free(
        shape in shapes(2..5), sizes in prop::collection::vec(1usize..25, 1..5), copies in 1usize..12, layout in 0usize..3,
        per_expert in any::<bool>(), seed in any::<u64>()
    ) {
        let layout = [Layout::ExpertLast, Layout::ExpertFirst, Layout::WithShared][layout];
        prop_assume!(shape.shared || layout != Layout::WithShared);
        let vocabulary = if per_expert { CodeVocabulary::PerExpert } else { CodeVocabulary::Shared };
        let model = fixtures::model(shape, seed);
        let schema = Schema::new(&model.config.model, layout, vocabulary).unwrap();
        for policy in [Policy::Keep, Policy::Suffix, Policy::Sinkhorn, Policy::Assign] {
            let mut all = Codewords::default();
            for (day, &items) in sizes.iter().enumerate() {
                append(&model, &schema, policy, &mut all, &mut fixtures::batch(&model, items, copies, seed ^ day as u64));
            }
            if policy == Policy::Suffix {
                prop_assert_eq!(all.bucket_sizes().len(), all.items());
            }
            if policy != Policy::Assign {
                continue;
            }
            // A family has all tokens in common but the codes of the first slot; it is full with T to the power of L codewords.
            let own: HashSet<usize> = schema.code_positions(0).into_iter().collect();
            let mut families: HashMap<Vec<u32>, HashSet<&[u32]>> = HashMap::new();
            let family = |row: &[u32]| {
                (0..row.len()).filter(|position| !own.contains(position)).map(|position| row[position]).collect::<Vec<u32>>()
            };
            for row in (0..all.items()).map(|item| all.row(item)) {
                families.entry(family(row)).or_default().insert(row);
            }
            for bucket in all.buckets(&all.sorted()).filter(|bucket| bucket.len() > 1) {
                let codewords = families[&family(all.row(bucket[0] as usize))].len();
                prop_assert_eq!(codewords, shape.codes.pow(shape.levels as u32), "a place was free");
            }
        }
    }

    #[test]
    fn nobody_gets_a_retired_codeword_while_another_place_is_free(
        shape in shapes(2..5), items in 1usize..25, copies in 1usize..12, per_expert in any::<bool>(), seed in any::<u64>()
    ) {
        let vocabulary = if per_expert { CodeVocabulary::PerExpert } else { CodeVocabulary::Shared };
        let model = fixtures::model(shape, seed);
        let schema = Schema::new(&model.config.model, Layout::ExpertLast, vocabulary).unwrap();
        let own: HashSet<usize> = schema.code_positions(0).into_iter().collect();
        for policy in [Policy::Suffix, Policy::Sinkhorn, Policy::Assign] {
            // Every third item of an index left it.
            let (all, _) = resolve(&model, &mut fixtures::batch(&model, 30, copies, !seed), &schema, policy).unwrap();
            let [mut retired, mut published] = [(); 2].map(|()| Codewords { values: Vec::new(), sizes: all.sizes.clone() });
            for item in 0..all.items() {
                let list = if item % 3 == 0 { &mut retired } else { &mut published };
                list.values.extend(all.row(item));
            }
            let mut batch = fixtures::batch(&model, items, copies, seed);
            let taken = Taken { published: &published, retired: &retired };
            let (found, report) = resolve_beside(&model, &mut batch, &schema, policy, taken, &|_, _| true).unwrap();
            prop_assert_eq!(report.items, published.items() + items, "a codeword of nobody is no item");
            let left: HashSet<&[u32]> = (0..retired.items()).map(|row| retired.row(row)).collect();
            let passed_on: Vec<&[u32]> = (0..items).map(|item| found.row(item)).filter(|row| left.contains(row)).collect();
            prop_assert!(policy != Policy::Suffix || passed_on.is_empty());
            for row in passed_on {
                let family = |row: &[u32]| {
                    (0..row.len()).filter(|place| !own.contains(place)).map(|place| row[place]).collect::<Vec<u32>>()
                };
                let taken = [&published, &retired, &found].map(|rows| (0..rows.items()).map(|item| rows.row(item)));
                let of_family: HashSet<&[u32]> = taken.into_iter().flatten().filter(|other| family(other) == family(row)).collect();
                prop_assert_eq!(of_family.len(), shape.codes.pow(shape.levels as u32), "a place was free");
            }
        }
    }

    #[test]
    fn beside_nobody_a_batch_is_resolved_as_alone(items in 1usize..60, copies in 1usize..12, seed in any::<u64>()) {
        let shape = Shape { experts: 2, top_n: 1, shared: false, levels: 2, codes: 4, latent: 3 };
        let model = fixtures::model(shape, seed);
        let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
        for policy in [Policy::Suffix, Policy::Sinkhorn, Policy::Assign] {
            let (mut alone, mut among) = (fixtures::batch(&model, items, copies, seed), fixtures::batch(&model, items, copies, seed));
            let (expected, report) = resolve(&model, &mut alone, &schema, policy).unwrap();
            let found = resolve_beside(&model, &mut among, &schema, policy, beside(&Codewords::default()), &|_, _| true).unwrap();
            prop_assert_eq!(found, (expected, report));
        }
    }
}

#[test]
fn a_year_of_appends_moves_nobody_and_collides_nowhere() {
    // 1295 items on 1536 codewords, about 430 on the 512 of each expert, many of them with the same latent.
    let shape = Shape { experts: 3, top_n: 1, shared: false, levels: 3, codes: 8, latent: 4 };
    let model = fixtures::model(shape, 1);
    let schema = Schema::new(&model.config.model, Layout::ExpertLast, CodeVocabulary::Shared).unwrap();
    let (first, day) = (200, 3);
    let whole = fixtures::batch(&model, first + 365 * day, 3, 5);
    let latents: Vec<(Vec<f32>, Vec<u32>)> = (0..whole.items)
        .map(|item| (whole.z.as_ref().unwrap()[item * 4..][..4].to_vec(), whole.experts_of(item).to_vec()))
        .collect();
    let year = |days: &[Vec<usize>]| {
        let (mut all, mut added, mut order) = (Codewords::default(), 0.0, Vec::new());
        for items in days {
            let before = all.clone();
            let picked: Vec<_> = items.iter().map(|&item| latents[item].clone()).collect();
            let mut batch = fixtures::quantize(&model, &picked);
            let (codewords, report) =
                resolve_beside(&model, &mut batch, &schema, Policy::Assign, beside(&all), &|_, _| true).unwrap();
            all.values.extend(&codewords.values);
            all.sizes = codewords.sizes;
            added += report.added_distortion;
            order.extend(items.iter().copied());
            assert_eq!(all.values[..before.values.len()], before.values, "no codeword moves");
        }
        assert_eq!(all.bucket_sizes().len(), whole.items, "no two items collide");
        (all, added, order)
    };
    let mut days: Vec<Vec<usize>> = vec![(0..first).collect()];
    days.extend((0..365).map(|d| (first + d * day..first + (d + 1) * day).collect()));
    let (all, added, _) = year(&days);
    assert_eq!(year(&days).0, all, "the same appends give the same codewords");
    // In another order of days the index is another, and as valid.
    let mut random = Random(3);
    (1..days.len()).rev().for_each(|day| days.swap(day, 1 + random.below(day)));
    let (_, shuffled, order) = year(&days);
    assert_eq!(order.iter().collect::<HashSet<_>>().len(), whole.items);
    // What the year costs beside placing all items at once.
    let (_, at_once) = resolve(&model, &mut whole.clone(), &schema, Policy::Assign).unwrap();
    for added in [added, shuffled] {
        assert!(added < 1.5 * at_once.added_distortion, "{added} {}", at_once.added_distortion);
    }
}

#[test]
fn an_index_reads_back_as_the_codewords_it_was_written_from() {
    let shape = Shape { experts: 3, top_n: 2, shared: true, levels: 2, codes: 4, latent: 3 };
    let model = fixtures::model(shape, 1);
    for (layout, vocabulary, policy) in [
        (Layout::ExpertLast, CodeVocabulary::Shared, Policy::Keep),
        (Layout::ExpertFirst, CodeVocabulary::PerExpert, Policy::Suffix),
        (Layout::WithShared, CodeVocabulary::PerExpert, Policy::Assign),
    ] {
        let schema = Schema::new(&model.config.model, layout, vocabulary).unwrap();
        let (codewords, _) = resolve(&model, &mut fixtures::batch(&model, 30, 4, 2), &schema, policy).unwrap();
        let rows =
            |codewords: &Codewords| Index::from_rows((0..30).map(|item| (item.to_string(), codewords.tokens(item)))).unwrap();
        let index = rows(&codewords);
        assert_eq!(published(&index, &schema, policy == Policy::Suffix).unwrap(), codewords);
        let mut wrong = codewords.clone();
        wrong.values[codewords.width() + 1] = 1000;
        let error = published(&rows(&wrong), &schema, policy == Policy::Suffix).unwrap_err();
        assert_eq!((error.id.as_str(), error.token.as_str(), error.position), ("1", "<b_1000>", 2));
        let error = published(&index, &schema, policy != Policy::Suffix).unwrap_err();
        assert_eq!((error.id.as_str(), error.position), ("0", schema.width() + 1), "{error}");
    }
}
