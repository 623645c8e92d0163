//! Clusters of the codes of a codebook, none of them very small or large, for LETTER's diversity loss
//! (arXiv 2405.07314, section 3.2): constrained k-means (Bradley, Bennett and Demiriz 2000).

use std::ops::RangeInclusive;

use rand::RngExt;
use rand_pcg::Pcg64;

use super::kmeans::random_start;
use crate::base::parallel::map_items;
use crate::learn::seed::generator;
use crate::model::Model;

/// Clusters a codebook, as in LETTER; fewer where there are few codes.
const CLUSTERS: usize = 10;
/// Fewest and most codes of a cluster, as in LETTER for 256 codes.
const SIZES: (usize, usize) = (10, 60);
/// Lloyd iterations.
const ITERATIONS: usize = 5;
/// A detour has to save this share of a distance to be one: less is rounding.
const ROUNDING: f64 = 1e-9;

/// `[quantizers][levels][codes]`: for every code another one of its cluster, at random anew in each step. A code alone in
/// its cluster is its own partner.
///
/// Clusters follow from the codebooks of the step, so a resumed run finds the same.
pub fn partners(model: &Model, seed: u64, step: usize) -> Vec<u32> {
    let a = &model.config.model;
    let codebooks = model.codebooks.chunks_exact(a.codes * a.latent).enumerate().collect();
    map_items(codebooks, |(i, codebook): (usize, &[f32])| {
        let clusters = clusters(codebook, a.latent, &mut generator(seed, "clusters of codes", i as u64));
        choose_partners(&clusters, &mut generator(seed, &format!("partners of codes {i}"), step as u64))
    })
    .concat()
}

fn choose_partners(clusters: &[usize], rng: &mut Pcg64) -> Vec<u32> {
    let of_code = |code: usize| {
        let others: Vec<usize> = (0..clusters.len()).filter(|&k| k != code && clusters[k] == clusters[code]).collect();
        if others.is_empty() { code as u32 } else { others[rng.random_range(0..others.len())] as u32 }
    };
    (0..clusters.len()).map(of_code).collect()
}

/// The cluster of every code of `codebook [codes][latent]`.
fn clusters(codebook: &[f32], latent: usize, rng: &mut Pcg64) -> Vec<usize> {
    let codes = codebook.len() / latent;
    let count = CLUSTERS.min(codes / 2).max(1);
    let sizes = SIZES.0.min(codes / (2 * count))..=SIZES.1.max(2 * codes / count);
    let mut centres: Vec<f64> = random_start(codebook, latent, count, rng).into_iter().map(f64::from).collect();
    let mut assigned = Vec::new();
    for _ in 0..ITERATIONS {
        let distances = distances(codebook, &centres, latent);
        assigned = Assignment::nearest(&distances, count).within(&sizes).cluster_of;
        centres = means(codebook, latent, &assigned, &centres);
    }
    assigned
}

/// `[codes][centres]` squared distances.
fn distances(codebook: &[f32], centres: &[f64], latent: usize) -> Vec<f64> {
    let squared = |code: &[f32], centre: &[f64]| code.iter().zip(centre).map(|(a, b)| (f64::from(*a) - b).powi(2)).sum();
    let codes = codebook.chunks_exact(latent);
    codes.flat_map(|code| centres.chunks_exact(latent).map(move |centre| squared(code, centre))).collect()
}

/// Means of the clusters; an empty one keeps its centre.
fn means(codebook: &[f32], latent: usize, assigned: &[usize], centres: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; centres.len()];
    let mut sizes = vec![0; centres.len() / latent];
    for (code, &cluster) in codebook.chunks_exact(latent).zip(assigned) {
        sizes[cluster] += 1;
        sums[cluster * latent..][..latent].iter_mut().zip(code).for_each(|(s, v)| *s += f64::from(*v));
    }
    let of = |(at, sum): (usize, f64)| if sizes[at / latent] > 0 { sum / f64::from(sizes[at / latent]) } else { centres[at] };
    sums.into_iter().enumerate().map(of).collect()
}

/// Codes in clusters.
struct Assignment<'a> {
    /// `[codes][clusters]` squared distances.
    distances: &'a [f64],
    clusters: usize,
    cluster_of: Vec<usize>,
    sizes: Vec<usize>,
}

/// The cheapest code to move from one cluster to another, and what that adds to the distances.
type Move = Option<(f64, usize)>;

impl<'a> Assignment<'a> {
    /// Every code in the cluster of its nearest centre.
    fn nearest(distances: &'a [f64], clusters: usize) -> Self {
        let nearest = |row: &[f64]| (0..clusters).reduce(|a, b| if row[b] < row[a] { b } else { a }).unwrap_or(0);
        let cluster_of: Vec<usize> = distances.chunks_exact(clusters).map(nearest).collect();
        let mut sizes = vec![0; clusters];
        cluster_of.iter().for_each(|&cluster| sizes[cluster] += 1);
        Self { distances, clusters, cluster_of, sizes }
    }

    /// Brings all sizes within `allowed`, by the cheapest chains of moves: a code to the next cluster, one of its codes to
    /// another, and so on. What comes out is the least total distance for its sizes, as in the method of successive
    /// shortest paths for least-cost flows.
    fn within(mut self, allowed: &RangeInclusive<usize>) -> Self {
        loop {
            let over = |size: usize| size > *allowed.end();
            let under = |size: usize| size < *allowed.start();
            let chain = if self.sizes.iter().any(|&size| over(size)) {
                self.cheapest_chain(&over, &|size| size < *allowed.end())
            } else if self.sizes.iter().any(|&size| under(size)) {
                self.cheapest_chain(&|size| size > *allowed.start(), &under)
            } else {
                return self;
            };
            let Some(chain) = chain else { return self };
            for (code, to) in chain {
                self.sizes[self.cluster_of[code]] -= 1;
                self.sizes[to] += 1;
                self.cluster_of[code] = to;
            }
        }
    }

