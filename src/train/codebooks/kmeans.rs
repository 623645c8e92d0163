//! Lloyd's algorithm for one codebook.

use rand::seq::index::sample;
use rand_pcg::Pcg64;

use super::means::move_to_means;
use crate::base::parallel::map_chunks;
use crate::engine::cpu::quantize::Level;

/// Rows that one thread assigns at a time.
const CHUNK: usize = 1024;
/// Rounds of moving unused codes: a move can take another code's only row, and equal rows all have one code.
const MOVES: usize = 4;

/// `codes` distinct rows as a start; rows repeat where there are fewer than codes.
pub fn random_start(rows: &[f32], latent: usize, codes: usize, rng: &mut Pcg64) -> Vec<f32> {
    let items = rows.len() / latent;
    let chosen = sample(rng, items, codes.min(items)).into_vec();
    (0..codes).flat_map(|t| rows[chosen[t % chosen.len()] * latent..][..latent].to_vec()).collect()
}

/// Fits `codebook [codes][latent]` to `rows [items][latent]` in place, in so many assignment–mean rounds.
///
/// Clusters left empty move to the rows farthest from their codes.
pub fn fit(rows: &[f32], latent: usize, codebook: &mut [f32], iterations: usize) {
    for _ in 0..iterations {
        let (assigned, costs) = assign(rows, latent, codebook);
        let uses = move_to_means(rows, latent, codebook, &assigned);
        move_empty(rows, latent, codebook, &uses, &costs);
    }
}

/// Nearest code of every row `[items][latent]`.
pub fn nearest(rows: &[f32], latent: usize, codebook: &[f32]) -> Vec<u32> {
    assign(rows, latent, codebook).0
}

/// Nearest code of every row, and its squared distance.
fn assign(rows: &[f32], latent: usize, codebook: &[f32]) -> (Vec<u32>, Vec<f32>) {
    let level = Level::new(codebook, latent);
    let parts = map_chunks(rows, CHUNK * latent, |rows| level.nearest_to(rows));
    parts.into_iter().flatten().map(|found| (found.code, found.squared_distance)).unzip()
}

/// Moves the codes that no row uses to the rows farthest from theirs, until all are used.
pub fn use_every_code(rows: &[f32], latent: usize, codebook: &mut [f32]) {
    for _ in 0..MOVES {
        let (assigned, costs) = assign(rows, latent, codebook);
        let mut uses = vec![0; codebook.len() / latent];
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
        fit(&rows, 2, &mut codebook, 15);
        let mut residuals = rows.clone();
        subtract_nearest(&mut residuals, 2, &codebook);
        assert!(residuals.iter().all(|v| v.abs() < 0.3), "every row is near a code: {codebook:?}");
    }

    #[test]
    fn codes_that_lie_apart_are_put_to_use() {
        let rows = clusters();
        let mut codebook = [0.0, 0.0, 10.0, 0.0, 500.0, 500.0, -500.0, 500.0].to_vec();
        use_every_code(&rows, 2, &mut codebook);
        let (assigned, _) = assign(&rows, 2, &codebook);
        assert!((0..4).all(|code| assigned.contains(&code)), "{codebook:?}");
    }
}
