//! Quality without training: the back-off chain against one written down naively, and what must hold for any index.

use std::collections::{HashMap, HashSet};

use unitok::audit::quality::{Pair, lift, log_loss, losses, neighbour_recall, quality};
use unitok::audit::{Codes, audit};
use unitok::base::random::Random;
use unitok::interactions::Sequences;
use unitok::tokens::Index;

/// An index with these codewords; items are called by their numbers.
fn index(codewords: &[Vec<u32>]) -> Index {
    let mut vocabulary: Vec<String> = Vec::new();
    let mut tokens = Vec::new();
    for (position, code) in codewords.iter().flat_map(|codes| codes.iter().enumerate()) {
        let token = format!("<{position}_{code}>");
        let known = vocabulary.iter().position(|known| *known == token);
        tokens.push(known.unwrap_or(vocabulary.len()) as u32);
        vocabulary.extend(known.is_none().then_some(token));
    }
    Index { ids: (0..codewords.len()).map(|item| item.to_string()).collect(), width: codewords[0].len(), tokens, vocabulary }
}

fn below(random: &mut Random, limit: usize) -> usize {
    random.bits() as usize % limit
}

/// Users who mostly stay among items of the same remainder by `kinds`.
fn sequences(users: usize, items: usize, kinds: usize) -> Sequences {
    let mut random = Random::new(7);
    let mut sequences = Sequences::default();
    for user in 0..users {
        let kind = below(&mut random, kinds);
        let mut next = || {
            let item = below(&mut random, items);
            Some(if below(&mut random, 10) < 8 { item / kinds * kinds + kind } else { item } as u32)
        };
        let items: Vec<Option<u32>> = (0..8).map(|_| next()).collect();
        sequences.push(&user.to_string(), &items, &[]);
    }
    sequences
}

/// Codewords (kind, number) of the items of [`sequences`].
fn by_kind(items: usize, kinds: usize) -> Vec<Vec<u32>> {
    (0..items).map(|item| vec![(item % kinds) as u32, (item / kinds) as u32]).collect()
}

fn shuffled<T>(mut values: Vec<T>, seed: u32) -> Vec<T> {
    let mut random = Random::new(seed);
    (1..values.len()).rev().for_each(|at| values.swap(at, below(&mut random, at + 1)));
    values
}

/// 24 items with 18 codewords of three tokens, the second of which tells next to nothing, and random pairs.
fn tiny() -> (Index, Vec<(u32, u32)>, Vec<Pair>) {
    let mut random = Random::new(3);
    let codeword = |_| vec![below(&mut random, 4) as u32, 0, below(&mut random, 5) as u32];
    let index = index(&(0..24).map(codeword).collect::<Vec<_>>());
    assert!(index.sorted().len() == 24 && index.bucket_sizes_of_items().iter().any(|&size| size > 1));
    let mut item = || (below(&mut random, 24) * below(&mut random, 24) / 24) as u32;
    let training = (0..200).map(|_| (item(), item())).collect();
    let tuning = (0..30).map(|at| Pair { previous: (at % 7 > 0).then(&mut item), next: item() }).collect();
    (index, training, tuning)
}

fn every_pair(items: u32) -> Vec<Pair> {
    let previous = || (0..items).map(Some).chain([None]);
    previous().flat_map(|previous| (0..items).map(move |next| Pair { previous, next })).collect()
}

#[test]
fn the_chances_of_all_items_sum_to_one_whatever_was_before() {
    let (index, training, tuning) = tiny();
    let pairs = every_pair(24);
    let losses = losses(&index, &training, &tuning, &pairs);
    for nats in losses.whole[tuning.len()..].chunks(24).chain(losses.without_history[tuning.len()..].chunks(24)) {
        let sum: f64 = nats.iter().map(|nats| (-nats).exp()).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
    }
    let spread = losses.whole[tuning.len()..].iter().fold(0.0, |most: f64, nats| most.max(*nats)) - 24f64.ln();
    assert!(spread > 0.3, "the chain must have learned something to be tested by: {spread}");
}

