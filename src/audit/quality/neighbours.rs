//! Whether items with similar vectors begin with the same tokens.

use serde::Serialize;

use super::prefixes::Prefixes;
use crate::base::hash::fnv1a;
use crate::base::parallel::map_chunks;
use crate::base::sort::ordered;
use crate::compute::cpu::linear::PackedLinear;
use crate::compute::cpu::tile::Activation;
use crate::model::Linear;
use crate::tokens::Index;

/// Neighbours looked at of each item.
const NEIGHBOURS: usize = 10;
/// Most items whose neighbours are looked at.
const SAMPLE: usize = 1000;
/// Items compared at once with all of the sample.
const CHUNK: usize = 512;

/// For prefixes of each length, from one token to whole codewords.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NeighbourRecall {
    /// Share of an item's ten nearest neighbours by cosine that have the prefix in common with it.
    pub neighbour_recall: Vec<f64>,
    /// The same share of all other items.
    pub neighbour_recall_by_chance: Vec<f64>,
    /// Items whose neighbours were looked at.
    pub neighbour_sample: usize,
}

/// Neighbour recall among the items that have a vector; none with fewer than two of them.
///
/// `vectors [items]` all have the same width. The sample is chosen by the items' ids alone, so it is the same for all indexes
/// of a catalogue.
pub fn neighbour_recall(index: &Index, vectors: &[Option<&[f32]>]) -> Option<NeighbourRecall> {
    let known: Vec<(u32, &[f32])> =
        vectors.iter().enumerate().filter_map(|(item, vector)| Some((item as u32, (*vector)?))).collect();
    if known.len() < 2 {
        return None;
    }
    let prefixes = Prefixes::new(index);
    let sample = sample(&known, &index.ids);
    let neighbours = nearest(&known, &sample);
    let items = |at: &u32| known[*at as usize].0;
    let recall = |length: usize| {
        let shares = sample.iter().zip(&neighbours).map(|(own, nearest)| {
            let own = prefixes.of(length, items(own));
            nearest.iter().filter(|near| prefixes.of(length, items(&near.at)) == own).count() as f64 / nearest.len() as f64
        });
        shares.sum::<f64>() / sample.len() as f64
    };
    let mut weights = vec![0; index.items()];
    known.iter().for_each(|(item, _)| weights[*item as usize] = 1);
    let by_chance = |length: usize| {
        let pairs: f64 = prefixes.sums(length, &weights).into_iter().map(|n| n as f64 * (n as f64 - 1.0)).sum();
        pairs / (known.len() as f64 * (known.len() as f64 - 1.0))
    };
    let lengths = 1..=prefixes.width();
    Some(NeighbourRecall {
        neighbour_recall: lengths.clone().map(recall).collect(),
        neighbour_recall_by_chance: lengths.map(by_chance).collect(),
        neighbour_sample: sample.len(),
    })
}

/// Those of `known` with the lowest hashes of their ids.
fn sample(known: &[(u32, &[f32])], ids: &[String]) -> Vec<u32> {
    // Zeros after the id carry its last letters into the upper bits of the hash.
    let hash = |(item, _): &(u32, &[f32])| fnv1a(ids[*item as usize].bytes().chain([0; 8]));
    let hashes: Vec<u64> = known.iter().map(hash).collect();
    let mut order = ordered(known.len(), &|a, b| hashes[a].cmp(&hashes[b]));
    order.truncate(SAMPLE);
    order
}

/// One of `known`, and how similar it is.
#[derive(Debug, Clone, Copy)]
struct Near {
    at: u32,
    cosine: f32,
}

/// The nearest others of each of the sample; of equally near ones the first.
fn nearest(known: &[(u32, &[f32])], sample: &[u32]) -> Vec<Vec<Near>> {
    let inputs = known[0].1.len();
    let weight = sample.iter().flat_map(|&at| unit(known[at as usize].1)).collect();
    let queries = PackedLinear::new(&Linear { weight, bias: vec![0.0; sample.len()], inputs, outputs: sample.len() });
    let places: Vec<u32> = (0..known.len() as u32).collect();
    let parts = map_chunks(&places, CHUNK, |places| {
        let rows: Vec<f32> = places.iter().flat_map(|&at| unit(known[at as usize].1)).collect();
        let cosines = queries.forward(&rows, Activation::Identity);
        let near = |query: usize| {
            let others = places.iter().enumerate().filter(|(_, at)| **at != sample[query]);
            best(others.map(|(row, &at)| Near { at, cosine: cosines[row * sample.len() + query] }))
        };
        (0..sample.len()).map(near).collect::<Vec<_>>()
    });
    (0..sample.len()).map(|query| best(parts.iter().flat_map(|part| part[query].iter().copied()))).collect()
}

/// The nearest, the nearest first.
fn best(others: impl Iterator<Item = Near>) -> Vec<Near> {
    let mut best: Vec<Near> = Vec::with_capacity(NEIGHBOURS + 1);
    for near in others {
        if best.len() < NEIGHBOURS || near.cosine > best[best.len() - 1].cosine {
            let place = best.partition_point(|other| other.cosine >= near.cosine);
            best.insert(place, near);
            best.truncate(NEIGHBOURS);
        }
    }
    best
}

fn unit(vector: &[f32]) -> impl Iterator<Item = f32> {
    let norm = vector.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    vector.iter().map(move |v| (f64::from(*v) / norm) as f32)
}
