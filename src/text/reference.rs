//! BERT in float64: the slow and plain reference that the encoders are compared with.

use super::TextError;
use super::architecture::Architecture;
use super::tensors::Tensors;
use crate::model::Linear;

/// A BERT in float64 that reads its weights from the file for every text.
pub struct Reference<'a> {
    tensors: Tensors<'a>,
    architecture: Architecture,
}

impl<'a> Reference<'a> {
    /// A model from the contents of `config.json` and `model.safetensors`.
    ///
    /// # Errors
    /// As [`super::TextEncoder::from_bytes`].
    pub fn new(config: &[u8], weights: &'a [u8]) -> Result<Self, TextError> {
        let architecture = Architecture::from_json(config)?;
        let tensors = Tensors::open(weights, &architecture)?;
        // Reading everything once here means that reading cannot fail later.
        for (name, _) in architecture.tensors() {
            tensors.read(&name)?;
        }
        Ok(Self { tensors, architecture })
    }

    /// Shapes of the model.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// Token ids of one text → its embedding of unit length.
    pub fn embed(&self, ids: &[u32]) -> Vec<f64> {
        let width = self.architecture.hidden;
        let words = self.read("embeddings.word_embeddings.weight");
        let positions = self.tensors.positions(width).unwrap_or_default();
        let row = |(p, id): (usize, &u32)| {
            let word = words[*id as usize * width..][..width].iter();
            word.zip(&positions[p * width..]).map(|(w, p)| f64::from(*w) + f64::from(*p)).collect::<Vec<f64>>()
        };
        let mut x: Vec<Vec<f64>> = ids.iter().enumerate().map(row).collect();
        self.normalize(&mut x, "embeddings.LayerNorm");
        for layer in 0..self.architecture.layers {
            self.layer(&mut x, &format!("encoder.layer.{layer}."));
        }
        let mut mean: Vec<f64> = (0..width).map(|d| x.iter().map(|row| row[d]).sum()).collect();
        let norm = mean.iter().map(|v| v * v).sum::<f64>().sqrt();
        mean.iter_mut().for_each(|v| *v /= norm);
        mean
    }

    fn layer(&self, x: &mut [Vec<f64>], prefix: &str) {
        let project = |part: &str, x: &[Vec<f64>]| self.affine(&format!("{prefix}{part}"), x);
        let [q, k, v] = ["query", "key", "value"].map(|part| project(&format!("attention.self.{part}"), x));
        let context = attend(&q, &k, &v, self.architecture.heads);
        add(x, &project("attention.output.dense", &context));
        self.normalize(x, &format!("{prefix}attention.output.LayerNorm"));
        let mut inner = project("intermediate.dense", x);
        inner.iter_mut().flatten().for_each(|v| *v *= 0.5 * (1.0 + erf(*v * std::f64::consts::FRAC_1_SQRT_2)));
        add(x, &project("output.dense", &inner));
        self.normalize(x, &format!("{prefix}output.LayerNorm"));
    }

    /// Values of a tensor, which [`Self::new`] has checked.
    fn read(&self, name: &str) -> Vec<f32> {
        self.tensors.read(name).unwrap_or_default()
    }

    fn affine(&self, name: &str, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let inputs = x.first().map_or(0, Vec::len);
        let Ok(Linear { weight, bias, .. }) = self.tensors.linear(name, &[""], inputs) else { return Vec::new() };
        let rows = || weight.chunks_exact(inputs).zip(&bias);
        let dot = |x: &[f64], w: &[f32]| x.iter().zip(w).map(|(x, w)| x * f64::from(*w)).sum::<f64>();
        x.iter().map(|x| rows().map(|(w, b)| f64::from(*b) + dot(x, w)).collect()).collect()
    }

    fn normalize(&self, x: &mut [Vec<f64>], name: &str) {
        let (weight, bias) = (self.read(&format!("{name}.weight")), self.read(&format!("{name}.bias")));
        for row in x {
            let width = row.len() as f64;
            let mean = row.iter().sum::<f64>() / width;
            let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / width;
            let scale = 1.0 / (variance + f64::from(self.architecture.epsilon)).sqrt();
            for ((v, w), b) in row.iter_mut().zip(&weight).zip(&bias) {
                *v = (*v - mean) * scale * f64::from(*w) + f64::from(*b);
            }
        }
    }
}

fn attend(q: &[Vec<f64>], k: &[Vec<f64>], v: &[Vec<f64>], heads: usize) -> Vec<Vec<f64>> {
    let dim = q[0].len() / heads;
    let mut context = vec![vec![0.0; q[0].len()]; q.len()];
    for (p, column) in (0..q.len()).flat_map(|p| (0..heads).map(move |head| (p, head * dim))) {
        let score = |k: &Vec<f64>| (0..dim).map(|d| q[p][column + d] * k[column + d]).sum::<f64>() / (dim as f64).sqrt();
        let weights: Vec<f64> = k.iter().map(|k| score(k).exp()).collect();
        let total: f64 = weights.iter().sum();
        for d in column..column + dim {
            context[p][d] = weights.iter().zip(v).map(|(w, v)| w * v[d]).sum::<f64>() / total;
        }
    }
    context
}

fn add(x: &mut [Vec<f64>], y: &[Vec<f64>]) {
    x.iter_mut().flatten().zip(y.iter().flatten()).for_each(|(x, y)| *x += y);
}

/// The error function, by a series whose terms are all of one sign, so that no digits cancel.
fn erf(x: f64) -> f64 {
    if x.abs() > 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-17 * sum.abs() {
        n += 2.0;
        term *= 2.0 * x * x / n;
        sum += term;
    }
    sum * (-x * x).exp() * std::f64::consts::FRAC_2_SQRT_PI
}