/// The chain by counting every pair anew for each figure.
fn naive(
    index: &Index,
    contexts: &[&dyn Fn(u32) -> Vec<u32>],
    training: &[(u32, u32)],
    tuning: usize,
    pairs: &[Pair],
) -> Vec<f64> {
    let prefix = |item: u32, length: usize| index.row(item as usize)[..length].to_vec();
    let bucket = |item: u32| (0..index.items()).filter(|&other| index.row(other) == index.row(item as usize)).count() as f64;
    let mut nats: Vec<f64> = pairs.iter().map(|pair| bucket(pair.next).ln()).collect();
    for length in 0..index.width {
        let kinds = |item| {
            let same = (0..index.items() as u32).filter(|&other| prefix(other, length) == prefix(item, length));
            same.map(|other| prefix(other, length + 1)).collect::<HashSet<_>>().len() as f64
        };
        let mut chances: Vec<f64> = pairs.iter().map(|pair| 1.0 / kinds(pair.next)).collect();
        for (number, context) in contexts.iter().enumerate() {
            let counts: Vec<[f64; 3]> = pairs
                .iter()
                .map(|pair| {
                    let mut seen: HashMap<Vec<u32>, f64> = HashMap::new();
                    // The first context looks at nothing, so it knows an unknown item as well as any.
                    let own = pair.previous.or((number == 0).then_some(0)).map(context);
                    for (previous, next) in training {
                        if own == Some(context(*previous)) && prefix(*next, length) == prefix(pair.next, length) {
                            *seen.entry(prefix(*next, length + 1)).or_default() += 1.0;
                        }
                    }
                    let matching = seen.get(&prefix(pair.next, length + 1)).copied().unwrap_or_default();
                    [seen.values().sum(), matching, seen.len() as f64]
                })
                .collect();
            let smoothed = |discount: f64, strength: f64| -> Vec<f64> {
                let one = |([all, matching, kinds], chance): (&[f64; 3], &f64)| {
                    let own = (matching - discount).max(0.0);
                    if *all == 0.0 { *chance } else { (own + (discount * kinds + strength) * chance) / (all + strength) }
                };
                counts.iter().zip(&chances).map(one).collect()
            };
            let grid = [0.5, 0.9].iter().flat_map(|&d| [0.0, 2.0, 10.0, 50.0, 250.0, 1e15].map(|s| smoothed(d, s)));
            let loss = |chances: &Vec<f64>| -chances[..tuning].iter().map(|chance| chance.ln()).sum::<f64>();
            chances = grid.min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap();
        }
        nats.iter_mut().zip(&chances).for_each(|(nats, chance)| *nats -= chance.ln());
    }
    nats
}

#[test]
fn the_chain_equals_counting_by_hand() {
    let (index, training, tuning) = tiny();
    let pairs = [tuning.clone(), every_pair(24)].concat();
    let codes = |item: u32| index.row(item as usize);
    // The second position is the same for all items and no context.
    let contexts: [&dyn Fn(u32) -> Vec<u32>; 4] =
        [&|_| vec![], &|item| vec![codes(item)[0]], &|item| vec![codes(item)[0], codes(item)[2]], &|item| vec![item]];
    let expected = naive(&index, &contexts, &training, tuning.len(), &pairs);
    let found = losses(&index, &training, &tuning, &pairs[tuning.len()..]);
    for (pair, (found, expected)) in pairs.iter().zip(found.whole.iter().zip(&expected)) {
        assert!((found - expected).abs() < 1e-9, "{pair:?}: {found} {expected}");
    }
    for at in 0..pairs.len() {
        let bucket = f64::from(index.bucket_sizes_of_items()[pairs[at].next as usize]).ln();
        let sum = bucket + found.by_position.iter().map(|nats| nats[at]).sum::<f64>();
        assert!((found.whole[at] - sum).abs() < 1e-12);
    }
}

#[test]
fn the_names_of_codes_do_not_count() {
    let sequences = sequences(300, 60, 6);
    let split = sequences.leave_one_out().unwrap();
    let renamed: Vec<Vec<u32>> = by_kind(60, 6).iter().map(|codes| vec![(codes[0] * 5 + 2) % 7, 100 - codes[1]]).collect();
    let (one, other) = (index(&by_kind(60, 6)), index(&renamed));
    assert_eq!(log_loss(&one, &split), log_loss(&other, &split));
    assert_eq!(lift(&one, &split), lift(&other, &split));
}

#[test]
fn tokens_that_know_what_goes_together_are_better_than_random_ones() {
    let sequences = sequences(600, 120, 6);
    let split = sequences.leave_one_out().unwrap();
    let telling = index(&by_kind(120, 6));
    let random = index(&shuffled(by_kind(120, 6), 1));
    let nats = |index: &Index| log_loss(index, &split).unwrap();
    assert!(nats(&telling).nats_per_item < nats(&random).nats_per_item - 0.3, "{:?} {:?}", nats(&telling), nats(&random));
    assert!(nats(&telling).nats_per_item < nats(&telling).nats_without_history - 0.5);
    assert!((nats(&random).nats_uniform - 120f64.ln()).abs() < 1e-12);
    let first = |index: &Index| lift(index, &split).lift[0].unwrap();
    assert!(first(&telling) > 3.0 && (first(&random) - 1.0).abs() < 0.2, "{} {}", first(&telling), first(&random));
    assert_eq!(lift(&telling, &split).lift[1], None, "no two items have the same codeword");
}

