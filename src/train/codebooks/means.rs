//! The step of Lloyd's algorithm that moves codes, whatever has assigned the rows to them.

/// Moves every code of `codebook [codes][latent]` to the mean of the rows `[items][latent]` that are assigned to it; one without
/// rows stays. Returns how many rows each has.
pub(super) fn move_to_means(rows: &[f32], latent: usize, codebook: &mut [f32], assigned: &[u32]) -> Vec<usize> {
    let mut sums = vec![0.0f64; codebook.len()];
    let mut uses = vec![0usize; codebook.len() / latent];
    for (row, &code) in rows.chunks_exact(latent).zip(assigned) {
        uses[code as usize] += 1;
        sums[code as usize * latent..][..latent].iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
    }
    for (t, code) in codebook.chunks_exact_mut(latent).enumerate().filter(|(t, _)| uses[*t] > 0) {
        code.iter_mut().zip(&sums[t * latent..]).for_each(|(c, s)| *c = (s / uses[t] as f64) as f32);
    }
    uses
}
