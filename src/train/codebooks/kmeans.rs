//! Lloyd's algorithm for one codebook, with means to even out the use of its codes.

use rand::seq::index::sample;
use rand_pcg::Pcg64;

use super::even;
use super::means::move_to_means;
use crate::base::parallel::map_chunks;
use crate::engine::cpu::quantize::Level;

/// Rows that one thread assigns at a time.
const CHUNK: usize = 1024;
/// How much of a code's use is remembered from round to round.
const SMOOTHING: f64 = 0.9;
/// One in so many rounds has no conscience: the last ones.
const PLAIN_SHARE: usize = 5;
/// Rounds of moving unused codes: a move can take another code's only row, and equal rows all have one code.
const MOVES: usize = 4;

/// How to fit one codebook.
#[derive(Debug, Clone, Copy)]
pub struct Fit {
    /// Assignment–mean rounds.
    pub iterations: usize,
    /// How the use of codes is evened out.
    pub evenness: Evenness,
}

/// What evens out the use of codes.
#[derive(Debug, Clone, Copy)]
pub enum Evenness {
    /// Nothing: plain k-means.
    Free,
    /// A penalty on over-used codes.
    Conscience(Conscience),
    /// Equal shares for all codes ([`even`]).
    EqualShares,
}

/// A penalty on over-used codes (DeSieno 1988): their cost is the squared distance plus
/// `strength · mean distance · (relative use − 1)`.
#[derive(Debug, Clone, Copy)]
pub struct Conscience {
    /// How much use counts against distance.
    pub strength: f32,
    /// Whether use is smoothed over rounds and the last rounds are plain, so that codes come to
    /// rest: the least distortion. Otherwise rows move between codes to the end, which spreads
    /// codes over dense regions: more distortion, fewer collisions.
    pub settles: bool,
}

/// `codes` distinct rows as a start; rows repeat where there are fewer than codes.
pub fn random_start(rows: &[f32], latent: usize, codes: usize, rng: &mut Pcg64) -> Vec<f32> {
    let items = rows.len() / latent;
    let chosen = sample(rng, items, codes.min(items)).into_vec();
    (0..codes).flat_map(|t| rows[chosen[t % chosen.len()] * latent..][..latent].to_vec()).collect()
}

/// Fits `codebook [codes][latent]` to `rows [items][latent]` in place.
///
/// Clusters left empty move to the rows farthest from their codes.
pub fn fit(rows: &[f32], latent: usize, codebook: &mut [f32], how: Fit) {
    if matches!(how.evenness, Evenness::EqualShares) {
        return even::fit(rows, latent, codebook, how.iterations);
    }
    let codes = codebook.len() / latent;
    let items = rows.len() / latent;
    let mut penalty = vec![0.0; codes];
    let mut relative_use = vec![1.0; codes];
    for round in 0..how.iterations {
        let (assigned, costs) = assign(rows, latent, codebook, &penalty);
        let uses = move_to_means(rows, latent, codebook, &assigned);
        move_empty(rows, latent, codebook, &uses, &costs);
        let mean = costs.iter().map(|c| f64::from(*c)).sum::<f64>() / items as f64;
        let Evenness::Conscience(Conscience { strength, settles }) = how.evenness else { continue };
        let plain = settles && round + 1 + how.iterations / PLAIN_SHARE >= how.iterations;
        let (memory, strength) = (if settles { SMOOTHING } else { 0.0 }, if plain { 0.0 } else { f64::from(strength) * mean });
        for (t, p) in penalty.iter_mut().enumerate() {
            let now = uses[t] as f64 * codes as f64 / items as f64;
            relative_use[t] = memory * relative_use[t] + (1.0 - memory) * now;
            *p = (strength * (relative_use[t] - 1.0)) as f32;
        }
    }
}

/// Nearest code of every row `[items][latent]`.
pub fn nearest(rows: &[f32], latent: usize, codebook: &[f32]) -> Vec<u32> {
    assign(rows, latent, codebook, &vec![0.0; codebook.len() / latent]).0
}

/// Nearest code of every row under penalties, and its squared distance.
fn assign(rows: &[f32], latent: usize, codebook: &[f32], penalty: &[f32]) -> (Vec<u32>, Vec<f32>) {
    let level = Level::penalized(codebook, latent, penalty);
    let parts = map_chunks(rows, CHUNK * latent, |rows| level.nearest_to(rows));
    parts.into_iter().flatten().map(|found| (found.code, found.squared_distance)).unzip()
}

