//! A starting point from which the encoder already tells items apart: the principal components of the training vectors.
//!
//! ReLU layers carry a linear map exactly where units come in pairs, one for `v` and one for `−v`: `max(v, 0) − max(−v, 0)`
//! is `v`. A pair for each latent coordinate passes through all hidden layers. The other units start at random and, at
//! first, count for nothing.

use crate::base::random::Random;
use crate::base::spectrum::leading;
use crate::compute::cpu::gemm::{Side, multiply};
use crate::model::{Architecture, Linear, Model};
use crate::train::statistics::mean;

/// A latent coordinate is its principal component divided by the root of its standard deviation: half way to equal
/// variances. Codebooks then attend to more than the few strongest components.
const WHITENING: f64 = 0.5;
/// Share of the first component's variance below which a component is noise.
const NOISE: f64 = 1e-9;

/// A linear map by way of the latent coordinates: each has a vector that it is read from and one that it writes.
struct Factors {
    /// `[latent][inputs]`
    read: Vec<Vec<f64>>,
    /// `[latent]`, added to what is read.
    offset: Vec<f64>,
    /// `[latent][outputs]`
    write: Vec<Vec<f64>>,
    /// `[outputs]`, added to what is written.
    shift: Vec<f64>,
}

/// Whether every hidden layer has the pairs of units that [`start_linearly`] needs.
pub fn has_room(a: &Architecture) -> bool {
    a.hidden.iter().all(|&width| width >= 2 * a.latent)
}

