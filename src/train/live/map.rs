//! Latents in two dimensions: their first principal components, turned so that a map lies as the one before it.

use crate::inspect::Plane;

/// `[items][2]`, around 0 with a mean squared distance of 1 from it, of latents `[items][latent]`. Components have no sign,
/// and two of equal variance no order: of all turns and reflections the map takes the nearest to `before`.
pub fn project(latents: &[f32], latent: usize, before: Option<&[f32]>) -> Vec<f32> {
    let items = latents.len() / latent;
    let plane = Plane::of(latents, latent).map(|plane| plane.project(latents));
    let mut map: Vec<f64> = plane.unwrap_or_else(|_| vec![0.0; 2 * items]).into_iter().map(f64::from).collect();
    let square: f64 = map.iter().map(|v| v * v).sum();
    let size = (square / items.max(1) as f64).sqrt().max(f64::MIN_POSITIVE);
    map.iter_mut().for_each(|v| *v /= size);
    if let Some(before) = before.filter(|before| before.len() == map.len()) {
        turn(&mut map, before);
    }
    map.into_iter().map(|v| v as f32).collect()
}

/// Turns or reflects `map` to where its points are nearest to those of `before` (orthogonal Procrustes in the plane).
fn turn(map: &mut [f64], before: &[f32]) {
    let mut m = [[0.0; 2]; 2];
    for (now, before) in map.as_chunks::<2>().0.iter().zip(before.as_chunks::<2>().0) {
        for (i, now) in now.iter().enumerate() {
            before.iter().enumerate().for_each(|(j, before)| m[i][j] += now * f64::from(*before));
        }
    }
    let rotation = [m[0][0] + m[1][1], m[0][1] - m[1][0]];
    let reflection = [m[0][0] - m[1][1], m[0][1] + m[1][0]];
    let [rotates, reflects] = [rotation, reflection].map(|[cos, sin]| cos.hypot(sin));
    let ([cos, sin], sign) = if rotates >= reflects { (rotation, 1.0) } else { (reflection, -1.0) };
    let length = cos.hypot(sin);
    if length == 0.0 {
        return;
    }
    let (cos, sin) = (cos / length, sin / length);
    for point in map.as_chunks_mut::<2>().0 {
        let [x, y] = *point;
        *point = [cos * x - sign * sin * y, sin * x + sign * cos * y];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Vec<f32> {
        (0..100).flat_map(|i| [1.0, 3.0, 0.2, 0.9].map(|s: f32| s * ((i as f32 + 10.0 * s) * (0.7 + s)).sin())).collect()
    }

    fn distance(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn a_map_has_unit_size_and_keeps_the_widest_directions() {
        let map = project(&cloud(), 4, None);
        let squares = |axis: usize| map.iter().skip(axis).step_by(2).map(|v| v * v).sum::<f32>() / 100.0;
        assert!((squares(0) + squares(1) - 1.0).abs() < 1e-5);
        assert!(squares(0) > squares(1));
    }

    #[test]
    fn maps_do_not_flip_or_turn_between_looks() {
        let first = project(&cloud(), 4, None);
        for [a, b, c, d] in [[-1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], [0.6, 0.8, -0.8, 0.6], [0.6, 0.8, 0.8, -0.6]] {
            let turned: Vec<f32> = first.chunks_exact(2).flat_map(|p| [a * p[0] + b * p[1], c * p[0] + d * p[1]]).collect();
            let next = project(&cloud(), 4, Some(&turned));
            assert!(distance(&next, &turned) < 1e-4);
        }
    }

    #[test]
    fn latents_without_two_directions_have_a_map_too() {
        assert!(project(&[2.0; 12], 3, None).iter().all(|v| *v == 0.0));
        assert!(project(&[1.0, 2.0, 3.0], 1, None).iter().all(|v| v.is_finite()));
    }
}
