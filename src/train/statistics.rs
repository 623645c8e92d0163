//! Means and variances over rows.

/// Mean of `rows [items][d]`.
pub fn mean(rows: &[f32], d: usize) -> Vec<f64> {
    let mut sum = vec![0.0; d];
    for row in rows.chunks_exact(d) {
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v));
    }
    let items = (rows.len() / d) as f64;
    sum.iter().map(|s| s / items).collect()
}

/// `Σ‖row − mean‖²` over `rows [items][d]`: the variance times the number of rows.
pub fn sum_of_squared_deviations(rows: &[f32], d: usize) -> f64 {
    let mean = mean(rows, d);
    rows.chunks_exact(d).flat_map(|row| row.iter().zip(&mean)).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum()
}
