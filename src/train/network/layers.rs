//! Forward and backward of affine layers with ReLU between them, in closed form on the CPU.

use crate::base::parallel::{map_chunks, map_items};
use crate::compute::cpu::gemm::{Side, multiply};
use crate::model::Linear;

/// Rows that one thread takes at a time in what surrounds the matrix products.
const ROWS: usize = 128;

/// Gradient of one layer, laid out as its parameters.
#[derive(Debug, Clone)]
pub struct LinearGradient {
    /// `[outputs][inputs]`.
    pub weight: Vec<f32>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// The output of each layer, `[items][outputs]`, for inputs `x [items][inputs]`.
pub fn forward(layers: &[Linear], x: &[f32]) -> Vec<Vec<f32>> {
    let mut outputs: Vec<Vec<f32>> = Vec::with_capacity(layers.len());
    for (i, layer) in layers.iter().enumerate() {
        let x = outputs.last().map_or(x, |y| y.as_slice());
        let mut y = multiply(Side::Rows(x, layer.inputs), Side::Rows(&layer.weight, layer.inputs));
        let floor = if i + 1 == layers.len() { f32::NEG_INFINITY } else { 0.0 };
        map_items(y.chunks_mut(ROWS * layer.outputs).collect(), |rows: &mut [f32]| {
            for row in rows.chunks_exact_mut(layer.outputs) {
                row.iter_mut().zip(&layer.bias).for_each(|(y, b)| *y = (*y + b).max(floor));
            }
        });
        outputs.push(y);
    }
    outputs
}

/// Gradients with respect to each layer and, where `wants_input`, to `x`, from the gradient `last` with respect to the
/// output.
///
/// `hidden` are the outputs of the layers as [`forward`] returns them; the last one is not read.
pub fn backward(
    layers: &[Linear],
    x: &[f32],
    hidden: &[Vec<f32>],
    last: Vec<f32>,
    wants_input: bool,
) -> (Vec<LinearGradient>, Option<Vec<f32>>) {
    let mut gradients = Vec::with_capacity(layers.len());
    let mut y_gradient = last;
    for (i, layer) in layers.iter().enumerate().rev() {
        let x = if i == 0 { x } else { &hidden[i - 1] };
        gradients.push(LinearGradient {
            weight: multiply(Side::Columns(&y_gradient, layer.outputs), Side::Columns(x, layer.inputs)),
            bias: column_sums(&y_gradient, layer.outputs),
        });
        if i == 0 && !wants_input {
            break;
        }
        let mut x_gradient = multiply(Side::Rows(&y_gradient, layer.outputs), Side::Columns(&layer.weight, layer.inputs));
        if i > 0 {
            through_relu(&mut x_gradient, x);
        }
        y_gradient = x_gradient;
    }
    gradients.reverse();
    (gradients, wants_input.then_some(y_gradient))
}

/// The gradient before ReLU, from that after it: zero where the output was zero.
fn through_relu(gradient: &mut [f32], output: &[f32]) {
    const CHUNK: usize = 1 << 14;
    let chunks = gradient.chunks_mut(CHUNK).zip(output.chunks(CHUNK)).collect();
    map_items(chunks, |(gradient, output): (&mut [f32], &[f32])| {
        gradient.iter_mut().zip(output).for_each(|(g, y)| *g = if *y > 0.0 { *g } else { 0.0 });
    });
}

/// In an order that the number of threads does not change.
fn column_sums(values: &[f32], width: usize) -> Vec<f32> {
    let add = |mut sums: Vec<f32>, row: &[f32]| {
        sums.iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
        sums
    };
    let parts = map_chunks(values, ROWS * width, |rows| rows.chunks_exact(width).fold(vec![0.0; width], add));
    parts.iter().fold(vec![0.0; width], |sums, part| add(sums, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(n: usize, seed: u32) -> Vec<f32> {
        (0..n).map(|i| ((i as f32 + seed as f32) * 12.9898).sin()).collect()
    }

    /// `Σ y · y_gradient` in float64: what the gradients are taken of.
    fn reference(layers: &[Linear], x: &[f32], y_gradient: &[f32]) -> f64 {
        let mut rows: Vec<f64> = x.iter().copied().map(f64::from).collect();
        for (i, l) in layers.iter().enumerate() {
            let of = |row: &[f64], o: usize| {
                let weights = &l.weight[o * l.inputs..][..l.inputs];
                let y = f64::from(l.bias[o]) + row.iter().zip(weights).map(|(x, w)| x * f64::from(*w)).sum::<f64>();
                if i + 1 == layers.len() { y } else { y.max(0.0) }
            };
            rows = rows.chunks_exact(l.inputs).flat_map(|row| (0..l.outputs).map(move |o| of(row, o))).collect();
        }
        rows.iter().zip(y_gradient).map(|(y, g)| y * f64::from(*g)).sum()
    }

    #[test]
    fn gradients_match_differences_of_a_float64_reference() {
        let linear = |inputs: usize, outputs: usize, seed| Linear {
            weight: noise(inputs * outputs, seed),
            bias: noise(outputs, seed + 7),
            inputs,
            outputs,
        };
        let layers = [linear(5, 7, 1), linear(7, 3, 2), linear(3, 2, 3)];
        let (x, y_gradient) = (noise(9 * 5, 4), noise(9 * 2, 5));
        let outputs = forward(&layers, &x);
        let (gradients, x_gradient) = backward(&layers, &x, &outputs, y_gradient.clone(), true);
        // Small enough that no ReLU switches in between.
        let step = 1.0 / 4096.0;
        let check = |what: &str, ours: f32, at: &dyn Fn(f32) -> f64| {
            let numeric = (at(step) - at(-step)) / (2.0 * f64::from(step));
            assert!((numeric - f64::from(ours)).abs() < 2e-3, "{what}: {ours} for {numeric}");
        };
        for (i, gradient) in gradients.iter().enumerate() {
            for (w, ours) in gradient.weight.iter().chain(&gradient.bias).enumerate() {
                check(&format!("layer {i} at {w}"), *ours, &|by| {
                    let mut moved = layers.clone();
                    let l = &mut moved[i];
                    *l.weight.iter_mut().chain(&mut l.bias).nth(w).unwrap() += by;
                    reference(&moved, &x, &y_gradient)
                });
            }
        }
        for (at, ours) in x_gradient.unwrap().iter().enumerate() {
            check(&format!("input {at}"), *ours, &|by| {
                let mut x = x.clone();
                x[at] += by;
                reference(&layers, &x, &y_gradient)
            });
        }
    }
}