/// Sets encoder and decoder of a random `model` to principal components of the rows of all domains, `[items][input]`. Every
/// domain counts alike, around its own mean.
///
/// # Panics
/// The model has no room for them (see [`has_room`]).
pub fn start_linearly(model: &mut Model, domains: &[&[f32]]) {
    let a = &model.config.model;
    let (into, back, mean) = principal(domains, a.input, a.latent);
    let identity = || (0..a.latent).map(|i| (0..a.latent).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    let offset = into.iter().map(|row| -dot(row, &mean)).collect();
    let encoder = Factors { read: into, offset, write: identity(), shift: vec![0.0; a.latent] };
    let decoder = Factors { read: identity(), offset: vec![0.0; a.latent], write: back, shift: mean };
    carry(&mut model.encoder, &encoder);
    carry(&mut model.decoder, &decoder);
}

fn carry(layers: &mut [Linear], map: &Factors) {
    let latent = map.read.len();
    let [first, between @ .., last] = layers else { return whole(&mut layers[0], map) };
    for (coordinate, read) in map.read.iter().enumerate() {
        for (unit, sign) in pair(coordinate, latent) {
            let row = &mut first.weight[unit * first.inputs..][..first.inputs];
            row.iter_mut().zip(read).for_each(|(w, v)| *w = (sign * v) as f32);
            first.bias[unit] = (sign * map.offset[coordinate]) as f32;
        }
    }
    for layer in between {
        for unit in 0..2 * latent {
            let row = &mut layer.weight[unit * layer.inputs..][..layer.inputs];
            row.fill(0.0);
            row[unit] = 1.0;
        }
    }
    last.weight.fill(0.0);
    for (coordinate, write) in map.write.iter().enumerate() {
        for (unit, sign) in pair(coordinate, latent) {
            write.iter().enumerate().for_each(|(o, v)| last.weight[o * last.inputs + unit] = (sign * v) as f32);
        }
    }
    last.bias.iter_mut().zip(&map.shift).for_each(|(b, v)| *b = *v as f32);
}

/// Without hidden layers, the one layer is the map itself.
fn whole(layer: &mut Linear, map: &Factors) {
    let column = |values: &[Vec<f64>], at: usize| values.iter().map(|row| row[at]).collect::<Vec<f64>>();
    for output in 0..layer.outputs {
        let write = column(&map.write, output);
        for input in 0..layer.inputs {
            layer.weight[output * layer.inputs + input] = dot(&write, &column(&map.read, input)) as f32;
        }
        layer.bias[output] = (map.shift[output] + dot(&write, &map.offset)) as f32;
    }
}

/// The two units of a coordinate and their signs.
fn pair(coordinate: usize, latent: usize) -> [(usize, f64); 2] {
    [(coordinate, 1.0), (latent + coordinate, -1.0)]
}

/// The maps to principal components and back, `[latent][width]` each, and the mean.
fn principal(domains: &[&[f32]], width: usize, latent: usize) -> (Vec<Vec<f64>>, Vec<Vec<f64>>, Vec<f64>) {
    let means: Vec<Vec<f64>> = domains.iter().map(|rows| mean(rows, width)).collect();
    let mut covariance = vec![0.0; width * width];
    for (rows, mean) in domains.iter().zip(&means) {
        let share = 1.0 / (domains.len() * rows.len() / width) as f64;
        covariance.iter_mut().zip(scatter(rows, mean)).for_each(|(sum, v)| *sum += share * v);
    }
    let mut random = Random::new(1);
    let product = |vector: &[f64]| covariance.chunks_exact(width).map(|row| dot(row, vector)).collect();
    let spectrum = leading(width, latent, || f64::from(random.centred()), product);
    let floor = NOISE * spectrum.values.first().copied().unwrap_or(0.0);
    let scaled = |power: f64| {
        let vectors = spectrum.values.iter().zip(&spectrum.vectors);
        let mut rows: Vec<Vec<f64>> = vectors
            .map(|(value, vector)| {
                let factor = if *value > floor { value.powf(power) } else { 0.0 };
                vector.iter().map(|v| factor * v).collect()
            })
            .collect();
        rows.resize(latent, vec![0.0; width]);
        rows
    };
    let mut mean = vec![0.0; width];
    means.iter().for_each(|m| mean.iter_mut().zip(m).for_each(|(sum, v)| *sum += v / means.len() as f64));
    (scaled(-WHITENING / 2.0), scaled(WHITENING / 2.0), mean)
}

/// Sum of the products of every two features around `mean`, `[width][width]`.
fn scatter(rows: &[f32], mean: &[f64]) -> Vec<f64> {
    let width = mean.len();
    let centred: Vec<f32> =
        rows.chunks_exact(width).flat_map(|row| row.iter().zip(mean).map(|(v, m)| (f64::from(*v) - m) as f32)).collect();
    let sums = multiply(Side::Columns(&centred, width), Side::Columns(&centred, width));
    sums.into_iter().map(f64::from).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::noise;
    use crate::model::{Config, FORMAT_VERSION, TextConfig};
    use crate::train::network::layers::forward;
    use crate::train::network::xavier::xavier;

    /// Rows of rank `rank` around a mean.
    fn rows(items: usize, width: usize, rank: usize, shift: f32) -> Vec<f32> {
        let (of_items, of_features) = (noise(items * rank, 1), noise(width * rank, 2));
        let entry = |item: usize, at: usize| {
            of_items[item * rank..][..rank].iter().zip(&of_features[at * rank..]).map(|(a, b)| a * b).sum::<f32>()
        };
        (0..items * width).map(|i| shift + entry(i / width, i % width)).collect()
    }

    fn start(hidden: &[usize], latent: usize, domains: &[&[f32]]) -> Model {
        let model = Architecture { hidden: hidden.to_vec(), latent, ..Architecture::small(10, 2) };
        let config =
            Config { format_version: FORMAT_VERSION, domains: vec![], model, text: TextConfig::default(), cooccurrence: None };
        let mut model = xavier(config, 1);
        start_linearly(&mut model, domains);
        model
    }

    #[test]
    fn what_has_the_latents_rank_is_reconstructed_exactly_through_any_depth() {
        let (a, b) = (rows(40, 10, 3, 0.5), rows(30, 10, 3, 0.5));
        for hidden in [&[][..], &[8], &[12, 7]] {
            let model = start(hidden, 3, &[&a, &b]);
            assert!(has_room(&model.config.model));
            let z = forward(&model.encoder, &a).pop().unwrap();
            let back = forward(&model.decoder, &z).pop().unwrap();
            let worst = back.iter().zip(&a).map(|(x, y)| (x - y).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4, "{hidden:?}: {worst}");
        }
    }

    #[test]
    fn coordinates_are_uncorrelated_with_the_root_of_the_components_deviation() {
        let a = rows(200, 10, 6, 0.0);
        let model = start(&[8], 4, &[&a]);
        let z = forward(&model.encoder, &a).pop().unwrap();
        let products = scatter(&z, &mean(&z, 4));
        let covariance = scatter(&a, &mean(&a, 10));
        let spectrum = crate::base::spectrum::eigenvectors(&covariance, 10);
        for i in 0..4 {
            let expected = (spectrum.values[i] / 200.0).sqrt();
            assert!((products[i * 4 + i] / 200.0 - expected).abs() < 1e-3 * expected, "{i}");
            assert!((0..i).all(|j| products[i * 4 + j].abs() < 1e-2 * products[i * 4 + i]), "{i}");
        }
    }

    #[test]
    fn directions_that_never_vary_stay_finite() {
        let a = rows(50, 10, 2, 1.0);
        let model = start(&[16], 8, &[&a]);
        assert!(model.encoder.iter().chain(&model.decoder).all(|l| l.weight.iter().chain(&l.bias).all(|w| w.is_finite())));
    }
}
