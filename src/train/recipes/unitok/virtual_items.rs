//! Virtual items: weighted means of items of several domains.
//!
//! Domains lie apart in latent space, and an expert fitted to its own alone leaves the space between
//! them to a handful of codes. The items of a domain that nobody trained on lie just there, and
//! collide. Virtual items stand in for them in the refit.

use rand::{Rng, RngExt};
use rand_pcg::Pcg64;

use crate::learn::seed::generator;
use crate::train::data::Domain;

/// Domains that one virtual item is a mean of, where there are as many.
const DOMAINS: usize = 4;

/// `count` virtual items `[count][width]`, scaled as the rows of `domains` are: norm √width.
///
/// Each takes one random item from each of a few domains, at random weights. With a single domain
/// there is nothing between domains, and none are made.
pub fn virtual_items(domains: &[Domain], width: usize, count: usize, seed: u64) -> Vec<f32> {
    if domains.len() < 2 {
        return Vec::new();
    }
    let mut rng = generator(seed, "virtual items", 0);
    (0..count).flat_map(|_| virtual_item(domains, width, &mut rng)).collect()
}

fn virtual_item(domains: &[Domain], width: usize, rng: &mut Pcg64) -> Vec<f32> {
    let mut row = vec![0.0f32; width];
    for k in rand::seq::index::sample(rng, domains.len(), DOMAINS.min(domains.len())) {
        let item = rng.random_range(0..domains[k].items(width));
        // Never zero, so that the sum has a direction.
        let weight = ((rng.next_u32() >> 8) + 1) as f32 / (1u32 << 24) as f32;
        row.iter_mut().zip(&domains[k].rows[item * width..]).for_each(|(sum, v)| *sum += weight * v);
    }
    let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    let scale = (width as f64).sqrt() / norm.max(f64::MIN_POSITIVE);
    row.iter_mut().for_each(|v| *v = (f64::from(*v) * scale) as f32);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_item_has_the_norm_of_an_item_and_lies_between_domains() {
        let axis = |k: usize| (0..6).map(|i| if i % 3 == k { 3f32.sqrt() } else { 0.0 }).collect();
        let domains: Vec<Domain> = (0..3).map(|k| Domain::new(k.to_string(), axis(k))).collect();
        let rows = virtual_items(&domains, 3, 50, 1);
        assert_eq!(rows.len(), 150);
        for row in rows.chunks_exact(3) {
            assert!((row.iter().map(|v| v * v).sum::<f32>() - 3.0).abs() < 1e-5);
            assert!(row.iter().all(|v| *v > 0.0), "one part of every domain: {row:?}");
        }
        assert_eq!(rows, virtual_items(&domains, 3, 50, 1));
        assert_ne!(rows, virtual_items(&domains, 3, 50, 2));
        assert!(virtual_items(&domains[..1], 3, 50, 1).is_empty());
    }
}
