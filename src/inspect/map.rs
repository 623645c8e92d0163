//! Latents in two dimensions: the plane in which they vary most.

use super::InspectError;
use crate::base::spectrum::eigenvectors;

/// A plane through the mean of some latents, along the two directions of their largest variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    mean: Vec<f64>,
    /// Two unit vectors.
    axes: [Vec<f64>; 2],
}

impl Plane {
    /// The plane of `latents [items][width]` by principal component analysis.
    ///
    /// # Errors
    /// No items, or less than two dimensions.
    pub fn of(latents: &[f32], width: usize) -> Result<Self, InspectError> {
        let items = latents.len() / width.max(1);
        if items == 0 || width < 2 {
            return Err(InspectError::Plane { items, width });
        }
        let mut mean = vec![0.0; width];
        for row in latents.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(m, v)| *m += f64::from(*v) / items as f64);
        }
        let mut covariance = vec![0.0; width * width];
        let mut centred = vec![0.0; width];
        for row in latents.chunks_exact(width) {
            centred.iter_mut().zip(row.iter().zip(&mean)).for_each(|(c, (v, m))| *c = f64::from(*v) - m);
            for (i, a) in centred.iter().enumerate() {
                covariance[i * width..=i * width + i].iter_mut().zip(&centred).for_each(|(c, b)| *c += a * b);
            }
        }
        for i in 0..width {
            for j in 0..i {
                covariance[j * width + i] = covariance[i * width + j];
            }
        }
        let mut vectors = eigenvectors(&covariance, width).vectors.into_iter();
        let mut axis = || vectors.next().unwrap_or_else(|| vec![0.0; width]);
        Ok(Self { axes: [axis(), axis()], mean })
    }

    /// `latents [items][width]` → `[items][2]` places in the plane.
    pub fn project(&self, latents: &[f32]) -> Vec<f32> {
        let along = |row: &[f32], axis: &[f64]| -> f64 {
            row.iter().zip(&self.mean).zip(axis).map(|((v, m), a)| (f64::from(*v) - m) * a).sum()
        };
        let place = |row| self.axes.each_ref().map(|axis| along(row, axis) as f32);
        latents.chunks_exact(self.mean.len()).flat_map(place).collect()
    }
}