/// Collisions cost what it takes to tell the bucket's items apart.
#[test]
fn all_items_on_one_codeword_are_a_guess() {
    let sequences = sequences(50, 30, 3);
    let split = sequences.leave_one_out().unwrap();
    let collapsed = index(&vec![vec![1, 2]; 30]);
    let loss = log_loss(&collapsed, &split).unwrap();
    assert!((loss.nats_per_item - 30f64.ln()).abs() < 1e-9, "{loss:?}");
    assert_eq!(lift(&collapsed, &split).lift, [Some(1.0); 2]);
}

#[test]
fn a_single_item_and_items_that_the_index_lacks_are_no_trouble() {
    let single = index(&[vec![3, 1]]);
    let mut sequences = Sequences::default();
    sequences.push("u", &[Some(0); 6], &[]);
    sequences.push("v", &[Some(0), None, None, Some(0), Some(0), None], &[]);
    let split = sequences.leave_one_out().unwrap();
    let loss = log_loss(&single, &split).unwrap();
    assert_eq!((loss.nats_pairs, loss.nats_unknown), (1, 1));
    assert!(loss.nats_per_item.abs() < 1e-9, "{loss:?}");
    assert_eq!(lift(&single, &split).lift, [None, None], "an item after itself says nothing");

    let mut strange = Sequences::default();
    strange.push("u", &[None; 5], &[]);
    let split = strange.leave_one_out().unwrap();
    assert_eq!(log_loss(&single, &split), None);
    let report = audit(&single, &Codes::Inferred).unwrap();
    let vector: [Option<&[f32]>; 1] = [Some(&[1.0])];
    let measured = quality(&single, &report, Some(&split), Some(&vector));
    assert_eq!((measured.log_loss, measured.neighbours), (None, None));
}

#[test]
fn neighbours_are_recalled_where_codes_follow_the_vectors() {
    let mut random = Random::new(5);
    let width = 6;
    // Six directions, with noise; every item of `kind` is near its direction, at any length of the vector.
    let mut vector = |item: usize| -> Vec<f32> {
        let length = 1.0 + random.centred();
        (0..width).map(|at| length * (if at == item % 6 { 1.0 } else { 0.0 } + 0.2 * random.centred())).collect()
    };
    let vectors: Vec<Vec<f32>> = (0..1500).map(&mut vector).collect();
    let mut rows: Vec<Option<&[f32]>> = vectors.iter().map(|vector| Some(vector.as_slice())).collect();
    rows[17] = None;
    let telling = neighbour_recall(&index(&by_kind(1500, 6)), &rows).unwrap();
    assert_eq!((telling.neighbour_recall[0], telling.neighbour_recall[1], telling.neighbour_sample), (1.0, 0.0, 1000));
    let random = neighbour_recall(&index(&shuffled(by_kind(1500, 6), 1)), &rows).unwrap();
    let chance = random.neighbour_recall_by_chance[0];
    assert!((chance - 1.0 / 6.0).abs() < 0.01 && (random.neighbour_recall[0] - chance).abs() < 0.02, "{random:?}");
}

#[test]
fn neighbours_are_those_of_sorting_all_cosines() {
    let mut random = Random::new(9);
    let vectors: Vec<Vec<f32>> = (0..40).map(|_| (0..5).map(|_| random.centred()).collect()).collect();
    let codewords: Vec<Vec<u32>> = (0..40).map(|_| vec![below(&mut random, 3) as u32, below(&mut random, 4) as u32]).collect();
    let rows: Vec<Option<&[f32]>> = vectors.iter().map(|vector| Some(vector.as_slice())).collect();
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let cosine = |a: usize, b: usize| {
        let (a, b) = (&vectors[a], &vectors[b]);
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    let mut same = 0;
    for item in 0..40 {
        let mut others: Vec<usize> = (0..40).filter(|&other| other != item).collect();
        others.sort_by(|&a, &b| cosine(item, b).total_cmp(&cosine(item, a)));
        same += others[..10].iter().filter(|&&other| codewords[other] == codewords[item]).count();
    }
    let recall = neighbour_recall(&index(&codewords), &rows).unwrap();
    assert!((recall.neighbour_recall[1] - f64::from(same as u32) / 400.0).abs() < 1e-12, "{recall:?} {same}");
}

#[test]
fn uneven_use_is_measured_against_the_vocabulary_as_utilisation_is() {
    let index = index(&[vec![0, 0], vec![0, 1], vec![0, 2], vec![0, 3]]);
    let report = audit(&index, &Codes::All(4)).unwrap();
    let measured = quality(&index, &report, None, None);
    assert_eq!(measured.gini, [0.75, 0.0]);
    assert!(measured.lift.is_none() && measured.log_loss.is_none() && measured.neighbours.is_none());
}