/// Moves the codes that no row uses to the rows farthest from theirs, until all are used.
pub fn use_every_code(rows: &[f32], latent: usize, codebook: &mut [f32]) {
    let none = vec![0.0; codebook.len() / latent];
    for _ in 0..MOVES {
        let (assigned, costs) = assign(rows, latent, codebook, &none);
        let mut uses = vec![0; none.len()];
        assigned.into_iter().for_each(|code| uses[code as usize] += 1);
        if !uses.contains(&0) {
            return;
        }
        move_empty(rows, latent, codebook, &uses, &costs);
    }
}

/// Moves unused codes to the rows that are farthest from theirs.
fn move_empty(rows: &[f32], latent: usize, codebook: &mut [f32], uses: &[usize], costs: &[f32]) {
    let empty: Vec<usize> = (0..uses.len()).filter(|&t| uses[t] == 0).collect();
    if empty.is_empty() {
        return;
    }
    let mut farthest: Vec<usize> = (0..costs.len()).collect();
    farthest.sort_by(|&a, &b| costs[b].total_cmp(&costs[a]).then(a.cmp(&b)));
    for (t, row) in empty.into_iter().zip(farthest) {
        codebook[t * latent..][..latent].copy_from_slice(&rows[row * latent..][..latent]);
    }
}

/// Replaces every row by its residual: the row less its nearest code.
pub fn subtract_nearest(rows: &mut [f32], latent: usize, codebook: &[f32]) {
    let nearest = nearest(rows, latent, codebook);
    for (row, code) in rows.chunks_exact_mut(latent).zip(nearest) {
        let c = &codebook[code as usize * latent..][..latent];
        row.iter_mut().zip(c).for_each(|(r, c)| *r -= c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::seed::generator;

    /// Four tight clusters, unequal in size.
    fn clusters() -> Vec<f32> {
        let centres = [(0.0, 0.0), (10.0, 0.0), (0.0, 10.0), (10.0, 10.0)];
        let sizes = [200, 20, 20, 20];
        let mut rows = Vec::new();
        for ((x, y), n) in centres.into_iter().zip(sizes) {
            rows.extend((0..n).flat_map(|i| [x + (i as f32).sin() * 0.1, y + (i as f32).cos() * 0.1]));
        }
        rows
    }

    #[test]
    fn k_means_finds_the_clusters_even_from_a_bad_start() {
        let rows = clusters();
        let mut codebook = [0.0, 0.0, 0.05, 0.0, 0.0, 0.05, 0.01, 0.01].to_vec();
        fit(&rows, 2, &mut codebook, Fit { iterations: 15, evenness: Evenness::Free });
        let mut residuals = rows.clone();
        subtract_nearest(&mut residuals, 2, &codebook);
        assert!(residuals.iter().all(|v| v.abs() < 0.3), "every row is near a code: {codebook:?}");
    }

    #[test]
    fn codes_that_lie_apart_are_put_to_use() {
        let rows = clusters();
        let mut codebook = [0.0, 0.0, 10.0, 0.0, 500.0, 500.0, -500.0, 500.0].to_vec();
        use_every_code(&rows, 2, &mut codebook);
        let (assigned, _) = assign(&rows, 2, &codebook, &[0.0; 4]);
        assert!((0..4).all(|code| assigned.contains(&code)), "{codebook:?}");
    }

    #[test]
    fn conscience_evens_out_the_use_of_codes() {
        // A star: dense in the middle, thin outside.
        let row =
            |i: usize| (0..4).map(move |d| ((i as f32 * (1.3 + 0.7 * d as f32) + d as f32).sin()) * (i as f32 * 0.618).fract());
        let rows: Vec<f32> = (0..3000).flat_map(row).collect();
        let perplexity = |evenness| {
            let of_start = |start| {
                let mut codebook = random_start(&rows, 4, 32, &mut generator(1, "test", start));
                fit(&rows, 4, &mut codebook, Fit { iterations: 40, evenness });
                let (assigned, _) = assign(&rows, 4, &codebook, &[0.0; 32]);
                let uses = (0..32).map(|t| assigned.iter().filter(|&&a| a == t).count());
                crate::audit::entropy_bits(uses).exp2()
            };
            (0..4).map(of_start).sum::<f64>() / 4.0
        };
        let (even, plain) =
            (perplexity(Evenness::Conscience(Conscience { strength: 0.3, settles: true })), perplexity(Evenness::Free));
        assert!(even > plain + 0.5, "{even} against {plain}");
    }
}
