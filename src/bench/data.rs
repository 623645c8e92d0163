//! Data for the benchmarks: arrays from an `.npz` file, or synthetic latents and codebooks.

use std::fs::File;
use std::path::{Path, PathBuf};

use npyz::NpyFile;
use zip::ZipArchive;
use zip::result::ZipError;

use super::synthetic::Random;
use crate::engine::reference;
use crate::model::Linear;

/// Latents and the codebooks of one quantizer.
#[derive(Debug, Clone)]
pub struct RqData {
    /// `[items][latent]`.
    pub x: Vec<f32>,
    /// `[levels][codes][latent]`.
    pub codebooks: Vec<f32>,
    /// Number of levels.
    pub levels: usize,
    /// Codes of each level.
    pub codes: usize,
    /// Width of a latent.
    pub latent: usize,
}

/// Why a data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file lacks an array.
    #[error("{path} has no array {name:?}: write it with numpy.savez")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The array.
        name: String,
    },
    /// The widths of the layers do not fit each other or the rows.
    #[error("{path}: {what}: expected w0, b0, w1, b1, … with w [outputs, inputs] and b [outputs], and x [items, inputs of w0]")]
    Layers {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// An array has another shape or type.
    #[error("{path}: array {name:?} is {found}, expected float32 {expected} in C order")]
    Array {
        /// The file.
        path: PathBuf,
        /// The array.
        name: String,
        /// Its shape or type.
        found: String,
        /// Its expected shape.
        expected: String,
    },
    /// A value is NaN or infinite.
    #[error("{path}: array {name:?} has a value that is not a finite number, at {index}")]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The array.
        name: String,
        /// Position of the value.
        index: usize,
    },
}

impl RqData {
    /// Reads the arrays `codebooks [levels][codes][latent]` and `x [items][latent]` of an `.npz` file.
    ///
    /// # Errors
    /// [`DataError`] for an array that is missing or has another shape.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let (codebooks, shape) = read_array(path, "codebooks", "[levels, codes, latent]", 3)?;
        let expected = format!("[items, {}]", shape[2]);
        let (x, rows) = read_array(path, "x", &expected, 2)?;
        if rows[1] != shape[2] {
            return Err(DataError::Array { path: path.into(), name: "x".into(), found: format!("{rows:?}"), expected });
        }
        Ok(Self { x, codebooks, levels: shape[0] as usize, codes: shape[1] as usize, latent: shape[2] as usize })
    }

    /// Clustered vectors with a decaying spectrum, as an encoder's latents have, and codebooks drawn from the residuals of
    /// each level.
    pub fn synthetic(items: usize, levels: usize, codes: usize, latent: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let spectrum: Vec<f32> = (0..latent).map(|d| 0.93f32.powi(d as i32)).collect();
        let centres: Vec<f32> = (0..512 * latent).map(|_| random.normal()).collect();
        let mut rows = |count: usize| {
            let mut x = Vec::with_capacity(count * latent);
            for _ in 0..count {
                let centre = random.below(512) * latent;
                x.extend((0..latent).map(|d| spectrum[d] * (centres[centre + d] + 0.5 * random.normal())));
            }
            x
        };
        let pilot = rows(4 * codes);
        let mut residuals: Vec<Vec<f64>> =
            pilot.chunks_exact(latent).map(|x| x.iter().map(|v| f64::from(*v)).collect()).collect();
        let mut codebooks: Vec<f32> = Vec::with_capacity(levels * codes * latent);
        for level in 0..levels {
            codebooks.extend(residuals.iter().take(codes).flatten().map(|v| 0.9 * *v as f32));
            let codebook = &codebooks[level * codes * latent..];
            for residual in &mut residuals {
                reference::quantize_level(residual, codebook);
            }
            residuals.rotate_left(codes);
        }
        Self { x: rows(items), codebooks, levels, codes, latent }
    }

    /// Number of vectors.
    pub fn items(&self) -> usize {
        self.x.len() / self.latent
    }

    /// Codebook of a level: `[codes][latent]`.
    pub fn codebook(&self, level: usize) -> &[f32] {
        &self.codebooks[level * self.codes * self.latent..][..self.codes * self.latent]
    }

    /// Keeps the first `items` vectors, or repeats all of them if there are fewer.
    pub fn resize(&mut self, items: usize) {
        let values = self.x.len();
        self.x.truncate(items * self.latent);
        for i in values..items * self.latent {
            self.x.push(self.x[i % values]);
        }
    }
}

/// Reads an encoder: layers `w0 [outputs, inputs]`, `b0 [outputs]`, `w1`, … and rows `x [items, inputs]`.
///
/// # Errors
/// [`DataError`] for an array that is missing, has another shape, or does not fit the layer before it.
pub fn read_layers(path: &Path) -> Result<(Vec<Linear>, Vec<f32>), DataError> {
    let mut layers: Vec<Linear> = Vec::new();
    let misfit = |what: String| DataError::Layers { path: path.into(), what };
    loop {
        let (w, b) = (format!("w{}", layers.len()), format!("b{}", layers.len()));
        let (weight, shape) = match read_array(path, &w, "[outputs, inputs]", 2) {
            Err(DataError::Missing { .. }) if !layers.is_empty() => break,
            read => read?,
        };
        let (bias, _) = read_array(path, &b, "[outputs]", 1)?;
        let (outputs, inputs) = (shape[0] as usize, shape[1] as usize);
        if bias.len() != outputs || layers.last().is_some_and(|last| last.outputs != inputs) {
            return Err(misfit(format!("{w} {shape:?} does not fit {b} [{}] or the layer before it", bias.len())));
        }
        layers.push(Linear { weight, bias, inputs, outputs });
    }
    let (x, shape) = read_array(path, "x", "[items, inputs]", 2)?;
    if shape[1] as usize != layers[0].inputs {
        return Err(misfit(format!("x is {shape:?}")));
    }
    Ok((layers, x))
}

/// Reads a float32 array of an `.npz` file. Its shape must have as many `dimensions`, none of them 0.
///
/// # Errors
/// [`DataError`] if the array is missing or does not have the shape that `expected` describes.
pub fn read_array(path: &Path, name: &str, expected: &str, dimensions: usize) -> Result<(Vec<f32>, Vec<u64>), DataError> {
    let io = |source| DataError::Io { path: path.into(), source };
    let mut archive = ZipArchive::new(File::open(path).map_err(io)?).map_err(|e| io(e.into()))?;
    let array = archive.by_name(&format!("{name}.npy")).map_err(|error| match error {
        ZipError::FileNotFound => DataError::Missing { path: path.into(), name: name.into() },
        error => io(error.into()),
    })?;
    let array = NpyFile::new(array).map_err(io)?;
    let shape = array.shape().to_vec();
    let wrong = |found: String| DataError::Array { path: path.into(), name: name.into(), found, expected: expected.into() };
    if shape.len() != dimensions || shape.contains(&0) || array.order() != npyz::Order::C {
        return Err(wrong(format!("{shape:?} in {:?} order", array.order())));
    }
    let dtype = array.dtype().descr();
    let values: Vec<f32> = array.into_vec().map_err(|_| wrong(dtype))?;
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(DataError::NotFinite { path: path.into(), name: name.into(), index }),
        None => Ok((values, shape)),
    }
}
