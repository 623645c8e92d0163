//! `L_rec`: the squared error of the reconstruction, mean over items.

use crate::base::parallel::map_items;
use crate::compute::cpu::simd_math::sum_of_squares;

/// Rows that one thread takes at a time.
const ROWS: usize = 64;

/// `L_rec` of the reconstruction `y [items][width]` of `x`; leaves its gradient in the place of `y`.
pub fn reconstruction(x: &[f32], y: &mut [f32], width: usize) -> f64 {
    let items = x.len() / width;
    let scale = 2.0 / items as f32;
    let chunks = y.chunks_mut(ROWS * width).zip(x.chunks(ROWS * width)).collect();
    // Rows are summed in their order, whatever thread they were on.
    let losses: Vec<Vec<f32>> = map_items(chunks, |(y, x): (&mut [f32], &[f32])| {
        y.chunks_exact_mut(width).zip(x.chunks_exact(width)).map(|(y, x)| of_row(y, x, scale)).collect()
    });
    losses.into_iter().flatten().map(f64::from).sum::<f64>() / items as f64
}

fn of_row(y: &mut [f32], x: &[f32], scale: f32) -> f32 {
    y.iter_mut().zip(x).for_each(|(y, x)| *y -= x);
    let loss = sum_of_squares(y);
    y.iter_mut().for_each(|error| *error *= scale);
    loss
}
