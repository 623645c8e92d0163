//! The codes of a codebook as a square field in which like codes lie side by side, so that distances to all of them can
//! be looked at.

use crate::base::random::Random;
use crate::base::sort::{ordered, sort};

use super::map::Plane;

/// Exchanges that are tried for each code.
const TRIALS: usize = 240;

/// `codebook [codes][width]` → `[codes]` the cell of each code in a field of `columns(codes)` cells a row. The cells in use
/// are the first ones. The same codebook is always laid out the same.
///
/// It begins with the plane of the largest variance, cut into columns and rows, and goes on by exchanging two codes
/// where that brings neighbours closer.
pub fn field(codebook: &[f32], width: usize) -> Vec<u32> {
    let codes = codebook.len() / width.max(1);
    let columns = columns(codes);
    let Ok(plane) = Plane::of(codebook, width) else { return (0..codes as u32).collect() };
    let mut cells = rows_of_columns(&plane.project(codebook), codes, columns);
    exchange(&mut cells, columns, &squared_distances(codebook, width));
    let mut field = vec![0; codes];
    cells.iter().zip(0..).for_each(|(&code, cell)| field[code as usize] = cell);
    field
}

/// Cells a row: as many as make a field of `codes` nearly square.
pub fn columns(codes: usize) -> usize {
    (1..).find(|columns| columns * columns >= codes).unwrap_or(1)
}

/// Codes in the order of cells: sorted along one axis into rows, each sorted along the other.
fn rows_of_columns(places: &[f32], codes: usize, columns: usize) -> Vec<u32> {
    let mut order = ordered(codes, &|a, b| places[2 * a + 1].total_cmp(&places[2 * b + 1]));
    for row in order.chunks_mut(columns) {
        sort(row, &|a, b| places[2 * a].total_cmp(&places[2 * b]));
    }
    order
}

/// `[codes][codes]`.
fn squared_distances(codebook: &[f32], width: usize) -> Vec<f32> {
    let rows = || codebook.chunks_exact(width);
    let between = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    rows().flat_map(|a| rows().map(move |b| between(a, b))).collect()
}

/// Exchanges cells as long as some exchange brings neighbours closer, for a fixed number of trials.
fn exchange(cells: &mut [u32], columns: usize, distances: &[f32]) {
    let codes = cells.len();
    // Which cells are tried matters little, but must be the same everywhere.
    let mut random = Random::new(1);
    let mut draw = || ((u64::from(random.bits()) * codes as u64) >> 24) as usize;
    for _ in 0..TRIALS * codes {
        let (a, b) = (draw(), draw());
        let before = tension(cells, columns, distances, a) + tension(cells, columns, distances, b);
        cells.swap(a, b);
        if tension(cells, columns, distances, a) + tension(cells, columns, distances, b) >= before {
            cells.swap(a, b);
        }
    }
}

/// Sum of the distances of a cell's code to those of the cells around it.
fn tension(cells: &[u32], columns: usize, distances: &[f32], cell: usize) -> f32 {
    let (column, own) = (cell % columns, cells[cell] as usize);
    let around = [
        (column > 0).then(|| cell - 1),
        (column + 1 < columns).then(|| cell + 1),
        cell.checked_sub(columns),
        Some(cell + columns),
    ];
    let others = around.into_iter().flatten().filter_map(|cell| cells.get(cell));
    others.map(|&other| distances[own * cells.len() + other as usize]).sum()
}
