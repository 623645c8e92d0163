//! Sums over the rows of a matrix, too small or too scattered for a matrix product: what attention and sparse softmaxes
//! consist of. Compiled once per instruction set.
#![allow(unsafe_code)]

use super::simd::{multiply_add, per_instruction_set};

/// Columns whose sums are kept in registers.
const BLOCK: usize = 16;

/// Rows of a matrix by their numbers; `numbers[i] · width` is where row `i` begins.
#[derive(Debug, Clone, Copy)]
pub struct Gathered<'a> {
    /// The matrix.
    pub table: &'a [f32],
    /// Length of its rows.
    pub width: usize,
    /// Which rows.
    pub numbers: &'a [u32],
}

per_instruction_set! {
    /// `into += Σ_j coefficients[j] · rows[j · pitch..]`, over as many columns as `into` has.
    combine, combine_body(coefficients: &[f32], rows: &[f32], pitch: usize, into: &mut [f32])
}

per_instruction_set! {
    /// `into[j · pitch..] += coefficients[j] · row`: the outer product of both.
    add_outer, add_outer_body(coefficients: &[f32], row: &[f32], into: &mut [f32], pitch: usize)
}

per_instruction_set! {
    /// `out[i] = ⟨x, row i⟩`.
    dots, dots_body(x: &[f32], rows: Gathered<'_>, out: &mut [f32])
}

per_instruction_set! {
    /// `into += Σ_i coefficients[i] · row i`.
    combine_gathered, combine_gathered_body(coefficients: &[f32], rows: Gathered<'_>, into: &mut [f32])
}

per_instruction_set! {
    /// Row `numbers[i]` of `table` grows by `coefficients[i] · x`; rows are as long as `x`.
    add_outer_scattered, add_outer_scattered_body(coefficients: &[f32], x: &[f32], table: &mut [f32], numbers: &[u32])
}

#[inline(always)]
fn combine_body<const FUSED: bool>(coefficients: &[f32], rows: &[f32], pitch: usize, into: &mut [f32]) {
    let (blocks, rest) = into.as_chunks_mut::<BLOCK>();
    let count = blocks.len();
    for (b, block) in blocks.iter_mut().enumerate() {
        let mut sums = *block;
        for (j, &c) in coefficients.iter().enumerate() {
            let row = &rows[j * pitch + b * BLOCK..][..BLOCK];
            sums.iter_mut().zip(row).for_each(|(sum, v)| *sum = multiply_add::<FUSED>(c, *v, *sum));
        }
        *block = sums;
    }
    if rest.is_empty() {
        return;
    }
    for (j, &c) in coefficients.iter().enumerate() {
        let row = &rows[j * pitch + count * BLOCK..][..rest.len()];
        rest.iter_mut().zip(row).for_each(|(sum, v)| *sum = multiply_add::<FUSED>(c, *v, *sum));
    }
}

#[inline(always)]
fn add_outer_body<const FUSED: bool>(coefficients: &[f32], row: &[f32], into: &mut [f32], pitch: usize) {
    for (j, &c) in coefficients.iter().enumerate() {
        add_scaled::<FUSED>(c, row, &mut into[j * pitch..][..row.len()]);
    }
}

#[inline(always)]
fn dots_body<const FUSED: bool>(x: &[f32], rows: Gathered<'_>, out: &mut [f32]) {
    for (out, &number) in out.iter_mut().zip(rows.numbers) {
        let row = &rows.table[number as usize * rows.width..][..x.len()];
        let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<BLOCK>(), row.as_chunks::<BLOCK>());
        let mut sums = [0.0; BLOCK];
        for (x, y) in xs.iter().zip(ys) {
            for i in 0..BLOCK {
                sums[i] = multiply_add::<FUSED>(x[i], y[i], sums[i]);
            }
        }
        let rest: f32 = x_rest.iter().zip(y_rest).map(|(x, y)| x * y).sum();
        *out = sums.iter().sum::<f32>() + rest;
    }
}

#[inline(always)]
fn combine_gathered_body<const FUSED: bool>(coefficients: &[f32], rows: Gathered<'_>, into: &mut [f32]) {
    for (&c, &number) in coefficients.iter().zip(rows.numbers) {
        add_scaled::<FUSED>(c, &rows.table[number as usize * rows.width..][..into.len()], into);
    }
}

#[inline(always)]
fn add_outer_scattered_body<const FUSED: bool>(coefficients: &[f32], x: &[f32], table: &mut [f32], numbers: &[u32]) {
    for (&c, &number) in coefficients.iter().zip(numbers) {
        add_scaled::<FUSED>(c, x, &mut table[number as usize * x.len()..][..x.len()]);
    }
}

#[inline(always)]
fn add_scaled<const FUSED: bool>(c: f32, row: &[f32], into: &mut [f32]) {
    into.iter_mut().zip(row).for_each(|(sum, v)| *sum = multiply_add::<FUSED>(c, *v, *sum));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;

    fn near(ours: &[f32], exact: &[f64]) {
        assert_eq!(ours.len(), exact.len());
        ours.iter().zip(exact).for_each(|(o, e)| assert!((f64::from(*o) - e).abs() < 1e-5, "{o} for {e}"));
    }

    #[test]
    fn sums_match_float64_at_awkward_widths() {
        for (rows, width, pitch) in [(1, 1, 1), (5, 16, 20), (7, 35, 35), (3, 50, 61)] {
            let (c, table, x) = (noise(rows, 1), noise(rows * pitch, 2), noise(width, 3));
            let of = |j: usize, i: usize| f64::from(table[j * pitch + i]);
            let mut into = x.clone();
            combine(&c, &table, pitch, &mut into);
            let exact: Vec<f64> =
                (0..width).map(|i| f64::from(x[i]) + (0..rows).map(|j| f64::from(c[j]) * of(j, i)).sum::<f64>()).collect();
            near(&into, &exact);

            let mut grown = table.clone();
            add_outer(&c, &x, &mut grown, pitch);
            let exact: Vec<f64> = (0..rows * pitch)
                .map(|at| {
                    let (j, i) = (at / pitch, at % pitch);
                    of(j, i) + if i < width { f64::from(c[j]) * f64::from(x[i]) } else { 0.0 }
                })
                .collect();
            near(&grown, &exact);

            let numbers: Vec<u32> = (0..rows as u32).rev().collect();
            let gathered = Gathered { table: &table, width: pitch, numbers: &numbers };
            let mut out = vec![0.0; rows];
            dots(&x, gathered, &mut out);
            let dot = |j: usize| (0..width).map(|i| f64::from(x[i]) * of(j, i)).sum::<f64>();
            near(&out, &(0..rows).rev().map(dot).collect::<Vec<_>>());

            let mut into = vec![0.0; width];
            combine_gathered(&c, gathered, &mut into);
            let exact: Vec<f64> = (0..width).map(|i| (0..rows).map(|j| f64::from(c[j]) * of(rows - 1 - j, i)).sum()).collect();
            near(&into, &exact);

            let mut grown = vec![0.0; rows * width];
            add_outer_scattered(&c, &x, &mut grown, &numbers);
            let exact: Vec<f64> =
                (0..rows * width).map(|at| f64::from(c[rows - 1 - at / width]) * f64::from(x[at % width])).collect();
            near(&grown, &exact);
        }
    }
}
