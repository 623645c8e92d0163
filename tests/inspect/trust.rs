//! How well items are described, against float64 by hand.

use unitok::base::random::noise;
use unitok::engine::cpu::CpuEngine;
use unitok::engine::{Want, reference, scale_rows};
use unitok::inspect::{InspectError, alike, cosine, measure, nearest_row, probabilities};
use unitok::model::Model;
use unitok::tokens::{Layout, Policy};

use crate::world::{ITEMS, WIDTH, World, wave};

#[test]
fn measures_are_those_of_float64() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let measured = measure(&world.model, &world.batch, &world.embeddings).unwrap();
    assert_eq!((measured.loss.len(), measured.entropy.len()), (ITEMS, ITEMS));
    let scaled = scale_rows(&world.embeddings, WIDTH).unwrap();
    for (item, x) in scaled.chunks_exact(WIDTH).enumerate() {
        let exact = reference::tokenize(&world.model, x);
        let loss = exact.reconstruction / x.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        // At a near-tie the engine may take the other code, a millionth away.
        assert!((f64::from(measured.loss[item]) - loss).abs() < 1e-4 * loss, "item {item}");
        // All experts are chosen, so the gates are the whole distribution.
        let entropy: f64 = exact.gates.iter().map(|p| -p * p.log2()).sum();
        assert!((f64::from(measured.entropy[item]) - entropy).abs() < 1e-5, "item {item}");
    }
    let z: Vec<f64> = (0..ITEMS).flat_map(|item| world.z(item)).collect();
    let x: Vec<f64> = world.embeddings.iter().map(|v| f64::from(*v)).collect();
    let latent = world.model.config.model.latent;
    let hsic = |a: &[Vec<f64>], b: &[Vec<f64>]| trace_of_product(a, b);
    let (u, v) = (centred_kernel(&x, WIDTH), centred_kernel(&z, latent));
    let expected = hsic(&u, &v) / (hsic(&u, &u) * hsic(&v, &v)).sqrt();
    assert!((measured.hsic - expected).abs() < 1e-4, "{} for {expected}", measured.hsic);
}

/// `H K H` of the Gaussian kernel whose width is the lower median of squared distances over pairs.
fn centred_kernel(rows: &[f64], width: usize) -> Vec<Vec<f64>> {
    let n = rows.len() / width;
    let row = |i: usize| &rows[i * width..][..width];
    let distance = |i: usize, j: usize| row(i).iter().zip(row(j)).map(|(a, b)| (a - b).powi(2)).sum::<f64>();
    let mut pairs: Vec<f64> = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| distance(i, j)).collect();
    pairs.sort_by(f64::total_cmp);
    let median = pairs[(pairs.len() - 1) / 2];
    let kernel = |i: usize, j: usize| (-distance(i, j) / median).exp();
    let mean_of = |i: usize| (0..n).map(|j| kernel(i, j)).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..n).map(mean_of).collect();
    let grand = means.iter().sum::<f64>() / n as f64;
    (0..n).map(|i| (0..n).map(|j| kernel(i, j) - means[i] - means[j] + grand).collect()).collect()
}

/// Trace of the product of two symmetric matrices.
fn trace_of_product(a: &[Vec<f64>], b: &[Vec<f64>]) -> f64 {
    a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| a * b).sum()
}

#[test]
fn probabilities_of_many_items_are_those_of_each() {
    let world = World::new(Layout::ExpertLast, Policy::Keep);
    let (router, z) = (world.model.router.as_ref().unwrap(), world.batch.z.as_ref().unwrap());
    let latent = world.model.config.model.latent;
    let each: Vec<f32> = z.chunks_exact(latent).flat_map(|z| probabilities(router, z)).collect();
    assert_eq!(probabilities(router, z), each);
    assert!(each.chunks_exact(2).all(|p| (p.iter().sum::<f32>() - 1.0).abs() < 1e-6));
}

#[test]
fn tokens_without_what_is_measured_are_refused() {
    let mut world = World::new(Layout::ExpertLast, Policy::Keep);
    let others = measure(&world.model, &world.batch, &world.embeddings[WIDTH..]);
    assert_eq!(others, Err(InspectError::Vectors { vectors: ITEMS - 1, tokenized: ITEMS }));
    world.batch.reconstruction = None;
    assert_eq!(measure(&world.model, &world.batch, &world.embeddings), Err(InspectError::Missing("reconstruction")));
}

#[test]
fn the_nearest_row_has_the_largest_cosine() {
    let rows: Vec<f32> = (0..40 * WIDTH).map(wave).collect();
    let row: Vec<f32> = (5000..5000 + WIDTH).map(wave).collect();
    let exact = |other: &[f32]| {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        dot(&row, other) / (dot(&row, &row) * dot(other, other)).sqrt()
    };
    let cosines: Vec<f64> = rows.chunks_exact(WIDTH).map(exact).collect();
    let best = (0..40).max_by(|&a, &b| cosines[a].total_cmp(&cosines[b])).unwrap();
    let found = nearest_row(&row, &rows).unwrap();
    assert_eq!(found.row, best);
    assert!((f64::from(found.cosine) - cosines[best]).abs() < 1e-6);
    assert_eq!(nearest_row(&row, &[]), None);
    assert_eq!(cosine(&row, &[0.0; WIDTH]), 0.0, "a row of zeros has no direction");
}

/// The page's default model on vectors.
fn likeness(rows: &[f32]) -> f64 {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/default");
    let model = Model::load(&folder).unwrap();
    let batch = CpuEngine::new(&model).run(rows, Want::default()).unwrap();
    alike(&batch, rows).unwrap()
}

/// The vectors of a sample of the page, which are f16 behind 128 bytes.
fn sample(name: &str) -> Vec<f32> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("www/samples").join(name).with_extension("npy");
    let bytes = std::fs::read(file).unwrap();
    bytes[128..].chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect()
}

#[test]
fn items_that_begin_alike_are_alike_in_catalogues_and_not_in_noise() {
    const INPUT: usize = 384;
    for name in ["beauty", "books", "games", "garden", "grocery", "movies"] {
        let alike = likeness(&sample(name));
        assert!(alike > 0.08, "{name}: {alike}");
    }
    let uniform = noise(600 * INPUT, 1);
    let others = noise(600 * INPUT, 2);
    let beauty = sample("beauty");
    // The values of an item, each at another place in every row; more rows would repeat the first ones.
    let moved = (0..INPUT * INPUT).map(|i| beauty[(i % INPUT * 389 + i / INPUT * 7919) % INPUT]);
    let constant = uniform.iter().enumerate().map(|(i, v)| beauty[i % INPUT] + 0.1 * v);
    let sparse = uniform.iter().zip(&others).map(|(v, other)| if *other > 0.45 { *v } else { 1e-6 });
    for (name, rows) in [
        ("uniform", uniform.clone()),
        ("positive", uniform.iter().map(|v| v.abs()).collect()),
        ("moved", moved.collect()),
        ("constant", constant.collect()),
        ("sparse", sparse.collect()),
    ] {
        let alike = likeness(&rows);
        assert!(alike < 0.05, "{name}: {alike}");
    }
}
