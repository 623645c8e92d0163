//! Latents and codes in two dimensions.

use unitok::inspect::{InspectError, Plane, field, field_columns};

use crate::world::wave;

#[test]
fn the_plane_is_that_of_the_largest_variance() {
    // In five dimensions, all that varies is along two directions at right angles, one twice as much as the other.
    let (a, b) = ([0.6, 0.8, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.6, 0.8]);
    let along = |i: usize| (4.0 * wave(i), 2.0 * wave(7 * i + 3));
    let latents: Vec<f32> = (0..400).flat_map(|i| (0..5).map(move |d| 3.0 + along(i).0 * a[d] + along(i).1 * b[d])).collect();
    let places = Plane::of(&latents, 5).unwrap().project(&latents);
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt();
    let mut spread = [0.0, 0.0];
    for i in 0..400 {
        let (here, there) = (&latents[5 * i..][..5], &latents[5 * ((i + 91) % 400)..][..5]);
        let (mine, theirs) = (&places[2 * i..][..2], &places[2 * ((i + 91) % 400)..][..2]);
        assert!((distance(here, there) - distance(mine, theirs)).abs() < 1e-4, "nothing is lost in the plane");
        (0..2).for_each(|d| spread[d] += mine[d] * mine[d]);
    }
    assert!(spread[0] > 2.0 * spread[1], "the first axis has the most: {spread:?}");
}

#[test]
fn a_plane_needs_items_and_two_dimensions() {
    assert_eq!(Plane::of(&[], 5), Err(InspectError::Plane { items: 0, width: 5 }));
    assert_eq!(Plane::of(&[1.0, 2.0], 1), Err(InspectError::Plane { items: 2, width: 1 }));
    let same = Plane::of(&[1.0; 12], 3).unwrap().project(&[1.0; 3]);
    assert_eq!(same, [0.0, 0.0], "items that are all the same lie in one point");
}

#[test]
fn a_field_has_every_code_once_and_like_codes_side_by_side() {
    for codes in [1, 2, 8, 200, 256] {
        // A surface folded into four dimensions: neighbours on it are alike.
        let coordinates = |i: usize| (wave(3 * i), wave(5 * i + 1));
        let codebook: Vec<f32> = (0..codes)
            .flat_map(|i| {
                let (x, y) = coordinates(i);
                [x, y, (2.0 * x).sin(), (2.0 * y).cos()]
            })
            .collect();
        let cells = field(&codebook, 4);
        let mut used = cells.clone();
        used.sort_unstable();
        assert_eq!(used, (0..codes as u32).collect::<Vec<_>>());
        assert_eq!(cells, field(&codebook, 4), "the same every time");
        if codes >= 200 {
            assert!(unlikeness(&codebook, &cells) < 0.35 * unlikeness(&codebook, &(0..codes as u32).collect::<Vec<_>>()));
        }
    }
}

/// Mean squared distance of codes in neighbouring cells.
fn unlikeness(codebook: &[f32], cells: &[u32]) -> f32 {
    let columns = field_columns(cells.len());
    let mut at = vec![0; cells.len()];
    cells.iter().enumerate().for_each(|(code, &cell)| at[cell as usize] = code);
    let pairs = (0..cells.len()).filter(|cell| (cell + 1) % columns != 0 && cell + 1 < cells.len());
    let squared = |a: usize, b: usize| (0..4).map(|d| (codebook[4 * a + d] - codebook[4 * b + d]).powi(2)).sum::<f32>();
    let distances: Vec<f32> = pairs.map(|cell| squared(at[cell], at[cell + 1])).collect();
    distances.iter().sum::<f32>() / distances.len() as f32
}

#[test]
fn a_field_is_as_square_as_its_codes_allow() {
    assert_eq!([1, 2, 4, 5, 64, 200, 256, 257].map(field_columns), [1, 2, 2, 3, 8, 15, 16, 17]);
}