    /// The moves of the cheapest chain from a cluster of a size that gives to one of a size that takes (Bellman–Ford).
    fn cheapest_chain(&self, gives: &dyn Fn(usize) -> bool, takes: &dyn Fn(usize) -> bool) -> Option<Vec<(usize, usize)>> {
        let n = self.clusters;
        let moves = self.moves();
        let mut costs: Vec<f64> = self.sizes.iter().map(|&size| if gives(size) { 0.0 } else { f64::INFINITY }).collect();
        let mut comes_by: Vec<Option<(usize, usize)>> = vec![None; n];
        let rounding = ROUNDING * self.distances.iter().fold(0.0f64, |most, d| most.max(*d));
        for _ in 1..n {
            for (from, to) in (0..n).flat_map(|from| (0..n).map(move |to| (from, to))) {
                let Some((cost, code)) = moves[from * n + to] else { continue };
                if costs[from] + cost < costs[to] - rounding {
                    costs[to] = costs[from] + cost;
                    comes_by[to] = Some((from, code));
                }
            }
        }
        let ends = (0..n).filter(|&to| takes(self.sizes[to]) && comes_by[to].is_some());
        let mut at = ends.reduce(|a, b| if costs[b] < costs[a] { b } else { a })?;
        let mut chain = Vec::new();
        while let (Some((from, code)), true) = (comes_by[at], chain.len() < n) {
            chain.push((code, at));
            at = from;
        }
        Some(chain)
    }

    /// `[from][to]`.
    fn moves(&self) -> Vec<Move> {
        let mut moves: Vec<Move> = vec![None; self.clusters * self.clusters];
        for (code, (row, &from)) in self.distances.chunks_exact(self.clusters).zip(&self.cluster_of).enumerate() {
            for to in (0..self.clusters).filter(|&to| to != from) {
                let cost = row[to] - row[from];
                let cheapest = &mut moves[from * self.clusters + to];
                if cheapest.is_none_or(|(least, _)| cost < least) {
                    *cheapest = Some((cost, code));
                }
            }
        }
        moves
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Least total distance over all assignments with sizes within `allowed`, and over the given sizes alone.
    fn brute_force(distances: &[f64], clusters: usize, allowed: &dyn Fn(&[usize]) -> bool) -> f64 {
        let codes = distances.len() / clusters;
        let mut least = f64::INFINITY;
        for number in 0..clusters.pow(codes as u32) {
            let of = |code: usize| number / clusters.pow(code as u32) % clusters;
            let mut sizes = vec![0; clusters];
            (0..codes).for_each(|code| sizes[of(code)] += 1);
            if allowed(&sizes) {
                least = least.min((0..codes).map(|code| distances[code * clusters + of(code)]).sum());
            }
        }
        least
    }

    #[test]
    fn sizes_are_kept_at_the_least_distance_of_all_assignments() {
        for seed in 0..20 {
            // Most codes are nearest to the first cluster.
            let noise = |i: usize| (((i + 100 * seed) as f64 * 12.9898).sin() * 43758.5453).fract().abs();
            let distances: Vec<f64> = (0..27).map(|i| noise(i) + if i % 3 == 0 { 0.0 } else { 0.6 }).collect();
            let found = Assignment::nearest(&distances, 3).within(&(2..=4));
            assert!(found.sizes.iter().all(|size| (2..=4).contains(size)), "{:?}", found.sizes);
            let total: f64 = found.cluster_of.iter().enumerate().map(|(code, &to)| distances[code * 3 + to]).sum();
            let least = brute_force(&distances, 3, &|sizes| sizes == found.sizes);
            assert!((total - least).abs() < 1e-9, "{total} for {least}");
            let least_of_any = brute_force(&distances, 3, &|sizes| sizes.iter().all(|size| (2..=4).contains(size)));
            assert!(total <= least_of_any * 1.1, "{total} for {least_of_any}");
        }
    }

    #[test]
    fn a_codebook_in_one_heap_still_gives_even_clusters() {
        let mut codebook: Vec<f32> = (0..256 * 4).map(|i| 0.1 * (i as f32 * 12.9898).sin()).collect();
        codebook[..40].iter_mut().for_each(|v| *v += 30.0);
        let assigned = clusters(&codebook, 4, &mut generator(1, "test", 0));
        for cluster in 0..10 {
            let size = assigned.iter().filter(|&&c| c == cluster).count();
            assert!((10..=60).contains(&size), "cluster {cluster} has {size}");
        }
        let partners = choose_partners(&assigned, &mut generator(1, "test", 1));
        assert!((0..256).all(|code| partners[code] as usize != code && assigned[partners[code] as usize] == assigned[code]));
    }

    #[test]
    fn codes_too_few_for_ten_clusters_still_have_partners_and_a_lone_one_itself() {
        for codes in 1..30 {
            let codebook: Vec<f32> = (0..codes * 2).map(|i| (i as f32 * 12.9898).sin()).collect();
            let assigned = clusters(&codebook, 2, &mut generator(1, "test", 0));
            assert_eq!(assigned.len(), codes);
            assert!(choose_partners(&assigned, &mut generator(1, "test", 1)).iter().all(|&p| (p as usize) < codes));
        }
        assert_eq!(choose_partners(&[0], &mut generator(1, "test", 1)), [0]);
    }
}
